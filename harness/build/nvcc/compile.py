"""Static facts of a CUDA source: compiled by nvcc for named chips, device code only, in the build sandbox.

The host part is parsed against declarations of ours, so that a source costs about half a second of compiler per chip, not
the 50 to 150 s that torch's headers take. Nothing is linked or run.
"""

import json
import os
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from harness.build.cache import BuildCache, writing
from harness.build.nvcc import messages, stubs
from harness.build.nvcc.binary import assemble, facts_script
from harness.build.nvcc.flags import nvcc_flags, real_arch
from harness.build.nvcc.toolchain import INCLUDE, CudaTools, cuda_tools, resolve_arch
from harness.build.nvcc.workbench import Workbench
from harness.build.request import Diagnostic
from harness.models import StaticFacts, sha256_hex

VERSION = "1"
"""Of what is read from the tools' output; a new one makes kept results void."""
PROBES = {"EmptyKernel<void>"}
"""Kernels that a vendor's header (cub) brings along to ask the driver with, and that compute nothing."""
MAX_MESSAGE_BYTES = 4 << 20


@dataclass(frozen=True)
class StaticReport:
    """What nvcc made of one source."""

    facts: tuple[StaticFacts, ...] = ()
    """One record per kernel instantiation and architecture."""
    diagnostics: tuple[Diagnostic, ...] = ()
    """Errors for which nvcc would not build the source for a GPU either, with the candidate's lines."""
    notes: tuple[str, ...] = ()
    """One line for each thing that could not be had, and why."""
    elapsed_ns: int = 0
    """Wall time."""


def static_facts(
    sources: Sequence[str], candidate_source: str, archs: Sequence[str], bench: Workbench, *, cflags: Sequence[str] = ()
) -> StaticReport:
    """Compile `sources` (the CUDA texts of one extension) for each of `archs` and return what the compiler decided.

    Kernels that `AT_DISPATCH_*` instantiates are compiled for float and for the types that the macro names beside double.
    `cflags` are the candidate's `extra_cuda_cflags`. Results are kept in the bench's cache.

    Raises:
        ToolchainError: there is no nvcc or disassembler.
        UsageError: an architecture is unknown.
        SandboxError: no process could be started.
        StoreError: the cache cannot be written.
    """
    started = time.monotonic_ns()
    tools = cuda_tools()
    wanted = list(dict.fromkeys(resolve_arch(arch, tools) for arch in archs))
    job = _Job(tuple(sources), candidate_source, stubs.prepare(sources, candidate_source), tuple(cflags), tools, bench)
    with ThreadPoolExecutor(max_workers=_workers(len(wanted))) as pool:
        reports = list(pool.map(lambda arch: _kept(job, arch), wanted))
    return StaticReport(
        tuple(fact for report in reports for fact in report.facts),
        _merged(wanted, reports),
        _joined(wanted, reports),
        time.monotonic_ns() - started,
    )


def _workers(archs: int) -> int:
    """One process per architecture, up to twice the cores: three on two cores end sooner side by side than two and one."""
    return max(1, min(archs, 2 * len(os.sched_getaffinity(0))))


@dataclass(frozen=True)
class _Job:
    """One source, on its way through the compiler."""

    sources: tuple[str, ...]
    candidate: str
    prepared: stubs.Prepared
    cflags: tuple[str, ...]
    tools: CudaTools
    bench: Workbench

    def flags(self, arch: str) -> list[str]:
        """Return nvcc's flags for `arch`."""
        return [*nvcc_flags(self.cflags), f"-arch={real_arch(arch, self.cflags)}"]


def _kept(job: _Job, arch: str) -> StaticReport:
    """Return the report for one architecture, from the cache where it is there."""
    texts = [job.prepared.main, job.prepared.names, *job.flags(arch)]
    key = sha256_hex(json.dumps([VERSION, job.tools.identity, arch, job.bench.timeout_s, *texts]))
    cache = job.bench.cache
    if cache is not None and (found := _load(cache, key)):
        return found
    report, lasting = _compile(job, arch)
    if cache is not None and lasting:
        _store(cache, key, report)
    return report


