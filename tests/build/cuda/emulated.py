"""Compiles kernels, written as the translator would leave them, against the emulation's headers: for tests of those."""

import ctypes
import hashlib
import os
import subprocess
import tempfile
from pathlib import Path

from harness.build import BuildCache, toolchain
from harness.build.cuda.runtime import CHECKED_CFLAGS, INCLUDE, runtime_object
from harness.config import Settings

PRELUDE = """\
#include <cuda_runtime.h>
#define LAUNCH(grid, block, call) ::harness_cuda::launch("test", ::harness_cuda::Configuration(grid, block), [&] { call; })
#define LAUNCH_SHARED(grid, block, bytes, call) \\
  ::harness_cuda::launch("test", ::harness_cuda::Configuration(grid, block, bytes), [&] { call; })
#define SHARED(T, id) ::harness_cuda::shared_variable<T, id>()
#define EXPORT extern "C" __attribute__((visibility("default")))
"""
CFLAGS = ("-O2", "-march=native", "-std=c++20", "-fPIC", "-fvisibility=hidden", "-fno-gnu-unique", "-w")
WITHOUT_SANITIZERS = ("-nodefaultlibs", "-lstdc++", "-lm", "-lgcc_s", "-lgcc", "-lc")


class CompileError(RuntimeError):
    """What the compiler said."""


def source(name: str) -> str:
    """Return the text of a source of this folder."""
    return (Path(__file__).parent / "sources" / name).read_text()


def kernels(source: str, *, checked: bool = False) -> ctypes.CDLL:
    """Compile `source`, which names its functions with EXPORT, and load it.

    Raises:
        CompileError: it does not compile.
    """
    tools = toolchain()
    text = PRELUDE + "#line 1\n" + source
    folder = Path(tempfile.mkdtemp(prefix="emulated"))
    name = hashlib.sha256(text.encode()).hexdigest()[:12]
    (folder / f"{name}.cpp").write_text(text)
    runtime = runtime_object(tools, BuildCache(Settings.load().cache_dir), checked=checked)
    flags = (*CFLAGS, *(CHECKED_CFLAGS if checked else ()))
    _run([tools.compiler, *flags, f"-I{INCLUDE}", "-c", f"{name}.cpp", "-o", "kernels.o"], folder)
    link = WITHOUT_SANITIZERS if checked else ()
    _run([tools.compiler, "-shared", "kernels.o", str(runtime), "-o", f"{name}.so", *link], folder)
    return ctypes.CDLL(str(folder / f"{name}.so"))


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
