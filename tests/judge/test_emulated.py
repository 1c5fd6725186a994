"""CUDA kernels judged on a machine without a GPU: what is right is right, and each mistake is named for what it is.

The workload is `x + 1` over 1,000 elements: no multiple of a block, so that guards matter.
"""

from collections.abc import Callable, Iterator

import pytest

from harness.config import Settings
from harness.errors import UsageError
from harness.judge import Judge
from harness.models import Candidate, EvalOptions, FindingKind, Problem, Stage, Status, Tier, Verdict, sha256_hex

PROBLEM = """import torch
import torch.nn as nn


class Model(nn.Module):
    def forward(self, x):
        return x + 1


def get_inputs():
    return [torch.randn(1000)]


def get_init_inputs():
    return []
"""
CANDIDATE = """import torch
import torch.nn as nn
from torch.utils.cpp_extension import load_inline

source = r\"\"\"
#include <torch/extension.h>
#include <cuda_runtime.h>
__global__ void add_one(const float* x, float* y, int n) {{
  int t = threadIdx.x, i = blockIdx.x * blockDim.x + t;
  {body}
}}
torch::Tensor run(torch::Tensor x) {{
  TORCH_CHECK(x.is_cuda(), "x must be on a GPU");
  auto y = torch::empty_like(x);
  int n = x.numel();
  add_one<<<{grid}, {block}>>>(x.data_ptr<float>(), y.data_ptr<float>(), n);
  return y;
}}
\"\"\"
module = load_inline(
    name="add_one", cpp_sources="torch::Tensor run(torch::Tensor x);", cuda_sources=source, functions=["run"]
)


class ModelNew(nn.Module):
    def forward(self, x):
        assert x.is_cuda and x.device.type == "cuda"
        return module.run(x.cuda().contiguous())
"""
RIGHT = "if (i < n) y[i] = x[i] + 1;"
SHARED = "__shared__ float s[256]; "


def kernel(body: str, grid: str = "(n + 255) / 256", block: str = "256") -> str:
    return CANDIDATE.format(body=body, grid=grid, block=block)


def line_of(source: str, text: str) -> str:
    return f"candidate.py:{next(n for n, line in enumerate(source.splitlines(), 1) if text in line)}"


@pytest.fixture(scope="module")
def judge() -> Iterator[Judge]:
    with Judge(EvalOptions(tier=Tier.GPU, call_timeout_s=2.5), Settings.load().cache_dir, "cuda") as opened:
        yield opened


@pytest.fixture(scope="module")
def judged(judge: Judge) -> Callable[[str], Verdict]:
    problem = Problem(id="add_one", name="add one", source=PROBLEM, sha256=sha256_hex(PROBLEM))

    def evaluate(source: str) -> Verdict:
        return judge.evaluate(problem, Candidate(source=source, sha256=sha256_hex(source), language="cuda"))

    return evaluate


Judged = Callable[[str], Verdict]


def test_a_right_kernel_is_correct_and_says_where_it_ran(judged: Judged) -> None:
    verdict = judged(kernel(RIGHT))
    assert verdict.status is Status.CORRECT, verdict.evidence
    assert (verdict.outcome, verdict.device, verdict.speedup) == ("correct (emulated)", "emulated", None)
    assert not verdict.findings
    [launched] = verdict.kernels
    assert (launched.kernel, launched.grid, launched.block) == ("add_one", (4, 1, 1), (256, 1, 1))
    assert launched.counters["global_load_bytes"] == 4000
    assert launched.counters["fp32"] == 1000, "an addition per element"
    assert verdict.calls_compared >= 4


def test_a_missing_guard_is_out_of_bounds_with_its_line_and_thread(judged: Judged) -> None:
    source = kernel("y[i] = x[i] + 1;")
    verdict = judged(source)
    assert verdict.status is Status.RUNTIME_ERROR, verdict.evidence
    first = verdict.findings[0]
    assert first.kind is FindingKind.OUT_OF_BOUNDS
    assert first.where == line_of(source, "y[i] = x[i] + 1;")
    assert first.block == (3, 0, 0)
    assert first.thread is not None
    assert first.thread[0] >= 1000 - 3 * 256


def test_a_missing_barrier_is_a_race(judged: Judged) -> None:
    """Each thread reads what its neighbour wrote a moment ago."""
    body = SHARED + "if (i < n) s[t] = x[i]; if (i < n) y[i] = s[t ^ 1] - s[t ^ 1] + x[i] + 1;"
    verdict = judged(kernel(body))
    assert verdict.status in (Status.NONDETERMINISTIC, Status.NONFINITE, Status.VALUE_MISMATCH), verdict.evidence
    assert FindingKind.RACE in {finding.kind for finding in verdict.findings}, verdict.evidence
    assert "race" in verdict.evidence.what


