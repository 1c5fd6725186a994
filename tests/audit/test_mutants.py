"""Each wrong kernel does what its kind says, and none is made where it would mean nothing."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from harness.audit.mutants import SAMPLED_OPERATIONS, SAMPLED_PARAMETERS, TILE, Wrong, wrong_kernels
from harness.audit.subject import Draw, Subject
from harness.judge.tape import rounding, truncating
from harness.suite import workload
from tests.audit.problems import problem, source

Made = tuple[Subject, list[Wrong]]

PRODUCT = {"arguments": "a, b", "inputs": "[torch.randn(rows, 20), torch.randn(20, cols)]", "forward": "return a @ b"}
PRECISION = {"accumulated in bfloat16", "accumulated in float16", "products in TF32"}


def made(folder: Path, **parts: str) -> Made:
    """Return a problem at ci (32 by 48) and its wrong kernels."""
    subject = Subject(workload(problem(folder, source(**parts)), "ci"))
    return subject, list(wrong_kernels(subject))


def kinds(made: Made) -> dict[str, int]:
    return Counter(wrong.kind for wrong in made[1])


def answer(made: Made, kind: str, detail: str | None = None) -> torch.Tensor:
    """Return what the one wrong kernel of this kind (and detail) returns on the first draw."""
    subject, wrongs = made
    (wrong,) = [wrong for wrong in wrongs if wrong.kind == kind and detail in {None, wrong.detail}]
    outputs = wrong.answer(subject.draws[0])
    assert outputs is not None
    (output,) = outputs
    return output


# ---- which are made ----


def test_kinds_of_an_elementwise_problem(tmp_path: Path):
    assert kinds(made(tmp_path, forward="return torch.tanh(x)")) == {
        **dict.fromkeys(["zeros", "off by 0.1 %", "negated", "NaN in one element", "one element off by 1 %"], 1),
        **dict.fromkeys(["constant", "last tile dropped", "transposed", "stale output", "input returned"], 1),
        **dict.fromkeys(["off by one", "uniform along a dimension", "first slice repeated", "last tile unread"], 2),
        **dict.fromkeys(["input ignored", "half of the data read", "operation skipped"], 1),
        **dict.fromkeys(["accumulated in bfloat16", "accumulated in float16"], 1),
    }


def test_a_product_is_tried_in_tf32_and_read_short_along_every_dimension(tmp_path: Path):
    found = kinds(made(tmp_path, **PRODUCT))
    assert set(found) >= PRECISION
    assert found["last tile unread"] == 4  # two inputs of two dimensions
    assert "input returned" not in found  # no input has the output's shape
    assert "operation skipped" not in found  # no operand could stand for the product


def test_integer_outputs_have_no_precision_to_lose(tmp_path: Path):
    found = kinds(made(tmp_path, forward="return torch.argmax(x, 1)"))
    assert not PRECISION & set(found)
    assert not {"negated", "off by 0.1 %", "NaN in one element", "one element off by 1 %"} & set(found)
    assert {"zeros", "constant", "off by one", "stale output", "input ignored"} <= set(found)
    assert "transposed" not in found  # one dimension


def test_a_scalar_has_nothing_to_drop_roll_or_transpose(tmp_path: Path):
    found = kinds(made(tmp_path, forward="return (x**2).mean()"))
    alongside = {"constant", "last tile dropped", "off by one", "uniform along a dimension", "transposed"}
    assert not alongside & set(found)
    assert {"zeros", "stale output", "half of the data read", "operation skipped"} <= set(found)


def test_a_dimension_of_size_1_is_left_alone(tmp_path: Path):
    single = made(tmp_path, forward="return torch.tanh(x).sum(0, keepdim=True)")
    assert {wrong.detail for wrong in single[1] if wrong.kind == "off by one"} == {"dim 1"}
    assert "transposed" not in kinds(single)


def test_every_output_of_several_is_made_wrong_alone(tmp_path: Path):
    subject, wrongs = made(tmp_path, forward="return torch.tanh(x), torch.argmax(x, 1)")
    zeros = {wrong.detail: wrong.answer(subject.draws[0]) for wrong in wrongs if wrong.kind == "zeros"}
    assert set(zeros) == {"output 0", "output 1"}
    first, second = subject.draws[0].outputs
    assert torch.equal(zeros["output 1"][0], first)
    assert not zeros["output 1"][1].any()
    assert torch.equal(zeros["output 0"][1], second)
    assert not PRECISION & {wrong.kind for wrong in wrongs}  # one output is an integer


def test_python_numbers_and_integers_among_the_inputs_are_not_tiled(tmp_path: Path):
    _, wrongs = made(
        tmp_path,
        arguments="x, index, scale",
        inputs="[torch.randn(rows, cols), torch.randint(0, cols, (7,)), 3.0]",
        forward="return torch.tanh(x[:, index]) * scale",
    )
    ignored = [wrong.detail for wrong in wrongs if wrong.kind == "input ignored"]
    tiled = {wrong.detail for wrong in wrongs if wrong.kind == "last tile unread"}
    assert ignored == ["input 0", "input 1"]
    assert tiled == {"input 0, dim 0", "input 0, dim 1"}


@pytest.mark.parametrize(
    "parts",
    [
        {"forward": "return torch.tanh(x)"},
        PRODUCT,
        {"forward": "return torch.argmax(x, 1)"},
        {"forward": "return self.norm(x)", "init": "self.norm = nn.LayerNorm(cols)\nnn.init.normal_(self.norm.weight)"},
    ],
)
def test_a_wrong_kernel_answers_in_the_right_shape_with_other_values(tmp_path: Path, parts: dict[str, str]):
    subject, wrongs = made(tmp_path, **parts)
    assert len(wrongs) >= 10  # the shortest list is that of a vector of integers
    for draw in subject.draws:
        kept = [output.clone() for output in draw.outputs]
        for wrong in wrongs:
            outputs = wrong.answer(draw)
            assert outputs is not None
            assert [(o.shape, o.dtype) for o in outputs] == [(o.shape, o.dtype) for o in kept]
            if (wrong.kind, wrong.detail) != ("parameter taken for 0", "norm.bias"):  # it is 0
                assert not all(map(torch.equal, outputs, kept)), wrong.kind
        assert all(map(torch.equal, draw.outputs, kept)), "a wrong kernel may not change the right answer"


# ---- what they return ----


@pytest.fixture
def tanh(tmp_path: Path) -> Made:
    return made(tmp_path, forward="return torch.tanh(x)")


Truth = Callable[[torch.Tensor], torch.Tensor]
RETURNED: dict[tuple[str, str], Truth] = {
    ("zeros", ""): torch.zeros_like,
    ("off by 0.1 %", ""): lambda y: y * 1.001,
    ("negated", ""): torch.neg,
    ("constant", ""): lambda y: y.double().mean().float().expand_as(y),
    ("off by one", "dim 0"): lambda y: torch.cat([y[-1:], y[:-1]]),
    ("off by one", "dim 1"): lambda y: torch.cat([y[:, -1:], y[:, :-1]], dim=1),
    ("uniform along a dimension", "dim 0"): lambda y: y.double().mean(0).float().expand_as(y),
    ("uniform along a dimension", "dim 1"): lambda y: y.double().mean(1, keepdim=True).float().expand_as(y),
    ("first slice repeated", "dim 0"): lambda y: y[:1].expand_as(y),
    ("first slice repeated", "dim 1"): lambda y: y[:, :1].expand_as(y),
    ("transposed", ""): lambda y: y.T.flatten().view_as(y),
}


@pytest.mark.parametrize(("kind", "detail"), RETURNED)
def test_a_distorted_output(tanh: Made, kind: str, detail: str):
    right = tanh[0].draws[0].outputs[0]
    assert torch.equal(answer(tanh, kind, detail), RETURNED[kind, detail](right))


def test_only_the_last_tile_is_dropped(tanh: Made):
    right = tanh[0].draws[0].outputs[0].flatten()
    dropped = answer(tanh, "last tile dropped").flatten()
    tile = right.numel() // TILE
    assert torch.equal(dropped[:-tile], right[:-tile])
    assert not dropped[-tile:].any()


@pytest.mark.parametrize("kind", ["NaN in one element", "one element off by 1 %"])
def test_only_one_element_differs(tanh: Made, kind: str):
    right, wrong = tanh[0].draws[0].outputs[0], answer(tanh, kind)
    different = wrong != right
    assert int(different.sum()) == 1
    if "NaN" in kind:
        assert wrong[different].isnan().all()
    else:
        assert float(wrong[different] - right[different]) == pytest.approx(0.01 * float(right.abs().max()), rel=1e-3)


def test_a_stale_output_is_right_for_other_inputs(tanh: Made):
    subject = tanh[0]
    stale = answer(tanh, "stale output")
    assert torch.equal(stale, torch.tanh(subject.draws[1].inputs[0]))
    assert torch.equal(answer(tanh, "input returned"), subject.draws[0].inputs[0])


# ---- what they read ----


@pytest.fixture
def product(tmp_path: Path) -> Made:
    return made(tmp_path, **PRODUCT)


def operands(draw: Draw) -> tuple[torch.Tensor, torch.Tensor]:
    a, b = (value.clone() for value in draw.inputs)
    return a, b


def test_an_ignored_input_is_another_draws(product: Made):
    (a, b), (_, other) = map(operands, product[0].draws[:2])
    assert torch.equal(answer(product, "input ignored", "input 1"), a @ other)
    assert not torch.equal(other, b)


def test_an_unread_tile_counts_as_zeros(product: Made):
    a, b = operands(product[0].draws[0])
    b[-3:] = 0  # an eighth of 20, rounded up
    assert torch.equal(answer(product, "last tile unread", "input 1, dim 0"), a @ b)


def test_half_of_the_data_stands_for_all(product: Made):
    a, b = operands(product[0].draws[0])
    a[16:] = a[:16]  # the larger dimension of 32 by 20
    assert torch.equal(answer(product, "half of the data read", "input 0"), a @ b)


def test_a_parameter_is_taken_for_0_and_1_and_then_put_back(tmp_path: Path):
    weighted = made(tmp_path, init="self.weight = nn.Parameter(torch.randn(cols))", forward="return x * self.weight")
    subject = weighted[0]
    draw = subject.draws[0]
    assert not answer(weighted, "parameter taken for 0", "weight").any()
    assert torch.equal(answer(weighted, "parameter taken for 1", "weight"), draw.inputs[0])
    assert torch.equal(subject.run(draw.inputs)[0], draw.outputs[0])


# ---- what they compute ----


def skipped(made: Made) -> dict[str, torch.Tensor | None]:
    """Return the answer of every skipped operation by its name."""
    subject, wrongs = made
    found = {}
    for wrong in wrongs:
        if wrong.kind == "operation skipped":
            outputs = wrong.answer(subject.draws[0])
            found[wrong.detail.split()[0]] = None if outputs is None else outputs[0]
    return found


def test_an_operation_out_of_place_is_skipped(tmp_path: Path):
    chain = made(tmp_path, forward="return torch.exp(torch.sin(x))")
    x = chain[0].draws[0].inputs[0]
    found = skipped(chain)
    assert set(found) == {"sin", "exp"}
    assert torch.equal(found["sin"], torch.exp(x))
    assert torch.equal(found["exp"], torch.sin(x))


def test_an_operation_in_place_is_skipped(tmp_path: Path):
    chain = made(tmp_path, forward="y = torch.sin(x)\ny.relu_()\nreturn y.mul_(3)")
    x = chain[0].draws[0].inputs[0]
    found = skipped(chain)
    assert torch.equal(found["relu_"], torch.sin(x) * 3)
    assert torch.equal(found["mul_"], torch.relu(torch.sin(x)))


def test_an_operation_on_the_input_itself_is_skipped(tmp_path: Path):
    """The wrong kernel gets copies: the draw must be as it was."""
    chain = made(tmp_path, forward="return x.relu_() + 1")
    draw = chain[0].draws[0]
    kept = draw.inputs[0].clone()
    assert torch.equal(skipped(chain)["relu_"], kept + 1)
    assert torch.equal(draw.inputs[0], kept)


def test_what_only_guards_a_denominator_is_not_skipped(tmp_path: Path):
    guarded = made(tmp_path, forward="return x / ((x * x).sum(1, keepdim=True) + 1e-5)")
    assert set(skipped(guarded)) == {"mul", "div"}  # the sum has no operand of its size, the addition is a guard
    offset = made(tmp_path, forward="return x / ((x * x).sum(1, keepdim=True) + 0.5)")
    assert set(skipped(offset)) == {"mul", "div", "add"}


def test_moving_data_is_not_computing(tmp_path: Path):
    assert set(skipped(made(tmp_path, forward="return torch.tanh(x.mT.contiguous()).reshape(rows, cols)"))) == {"tanh"}


def test_of_many_operations_some_and_the_last_two_are_skipped(tmp_path: Path):
    count = 2 * SAMPLED_OPERATIONS
    _, wrongs = made(
        tmp_path, forward=f"for _ in range({count}):\n    x = torch.sin(x)\nreturn torch.exp(torch.tan(x))"
    )
    details = [wrong.detail for wrong in wrongs if wrong.kind == "operation skipped"]
    assert len(set(details)) == len(details) == SAMPLED_OPERATIONS
    assert [detail.split()[0] for detail in details[-2:]] == ["tan", "exp"]


def test_of_many_parameters_those_without_influence_are_tried(tmp_path: Path):
    """Of forty biases, the five that are scaled to nothing are among the 24; at random they would be once in a hundred."""
    many = made(
        tmp_path,
        init="self.biases = nn.ParameterList(torch.randn(cols) for _ in range(40))",
        forward="for number, bias in enumerate(self.biases):\n    x = x + bias * (number % 8 > 0)\nreturn x",
    )
    tried = {wrong.detail for wrong in many[1] if wrong.kind == "parameter taken for 0"}
    assert len(tried) == SAMPLED_PARAMETERS
    assert tried >= {f"biases.{number}" for number in (0, 8, 16, 24, 32)}


# ---- how precisely ----


@pytest.mark.parametrize(("kind", "dtype"), [("bfloat16", torch.bfloat16), ("float16", torch.float16)])
def test_half_precision_rounds_every_result(tmp_path: Path, kind: str, dtype: torch.dtype):
    chain = made(tmp_path, forward="return torch.exp(torch.sin(x))")
    x = chain[0].draws[0].inputs[0]
    rounded = torch.exp(torch.sin(x).to(dtype).float()).to(dtype).float()
    assert torch.equal(answer(chain, f"accumulated in {kind}"), rounded)


def test_rounding_leaves_what_is_only_moved():
    x = torch.tensor([1.0 + 2.0**-20, 3.0])
    with rounding(torch.bfloat16):
        moved, computed = x.view(2, 1).clone(), x * 1.0
    assert torch.equal(moved.flatten(), x)
    assert computed.tolist() == [1.0, 3.0]


def test_tf32_cuts_the_operands_of_products_to_ten_bits(product: Made):
    a, b = ((v.view(torch.int32) & ~((1 << 13) - 1)).view(torch.float32) for v in operands(product[0].draws[0]))
    assert torch.equal(answer(product, "products in TF32"), a @ b)
    assert (answer(product, "products in TF32") - product[0].draws[0].outputs[0]).abs().max() > 1e-4  # 2**-11 each


def test_tf32_leaves_everything_but_products():
    x = torch.tensor([1.0 + 2.0**-20])
    with truncating():
        assert torch.equal(x * 1.0, x)
        assert (x.view(1, 1) @ torch.ones(1, 1)).item() == 1.0


@pytest.mark.parametrize(
    ("init", "forward"),
    [
        ("self.layer = nn.Linear(cols, cols)", "return self.layer(x)"),
        ("self.layer = nn.Conv1d(1, 4, 3)", "return self.layer(x.unsqueeze(1))"),
        ("self.layer = nn.GRU(cols, 8, batch_first=True)", "return self.layer(x.unsqueeze(1))[0]"),
        ("self.layer = nn.MultiheadAttention(cols, 4)", "return self.layer(x, x, x)[0]"),
    ],
)
def test_every_layer_with_a_product_is_tried_in_tf32(tmp_path: Path, init: str, forward: str):
    assert "products in TF32" in kinds(made(tmp_path, init=init, forward=forward))


def test_no_product_no_tf32(tmp_path: Path):
    for forward in ("return torch.softmax(x, 1)", "return torch.cumsum(x, 1)", "return x.sum(0)"):
        assert "products in TF32" not in kinds(made(tmp_path, forward=forward))


def test_a_wrong_kernel_that_cannot_run_is_no_answer(tmp_path: Path):
    """The model refuses the changed input: that tells nothing of the judge, so it is not counted."""
    picky = made(
        tmp_path,
        forward="if not bool(x[-1].any()):\n    raise ValueError('empty')\nreturn torch.tanh(x)",
    )
    (unread,) = [w for w in picky[1] if (w.kind, w.detail) == ("last tile unread", "input 0, dim 0")]
    assert unread.answer(picky[0].draws[0]) is None
