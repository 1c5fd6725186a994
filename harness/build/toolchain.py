"""The C++ compiler: which one, and the flags that every candidate is compiled with."""

import functools
import os
import subprocess
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from harness.errors import ToolchainError
from harness.languages import find_compiler
from harness.models import sha256_hex

CFLAGS = ("-O3", "-march=native", "-fopenmp", "-std=c++20", "-fPIC")
"""As `load_inline` compiles, with the flags that a CPU kernel is written for."""
INCLUDE = Path(__file__).parent / "include"


@dataclass(frozen=True)
class Toolchain:
    """A compiler that works, and torch's headers and libraries."""

    compiler: str
    """Absolute path of the C++ compiler."""
    version: str
    """First line of what `--version` prints."""
    target: str
    """What `-march=native` means here, as a digest of the resolved options."""
    torch_include: tuple[str, ...]
    """Include folders of torch."""
    torch_lib: str
    """Folder of libtorch."""
    torch_version: str
    """torch's version."""

    @property
    def identity(self) -> str:
        """Everything that the output of a compilation depends on, beside source and flags."""
        return "\n".join((self.compiler, self.version, self.target, self.torch_version, _headers_digest()))


@functools.cache
def toolchain() -> Toolchain:
    """Find the compiler and torch; the answer is kept.

    Raises:
        ToolchainError: there is no compiler, or it does not run.
    """
    compiler = find_compiler()
    try:
        banner = _run([compiler, "--version"]).splitlines()[0]
        options = _run([compiler, "-march=native", "-Q", "--help=target"]) if "clang" not in banner else _cpu_flags()
    except (OSError, subprocess.CalledProcessError, IndexError) as error:
        raise ToolchainError(f"the C++ compiler {compiler} does not work: {error}") from error
    found = find_spec("torch")  # not imported: this takes 2 s that others need not wait for
    if found is None or found.origin is None:
        raise ToolchainError("torch is not installed: pip install torch")
    base = Path(found.origin).parent
    include = (str(base / "include"), str(base / "include/torch/csrc/api/include"))
    target = sha256_hex(options)[:16]
    return Toolchain(compiler, banner, target, include, str(base / "lib"), version("torch"))


def _run(argv: list[str]) -> str:
    environment = {"PATH": os.environ.get("PATH", "")}
    return subprocess.run(argv, capture_output=True, text=True, check=True, timeout=30, env=environment).stdout


def _cpu_flags() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((line for line in lines if line.startswith(("flags", "Features"))), "")


@functools.cache
def _headers_digest() -> str:
    return sha256_hex(b"".join(path.read_bytes() for path in sorted(INCLUDE.rglob("*.h"))))
