"""Budgets: accounts that nest (run > task > lane), reserved before a call and settled after it.

All amounts are integers (money in nano-dollars, time in nanoseconds), so that sums do not depend on their order.
What was spent is a fold over the log; what is reserved lives in memory only, and a crash releases it.
"""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from harness.models import Attempt, Event, EventType, Stage, Status, Usage, Verdict
from harness.search.tables import Table

NANO = 1_000_000_000

Amounts = Mapping[str, int]

PAID = (EventType.REPLY_RECEIVED, EventType.CALL_FAILED)
"""Events that say what a call cost: one that was answered, and a try that was not and may be billed all the same."""

ACCOUNTS = (
    *("llm_calls", "input_tokens", "cached_input_tokens", "cache_write_tokens", "output_tokens", "reasoning_tokens"),
    *("tokens", "usd_nano", "estimated_calls", "compiles", "evals", "device_ns", "wall_ns"),
)
"""Names of accounts. `tokens` is input and output together, `estimated_calls` those whose price was not known."""


class Limits(Table):
    """`[lane]`, and a part of `[stop]`: most that may be spent on each account; null for no limit."""

    max_llm_calls: int | None = None
    """Replies of the model, and tries without one that may be billed."""
    max_evals: int | None = None
    """Evaluations by the judge; duplicates and replies without code cost none."""
    max_tokens: int | None = None
    """Prompt and output tokens together."""
    max_output_tokens: int | None = None
    """Output tokens, reasoning included."""
    max_cost_usd: float | None = None
    """Price of the calls."""
    max_device_s: float | None = None
    """Time that candidates ran in the judge. Looked at before an evaluation begins, as its end is not known."""
    max_wall_s: float | None = None
    """Time that the search runs. Looked at before each step begins."""

    def amounts(self) -> dict[str, int]:
        """Return the limits by account."""
        named: dict[str, float | None] = {
            "llm_calls": self.max_llm_calls,
            "evals": self.max_evals,
            "tokens": self.max_tokens,
            "output_tokens": self.max_output_tokens,
            "usd_nano": None if self.max_cost_usd is None else self.max_cost_usd * NANO,
            "device_ns": None if self.max_device_s is None else self.max_device_s * NANO,
            "wall_ns": None if self.max_wall_s is None else self.max_wall_s * NANO,
        }
        return {name: int(value) for name, value in named.items() if value is not None}


def call_amounts(usage: Usage, cost_usd: float | None) -> dict[str, int]:
    """Return what one reply cost. Reasoning is a part of the output and is added to nothing."""
    total_in = usage.input_uncached + usage.input_cached + usage.input_cache_write
    found = {
        "llm_calls": 1,
        "input_tokens": usage.input_uncached,
        "cached_input_tokens": usage.input_cached,
        "cache_write_tokens": usage.input_cache_write,
        "output_tokens": usage.output,
        "reasoning_tokens": usage.reasoning,
        "tokens": total_in + usage.output,
        "usd_nano": round((cost_usd or 0.0) * NANO),
        "estimated_calls": int(cost_usd is None),
    }
    return {name: amount for name, amount in found.items() if amount}


def evaluation_amounts(attempt: Attempt) -> dict[str, int]:
    """Return what one verdict cost. A duplicate cost nothing, and an error of the harness is not the model's."""
    verdict = attempt.verdict
    if attempt.duplicate_of or verdict.status is Status.INFRA_ERROR or attempt.candidate_sha256 is None:
        return {}
    return verdict_amounts(verdict)


def verdict_amounts(verdict: Verdict) -> dict[str, int]:
    """Return what judging a candidate cost."""
    ran = (Stage.CORRECTNESS.value, Stage.TIMING.value)
    return {
        "evals": 1,
        "compiles": int(verdict.stage is not Stage.PARSE),
        "device_ns": sum(verdict.stage_ns.get(stage, 0) for stage in ran),
    }


def add(total: dict[str, int], amounts: Amounts) -> None:
    """Add `amounts` to `total` in place."""
    for name, amount in amounts.items():
        total[name] = total.get(name, 0) + amount


def run_budget(max_cost_usd: float | None, events: Iterable[Event]) -> "Ledger":
    """Return the budget of a run whose log so far is `events`: what was spent before an interruption counts."""
    spent: dict[str, int] = {}
    for event in events:
        if event.type in PAID:
            add(spent, call_amounts(event.usage or Usage(), event.cost_usd))
    return Ledger("run", Limits(max_cost_usd=max_cost_usd).amounts(), spent=spent)


