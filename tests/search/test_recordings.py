"""Recordings of searches with several steps: what was kept replays, and what ships fits together."""

import json
import re
from pathlib import Path

import pytest

from harness.llm import Recording, last_code_block
from harness.llm.recorded import RecordedProvider
from harness.search import list_strategies, load_strategy
from harness.search.contracts import first_json
from harness.search.knowledge import KnowledgeBase
from harness.suite import content_root, load_problem, workload
from tests.search.support import AGENTS, Model, Search, picture, preset

STRATEGIES = content_root() / "agents" / "recorded" / "strategies"
PROBLEMS = ("level1/23", "level1/36", "level1/40", "level2/86")
ATTEMPTS = 5


@pytest.mark.parametrize("name", list_strategies(AGENTS))
def test_a_recorded_search_is_the_same_search_again(name: str, tmp_path: Path):
    first = Search(preset(name), Recording(Model(), tmp_path / "kept", "scripted/x"))
    found = picture(first.run())
    again = Search(preset(name), RecordedProvider(tmp_path / "kept"))
    replayed = picture(again.run())
    # The replies cost nothing now; what they were, what came of them and what was chosen is the same.
    for attempt in (*found["attempts"], *replayed["attempts"]):
        del attempt["usage"], attempt["cost_usd"]
    assert replayed["attempts"] == found["attempts"]
    for same in ("order", "best", "archive", "lessons", "rounds", "finished"):
        assert replayed[same] == found[same]


def folder(problem: str) -> Path:
    level, _, number = problem.partition("/")
    return STRATEGIES / "cpp" / level / f"{int(number):03d}"


def test_strategies_is_labelled_as_nobodys_score():
    assert "written for this project" in (STRATEGIES / "recording.toml").read_text()
    for path in STRATEGIES.rglob("*.md"):
        assert "not the output of any model" in path.read_text().splitlines()[0], path


@pytest.mark.parametrize("problem", PROBLEMS)
def test_strategies_has_what_the_steps_ask_for(problem: str):
    replies = {path.stem: path.read_text("utf-8") for path in folder(problem).glob("*.md")}
    modules = [last_code_block(replies[str(n)]) for n in range(1, ATTEMPTS + 1)]
    assert len({*modules}) == ATTEMPTS  # five kernels, none twice
    assert all(code and "class ModelNew" in code for code in modules)
    # A step is asked about every attempt that has a successor.
    for parent in range(1, ATTEMPTS):
        assert {f"analyst@{parent}", f"retriever@{parent}"} <= set(replies)
    assert {"reflector@2", "reflector@4"} <= set(replies)  # asked of correct kernels alone
    known = {
        step.role for name in ("beam", "mcts") for s in load_strategy(name, AGENTS).operators.values() for step in s
    }
    assert {stem.partition("@")[0] for stem in replies if "@" in stem} < known


@pytest.mark.parametrize("problem", PROBLEMS)
def test_analyses_have_the_form_that_was_asked_for_and_quote_their_kernel(problem: str):
    for path in folder(problem).glob("analyst@*.md"):
        said = first_json(path.read_text("utf-8"))
        assert said is not None
        assert set(said) == {"category", "summary", "reasoning", "root_causes"}
        parent = path.stem.partition("@")[2]
        assert (said["category"] == "correctness") == (parent in "13")  # those do not compile, or are wrong
        assert len(said["reasoning"].split()) <= 80
        source = last_code_block((folder(problem) / f"{parent}.md").read_text("utf-8")) or ""
        evidence = json.dumps(said["root_causes"])
        quoted = [
            word
            for word in re.findall(r"[\w:.]+", evidence)
            if len(word) > 3 and re.search(rf"\b{re.escape(word)}", source)
        ]
        assert quoted, f"{path.name} speaks of nothing that stands in its kernel"


@pytest.mark.parametrize("problem", PROBLEMS)
def test_documents_that_are_chosen_may_be_shown(problem: str):
    graded = workload(load_problem(problem), "ci")
    allowed = {document.id for document in KnowledgeBase.load(AGENTS).for_task(problem, (graded.sha256,))}
    index = KnowledgeBase.load(AGENTS).for_task(problem, (graded.sha256,)).index("cpp")
    for path in folder(problem).glob("retriever@*.md"):
        said = first_json(path.read_text("utf-8"))
        assert said is not None
        assert 1 <= len(said["documents"]) <= 5
        assert set(said["documents"]) <= allowed
        assert all(name in index for name in said["documents"])