def test_a_race_on_global_memory_is_found_though_the_output_is_right(judged: Judged) -> None:
    """Blocks write different values to one place, and one of them mends it afterwards, in a serial order."""
    body = "if (i < n) { y[i] = x[i] + 1; if (t == 0) y[0] = x[i] + 1; } if (i == 0) y[0] = x[0] + 1;"
    verdict = judged(kernel(body))
    assert verdict.status is not Status.CORRECT
    assert FindingKind.RACE in {finding.kind for finding in verdict.findings}, verdict.evidence


def test_uninitialised_shared_memory_is_found(judged: Judged) -> None:
    body = SHARED + "if (t != 7 && i < n) s[t] = x[i]; __syncthreads(); if (i < n) y[i] = s[t] + 1;"
    verdict = judged(kernel(body))
    assert verdict.status in (Status.NONFINITE, Status.NONDETERMINISTIC, Status.VALUE_MISMATCH), verdict.evidence
    assert FindingKind.UNINITIALISED_SHARED in {finding.kind for finding in verdict.findings}, verdict.evidence


def test_a_misaligned_vector_is_found(judged: Judged) -> None:
    body = (
        "int k = i * 4 + 1; if (k + 3 < n) { float4 v = *reinterpret_cast<const float4*>(x + k);"
        " y[k] = v.x + 1; y[k + 1] = v.y + 1; y[k + 2] = v.z + 1; y[k + 3] = v.w + 1; }"
        " if (i == 0) { y[0] = x[0] + 1; for (int r = 997; r < n; ++r) y[r] = x[r] + 1; }"
    )
    verdict = judged(kernel(body))
    assert verdict.status is Status.RUNTIME_ERROR, verdict.evidence
    assert verdict.findings[0].kind is FindingKind.MISALIGNED


def test_a_barrier_that_some_threads_miss_is_found(judged: Judged) -> None:
    body = SHARED + "if (t < 128) { s[t] = 0; __syncthreads(); }\n  else { s[t] = 1; __syncthreads(); }\n  " + RIGHT
    verdict = judged(kernel(body))
    assert verdict.status is Status.RUNTIME_ERROR, verdict.evidence
    assert FindingKind.DIVERGENT_BARRIER in {finding.kind for finding in verdict.findings}


def test_too_many_threads_per_block_is_an_invalid_launch(judged: Judged) -> None:
    verdict = judged(kernel(RIGHT, grid="1", block="2048"))
    assert verdict.status is not Status.CORRECT
    assert FindingKind.INVALID_LAUNCH in {finding.kind for finding in verdict.findings}, verdict.evidence
    assert "2048" in verdict.evidence.what


def test_a_launch_of_a_thousand_million_threads_is_refused_at_once(judged: Judged) -> None:
    verdict = judged(kernel(RIGHT, grid="dim3(1000000, 1000)", block="1"))
    assert verdict.status is Status.RUNTIME_ERROR, verdict.evidence
    assert "1000000000" in verdict.evidence.what.replace(",", "")


def test_a_kernel_that_never_ends_is_a_timeout(judged: Judged) -> None:
    verdict = judged(kernel("while (n) { if (i < 0) break; } y[i] = 0;"))
    assert verdict.status is Status.TIMEOUT, verdict.evidence
    assert verdict.stage is Stage.CORRECTNESS


@pytest.mark.parametrize(
    ("body", "feature"),
    [
        ("tex1Dfetch<float>(0, i);", "texture"),
        ("cudaGraph_t graph;", "graph"),
        ('asm volatile("tcgen05.alloc.cta_group::1.sync.aligned.shared::cta.b32 [%0], 32;" :: "r"(0));', "tcgen05"),
        ("double4_32a wide; y[i] = wide.x;", "double4_32a"),
    ],
    ids=["textures", "graphs", "tensor memory", "types of CUDA 13"],
)
def test_what_the_emulation_does_not_have_is_refused_by_name(judged: Judged, body: str, feature: str) -> None:
    source = kernel(body)
    verdict = judged(source)
    assert verdict.status is Status.BUILD_ERROR, verdict.evidence
    assert feature in verdict.evidence.what
    assert "which the emulation does not have" in verdict.evidence.what
    assert verdict.evidence.where == line_of(source, body)


def test_a_mistake_in_the_source_names_the_candidates_line(judged: Judged) -> None:
    source = kernel("if (i < n) y[i] = x[i] + one;")
    verdict = judged(source)
    assert verdict.status is Status.BUILD_ERROR
    assert "one" in verdict.evidence.what
    assert verdict.evidence.where == line_of(source, "+ one;")


def test_an_unknown_chip_is_the_requests_fault(judge: Judge) -> None:
    problem = Problem(id="add_one", name="add one", source=PROBLEM, sha256=sha256_hex(PROBLEM))
    source = kernel(RIGHT)
    asked = judge.options
    judge.options = asked.model_copy(update={"archs": ("sm_99",)})
    try:
        with pytest.raises(UsageError, match="unknown architecture 'sm_99'"):
            judge.evaluate(problem, Candidate(source=source, sha256=sha256_hex(source), language="cuda"))
    finally:
        judge.options = asked
