"""Compiles the harness's own C and C++, once per machine: trusted source, no sandbox."""

import errno
import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from harness.build.cache import BuildCache, writing
from harness.errors import ToolchainError
from harness.languages import find_compiler
from harness.models import sha256_hex

FREE_BYTES = 4 << 20


def compile_trusted(source: Path, cache: BuildCache, extra: Sequence[str] = ()) -> Path:
    """Return the shared object of `source`, a C or C++ file of ours; `extra` are further compiler arguments.

    Raises:
        ToolchainError: there is no compiler, or it failed.
        StoreError: the cache cannot be written.
    """
    compiler = find_compiler()
    key = sha256_hex(source.read_bytes() + "\n".join((compiler, *extra)).encode())[:32]
    target = cache.root / "native" / f"{source.stem}-{key}.so"
    if target.is_file():
        return target
    with cache.lock("native"), writing(target.parent):
        target.parent.mkdir(parents=True, exist_ok=True)
        if shutil.disk_usage(target.parent).free < FREE_BYTES:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        scratch = target.with_suffix(f".{os.getpid()}.tmp")
        language = ["-x", "c", "-std=gnu11"] if source.suffix == ".c" else ["-std=c++20"]
        argv = [compiler, *language, "-O2", "-Wall", "-fPIC", "-shared", "-o", str(scratch), str(source), *extra]
        environment = {"PATH": os.environ.get("PATH", "")}  # a compiler is nobody to hold a key
        done = subprocess.run(argv, capture_output=True, text=True, timeout=120, env=environment)
        if done.returncode:
            raise ToolchainError(
                f"the C++ compiler {compiler} cannot build {source.name}: {done.stderr.strip()[-300:]}"
            )
        os.replace(scratch, target)
    return target
