"""The worked example that models are shown is a kernel that the judge accepts."""

import re
from hashlib import sha256
from pathlib import Path

import pytest

from harness.judge import Judge
from harness.models import Candidate, EvalOptions, Status, Tier
from harness.suite import content_root, load_problem

EXAMPLE = content_root() / "agents" / "prompts" / "cpp" / "example.md.jinja"


@pytest.mark.slow
def test_the_worked_example_is_correct(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory):
    reference, kernel = re.findall(r"```python\n(.*?)```", EXAMPLE.read_text(), re.DOTALL)
    (tmp_path / "gated.py").write_text(reference)
    candidate = Candidate(source=kernel, sha256=sha256(kernel.encode()).hexdigest())
    with Judge(EvalOptions(tier=Tier.GPU, time_it=False), tmp_path_factory.mktemp("cache")) as judge:
        verdict = judge.evaluate(load_problem(tmp_path / "gated.py"), candidate)
    assert verdict.status is Status.CORRECT, verdict.evidence
