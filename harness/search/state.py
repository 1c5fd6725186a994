"""The state of one search: a fold over its events, and nothing else. What is not in the log did not happen."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from harness.errors import StoreError
from harness.models import Attempt, Event, EventType, Status, Usage, Verdict
from harness.score import better


@dataclass(frozen=True)
class LoggedReply:
    """A reply that was bought and is kept."""

    prompt_sha256: str
    """Artefact that holds the prompt."""
    reply_sha256: str
    """Artefact that holds the text."""
    usage: Usage
    """Tokens."""
    cost_usd: float | None
    """Price; null where it is not known."""
    stop_reason: str
    """Why it ended."""


@dataclass
class Node:
    """One place of a search, from its reservation to its verdict."""

    id: str
    """`level1/23#0.2`."""
    turn: int
    """Position in the search, from 0."""
    parent: str | None
    """Node whose candidate is shown to the model; null for a draft."""
    reply: LoggedReply | None = None
    """The model's answer, once there is one."""
    attempt: Attempt | None = None
    """The judged result, once there is one."""


@dataclass
class SearchState:
    """Everything that policies, terminators and prompts may know of one search."""

    task: str
    """`level1/23#0`."""
    nodes: dict[str, Node] = field(default_factory=dict)
    """Nodes by id, in order of reservation."""
    verdicts: dict[str, Verdict] = field(default_factory=dict)
    """Digest of a candidate -> its verdict; one that could not be judged is not in it."""
    finished: str | None = None
    """Why the search ended; null while it goes on."""
    best: Attempt | None = None
    """The best judged node; null where nothing was judged."""
    _open: dict[str, Node] = field(default_factory=dict)

    @classmethod
    def replay(cls, task: str, events: Iterable[Event]) -> "SearchState":
        """Return the state after `events`, all of `task`."""
        state = cls(task)
        for event in events:
            state.apply(event)
        return state

    def apply(self, event: Event) -> None:
        """Take one more event into account.

        Raises:
            StoreError: it cannot follow what came before.
        """
        match event.type:
            case EventType.NODE_RESERVED if event.node and event.node not in self.nodes:
                node = Node(event.node, turn=len(self.nodes), parent=event.parent)
                self.nodes[event.node] = self._open[event.node] = node
            case EventType.REPLY_RECEIVED if event.prompt_sha256 and event.reply_sha256:
                self._node(event).reply = LoggedReply(
                    prompt_sha256=event.prompt_sha256,
                    reply_sha256=event.reply_sha256,
                    usage=event.usage or Usage(),
                    cost_usd=event.cost_usd,
                    stop_reason=event.stop_reason or "end",
                )
            case EventType.NODE_COMMITTED if event.attempt:
                self._commit(self._node(event), event.attempt)
            case EventType.TASK_FINISHED:
                self.finished = event.reason or "finished"
            case _:
                raise StoreError(f"event {event.seq} ({event.type}) of {self.task} does not fit what came before")

    @property
    def pending(self) -> list[Node]:
        """Nodes that were reserved and have no verdict yet, oldest first."""
        return list(self._open.values())

    @property
    def attempts(self) -> list[Attempt]:
        """The judged nodes, in order."""
        return [node.attempt for node in self.nodes.values() if node.attempt is not None]

    def _commit(self, node: Node, attempt: Attempt) -> None:
        node.attempt = attempt
        self._open.pop(node.id, None)
        if self.best is None or better(attempt.verdict, self.best.verdict):
            self.best = attempt
        if attempt.candidate_sha256 and attempt.verdict.status is not Status.INFRA_ERROR:
            self.verdicts.setdefault(attempt.candidate_sha256, attempt.verdict)

    def _node(self, event: Event) -> Node:
        node = self.nodes.get(event.node or "")
        if node is None:
            raise StoreError(f"event {event.seq} ({event.type}) of {self.task} is about a node that was not reserved")
        return node
