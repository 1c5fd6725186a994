"""Compiles a candidate's C++ in the build sandbox and keeps the result by content."""

import os
import re
import stat
import sysconfig
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from harness.build import diagnostics, flags, sourcemap
from harness.build.cache import BuildCache
from harness.build.pch import HEADER, include_flags, precompiled
from harness.build.request import BuildRequest, BuildResult, Diagnostic
from harness.build.toolchain import CFLAGS, INCLUDE, Toolchain, toolchain
from harness.sandbox import ForkServer, Profile, interpreter_paths

LIBRARIES = ("-lc10", "-ltorch_cpu", "-ltorch", "-ltorch_python")
MAX_ERRORS = 100
MAX_LIBRARY_BYTES = 256 << 20
COMPILER_MEMORY_BYTES = 6 << 30
_NEEDS_PYBIND = re.compile(
    r"\bpy(?:bind11)?::(?!arg\b|module_?\b|gil_scoped_release\b|call_guard\b|literals\b)\w+|#\s*include\s*[<\"](?:pybind11|torch/csrc|Python\.h)"
    r"|\btorch::(?:nn|optim|jit|autograd|data|serialize|python)::|\bTHPVariable|\bPyObject\b"
)
"""What the light header does not have; such a source gets torch's own, which takes ten times as long."""
_MISSING_IN_LIGHT = re.compile(
    r"is not a member of .(?:torch|at|c10|py|pybind11|harness)\b"
    r"|.(?:torch|at|c10|py|pybind11)::\w+. has not been declared|needs pybind11|\.h: No such file"
)
"""Errors that torch's own headers might not give; only then is the slow build tried."""


class Builder:
    """Builds requests for one judge. Thread-safe."""

    def __init__(self, cache: BuildCache, server: ForkServer, folder: Path, *, timeout_s: float) -> None:
        self._cache = cache
        self._server = server
        self._folder = folder
        self._timeout_s = timeout_s

    def build(
        self, request: BuildRequest, candidate_source: str, progress: Callable[[str], None] | None = None
    ) -> BuildResult:
        """Return the outcome of `request`, from the cache if it was built before.

        Raises:
            ToolchainError: there is no working compiler.
            StoreError: the cache cannot be written.
            SandboxError: no process could be started.
        """
        tools = toolchain()
        # The candidate's own lines stand in the diagnostics, so its text is part of the key.
        key = request.digest(tools.identity, *CFLAGS, candidate_source, str(self._timeout_s))
        if cached := self._cache.get(key):
            return cached
        try:
            cflags, defines = flags.compile_flags(list(request.cflags))
            ldflags = flags.link_flags(list(request.ldflags))
        except flags.FlagRefused as error:
            return BuildResult(key, None, (Diagnostic("error", str(error)),), "refused")
        header = precompiled(tools, self._cache, progress)
        if progress:
            progress("compiling")
        light = not any(_NEEDS_PYBIND.search(text) for text in request.sources)
        started = time.monotonic_ns()
        text = _main_text(request, candidate_source, defines)
        result, library = self._compile(key, text, candidate_source, tools, header if light else None, cflags, ldflags)
        if result.failure == "error" and light and any(_MISSING_IN_LIGHT.search(d.message) for d in result.diagnostics):
            if progress:
                progress("compiling with torch's full headers")
            result, library = self._compile(key, text, candidate_source, tools, None, cflags, ldflags)
        elapsed = time.monotonic_ns() - started
        result = BuildResult(key, None, result.diagnostics, result.failure, result.log, elapsed, False, result.light)
        if result.failure in {"timeout", "memory"}:
            return result  # depends on the machine's load: not kept
        return self._cache.put(result, library)

    def _compile(
        self,
        key: str,
        text: str,
        candidate_source: str,
        tools: Toolchain,
        header: Path | None,
        cflags: list[str],
        ldflags: list[str],
    ) -> tuple[BuildResult, bytes | None]:
        """Compile once, with our headers or (without `header`) with torch's own."""
        light = header is not None
        with tempfile.TemporaryDirectory(prefix="build-", dir=self._folder) as scratch_name:
            scratch = Path(scratch_name)
            scratch.chmod(0o777)
            prefix = "" if light else "#include <torch/extension.h>\n"
            (scratch / "main.cpp").write_text(prefix + text, encoding="utf-8")
            argv = [
                tools.compiler,
                *CFLAGS,
                *cflags,
                "-fdiagnostics-format=json",
                f"-fmax-errors={MAX_ERRORS}",
                "-shared",
                "-o",
                "module.so",
            ]
            readable = [*interpreter_paths(), *tools.torch_include, tools.torch_lib, str(INCLUDE)]
            if header is not None:
                argv += [*include_flags(tools), f"-I{header}", "-include", HEADER]
                readable.append(str(header))
            else:
                argv += [f"-isystem{p}" for p in (*tools.torch_include, sysconfig.get_paths()["include"])]
                readable.append(sysconfig.get_paths()["include"])
            argv += ["main.cpp", f"-L{tools.torch_lib}", *LIBRARIES, *ldflags]
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
            messages = diagnostics.parse(log, candidate_source)
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


def _main_text(request: BuildRequest, candidate_source: str, defines: list[str]) -> str:
    parts = [f"#define TORCH_EXTENSION_NAME {request.name}", *defines]
    for number, source in enumerate(request.sources):
        parts += [sourcemap.line_directive(source, candidate_source, number), source]
    if request.functions:
        parts.append('#line 1 "bindings.cpp"')
        parts.append("PYBIND11_MODULE(TORCH_EXTENSION_NAME, m) {")
        parts += [f'm.def("{name}", {name}, "{name}");' for name, _ in request.functions]
        parts.append("}")
    return "\n".join(parts) + "\n"


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
