"""Every shipped strategy, with a scripted model and a fake judge: it ends, keeps its budgets, and survives any crash."""

import asyncio
from contextlib import suppress
from itertools import accumulate, pairwise

import pytest

from harness.llm import NoMoreReplies, Request
from harness.models import EventType, Status, Tier
from harness.search import PromptLibrary, SearchState, list_strategies, load_strategy
from harness.search.context import ContextBuilder
from harness.search.ledger import NANO, Ledger
from harness.suite import workload
from tests.fakes import Crash, MemoryArtifacts, MemoryLog, make_problem
from tests.search.support import AGENTS, Judge, Model, Search, engine, picture, preset

PRESETS = list_strategies(AGENTS)
WANTED = {
    *("one_shot", "best_of_n", "refine", "kevin", "coder_judge", "parallel_workers", "beam", "ideas", "reflect_opt"),
    *("accelopt", "propose_filter", "islands", "shinka", "mcts", "bandit", "epsilon_tree", "pareto", "keep_revert"),
}


def test_every_published_strategy_is_there():
    assert set(PRESETS) >= WANTED


@pytest.mark.parametrize("name", PRESETS)
def test_it_ends_as_it_is_shipped(name: str):
    search = Search(load_strategy(name, AGENTS), Model(kinds=30))
    state = search.run()
    stop = search.strategy.stop
    assert state.finished
    assert 1 <= len(state.judged) <= stop.max_nodes
    assert state.spent["llm_calls"] == len(search.model.requests) <= search.strategy.max_calls
    assert not any(search.engine._planner.budget.held.values())


@pytest.mark.parametrize("name", PRESETS)
def test_best_so_far_never_falls_and_archives_hold_what_passes(name: str):
    strategy = preset(name, nodes=30)
    log = Search(strategy, Model(salt=1))
    log.run()
    state = SearchState("level1/23#0", strategy.rules())
    best = [0.0]
    for event in log.log.all:
        state.apply(event)
        best.append(state.best_fitness)
        passing = [node for node in state.judged if node.passed]
        if strategy.archive.kind != "all" and passing:
            assert all(node.passed for node in state.members())
        assert not any(node.duplicate or node.infra for node in state.members())
    assert all(before <= after for before, after in pairwise(best))
    assert all(before <= after for before, after in pairwise(state.round_best))
    assert state.best_fitness == max((node.fitness for node in state.judged), default=0)


@pytest.mark.parametrize("name", PRESETS)
def test_the_same_candidate_is_judged_once(name: str):
    search = Search(preset(name, nodes=25), Model(kinds=3))
    state = search.run()
    assert len(search.judge.judged) == len(set(search.judge.judged))
    seen: dict[str, str] = {}
    for node in state.judged:
        attempt = node.attempt
        assert attempt is not None
        if attempt.candidate_sha256 in seen:
            assert attempt.duplicate_of == seen[attempt.candidate_sha256]
            assert attempt.similarity == 1
        elif attempt.candidate_sha256 and attempt.duplicate_of is None:
            seen[attempt.candidate_sha256] = node.id
    drafts = {digest for digest in state.verdicts if digest not in seen}  # judged in a session, and not handed in
    assert state.spent.get("evals", 0) == len(search.judge.judged) == len(seen) + len(drafts)


@pytest.mark.parametrize("name", PRESETS)
def test_cut_at_any_event_and_gone_on_with_it_is_the_same_search(name: str):
    strategy = preset(name, nodes=9)
    whole = Search(strategy, Model(salt=2))
    expected = picture(whole.run())
    for cut in range(len(whole.log.all)):
        resumed = Search(strategy, Model(salt=2), MemoryLog(whole.log.all[:cut]), artifacts=whole.artifacts)
        assert picture(resumed.run()) == expected, f"cut at {cut}: {whole.log.all[cut].type}"
        kept = sum(event.type is EventType.REPLY_RECEIVED for event in whole.log.all[:cut])
        assert len(resumed.model.requests) == len(whole.model.requests) - kept  # nothing is bought twice
        assert SearchState.replay("level1/23#0", resumed.log.all, strategy.rules()).finished == expected["finished"]


