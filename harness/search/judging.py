"""From a proposed candidate to its verdict: what is the same, or too similar, is not judged again."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass, field
from itertools import islice

from harness.models import Candidate, Evidence, Problem, Stage, Status, Verdict, Workload, sha256_hex
from harness.search.asking import Left
from harness.search.contracts import Written
from harness.search.nodes import Node
from harness.search.novelty import Novelty, closest, shingles
from harness.search.parts import ArtifactStore, Evaluator
from harness.search.state import SearchState

KEPT_SHINGLES = 4
"""Candidates whose shingles are kept, for each that a new one is compared with: a set of them takes 100 kB and more."""


@dataclass(frozen=True)
class Entry:
    """A candidate that is to get a verdict."""

    code: str
    """The whole module."""
    digest: str
    """Its artefact."""
    like: str | None = None
    """Node that it is too similar to."""
    similarity: float | None = None
    """How similar."""


@dataclass
class Judging:
    """Judges for one search."""

    problem: Problem
    workload: Workload
    language: str
    model: str
    evaluate: Evaluator
    artifacts: ArtifactStore
    novelty: Novelty | None
    stopped: Callable[[], bool]
    in_order: bool = True
    """Whether candidates are committed in the order in which they enter, so that one may wait for another's verdict."""
    _running: dict[str, "asyncio.Future[Verdict]"] = field(default_factory=dict)
    _shingles: dict[str, frozenset[int]] = field(default_factory=dict)
    _admitted: dict[str, str] = field(default_factory=dict)

    def enter(self, state: SearchState, node: Node, name: str, written: Written) -> Entry | None:
        """Keep the candidate `name` and look whether it is new; None without code. Called in the order of commits."""
        if written.code is None:
            return None
        digest = self.artifacts.put(written.code.encode())
        if self.novelty is None or digest in state.originals or digest in self._admitted.values():
            return Entry(written.code, digest)
        mine = self._shingled(digest, written.code)
        found = closest(mine, self._others(state, node, digest), self.novelty.similarity)
        if found:
            return Entry(written.code, digest, *found)
        if self.in_order:
            self._admitted[name] = digest
        return Entry(written.code, digest)

    async def verdict(
        self, state: SearchState, entry: Entry, pool: Executor, model: str | None = None
    ) -> Verdict | None:
        """Return the verdict on `entry`, written by `model` or the run's own.

        None for one that is too similar, whose verdict is the other node's.

        Raises:
            Left: the search was stopped before it began.
            HarnessError: whatever the evaluator raises.
        """
        if entry.like is not None:
            return None
        while True:
            if known := state.verdicts.get(entry.digest):
                return known
            running = self._running.get(entry.digest)
            if running is None:
                break
            found = await asyncio.shield(running)
            if found.status is not Status.INFRA_ERROR:
                return found
            if self._running.get(entry.digest) is running:
                del self._running[entry.digest]
        if self.stopped():
            raise Left
        candidate = Candidate(
            source=entry.code, sha256=entry.digest, language=self.language, origin=model or self.model
        )
        loop = asyncio.get_running_loop()
        future = loop.run_in_executor(pool, self.evaluate, self.problem, candidate)
        self._running[entry.digest] = future
        try:
            return await asyncio.shield(future)
        except BaseException:
            self._running.pop(entry.digest, None)
            raise

    def no_code(self, written: Written) -> Verdict:
        """Return the verdict on a reply that breaks its contract: an ordinary failure of the model."""
        return Verdict(
            status=Status.NO_CODE,
            stage=Stage.PARSE,
            problem_id=self.problem.id,
            tier=self.workload.tier,
            language=self.language,
            candidate_sha256=sha256_hex(b""),
            workload_sha256=self.workload.sha256,
            evidence=Evidence(what=written.what, expected=written.expected or None, got=written.got or None),
        )

    def _others(self, state: SearchState, node: Node, digest: str) -> list[tuple[str, frozenset[int]]]:
        """Return what a candidate is compared with: its parent, the best of earlier rounds, and its own round so far.

        Whether a node of the same round has its verdict yet makes no difference, so that width makes none.
        """
        assert self.novelty is not None
        earlier = islice((other for other in state.ranked if other.round < node.round), self.novelty.against)
        same = state.by_round.get(node.round, ())
        digests = {other.id: _digest(other) for other in (*_parent(state, node), *earlier, *same)} | self._admitted
        return [(name, self._shingled(found)) for name, found in digests.items() if found and found != digest]

    def committed(self, name: str) -> None:
        """Take note that a node has its verdict: from now on the state knows of it."""
        self._admitted.pop(name, None)

    def _shingled(self, digest: str, code: str | None = None) -> frozenset[int]:
        assert self.novelty is not None
        found = self._shingles.pop(digest, None)
        if found is None:
            text = code if code is not None else self.artifacts.get(digest).decode("utf-8", "replace")
            found = shingles(text, self.novelty.shingle)
        self._shingles[digest] = found  # the newest is the last
        if len(self._shingles) > KEPT_SHINGLES * self.novelty.against:
            del self._shingles[next(iter(self._shingles))]
        return found


def _digest(node: Node) -> str | None:
    return node.attempt.candidate_sha256 if node.attempt else None


def _parent(state: SearchState, node: Node) -> list[Node]:
    parent = state.nodes.get(node.parent or "")
    return [parent] if parent else []
