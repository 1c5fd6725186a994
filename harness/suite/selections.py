"""Selections of problems: named subsets, levels, ids, files, folders and rows of a dataset, joined by commas."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from harness.errors import ProblemError, UsageError, suggestion
from harness.models import Problem
from harness.suite.content import content_root
from harness.suite.imported import ROW_SUFFIXES, Loaded, load_folder, load_rows
from harness.suite.loader import ID, LEVEL, load_problem, problem_ids
from harness.suite.overlay import Overlay, read_text

ALL = "all"


@dataclass(frozen=True)
class Selection:
    """A named subset of the suite."""

    description: str
    """What it is for."""
    problems: tuple[str, ...]
    """Ids, levels and other selections."""


@cache
def named_selections() -> dict[str, Selection]:
    """Return the selections of `problems/selections.toml`, by name.

    Raises:
        ProblemError: the file cannot be read or has another form.
    """
    path = content_root() / "problems" / "selections.toml"
    try:
        tables = tomllib.loads(read_text(path))
        return {
            name: Selection(str(table["description"]), tuple(map(str, table["problems"])))
            for name, table in tables.items()
        }
    except (tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise ProblemError(f"{path}: every table needs a description and a list of problems ({error})") from None


def select(selection: str, overlay: str | Path | None = None) -> list[Problem]:
    """Return the problems of a selection, in its order and each once.

    A selection is a name of `problems/selections.toml` such as `quickstart`, `all`, a level such as `level1`, an id, a
    KernelBench file, a folder of KernelBench files, a `.jsonl` or `.parquet` of its dataset rows, or several of these
    joined by commas. `overlay` adds tiers to files and rows that have none.

    Raises:
        UsageError: a part is none of these, or nothing is left.
        ProblemError: a problem cannot be loaded; the message is the first one's. `survey` goes on.
    """
    found, broken = survey(selection, overlay)
    if broken:
        rest = f" (and {len(broken) - 1} more: harness problems list {selection})" if len(broken) > 1 else ""
        raise ProblemError(f"{broken[0]}{rest}")
    return found


def survey(selection: str, overlay: str | Path | None = None) -> tuple[list[Problem], list[ProblemError]]:
    """Return the problems of a selection that load, and an error for each that does not.

    Raises:
        UsageError: see `select`.
    """
    sizes = None if overlay is None else Overlay.read(Path(overlay).expanduser())
    chosen: dict[str, Problem] = {}
    broken: list[ProblemError] = []
    for part in filter(None, (piece.strip() for piece in selection.split(","))):
        for problem in _part(part, sizes):
            if isinstance(problem, ProblemError):
                broken.append(problem)
                continue
            known = chosen.setdefault(problem.id, problem)
            if known.origin != problem.origin:
                raise UsageError(f"{known.origin} and {problem.origin} are both '{problem.id}'; select one of them")
    if not chosen and not broken:
        raise UsageError(f"no problem in '{selection}': name quickstart, all, level1, an id, a file or a folder")
    return list(chosen.values()), broken


def _part(part: str, overlay: Overlay | None) -> Loaded:
    """Yield the problems of one part of a selection."""
    named = named_selections()
    if part in named:
        return (problem for name in named[part].problems for problem in _part(name, overlay))
    if part == ALL:
        return _load_each(problem_ids())
    if LEVEL.fullmatch(part):
        members = [found for found in problem_ids() if found.startswith(f"{part}/")]
        if not members:
            levels = dict.fromkeys(found.split("/")[0] for found in problem_ids())
            raise UsageError(f"no problems in '{part}' (known: {', '.join(levels)})")
        return _load_each(members)
    path = Path(part).expanduser()
    if path.suffix in ROW_SUFFIXES:
        return load_rows(path, *(() if overlay is None else (overlay,)))
    if path.is_dir() and not ID.fullmatch(part):
        return load_folder(path, overlay)
    known = [*named, ALL]
    if not ID.fullmatch(part) and path.suffix != ".py" and suggestion(part, known):
        raise UsageError(f"unknown selection '{part}'{suggestion(part, known)}")
    return _load_each([part], overlay)


def _load_each(refs: list[str], overlay: Overlay | None = None) -> Iterator[Problem | ProblemError]:
    for ref in refs:
        try:
            yield load_problem(ref, overlay)
        except ProblemError as error:
            yield error