@pytest.mark.parametrize("name", ["refine", "mcts", "islands", "propose_filter"])
def test_killed_in_the_middle_of_a_step_it_is_the_same_search(name: str):
    """The log dies under the engine while other nodes are under way: what they were about to write is lost as well."""
    strategy = preset(name, nodes=9)
    expected = picture(Search(strategy).run())
    events = len(Search(strategy).run().nodes) * 3
    for die_before in range(0, events, 2):
        artifacts, log = MemoryArtifacts(), MemoryLog(die_before=die_before)
        with suppress(Crash):
            asyncio.run(engine(strategy, log, artifacts, Model(), Judge()).run())
        resumed = Search(strategy, Model(), MemoryLog(log.all), artifacts=artifacts)
        assert picture(resumed.run()) == expected


@pytest.mark.parametrize("name", PRESETS)
def test_width_changes_no_result_and_no_budget(name: str):
    strategy = preset(name, nodes=20)
    pictures = []
    for width in (1, 2, 7):
        loop = strategy.loop.model_copy(update={"width": width})
        search = Search(strategy.model_copy(update={"loop": loop}), Model(salt=3))
        pictures.append(picture(search.run()))
        assert len(search.model.requests) == pictures[0]["spent"]["llm_calls"]
    assert pictures[0] == pictures[1] == pictures[2]


ACCOUNTS = {
    "max_llm_calls": ("llm_calls", 7, 1),
    "max_evals": ("evals", 4, 1),
    "max_tokens": ("tokens", 700, 1),
    "max_output_tokens": ("output_tokens", 430, 1),
    "max_cost_usd": ("usd_nano", 0.065, NANO),
}


@pytest.mark.parametrize("account", ACCOUNTS)
@pytest.mark.parametrize("sync", ["round", "none", "batch"])
@pytest.mark.parametrize("name", PRESETS)
def test_no_account_is_exceeded(name: str, sync: str, account: str):
    strategy = load_strategy(name, AGENTS)
    spent, limit, unit = ACCOUNTS[account]
    strategy = strategy.model_copy(
        update={
            "stop": strategy.stop.model_copy(update={account: limit}),
            "loop": strategy.loop.model_copy(update={"sync": sync}),
            "request": strategy.request.model_copy(update={"max_output_tokens": 60}),
        }
    )
    search = Search(strategy, Model(salt=4))
    state = search.run()
    assert state.finished
    assert state.spent.get(spent, 0) <= limit * unit
    assert search.engine._planner.budget.spent.get(spent, 0) == state.spent.get(spent, 0)
    assert not any(search.engine._planner.budget.held.values())


@pytest.mark.parametrize("name", ["kevin", "islands", "reflect_opt"])
def test_a_lane_keeps_its_own_budget(name: str):
    strategy = preset(name, nodes=30)
    lane = strategy.lane.model_copy(update={"max_llm_calls": 3})
    state = Search(strategy.model_copy(update={"lane": lane})).run()
    assert all(lane.spent.get("llm_calls", 0) <= 3 for lane in state.lanes.values())
    assert state.finished


def test_searches_share_the_budget_of_their_run():
    run = Ledger("run", {"usd_nano": round(0.12 * NANO)})
    searches = [Search(preset("kevin", nodes=30), Model(salt=n), budget=run) for n in range(4)]

    async def all_of_them() -> list[SearchState]:
        return list(await asyncio.gather(*(search.engine.run() for search in searches)))

    states = asyncio.run(all_of_them())
    assert all(state.finished == "budget of the run: 0.12 of 0.12 USD" for state in states)
    # As long as a call may still be afforded it is made: 0.12 / 0.01.
    assert sum(state.spent["usd_nano"] for state in states) == run.spent["usd_nano"] == round(0.12 * NANO)
    assert not any(run.held.values())


