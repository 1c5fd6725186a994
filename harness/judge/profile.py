"""The profile of a correct candidate, made after it was judged: lines by time, loops, and what its code consists of.

It decides nothing, so whatever cannot be had becomes a note: a verdict is never worse or better for it.
"""

import platform
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from harness.build import BuildRequest, BuildResult, x86
from harness.build.nvcc.workbench import ENVIRONMENT_PATH, Workbench
from harness.build.remarks import explain
from harness.errors import HarnessError
from harness.judge.opening import Opener
from harness.judge.profile_sampling import Sampled, sample, undecided
from harness.judge.static import workbench
from harness.models import EvalOptions, FunctionFacts, ProfileReport, Remark, Verdict, Workload
from harness.score.profile import EMULATED_SOURCE

if TYPE_CHECKING:
    from harness.judge.judge import Judge

MOST_LIBRARIES = 3
"""Extensions of one candidate that are compiled again; few have two."""
RAN, LINES, CODE = "ran.so", "lines.so", "code.txt"
_TEXT = ("objcopy", "-O", "binary", "--only-section=.text")


class _Profiler:
    """Gathers one candidate's profile."""

    def __init__(self, judge: "Judge", opener: Opener, source: str, progress: Callable[[str], None]) -> None:
        self._judge = judge
        self._opener = opener
        self._source = source
        self._progress = progress
        self.remarks: list[Remark] = []
        self.functions: list[FunctionFacts] = []
        self.lines: dict[str, dict[int, str]] = {}
        """Library -> address -> the candidate's line."""
        self.notes: list[str] = []

    def read_code(self, bench: Workbench) -> None:
        """Compile the candidate's extensions once more, and read what was made of them."""
        built = [(request, result) for request, result in self._opener.built.items() if result.library]
        if not built:
            self.notes.append("the candidate has built no extension: there are no loops and no code to look at")
        if len(built) > MOST_LIBRARIES:
            self.notes.append(f"looked at the first {MOST_LIBRARIES} of {len(built)} extensions")
        for request, result in built[:MOST_LIBRARIES]:
            self._progress("compiling with remarks")
            self._read(bench, request, result)

    def _read(self, bench: Workbench, request: BuildRequest, result: BuildResult) -> None:
        assert result.library is not None
        library = Path(result.library)
        self.lines[library.name] = {}
        explained = explain(bench, request, self._source, self._progress, light=result.light)
        self.remarks += explained.remarks
        if explained.problem or explained.library is None:
            self.notes.append(explained.problem or "compiling with line numbers made no library")
            return
        found, problem = disassembled(bench, library.read_bytes(), explained.library)
        if found is None:
            self.notes.append(problem)
            return
        self.functions += found.functions
        self.lines[library.name] = found.lines


def added(
    judge: "Judge",
    opener: Opener,
    workload: Workload,
    verdict: Verdict,
    options: EvalOptions,
    progress: Callable[[str], None],
) -> Verdict:
    """Return `verdict` with the candidate's profile, where one is asked for and the candidate is correct.

    On a device that is emulated the counters stand in the verdict already, and nothing is sampled.
    """
    if not options.profile or not verdict.correct:
        return verdict
    if verdict.device != "cpu":
        note = f"nothing is sampled on device {verdict.device}: its time is not a kernel's"
        return verdict.model_copy(update={"profile": ProfileReport(source=EMULATED_SOURCE, notes=[note])})
    profiler = _Profiler(judge, opener, opener.source, progress)
    sampled = Sampled("not sampled")
    try:
        with judge.machine.busy():  # shares of CPU time need no quiet
            profiler.read_code(workbench(judge, verdict.device))
            with undecided(profiler.notes):
                progress("profiling")
                reference, own = judge.subject(workload).reference, Path(judge.library_path).name
                sampled = sample(opener, reference, profiler.lines, options.call_timeout_s, own)
    except HarnessError as error:
        profiler.notes.append(f"not profiled further: {error}")
    report = ProfileReport(
        source=sampled.source,
        operators=list(sampled.operators),
        calls=sampled.calls,
        counters=list(sampled.counters),
        remarks=profiler.remarks,
        functions=profiler.functions,
        notes=[*profiler.notes, *sampled.notes],
    )
    return verdict.model_copy(update={"profile": report})


def disassembled(bench: Workbench, ran: bytes, lined: bytes) -> tuple[x86.Disassembly | None, str]:
    """Return what the code of library `ran` says, by the lines of `lined`; or None, and why.

    Raises:
        SandboxError: no process could be started.
    """
    if platform.machine() != "x86_64":
        return None, f"no facts of the code: not known how on {platform.machine()}"
    missing = [tool for tool in ("objdump", "objcopy") if shutil.which(tool, path=ENVIRONMENT_PATH) is None]
    if missing:
        return None, f"no facts of the code: {missing[0]} is not installed (apt install binutils)"
    steps = [
        [*_TEXT, RAN, "ran.text"],
        [*_TEXT, LINES, "lines.text"],
        ["objdump", *x86.OPTIONS, LINES, ">", CODE],
    ]
    answer = bench.run(steps, {RAN: ran, LINES: lined}, ["ran.text", "lines.text", CODE], [])
    if not answer.ok:
        return None, f"no facts of the code: objdump {answer.ended}"
    if not answer.outputs["ran.text"] or answer.outputs["ran.text"] != answer.outputs["lines.text"]:
        return None, "no facts of the code: compiled with line numbers it came out as other code"
    return x86.parse(answer.outputs[CODE].decode(errors="replace")), ""
