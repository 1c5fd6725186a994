"""What g++ says of a candidate's loops: a second compilation that logs what became vectors, and why the rest did not.

The object that it makes is the same code with line numbers, so that addresses of the library that ran can be named by line.
The log is the compiler's, its quotations are the candidate's: bounded text, evidence for people, nothing is decided by it.
Source: GCC manual, "Developer Options", `-fopt-info`.
"""

import dataclasses
import re
from collections.abc import Callable, Sequence

from harness.build.builder import Job, compile_command, plan
from harness.build.nvcc.workbench import Workbench
from harness.build.pch import precompiled
from harness.build.request import BuildRequest
from harness.build.sourcemap import CANDIDATE
from harness.build.toolchain import toolchain
from harness.build.variant import CPU
from harness.build.x86 import LIBM
from harness.models import Remark, RemarkKind, printable

LINES = dataclasses.replace(CPU, name="lines", cflags=(*CPU.cflags, "-g1", "-gdwarf-4"))
"""As for the CPU, with line numbers, in the version in which objdump 2.40 names the right file in every row.
They change no instruction, but the precompiled header has to be made with them."""
LOG, LIBRARY = "remarks.txt", "module.so"
MAX_REMARKS = 40
MAX_LOG_LINES = 200_000
"""torch's own headers give some 1,000."""

_ROW = re.compile(r"(?P<file>[^:\n]{1,4000}):(?P<line>\d{1,9}):\d{1,9}: (?P<kind>optimized|missed): {1,2}(?P<text>.*)")
_OWN = re.compile(rf"{re.escape(CANDIDATE)}|source\d+\.cpp")
_WIDTH = re.compile(r"loop vectorized using (\d{1,4}) byte vectors")
_NEST = re.compile(r"multiple nested loops|loop nest containing|outer-?loop|inner-loop")
"""Said of a loop around others, which have remarks of their own."""
_CALL = re.compile(r"statement clobbers memory: .{0,400}?\b(?:__builtin_)?([A-Za-z_][\w:]{0,99}) \(")
_BASIC = re.compile(r"scalar_type: (?:const )?(?:float|double|(?:long |short )?(?:unsigned )?int|(?:un)?signed char)\b")
_REASONS = (
    ("unsupported use in stmt", "it is a sum, a maximum or the like, whose order the language fixes; "
     "`#pragma omp simd reduction(...)` or -ffast-math lets it be another one"),
    ("control flow in loop", "its body branches; write a conditional expression, or take the branch out of the loop"),
    ("number of iterations cannot be computed", "the compiler cannot tell how often it runs; "
     "count with a local integer that the body does not change"),
    ("complicated access pattern", "its accesses follow no pattern; let the innermost index step through neighbours"),
    ("strided", "it strides through memory; let the innermost index step through neighbours"),
    ("alias", "its pointers may overlap; declare them __restrict__"),
    ("dependence", "an iteration may need what another one wrote; separate them, or declare the pointers __restrict__"),
    ("not profitable", "vectors would not pay, by the compiler's estimate; it runs too few iterations or moves too much"),
    ("cannot be analyzed", "it calls a function that was not inlined, or follows memory that the compiler cannot"),
)  # fmt: skip
"""Part of the compiler's reason -> what it means to an author."""
_HIDDEN = (
    "no vector form was found; an iteration needs what the one before wrote, or the accesses are strided or by index"
)
_FAST_MATH = "allow -ffast-math, for which the C library has vector forms, or write the arithmetic out"
_TYPE = "there are no vectors of its type; use float, double or an integer of at most 64 bits"


@dataclasses.dataclass(frozen=True)
class Explained:
    """What came of the second compilation."""

    remarks: Sequence[Remark] = ()
    """On the candidate's own lines, in their order."""
    library: bytes | None = None
    """The code with line numbers; None where there is none."""
    problem: str = ""
    """Why there is nothing, in one sentence."""


