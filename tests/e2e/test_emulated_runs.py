"""Recorded CUDA and Triton replies through the whole of it: agent, builder, emulation or interpreter, judge, table.

All of them are judged by `python -m tests.corpus.run --recorded`; here a part, so that a change that breaks them is seen.
"""

import json
from pathlib import Path

import pytest

from tests.e2e.command import harness


@pytest.mark.slow
@pytest.mark.parametrize(
    ("language", "outcome", "device"),
    [("cuda", "correct (emulated)", "emulated"), ("triton", "correct (interpreted)", "interpreter")],
)
def test_a_run_ends_with_a_table_that_says_that_nothing_was_timed(
    language: str, outcome: str, device: str, tmp_path: Path
) -> None:
    runs = str(tmp_path / "runs")
    done = harness(tmp_path, "run", "level1/23,level1/42", "--language", language, "--runs-dir", runs)
    assert done.returncode == 0, done.stderr[-1000:]
    assert done.stdout.count(outcome) == 2, done.stdout
    assert "no speedup" in done.stdout
    assert "fast_p" not in done.stdout

    shown = harness(tmp_path, "report", "latest", "--runs-dir", runs, "--json")
    report = json.loads(shown.stdout)
    assert {task["device"] for task in report["tasks"]} == {device}
    assert report["config"]["tier"] == "ci"
    score = report["score"]
    assert (score["untimed"], score["fast_0_untimed"], score["fast_p"], score["geomean_speedup"]) == (2, 1.0, {}, None)


@pytest.mark.parametrize("verb", [["run", "level1/23"], ["eval", "level1/23", "reference"]], ids=["run", "eval"])
def test_a_bound_on_a_speedup_that_nobody_measures_is_refused(verb: list[str], tmp_path: Path) -> None:
    done = harness(tmp_path, *verb, "--language", "cuda", "--fail-under", "1")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "harness: --fail-under needs a speedup, and nothing is timed on device emulated - leave it out\n"
    )
