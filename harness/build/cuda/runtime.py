"""The emulation's runtime: one object file, compiled once per machine, that each kernel's library is linked with.

A kernel's library then compiles nothing but the kernel, and the checks are never instrumented by themselves.
"""

import os
import shutil
import subprocess
from pathlib import Path

from harness.build.cache import BuildCache, writing
from harness.build.toolchain import Toolchain
from harness.errors import ToolchainError
from harness.models import sha256_hex

INCLUDE = Path(__file__).parent / "include"
SOURCES = Path(__file__).parent / "runtime"
CFLAGS = ("-std=c++20", "-O3", "-march=native", "-fPIC", "-fvisibility=hidden")
CHECKED_CFLAGS = (
    "-O1", "-g1", "-DHARNESS_CUDA_CHECK=1", "-fsanitize=thread,alignment", "-fsanitize-coverage=trace-pc",
    "--param=tsan-instrument-func-entry-exit=0", "--param=tsan-distinguish-volatile=1", "-fno-tree-sra", "-fno-ipa-sra",
)  # fmt: skip
"""What a kernel's checked library is compiled with beside the usual flags; it is linked without any of these.

Without scalar replacement of aggregates a `float4` is loaded as one access of 16 bytes, as on a GPU, and not as four."""
TIMEOUT_S = 120.0


def runtime_object(tools: Toolchain, cache: BuildCache, *, checked: bool = False) -> Path:
    """Return the object file to link with a kernel's library, compiling it (about 2 s) if need be.

    Raises:
        ToolchainError: the compiler cannot build it.
        StoreError: the cache cannot be written.
    """
    key = sha256_hex("\n".join((tools.identity, sources_digest(), *CFLAGS, str(checked))))[:32]
    target = cache.root / "native" / f"cuda-{'checked' if checked else 'plain'}-{key}.o"
    if target.is_file():
        return target
    with cache.lock("native"), writing(target.parent):
        target.parent.mkdir(parents=True, exist_ok=True)
        scratch = target.with_suffix(f".{os.getpid()}.tmp")
        argv = [tools.compiler, *CFLAGS, *(("-DHARNESS_CUDA_CHECK=1",) if checked else ()), f"-I{INCLUDE}"]
        argv += ["-c", str(SOURCES / "runtime.cpp"), "-o", str(scratch)]
        environment = {"PATH": os.environ.get("PATH", "")}  # a compiler is nobody to hold a key
        done = subprocess.run(argv, capture_output=True, text=True, timeout=TIMEOUT_S, env=environment)
        if done.returncode:
            scratch.unlink(missing_ok=True)
            said = done.stderr.strip()[-300:]
            raise ToolchainError(f"the C++ compiler {tools.compiler} cannot build the emulation's runtime: {said}")
        shutil.move(scratch, target)
    return target


def sources_digest() -> str:
    """Return a digest of everything that the runtime's object is made from."""
    files = [*sorted(SOURCES.iterdir()), *sorted(INCLUDE.rglob("harness_cuda/*.h"))]
    return sha256_hex(b"\0".join(path.name.encode() + b"\0" + path.read_bytes() for path in files if path.is_file()))
