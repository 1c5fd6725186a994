"""Precompiled headers: torch's types and our bindings, parsed once per compiler, flags and torch.

They are what brings a candidate's build from 33 s to about 3 s. Built from trusted headers, outside the sandbox.
"""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from harness.build.cache import BuildCache, writing
from harness.build.toolchain import Toolchain
from harness.build.variant import CPU, Variant
from harness.errors import ToolchainError
from harness.models import sha256_hex

HEADER = "harness_pch.h"
FREE_BYTES = 1 << 30
KEPT = 2


def precompiled(
    tools: Toolchain,
    cache: BuildCache,
    progress: Callable[[str], None] | None = None,
    variant: Variant = CPU,
) -> Path:
    """Return the folder with the header and its precompiled form, building it (about 25 s) if need be.

    Raises:
        ToolchainError: the compiler cannot build torch's headers.
        StoreError: the cache cannot be written.
    """
    parts = (tools.identity, str(variant.header), *map(str, variant.includes), *variant.cflags, variant.digest)
    folder = cache.pch / f"{variant.name}-{sha256_hex(chr(10).join(parts))[:32]}"
    if (folder / "complete").is_file():
        return folder
    with cache.lock(f"pch-{variant.name}"):
        if (folder / "complete").is_file():
            return folder
        if progress:
            progress("precompiling torch's headers (once per machine)")
        with writing(folder):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            if shutil.disk_usage(folder).free < FREE_BYTES:
                raise OSError(28, "No space left on device")
            (folder / HEADER).write_text(f'#include "{variant.header}"\n')
        include = variant.include_flags(tools)
        argv = [tools.compiler, *variant.cflags, *include, "-x", "c++-header", HEADER, "-o", f"{HEADER}.gch"]
        done = subprocess.run(
            argv, cwd=folder, capture_output=True, text=True, env={"PATH": os.environ.get("PATH", "")}
        )
        if done.returncode:
            shutil.rmtree(folder, ignore_errors=True)
            raise ToolchainError(f"{tools.compiler} cannot compile torch's headers: {_first_error(done.stderr)}")
        with writing(folder):
            (folder / "complete").touch()
        _prune(cache.pch, folder, variant)
    return folder


def _prune(root: Path, newest: Path, variant: Variant) -> None:
    """Keep the variant's newest header and one more: each takes some 450 MB."""
    others = sorted(
        (p for p in root.iterdir() if p.is_dir() and p != newest and p.name.startswith(f"{variant.name}-")),
        key=lambda p: p.stat().st_mtime,
    )
    for folder in others[: 1 - KEPT]:
        shutil.rmtree(folder, ignore_errors=True)


def _first_error(text: str) -> str:
    return next((line for line in text.splitlines() if "error" in line), text.strip()[-300:])
