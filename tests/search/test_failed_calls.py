"""Calls that bring no reply and are billed all the same: over real sockets, into the log, against the budgets."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harness.llm import CallFailed, FailedTry, Provider, make_provider
from harness.llm.retry import RetryPolicy
from harness.models import Event, EventType, Usage
from harness.search import SearchState, load_strategy, run_budget
from harness.search.ledger import NANO, Ledger
from harness.search.strategy import RequestLimits
from tests.fakes import MemoryArtifacts, MemoryLog, make_problem, reply_text
from tests.llm.servers import Answer, anthropic_reply, chat_reply, openai_reply, serve
from tests.llm.support import clear, options
from tests.search.support import AGENTS, COST, Context, Judge, Model, Search, engine, picture, preset

PRICES = """version = 1
[{vendor}.m]
input = 10.0
output = 100.0
dated = "2026-01-01"
"""
OUTPUT = 1_000
"""Longest reply, so that a call may cost 0.1 USD for its output."""
CODE = reply_text("# correct 1.5\nclass ModelNew: ...")
REPLIES = {"openai": openai_reply, "anthropic": anthropic_reply, "compatible": chat_reply}
USAGE = {
    "openai": {"input_tokens": 400, "output_tokens": 50},
    "anthropic": {"input_tokens": 400, "output_tokens": 50},
    "compatible": {"prompt_tokens": 400, "completion_tokens": 50},
}
BILLED = (400 * 10 + 50 * 100) / 1e6
"""What a vendor bills that says so in its error: US dollars."""
ANSWERED = {"openai": 100 * 10 + 20 * 100, "anthropic": 100 * 10 + 20 * 100, "compatible": 100 * 10 + 20 * 100}
"""Millionths of a US dollar for a reply of `tests.llm.servers`: 100 tokens of prompt, 20 of output."""


@pytest.fixture(params=["openai", "anthropic", "compatible"])
def vendor(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    clear(monkeypatch)
    monkeypatch.setenv("OPENAI_API_KEY", "key")
    monkeypatch.setenv("ANTHROPIC_API_KEY", "key")
    return str(request.param)


class Made:
    """A search whose model is a vendor's adapter, over a real connection."""

    def __init__(self, tmp_path: Path, vendor: str, address: str, **changes: Any) -> None:
        (tmp_path / "prices.toml").write_text(PRICES.format(vendor=vendor))
        base_url = address + ("" if vendor == "anthropic" else "/v1")
        retry = RetryPolicy(base_s=0.001, tries=changes.pop("tries", 3))
        known = options(tmp_path, base_url=base_url, prices=tmp_path / "prices.toml", retry=retry)
        self.provider: Provider = make_provider(f"{vendor}/m", tmp_path, known)
        self.log = changes.pop("log", None) or MemoryLog()
        self.budget = changes.pop("budget", None)
        limits = RequestLimits(max_output_tokens=OUTPUT, timeout_s=changes.pop("timeout_s", 30.0))
        self.strategy = load_strategy("one_shot", AGENTS).model_copy(update={"request": limits, **changes})

    @property
    def bound(self) -> float:
        """The most that a try can cost: the bytes of its prompt, and a reply of full length."""
        return (self.prompt_bytes * 10 + OUTPUT * 100) / 1e6

    @property
    def prompt_bytes(self) -> int:
        request = Context(MemoryArtifacts()).build(SearchState("level1/23#0"), _first(), self.strategy.recipe(_step()))
        return len(request.system.encode()) + len(request.messages[0].text.encode())

    def run(self) -> SearchState:
        async def whole() -> SearchState:
            artifacts = MemoryArtifacts()
            made = engine(
                self.strategy,
                self.log,
                artifacts,
                self.provider,
                Judge(),
                budget=self.budget,
                bound=lambda prompt, output: (prompt * 10 + output * 100) / 1e6,
            )
            try:
                return await made.run()
            finally:
                await self.provider.aclose()

        return asyncio.run(whole())

    @property
    def failures(self) -> list[Event]:
        return [event for event in self.log.all if event.type is EventType.CALL_FAILED]


def _first() -> Any:
    from harness.search.nodes import Node

    return Node(id="level1/23#0.0", turn=0, parent=None)