def explain(
    bench: Workbench,
    request: BuildRequest,
    candidate_source: str,
    progress: Callable[[str], None] | None = None,
    *,
    light: bool = True,
) -> Explained:
    """Compile `request`, which has been built before, once more; `light` says whether our own headers sufficed for it.

    Raises:
        ToolchainError: there is no working compiler.
        StoreError: the cache cannot be written.
        SandboxError: no process could be started.
    """
    tools = toolchain()
    if "clang" in tools.version:
        return Explained(problem="remarks on loops need g++, and this compiler is clang")
    assert bench.cache is not None
    job: Job = plan(request, candidate_source, LINES, emulate=False)
    header = precompiled(tools, bench.cache, progress, LINES) if light else None
    argv, readable = compile_command(tools, job, header)
    argv += [f"-fopt-info-vec-optimized-missed={LOG}"]
    prefix = "" if light else job.full_headers
    inputs = {unit.file: (prefix + unit.text).encode() for unit in job.units}
    ran = bench.run([argv], inputs, [LOG, LIBRARY], readable)
    if not ran.ok:
        return Explained(problem=f"no remarks on loops: compiling with them {ran.ended}")
    remarks = parse(ran.outputs.get(LOG, b"").decode(errors="replace"))
    return Explained(remarks, ran.outputs.get(LIBRARY))


def parse(log: str) -> list[Remark]:
    """Return the remarks on the candidate's lines in `-fopt-info-vec-optimized-missed`'s output, at most `MAX_REMARKS`.

    A loop that was vectorised in one copy of a function and not in another counts as vectorised; what is said of a loop
    around other loops is left out, as these have remarks of their own.
    """
    rows = log.splitlines()[:MAX_LOG_LINES]
    parsed = [_ROW.fullmatch(row) for row in rows]
    widths: dict[tuple[str, int], int] = {}
    missed: dict[tuple[str, int], tuple[str, tuple[str, int] | None]] = {}
    for position, row in enumerate(parsed):
        if row is None or not _OWN.fullmatch(row["file"]):
            continue
        place = row["file"], int(row["line"])
        if width := _WIDTH.match(row["text"]):
            widths[place] = max(widths.get(place, 0), int(width[1]))
        elif row["kind"] == "missed" and row["text"] == "couldn't vectorize loop":
            missed.setdefault(place, _reason(rows[position + 1 : position + 3]))
    loops = missed.keys() | widths.keys()
    found = [
        Remark(file=file, line=line, kind=RemarkKind.VECTORISED, vector_bytes=width)
        for (file, line), width in widths.items()
    ]
    for place, (reason, blamed) in missed.items():
        if place in widths or _NEST.search(reason) or (blamed != place and blamed in loops):
            continue
        found.append(Remark(file=place[0], line=place[1], kind=RemarkKind.MISSED, reason=_plain(reason)))
    return sorted(found, key=lambda remark: (remark.file, remark.line))[:MAX_REMARKS]


def _reason(rows: Sequence[str]) -> tuple[str, tuple[str, int] | None]:
    """Return the compiler's reason, which is the row after its complaint, and the place that it blames."""
    row = _ROW.fullmatch(rows[0]) if rows else None
    if row is None or row["kind"] != "missed":
        return "", None
    more = f" {rows[1].strip()}" if len(rows) > 1 and rows[1].startswith(" scalar_type:") else ""
    return row["text"] + more, (row["file"], int(row["line"]))


def _plain(reason: str) -> str:
    """Return what a reason means to the author of the loop."""
    if call := _CALL.match(reason):
        what = _FAST_MATH if LIBM.fullmatch(call[1]) else "have it inlined, or take the call out of the loop"
        return f"it calls {call[1]} for one value at a time; {what}"
    if "no vectype" in reason:
        return _HIDDEN if _BASIC.search(reason) else _TYPE
    known = next((words for part, words in _REASONS if part in reason), None)
    quoted = reason.removeprefix("not vectorized: ").strip()[:200]
    return known or printable(quoted) or "the compiler does not say why"
