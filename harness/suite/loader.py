"""Finds problems by id or path, and loads them without executing anything.

A native problem is `problems/level1/023_softmax.py`; its id is `level1/23`, its KernelBench name stands in
`problems/index.toml`. Any other KernelBench file, such as upstream's `23_Softmax.py`, loads as it is: its id is the
stem, its only tier `gpu`, unless an overlay names more.
"""

import re
import tomllib
from functools import cache
from pathlib import Path

from harness.errors import ProblemError, UsageError, suggestion
from harness.models import Problem, sha256_hex
from harness.suite import tiers
from harness.suite.content import content_root
from harness.suite.overlay import NO_OVERLAY, Overlay, read_text

REQUIRED = ("Model", "get_inputs", "get_init_inputs")
"""Names that make a file a KernelBench problem."""

ID = re.compile(r"(?:level)?(\d+)/(\d+)")
LEVEL = re.compile(r"level(\d+)")
NUMBERED = re.compile(r"(\d+)_(.+)")
_LIST_HINT = "(harness problems list)"


def problem_ids() -> list[str]:
    """Return the ids of the suite, ordered by level and number."""
    return list(_index())


@cache
def _index() -> dict[str, list[Path]]:
    """Map every id of the suite to its file; to several, where their numbers clash."""
    return index_of(content_root() / "problems")


def index_of(folder: Path) -> dict[str, list[Path]]:
    """Map `level1/23` to the numbered files of that number in the `level*` folders of `folder`, in order."""
    found: dict[tuple[int, int], list[Path]] = {}
    for path in sorted(folder.glob("level*/*.py")):
        level, number = LEVEL.fullmatch(path.parent.name), NUMBERED.fullmatch(path.stem)
        if level is not None and number is not None:
            found.setdefault((int(level[1]), int(number[1])), []).append(path)
    return {f"level{level}/{number}": found[level, number] for level, number in sorted(found)}


def only_file(found: str, paths: list[Path]) -> Path:
    """Return the file of an id.

    Raises:
        ProblemError: two files have the same number.
    """
    if len(paths) > 1:
        raise ProblemError(f"{paths[1]}: the id {found} is taken by {paths[0].name} already; give one another number")
    return paths[0]


@cache
def _names() -> dict[str, str]:
    """Map ids to KernelBench's names, from `problems/index.toml`."""
    path = content_root() / "problems" / "index.toml"
    try:
        levels = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise ProblemError(f"{path}: {error}") from None
    return {f"{level}/{number}": str(name) for level, names in levels.items() for number, name in names.items()}


def load_problem(ref: str | Path, overlay: str | Path | Overlay | None = None) -> Problem:
    """Load the problem with id `ref` (`level1/23`, `level1/023`, `1/23`), or the KernelBench file at path `ref`.

    `overlay` is a TOML file that adds tiers to a file that has none (see `Overlay`).

    Raises:
        UsageError: there is no such id; the message names the closest id or name.
        ProblemError: the file is missing, or is not a KernelBench problem, or its number is taken twice.
    """
    text = str(ref)
    if not isinstance(overlay, Overlay):
        overlay = NO_OVERLAY if overlay is None else Overlay.read(Path(overlay).expanduser())
    match = ID.fullmatch(text)
    if match:
        found = f"level{int(match[1])}/{int(match[2])}"
        paths = _index().get(found)
        if paths is None:
            raise UsageError(f"unknown problem '{text}'{suggestion(found, _index())} {_LIST_HINT}")
        return load_file(only_file(found, paths), found, overlay)
    path = Path(text).expanduser()
    if path.suffix != ".py" and not path.exists():
        raise UsageError(f"unknown problem '{text}'{_closest(text)} {_LIST_HINT}")
    return load_file(path, _id_of(path), overlay)


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
    natives = ((found, native) for found, paths in _index().items() for native in paths)
    return next((found for found, native in natives if native.resolve() == resolved), path.stem)


def load_file(path: Path, found: str, overlay: Overlay = NO_OVERLAY) -> Problem:
    """Load the KernelBench file at `path` under the id `found`.

    Raises:
        ProblemError: the file cannot be read, or is not a KernelBench problem.
    """
    native = any(known.resolve() == path.resolve() for known in _index().get(found, ()))
    return make_problem(
        read_text(path),
        found,
        name=_names().get(found, name_of(path.stem)) if native else name_of(path.stem),
        origin=f"{path.parent.name}/{path.name}" if native else str(path),
        where=str(path),
        overlay=overlay,
    )


def make_problem(source: str, found: str, *, name: str, origin: str, where: str, overlay: Overlay) -> Problem:
    """Make a problem of a KernelBench source; `where` is what an error calls it.

    Raises:
        ProblemError: it is not a KernelBench problem, or its sizes name what is not there.
    """
    try:
        layout = tiers.parse(source)
        missing = [required for required in REQUIRED if required not in layout.bound]
        if missing:
            raise ProblemError(f"not a KernelBench problem: it defines no {', '.join(missing)}")
        sizes, unseen = tiers.read_literals(layout)
        more, more_unseen = overlay.sizes(layout, (found, Path(where).stem, name))
    except ProblemError as error:
        raise ProblemError(f"{where}: {error}") from None
    return Problem(
        id=found,
        name=name,
        source=source,
        sha256=sha256_hex(source),
        tiers=sizes | more,
        unseen=unseen + more_unseen,
        origin=origin,
    )


def name_of(stem: str) -> str:
    """Return the name in a stem such as `23_Softmax` or `1_Square_matrix_multiplication_`."""
    numbered = NUMBERED.fullmatch(stem)
    return (numbered[2] if numbered else stem).strip("_") or stem