def _step() -> Any:
    from harness.search.operators import Step

    return Step()


def spent_usd(state: SearchState) -> float:
    return state.spent.get("usd_nano", 0) / NANO


def test_a_cut_connection_costs_its_reserve_and_is_tried_again(tmp_path: Path, vendor: str):
    reply = REPLIES[vendor](CODE)
    with serve([Answer(body=reply, cut=True), Answer(body=reply)]) as (server, address):
        made = Made(tmp_path, vendor, address)
        state = made.run()
    assert len(server.seen) == 2
    (failed,) = made.failures
    assert failed.estimated is True
    assert failed.cost_usd == pytest.approx(made.bound)
    assert failed.usage == Usage(input_uncached=made.prompt_bytes, output=OUTPUT, estimated=True)
    assert state.spent["llm_calls"] == 2
    assert spent_usd(state) == pytest.approx(made.bound + ANSWERED[vendor] / 1e6)
    assert state.best is not None
    assert state.best.cost_usd == pytest.approx(ANSWERED[vendor] / 1e6)  # the try that failed is not in it twice


def test_an_error_that_says_what_it_bills_costs_that(tmp_path: Path, vendor: str):
    error = {"error": {"message": "it broke", "type": "api_error"}, "usage": USAGE[vendor]}
    with serve([Answer(500, error), Answer(body=REPLIES[vendor](CODE))]) as (_, address):
        made = Made(tmp_path, vendor, address)
        state = made.run()
    (failed,) = made.failures
    assert failed.estimated is None
    assert failed.cost_usd == pytest.approx(BILLED)
    assert failed.usage == Usage(input_uncached=400, output=50)
    assert "HTTP 500" in (failed.reason or "")
    assert spent_usd(state) == pytest.approx(BILLED + ANSWERED[vendor] / 1e6)


def test_what_a_server_refuses_costs_nothing(tmp_path: Path, vendor: str):
    error = {"error": {"message": "busy", "type": "api_error"}}
    script = [Answer(500, error), Answer(429, error, headers={"Retry-After": "0.001"})]
    with serve([*script, Answer(body=REPLIES[vendor](CODE))]) as (server, address):
        made = Made(tmp_path, vendor, address)
        state = made.run()
    assert len(server.seen) == 3
    assert made.failures == []
    assert state.spent["llm_calls"] == 1


def test_a_call_that_is_late_costs_its_reserve_each_time_and_ends_the_run(tmp_path: Path, vendor: str):
    """0.3 s: far more than a loopback connection takes, and nothing ever comes."""
    with serve([Answer(hang=True)]) as (server, address):
        made = Made(tmp_path, vendor, address, timeout_s=0.3, tries=2)
        with pytest.raises(CallFailed, match="2 tries"):
            made.run()
        assert len(server.seen) == 2
    assert [event.estimated for event in made.failures] == [True, True]
    state = SearchState.replay("level1/23#0", made.log.all, made.strategy.rules())
    assert spent_usd(state) == pytest.approx(2 * made.bound)
    # Whoever goes on with the run knows of it, and has as much less to spend.
    assert run_budget(1.0, made.log.all).spent["usd_nano"] == state.spent["usd_nano"]


def test_a_gateway_that_waits_no_longer_has_asked_the_model(tmp_path: Path, vendor: str):
    with serve([Answer(504, {"error": "timeout"}), Answer(body=REPLIES[vendor](CODE))]) as (_, address):
        made = Made(tmp_path, vendor, address)
        made.run()
    assert [event.estimated for event in made.failures] == [True]


def test_no_try_is_made_that_may_lead_past_the_budget(tmp_path: Path, vendor: str):
    with serve([Answer(body=REPLIES[vendor](CODE), cut=True)]) as (server, address):
        made = Made(tmp_path, vendor, address, tries=10)
        made.budget = Ledger("run", {"usd_nano": round(2.5 * made.bound * NANO)})
        state = made.run()
    assert len(server.seen) == 2  # a third one would not fit
    assert state.finished is not None
    assert state.finished.startswith("budget of the run")
    assert made.budget.spent["usd_nano"] <= made.budget.limits["usd_nano"]
    assert not any(made.budget.held.values())


