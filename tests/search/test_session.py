"""A session with tools: what each request brings, what it costs, and that it ends."""

import asyncio

import pytest

from harness.llm import Reply
from harness.models import EventType, Tier, Usage
from harness.search import PromptLibrary, load_strategy
from harness.search.context import ContextBuilder
from harness.search.terminators import Stop
from harness.suite import workload
from tests.fakes import Crash, FakeJudge, MemoryArtifacts, MemoryLog, make_problem, reply_text
from tests.search.support import AGENTS, Search, engine, picture, preset


def module(speed: str) -> str:
    return reply_text(f"# {speed}\nclass ModelNew: ...")


EVALUATE = '{"tool": "evaluate"}\n'


class Scripted:
    """Says its lines one after another, whatever it is asked; the prompt is what a test looks at."""

    def __init__(self, lines: list[str]) -> None:
        self.lines = lines
        self.requests = []

    async def complete(self, request) -> Reply:
        self.requests.append(request)
        return Reply(self.lines[len(self.requests) - 1], Usage(input_uncached=10, output=5), cost_usd=0.01)


def run(lines: list[str], nodes: int = 1, log: MemoryLog | None = None, artifacts=None, real: bool = False, **stop):
    strategy = load_strategy("keep_revert", AGENTS).model_copy(update={"stop": Stop(max_nodes=nodes, **stop)})
    model, judge, log = Scripted(lines), FakeJudge(), log or MemoryLog()
    artifacts = artifacts or MemoryArtifacts()
    made = engine(strategy, log, artifacts, model, judge)
    if real:
        graded, library = workload(make_problem(), Tier.CPU), PromptLibrary(AGENTS / "prompts")
        made._asker.context = ContextBuilder(graded, "cpp", strategy, library, {}, artifacts)
    state = asyncio.run(made.run())
    return state, model, judge, log


def test_it_reads_evaluates_looks_back_and_submits():
    lines = ['{"tool": "read", "document": "occupancy"}', EVALUATE + module("correct 1.2"), '{"tool": "feedback"}']
    state, model, judge, log = run([*lines, '{"tool": "submit"}\n' + module("correct 1.5")])
    (attempt,) = state.attempts
    assert attempt.calls == 4
    assert attempt.verdict.speedup.median == 1.5
    assert len(judge.judged) == state.spent["evals"] == 2
    answers = [request.messages[-1].text for request in model.requests]
    assert answers[1].startswith("DOCUMENT occupancy")
    assert answers[2].startswith("TOLD correct # correct 1.2")
    assert answers[3].startswith("TOLD correct # correct 1.2")
    assert "3 more replies" in answers[3]  # of six
    kinds = [event.type for event in log.all]
    assert kinds.count(EventType.REPLY_RECEIVED) == 4
    assert kinds.count(EventType.DRAFT_JUDGED) == 1


def test_what_was_evaluated_and_is_handed_in_is_judged_and_paid_once():
    for last in ('{"tool": "submit"}', '{"tool": "submit"}\n' + module("correct 1.4")):
        lines = [EVALUATE + module("correct 1.4"), EVALUATE + module("correct 1.1"), last]
        state, _, judge, _ = run(lines)
        assert state.attempts[0].verdict.speedup.median == 1.4  # the best one, not the newest
        assert len(judge.judged) == state.spent["evals"] == 2


def test_evaluations_and_turns_are_bounded():
    lines = [EVALUATE + module(f"correct 1.{n}") for n in range(6)]
    state, model, judge, _ = run(lines)
    assert len(model.requests) == 6
    assert len(judge.judged) == 2
    assert "No evaluation is left" in model.requests[-1].messages[-1].text
    assert state.attempts[0].verdict.speedup.median == 1.1  # the best of the two


def test_a_session_without_a_module_is_an_ordinary_failure():
    lines = ["hm", '{"tool": "dance"}', '{"tool": "submit"}', '{"tool": "evaluate"}', "[]", '{"tool": 3}']
    state, model, judge, _ = run(lines)
    assert state.attempts[0].verdict.status == "no_code"
    assert not judge.judged
    told = [request.messages[-1].text.splitlines()[0] for request in model.requests[1:]]
    assert told[0] == "That asks for nothing."
    assert told[1] == "There is no tool 'dance'; there are evaluate, feedback, read, submit."
    assert told[2] == "There is no module in that reply, and none was evaluated."
    assert told[3] == "There is no complete fenced block with a module in that reply."


def test_a_plain_module_hands_itself_in():
    state, model, _, _ = run([module("correct 1.3")])
    assert len(model.requests) == 1
    assert state.best.verdict.speedup.median == 1.3


def test_with_the_real_prompts_the_parent_is_recounted_and_documents_are_read():
    lines = [module("correct 0.8"), '{"tool": "feedback"}', '{"tool": "read", "document": "none"}']
    state, model, _, _ = run([*lines, EVALUATE + module("build_error"), module("correct 1.2")], nodes=2, real=True)
    assert [attempt.calls for attempt in state.attempts] == [1, 4]
    answers = [request.messages[-1].text for request in model.requests]
    assert "slower" in answers[2]
    assert answers[3].startswith("There is no document 'none'; there are ")
    assert "error: expected ';'" in answers[4]
    assert '"tool": "evaluate"' in model.requests[0].system


@pytest.mark.parametrize("account", ["max_llm_calls", "max_evals"])
def test_a_session_is_begun_only_if_all_of_it_fits(account: str):
    lines = [EVALUATE + module(f"correct 1.{n:02d}") for n in range(18)]
    state, _, _, _ = run(lines, nodes=9, **{account: {"max_llm_calls": 13, "max_evals": 5}[account]})
    assert state.finished.startswith("budget of the task")
    assert state.spent["llm_calls"] == 12  # two sessions of six
    assert state.spent["evals"] <= 5


def test_killed_at_any_event_it_hears_the_same_again_and_pays_for_nothing_twice():
    strategy = preset("keep_revert", nodes=6)
    whole = Search(strategy)
    expected = picture(whole.run())
    drafts = sum(event.type is EventType.DRAFT_JUDGED for event in whole.log.all)
    assert drafts >= 3
    for die_before in range(len(whole.log.all)):
        artifacts, log = MemoryArtifacts(), MemoryLog(die_before=die_before)
        first = Search(strategy, log=log, artifacts=artifacts)
        with pytest.raises(Crash):
            first.run()
        second = Search(strategy, log=MemoryLog(log.all), artifacts=artifacts)
        assert picture(second.run()) == expected
        logged = sum(event.type is EventType.REPLY_RECEIVED for event in log.all)
        assert len(second.model.requests) == len(whole.model.requests) - logged