@dataclass
class Reservation:
    """What is held for one thing that is about to be done; settle it bit by bit, and release the rest."""

    ledger: "Ledger"
    """Scope that it was made in."""
    held: dict[str, int]
    """What is still held."""

    def settle(self, amounts: Amounts) -> None:
        """Turn a part of what is held into what was really spent, which may be less, or more."""
        taken = {name: min(amount, self.held.get(name, 0)) for name, amount in amounts.items()}
        for name, amount in taken.items():
            if name in self.held:
                self.held[name] -= amount
        self.ledger.spend(amounts, taken)

    def hold(self, amounts: Amounts) -> None:
        """Hold more, whether it fits or not."""
        add(self.held, amounts)
        for scope in self.ledger.scopes():
            add(scope.held, amounts)

    def release(self) -> None:
        """Give back what is held and not spent."""
        rest, self.held = self.held, {}
        self.ledger.spend({}, rest)


@dataclass
class Ledger:
    """One scope. A child's spending is its parent's as well, so that no child exceeds its parent."""

    name: str
    """`run`, `task` or `lane 2`, for messages."""
    limits: Amounts = field(default_factory=dict)
    """Most on each account."""
    parent: "Ledger | None" = None
    """Scope around it."""
    spent: dict[str, int] = field(default_factory=dict)
    """What was settled."""
    held: dict[str, int] = field(default_factory=dict)
    """What is reserved."""
    _waiting: list["asyncio.Future[None]"] = field(default_factory=list)

    def scopes(self) -> Iterable["Ledger"]:
        """Yield this scope and those around it."""
        scope: Ledger | None = self
        while scope is not None:
            yield scope
            scope = scope.parent

    def blocked(self, bound: Amounts) -> "tuple[Ledger, str] | None":
        """Return the scope and account on which `bound` does not fit, reservations included; None where it fits."""
        for scope in self.scopes():
            for name, limit in scope.limits.items():
                amount = bound.get(name, 0)
                if amount and scope.spent.get(name, 0) + scope.held.get(name, 0) + amount > limit:
                    return scope, name
        return None

    def refusal(self, bound: Amounts) -> str | None:
        """Return why `bound` can never be afforded any more, one sentence; None where it may still be."""
        for scope in self.scopes():
            for name, limit in scope.limits.items():
                amount, spent = bound.get(name, 0), scope.spent.get(name, 0)
                if amount and spent + amount > limit:
                    return f"budget of the {scope.name}: {_shown(name, spent)} of {_shown(name, limit)} {_unit(name)}"
        return None

    def exhausted(self, account: str) -> str | None:
        """Return why nothing more may be begun, where `account` is used up in some scope."""
        return self.refusal({account: 1})

    def reserve(self, bound: Amounts) -> Reservation:
        """Hold `bound` in all scopes, whether it fits or not: ask `blocked` first."""
        for scope in self.scopes():
            add(scope.held, bound)
        return Reservation(self, dict(bound))

    async def acquire(self, bound: Amounts) -> Reservation | str:
        """Hold `bound` once it fits, after others settled if need be; or return why it never will."""
        while self.blocked(bound) is not None:
            if refusal := self.refusal(bound):
                return refusal
            waiter = asyncio.get_running_loop().create_future()
            root = self._root()
            root._waiting.append(waiter)
            await waiter
        return self.reserve(bound)

    def spend(self, amounts: Amounts, released: Amounts | None = None) -> None:
        """Book `amounts`, and give back what was `released` of reservations."""
        for scope in self.scopes():
            add(scope.spent, amounts)
            for name, amount in (released or {}).items():
                scope.held[name] = scope.held.get(name, 0) - amount
        root = self._root()
        waiting, root._waiting = root._waiting, []
        for waiter in waiting:
            if not waiter.done():
                waiter.set_result(None)

    def _root(self) -> "Ledger":
        return list(self.scopes())[-1]


def _shown(name: str, amount: int) -> str:
    return f"{amount / NANO:.4g}" if name.endswith(("_nano", "_ns")) else f"{amount:,}"


def _unit(name: str) -> str:
    return {"usd_nano": "USD", "device_ns": "device seconds", "wall_ns": "seconds", "llm_calls": "calls"}.get(
        name, name.replace("_", " ")
    )
