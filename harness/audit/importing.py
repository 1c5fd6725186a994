"""Makes a suite of somebody else's problems: their texts to the byte, and small sizes found for them.

KernelBench's files have one set of sizes, up to 16 GiB, at which nothing can be proven on an ordinary machine. Smaller
ones are searched for on the `meta` device: constants are halved as long as the problem still runs.
"""

import json
import os
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from harness.audit.survey import each
from harness.errors import ProblemError, UsageError
from harness.models import Problem, Sizes, Tier
from harness.models.problem import SizeLiteral
from harness.suite import survey, tiers
from harness.suite.imported import OVERLAY_NAME
from harness.suite.tiers import integer_constants
from harness.suite.workload import sized

WANTED_ELEMENTS = 500_000
"""Inputs, outputs and parameters of a proposed tier have at most as many elements, each, if the constants allow it."""
MIN_OUTPUT_ELEMENTS = 64
"""An output is not shrunk below this: a wrong kernel has to have somewhere to show."""
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_UNSAFE = re.compile(r"[^\w.-]+")
SEARCH_S = 8.0
"""Time that the search may take for one problem; what was found by then is used."""


@dataclass(frozen=True)
class Imported:
    """What an import made."""

    folder: Path
    """The suite's folder."""
    problems: int
    """Problems written."""
    sized: int
    """Problems that have `ci` sizes now."""
    broken: tuple[ProblemError, ...]
    """Why the others were not imported."""


def import_suite(
    source: str, folder: Path, overlay: str | None = None, *, sizes: bool = True, jobs: int | None = None
) -> Imported:
    """Write the problems of `source`, unmodified, to `folder`, with an overlay of sizes beside them.

    Raises:
        UsageError: `folder` has something in it already, or `source` names no problems.
        ProblemError: the overlay cannot be read.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(f"{folder} is not an empty folder; name a new one with --into")
    problems, broken = survey(source, overlay)
    proposed: dict[str, Sizes] = {}
    lacking = [problem for problem in problems if Tier.CI not in problem.tiers] if sizes else []
    for problem, found in zip(lacking, each(propose_sizes, lacking, jobs=jobs), strict=True):
        if isinstance(found, ProblemError):
            broken.append(found)
        elif found:
            proposed[problem.id] = found
    for problem in problems:
        path = folder / _relative(problem)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(problem.source, "utf-8", newline="")
    text = "".join(_tables(problem, proposed.get(problem.id)) for problem in problems)
    if text:
        (folder / OVERLAY_NAME).write_text(text, "utf-8")
    sized = sum(Tier.CI in problem.tiers or problem.id in proposed for problem in problems)
    return Imported(folder, len(problems), sized, tuple(broken))


def _relative(problem: Problem) -> Path:
    """Return where a problem goes: `level1/23_Softmax.py`, or just the file's name where it has no level."""
    level, slash, number = problem.id.rpartition(":")[2].partition("/")
    if not slash:
        return Path(os.path.basename(problem.origin))
    return Path(level) / f"{number}_{_UNSAFE.sub('_', problem.name)}.py"


def _tables(problem: Problem, proposed: Sizes | None) -> str:
    """Return the sizes of a problem that its file does not hold itself, as TOML."""
    in_file, unseen_in_file = tiers.read_literals(tiers.parse(problem.source))
    added = {tier: sizes for tier, sizes in problem.tiers.items() if tier not in in_file}
    if proposed:
        added[Tier.CI] = proposed
    name = _string(_relative(problem).with_suffix("").name if "/" not in problem.id else problem.id.rpartition(":")[2])
    tables = [(f"[{name}.tiers.{tier}]", sizes) for tier, sizes in added.items()]
    tables += [(f"[[{name}.unseen]]", sizes) for sizes in problem.unseen[len(unseen_in_file) :]]
    return "".join(
        head + "\n" + "".join(_row(key, value) for key, value in sizes.items()) + "\n" for head, sizes in tables
    )


def _row(key: str, value: SizeLiteral) -> str:
    """Return one line of TOML, which has no null: a constant that is None keeps the file's value."""
    bare = key if _BARE.fullmatch(key) else _string(key)
    return "" if value is None else f"{bare} = {_toml(value)}\n"


def _toml(value: SizeLiteral) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_toml, value))}]"
    if isinstance(value, bool):
        return str(value).lower()
    return _string(value) if isinstance(value, str) else str(value)


def _string(text: str) -> str:
    """Return a basic string of TOML, which is one of JSON."""
    return json.dumps(text, ensure_ascii=False)


def propose_sizes(problem: Problem) -> Sizes:
    """Return values for integer constants of `problem` that make it small; empty where none can be found.

    Greedy: of all constants whose halving still runs on `meta`, the one that takes the most elements away is halved,
    until inputs, outputs and parameters are small enough.

    Raises:
        ProblemError: the problem does not run at its own sizes.
    """
    original = constants = integer_constants(problem.source)
    if not constants:
        return {}
    cost = _run(problem, constants)
    end = time.monotonic() + SEARCH_S
    while cost > WANTED_ELEMENTS and time.monotonic() < end:
        trials = [(found, trial) for trial in _smaller(constants) if (found := _cost(problem, trial)) is not None]
        if not trials:
            break
        best_cost, best = min(trials, key=lambda pair: pair[0])
        if best_cost >= cost:
            break
        cost, constants = best_cost, best
    return {name: value for name, value in constants.items() if value != original[name]}


def _smaller(constants: Sizes) -> Iterator[Sizes]:
    """Yield the constants with one number halved."""
    for name, value in constants.items():
        if isinstance(value, list):
            for index, item in enumerate(value):
                if isinstance(item, int) and item > 1:
                    yield constants | {name: [*value[:index], item // 2, *value[index + 1 :]]}
        elif isinstance(value, int) and value > 1:
            yield constants | {name: value // 2}


def _cost(problem: Problem, constants: Sizes) -> int | None:
    """Return the elements of inputs, outputs or parameters, whichever has most; None where it does not run."""
    try:
        return _run(problem, constants)
    except ProblemError:
        return None


def _run(problem: Problem, constants: Sizes) -> int:
    """Run `problem` on `meta` with other constants; see `_cost`.

    Raises:
        ProblemError: it raises, or leaves too small an output.
    """
    from harness.audit.facts import on_meta

    ran = on_meta(sized(problem, Tier.CI, constants))
    inputs, out, parameters = (sum(t.numel() for t in of) for of in (ran.inputs, ran.outputs, ran.model.parameters()))
    if out < MIN_OUTPUT_ELEMENTS and any(output.dim() for output in ran.outputs):
        raise ProblemError(f"{problem.id}: {out} output elements")
    return max(inputs, out, parameters)
