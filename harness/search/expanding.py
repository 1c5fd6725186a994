"""One expansion: from the question to the model to the verdicts on what it proposes, before anything is committed."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial

from harness.errors import HarnessError, StoreError
from harness.models import Event, EventType, Status, Usage, Verdict
from harness.search.asking import Asker, Ended, Left
from harness.search.contracts import Written
from harness.search.experience import Prior
from harness.search.judging import Entry, Judging
from harness.search.ledger import verdict_amounts
from harness.search.nodes import LoggedReply, Node
from harness.search.parts import ArtifactStore, node_id
from harness.search.pipeline import Branch, Pipeline
from harness.search.planning import Planner
from harness.search.state import SearchState
from harness.search.strategy import WARM_START, Strategy


@dataclass(frozen=True)
class Result:
    """What an expansion came to, before it is committed."""

    branches: list[Branch]
    """Candidates, or replies without one."""
    entries: list[Entry | None]
    """Each one's candidate."""
    verdicts: list[Verdict | None]
    """Each one's verdict; null for one that is too similar to an earlier node."""


Outcome = Result | Ended | Left


@dataclass
class Expander:
    """Works off the expansions of one search."""

    task: str
    strategy: Strategy
    model: str
    planner: Planner
    asker: Asker
    judging: Judging
    artifacts: ArtifactStore
    progress: Callable[[str], None]
    """Is told the stage."""
    halted: Callable[[], bool]
    """Whether no further step may be begun."""
    failed: Callable[[HarnessError], None]
    """Is told what went wrong."""
    append: Callable[[SearchState, Event], None]
    """Writes an event down, and folds it."""
    prior: Prior | None = None
    """Kernel of an earlier run that the search begins with."""

    async def expand(
        self,
        state: SearchState,
        node: Node,
        pool: Executor,
        slots: asyncio.Semaphore,
        before: "asyncio.Future[None] | None" = None,
        entered: "asyncio.Future[None] | None" = None,
    ) -> Outcome:
        """Bring an expansion to its verdicts; candidates enter in the order of their expansions."""
        outcome: Outcome
        try:
            async with slots:
                if self.halted():
                    raise Left
                branches = await self._propose(state, node, pool)
                if before is not None:
                    await before
                entries = [
                    self.judging.enter(state, node, node_id(self.task, node.turn, n), branch.written)
                    for n, branch in enumerate(branches)
                ]
                _open(entered)
                judged = (self._verdict(state, node, *pair, pool) for pair in zip(branches, entries, strict=True))
                return Result(branches, entries, list(await asyncio.gather(*judged)))
        except (Ended, Left) as early:
            outcome = early
        except HarnessError as error:
            self.failed(error)
            outcome = Left()
        if before is not None:
            await before
        _open(entered)
        return outcome

    async def _propose(self, state: SearchState, node: Node, pool: Executor) -> list[Branch]:
        if node.operator == WARM_START:
            return [self._taken_over()]
        self.progress(f"attempt {node.turn + 1}: asking {node.model or self.model}")
        attempt = state.nodes[node.parent].attempt if node.parent else None
        digest = attempt.candidate_sha256 if attempt else None
        base = self.artifacts.get(digest).decode("utf-8", "replace") if digest else ""
        parallel = self.strategy.loop.width > 1
        draft = partial(self._draft, state, node, pool)
        pipeline = Pipeline(self.asker, state, node, self.planner.lane(node.lane), base, draft, parallel)
        return await pipeline.run(self.strategy.pipelines[node.operator])

    async def _draft(
        self, state: SearchState, node: Node, pool: Executor, step: int, call: int, source: str
    ) -> Verdict:
        """Return the verdict on a draft, from the log or from the judge."""
        if (step, call) in node.drafts:
            return node.drafts[step, call]
        entry = Entry(source, self.artifacts.put(source.encode()))
        known = entry.digest in state.verdicts
        verdict = await self.judging.verdict(state, entry, pool, node.model)
        assert verdict is not None
        event = Event(
            type=EventType.DRAFT_JUDGED,
            task=self.task,
            node=node.id,
            step=step,
            call=call,
            candidate_sha256=entry.digest,
            verdict=verdict,
        )
        free = known or entry.digest in state.verdicts or verdict.status is Status.INFRA_ERROR
        self.append(state, event)
        self.planner.settle(node, {} if free else verdict_amounts(verdict), closed=False)
        return verdict

    def _taken_over(self) -> Branch:
        """Return the kernel of an earlier run as a proposal that nobody was asked for."""
        if self.prior is None:
            raise StoreError(f"{self.task} begins with a kernel of an earlier run, which is not there any more")
        said = f"the best kernel of run {self.prior.run} for this question"
        told, source = self.artifacts.put(said.encode()), self.artifacts.put(self.prior.source.encode())
        by = LoggedReply(prompt_sha256=told, reply_sha256=source, usage=Usage(), cost_usd=0.0, stop_reason="end")
        notes = {"coder": {"code": self.prior.source, "text": said}}
        return Branch(notes=notes, written=Written(self.prior.source), by=by)

    async def _verdict(
        self, state: SearchState, node: Node, branch: Branch, entry: Entry | None, pool: Executor
    ) -> Verdict | None:
        if entry is None:
            return self.judging.no_code(branch.written)
        return await self.judging.verdict(state, entry, pool, node.model)


def _open(gate: "asyncio.Future[None] | None") -> None:
    if gate is not None and not gate.done():
        gate.set_result(None)
