"""What a run had reached when so much was spent: curves of the best so far, on an account that is named."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from harness.errors import UsageError, suggestion
from harness.models import Attempt, Event, EventType, Status, Usage, Verdict
from harness.score import Outcome, better
from harness.search.ledger import NANO, PAID, call_amounts, evaluation_amounts, verdict_amounts
from harness.search.strategy import WARM_START


@dataclass(frozen=True)
class Account:
    """What is counted as spent. Its name is that of the limit in a strategy's `[stop]`, without `max_`."""

    name: str
    """`llm_calls`, `evals` ..."""
    ledger: str
    """The same account in the ledger."""
    heading: str
    """What it counts, for people, as in `5 calls per task`."""
    judged: bool = False
    """Whether judging is what is paid for: its amounts are known with the verdict, those of calls with the reply."""
    unit: float = 1
    """How many of the ledger's units are one of these."""

    def text(self, amount: float) -> str:
        """Return an amount for people."""
        if self.name == "cost_usd":
            return f"${amount:.4f}"
        return f"{amount:,.1f}" if self.name == "device_s" else f"{amount:,.0f}"

    def per_task(self, amount: float) -> str:
        """Return `5 calls per task` or the like."""
        if self.name == "cost_usd":
            return f"{self.text(amount)} per task"
        return f"{self.text(amount)} {self.heading} per task"


DEFAULT = "llm_calls"
ACCOUNTS = {
    account.name: account
    for account in (
        Account("llm_calls", "llm_calls", "calls"),
        Account("evals", "evals", "evaluations", judged=True),
        Account("tokens", "tokens", "tokens"),
        Account("output_tokens", "output_tokens", "output tokens"),
        Account("cost_usd", "usd_nano", "cost", unit=NANO),
        Account("device_s", "device_ns", "seconds in the judge", judged=True, unit=NANO),
    )
}


def account_named(name: str) -> Account:
    """Return an account.

    Raises:
        UsageError: there is none of that name; names the closest one.
    """
    if name not in ACCOUNTS:
        known = ", ".join(ACCOUNTS)
        raise UsageError(f"unknown account '{name}'{suggestion(name, ACCOUNTS)} (known: {known})")
    return ACCOUNTS[name]


@dataclass(frozen=True)
class Step:
    """A task after something was spent on it."""

    spent: float
    """On the account, in all."""
    calls: int
    """Calls to the model, in all."""
    cost_usd: float | None
    """Price of these calls; null where one of them has no known price."""
    best: Verdict | None
    """The verdict that counts by then; null before the first."""


@dataclass(frozen=True)
class Point:
    """What a run had reached when each of its tasks had been allowed so much."""

    budget: float
    """On the account, per task."""
    calls: int
    """Calls that all tasks together had made by then."""
    cost_usd: float | None
    """Price of these calls; null where it is not known."""
    correct: float
    """Share of tasks with a correct kernel."""
    fast_1: float
    """Share of tasks with a correct kernel that is faster than the baseline."""
    best_so_far: float
    """Mean over the tasks of the best speedup so far, 0 where there is no correct kernel; it never falls."""


def track(events: Sequence[Event], account: Account) -> list[Step]:
    """Return the steps of one task.

    A verdict belongs to the last call that its kernel needed, however long it took to come: where several kernels are
    under way at once, none of them waits for the calls of the others.
    """
    return list(_by_verdict(events, account) if account.judged else _by_call(events, account))


def reached(steps: Sequence[Step], budget: float) -> Step:
    """Return where a task was when `budget` was spent; one that ended before has what it had at its end."""
    found = Step(0.0, 0, 0.0, None)
    for step in steps:
        if step.spent > budget + 1e-12:
            break
        found = step
    return found


def curve(tracks: Sequence[Sequence[Step]], *, confident: bool = False) -> Iterator[Point]:
    """Yield a point for every amount that some task had spent, as far as any task went.

    `confident` counts for `fast_1` only what is faster with the whole interval.
    """
    for budget in sorted({step.spent for steps in tracks for step in steps}):
        now = [reached(steps, budget) for steps in tracks]
        costs = [step.cost_usd for step in now]
        speeds = [speed_of(step.best) for step in now]
        yield Point(
            budget=budget,
            calls=sum(step.calls for step in now),
            cost_usd=None if None in costs else sum(cost for cost in costs if cost is not None),
            correct=sum(bool(step.best and step.best.correct) for step in now) / len(tracks),
            fast_1=sum(Outcome.of(s.best).above(1, confident=confident) for s in now if s.best) / len(tracks),
            best_so_far=math.fsum(speeds) / len(tracks),
        )


def speed_of(best: Verdict | None) -> float:
    """Return the speedup that counts, 0 where there is no correct kernel."""
    return best.speedup.median if best is not None and best.correct and best.speedup else 0.0


def _by_call(events: Sequence[Event], account: Account) -> Iterator[Step]:
    replies = [event for event in events if event.type in PAID]
    last = {event.node: place for place, event in enumerate(replies)}
    due: dict[int, list[Verdict]] = {}
    for attempt in _attempts(events):
        # What a search was given to begin with was there before its first call.
        place = 0 if attempt.operator == WARM_START else last.get(_expansion(attempt), len(replies) - 1)
        due.setdefault(place, []).append(attempt.verdict)
    spent, cost, best = 0, 0.0, None
    priced = True
    for place, event in enumerate(replies):
        spent += call_amounts(event.usage or Usage(), event.cost_usd).get(account.ledger, 0)
        priced, cost = priced and event.cost_usd is not None, cost + (event.cost_usd or 0.0)
        best = _best(best, due.get(place, ()))
        yield Step(spent / account.unit, place + 1, cost if priced else None, best)


def _by_verdict(events: Sequence[Event], account: Account) -> Iterator[Step]:
    spent, calls, cost, best = 0, 0, 0.0, None
    priced, paid = True, set[str | None]()
    for event in events:
        if event.type in PAID:
            calls, priced, cost = calls + 1, priced and event.cost_usd is not None, cost + (event.cost_usd or 0.0)
        elif event.type is EventType.DRAFT_JUDGED and event.verdict and event.candidate_sha256 not in paid:
            if event.verdict.status is not Status.INFRA_ERROR:
                paid.add(event.candidate_sha256)
                spent += verdict_amounts(event.verdict).get(account.ledger, 0)
        elif event.type is EventType.NODE_COMMITTED and event.attempt:
            if event.attempt.candidate_sha256 not in paid and (amounts := evaluation_amounts(event.attempt)):
                paid.add(event.attempt.candidate_sha256)
                spent += amounts.get(account.ledger, 0)
            best = _best(best, [event.attempt.verdict])
            yield Step(spent / account.unit, calls, cost if priced else None, best)


def _attempts(events: Iterable[Event]) -> Iterator[Attempt]:
    return (event.attempt for event in events if event.type is EventType.NODE_COMMITTED and event.attempt)


def _expansion(attempt: Attempt) -> str:
    """Return the node whose replies the attempt comes from: a further candidate of an expansion has a name below it."""
    return attempt.node.rpartition(".")[0] if attempt.proposal else attempt.node


def _best(best: Verdict | None, more: Iterable[Verdict]) -> Verdict | None:
    for verdict in more:
        if best is None or better(verdict, best):
            best = verdict
    return best
