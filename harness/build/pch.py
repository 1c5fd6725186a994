"""The precompiled header: torch's types and our bindings, parsed once per compiler, flags and torch.

It is what brings a candidate's build from 33 s to about 3 s. Built from trusted headers, outside the sandbox.
"""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from harness.build.cache import BuildCache, writing
from harness.build.toolchain import CFLAGS, INCLUDE, Toolchain
from harness.errors import ToolchainError
from harness.models import sha256_hex

HEADER = "harness_pch.h"
FREE_BYTES = 1 << 30
KEPT = 2


def precompiled(tools: Toolchain, cache: BuildCache, progress: Callable[[str], None] | None = None) -> Path:
    """Return the folder with the header and its precompiled form, building it (about 25 s) if need be.

    Raises:
        ToolchainError: the compiler cannot build torch's headers.
        StoreError: the cache cannot be written.
    """
    key = sha256_hex("\n".join((tools.identity, str(INCLUDE), *CFLAGS)))[:32]
    folder = cache.pch / key
    if (folder / "complete").is_file():
        return folder
    with cache.lock("pch"):
        if (folder / "complete").is_file():
            return folder
        if progress:
            progress("precompiling torch's headers (once per machine)")
        with writing(folder):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            if shutil.disk_usage(folder).free < FREE_BYTES:
                raise OSError(28, "No space left on device")
            (folder / HEADER).write_text(f'#include "{INCLUDE / "harness_torch.h"}"\n')
        argv = [tools.compiler, *CFLAGS, *include_flags(tools), "-x", "c++-header", HEADER, "-o", f"{HEADER}.gch"]
        done = subprocess.run(
            argv, cwd=folder, capture_output=True, text=True, env={"PATH": os.environ.get("PATH", "")}
        )
        if done.returncode:
            shutil.rmtree(folder, ignore_errors=True)
            raise ToolchainError(f"{tools.compiler} cannot compile torch's headers: {_first_error(done.stderr)}")
        with writing(folder):
            (folder / "complete").touch()
        _prune(cache.pch, folder)
    return folder


def _prune(root: Path, newest: Path) -> None:
    """Keep the newest headers and one set more: each takes some 450 MB."""
    others = sorted((p for p in root.iterdir() if p.is_dir() and p != newest), key=lambda p: p.stat().st_mtime)
    for folder in others[: 1 - KEPT]:
        shutil.rmtree(folder, ignore_errors=True)


def include_flags(tools: Toolchain) -> list[str]:
    """Return the flags that find our light headers first and torch's behind them."""
    return [f"-I{INCLUDE}", *(f"-isystem{path}" for path in tools.torch_include)]


def _first_error(text: str) -> str:
    return next((line for line in text.splitlines() if "error" in line), text.strip()[-300:])