class Silent(Model):
    """Has so many replies and no more."""

    def __init__(self, replies: int) -> None:
        super().__init__()
        self.left = replies

    async def complete(self, request: Request):
        if request.attempt > self.left:
            raise NoMoreReplies("the script is over")
        return await super().complete(request)


@pytest.mark.parametrize("name", PRESETS)
def test_replies_that_run_out_end_it(name: str):
    strategy = preset(name, nodes=12)
    state = Search(strategy, Silent(3)).run()
    assert state.finished
    assert {node.turn for node in state.judged} <= {0, 1, 2}


class Broken(Judge):
    """Cannot judge every third candidate at its first sight."""

    def evaluate(self, problem, candidate, progress=None):
        verdict = super().evaluate(problem, candidate, progress)
        if self.judged.count(candidate.source) == 1 and int(candidate.sha256[:4], 16) % 3 == 0:
            return verdict.model_copy(
                update={"status": Status.INFRA_ERROR, "speedup": None, "measurement": None, "error": None}
            )
        return verdict


@pytest.mark.parametrize("name", PRESETS)
def test_what_could_not_be_judged_is_not_the_models(name: str):
    strategy = preset(name, nodes=14)
    search = Search(strategy, Model(salt=5))
    search.engine.evaluate = search.engine._judging.evaluate = Broken()
    state = search.run()
    unjudged = [node for node in state.nodes.values() if node.infra]
    assert len(state.judged) <= strategy.stop.max_nodes
    parents = {node.parent for node in state.nodes.values()} | set(sum((n.inspirations for n in state.judged), ()))
    assert not parents & {node.id for node in unjudged}
    judged = {node.attempt.candidate_sha256 for node in state.judged if not node.duplicate} - {None}
    drafts = set(state.verdicts) - judged  # judged in a session, and not handed in
    assert state.spent.get("evals", 0) == len(judged) + len(drafts)


def test_a_machine_that_judges_nothing_ends_the_search():
    search = Search(preset("refine", nodes=50))

    def broken(problem, candidate):
        return (
            Broken()
            .evaluate(problem, candidate)
            .model_copy(update={"status": Status.INFRA_ERROR, "speedup": None, "measurement": None})
        )

    search.engine._judging.evaluate = broken
    assert "could not be judged (infra_error" in search.run().finished


def test_seeds_make_different_searches_and_the_same_one_the_same():
    strategy = preset("shinka", nodes=20)
    first, again, other = (picture(Search(strategy, seed=seed).run()) for seed in (1, 1, 2))
    assert first == again
    assert first["attempts"] != other["attempts"]


def test_the_curve_of_cost_is_that_of_the_attempts():
    state = Search(preset("beam", nodes=12)).run()
    assert sum(attempt.calls for attempt in state.attempts) == state.spent["llm_calls"]
    costs = list(accumulate(attempt.cost_usd for attempt in state.attempts))
    assert round(costs[-1] * NANO) == state.spent["usd_nano"]


@pytest.mark.parametrize("name", PRESETS)
def test_its_prompts_can_be_made(name: str):
    """With the templates that are shipped: each step gets a prompt, and the parent's candidate is in a coder's one."""
    strategy = preset(name, nodes=6)
    library = PromptLibrary(AGENTS / "prompts")
    for key, section in strategy.sections():
        library.check((section,), "cpp")
        assert key
    search = Search(strategy, Model(salt=6))
    graded = workload(make_problem(), Tier.CPU)
    search.engine._asker.context = ContextBuilder(graded, "cpp", strategy, library, {}, search.artifacts)
    state = search.run()
    assert state.finished
    for request in search.model.requests:
        assert graded.source.strip() in request.messages[0].text
        node = state.nodes[f"level1/23#0.{request.attempt - 1}"]
        parent = state.nodes[node.parent].attempt if node.parent else None
        if parent and parent.candidate_sha256 and request.role == "coder":
            assert search.artifacts.get(parent.candidate_sha256).decode().strip() in request.messages[0].text
        if node.directive:
            assert strategy.directives[node.directive] in request.messages[0].text
