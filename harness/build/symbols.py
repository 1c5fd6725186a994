"""Which line of the candidate an instruction of a built library came from: `addr2line`, in the build sandbox.

The library was compiled from untrusted source, so the tool that reads it is confined and its answer is bounded text.
"""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from harness.build.nvcc.workbench import Workbench
from harness.build.sourcemap import CANDIDATE

Place = tuple[int, int]
"""Number of a library, and an offset in it."""
_LINE = re.compile(rf"(?:.*/)?({re.escape(CANDIDATE)}|(?:cuda|source)\d+\.(?:cu|cpp)):(\d+)\b.*")
MOST_PLACES = 256


def lines_of(bench: Workbench, libraries: Sequence[str], places: Iterable[Place]) -> dict[Place, str]:
    """Return `candidate.py:23` for each of `places` whose line is known; an inlined function's own line comes first.

    Raises:
        SandboxError: no process could be started.
    """
    found: dict[Place, str] = {}
    for library, offsets in by_library(libraries, list(dict.fromkeys(places))[:MOST_PLACES]).items():
        addresses = [f"0x{offset:x}" for offset in offsets]
        step = ["addr2line", "-a", "-i", "-e", "library.so", *addresses, ">", "lines.txt"]
        ran = bench.run([step], {"library.so": Path(libraries[library]).read_bytes()}, ["lines.txt"], [])
        for offset, line in _parse(ran.outputs.get("lines.txt", b"").decode(errors="replace")):
            found[library, offset] = line
    return found


def by_library(libraries: Sequence[str], places: Iterable[Place]) -> dict[int, list[int]]:
    """Return the offsets of `places` by number of library; what a forged page may name besides is left out."""
    wanted: dict[int, list[int]] = {}
    for library, offset in places:
        if 0 <= library < len(libraries) and 0 < offset < 1 << 40:
            wanted.setdefault(library, []).append(offset)
    return wanted


def _parse(text: str) -> Iterable[tuple[int, str]]:
    """Yield (offset, first line that is the candidate's) of what `addr2line -a -i` printed."""
    offset, done = 0, True
    for row in text.splitlines():
        if re.fullmatch(r"0x[0-9a-f]{1,16}", row):
            offset, done = int(row, 16), False
        elif not done and (line := _LINE.fullmatch(row)):
            done = True
            yield offset, f"{line[1]}:{line[2]}"
