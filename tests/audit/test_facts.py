"""Facts on paper: shapes, FLOPs and bytes agree with hand-made formulas, whatever the size, and cost no memory."""

import math
import resource
import sys
from pathlib import Path

import pytest

from harness.audit.facts import facts
from harness.audit.known import known_facts, known_path, look_up
from harness.errors import ProblemError
from harness.models import Problem, Tier, sha256_hex
from harness.models.audit import Facts
from harness.suite import load_problem, select, workload
from tests.audit.problems import problem, source

FLOAT, INT64 = 4, 8
"""Bytes."""


def of(name: str, tier: Tier = Tier.GPU) -> Facts:
    return facts(workload(load_problem(name), tier))


def shapes(found: Facts) -> tuple[list[tuple[int, ...]], list[tuple[int, ...]]]:
    return [tensor.shape for tensor in found.inputs], [tensor.shape for tensor in found.outputs]


def test_a_square_product():
    n, found = 4096, of("level1/1")
    assert shapes(found) == ([(n, n)] * 2, [(n, n)])
    assert found.flops == 2 * n**3
    assert found.bytes == 3 * n * n * FLOAT
    assert found.parameters == 0
    assert found.tags == ("gemm",)
    assert found.sha256 == workload(load_problem("level1/1"), Tier.GPU).sha256


def test_a_strided_convolution_with_a_bias():
    batch, channels, filters, size, window = 256, 3, 96, 224, 11
    out = (size + 2 * 2 - window) // 4 + 1  # padding 2, stride 4
    found = of("level1/50")
    assert shapes(found) == ([(batch, channels, size, size)], [(batch, filters, out, out)])
    assert found.flops == 2 * batch * filters * out**2 * channels * window**2  # the bias is elementwise
    assert found.parameters == filters * channels * window**2 + filters
    moved = batch * channels * size**2 + batch * filters * out**2 + found.parameters
    assert found.bytes == moved * FLOAT


def test_a_depthwise_convolution():
    batch, channels, size, window = 16, 64, 512, 3
    found = of("level1/82")
    out = size - window + 1
    assert found.flops == 2 * batch * channels * out**2 * window**2  # every channel on its own
    assert found.tags == ("conv", "grouped")


def test_a_transposed_convolution():
    batch, channels, size, window = 8, 64, 1024, 3
    found = of("level1/57")
    assert found.outputs[0].shape == (batch, channels, size + window - 1, size + window - 1)
    assert found.flops == 2 * batch * channels**2 * size**2 * window**2  # every input meets every weight


def test_attention():
    batch, heads, length, width = 32, 32, 512, 1024
    found = of("level1/97")
    assert found.flops == 2 * (2 * batch * heads * length**2 * width)  # Q K^T, and the weights times V
    assert found.bytes == 4 * batch * heads * length * width * FLOAT  # Q, K, V, output: no scores
    assert "attention" in found.tags


def test_integers_have_eight_bytes_and_a_scalar_counts_as_one_element():
    batch, classes = 32768, 4096
    found = of("level1/95")
    assert [tensor.dtype for tensor in found.inputs] == ["float32", "int64"]
    assert found.outputs[0].shape == ()
    assert found.bytes == batch * classes * FLOAT + batch * INT64 + FLOAT


def test_python_numbers_are_no_tensors_and_buffers_are_moved(tmp_path: Path):
    found = facts(
        workload(
            problem(
                tmp_path,
                source(
                    "return x * scale + self.offset",
                    arguments="x, scale",
                    inputs="[torch.randn(rows, cols), 3.14]",
                    init="self.register_buffer('offset', torch.randn(cols))",
                ),
            ),
            Tier.CI,
        )
    )
    assert [tensor.shape for tensor in found.inputs] == [(32, 48)]
    assert found.bytes == (2 * 32 * 48 + 48) * FLOAT
    assert (found.flops, found.parameters) == (0, 0)


