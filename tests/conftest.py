"""One judge for all tests of a session: starting it imports torch, and its cache holds the precompiled header."""

from collections.abc import Callable, Iterator

import pytest

from harness.config import Settings
from harness.judge import Judge
from harness.models import EvalOptions, Tier, Verdict
from harness.suite import load_problem
from tests.candidates import candidate


@pytest.fixture(scope="session")
def judge() -> Iterator[Judge]:
    """A judge with small limits, so that what hangs or balloons is soon over."""
    options = EvalOptions(tier=Tier.CI, time_it=False, call_timeout_s=3.0, load_timeout_s=20.0, memory_bytes=2 << 30)
    with Judge(options, Settings.load().cache_dir) as made:
        made.prepare()
        yield made


@pytest.fixture(scope="session")
def judged(judge: Judge) -> Callable[..., Verdict]:
    """Judge a source against a problem, softmax unless another is named."""

    def run(source: str, problem: str = "level1/23", entry: str = "ModelNew") -> Verdict:
        return judge.evaluate(load_problem(problem), candidate(source, entry))

    return run
