"""The context of a node: what of a search's state is shown to whom."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from harness.errors import AgentError
from harness.models import (
    Attempt,
    Event,
    EventType,
    Operator,
    ProfileReport,
    Remark,
    RemarkKind,
    Status,
    Tier,
    Verdict,
)
from harness.search import PromptLibrary, SearchState, load_strategy
from harness.search.context import ContextBuilder
from harness.search.history import USUAL, parse_policy
from harness.search.prompts import Prompt
from harness.search.speed import Profile
from harness.suite import content_root, workload
from tests.fakes import MemoryArtifacts, make_problem, make_verdict

AGENTS = content_root() / "agents"
TASK = "level1/23#0"
GOOD, BETTER, BAD = make_verdict(speed=0.8), make_verdict(speed=1.6), make_verdict(Status.BUILD_ERROR)


class Search:
    """A search whose attempts got these verdicts, each made from the one before, and one node that is to be asked."""

    def __init__(self, verdicts: Sequence[Verdict], parents: Sequence[int | None] | None = None, **last: Any) -> None:
        self.artifacts = MemoryArtifacts()
        self.state = SearchState.replay(TASK, [])
        chain = [None, *range(len(verdicts))] if parents is None else list(parents)
        for turn, verdict in enumerate(verdicts):
            self.reserve(turn, chain[turn])
            source = f"# source of {turn + 1}\nclass ModelNew: ...\n"
            attempt = Attempt(
                node=f"{TASK}.{turn}",
                problem_id="level1/23",
                sample=0,
                turn=turn,
                parent=None if chain[turn] is None else f"{TASK}.{chain[turn]}",
                prompt_sha256="p",
                reply_sha256="r",
                candidate_sha256=self.artifacts.put(source.encode()),
                note=f"I changed thing {turn + 1}, a | b",
                lessons_try=["use tiles"] if turn == 0 else [],
                lessons_avoid=["use atomics"] if turn == 1 else [],
                verdict=verdict,
            )
            self.state.apply(Event(type=EventType.NODE_COMMITTED, task=TASK, node=attempt.node, attempt=attempt))
        self.reserve(len(verdicts), chain[len(verdicts)], **last)
        self.node = self.state.nodes[f"{TASK}.{len(verdicts)}"]

    def reserve(self, turn: int, parent: int | None, **fields: Any) -> None:
        named = None if parent is None else f"{TASK}.{parent}"
        event = Event(type=EventType.NODE_RESERVED, task=TASK, node=f"{TASK}.{turn}", parent=named, **fields)
        self.state.apply(event)

    def builder(self, **fields: Any) -> ContextBuilder:
        return ContextBuilder(
            workload=workload(make_problem(), Tier.CPU),
            language="cpp",
            strategy=load_strategy("refine", AGENTS),
            prompts=PromptLibrary(AGENTS / "prompts"),
            device={"cpu": "a test"},
            artifacts=self.artifacts,
            **fields,
        )

    def build(self, *recipe: Any, **fields: Any) -> Prompt:
        return self.builder(**fields).build(self.state, self.node, recipe or None)

    def text(self, *recipe: Any) -> str:
        return self.build(*recipe).messages[0].text


def test_without_a_recipe_the_strategys_table_decides():
    search = Search([BAD, GOOD])
    prompt = search.build()
    assert "# source of 2" in prompt.messages[0].text  # the parent, whole
    assert "What the judge found in attempt 2" in prompt.messages[0].text
    assert "# source of 1" not in prompt.messages[0].text
    assert "I changed thing" not in prompt.messages[0].text
    assert prompt.sections[0].name == "role_contract"


def test_the_best_is_shown_beside_a_parent_that_is_another_one():
    text = Search([BETTER, BAD]).text()
    assert "Attempt 1, the best so far: correct, 1.60 times the reference's speed." in text
    assert text.index("# source of 1") < text.index("# source of 2")
    assert Search([BAD, BETTER]).text().count("# source of") == 1


def test_a_draft_is_told_nothing_of_others():
    text = Search([BETTER], parents=[None, None]).text()
    assert "# source of" not in text
    assert "judge found" not in text


@pytest.mark.parametrize(
    ("policy", "numbers", "sources"),
    [
        ("history:table", [1, 2, 3], []),
        ("history", [1, 2, 3], []),
        ("history:none", [], []),
        ("history:last_only", [3], []),
        ("history:window(2)", [2, 3], []),
        ("history:all", [1, 2, 3], [1, 2, 3]),
        ("history:ranked(5)", [1, 3], [1, 3]),
        ("history:ranked(1)", [3], [3]),
        ("history:own_summary", [1, 2, 3], []),
    ],
)
def test_history_policies(policy: str, numbers: list[int], sources: list[int]):
    # 0.8, failed, 1.6, failed: the last one is the parent, which is never told twice. Slowest of the ranked first.
    text = Search([GOOD, BAD, BETTER, BAD]).text("task", policy)
    assert [n for n in range(1, 6) if f"I changed thing {n}, a / b" in text] == numbers
    assert [n for n in range(1, 6) if f"# source of {n}" in text] == sources
    positions = [text.index(f"\n| {n} |") for n in numbers]
    assert positions == sorted(positions)


def test_ancestors_are_those_of_the_line():
    text = Search([GOOD, BAD, BETTER], parents=[None, None, 0, 2]).text("task", "history:own_summary")
    assert "I changed thing 1" in text
    assert "I changed thing 2" not in text


def test_history_of_a_long_search_is_bounded():
    text = Search([BAD] * 100).text("history")
    assert text.count("I changed thing") <= USUAL["table"]
    assert "I changed thing 99" in text


def test_an_unknown_history_policy():
    with pytest.raises(AgentError, match="unknown history policy 'tabel' - did you mean 'table'"):
        Search([GOOD]).text("history:tabel")
    assert parse_policy("window(3)") == ("window", 3)


def test_lessons_directive_inspirations_and_co_parents():
    search = Search([GOOD, BAD, BETTER], directive="tiling", inspirations=[f"{TASK}.0"], co_parents=[f"{TASK}.1"])
    text = search.text("lessons", "inspirations", "candidate", "directive", "ask")
    assert "* try: use tiles\n* avoid: use atomics" in text
    assert "Attempt 1: correct, 0.80 times the reference's speed." in text
    assert "To be crossed with attempt 2: build_error" in text
    assert "Work on tiles" in text
    search.node.directive = "Use the widest loads."
    assert "# Do this\n\nUse the widest loads." in search.text("directive")


def test_a_coder_reads_what_the_steps_before_it_said():
    search = Search([GOOD])
    search.node = replace(search.node, notes={"judge": {"bottleneck": "memory", "fixes": ["a", "b"]}})
    text = search.text("task", "candidate", "notes", "ask")
    assert "## From the judge" in text
    assert "* bottleneck: memory" in text


def test_a_critic_is_shown_the_new_code_and_not_the_old():
    search = Search([GOOD])
    search.node = replace(search.node, notes={"coder": {"code": "x = 42\n", "text": "Here."}})
    prompt = search.build("critic_contract", "task", "candidate")
    assert "x = 42" in prompt.messages[0].text
    assert "# source of 1" not in prompt.messages[0].text
    assert prompt.system.startswith("You check kernels by reading them")


def test_documents_are_those_that_a_step_chose():
    search = Search([GOOD])
    index = search.build("kb_index").system
    chosen = [line.split()[1].rstrip(":") for line in index.splitlines() if line.startswith("* ")][:2]
    search.node = replace(search.node, notes={"retriever": {"documents": [*chosen, "no-such-document", 7]}})
    text = search.text("kb_docs")
    documents = {document.id: document for document in search.builder()._knowledge}
    for name in chosen:
        assert f"## {documents[name].title}" in text
    assert text.count("\n## ") == len(chosen)


def test_documents_are_looked_up_where_no_step_chose_any():
    text = Search([GOOD]).text("task", "kb_docs")
    assert text.count("\n## ") >= 1
    assert "ftmax" in text.partition("# From the knowledge base")[2]


def test_a_repeated_candidate_is_named():
    search = Search([BAD, BAD])
    first = search.state.nodes[f"{TASK}.0"].attempt
    second = search.state.nodes[f"{TASK}.1"].attempt
    assert first
    assert second
    search.state.nodes[f"{TASK}.1"].attempt = second.model_copy(update={"candidate_sha256": first.candidate_sha256})
    assert "this is attempt 1 again, to the letter" in search.text("candidate", "feedback")


def test_speed_is_told_against_predecessor_best_and_profile():
    search = Search([BETTER, GOOD])
    prompt = search.build("candidate", "feedback", profile=lambda attempt: Profile("perf", (("expf", 0.9),)))
    assert "0.50 times as fast as attempt 1" in prompt.messages[0].text
    assert "Where the time goes (perf):\n\n* 90% expf" in prompt.messages[0].text


def test_a_recipes_limit_reaches_the_record():
    class Short:
        name, tokens = "feedback", 300

    long = BAD.model_copy(update={"evidence": BAD.evidence.model_copy(update={"log": "error: words\n" * 2000})})
    whole = Search([long]).build("candidate", "feedback").sections[1]
    short = Search([long]).build("candidate", Short()).sections[1]
    assert short.tokens <= 300 < whole.tokens
    assert short.outcome == "whole"  # the record was made that short, not cut


def test_the_same_state_gives_the_same_bytes():
    search = Search([GOOD, BAD, BETTER])
    assert search.build().to_bytes() == search.build().to_bytes()


PROFILED = GOOD.model_copy(
    update={
        "profile": ProfileReport(
            source="samples",
            operators=[Operator(name="candidate.py:9", share=0.7)],
            remarks=[Remark(file="candidate.py", line=9, kind=RemarkKind.MISSED, reason="its body branches")],
        )
    }
)


def test_the_verdicts_profile_is_told_in_the_feedback():
    text = Search([PROFILED]).text("candidate", "feedback")
    assert "Where the time goes (samples):\n\n* 70% candidate.py:9\n* loop at candidate.py:9: not vectorised" in text
    assert "Where the time goes" not in Search([GOOD]).text("candidate", "feedback", "profile")


def test_a_section_of_its_own_takes_the_profile_out_of_the_feedback():
    text = Search([PROFILED]).text("candidate", "feedback", "profile")
    assert text.count("* 70% candidate.py:9") == 1
    assert "# Where the time goes in attempt 1\n\nFound by: samples." in text
    assert "* loop at candidate.py:9: not vectorised: its body branches" in text


def test_a_profile_is_bounded():
    notes = [f"note {n} " + "long " * 900 for n in range(60)]
    report = PROFILED.profile.model_copy(update={"notes": notes})  # type: ignore[union-attr]
    built = Search([PROFILED.model_copy(update={"profile": report})]).build("profile")
    assert built.sections[0].tokens <= 1_000  # the section's limit
