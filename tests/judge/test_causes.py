"""Lower precision is told from a wrong answer, by real kernels of both sorts."""

import math
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F

from harness.judge.causes import diagnose
from harness.judge.oracle import Asked, output_budget
from harness.judge.reference import Reference
from harness.judge.tolerance import compare
from harness.models import Cause, Tier
from harness.suite import workload
from tests.audit.problems import problem, source

SIZES = 'TIERS = {"ci": {"rows": 128, "cols": 256}}\nUNSEEN = [{"rows": 3, "cols": 37}]\n'
MATMUL, SOFTMAX, GELU = "return x @ x.T", "return torch.softmax(x, 1)", "return torch.nn.functional.gelu(x)"
NORM = "return torch.nn.functional.layer_norm(x, (cols,))"
Kernel = Callable[[torch.Tensor], torch.Tensor]


def tf32(x: torch.Tensor, *, nearest: bool) -> torch.Tensor:
    """Return what a tensor core reads of a float32."""
    return ((x.contiguous().view(torch.int32) + 0x1000 * nearest) & ~0x1FFF).view(torch.float32)


def half_tiles(x: torch.Tensor, dtype: torch.dtype) -> torch.Tensor:
    """A product that keeps its running sum in half precision between tiles of 32."""
    total = torch.zeros(x.shape[0], x.shape[0], dtype=dtype)
    for start in range(0, x.shape[1], 32):
        part = x[:, start : start + 32]
        total = total + (part @ part.T).to(dtype)
    return total.float()


def half_softmax(x: torch.Tensor) -> torch.Tensor:
    """Exponentials are kept, and summed, in half precision."""
    powers = torch.exp(x - x.amax(1, keepdim=True)).half()
    return (powers / powers.sum(1, keepdim=True, dtype=torch.float16)).float()


def half_norm(x: torch.Tensor) -> torch.Tensor:
    low = x.bfloat16()
    return F.layer_norm(low, (x.shape[1],)).float()


DOWNGRADED: list[tuple[str, str, Kernel]] = [
    ("matmul of bfloat16", MATMUL, lambda x: (x.bfloat16() @ x.bfloat16().T).float()),
    ("matmul of bfloat16, float32 sums", MATMUL, lambda x: x.bfloat16().float() @ x.bfloat16().float().T),
    ("matmul of float16, float32 sums", MATMUL, lambda x: x.half().float() @ x.half().float().T),
    ("matmul, TF32 cut", MATMUL, lambda x: tf32(x, nearest=False) @ tf32(x, nearest=False).T),
    ("matmul, TF32 rounded", MATMUL, lambda x: tf32(x, nearest=True) @ tf32(x, nearest=True).T),
    ("matmul, sums in bfloat16", MATMUL, lambda x: half_tiles(x, torch.bfloat16)),
    ("matmul, sums in float16", MATMUL, lambda x: half_tiles(x, torch.float16)),
    ("softmax in float16", SOFTMAX, half_softmax),
    ("softmax of float16", SOFTMAX, lambda x: torch.softmax(x.half().float(), 1)),
    ("softmax, bfloat16 output", SOFTMAX, lambda x: torch.softmax(x, 1).bfloat16().float()),
    ("norm in bfloat16", NORM, half_norm),
    ("gelu of float16", GELU, lambda x: F.gelu(x.half()).float()),
]


def bumped(y: torch.Tensor, by: float) -> torch.Tensor:
    out = y.clone()
    out.view(-1)[77] += by
    return out


def without_last(y: torch.Tensor, share: float) -> torch.Tensor:
    out = y.clone()
    out[-max(1, int(len(y) * share)) :] *= 1.003
    return out


WRONG: list[tuple[str, str, Kernel]] = [
    ("zeros", MATMUL, lambda x: torch.zeros(len(x), len(x))),
    ("one element off by what bfloat16 would", MATMUL, lambda x: bumped(x @ x.T, 0.02)),
    ("scaled by 1.001", MATMUL, lambda x: (x @ x.T) * 1.001),
    ("shifted by 0.05", MATMUL, lambda x: x @ x.T + 0.05),
    ("last column of the sum left out", MATMUL, lambda x: x[:, :-1] @ x[:, :-1].T),
    ("the last rows off by 0.3 %", MATMUL, lambda x: without_last(x @ x.T, 0.1)),
    ("other rows", MATMUL, lambda x: (x @ x.T).roll(1, 0)),
    ("the last value left out of the sum", SOFTMAX, lambda x: torch.exp(x) / torch.exp(x[:, :-1]).sum(1, keepdim=True)),
    ("scaled by 1.001", SOFTMAX, lambda x: torch.softmax(x, 1) * 1.001),
    ("uniform", SOFTMAX, lambda x: torch.full_like(x, 1 / x.shape[1])),
    ("another gelu", GELU, lambda x: F.gelu(x, approximate="tanh")),
    ("sigmoid gelu", GELU, lambda x: x * torch.sigmoid(1.702 * x)),
    ("unbiased variance", NORM, lambda x: F.layer_norm(x, (x.shape[1],)) * math.sqrt(1 - 1 / x.shape[1])),
    ("epsilon of 1e-3", NORM, lambda x: F.layer_norm(x, (x.shape[1],), eps=1e-3)),
    ("mean not subtracted", NORM, lambda x: x * torch.rsqrt(x.var(1, keepdim=True) + 1e-5)),
]


def cause(folder: Path, forward: str, kernel: Kernel, seed: int) -> Cause:
    """Return what the judge would say of a kernel that it rejects."""
    work = workload(problem(folder, source(forward, sizes=SIZES)), Tier.CI)
    reference = Reference(work, weights_seed=1)
    inputs = reference.inputs(seed)
    wide, narrow = reference.evaluate64(inputs), reference.evaluate32(inputs)
    assert wide is not None
    assert narrow is not None
    budget = output_budget(*Asked(wide, narrow, reference.shaken64(inputs)).outputs()[0])
    output = kernel(inputs[0])
    assert not compare(output, budget.expected, budget.allowed).ok, "not rejected at all"
    return diagnose(reference, inputs, 0, output, budget.expected, budget.allowed).cause


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize(("forward", "kernel"), [case[1:] for case in DOWNGRADED], ids=[case[0] for case in DOWNGRADED])
def test_lower_precision_is_named(tmp_path: Path, forward: str, kernel: Kernel, seed: int) -> None:
    assert cause(tmp_path, forward, kernel, seed) is Cause.PRECISION


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize(
    ("forward", "kernel"), [case[1:] for case in WRONG], ids=[f"{c[0]} {c[1][-12:]}" for c in WRONG]
)
def test_a_wrong_answer_is_not_called_imprecise(tmp_path: Path, forward: str, kernel: Kernel, seed: int) -> None:
    assert cause(tmp_path, forward, kernel, seed) is Cause.WRONG
