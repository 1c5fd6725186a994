"""The budget tells other orders of summation from lower precision and from wrong answers, on the ops that problems use."""

import math
from collections.abc import Callable, Sequence

import pytest
import torch
import torch.nn.functional as F

from harness.judge.tolerance import FLOOR, Comparison, K, budget, compare, envelope, reference_budget, upstream_allclose

Tensors = tuple[torch.Tensor, ...]
Op = Callable[..., torch.Tensor]
INF, NAN = math.inf, math.nan


def normalised(x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
    return F.layer_norm(x, (x.shape[1],), weight, bias)


OPS: dict[str, tuple[Op, Sequence[tuple[int, ...]]]] = {
    "matmul": (torch.matmul, [(96, 512), (512, 160)]),
    "softmax": (lambda x: torch.softmax(x, 1), [(64, 1000)]),
    "layernorm": (normalised, [(64, 768), (768,), (768,)]),
    "gelu": (F.gelu, [(128, 500)]),
    "conv": (lambda x, w: F.conv2d(x, w, padding=1), [(2, 16, 20, 24), (32, 16, 3, 3)]),
    "sum": (lambda x: x.sum(1), [(300, 4096)]),
}
Made = tuple[Op, Tensors, torch.Tensor, torch.Tensor]


@pytest.fixture(params=OPS)
def made(request: pytest.FixtureRequest) -> Made:
    """An op, its inputs, its float64 value and its float32 value."""
    op, shapes = OPS[request.param]
    generator = torch.Generator().manual_seed(7)
    inputs = tuple(torch.randn(shape, generator=generator) for shape in shapes)
    return op, inputs, op(*(x.double() for x in inputs)), op(*inputs)


def judged(output: torch.Tensor, wide: torch.Tensor, narrow: torch.Tensor, *, exact: bool = False) -> Comparison:
    allowed = budget(wide, narrow, exact=exact)
    return compare(output, allowed.expected, allowed.allowed)


def tf32(x: torch.Tensor) -> torch.Tensor:
    """Round to the ten bits of mantissa that tensor cores read."""
    bits = x.contiguous().view(torch.int32)
    return ((bits + 0x1000) & ~0x1FFF).view(torch.float32)


# ---- honest kernels: the same sums in other orders ----


def blocked_matmul(a: torch.Tensor, b: torch.Tensor, step: int) -> torch.Tensor:
    total = torch.zeros(a.shape[0], b.shape[1])
    for start in range(0, a.shape[1], step):
        total = total + a[:, start : start + step] @ b[start : start + step]
    return total


def sequential_sum(x: torch.Tensor) -> torch.Tensor:
    total = torch.zeros(x.shape[0])
    for column in range(x.shape[1]):
        total = total + x[:, column]
    return total


def fused_dot(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """Each product is added before it is rounded, as a fused multiply-add does; one rounding per step."""
    total = torch.zeros(a.shape[0], b.shape[1])
    for k in range(a.shape[1]):
        total = (total.double() + a[:, k : k + 1].double() * b[k : k + 1].double()).float()
    return total


def online_softmax(x: torch.Tensor, step: int) -> torch.Tensor:
    top, total = torch.full((x.shape[0], 1), -INF), torch.zeros(x.shape[0], 1)
    for start in range(0, x.shape[1], step):
        part = x[:, start : start + step]
        higher = torch.maximum(top, part.amax(1, keepdim=True))
        total = total * torch.exp(top - higher) + torch.exp(part - higher).sum(1, keepdim=True)
        top = higher
    return torch.exp(x - top) / total


def layernorm_by_moments(x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
    mean = x.mean(1, keepdim=True)
    variance = (x * x).mean(1, keepdim=True) - mean * mean
    return (x - mean) * torch.rsqrt(variance + 1e-5) * weight + bias


def conv_by_columns(x: torch.Tensor, w: torch.Tensor) -> torch.Tensor:
    columns = F.unfold(x, 3, padding=1)
    return (w.reshape(w.shape[0], -1) @ columns).reshape(x.shape[0], w.shape[0], *x.shape[2:])


HONEST: dict[str, list[Op]] = {
    "matmul": [
        lambda a, b: blocked_matmul(a, b, 16),
        lambda a, b: blocked_matmul(a, b, 1),
        lambda a, b: torch.matmul(a.flip(1), b.flip(0)),
        fused_dot,
        lambda a, b: (a.double() @ b.double()).float(),
    ],
    "softmax": [
        lambda x: online_softmax(x, 32),
        lambda x: online_softmax(x, 1),
        lambda x: torch.exp(x - torch.logsumexp(x, 1, keepdim=True)),
        lambda x: (
            torch.exp2((x - x.amax(1, keepdim=True)) * 1.4426950408889634)
            / torch.exp2((x - x.amax(1, keepdim=True)) * 1.4426950408889634).sum(1, keepdim=True)
        ),
    ],
    "layernorm": [layernorm_by_moments, lambda x, w, b: normalised(x.flip(1), w.flip(0), b.flip(0)).flip(1)],
    "gelu": [
        lambda x: 0.5 * x * (1 + torch.erf(x * 0.7071067811865476)),
        lambda x: x * 0.5 * torch.erfc(-x / math.sqrt(2.0)),
    ],
    "conv": [
        conv_by_columns,
        lambda x, w: torch.stack([F.conv2d(x[:, i : i + 4], w[:, i : i + 4], padding=1) for i in range(0, 16, 4)]).sum(
            0
        ),
    ],
    "sum": [sequential_sum, lambda x: x.view(300, 64, 64).sum(1).sum(1), lambda x: (x @ torch.ones(4096, 1))[:, 0]],
}


@pytest.mark.parametrize(("name", "number"), [(n, i) for n, kernels in HONEST.items() for i in range(len(kernels))])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_honest_kernels_are_accepted(name: str, number: int, seed: int) -> None:
    op, shapes = OPS[name]
    generator = torch.Generator().manual_seed(seed)
    inputs = [torch.randn(shape, generator=generator) for shape in shapes]
    found = judged(HONEST[name][number](*inputs), op(*(x.double() for x in inputs)), op(*inputs))
    assert found.ok, f"{found.worst_ratio:.2f} times the budget"
    assert found.worst_ratio <= 1.0


def test_a_naive_sum_of_65536_values_is_accepted() -> None:
    """The number in the module's docstring: naive sequential float32 sums are within K * FLOOR."""
    x = torch.rand(4, 65536, generator=torch.Generator().manual_seed(3))
    found = judged(sequential_sum(x), x.double().sum(1), x.sum(1))
    assert found.ok, found
    assert found.max_abs > 0


# ---- wrong kernels ----

LOW_PRECISION: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
    "half": lambda x: x.half().float(),
    "bfloat16": lambda x: x.bfloat16().float(),
    "tf32": tf32,
}


@pytest.mark.parametrize("precision", LOW_PRECISION)
def test_lower_precision_inputs_are_rejected(made: Made, precision: str) -> None:
    op, inputs, wide, narrow = made
    found = judged(op(*map(LOW_PRECISION[precision], inputs)), wide, narrow)
    assert found.wrong > 0
    assert found.worst_ratio > 10, "far away, not at the border"


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_a_lower_precision_output_is_rejected(made: Made, dtype: torch.dtype) -> None:
    _, _, wide, narrow = made
    assert judged(narrow.to(dtype).float(), wide, narrow).wrong > 0


def without_last_tile(y: torch.Tensor) -> torch.Tensor:
    out = y.clone()
    out.view(-1)[-16:] = 0.0
    return out


def one_element(y: torch.Tensor) -> torch.Tensor:
    out = y.clone()
    out.view(-1)[y.numel() // 2] += 1e-3 * float(y.abs().max())
    return out


def nan_to_zero_and_back(y: torch.Tensor) -> torch.Tensor:
    out = y.clone()
    out.view(-1)[5] = NAN
    return out


WRONG: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
    "zeros": torch.zeros_like,
    "mean": lambda y: torch.full_like(y, float(y.mean())),
    "mean of its row": lambda y: y.mean(-1, keepdim=True).expand_as(y).contiguous() + 0.0,
    "off by one row": lambda y: y.roll(1, 0),
    "backwards": lambda y: y.flip(0),
    "last tile dropped": without_last_tile,
    "one element": one_element,
    "negated": lambda y: -y,
    "scaled by 1.0001": lambda y: y * 1.0001,
    "shifted": lambda y: y + 1e-3 * float(y.abs().max()),
    "a NaN": nan_to_zero_and_back,
    "all NaN": lambda y: torch.full_like(y, NAN),
    "all infinite": lambda y: torch.full_like(y, INF),
    "uninitialised": lambda y: torch.full_like(y, 1e30),
}


@pytest.mark.parametrize("kind", WRONG)
def test_wrong_kernels_are_rejected(made: Made, kind: str) -> None:
    _, _, wide, narrow = made
    output = WRONG[kind](narrow)
    if kind == "mean of its row" and output.dim() == 1:
        output = torch.zeros_like(narrow)
    found = judged(output, wide, narrow)
    assert not found.ok
    assert found.first is not None
    assert len(found.first) == wide.dim()
    assert found.worst_ratio > 1.0
    assert found.nonfinite == (not torch.isfinite(output).all())


def test_a_transposed_result_is_rejected() -> None:
    generator = torch.Generator().manual_seed(0)
    a, b = torch.randn(64, 64, generator=generator), torch.randn(64, 64, generator=generator)
    assert not judged((a @ b).t().contiguous(), a.double() @ b.double(), a @ b).ok
    assert judged((b.t() @ a.t()).t(), a.double() @ b.double(), a @ b).ok


def test_the_reference_is_within_its_own_budget(made: Made) -> None:
    _, _, wide, narrow = made
    found = judged(narrow, wide, narrow)
    assert found.ok
    assert found.worst_ratio <= 1 / K + 1e-9


def test_the_budget_of_untouched_inputs_follows_by_the_triangle_inequality(made: Made) -> None:
    """Outputs without a float64 value are compared with the reference's own: what passes one passes the other."""
    op, inputs, wide, narrow = made
    noise = envelope(narrow.double() - wide)
    allowed = reference_budget(narrow, noise)
    assert compare(narrow, narrow, allowed).ok
    for low in LOW_PRECISION.values():
        assert not compare(op(*map(low, inputs)), narrow, allowed).ok
    assert not compare(torch.zeros_like(narrow), narrow, allowed).ok


# ---- the envelope ----


def test_rows_of_different_scale_are_judged_by_their_own() -> None:
    """One row is a million times larger; an error that is nothing there is a wrong answer in the small ones."""
    generator = torch.Generator().manual_seed(1)
    wide = torch.randn(8, 512, generator=generator, dtype=torch.float64) * torch.tensor([1e6, *[1.0] * 7])[:, None]
    narrow = (wide * (1 + 2.0**-24)).float()
    small = narrow.clone()
    small[3] += 1e-3
    large = narrow.clone()
    large[0] += 1e-3
    assert not judged(small, wide, narrow).ok
    assert judged(large, wide, narrow).ok
    assert judged(small, wide, narrow).wrong == 512
    assert judged(small.t(), wide.t(), narrow.t()).wrong == 512, "columns too"


def test_the_envelope_takes_the_tightest_slice_that_is_large_enough() -> None:
    values = torch.ones(4, 1000)
    values[2] = 5.0
    assert envelope(values)[:, 0].tolist() == [1.0, 1.0, 5.0, 1.0]
    assert envelope(values).shape == (4, 1), "columns of 4 say too little and are left out"
    assert envelope(-values[:, :100].reshape(4, 10, 10)).item() == 5.0, "slices under 256: the largest of all"
    assert envelope(torch.zeros(0, 3)).item() == 0.0
    assert envelope(torch.tensor(-3.0)).item() == 3.0
    assert envelope(torch.tensor([1.0, -7.0])).item() == 7.0


# ---- values that are no numbers, and shapes at the edge ----


def test_infinities_and_nans_must_stand_in_their_places() -> None:
    wide = torch.tensor([1.0, NAN, INF, -INF, 0.0], dtype=torch.float64)
    narrow = wide.float()
    assert judged(narrow, wide, narrow).ok
    for place, value in [(0, NAN), (0, INF), (1, 0.0), (1, INF), (2, NAN), (2, -INF), (2, 3e38), (3, INF), (4, -INF)]:
        output = narrow.clone()
        output[place] = value
        found = judged(output, wide, narrow)
        assert (found.ok, found.nonfinite, found.first, found.wrong) == (False, True, (place,), 1), (place, value)


def test_a_nan_never_passes_however_large_the_budget() -> None:
    for allowed in (0.0, 1e300, INF):
        limit = torch.full((), allowed, dtype=torch.float64)
        assert not compare(torch.tensor([NAN]), torch.tensor([1.0], dtype=torch.float64), limit).ok
        assert not compare(torch.tensor([1.0]), torch.tensor([NAN], dtype=torch.float64), limit).ok
    assert compare(torch.tensor([NAN]), torch.tensor([NAN], dtype=torch.float64), torch.zeros(())).ok


def test_a_zero_where_everything_is_zero() -> None:
    wide, narrow = torch.zeros(300, dtype=torch.float64), torch.zeros(300)
    assert judged(narrow, wide, narrow).ok
    assert judged(-narrow, wide, narrow).ok
    assert not judged(narrow + 1e-30, wide, narrow).ok


@pytest.mark.parametrize("shape", [(0,), (0, 5), (3, 0, 2)])
@pytest.mark.parametrize("exact", [False, True])
def test_an_empty_output_is_right(shape: tuple[int, ...], exact: bool) -> None:
    found = judged(torch.zeros(shape), torch.zeros(shape, dtype=torch.float64), torch.zeros(shape), exact=exact)
    assert (found.ok, found.worst_ratio, found.first) == (True, 0.0, None)


def test_a_scalar_output() -> None:
    wide, narrow = torch.tensor(math.pi, dtype=torch.float64), torch.tensor(math.pi)
    assert judged(narrow, wide, narrow).ok
    found = judged(narrow + 1e-3, wide, narrow)
    assert (found.ok, found.first, found.wrong) == (False, (), 1)
    assert found.max_abs == pytest.approx(1e-3, rel=1e-2)
    assert judged(torch.tensor(NAN), wide, narrow).nonfinite


@pytest.mark.parametrize("dtype", [torch.int64, torch.int32, torch.uint8, torch.bool])
def test_integers_and_booleans_must_be_equal(dtype: torch.dtype) -> None:
    expected = torch.tensor([[0, 1, 1], [1, 0, 1]], dtype=dtype)
    assert compare(expected.clone(), expected, torch.zeros(())).ok
    output = expected.clone()
    output[1, 1] = 1
    found = compare(output, expected, torch.zeros(()))
    assert (found.wrong, found.first, found.worst_ratio) == (1, (1, 1), INF)


def test_large_integers_are_compared_as_integers() -> None:
    """Two neighbours above 2**53 are the same float64."""
    expected = torch.tensor([2**53 + 1])
    assert not compare(torch.tensor([2**53]), expected, torch.zeros(())).ok


def test_complex_outputs() -> None:
    wide = torch.randn(400, dtype=torch.complex128, generator=torch.Generator().manual_seed(0))
    narrow = wide.to(torch.complex64)
    allowed = torch.full((), 1e-6, dtype=torch.float64)
    assert compare(narrow, wide, allowed).ok
    assert compare(narrow.conj_physical(), wide, allowed).wrong == 400


def test_exact_inputs_ask_for_equality() -> None:
    """Sums of small integers are exact in any order of float32 and not in half precision."""
    generator = torch.Generator().manual_seed(0)
    a, b = (torch.randint(-8, 9, (64, 64), generator=generator).float() for _ in range(2))
    wide, narrow = a.double() @ b.double(), a @ b
    assert budget(wide, narrow, exact=True).allowed.item() == 0.0
    assert judged(blocked_matmul(a, b, 8), wide, narrow, exact=True).ok
    found = judged(narrow + torch.eye(64) / 4, wide, narrow, exact=True)
    assert (found.wrong, found.worst_ratio) == (64, INF)


def test_equality_is_not_asked_where_the_reference_is_not_exact_itself() -> None:
    wide = torch.tensor([1.0, 2.0, 3.0], dtype=torch.float64)
    assert budget(wide, wide.float() + 1e-6, exact=True).allowed.item() > 0
    assert budget(wide + 0.5, (wide + 0.5).float(), exact=True).allowed.item() > 0
    assert budget(wide * 2**24, (wide * 2**24).float(), exact=True).allowed.item() > 0


def test_a_lucky_reference_is_widened_by_the_noise_of_other_draws() -> None:
    wide = torch.ones(300, dtype=torch.float64)
    lucky = budget(wide, wide.float(), exact=False)
    widened = budget(wide, wide.float(), exact=False, noise=torch.tensor(1e-3, dtype=torch.float64))
    assert lucky.allowed.item() == pytest.approx(K * FLOOR)
    assert widened.allowed.item() == pytest.approx(K * 1e-3)
    assert budget(wide, wide.float() + 0.25, exact=False).reference_max_abs == 0.25


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_a_half_precision_problem_is_judged_at_its_own_precision(dtype: torch.dtype) -> None:
    x = torch.randn(64, 512, generator=torch.Generator().manual_seed(0)).to(dtype)
    wide, narrow = torch.softmax(x.double(), 1), torch.softmax(x, 1)
    assert judged((torch.softmax(x.float(), 1)).to(dtype), wide, narrow).ok
    assert not judged(torch.zeros_like(narrow), wide, narrow).ok
    assert not judged(narrow.roll(1, 0), wide, narrow).ok


@pytest.mark.parametrize("shape", [(3, 700_001), (700_001, 3), (1, 1, 600_000), (600_000,)])
def test_the_worst_element_is_named_across_chunks(shape: tuple[int, ...]) -> None:
    expected = torch.ones(shape, dtype=torch.float64)
    output = expected.float()
    last, middle = tuple(n - 1 for n in shape), tuple(n // 2 for n in shape)
    output[middle], output[last] = 1.5, 3.0
    found = compare(output, expected, torch.full((), 1e-3, dtype=torch.float64))
    assert (found.wrong, found.first, found.max_abs) == (2, last, 2.0)
    assert found.worst_ratio == pytest.approx(2000)


def test_a_strided_output_is_compared_by_its_indices() -> None:
    expected = torch.arange(6.0, dtype=torch.float64).view(2, 3)
    output = torch.arange(6.0).view(2, 3).t().contiguous().t()
    assert not output.is_contiguous()
    assert compare(output, expected, torch.full((), 1e-6, dtype=torch.float64)).ok


def test_kernelbenchs_own_rule() -> None:
    reference = torch.ones(10)
    assert upstream_allclose(reference + 1.5e-4, reference), "atol + rtol"
    assert not upstream_allclose(reference + 3e-4, reference)
    assert not upstream_allclose(reference[:5], reference)
    assert upstream_allclose(torch.ones(3, dtype=torch.float16) * 1.015, torch.ones(3, dtype=torch.float16))
    assert not upstream_allclose(torch.tensor([1, 2]), torch.tensor([1, 3]))
    assert not upstream_allclose(torch.full((10,), NAN), torch.full((10,), NAN))
