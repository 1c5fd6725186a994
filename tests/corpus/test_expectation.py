"""The corpus and the recorded CUDA replies are what their headers and SEEDED.toml say they are; nothing is judged here."""

import ast
from pathlib import Path

import pytest

from harness.llm import make_provider
from harness.models import Status
from harness.models.kernel import FindingKind
from harness.suite import content_root, select
from tests.corpus.expectation import RECORDED, ROOT, Expectation, corpus, from_corpus, recorded

DISCLAIMER = "<!-- recorded for kernel-harness: written for this project, not the output of any model -->"


def class_names(source: str) -> set[str]:
    return {node.name for node in ast.walk(ast.parse(source)) if isinstance(node, ast.ClassDef)}


@pytest.mark.parametrize("item", [*corpus(), *recorded()], ids=lambda item: item.name)
def test_each_candidate_is_a_module_for_a_problem_that_exists(item: Expectation):
    assert "ModelNew" in class_names(item.source)
    assert "cuda_sources" in item.source or "load_inline(" in item.source
    assert (ROOT / item.problem).is_file() or select(item.problem)
    assert item.honest == (item.statuses == {Status.CORRECT})


def test_the_corpus_has_honest_and_buggy_candidates():
    honest = sum(item.honest for item in corpus())
    assert honest >= 35, "the share that runs unmodified is measured over these"
    assert len(corpus()) - honest >= 10


def test_recorded_replies_count_from_one_and_end_in_a_correct_one():
    by_problem: dict[str, list[Expectation]] = {}
    for item in recorded():
        by_problem.setdefault(item.problem, []).append(item)
    assert len(by_problem) >= 32
    for problem, items in by_problem.items():
        assert [item.name for item in items] == [f"{problem}#{n}" for n in range(1, len(items) + 1)]
        assert items[-1].honest, problem


def test_at_least_twenty_first_attempts_are_wrong_in_many_ways():
    wrong = [item for item in recorded() if not item.honest]
    assert sum(item.name.endswith("#1") for item in wrong) >= 20
    kinds = {kind for item in wrong for kind in item.causes}
    assert kinds >= set(FindingKind) - {FindingKind.DEADLOCK, FindingKind.RESOURCE_LIMIT}


def test_every_reply_says_what_it_is():
    for path in RECORDED.glob("*/*/*.md"):
        assert path.read_text().startswith(DISCLAIMER + "\n"), path


def test_what_ships_answers_quickstart_in_cuda():
    provider = make_provider("recorded/quickstart", content_root())
    provider.check([problem.id for problem in select("quickstart")], "cuda")


@pytest.mark.parametrize(
    "header",
    ["# kind: honest\n# expected: correct\n", "# problem: level1/1\n# kind: buggy\n# expected: value_mismatch\n"],
)
def test_an_incomplete_header_is_an_error(header: str, tmp_path: Path):
    path = tmp_path / "k.py"
    path.write_text(header)
    with pytest.raises(ValueError, match=r"k\.py: the header needs"):
        from_corpus(path)
