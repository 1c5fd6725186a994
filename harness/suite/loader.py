"""Finds problems by id, path or selection, and loads them without executing anything.

A native problem is `problems/level1/023_softmax.py`; its id is `level1/23`, its KernelBench name stands in
`problems/index.toml`. Any other KernelBench file, such as upstream's `23_Softmax.py`, loads as it is: its id is the
stem, its only tier `gpu`, unless an overlay names more.
"""

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from harness.errors import ProblemError, UsageError, suggestion
from harness.models import Problem, sha256_hex
from harness.suite import tiers
from harness.suite.content import content_root

QUICKSTART = tuple(
    [f"level1/{number}" for number in (1, 23, 36, 40, 42, 50, 82, 89, 95, 97)] + ["level2/86", "level3/1"]
)
"""One problem of each family: what `harness run quickstart` asks."""

REQUIRED = ("Model", "get_inputs", "get_init_inputs")
"""Names that make a file a KernelBench problem."""

_ID = re.compile(r"(?:level)?(\d+)/(\d+)")
_LEVEL = re.compile(r"level\d+")
_NUMBERED = re.compile(r"(\d+)_(.+)")
_LIST_HINT = "(harness problems list)"


def problem_ids() -> list[str]:
    """Return the ids of the suite, ordered by level and number."""
    return list(_index())


@cache
def _index() -> dict[str, Path]:
    """Map every id of the suite to its file."""
    found: dict[tuple[int, int], Path] = {}
    for path in (content_root() / "problems").glob("level*/*.py"):
        level, number = _LEVEL.fullmatch(path.parent.name), _NUMBERED.fullmatch(path.stem)
        if level is None or number is None:
            continue
        key = (int(path.parent.name.removeprefix("level")), int(number[1]))
        if key in found:
            raise ProblemError(f"{path} and {found[key].name} have the same number")
        found[key] = path
    return {f"level{level}/{number}": found[level, number] for level, number in sorted(found)}


@cache
def _names() -> dict[str, str]:
    """Map ids to KernelBench's names, from `problems/index.toml`."""
    path = content_root() / "problems" / "index.toml"
    try:
        levels = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise ProblemError(f"{path}: {error}") from None
    return {f"{level}/{number}": str(name) for level, names in levels.items() for number, name in names.items()}


def load_problem(ref: str | Path, overlay: str | Path | None = None) -> Problem:
    """Load the problem with id `ref` (`level1/23`, `level1/023`, `1/23`), or the KernelBench file at path `ref`.

    `overlay` is a TOML file that adds tiers to a file that has none: tables `[tiers.cpu]`, `[tiers.ci]` and
    `[[unseen]]` of constants.

    Raises:
        UsageError: there is no such id; the message names the closest id or name.
        ProblemError: the file is missing, or is not a KernelBench problem.
    """
    text = str(ref)
    match = _ID.fullmatch(text)
    if match:
        found = f"level{int(match[1])}/{int(match[2])}"
        path = _index().get(found)
        if path is None:
            raise UsageError(f"unknown problem '{text}'{suggestion(found, _index())} {_LIST_HINT}")
        return _load(path, found, overlay)
    path = Path(text).expanduser()
    if path.suffix != ".py" and not path.exists():
        raise UsageError(f"unknown problem '{text}'{_closest(text)} {_LIST_HINT}")
    return _load(path, _id_of(path), overlay)


def _closest(text: str) -> str:
    """Return the suggestion for something that is neither an id nor a path, by id or by name."""
    by_name = {name.lower(): found for found, name in _names().items() if found in _index()}
    near = suggestion(text.lower(), by_name)
    if near:
        name = near.split("'")[1]
        return f" - did you mean '{by_name[name]}' ({_names()[by_name[name]]})?"
    return suggestion(text, _index())


def _id_of(path: Path) -> str:
    """Return the id of a file that was given by path: the suite's where it lies in the suite, else its stem."""
    resolved = path.resolve()
    return next((found for found, native in _index().items() if native.resolve() == resolved), path.stem)


