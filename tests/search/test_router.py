"""Several models in one search: who is asked, who pays, and that a crash changes no choice."""

import asyncio
import math
from collections import Counter
from contextlib import suppress
from pathlib import Path

import pytest

from harness.errors import AgentError
from harness.models import EventType
from harness.search import Answers, SearchState, load_strategy
from harness.search.policies import Best
from harness.search.router import ModelStats, Record, Router, reward
from harness.search.terminators import Stop
from tests.fakes import Crash, MemoryArtifacts, MemoryLog
from tests.search.support import AGENTS, COST, Judge, Model, Search, digit, engine, picture, preset

GOOD, BAD = "scripted/good", "scripted/bad"


class Bad(Model):
    """Hands in nothing that works."""

    def _line(self, key, parent):
        return f"# build_error {digit(key, below=10**6)}"


def strategy(nodes: int = 40, name: str = "refine", **router):
    made = preset(name, nodes=nodes)
    return made.model_copy(
        update={"router": Router(models=(BAD, GOOD), **router), "stop": Stop(max_nodes=nodes)},
    )


class Routed(Search):
    """A search whose models are a good one, a bad one, and the run's own, which nobody is to ask."""

    def __init__(self, wanted, log: MemoryLog | None = None, artifacts=None) -> None:
        self.log = log or MemoryLog()
        self.artifacts = artifacts or MemoryArtifacts()
        self.good, self.bad, self.own = Model(salt=1), Bad(salt=2), Model()
        self.engine = engine(wanted, self.log, self.artifacts, self.own, Judge())
        self.engine.routed.update(  # type: ignore[attr-defined]
            {GOOD: Answers(self.good, lambda p, o: COST), BAD: Answers(self.bad, lambda p, o: 2 * COST)}
        )


def test_the_model_that_brings_nothing_is_asked_less_and_less_and_never_given_up():
    # Rewards are shares of time saved, so that c = 0.2 is an exploration of the same size.
    search = Routed(strategy(nodes=60, c=0.2).model_copy(update={"select": Best()}))
    state = search.run()
    asked = Counter(node.model for node in state.judged)
    assert set(asked) == {GOOD, BAD}
    assert asked[GOOD] > 2 * asked[BAD]
    assert asked[BAD] > 3
    assert not search.own.requests
    assert all(attempt.model == state.nodes[attempt.node].model for attempt in state.attempts)
    assert len(search.good.requests) == asked[GOOD]


def test_each_choice_is_that_of_ucb1():
    wanted = strategy(nodes=30, c=0.7)
    search = Routed(wanted)
    search.run()
    state = SearchState("level1/23#0", wanted.rules())
    for event in search.log.all:
        if event.type is EventType.NODE_RESERVED:
            nodes = [node for node in state.nodes.values() if node.attempt]
            plays = Counter(node.model for node in nodes)
            if min(plays[name] for name in (BAD, GOOD)) == 0:
                expected = BAD if plays[BAD] == 0 else GOOD
            else:
                scores = {}
                for name in (BAD, GOOD):
                    rewards = [reward(n, state.nodes.get(n.parent or "")) for n in nodes if n.model == name]
                    scores[name] = sum(rewards) / len(rewards)
                    scores[name] += 0.7 * math.sqrt(2 * math.log(len(nodes)) / len(rewards))
                expected = max(scores, key=lambda name: scores[name])
            assert event.model == expected
        state.apply(event)


@pytest.mark.parametrize("name", ["refine", "shinka", "propose_filter"])
def test_a_crash_changes_no_choice(name: str):
    wanted = strategy(nodes=8, name=name)
    expected = picture(Routed(wanted).run())
    for die_before in range(0, len(Routed(wanted).run().nodes) * 3, 2):
        log, artifacts = MemoryLog(die_before=die_before), MemoryArtifacts()
        with suppress(Crash):
            Routed(wanted, log, artifacts).run()
        assert picture(Routed(wanted, MemoryLog(log.all), artifacts).run()) == expected


def test_each_model_is_charged_its_own_price():
    wanted = strategy(nodes=40)
    wanted = wanted.model_copy(update={"stop": wanted.stop.model_copy(update={"max_cost_usd": 0.1})})
    search = Routed(wanted)
    state = search.run()
    assert state.finished is not None
    assert state.finished.startswith("budget of the task")
    # The scripted models charge 0.01 for a call; that the bad one could cost 0.02 is what keeps it from the last place.
    assert len(search.good.requests) + len(search.bad.requests) in (9, 10)


def test_statistics_of_plays_under_way_further_candidates_and_errors_of_the_harness():
    stats = ModelStats({GOOD: Record(plays=3, judged=2, total=1.0), BAD: Record(plays=1, judged=1, total=0.0)})
    router = Router(models=(BAD, GOOD), c=0)
    assert router.pick(stats, {}) == GOOD
    assert Router(models=(BAD, "scripted/new", GOOD)).pick(stats, {}) == "scripted/new"
    assert Router(models=(GOOD, BAD), c=5).pick(stats, {BAD: 50}) == GOOD
    assert Router().pick(stats, {}) is None


def test_a_model_without_a_provider_is_named(tmp_path: Path):
    text = (AGENTS / "refine.toml").read_text() + '\n[router]\nmodels = ["openai/gpt-5", "gpt-5"]\n'
    (tmp_path / "mine.toml").write_text(text)
    with pytest.raises(AgentError, match=r"line \d+: router.models: model 'gpt-5' is not provider/model"):
        load_strategy(str(tmp_path / "mine.toml"), AGENTS)


def test_without_a_router_nothing_is_said_of_models():
    search = Search(preset("shinka", nodes=6))
    asyncio.run(search.engine.run())
    assert all(event.model is None for event in search.log.all)
