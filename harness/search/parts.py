"""What an engine is given: somewhere to write, and someone to judge. This room imports neither store nor judge."""

from collections.abc import Callable, Sequence
from typing import Protocol

from harness.models import Candidate, Event, Problem, Verdict

Evaluator = Callable[[Problem, Candidate], Verdict]
"""Judges one candidate. It may block; the engine calls it from a thread of its own."""


class SearchLog(Protocol):
    """The append-only log that a search's state is a fold over."""

    def append(self, event: Event) -> Event:
        """Number, stamp and keep `event`; when this returns, it survives a crash."""

    def events(self, task: str) -> Sequence[Event]:
        """Return the events of one task, in order."""


class ArtifactStore(Protocol):
    """Bytes under the digest of their content."""

    def put(self, data: bytes) -> str:
        """Keep `data` and return its SHA-256 in hex; when this returns, it survives a crash."""

    def get(self, digest: str) -> bytes:
        """Return what was kept as `digest`."""


def task_id(problem_id: str, sample: int) -> str:
    """Return the name of one search: `level1/23#0`."""
    return f"{problem_id}#{sample}"


def node_id(task: str, turn: int, proposal: int = 0) -> str:
    """Return the name of one node of a search: `level1/23#0.2`, or `level1/23#0.2.1` for the second candidate."""
    return f"{task}.{turn}" + (f".{proposal}" if proposal else "")