def _compile(job: _Job, arch: str) -> tuple[StaticReport, bool]:
    """Return the report, and whether it would be the same on another day."""
    reader = job.tools.disassembler
    quiet = ("-w", "-allow-unsupported-compiler", "-Xptxas=-v")
    compiler = [job.tools.nvcc, *job.flags(arch), *quiet, "-cubin", f"-I{INCLUDE}", "-I.", "main.cu", "-o", "k.cubin"]
    steps = [[*compiler, ">", "messages.txt", "2>&1"], *facts_script(reader)]
    inputs = {"main.cu": job.prepared.main.encode(errors="replace"), stubs.NAMES_HEADER: job.prepared.names.encode()}
    outputs = ("messages.txt", "usage.txt", "named.txt", "code.txt")
    ran = job.bench.run(steps, inputs, outputs, (job.tools.root, str(INCLUDE), reader.cuobjdump, reader.nvdisasm))
    texts = {name: data[:MAX_MESSAGE_BYTES] if name == "messages.txt" else data for name, data in ran.outputs.items()}
    said, usage, named, code = (texts.get(name, b"").decode(errors="replace") for name in outputs)
    if ran.ok:
        found = assemble(usage, named, code, said, arch)
        return StaticReport(tuple(f for f in found.facts if f.kernel not in PROBES), (), found.notes), True
    if ran.late:
        return StaticReport(notes=(f"{arch}: nvcc {ran.ended}: no static facts",)), False
    heard = messages.parse(said, job.candidate, job.sources)
    if heard.headers:
        return StaticReport(notes=(f"{arch}: nvcc does not find {', '.join(heard.headers)}: no static facts",)), True
    if heard.diagnostics:
        return StaticReport(diagnostics=heard.diagnostics), True
    why = (
        heard.unsure[0] if heard.unsure else next((line for line in (said + ran.log).splitlines() if line.strip()), "")
    )
    return StaticReport(notes=(f"{arch}: the host part could not be parsed ({why[:300]}): no static facts",)), True


def _merged(archs: list[str], reports: list[StaticReport]) -> tuple[Diagnostic, ...]:
    """Return each error once; one that not every architecture has says which do."""
    seen: dict[Diagnostic, list[str]] = {}
    for arch, report in zip(archs, reports, strict=True):
        for diagnostic in report.diagnostics:
            seen.setdefault(diagnostic, []).append(arch)
    return tuple(
        d if len(where) == len(archs) else replace(d, message=f"{d.message} ({', '.join(where)})")
        for d, where in seen.items()
    )


def _joined(archs: list[str], reports: list[StaticReport]) -> tuple[str, ...]:
    """Return each note once, behind all architectures that it is about."""
    seen: dict[str, list[str]] = {}
    for arch, report in zip(archs, reports, strict=True):
        for note in report.notes:
            seen.setdefault(note.removeprefix(f"{arch}: "), []).append(arch)
    return tuple(f"{', '.join(where)}: {note}" for note, where in seen.items())


def _path(cache: BuildCache, key: str) -> Path:
    return cache.root / "static" / key[:2] / f"{key}.json"


def _load(cache: BuildCache, key: str) -> StaticReport | None:
    try:
        raw = json.loads(_path(cache, key).read_text())
        return StaticReport(
            tuple(StaticFacts.model_validate(fact) for fact in raw["facts"]),
            tuple(Diagnostic(**diagnostic) for diagnostic in raw["diagnostics"]),
            tuple(raw["notes"]),
        )
    except (OSError, ValueError, TypeError, KeyError):
        return None


def _store(cache: BuildCache, key: str, report: StaticReport) -> None:
    path = _path(cache, key)
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        scratch = path.with_suffix(f".{os.getpid()}.tmp")
        scratch.write_text(
            json.dumps(
                {
                    "facts": [fact.model_dump(mode="json") for fact in report.facts],
                    "diagnostics": [asdict(diagnostic) for diagnostic in report.diagnostics],
                    "notes": list(report.notes),
                }
            )
        )
        os.replace(scratch, path)