def test_a_resumed_run_has_less_to_spend(tmp_path: Path, vendor: str):
    with serve([Answer(hang=True)]) as (_, address):
        made = Made(tmp_path, vendor, address, timeout_s=0.3, tries=1)
        with pytest.raises(CallFailed):
            made.run()
    limit = 1.5 * made.bound  # one call, and half of another
    with serve([Answer(body=REPLIES[vendor](CODE))]) as (server, address):
        again = Made(tmp_path, vendor, address, log=made.log, budget=run_budget(limit, made.log.all))
        state = again.run()
    assert server.seen == []
    assert state.finished is not None
    assert state.finished.startswith("budget of the run")


class Leaky(Model):
    """Loses every third call in the middle, as the retry layer reports it; some are asked again, some are given up."""

    def __init__(self, salt: int = 0, give_up: bool = False, **options: Any) -> None:
        super().__init__(salt, **options)
        self.sent = 0
        self.give_up = give_up

    async def complete(self, request: Any) -> Any:
        while True:
            self.sent += 1
            if self.sent % 3:
                return await super().complete(request)
            allowed = request.failed(FailedTry("cut", unmetered=True, last=self.give_up))
            if self.give_up or not allowed:
                raise CallFailed("cut")


ACCOUNTS = {"max_llm_calls": 11, "max_tokens": 4000, "max_output_tokens": 700, "max_cost_usd": 0.085}


@pytest.mark.parametrize("account", ACCOUNTS)
@pytest.mark.parametrize("name", ["refine", "beam", "islands", "propose_filter", "kevin"])
def test_no_account_is_exceeded_by_what_fails(name: str, account: str):
    strategy = preset(name, nodes=30)
    strategy = strategy.model_copy(
        update={
            "stop": strategy.stop.model_copy(update={account: ACCOUNTS[account]}),
            "request": strategy.request.model_copy(update={"max_output_tokens": 60}),
        }
    )
    search = Search(strategy, Leaky())
    state = search.run()
    assert state.finished
    amounts = strategy.stop.amounts()
    assert all(state.spent.get(name, 0) <= limit for name, limit in amounts.items())
    assert not any(search.engine._planner.budget.held.values())
    failed = sum(event.type is EventType.CALL_FAILED for event in search.log.all)
    assert state.spent["llm_calls"] == failed + len(search.model.requests) == search.model.sent
    assert failed or search.model.sent < 3


def test_what_failed_is_known_after_a_crash_at_any_event():
    """A run that breaks off at each lost call, and is gone on with each time, has paid for all of them."""
    strategy = preset("coder_judge", nodes=6)
    log, artifacts = MemoryLog(), MemoryArtifacts()
    model = Leaky(give_up=True)
    for _ in range(50):
        try:
            state = asyncio.run(engine(strategy, log, artifacts, model, Judge()).run())
        except CallFailed:
            continue
        break
    failed = [event for event in log.all if event.type is EventType.CALL_FAILED]
    assert len(failed) >= 3
    assert all(event.cost_usd == COST and event.estimated for event in failed)
    assert state.spent["usd_nano"] == round(COST * NANO) * model.sent
    plain = Search(strategy, Model()).run()
    ours, theirs = picture(state), picture(plain)
    for each in (ours, theirs):
        each.pop("spent")
        each.pop("lanes")
    assert ours == theirs  # nothing but the bill differs
    whole = SearchState.replay("level1/23#0", log.all, strategy.rules())
    assert whole.spent == state.spent


def test_the_cache_of_replies_does_not_mind_who_listens(tmp_path: Path):
    from harness.llm.cache import CachedProvider
    from tests.llm.support import REQUEST

    class Counting(Model):
        async def complete(self, request: Any) -> Any:
            assert request.failed is None or request.failed(FailedTry("nothing"))
            return await super().complete(request)

    inner = Counting()
    assert make_problem().id == REQUEST.problem_id

    async def twice() -> None:
        for failed in (None, lambda tried: True):
            cached = CachedProvider(inner, "m", tmp_path)
            await cached.complete(replace(REQUEST, failed=failed))

    asyncio.run(twice())
    assert len(inner.requests) == 1
