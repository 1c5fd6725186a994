"""Compiles a candidate's C++ in the build sandbox and keeps the result by content."""

import functools
import os
import re
import stat
import sysconfig
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from harness.build import diagnostics, flags
from harness.build.cache import BuildCache
from harness.build.cuda.messages import readable
from harness.build.cuda.nvcc_flags import cuda_flags
from harness.build.cuda.runtime import runtime_object
from harness.build.cuda.units import NotTranslated, emulated_units
from harness.build.cuda.variants import emulation
from harness.build.pch import HEADER, precompiled
from harness.build.request import BuildRequest, BuildResult, Diagnostic
from harness.build.toolchain import Toolchain, toolchain
from harness.build.units import Unit, main_unit
from harness.build.variant import CPU, Variant
from harness.sandbox import ForkServer, Profile, interpreter_paths

LIBRARIES = ("-lc10", "-ltorch_cpu", "-ltorch", "-ltorch_python")
ONLY_EMULATED = "cuda_sources need a GPU or the emulation; this run compiles C++ for the CPU"
FULL_HEADERS = "#include <torch/extension.h>\n"
FULL_EMULATION = '#define HARNESS_FULL_TORCH\n#include "harness_cuda.h"\n'
MAX_ERRORS = 100
MAX_LIBRARY_BYTES = 256 << 20
COMPILER_MEMORY_BYTES = 6 << 30
_NEEDS_PYBIND = re.compile(
    r"\bpy(?:bind11)?::(?!arg\b|module_?\b|gil_scoped_release\b|call_guard\b|literals\b)\w+|#\s*include\s*[<\"](?:pybind11|torch/csrc(?!/inductor/cpp_prefix\.h)|Python\.h)"
    r"|\btorch::(?:nn|optim|jit|autograd|data|serialize|python)::|\bTHPVariable|\bPyObject\b"
)
"""What the light header does not have; such a source gets torch's own, which takes ten times as long."""
_MISSING_IN_LIGHT = re.compile(
    r"is not a member of .(?:torch|at|c10|py|pybind11|harness)\b"
    r"|.(?:torch|at|c10|py|pybind11)::\w+. has not been declared|needs pybind11|\.h: No such file"
)
"""Errors that torch's own headers might not give; only then is the slow build tried."""


@dataclass(frozen=True)
class Job:
    """What one request comes to."""

    units: list[Unit]
    cflags: list[str]
    ldflags: list[str]
    variant: Variant
    full_headers: str
    """Stands before each unit that is compiled with torch's own headers."""
    reworded: Callable[[Iterable[Diagnostic]], tuple[Diagnostic, ...]] = tuple
    """Puts the compiler's messages in the candidate's terms."""


class Builder:
    """Builds requests for one judge. Thread-safe."""

    def __init__(self, cache: BuildCache, server: ForkServer, folder: Path, *, timeout_s: float) -> None:
        self._cache = cache
        self._server = server
        self._folder = folder
        self._timeout_s = timeout_s

    def build(
        self,
        request: BuildRequest,
        candidate_source: str,
        progress: Callable[[str], None] | None = None,
        *,
        emulate: bool = False,
        checked: bool = False,
    ) -> BuildResult:
        """Return the outcome of `request`, from the cache if it was built before.

        With `emulate`, CUDA sources are translated and everything is compiled for the emulation of a GPU; `checked` then
        adds a check to each memory access.

        Raises:
            ToolchainError: there is no working compiler.
            StoreError: the cache cannot be written.
            SandboxError: no process could be started.
        """
        tools = toolchain()
        variant = emulation(checked=checked) if emulate else CPU
        try:
            job = plan(request, candidate_source, variant, emulate)
        except (flags.FlagRefused, NotTranslated) as error:
            said = error.diagnostic if isinstance(error, NotTranslated) else Diagnostic("error", str(error))
            return BuildResult(request.digest(candidate_source), None, (said,), "refused")
        # The candidate's own lines stand in the diagnostics, so its text is part of the key.
        texts = [unit.text for unit in job.units]
        key = request.digest(
            tools.identity, *variant.cflags, variant.digest, *texts, candidate_source, str(self._timeout_s)
        )
        if cached := self._cache.get(key):
            return cached
        header = precompiled(tools, self._cache, progress, variant)
        objects = (runtime_object(tools, self._cache, checked=checked),) if emulate else ()
        if progress:
            progress("compiling")
        light = not any(_NEEDS_PYBIND.search(text) for text in (*request.sources, *request.cuda_sources))
        started = time.monotonic_ns()
        compile_ = functools.partial(self._compile, key, job, candidate_source, tools, objects)
        result, library = compile_(header if light else None)
        if result.failure == "error" and light and any(_MISSING_IN_LIGHT.search(d.message) for d in result.diagnostics):
            if progress:
                progress("compiling with torch's full headers")
            result, library = compile_(None)
        elapsed = time.monotonic_ns() - started
        result = BuildResult(key, None, result.diagnostics, result.failure, result.log, elapsed, False, result.light)
        if result.failure in {"timeout", "memory"}:
            return result  # depends on the machine's load: not kept
        return self._cache.put(result, library)

    def _compile(
        self,
        key: str,
        job: Job,
        candidate_source: str,
        tools: Toolchain,
        objects: tuple[Path, ...],
        header: Path | None,
    ) -> tuple[BuildResult, bytes | None]:
        """Compile once, with our headers or (without `header`) with torch's own."""
        light = header is not None
        with tempfile.TemporaryDirectory(prefix="build-", dir=self._folder) as scratch_name:
            scratch = Path(scratch_name)
            scratch.chmod(0o777)
            prefix = "" if light else job.full_headers
            for unit in job.units:
                (scratch / unit.file).write_text(prefix + unit.text, encoding="utf-8")
            argv, readable = compile_command(tools, job, header, objects)
            profile = Profile(
                readable=_outermost(readable),
                writable=(str(scratch),),
                root=str(self._folder),
                may_exec=True,
                extra_address_space_bytes=COMPILER_MEMORY_BYTES,
                cpu_s=int(self._timeout_s) + 1,
                file_bytes=MAX_LIBRARY_BYTES,
            )
            environment = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8", "TMPDIR": str(scratch)}
            arguments = {"argv": argv, "cwd": str(scratch), "environment": environment}
            with self._server.start("harness.sandbox.exec_program:main", arguments, profile) as process:
                ended = process.wait(self._timeout_s)
                log = process.log.text(1.0 if ended else 0.0)
            messages = job.reworded(diagnostics.parse(log, candidate_source))
            if ended is None:
                late = Diagnostic("error", f"compilation took longer than {self._timeout_s:g} s")
                return BuildResult(key, None, (late, *messages), "timeout", log[-4000:], light=light), None
            library = _read_library(scratch / "module.so") if ended.code == 0 else None
            if library is not None:
                return BuildResult(key, None, messages, "", "", light=light), library
            if not messages:
                words = _plain_error(log)
                memory = ended.signal == 9 or "out of memory" in words or "bad_alloc" in words
                message = f"the compiler {ended.describe()}" + (f": {words}" if words else "")
                kind = "memory" if memory else "error"
                return BuildResult(key, None, (Diagnostic("error", message),), kind, log[-4000:], light=light), None
            return BuildResult(key, None, messages, "error", log[-4000:], light=light), None