def test_a_shared_parameter_is_counted_once(tmp_path: Path):
    tied = "self.first = nn.Linear(cols, cols, bias=False)\nself.second = self.first"
    found = facts(workload(problem(tmp_path, source("return self.second(self.first(x))", init=tied)), Tier.CI))
    assert found.parameters == 48 * 48
    assert found.flops == 2 * (2 * 32 * 48 * 48)


@pytest.mark.parametrize(
    ("name", "tags"),
    [
        ("level1/4", {"gemm"}),
        ("level1/23", {"softmax"}),
        ("level1/26", {"activation"}),
        ("level1/33", {"norm"}),
        ("level1/44", {"pooling"}),
        ("level1/51", {"reduction"}),
        ("level1/89", {"scan"}),
        ("level1/96", {"loss"}),
        ("level2/34", {"activation", "conv_transpose", "norm"}),
        ("level2/86", {"activation", "gemm"}),
        ("level3/9", {"activation", "conv", "gemm", "norm", "pooling", "reduction"}),
        ("level3/39", {"activation", "gemm", "rnn"}),
        ("level3/43", {"attention", "gemm", "softmax"}),
    ],
)
def test_tags_are_the_families_that_run(name: str, tags: set[str]):
    assert set(of(name, Tier.CI).tags) == tags


def test_nothing_of_the_problems_size_is_allocated():
    """level1/38 moves 16 GiB at gpu. Drawing its input touches every page: it would show in the high-water mark."""
    per_unit = 1 if sys.platform == "darwin" else 1024
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    found = of("level1/38")
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * per_unit
    assert found.bytes == 2 * math.prod(found.inputs[0].shape) * FLOAT > 15 << 30
    assert grown < 256 << 20


def test_a_problem_that_raises_is_a_problem_error_with_the_line(tmp_path: Path):
    broken = problem(tmp_path, source("return torch.tanh(x @ x)"))
    with pytest.raises(ProblemError, match=r"7_Question: line 14: forward\(\) on the meta device raised RuntimeError"):
        facts(workload(broken, Tier.CI))


# ---- those that are known ----


def changed(native: Problem) -> Problem:
    """Return a problem with a comment more: another text that computes the same."""
    text = native.source + "# changed\n"
    return native.model_copy(update={"source": text, "sha256": sha256_hex(text)})


def test_every_tier_of_the_suite_is_known_and_nothing_else():
    wanted = {workload(native, tier).sha256 for native in select("all") for tier in native.tiers}
    stale = len(wanted ^ set(known_facts()))
    assert not stale, f"{stale} facts of {known_path()} are missing or stale: python -m harness.audit.known"


def test_what_is_known_is_what_is_found():
    for name in ("level1/1", "level1/50", "level1/97", "level2/34"):
        found = of(name)
        assert known_facts().get(found.sha256, found) == found


def test_a_changed_file_is_not_found_under_its_old_digest():
    native = load_problem("level1/1")
    other = changed(native)
    assert workload(other, Tier.GPU).sha256 not in known_facts()
    ((_, before),) = look_up([native], Tier.GPU)
    ((same, after),) = look_up([other], Tier.GPU)
    assert same is other
    assert after.sha256 == workload(other, Tier.GPU).sha256 != before.sha256
    assert after.model_copy(update={"sha256": before.sha256}) == before


def test_looking_up_keeps_the_order_and_names_what_raises(tmp_path: Path):
    """A problem without the tier has no facts there; one that raises is an error in its place."""
    folder = tmp_path / "other"
    folder.mkdir()
    bare = problem(tmp_path, source(sizes=""), "1_Bare")
    broken = problem(tmp_path, source("return torch.tanh(x @ x)"), "2_Broken")
    right = problem(folder, source(), "3_Right")
    found = look_up([right, broken, bare], Tier.CI)
    assert found[0][0] is right
    assert found[0][1].inputs[0].shape == (32, 48)
    assert isinstance(found[1], ProblemError)
    assert "2_Broken: line 14" in str(found[1])
    assert found[2] == (bare, None)
