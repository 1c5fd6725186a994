"""Which of several models is asked: UCB1 over models (Auer, Cesa-Bianchi and Fischer, Machine Learning 47, 2002).

ShinkaEvolve chooses the model of each mutation so. The statistics are folded from the log's reservations and verdicts, so
that a search which is resumed chooses as it would have.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import Field

from harness.search.nodes import Node
from harness.search.tables import Table


@dataclass
class Record:
    """What came of one model."""

    plays: int = 0
    """Expansions that it was asked for, those under way included: they send the next one elsewhere."""
    judged: int = 0
    """Their candidates that have a verdict, those that could not be judged left out."""
    total: float = 0.0
    """Sum of rewards."""

    @property
    def mean(self) -> float:
        """Mean reward; one half before there is any."""
        return self.total / self.judged if self.judged else 0.5


@dataclass
class ModelStats:
    """A record for each model that was chosen; a part of the fold."""

    records: dict[str, Record] = field(default_factory=dict)
    """By `provider/model`."""

    def reserved(self, node: Node) -> None:
        """Count the play of a new expansion."""
        if node.model is not None:
            self.records.setdefault(node.model, Record()).plays += 1

    def judged(self, node: Node, parent: Node | None) -> None:
        """Reward the model of a node that has its verdict; further candidates of one expansion are plays of their own."""
        if node.model is None:
            return
        record = self.records.setdefault(node.model, Record())
        record.plays += node.proposal > 0
        if node.infra:
            record.plays -= 1
            return
        record.judged += 1
        record.total += reward(node, parent)


def reward(node: Node, parent: Node | None) -> float:
    """Return what a model earns with a node, from 0 to 1.

    The share of its parent's time that it saves; where there was nothing correct before, s / (1 + s) for a speedup of s,
    which is one half for a kernel as fast as the reference. A failure and a repetition earn nothing.
    """
    if not node.passed or node.duplicate:
        return 0.0
    if parent is None or not parent.passed:
        return node.fitness / (1 + node.fitness)
    return max(0.0, 1 - parent.fitness / node.fitness)


class Router(Table):
    """`[router]`: several models, of which each expansion is given one."""

    models: tuple[str, ...] = ()
    """`provider/model` each. With some here the run's own model is not asked; with none it is the only one."""
    c: float = Field(default=1.0, ge=0)
    """Weight of exploration: the greatest mean + c sqrt(2 ln t / n) is chosen."""

    def pick(self, stats: ModelStats, extra: Mapping[str, int]) -> str | None:
        """Return the model of the next expansion, and null for the run's own.

        `extra` counts the plays of the same selection. A model that was never asked comes first, in the order of the list.
        """
        if not self.models:
            return None
        records = {name: stats.records.get(name, Record()) for name in self.models}
        plays = {name: record.plays + extra.get(name, 0) for name, record in records.items()}
        for name in self.models:
            if plays[name] == 0:
                return name
        total = sum(plays.values())

        def score(name: str) -> float:
            return records[name].mean + self.c * math.sqrt(2 * math.log(total) / plays[name])

        return max(self.models, key=score)
