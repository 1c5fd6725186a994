"""Sums in the plainest order, and what they do to a tolerance."""

from collections.abc import Callable

import pytest
import torch

from harness.judge.rewrites import SEQUENTIAL, Rewriter, sequential_sum
from harness.models import Status, Verdict
from tests.candidates import python

HEAVY = 1.0
"""A first term beside which 1e-8 is under half a unit in the last place: each of the others is lost."""


def test_each_term_is_rounded_at_the_size_of_the_sum_so_far() -> None:
    x = torch.full((3, 1001), 1e-8)
    x[:, 0] = HEAVY
    assert sequential_sum(x).tolist() == [HEAVY] * 3, "a thousand terms of 1e-8 make 1e-5 in any other order"
    assert x.flip(-1)[0].double().sum().item() == pytest.approx(1 + 1e-5)
    assert sequential_sum(x[:, :0]).tolist() == [0.0] * 3


COMPUTATIONS: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
    "sum": lambda x: x.sum(1),
    "mean of two dimensions": lambda x: x.mean((0, 2), keepdim=True),
    "softmax": lambda x: torch.softmax(x, 1),
    "log_softmax": lambda x: torch.log_softmax(x, -1),
    "logsumexp": lambda x: torch.logsumexp(x, (1, 2)),
    "norm": lambda x: x.norm(dim=2),
    "layer norm": lambda x: torch.nn.functional.layer_norm(x, x.shape[1:]),
    "group norm": lambda x: torch.nn.functional.group_norm(x, 2),
    "batch norm": lambda x: torch.nn.functional.batch_norm(x, None, None, training=True),
}


@pytest.mark.parametrize("name", COMPUTATIONS)
def test_what_is_rewritten_means_the_same(name: str) -> None:
    x = torch.randn(5, 6, 7, generator=torch.Generator().manual_seed(1))
    rewriter = Rewriter(SEQUENTIAL)
    with torch.no_grad(), rewriter.tape():
        found = COMPUTATIONS[name](x.clone())
    assert rewriter.rewritten >= 1
    torch.testing.assert_close(found, COMPUTATIONS[name](x), rtol=1e-5, atol=1e-6)


def test_what_sums_nothing_is_left_alone() -> None:
    rewriter = Rewriter(SEQUENTIAL)
    with torch.no_grad(), rewriter.tape():
        torch.relu(torch.randn(4)) + 1
    assert rewriter.rewritten == 0


def test_a_naive_sum_is_right_whatever_the_inputs(judged: Callable[..., Verdict]) -> None:
    """torch sums a leading dimension one term after another; one judgement in nine used to reject that."""
    for _ in range(12):
        verdict = judged(python("return torch.softmax(x.t().contiguous(), 0).t()"))
        assert verdict.status is Status.CORRECT, verdict.evidence
