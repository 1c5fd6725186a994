"""The engine: select -> build context -> operator -> evaluate -> commit, over an append-only log.

Every step that costs something is logged before the next one begins, and the state is a fold over the log. So after a
crash a node that was reserved is asked again, a reply that was logged is used and not bought again, and a verdict that
was committed stands. Nothing about one strategy is written here.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from harness.llm import NoMoreReplies, Provider, Request, StopReason, last_code_block
from harness.models import (
    Attempt,
    Candidate,
    Event,
    EventType,
    Evidence,
    Problem,
    Stage,
    Status,
    Verdict,
    sha256_hex,
)
from harness.search.context import ContextBuilder
from harness.search.parts import ArtifactStore, Evaluator, SearchLog, node_id, task_id
from harness.search.state import LoggedReply, Node, SearchState
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
    """Judges candidates; called in a thread."""
    log: SearchLog
    """Where events go."""
    artifacts: ArtifactStore
    """Where texts go."""
    progress: Progress = lambda _: None
    """Is told the stage."""
    stopped: Callable[[], bool] = lambda: False
    """Asked before each step that costs something; True leaves the search where it is, to be resumed."""

    def __post_init__(self) -> None:
        self.task = task_id(self.problem.id, self.sample)

    async def run(self) -> SearchState:
        """Search until the strategy ends it or `stopped` says so; return the state, whose `finished` tells which.

        Raises:
            ProviderError: the model cannot be reached; the search can be resumed.
            StoreError: the log or an artefact cannot be written or read.
            HarnessError: whatever else the evaluator raises; it does not count against the candidate.
        """
        state = SearchState.replay(self.task, self.log.events(self.task))
        while state.finished is None and not self.stopped():
            if not state.pending:
                self._select(state)
            for node in state.pending:
                await self._advance(state, node)
                if state.finished is not None or self.stopped():
                    break
        return state

    def _append(self, state: SearchState, event: Event) -> None:
        state.apply(self.log.append(event))

    def _finish(self, state: SearchState, reason: str) -> None:
        self._append(state, Event(type=EventType.TASK_FINISHED, task=self.task, reason=reason))

    def _select(self, state: SearchState) -> None:
        """Reserve the next nodes, or finish."""
        reason = self.strategy.stop.reason(state)
        chosen = [] if reason else self.strategy.select.select(state, want=1)
        if not chosen:
            self._finish(state, reason or "nothing left to try")
        for expansion in chosen:
            node = node_id(self.task, len(state.nodes))
            event = Event(type=EventType.NODE_RESERVED, task=self.task, node=node, parent=expansion.parent)
            self._append(state, event)

    async def _advance(self, state: SearchState, node: Node) -> None:
        """Bring a reserved node to its verdict."""
        if node.reply is None:
            try:
                await self._ask(state, node)
            except NoMoreReplies as end:
                return self._finish(state, str(end))
        if node.reply is None or self.stopped():
            return None
        code = last_code_block(self.artifacts.get(node.reply.reply_sha256).decode())
        if code is None:
            return self._commit(state, node, None, self._no_code(node.reply))
        digest = self.artifacts.put(code.encode())
        verdict = state.verdicts.get(digest) or await self._judge(code, digest)
        return self._commit(state, node, digest, verdict)

    async def _ask(self, state: SearchState, node: Node) -> None:
        self.progress(f"attempt {node.turn + 1}: asking {self.model}")
        prompt = self.context.build(state, node)
        prompt_sha256 = self.artifacts.put(prompt.to_bytes())
        limits = self.strategy.request
        reply = await self.provider.complete(
            Request(
                system=prompt.system,
                messages=prompt.messages,
                problem_id=self.problem.id,
                language=self.context.language,
                attempt=node.turn + 1,
                max_output_tokens=limits.max_output_tokens,
                timeout_s=limits.timeout_s,
            )
        )
        event = Event(
            type=EventType.REPLY_RECEIVED,
            task=self.task,
            node=node.id,
            prompt_sha256=prompt_sha256,
            reply_sha256=self.artifacts.put(reply.text.encode("utf-8", "replace")),
            usage=reply.usage,
            cost_usd=reply.cost_usd,
            stop_reason=reply.stop.value,
        )
        self._append(state, event)

    async def _judge(self, code: str, digest: str) -> Verdict:
        candidate = Candidate(source=code, sha256=digest, language=self.context.language, origin=self.model)
        return await asyncio.to_thread(self.evaluate, self.problem, candidate)

    def _commit(self, state: SearchState, node: Node, digest: str | None, verdict: Verdict) -> None:
        assert node.reply is not None
        attempt = Attempt(
            node=node.id,
            problem_id=self.problem.id,
            sample=self.sample,
            turn=node.turn,
            parent=node.parent,
            prompt_sha256=node.reply.prompt_sha256,
            reply_sha256=node.reply.reply_sha256,
            candidate_sha256=digest,
            usage=node.reply.usage,
            cost_usd=node.reply.cost_usd,
            verdict=verdict,
        )
        event = Event(type=EventType.NODE_COMMITTED, task=self.task, node=node.id, attempt=attempt)
        self._append(state, event)

    def _no_code(self, reply: LoggedReply) -> Verdict:
        """Return the verdict on a reply without a complete code block: an ordinary failure of the model."""
        what = {
            StopReason.MAX_TOKENS.value: "the reply was cut off at its token limit before a code block was complete",
            StopReason.REFUSAL.value: "the model declined to answer",
        }.get(reply.stop_reason, "the reply has no complete fenced code block")
        workload = self.context.workload
        return Verdict(
            status=Status.NO_CODE,
            stage=Stage.PARSE,
            problem_id=self.problem.id,
            tier=workload.tier,
            language=self.context.language,
            candidate_sha256=sha256_hex(b""),
            workload_sha256=workload.sha256,
            evidence=Evidence(what=what, expected="one fenced block with the whole module, as the last block"),
        )
