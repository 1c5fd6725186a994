"""Baselines of a selection: which are there and hold, which have to be measured, and measuring these."""

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from harness.errors import UsageError, suggestion
from harness.judge import Judge
from harness.models import Baseline, BaselineConditions, EvalOptions, Problem, Workload
from harness.score import forms_missing
from harness.score.baselines import EAGER
from harness.store.baselines import BaselineStore

MODES = (EAGER, "compile", "max-autotune")
"""The forms of a reference that can be measured."""


@dataclasses.dataclass(frozen=True)
class Planned:
    """One workload, before anything is measured."""

    problem: Problem
    """The problem."""
    work: Workload
    """Its text at the sizes asked for."""
    conditions: BaselineConditions
    """What its baseline has to hold for."""
    held: Baseline | None
    """The one that is there and holds."""
    note: str | None
    """Why one that is there does not hold."""
    modes: tuple[str, ...]
    """What has to be measured; empty where nothing has."""


def parse_modes(text: str) -> tuple[str, ...]:
    """Return the modes in `text`, joined by commas, each once and in our order.

    Raises:
        UsageError: one does not exist, or there is none.
    """
    asked = [name for part in text.split(",") if (name := part.strip())]
    for name in asked:
        if name not in MODES:
            raise UsageError(f"unknown mode '{name}'{suggestion(name, MODES)} (known: {', '.join(MODES)})")
    if not asked:
        raise UsageError(f"--modes names none (known: {', '.join(MODES)})")
    return tuple(mode for mode in MODES if mode in asked)


def plan(
    problems: Sequence[Problem],
    options: EvalOptions,
    modes: Sequence[str],
    store: BaselineStore,
    *,
    force: bool = False,
) -> list[Planned]:
    """Return what there is to do. Forms are compared with each other, so that a missing one has all measured again.

    Raises:
        UsageError: a problem does not have the tier.
        ToolchainError: there is no C++ compiler.
        StoreError: a stored baseline cannot be read.
    """
    from harness.judge.baselines import conditions_here
    from harness.suite import workload

    planned = []
    for problem in problems:
        work = workload(problem, options.tier)
        wanted = conditions_here(work, options)
        held, note = store.read(wanted)
        missing = forms_missing(held, modes) if not force else list(modes)
        kept = held.forms if held else {}
        todo = tuple(mode for mode in MODES if missing and (mode in modes or mode in kept))
        planned.append(Planned(problem, work, wanted, held, note, todo))
    return planned


def measure_all(
    planned: Sequence[Planned],
    options: EvalOptions,
    cache_dir: Path,
    store: BaselineStore,
    progress: Callable[[str], None] = lambda stage: None,
) -> Iterator[tuple[Planned, Baseline]]:
    """Yield the baseline of each workload: the one that is held, or a new one, which is kept at once.

    Raises:
        HarnessError: see `harness.judge.baselines.measure` and `BaselineStore.write`.
    """
    from harness.judge.baselines import measure

    judge: Judge | None = None
    try:
        for each in planned:
            if not each.modes:
                assert each.held is not None
                yield each, each.held
                continue
            if judge is None:
                judge = Judge(options, cache_dir)
            found = measure(judge, each.problem, each.work, each.modes, partial(_say, progress, each.problem.id))
            store.write(found)
            yield each, found
    finally:
        if judge is not None:
            judge.close()


def _say(progress: Callable[[str], None], problem_id: str, stage: str) -> None:
    progress(f"{problem_id}: {stage}")
