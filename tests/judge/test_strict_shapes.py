"""Sizes that were never shown: a kernel that only fits the published ones is found out when asked to be strict."""

from harness.config import Settings
from harness.judge import Judge
from harness.models import EvalOptions, Status, Tier
from harness.suite import load_problem
from tests.candidates import candidate, python

FITS_MULTIPLES_OF_EIGHT = """
if x.shape[1] % 8 == 0:
    return torch.softmax(x, 1)
return torch.zeros_like(x)
"""


def test_a_kernel_for_published_sizes_only_is_wrong_when_strict() -> None:
    problem = load_problem("level1/23")  # its ci rows have 1000 columns, its unseen ones 997, 4099 and 5
    options = EvalOptions(tier=Tier.CI, time_it=False)
    strict = options.model_copy(update={"strict_shapes": True})
    narrow, general = candidate(python(FITS_MULTIPLES_OF_EIGHT)), candidate(python("return torch.softmax(x, 1)"))
    with Judge(strict, Settings.load().cache_dir) as judge:
        found = judge.evaluate(problem, narrow)
        fine = judge.evaluate(problem, general)
        judge.options = options
        lenient = judge.evaluate(problem, narrow)
    assert (found.status, lenient.status) == (Status.VALUE_MISMATCH, Status.CORRECT)
    assert "unseen sizes" in found.evidence.what
    assert fine.status is Status.CORRECT, fine.evidence
    assert list(fine.unseen.values()) == [Status.CORRECT] * len(problem.unseen)
