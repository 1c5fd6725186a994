"""Right kernels are accepted by the judge's own budgets, on published and varied inputs; degraded ones are not.

A handful of the suite's problems, one for each family of operations; `python -m tests.bench --only tolerance` does them all.
"""

import pytest
import torch

from harness.audit.honest import variants
from harness.audit.margins import margins
from harness.suite import load_problem

PROBLEMS = {
    "level1/1": 3,  # a product
    "level1/23": 4,  # softmax
    "level1/34": 4,  # normalisation
    "level1/89": 2,  # a prefix sum
    "level2/43": 3,  # logsumexp near 0 of values near -12, of which a ReLU leaves a handful
    "level2/52": 4,  # a batch norm that blows up what Mish leaves of large negative values
}
"""Problem -> how many honest variants find something to rewrite there, at least."""


@pytest.mark.parametrize("problem", PROBLEMS)
def test_honest_kernels_are_accepted_and_degraded_ones_rejected(problem: str) -> None:
    found = margins(load_problem(problem))
    assert len(found.questions) > 5, "inputs as published and varied"
    honest = {kernel.kind: kernel for kernel in found.kernels if kernel.honest}
    assert len(honest) >= PROBLEMS[problem]
    for kernel in found.kernels:
        assert (kernel.worst_ratio <= 1.0) == kernel.honest, kernel
        assert kernel.worst_ratio > 0.0, f"computes nothing differently: {kernel}"


def test_every_rewrite_is_the_same_mathematics() -> None:
    """In float32 on values near 1: each way within 100 ulps of torch's, and at least one not bit for bit the same."""
    generator = torch.Generator().manual_seed(1)
    x, w = torch.randn(4, 8, 12, 12, generator=generator), torch.randn(6, 8, 3, 3, generator=generator)

    def model() -> list[torch.Tensor]:
        y = torch.conv2d(x, w, padding=1)
        rows = y.flatten(1)
        normal = torch.nn.functional.group_norm(y, 3)
        gates = [rows.sigmoid(), rows.tanh(), torch.nn.functional.gelu(rows), torch.nn.functional.mish(rows)]
        sums = [rows.mean(1), rows.logsumexp(1), rows.log_softmax(1), (rows / 8).cumsum(1)]
        return [y, normal, *gates, *sums, rows @ rows.T]

    with torch.no_grad():
        right = model()
        for variant in variants():
            with variant.tape():
                made = model()
            assert variant.rewritten >= 3, variant.kind
            for index, (ours, theirs) in enumerate(zip(made, right, strict=True)):
                scale = float(theirs.abs().max())
                assert float((ours - theirs).abs().max()) <= 100 * 2.0**-23 * scale, (variant.kind, index)
            assert any(not torch.equal(ours, theirs) for ours, theirs in zip(made, right, strict=True))
