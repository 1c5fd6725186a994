"""The state of one search: a fold over its events, and nothing else. What is not in the log did not happen."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from random import Random

from harness.errors import StoreError
from harness.models import Attempt, Event, EventType, Status, Usage, Verdict
from harness.search.folding import Lane, Lesson, Observer, Rules
from harness.search.ledger import add, call_amounts, evaluation_amounts, verdict_amounts
from harness.search.nodes import LoggedReply, Node
from harness.search.ranking import Sorted
from harness.search.router import ModelStats
from harness.search.shelves import Shelf
from harness.store.collector import collector_paused

__all__ = ["Lane", "Lesson", "LoggedReply", "Node", "Observer", "Rules", "SearchState"]


@dataclass(repr=False)
class SearchState:
    """Everything that policies, terminators and prompts may know of one search."""

    task: str
    """`level1/23#0`."""
    rules: Rules = field(default_factory=Rules)
    """How events are folded."""
    nodes: dict[str, Node] = field(default_factory=dict)
    """Nodes by id, in order of reservation."""
    judged: list[Node] = field(default_factory=list)
    """Judged nodes in the order of their verdicts, without those that could not be judged."""
    ranked: Sorted = field(default_factory=Sorted)
    """Those of them that policies may choose, best first."""
    by_round: dict[int, list[Node]] = field(default_factory=dict)
    """The same by the number of their selection, in the order of their verdicts."""
    lanes: dict[int, Lane] = field(default_factory=dict)
    """Sub-searches that have begun."""
    drafts: list[Node] = field(default_factory=list)
    """Nodes without a parent, reserved ones included."""
    verdicts: dict[str, Verdict] = field(default_factory=dict)
    """Digest of a candidate -> its verdict; one that could not be judged is not in it."""
    originals: dict[str, str] = field(default_factory=dict)
    """Digest of a candidate -> the first node that has it."""
    finished: str | None = None
    """Why the search ended; null while it goes on."""
    best: Attempt | None = None
    """The best judged node; null where nothing was judged."""
    expansions: int = 0
    """Expansions reserved so far."""
    rounds: int = 0
    """Selections made so far."""
    round_best: list[float] = field(default_factory=list)
    """Best fitness after the verdicts of each round; never falls."""
    lessons: list[Lesson] = field(default_factory=list)
    """What steps concluded, oldest first, each text once."""
    spent: dict[str, int] = field(default_factory=dict)
    """What the search cost, by account."""
    models: ModelStats = field(default_factory=ModelStats)
    """What came of each model, where the strategy chooses among several."""
    infra_errors: int = 0
    """Nodes that could not be judged, since the last one that could."""
    failures: int = 0
    """Nodes that failed, since the last one that passed."""
    since_best: int = 0
    """Nodes judged since the best one; counted once one is correct."""
    wall_ns: int = 0
    """How long the search ran; counted only where that is limited."""
    shelf: Shelf = field(init=False)
    """The archive's survivors."""
    observer: Observer | None = field(init=False)
    """The policy's statistics."""
    _best_rank: tuple[int, float, int, int] | None = None
    _best_fitness: float = 0.0
    _open: dict[str, Node] = field(default_factory=dict)
    _left: dict[str, int] = field(default_factory=dict)
    _paid: set[str] = field(default_factory=set)
    _lesson_texts: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.shelf = self.rules.archive.shelf()
        self.observer = self.rules.watcher.observer() if self.rules.watcher else None

    def __repr__(self) -> str:
        # asyncio writes results out when a run ends; ten thousand nodes would take it seconds.
        return f"<SearchState {self.task}: {len(self.nodes)} nodes>"

    @classmethod
    def replay(cls, task: str, events: Iterable[Event], rules: Rules | None = None) -> "SearchState":
        """Return the state after `events`, all of `task`. Without `rules`, statistics and archive are of no strategy."""
        state = cls(task, rules or Rules())
        with collector_paused():
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
                self._reserve(event)
            case EventType.REPLY_RECEIVED if event.prompt_sha256 and event.reply_sha256:
                self._reply(self._node(event), event)
            case EventType.CALL_FAILED:
                self._pay(self._node(event), event)
            case EventType.DRAFT_JUDGED if event.verdict and event.candidate_sha256:
                self._draft(self._node(event), event, event.verdict)
            case EventType.NODE_COMMITTED if event.attempt:
                self._commit(event, event.attempt)
            case EventType.TASK_FINISHED:
                self.finished = event.reason or "finished"
            case _:
                raise StoreError(f"event {event.seq} ({event.type}) of {self.task} does not fit what came before")
        self.wall_ns = max(self.wall_ns, event.wall_ns or 0)

    @property
    def pending(self) -> list[Node]:
        """Expansions that were reserved and are not done yet, oldest first."""
        return list(self._open.values())

    @property
    def attempts(self) -> list[Attempt]:
        """The judged nodes, in order of reservation."""
        return [node.attempt for node in self.nodes.values() if node.attempt is not None]

    @property
    def charged(self) -> int:
        """Nodes that count: judged, or still to come; not those that could not be judged."""
        return len(self.judged) + sum(self._left.values())

    @property
    def best_fitness(self) -> float:
        """Fitness of the best node; 0 while nothing passes."""
        return self._best_fitness

    def lane(self, number: int) -> Lane:
        """Return a lane, begun or not."""
        return self.lanes.get(number) or Lane()

    def members(self) -> list[Node]:
        """Return the archive's survivors."""
        return list(self.shelf.members())

    def rng(self, salt: str = "") -> Random:
        """Return a source of random numbers that depends on the seed and on how far the search is, and on nothing else."""
        return Random(f"{self.rules.seed}/{self.task}/{self.expansions}/{len(self.judged)}/{salt}")

    def _reserve(self, event: Event) -> None:
        parent = self.nodes.get(event.parent or "")
        node = Node.reserved(event, self.expansions, parent)
        self.nodes[node.id] = self._open[node.id] = node
        self._left[node.id] = node.proposals
        self.expansions += 1
        self.rounds = max(self.rounds, node.round + 1)
        self._adopt(node, parent)
        self.lanes.setdefault(node.lane, Lane()).pending += 1
        self.models.reserved(node)
        if self.observer:
            self.observer.reserved(node, self)

    def _adopt(self, node: Node, parent: Node | None) -> None:
        if parent is None:
            self.drafts.append(node)
        else:
            parent.children.append(node)
            parent.open_children += 1
            node.debug_depth = parent.debug_depth

    def _reply(self, node: Node, event: Event) -> None:
        assert event.prompt_sha256 is not None
        assert event.reply_sha256 is not None
        reply = LoggedReply(
            prompt_sha256=event.prompt_sha256,
            reply_sha256=event.reply_sha256,
            usage=event.usage or Usage(),
            cost_usd=event.cost_usd,
            stop_reason=event.stop_reason or "end",
            role=event.role or "coder",
        )
        node.replies[event.step or 0, event.call or 0, event.again or False] = reply
        self._pay(node, event)

    def _pay(self, node: Node, event: Event) -> None:
        amounts = call_amounts(event.usage or Usage(), event.cost_usd)
        add(self.spent, amounts)
        add(self.lanes[node.lane].spent, amounts)

    def _draft(self, node: Node, event: Event, verdict: Verdict) -> None:
        node.drafts[event.step or 0, event.call or 0] = verdict
        digest = event.candidate_sha256 or ""
        if verdict.status is Status.INFRA_ERROR or digest in self.verdicts:
            return
        amounts = verdict_amounts(verdict)
        add(self.spent, amounts)
        add(self.lanes[node.lane].spent, amounts)
        self.verdicts[digest] = verdict
        self._paid.add(digest)

    def price_of(self, attempt: Attempt) -> dict[str, int]:
        """Return what a verdict that is to be committed costs: nothing where it was that on a draft before."""
        return {} if attempt.candidate_sha256 in self._paid else evaluation_amounts(attempt)

    def _commit(self, event: Event, attempt: Attempt) -> None:
        node = self._proposal(event, attempt)
        lane = self.lanes[node.lane]
        amounts = self.price_of(attempt)
        add(self.spent, amounts)
        add(lane.spent, amounts)
        node.judge(attempt, len(self.judged))
        if node.parent in self.nodes:
            self.nodes[node.parent].open_children -= 1
        self._close(node, attempt, lane)
        self.models.judged(node, self.nodes.get(node.parent or ""))
        if node.infra:
            self.infra_errors += 1
        else:
            self._take(node, attempt, lane)
        if self._best_rank is None or (node.rank > self._best_rank and not node.duplicate):
            self.best, self._best_rank = attempt, node.rank
        if not node.infra:
            self.since_best = 0 if node.fitness > self._best_fitness else self.since_best + (self._best_fitness > 0)
        self._best_fitness = max(self._best_fitness, node.fitness)
        while len(self.round_best) <= node.round:
            self.round_best.append(self.round_best[-1] if self.round_best else 0.0)
        self.round_best[-1] = self._best_fitness
        if self.observer:
            self.observer.judged(node, self)

    def _take(self, node: Node, attempt: Attempt, lane: Lane) -> None:
        """Let a verdict that counts into everything that is kept."""
        self.infra_errors = 0
        self.failures = 0 if node.passed else self.failures + 1
        node.debug_depth = 0 if node.passed else node.debug_depth + 1
        parent = self.nodes.get(node.parent or "")
        if parent is not None and not node.passed:
            parent.failed_children += 1
        self.judged.append(node)
        lane.take(node)
        if attempt.candidate_sha256 and attempt.verdict.status is not Status.INFRA_ERROR and not node.duplicate:
            self.verdicts.setdefault(attempt.candidate_sha256, attempt.verdict)
            self.originals.setdefault(attempt.candidate_sha256, node.id)
        said = [(True, text) for text in attempt.lessons_try] + [(False, text) for text in attempt.lessons_avoid]
        self.lessons += [Lesson(text, keep, node.id) for keep, text in said if text not in self._lesson_texts]
        self._lesson_texts.update(text for _, text in said)
        if not node.duplicate:
            self.shelf.add(node)
            self.ranked.add(node)
            self.by_round.setdefault(node.round, []).append(node)

    def _proposal(self, event: Event, attempt: Attempt) -> Node:
        """Return the node that is judged: the reserved one, or a further one of the same expansion."""
        if attempt.proposal == 0:
            return self._node(event)
        expansion = self.nodes.get((event.node or "").rpartition(".")[0])
        if expansion is None or not event.node or event.node in self.nodes:
            raise StoreError(f"event {event.seq} ({event.type}) of {self.task} is about a node that was not reserved")
        node = Node(
            id=event.node,
            turn=expansion.turn,
            parent=expansion.parent,
            proposal=attempt.proposal,
            proposals=expansion.proposals,
            co_parents=expansion.co_parents,
            inspirations=expansion.inspirations,
            operator=expansion.operator,
            directive=expansion.directive,
            model=expansion.model,
            lane=expansion.lane,
            round=expansion.round,
            depth=expansion.depth,
        )
        self.nodes[node.id] = node
        self._adopt(node, self.nodes.get(node.parent or ""))
        return node

    def _close(self, node: Node, attempt: Attempt, lane: Lane) -> None:
        """Count down what is still to come of the node's expansion."""
        expansion = node.id if node.proposal == 0 else node.id.rpartition(".")[0]
        self._left[expansion] = attempt.proposals - attempt.proposal - 1
        if self._left[expansion] <= 0:
            del self._left[expansion]
            self._open.pop(expansion, None)
            lane.pending -= 1

    def _node(self, event: Event) -> Node:
        node = self.nodes.get(event.node or "")
        if node is None or (event.type is EventType.NODE_COMMITTED and node.attempt is not None):
            raise StoreError(f"event {event.seq} ({event.type}) of {self.task} is about a node that was not reserved")
        return node
