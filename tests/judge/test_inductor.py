"""torch.compile's kernels on the way of any candidate: captured, built, loaded, compared. Real compilations."""

from collections.abc import Callable

import pytest

from harness.judge import Judge
from harness.judge.baselines import measure
from harness.judge.inductor import NotExpressible, candidate_source
from harness.models import EvalOptions, Problem, Status, Tier, Verdict, sha256_hex
from harness.suite import load_problem, workload
from tests.candidates import candidate

HEAD = "import torch\nimport torch.nn as nn\n\n"
LINEAR = (
    HEAD
    + """
class Model(nn.Module):
    def __init__(self, wide):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(24, wide), nn.GELU())
        self.norm = nn.BatchNorm1d(wide)

    def forward(self, x):
        y = self.norm(self.layers(x))
        return y, y.sum(dim=1)

def get_inputs():
    return [torch.randn(16, 24)]

def get_init_inputs():
    return [40]
"""
)
"""A product that stays with ATen, weights under dotted names, running statistics that each call changes, two outputs."""
BREAK = (
    HEAD
    + """
class Model(nn.Module):
    def forward(self, x):
        return x + 1 if x.sum().item() > 0 else x - 1

def get_inputs():
    return [torch.randn(4, 4)]

def get_init_inputs():
    return []
"""
)


def problem(source: str) -> Problem:
    """A problem of one's own, which has the sizes that it has."""
    return Problem(id="own/1", name="Own", source=source, sha256=sha256_hex(source), tiers={Tier.CI: {}, Tier.GPU: {}})


@pytest.fixture(scope="module")
def softmax() -> str:
    """The module that torch.compile comes to for softmax: 15 s of compilation, once."""
    return candidate_source(workload(load_problem("level1/23"), Tier.CI).source, "Softmax", 1, "compile")


def test_a_generated_kernel_is_a_correct_candidate(softmax: str, judged: Callable[..., Verdict]):
    verdict = judged(softmax)
    assert verdict.status is Status.CORRECT, verdict.evidence
    assert not verdict.notes  # the static rules have nothing to say of it
    assert "load_inline" in softmax
    assert "torch.softmax" not in softmax


def test_the_kernel_is_what_is_judged(softmax: str, judged: Callable[..., Verdict]):
    """Were the outputs taken from anywhere else, a broken kernel would pass."""
    broken = softmax.replace("tmp0 / tmp2", "tmp0 * tmp2", 1)
    assert broken != softmax
    assert judged(broken).status is Status.VALUE_MISMATCH


def test_weights_products_and_several_outputs(judge: Judge):
    asked = problem(LINEAR)
    source = candidate_source(workload(asked, Tier.CI).source, asked.name, 1, "compile")
    assert "torch.addmm" in source or "torch.mm" in source
    verdict = judge.evaluate(asked, candidate(source))
    assert verdict.status is Status.CORRECT, verdict.evidence
    assert verdict.weights == "loaded"


def test_a_graph_that_breaks_is_refused_in_one_line():
    with pytest.raises(NotExpressible, match="refuses the model") as refused:
        candidate_source(BREAK, "Break", 1, "compile")
    assert len(str(refused.value).splitlines()) == 1


def test_what_takes_too_long_is_ended():
    """0.1 s is less than importing torch takes on any machine."""
    with pytest.raises(NotExpressible, match=r"longer than 0\.1 s"):
        candidate_source(BREAK, "Break", 1, "compile", timeout_s=0.1)


def test_baselines_are_measured_and_what_cannot_be_is_said(softmax: str, judge: Judge):
    """One block of pairs: how narrow the interval gets is the machine's affair, and so is whether it says anything."""

    def source(_: object, mode: str) -> str:
        if mode == "max-autotune":
            raise NotExpressible("too hard")
        return softmax

    options = EvalOptions(tier=Tier.CI, min_pairs=5, max_pairs=5)
    asked = load_problem("level1/23")
    with Judge(options, judge.cache.root) as timing:
        found = measure(timing, asked, workload(asked, Tier.CI), ("eager", "compile", "max-autotune"), source=source)
    assert found.conditions.threads == 1
    assert found.conditions.versions["torch"]
    for form in (found.forms["eager"], found.forms["compile"]):
        assert form.status in (Status.CORRECT, Status.INCONCLUSIVE), form.reason
        assert (form.speedup is None) == (form.status is Status.INCONCLUSIVE)
        if form.speedup is not None:
            assert form.pairs == 5
            assert form.eager_ns
            assert form.form_ns
    refused = found.forms["max-autotune"]
    assert (refused.status, refused.reason, refused.speedup) == (Status.NO_CODE, "too hard", None)