def compile_command(
    tools: Toolchain, job: Job, header: Path | None, objects: tuple[Path, ...] = ()
) -> tuple[list[str], list[str]]:
    """Return the command that makes `module.so` of a job's units, and the paths that it reads besides.

    `header` is the folder of our precompiled header; without it torch's own headers are parsed.
    """
    variant = job.variant
    argv = [tools.compiler, *variant.cflags, *job.cflags, "-fdiagnostics-format=json", f"-fmax-errors={MAX_ERRORS}"]
    argv += ["-shared", "-o", "module.so"]
    readable = [*interpreter_paths(), *tools.torch_include, tools.torch_lib, *map(str, variant.includes)]
    readable += map(str, objects)
    if header is not None:
        argv += [*variant.include_flags(tools), f"-I{header}", "-include", HEADER]
        readable.append(str(header))
    else:
        argv += [f"-isystem{p}" for p in (*tools.torch_include, sysconfig.get_paths()["include"])]
        argv += [f"-I{path}" for path in variant.full_includes]
        readable.append(sysconfig.get_paths()["include"])
    argv += [unit.file for unit in job.units]
    argv += [*map(str, objects), f"-L{tools.torch_lib}", *LIBRARIES, *job.ldflags, *variant.link]
    return argv, readable


def plan(request: BuildRequest, candidate_source: str, variant: Variant, emulate: bool) -> Job:
    """Decide what is compiled, and how.

    Raises:
        FlagRefused: a flag is not allowed.
        NotTranslated: a CUDA source cannot be compiled here.
    """
    cflags, defines = flags.compile_flags(list(request.cflags))
    ldflags = flags.link_flags(list(request.ldflags))
    if emulate:
        cuda_defines = cuda_flags(list(request.cuda_flags))
        units = emulated_units(request, candidate_source, defines, cuda_defines)
        return Job(units, [], ldflags, variant, FULL_EMULATION, readable)
    if any(text.strip() for text in request.cuda_sources):
        raise NotTranslated(Diagnostic("error", ONLY_EMULATED))
    unit = main_unit(request, candidate_source, defines)
    return Job([unit], cflags, ldflags, variant, FULL_HEADERS)


def _read_library(path: Path) -> bytes | None:
    """Read what the compiler wrote: a plain file of bounded size, nothing that a link could point to."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return None
    with os.fdopen(fd, "rb") as file:
        info = os.fstat(file.fileno())
        if not stat.S_ISREG(info.st_mode) or info.st_size > MAX_LIBRARY_BYTES:
            return None
        return file.read()


def _outermost(paths: list[str]) -> tuple[str, ...]:
    kept: list[str] = []
    for path in paths:
        if Path(path).exists() and not any(Path(path).is_relative_to(k) for k in kept):
            kept.append(path)
    return tuple(kept)


def _plain_error(log: str) -> str:
    lines = [line for line in log.splitlines() if not line.startswith("[") and line.strip()]
    telling = [line for line in lines if "error" in line.lower() or "undefined reference" in line]
    return (telling or lines or [""])[0].strip()[:300]
