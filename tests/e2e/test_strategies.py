"""Three strategies on the same recorded replies, judged for real, under one budget of nodes, and compared.

The replies are ours (`agents/recorded/strategies`), the verdicts are not: compiler, judge and clock are the real ones.
"""

import json
import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from harness.models import Attempt, EventType, Status
from harness.store import RunFolder, read_events
from harness.suite import content_root
from tests.e2e.command import complaint, harness

NODES = 5
"""Kernels of each search: as many as are recorded."""
PROBLEM = "level2/86"
# At tier cpu its first correct kernel, an untiled product, takes some two and a half times as long as the two that follow.
SPEED = {"HARNESS_MIN_PAIRS": "20", "HARNESS_MAX_PAIRS": "20"}


def budgeted(folder: Path, name: str) -> Path:
    """The shipped strategy with fewer drafts and nodes, and nothing else changed."""
    text = (content_root() / "agents" / f"{name}.toml").read_text()
    text = re.sub(r"(?m)^max_nodes = \d+", f"max_nodes = {NODES}", text)
    path = folder / f"{name}.toml"
    path.write_text(re.sub(r"(?m)^n = \d+", "n = 2", text))
    return path


def search(folder: Path, name: str) -> RunFolder:
    """Run a strategy; again where the machine was too noisy to time a kernel, which says nothing about the strategy."""
    agent = str(budgeted(folder, name))
    for again in range(3):
        place = folder / f"{name}-{again}"
        arguments = ["run", PROBLEM, "--tier", "cpu", "--model", "recorded/strategies", "--json", "--agent", agent]
        done = harness(folder, *arguments, "--runs-dir", str(place), **SPEED)
        assert done.returncode == 0, done.stderr[-2000:]
        (found,) = RunFolder.all(place)
        if not any(attempt.verdict.status is Status.INCONCLUSIVE for attempt in attempts(found)):
            break
    return found


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory, warm_cache: Path) -> dict[str, RunFolder]:
    folder = tmp_path_factory.mktemp("strategies")
    return {name: search(folder, name) for name in ("refine", "beam", "mcts")}


def attempts(run: RunFolder) -> list[Attempt]:
    done = [event.attempt for event in read_events(run.events) if event.type is EventType.NODE_COMMITTED]
    return sorted((a for a in done if a), key=lambda attempt: attempt.turn)


def roles(run: RunFolder) -> set[str]:
    return {event.role or "" for event in read_events(run.events) if event.type is EventType.REPLY_RECEIVED}


@pytest.mark.slow
def test_refine_mends_a_compile_error_and_then_gets_faster(runs: dict[str, RunFolder]) -> None:
    chain = attempts(runs["refine"])
    assert [a.verdict.status.value for a in chain[:3]] == ["build_error", "correct", "value_mismatch"]
    assert all(later.parent == earlier.node for earlier, later in pairwise(chain))
    slow, *fast = (a.verdict.speedup for a in chain if a.verdict.correct)
    assert slow
    assert any(each and each.low > slow.high for each in fast)
    # The compile error was told with its line, and the next question shows it.
    prompt = json.loads(runs["refine"].artifact(chain[1].prompt_sha256).read_text())
    asked = "\n".join(message["text"] for message in prompt["messages"])
    assert chain[0].verdict.evidence.where in asked
    assert "build_error" in asked


@pytest.mark.slow
def test_every_strategy_takes_the_steps_that_it_is_made_of(runs: dict[str, RunFolder]) -> None:
    assert roles(runs["refine"]) == {"coder"}
    assert roles(runs["beam"]) == {"coder", "reflector", "analyst"}
    assert roles(runs["mcts"]) == {"coder", "analyst", "retriever"}
    beam, mcts = attempts(runs["beam"]), attempts(runs["mcts"])
    assert {len(beam), len(mcts)} == {NODES}
    # The beam never goes on from what fails while something passes.
    assert all(attempt.parent == beam[1].node for attempt in beam[2:4])
    assert any(attempt.lessons_try for attempt in beam)
    assert {attempt.operator for attempt in mcts[2:]} == {"universal"}
    # What the retriever chose stands in the coder's prompt.
    shown = runs["mcts"].artifact(mcts[2].prompt_sha256).read_text()
    assert "From the knowledge base" in shown
    assert "Tiling a matrix product" in shown


@pytest.mark.slow
def test_they_are_compared_at_equal_budgets(runs: dict[str, RunFolder], tmp_path: Path) -> None:
    names = [str(run.path) for run in runs.values()]
    done = harness(tmp_path, "compare", *names, "--account", "evals", "--json")
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    assert found["account"] == "evals"
    assert found["equal_budget"] == NODES
    assert found["budgets_are_equal"] is True
    assert [run["agent"] for run in found["runs"]] == ["refine", "beam", "mcts"]
    assert [pair["task"] for pair in found["problems"]] == [PROBLEM]
    for pair in found["problems"]:
        assert [cell["status"] for cell in pair["runs"]] == ["correct"] * 3
    for run in found["runs"]:
        reached = [point["best_so_far"] for point in run["curve"]]
        assert reached == sorted(reached)
        assert reached[0] == 0  # the first kernel of every search does not compile
        assert run["curve"][-1]["correct"] == 1

    # By calls the budgets differ, as beam and mcts ask three roles for a kernel: that is said, and the table is cut.
    done = harness(tmp_path, "compare", *names)
    assert done.returncode == 0, done.stderr
    assert "unequal budgets" in done.stdout
    assert f"{NODES} calls per task" in done.stdout
    for letter, name in zip("ABC", runs, strict=True):
        assert f"{letter}: {name}" in done.stdout


@pytest.mark.slow
def test_what_cannot_be_compared_is_one_line(runs: dict[str, RunFolder], tmp_path: Path) -> None:
    run = str(runs["refine"].path)
    assert "unknown run 'nosuch'" in complaint(harness(tmp_path, "compare", run, "nosuch"), 2)
    assert "unknown account 'cals'" in complaint(harness(tmp_path, "compare", run, run, "--account", "cals"), 2)
