"""Suites of others: a folder of KernelBench files, or rows of its dataset as JSONL or parquet. Every text is kept as it is.

A row has the columns `code`, `level`, `name` and `problem_id`, as the dataset on the Hugging Face hub has.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from harness.errors import ProblemError, UsageError
from harness.models import Problem
from harness.suite.loader import NUMBERED, index_of, load_file, make_problem, name_of, only_file
from harness.suite.overlay import NO_OVERLAY, Overlay

ROW_SUFFIXES = (".jsonl", ".parquet")
COLUMNS = ("code", "level", "name", "problem_id")
OVERLAY_NAME = "overlay.toml"
"""An overlay of this name in a suite's folder is used without being named."""

Loaded = Iterator[Problem | ProblemError]
"""Problems in order; in place of one that cannot be loaded, why."""


def load_rows(path: Path, overlay: Overlay = NO_OVERLAY) -> Loaded:
    """Yield the problems of a JSONL or parquet file; their ids are `<stem>:level1/23`.

    Raises:
        UsageError: the file cannot be read as rows.
    """
    seen: set[str] = set()
    for where, row in _rows(path):
        try:
            problem = _problem(path, where, row, overlay)
            if problem.id in seen:
                raise ProblemError(f"{where}: level and problem_id of {problem.id} are taken by a row before it")
            seen.add(problem.id)
            yield problem
        except ProblemError as error:
            yield error


def _problem(path: Path, where: str, row: Any, overlay: Overlay) -> Problem:
    missing = [column for column in COLUMNS if not isinstance(row, dict) or column not in row]
    if missing:
        raise ProblemError(f"{where}: no column {', '.join(missing)} (a row has {', '.join(COLUMNS)})")
    try:
        level, number = int(row["level"]), int(row["problem_id"])
    except (TypeError, ValueError):
        raise ProblemError(f"{where}: level and problem_id must be whole numbers") from None
    return make_problem(
        str(row["code"]),
        f"{path.stem}:level{level}/{number}",
        name=name_of(str(row["name"]).removesuffix(".py")),
        origin=f"{path}#level{level}/{number}",
        where=where,
        overlay=overlay,
    )


def _rows(path: Path) -> Iterator[tuple[str, Any]]:
    """Yield every row with what an error calls it."""
    if path.suffix == ".parquet":
        for number, row in enumerate(_parquet(path), 1):
            yield f"{path}: row {number}", row
        return
    try:
        lines = path.read_bytes().decode("utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: cannot be read as JSONL ({error})") from None
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                yield f"{path}: line {number}", json.loads(line)
            except ValueError as error:
                yield f"{path}: line {number}: not JSON ({error})", None


def _parquet(path: Path) -> list[dict[str, Any]]:
    try:
        import duckdb
    except ImportError:
        raise UsageError(f"{path}: reading parquet needs duckdb: pip install 'kernel-harness[report]'") from None
    try:
        table = duckdb.read_parquet(str(path))
        return [dict(zip(table.columns, row, strict=True)) for row in table.fetchall()]
    except duckdb.Error as error:
        raise UsageError(f"{path}: cannot be read as parquet ({str(error).splitlines()[0]})") from None


def load_folder(folder: Path, overlay: Overlay | None = None) -> Loaded:
    """Yield the numbered problem files of a folder, or of its `level*` folders, in KernelBench's order.

    Ids are the stems in a flat folder, and `<folder>:level1/23` in a folder of levels.

    Raises:
        UsageError: there is no numbered file in it.
        ProblemError: its overlay cannot be read.
    """
    if overlay is None:
        beside = folder / OVERLAY_NAME
        overlay = Overlay.read(beside) if beside.is_file() else NO_OVERLAY
    flat = sorted(
        ((int(match[1]), path.name, path) for path in folder.glob("*.py") if (match := NUMBERED.fullmatch(path.stem))),
    )
    files = {path.stem: [path] for _, _, path in flat} or {
        f"{folder.resolve().name}:{found}": paths for found, paths in index_of(folder.resolve()).items()
    }
    if not files:
        raise UsageError(f"no KernelBench files such as '23_Softmax.py' in {folder}")
    for found, paths in files.items():
        try:
            yield load_file(only_file(found, paths), found, overlay)
        except ProblemError as error:
            yield error
