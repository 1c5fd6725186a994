"""The engine: select -> build context -> operator -> evaluate -> commit, over an append-only log.

Every step that costs something is logged before the next one begins, and the state is a fold over the log. So after a
crash a node that was reserved is asked again, a reply that was logged is used and not bought again, and a verdict that
was committed stands. Nothing about one strategy is written here.

The events of a node are few: `node_reserved` (lane, operator, directive, parents), one `reply_received` for each reply
of a step (role, step, call), and one `node_committed` for each candidate that came of it.
"""

import asyncio
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field

from harness.errors import HarnessError
from harness.llm import Provider
from harness.models import Event, EventType, Problem
from harness.search.asking import Answers, Asker, Bound, Ended, Left
from harness.search.committing import attempt_of
from harness.search.context import ContextBuilder
from harness.search.expanding import Expander, Outcome, Result
from harness.search.judging import Judging
from harness.search.ledger import Ledger
from harness.search.nodes import Node
from harness.search.parts import ArtifactStore, Evaluator, SearchLog, node_id, task_id
from harness.search.planning import Planner
from harness.search.state import SearchState
from harness.search.strategy import Strategy

Progress = Callable[[str], None]
"""Is told what the search is doing; for people."""


@dataclass
class Engine:
    """One search: one problem, one sample. Build it anew to resume; it has no state besides the log."""

    problem: Problem
    """What is asked and judged."""
    sample: int
    """Which independent search of the problem."""
    strategy: Strategy
    """How to search."""
    context: ContextBuilder
    """Makes prompts."""
    provider: Provider
    """Answers them."""
    model: str
    """`provider/model`, as the origin of candidates."""
    evaluate: Evaluator
    """Judges candidates; called in threads, as many at once as the strategy is wide."""
    log: SearchLog
    """Where events go."""
    artifacts: ArtifactStore
    """Where texts go."""
    progress: Progress = lambda _: None
    """Is told the stage."""
    stopped: Callable[[], bool] = lambda: False
    """Asked before each step that costs something; True leaves the search where it is, to be resumed."""
    seed: int = 0
    """Seed of the search."""
    budget: Ledger | None = None
    """Budget of the run, with what the run's log says was spent booked already; null for none."""
    bound_usd: Bound = lambda prompt, output: None
    """Most that a call can cost."""
    routed: Mapping[str, Answers] = field(default_factory=dict)
    """Who answers for each of the models that the strategy chooses among."""
    clock_ns: Callable[[], int] = time.monotonic_ns
    """Measures how long the search runs, where that is limited."""
    _failure: HarnessError | None = field(default=None, init=False)
    _ending: str | None = field(default=None, init=False)
    _began_ns: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        self.task = task_id(self.problem.id, self.sample)
        prior = self.context.memory.start(self.strategy.experience, self.context.workload.sha256, self.context.language)
        self._planner = Planner(self.task, self.strategy, self.budget, warm=prior is not None)
        self._asker = Asker(
            strategy=self.strategy,
            context=self.context,
            answers=Answers(self.provider, self.bound_usd),
            routed=self.routed,
            artifacts=self.artifacts,
            problem_id=self.problem.id,
            sample=self.sample,
            append=self._append,
            stopped=self._is_halted,
            holds=self._planner.holds,
        )
        self._judging = Judging(
            problem=self.problem,
            workload=self.context.workload,
            language=self.context.language,
            model=self.model,
            evaluate=self.evaluate,
            artifacts=self.artifacts,
            novelty=self.strategy.novelty,
            stopped=self._is_halted,
            in_order=self.strategy.loop.sync != "none",
        )
        self._expander = Expander(
            task=self.task,
            strategy=self.strategy,
            model=self.model,
            planner=self._planner,
            asker=self._asker,
            judging=self._judging,
            artifacts=self.artifacts,
            progress=self.progress,
            halted=self._is_halted,
            failed=self._fail,
            append=self._append,
            prior=prior,
        )

    async def run(self) -> SearchState:
        """Search until the strategy ends it or `stopped` says so; return the state, whose `finished` tells which.

        Raises:
            ProviderError: the model cannot be reached; the search can be resumed.
            StoreError: the log or an artefact cannot be written or read.
            HarnessError: whatever else the evaluator raises; it does not count against the candidate.
        """
        events = self.log.events(self.task)
        state, torn = self._planner.resume(events, self.strategy.rules(self.seed))
        self._began_ns = self.clock_ns() - state.wall_ns
        pool = ThreadPoolExecutor(self.strategy.loop.width, thread_name_prefix=f"judge {self.task}")
        try:
            for event in torn:
                self._append(state, event)
            if self.strategy.loop.sync == "none":
                await self._steady(state, pool)
            else:
                await self._rounds(state, pool)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
            self._planner.release()
        if self._failure is not None:
            raise self._failure
        return state

    async def _rounds(self, state: SearchState, pool: Executor) -> None:
        """Select a round, work it off, commit it in its order; again."""
        while state.finished is None and not self._is_stopped():
            if not state.pending:
                if reason := self._urgent(state):
                    return self._finish(state, reason)
                want = self.strategy.loop.width if self.strategy.loop.sync == "batch" else self.strategy.round_size
                if not self._select(state, want):
                    return None
            await self._round(state, pool)
        return None

    async def _round(self, state: SearchState, pool: Executor) -> None:
        """Work off what is pending; with a width of 1 each node is committed before the next one is asked."""
        pending = state.pending
        width = self.strategy.loop.width
        slots = asyncio.Semaphore(width)
        gates: list[asyncio.Future[None]] = [asyncio.get_running_loop().create_future() for _ in pending]
        works = [
            self._expander.expand(state, node, pool, slots, gates[n - 1] if n else None, gates[n])
            for n, node in enumerate(pending)
        ]
        tasks = [asyncio.create_task(work) for work in works] if width > 1 else []
        ended: Ended | None = None
        try:
            for node, work in zip(pending, tasks or works, strict=True):
                outcome = await work
                if isinstance(outcome, Left):
                    break
                if isinstance(outcome, Ended):
                    ended = ended or outcome
                else:
                    self._commit(state, node, outcome)
            else:
                if ended is not None:
                    self._finish(state, str(ended))
            await asyncio.gather(*tasks)
        finally:
            await _drain(tasks)
            for work in works:
                work.close()

    async def _steady(self, state: SearchState, pool: Executor) -> None:
        """Keep `width` expansions under way; each selection sees whatever has finished."""
        running: dict[asyncio.Task[Outcome], Node] = {}
        waiting = state.pending
        reason: str | None = None
        slots = asyncio.Semaphore(self.strategy.loop.width)
        try:
            while state.finished is None:
                while reason is None and not self._is_stopped() and len(running) < self.strategy.loop.width:
                    reason = self._urgent(state)
                    if reason is None and not waiting:
                        reason = self._plan(state, 1)
                        waiting = [node for node in state.pending if node not in running.values()]
                    if reason is not None or not waiting:
                        break
                    node = waiting.pop(0)
                    running[asyncio.create_task(self._expander.expand(state, node, pool, slots))] = node
                if not running:
                    if not self._is_stopped():
                        self._finish(state, reason or "nothing left to try")
                    return
                done, _ = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
                for task in sorted(done, key=lambda found: running[found].turn):
                    node, outcome = running.pop(task), task.result()
                    if isinstance(outcome, Ended):
                        reason = reason or str(outcome)
                    elif isinstance(outcome, Result):
                        self._commit(state, node, outcome)
                        self._ending = self._ending or self.strategy.stop.urgent(state)
                reason = reason or self._ending
        finally:
            await _drain(list(running))

    def _commit(self, state: SearchState, node: Node, result: Result) -> None:
        """Commit what an expansion came to."""
        for number, (branch, entry) in enumerate(zip(result.branches, result.entries, strict=True)):
            name = node_id(self.task, node.turn, number)
            if name in state.nodes and state.nodes[name].attempt is not None:
                continue  # committed before a crash
            attempt = attempt_of(
                state,
                node,
                number,
                result.branches,
                branch,
                entry,
                result.verdicts[number],
                self.problem.id,
                self.sample,
            )
            amounts = state.price_of(attempt)
            self._append(state, Event(type=EventType.NODE_COMMITTED, task=self.task, node=name, attempt=attempt))
            self._judging.committed(name)
            self._planner.settle(node, amounts, closed=number + 1 == len(result.branches))

    def _select(self, state: SearchState, want: int) -> bool:
        """Reserve the next nodes, or finish."""
        reason = self._plan(state, want)
        if reason is None and not state.pending:
            reason = "nothing left to try"
        if reason is not None and not state.pending:
            self._finish(state, reason)
        return bool(state.pending)

    def _plan(self, state: SearchState, want: int) -> str | None:
        """Reserve up to `want` expansions; return why there are none, where it is for good."""
        if reason := self.strategy.stop.reason(state) or self._urgent(state):
            return reason
        plan = self._planner.plan(state, want)
        for event in plan.events:
            self._append(state, event)
        return plan.reason if not plan.events else None

    def _urgent(self, state: SearchState) -> str | None:
        """Return why nothing more may be begun, or None."""
        return self.strategy.stop.urgent(state) or self._planner.exhausted() or self._out_of_time(state)

    def _out_of_time(self, state: SearchState) -> str | None:
        limit = self.strategy.stop.max_wall_s
        if limit is not None and max(state.wall_ns, self.clock_ns() - self._began_ns) >= limit * 1e9:
            return f"{limit:g} seconds used"
        return None

    def _is_stopped(self) -> bool:
        """Whether the search is to be left where it is."""
        return self._failure is not None or self.stopped()

    def _is_halted(self) -> bool:
        """Whether no further step may be begun; what is under way is still brought to its end, as it is paid for."""
        return self._ending is not None or self._is_stopped()

    def _fail(self, error: HarnessError) -> None:
        self._failure = self._failure or error

    def _append(self, state: SearchState, event: Event) -> None:
        timed = event.type in (EventType.NODE_RESERVED, EventType.NODE_COMMITTED)
        if timed and self.strategy.stop.max_wall_s is not None:
            event = event.model_copy(update={"wall_ns": self.clock_ns() - self._began_ns})
        written = self.log.append(event)
        state.apply(written)
        if event.type is EventType.NODE_RESERVED:
            self._planner.hold(state.nodes[event.node or ""])

    def _finish(self, state: SearchState, reason: str) -> None:
        self._append(state, Event(type=EventType.TASK_FINISHED, task=self.task, reason=reason))


async def _drain(tasks: "list[asyncio.Task[Outcome]]") -> None:
    """End what is still under way: nobody waits for it any more."""
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks)
