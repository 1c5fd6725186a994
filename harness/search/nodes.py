"""What a search is made of: replies that were bought, nodes, and the rank by which nodes compare."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from harness.models import Attempt, Event, Stage, Status, Usage, Verdict

_STANDING = {Status.CORRECT: 2, Status.INCONCLUSIVE: 1, Status.INFRA_ERROR: -1}
_STAGES = {stage: position for position, stage in enumerate(Stage)}

ReplyKey = tuple[int, int, bool]
"""Step, call within the step, whether it was asked again."""


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
    role: str = "coder"
    """Who was asked."""


@dataclass
class Node:
    """One place of a search, from its reservation to its verdict.

    What is reserved is an expansion. It becomes one node, or several where its operator proposes several candidates:
    the first of them takes the place that was reserved, and the others are added when they are committed.
    """

    id: str
    """`level1/23#0.2`; further candidates of the same expansion are `level1/23#0.2.1`, ..."""
    turn: int
    """Position of its expansion in the search, from 0."""
    parent: str | None
    """Node whose candidate is shown to the model and edited; null for a draft."""
    proposal: int = 0
    """Which candidate of its expansion, from 0."""
    proposals: int = 1
    """Most candidates that the expansion may come to."""
    co_parents: tuple[str, ...] = ()
    """Further nodes that the candidate is to be crossed with."""
    inspirations: tuple[str, ...] = ()
    """Nodes that are shown beside the parent, in the order in which they are shown."""
    operator: str = "draft"
    """Pipeline of steps."""
    directive: str | None = None
    """Strategy directive, by name."""
    model: str | None = None
    """Model that is asked; null for the run's own."""
    lane: int = 0
    """Sub-search."""
    round: int = 0
    """Number of the selection that it came from."""
    depth: int = 0
    """Edits since its draft."""
    debug_depth: int = 0
    """Failing candidates in a row at the end of its line of parents, itself included once it is judged."""
    replies: dict[ReplyKey, LoggedReply] = field(default_factory=dict)
    """What was answered so far."""
    drafts: dict[tuple[int, int], Verdict] = field(default_factory=dict)
    """Verdicts on drafts so far, by step and call."""
    attempt: Attempt | None = None
    """The judged result, once there is one."""
    order: int = -1
    """Position among the judged nodes; -1 before."""
    rank: tuple[int, float, int, int] = (-2, 0.0, 0, 0)
    """Compares nodes as `harness.score.better` does: the greater is the better one."""
    passed: bool = False
    """Whether it is judged correct."""
    failed: bool = False
    """Whether it is judged, and not correct, by a fault of its own."""
    infra: bool = False
    """Whether it could not be judged; such a node is no attempt of the model's."""
    duplicate: bool = False
    """Whether its verdict is that of an earlier node."""
    counted: bool = False
    """Whether policies may choose it: judged, by a verdict of its own."""
    fitness: float = 0.0
    """Speedup; 0 unless it is correct, 1 where it is correct and was not timed."""
    measures: Mapping[str, float] = field(default_factory=dict, repr=False)
    """What it is good at, where it is correct, by name; more is better in each: speed, lower end of the speed's interval,
    closeness to float64, brevity."""
    children: list["Node"] = field(default_factory=list, repr=False)
    """Nodes whose parent it is, reserved ones included, in the order of reservation."""
    open_children: int = 0
    """Children that are not judged yet."""
    failed_children: int = 0
    """Judged children that are not correct."""
    notes: Mapping[str, Any] = field(default_factory=dict)
    """Only while a prompt is built: what earlier steps of the pipeline said, by role (JSON as parsed; a coder's as
    `code` and `text`). Empty elsewhere."""

    @property
    def log_fitness(self) -> float:
        """Natural logarithm of the fitness, for statistics; ratios are skewed. Minus infinity for failures."""
        return math.log(self.fitness) if self.fitness > 0 else -math.inf

    def judge(self, attempt: Attempt, order: int) -> None:
        """Take the verdict."""
        verdict = attempt.verdict
        standing = _STANDING.get(verdict.status, 0)
        speed = verdict.speedup.median if verdict.speedup else 0.0
        newness = -order if standing > 0 else order
        self.attempt, self.order = attempt, order
        self.rank = (standing, speed, _STAGES[verdict.stage], newness)
        self.passed, self.failed, self.infra = verdict.correct, standing in (0, 1), standing == -1
        self.duplicate = attempt.duplicate_of is not None
        self.counted = not self.infra and not self.duplicate
        if self.passed:
            self.fitness = verdict.speedup.median if verdict.speedup else 1.0
            self.measures = {
                "speed": self.fitness,
                "low": verdict.speedup.low if verdict.speedup else 0.0,
                "accuracy": 1 / (1 + verdict.error.worst_ratio) if verdict.error else 0.0,
                "brevity": 1 / (1 + float(attempt.features.get("lines", "1000"))),
            }

    @classmethod
    def reserved(cls, event: Event, turn: int, parent: "Node | None") -> "Node":
        """Return the node that `event` reserves."""
        return cls(
            id=event.node or "",
            turn=turn,
            parent=event.parent,
            proposals=event.proposals or 1,
            co_parents=tuple(event.co_parents or ()),
            inspirations=tuple(event.inspirations or ()),
            operator=event.operator or "draft",
            directive=event.directive,
            model=event.model,
            lane=event.lane or 0,
            round=turn if event.round is None else event.round,
            depth=parent.depth + 1 if parent else 0,
        )