def _load(path: Path, found: str, overlay: str | Path | None) -> Problem:
    source = _read(path)
    try:
        layout = tiers.parse(source)
        missing = [name for name in REQUIRED if name not in layout.bound]
        if missing:
            raise ProblemError(f"not a KernelBench problem: it defines no {', '.join(missing)}")
        sizes, unseen = tiers.read_literals(layout)
        if overlay is not None:
            more, more_unseen = _overlay(layout, Path(overlay).expanduser())
            sizes, unseen = sizes | more, unseen + more_unseen
    except ProblemError as error:
        raise ProblemError(f"{path}: {error}") from None
    native = _index().get(found)
    if native is not None and native.resolve() != path.resolve():
        native = None
    return Problem(
        id=found,
        name=_names().get(found, _name_of(path)) if native else _name_of(path),
        source=source,
        sha256=sha256_hex(source),
        tiers=sizes,
        unseen=unseen,
        origin=f"{native.parent.name}/{native.name}" if native else str(path),
    )


def _name_of(path: Path) -> str:
    """Return the name in a stem such as `23_Softmax` or `1_Square_matrix_multiplication_`."""
    numbered = _NUMBERED.fullmatch(path.stem)
    return (numbered[2] if numbered else path.stem).strip("_") or path.stem


def _read(path: Path) -> str:
    """Read a file as UTF-8, with one clear error for everything that can be wrong with it."""
    try:
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise ProblemError(f"{path}: no such file") from None
    except IsADirectoryError:
        raise ProblemError(f"{path}: is a folder, not a problem file") from None
    except UnicodeDecodeError as error:
        raise ProblemError(f"{path}: not UTF-8 text (byte {error.start})") from None
    except OSError as error:
        raise ProblemError(f"{path}: cannot be read ({error.strerror})") from None


def _overlay(layout: tiers.Layout, path: Path) -> tiers.Tiers:
    try:
        table = tomllib.loads(_read(path))
        unknown = set(table) - {"tiers", "unseen"}
        if unknown:
            raise ProblemError(f"unknown table '{min(unknown)}' (known: tiers, unseen)")
        return tiers.check_sizes(layout, table.get("tiers", {}), table.get("unseen", []))
    except (tomllib.TOMLDecodeError, ProblemError) as error:
        raise ProblemError(f"overlay {path}: {error}") from None


def select(selection: str) -> list[Problem]:
    """Return the problems of a selection, in its order and each once.

    A selection is `quickstart`, `all`, a level such as `level1`, an id, a KernelBench file, a folder of KernelBench
    files, or several of these joined by commas.

    Raises:
        UsageError: a part is none of these, or nothing is left.
        ProblemError: one of the files is not a problem.
    """
    chosen: dict[str, Problem] = {}
    for part in filter(None, (piece.strip() for piece in selection.split(","))):
        for problem in _part(part):
            known = chosen.setdefault(problem.id, problem)
            if known.origin != problem.origin:
                raise UsageError(f"{known.origin} and {problem.origin} are both '{problem.id}'; select one of them")
    if not chosen:
        raise UsageError(f"no problem in '{selection}': name quickstart, all, level1, an id, a file or a folder")
    return list(chosen.values())


def _part(part: str) -> Iterator[Problem]:
    if part == "quickstart":
        return map(load_problem, QUICKSTART)
    if part == "all":
        return map(load_problem, problem_ids())
    if _LEVEL.fullmatch(part):
        members = [found for found in problem_ids() if found.startswith(f"{part}/")]
        if not members:
            levels = dict.fromkeys(found.split("/")[0] for found in problem_ids())
            raise UsageError(f"no problems in '{part}' (known: {', '.join(levels)})")
        return map(load_problem, members)
    folder = Path(part).expanduser()
    if folder.is_dir() and not _ID.fullmatch(part):
        return map(load_problem, _folder(folder))
    selections = ["quickstart", "all"]
    if not _ID.fullmatch(part) and not part.endswith(".py") and suggestion(part, selections):
        raise UsageError(f"unknown selection '{part}'{suggestion(part, selections)}")
    return iter([load_problem(part)])


def _folder(folder: Path) -> list[Path]:
    """Return the numbered problem files of a folder, or of its `level*` folders, in KernelBench's order."""
    for pattern in ("*.py", "level*/*.py"):
        numbered = [
            (path.parent.name, match, path)
            for path in folder.glob(pattern)
            if (match := _NUMBERED.fullmatch(path.stem))
        ]
        if numbered:
            return [path for _, _, path in sorted(numbered, key=lambda row: (row[0], int(row[1][1]), row[2].name))]
    raise UsageError(f"no KernelBench files such as '23_Softmax.py' in {folder}")
