"""Compiles kernels, written as the translator would leave them, against the emulation's headers: for tests of those."""

import ctypes
import functools
import hashlib
import os
import subprocess
import tempfile
from pathlib import Path

import numpy as np

from harness.build import BuildCache, toolchain
from harness.build.cuda.runtime import CHECKED_CFLAGS, INCLUDE, runtime_object
from harness.config import Settings
from harness.models import Finding
from harness.worker import kernel_page

PRELUDE = """\
#include <cuda_runtime.h>
#define LAUNCH(grid, block, call) ::harness_cuda::launch("test", ::harness_cuda::Configuration(grid, block), [&] { call; })
#define LAUNCH_SHARED(grid, block, bytes, call) \\
  ::harness_cuda::launch("test", ::harness_cuda::Configuration(grid, block, bytes), [&] { call; })
#define SHARED(T, id) ::harness_cuda::shared_variable<T, id>()
#define EXPORT extern "C" __attribute__((visibility("default")))
EXPORT void harness_allow(void* p, size_t bytes) { ::harness_cuda::register_memory(p, bytes); }
"""
SOURCES = (
    "cub.cu", "groups.cu", "host.cu", "language.cu", "libraries.cu", "ptx.cu", "small_floats.cu", "wmma.cu",
)  # fmt: skip
CFLAGS = ("-O2", "-march=native", "-std=c++20", "-fPIC", "-fvisibility=hidden", "-fno-gnu-unique", "-w")
WITHOUT_SANITIZERS = ("-nodefaultlibs", "-lstdc++", "-lm", "-lgcc_s", "-lgcc", "-lc")


_watching: list[ctypes.CDLL] = []
"""The checked library that arrays are made known to."""


def pointer(array: np.ndarray) -> ctypes.c_void_p:
    """Return the address of an array, as a kernel's argument that it may touch."""
    for library in _watching:
        library.harness_allow(ctypes.c_void_p(array.ctypes.data), ctypes.c_size_t(array.nbytes))
    return ctypes.c_void_p(array.ctypes.data)


class CompileError(RuntimeError):
    """What the compiler said."""


def source(name: str) -> str:
    """Return the text of a source of this folder."""
    return (Path(__file__).parent / "sources" / name).read_text()


def kernels(text: str, *, checked: bool = False) -> ctypes.CDLL:
    """Compile a source, which names its functions with EXPORT, and load it.

    Raises:
        CompileError: it does not compile.
    """
    tools = toolchain()
    text = PRELUDE + '#line 1 "kernels.cu"\n' + text
    folder = Path(tempfile.mkdtemp(prefix="emulated"))
    name = hashlib.sha256(text.encode()).hexdigest()[:12]
    (folder / f"{name}.cpp").write_text(text)
    runtime = runtime_object(tools, BuildCache(Settings.load().cache_dir), checked=checked)
    flags = (*CFLAGS, *(CHECKED_CFLAGS if checked else ()))
    _run([tools.compiler, *flags, f"-I{INCLUDE}", "-c", f"{name}.cpp", "-o", "kernels.o"], folder)
    link = WITHOUT_SANITIZERS if checked else ()
    _run([tools.compiler, "-shared", "kernels.o", str(runtime), "-o", f"{name}.so", *link], folder)
    return ctypes.CDLL(str(folder / f"{name}.so"))


@functools.cache
def features(*, checked: bool = False) -> ctypes.CDLL:
    """Return one library of all correct kernels: headers cost most of a compilation, and thread-local memory is scarce.

    Each source has a namespace of its own; what it includes is included before.
    """
    texts = {name: source(name) for name in SOURCES}
    headers = sorted({line for text in texts.values() for line in text.splitlines() if line.startswith("#include")})
    scopes = [f'namespace {Path(name).stem}_cu {{\n#line 1 "{name}"\n{text}\n}}\n' for name, text in texts.items()]
    return kernels("\n".join([*headers, *scopes]), checked=checked)


class Checked:
    """A source in its checked build, with a page of its own."""

    def __init__(self, library: ctypes.CDLL, allocator: ctypes.CDLL | None = None) -> None:
        self.library = library
        self.page = kernel_page.Page()
        kernel_page.clear(self.page)
        kernel_page.set_options(self.page, check=1)
        assert kernel_page.attach(self.library, self.page, allocator)
        _watching[:] = [self.library]

    def findings(self) -> list[Finding]:
        """Return what was found since the last time, with lines of the source."""
        found = kernel_page.findings(kernel_page.copied(bytes(self.page)), self._line)
        kernel_page.clear(self.page)
        kernel_page.set_options(self.page, check=1)
        return found

    def _line(self, library: int, offset: int) -> str | None:
        argv = ["addr2line", "-i", "-e", self.library._name, hex(offset)]
        places = subprocess.run(argv, capture_output=True, text=True, check=True).stdout.split("\n")
        return next((Path(p.split(" ")[0]).name for p in places if p.split(":")[0].endswith("kernels.cu")), None)


def refusal(source: str) -> str:
    """Return what the compiler says about a source that has to be refused."""
    try:
        kernels(source)
    except CompileError as error:
        return str(error)
    raise AssertionError("the source compiled")


def _run(argv: list[str], folder: Path) -> None:
    environment = {"PATH": os.environ.get("PATH", "")}
    done = subprocess.run(argv, cwd=folder, capture_output=True, text=True, env=environment)
    if done.returncode:
        raise CompileError(done.stderr)
