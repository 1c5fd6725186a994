"""What is to be expanded next, and whether the budgets allow it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from harness.models import Event, EventType
from harness.search.ledger import Amounts, Ledger, Reservation
from harness.search.nodes import Node
from harness.search.parts import node_id
from harness.search.policies.base import Expansion, lane_of_next
from harness.search.routing import route
from harness.search.state import Rules, SearchState
from harness.search.strategy import WARM_START, Strategy


@dataclass(frozen=True)
class Plan:
    """One selection."""

    events: list[Event]
    """Reservations to be made."""
    reason: str | None
    """Without any: why, where that is for good."""


@dataclass
class Planner:
    """Selects for one search, and keeps its budgets: run > task > lane."""

    task: str
    strategy: Strategy
    run: Ledger | None
    warm: bool = False
    """Whether the search begins with a kernel of an earlier run."""
    holds: dict[str, Reservation] = field(default_factory=dict)
    """What is reserved for the expansions under way, by node."""

    def __post_init__(self) -> None:
        self.budget = Ledger("task", self.strategy.stop.amounts(), self.run)
        self._lanes: dict[int, Ledger] = {}

    def resume(self, events: Sequence[Event], rules: Rules) -> tuple[SearchState, list[Event]]:
        """Return the state after `events`, and what is missing of a selection that a crash has cut off."""
        reserved = 0
        if self.strategy.loop.sync != "none":
            while reserved < len(events) and events[-1 - reserved].type is EventType.NODE_RESERVED:
                reserved += 1
        whole = len(events) - reserved
        state = SearchState.replay(self.task, events[:whole], rules)
        self._book(state)
        missing: list[Event] = []
        if reserved:
            missing = self.plan(state, self._size()).events[reserved:]
            for event in events[whole:]:
                state.apply(event)
        for node in state.pending:
            self.hold(node)
        return state, missing

    def lane(self, number: int) -> Ledger:
        """Return the budget of a lane."""
        if number not in self._lanes:
            self._lanes[number] = Ledger(f"lane {number}", self.strategy.lane.amounts(), self.budget)
        return self._lanes[number]

    def plan(self, state: SearchState, want: int) -> Plan:
        """Return the next selection. Pure but for the budgets, which are as before when it returns."""
        stop = self.strategy.stop
        events: list[Event] = []
        trial: list[Reservation] = []
        refusals: list[str] = []
        room = stop.max_nodes - state.charged
        models: Counter[str] = Counter()
        for expansion in self._chosen(state, want):
            offset = len(events)
            routed = route(state, expansion, self.strategy.route, self.strategy.inspirations, offset)
            parent = state.nodes.get(routed.parent or "")
            if stop.max_depth is not None and parent is not None and parent.depth + 1 > stop.max_depth:
                refusals.append(f"every line is {stop.max_depth} edits long")
                continue
            bound = self._bound(routed, room)
            if room <= 0 or self.lane(routed.lane).blocked(bound):
                refusals += [self.lane(routed.lane).refusal(bound) or ""] if room > 0 else []
                continue
            trial.append(self.lane(routed.lane).reserve(bound))
            proposals = max(1, min(self.strategy.sizes[routed.operator or "draft"].proposals, room))
            room -= proposals
            warm = routed.operator == WARM_START
            model = None if warm else self.strategy.router.pick(state.models, models)
            models.update([model] if model else [])
            events.append(self._event(state, routed, offset, proposals, model))
        for reservation in trial:
            reservation.release()
        return Plan(events, next((why for why in refusals if why), None))

    def hold(self, node: Node) -> None:
        """Reserve what is left of an expansion's bound."""
        size = self.strategy.sizes[node.operator]
        bound = {
            "llm_calls": max(0, size.calls - len(node.replies)),
            "evals": node.proposals + max(0, size.drafts - len(node.drafts)),
        }
        self.holds[node.id] = self.lane(node.lane).reserve(bound)

    def settle(self, node: Node, amounts: Amounts, closed: bool) -> None:
        """Book what a verdict cost; give the rest back once the expansion is done."""
        hold = self.holds[node.id]
        hold.settle(amounts)
        if closed:
            del self.holds[node.id]
            hold.release()

    def release(self) -> None:
        """Give back what is still held, as when a search is left."""
        while self.holds:
            self.holds.popitem()[1].release()

    def exhausted(self) -> str | None:
        """Return why nothing more may be begun, where time in the judge is used up."""
        return self.budget.exhausted("device_ns")

    def _size(self) -> int:
        return self.strategy.loop.width if self.strategy.loop.sync == "batch" else self.strategy.round_size

    def _chosen(self, state: SearchState, want: int) -> list[Expansion]:
        if self.warm and not state.expansions:
            return [Expansion(operator=WARM_START)]
        drafts = self.strategy.bootstrap.n - state.charged
        if drafts > 0:
            count = drafts if self.strategy.loop.sync == "round" else min(want, drafts)
            operator = self.strategy.bootstrap.operator
            return [Expansion(lane=lane_of_next(state, n), operator=operator) for n in range(count)]
        if self.strategy.bootstrap.n and not any(node.counted for node in state.judged) and state.pending:
            return []
        return self.strategy.select.select(state, want)

    def _bound(self, expansion: Expansion, room: int) -> dict[str, int]:
        size = self.strategy.sizes[expansion.operator or "draft"]
        return {"llm_calls": size.calls, "evals": max(1, min(size.proposals, room)) + size.drafts}

    def _event(self, state: SearchState, expansion: Expansion, offset: int, proposals: int, model: str | None) -> Event:
        directive = expansion.directive
        if directive is None and expansion.operator != WARM_START:
            directive = self.strategy.diversity.pick(state, expansion, offset)
        return Event(
            type=EventType.NODE_RESERVED,
            task=self.task,
            node=node_id(self.task, state.expansions + offset),
            parent=expansion.parent,
            co_parents=list(expansion.co_parents) or None,
            inspirations=list(expansion.inspirations) or None,
            operator=expansion.operator,
            directive=directive,
            model=model,
            lane=expansion.lane,
            round=state.rounds,
            proposals=proposals,
        )

    def _book(self, state: SearchState) -> None:
        """Take over what was spent before. The run's budget has it already."""
        self.budget.spent = dict(state.spent)
        for number, lane in state.lanes.items():
            self.lane(number).spent = dict(lane.spent)
