"""How far right and degraded kernels are from the judge's budgets: the figures from which `tolerance` is chosen."""

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import torch

from harness.audit.honest import variants
from harness.audit.subject import Draw, Outputs, Subject
from harness.judge.oracle import PUBLISHED, ask, fair, is_exact, output_budget
from harness.judge.reference import drawing
from harness.judge.tape import Tape, rounding, rounding_operands, truncating
from harness.judge.variations import VARIATIONS, vary
from harness.models import Problem, Tier
from harness.suite import workload

DEGRADED: dict[str, Callable[[], Tape]] = {
    "bfloat16 values": partial(rounding, torch.bfloat16),
    "float16 values": partial(rounding, torch.float16),
    "bfloat16 operands": partial(rounding_operands, torch.bfloat16),
    "float16 operands": partial(rounding_operands, torch.float16),
    "TF32 products": truncating,
}
"""Kind -> how a float32 kernel is degraded: everything it computes rounded, or only the operands of its products."""


@dataclasses.dataclass(frozen=True)
class Margin:
    """The worst of one kernel over all questions of one problem."""

    kind: str
    honest: bool
    rewritten: int
    """Operations that it computes differently, over all questions."""
    worst_ratio: float
    """Error over budget; above 1 is a rejection."""
    where: str
    """The question on which it was worst."""


@dataclasses.dataclass(frozen=True)
class Margins:
    """Everything that was tried on one problem."""

    problem_id: str
    questions: tuple[str, ...]
    kernels: tuple[Margin, ...]


def margins(problem: Problem, tier: Tier = Tier.CI, degraded: bool = True) -> Margins:
    """Judge honest and degraded kernels by the budgets that the judge would use, on published and on varied inputs.

    Raises:
        ProblemError: the problem cannot be run.
    """
    subject = Subject(workload(problem, tier))
    questions = [(PUBLISHED, draw) for draw in subject.draws] + list(_varied(subject))
    found = [_honest(subject, questions, number) for number in range(len(variants()))]
    if degraded:
        found += [_degraded(subject, kind) for kind in DEGRADED]
    names = tuple(name for name, _ in questions)
    return Margins(problem.id, names, tuple(margin for margin in found if margin is not None))


def _varied(subject: Subject) -> Iterator[tuple[str, Draw]]:
    """Yield the questions on inputs other than published, as the oracle makes them."""
    for number, name in enumerate(VARIATIONS):
        with drawing(subject.seed ^ (number + 100)):
            inputs = vary(subject.draws[0].inputs, name)
        narrow = subject.try_run(inputs)
        if narrow is None:
            continue
        asked = ask(subject.reference, inputs, narrow)
        if not fair(asked):
            continue
        exact = name == "small integers" and is_exact(asked)
        budgets = [output_budget(*of, exact=exact) for of in asked.outputs()]
        yield name, Draw(inputs, narrow, budgets)


def _honest(subject: Subject, questions: Sequence[tuple[str, Draw]], number: int) -> Margin | None:
    """Try one honest variant; None where it finds nothing to rewrite."""
    worst, where, rewritten = 0.0, "", 0
    kind = variants()[number].kind
    for name, draw in questions:
        variant = variants()[number]
        with drawing(subject.seed):
            outputs = subject.run(draw.inputs, variant.tape())
        rewritten += variant.rewritten
        ratio = _ratio(subject, outputs, draw)
        if not ratio <= worst:
            worst, where = ratio, name
    return Margin(kind, True, rewritten, worst, where) if rewritten else None


def _degraded(subject: Subject, kind: str) -> Margin | None:
    """Try one degradation on one published draw; None where it changes nothing."""
    draw = subject.draws[0]
    outputs = subject.try_run(draw.inputs, DEGRADED[kind]())
    if outputs is None or all(map(_equal, outputs, draw.outputs)):
        return None
    return Margin(kind, False, 1, _ratio(subject, outputs, draw), PUBLISHED)


def _ratio(subject: Subject, outputs: Outputs, draw: Draw) -> float:
    return subject.judge(outputs, draw).worst_ratio


def _equal(a: Any, b: Any) -> bool:
    return bool(torch.equal(a, b))
