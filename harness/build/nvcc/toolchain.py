"""NVIDIA's compiler and disassembler: where they are, what is missing, and which architectures they know.

Three places are looked at: the wheels of the extra `cuda`, the system's `PATH`, and triton's wheel, which carries the
disassembler. None of them needs a GPU or a driver.
"""

import functools
import os
import re
import subprocess
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from harness.errors import ToolchainError, UsageError, suggestion
from harness.models import sha256_hex

WHEEL_FOLDERS = ("nvidia/cu13", "nvidia/cuda_nvcc")
"""Below site-packages, where the vendor's wheels put a toolkit's `bin`."""
INCLUDE = Path(__file__).parent / "include"
_ARCH = re.compile(r"sm_(\d{2,3}[af]?)")


@dataclass(frozen=True)
class MissingTool:
    """Something that is needed for static facts and is not here."""

    name: str
    """`nvcc`, `cuobjdump` or `nvdisasm`."""
    remedy: str
    """What to do, one line."""

    def __str__(self) -> str:
        return f"no {self.name}: {self.remedy}"


@dataclass(frozen=True)
class Disassembler:
    """The tools that read a binary."""

    cuobjdump: str
    """Absolute path."""
    nvdisasm: str
    """Absolute path."""
    identity: str
    """Digest of both, for cache keys."""


@dataclass(frozen=True)
class CudaTools:
    """A CUDA compiler that works."""

    nvcc: str
    """Absolute path of the real nvcc, not of a script that calls it."""
    root: str
    """Folder of the toolkit, which holds `bin`, `nvvm` and the headers."""
    version: str
    """`13.0`."""
    archs: tuple[str, ...]
    """Real architectures that it compiles for, such as `sm_90`."""
    disassembler: Disassembler
    """What reads its binaries."""

    @property
    def identity(self) -> str:
        """Everything that static facts depend on, beside source, flags and architecture."""
        return "\n".join((self.nvcc, self.version, self.disassembler.identity, _stubs_digest()))


def disassembler() -> Disassembler:
    """Find cuobjdump and nvdisasm.

    Raises:
        ToolchainError: one of them is missing.
    """
    cuobjdump, nvdisasm = _needed("cuobjdump"), _needed("nvdisasm")
    identity = sha256_hex("\n".join(f"{path} {os.stat(path).st_size}" for path in (cuobjdump, nvdisasm)))
    return Disassembler(cuobjdump, nvdisasm, identity[:16])


def cuda_tools() -> CudaTools:
    """Find nvcc and the disassembler; the answer is kept per path.

    Raises:
        ToolchainError: one of them is missing, or nvcc does not run.
    """
    return _examined(_needed("nvcc"), disassembler())


@functools.lru_cache(maxsize=4)
def _examined(nvcc: str, reader: Disassembler) -> CudaTools:
    try:
        plan = _run([nvcc, "--dryrun", "-cubin", "x.cu"])
        version = re.search(r"release (\d+\.\d+)", _run([nvcc, "--version"]))
        listed = _run([nvcc, "--list-gpu-code"])
    except (OSError, subprocess.SubprocessError) as error:
        raise ToolchainError(f"{nvcc} does not work: {error}") from error
    here = re.search(r"_HERE_=(\S+)", plan)
    archs = tuple(dict.fromkeys(f"sm_{found}" for found in _ARCH.findall(listed)))
    if here is None or version is None or not archs:
        raise ToolchainError(f"{nvcc} does not answer as nvcc does: reinstall it, or put another first on PATH")
    real = Path(here[1]).resolve()
    return CudaTools(str(real / "nvcc"), str(real.parent), version[1], archs, reader)


def missing_tools() -> list[MissingTool]:
    """Return what static facts need and this machine lacks, each with its remedy; empty where all is there."""
    return [_missing(name) for name in ("nvcc", "cuobjdump", "nvdisasm") if _find(name) is None]


def resolve_arch(name: str, tools: CudaTools) -> str:
    """Return the architecture called `name` (`sm_90`; `90`, `sm90` and `compute_90` are taken as well).

    Raises:
        UsageError: the compiler does not know it; the message names the closest one.
    """
    digits = re.fullmatch(r"(?:sm_?|compute_?)?(\d{2,3}[af]?)", name.strip().lower())
    wanted = f"sm_{digits[1]}" if digits else name
    if wanted in tools.archs or wanted.rstrip("af") in tools.archs:
        return wanted
    known = f"nvcc {tools.version} knows {', '.join(tools.archs)}"
    raise UsageError(f"unknown architecture {name!r}{suggestion(wanted, tools.archs)} ({known})")


def _needed(name: str) -> str:
    if (path := _find(name)) is None:
        raise ToolchainError(str(_missing(name)))
    return path


def _find(name: str) -> str | None:
    """Look in the wheels first: they are what the installed constraints chose."""
    for folder in _folders():
        path = folder / name
        if path.is_file() and os.access(path, os.X_OK):
            return str(path)
    return None


def _folders() -> list[Path]:
    path = [Path(p) for p in os.environ.get("PATH", "").split(os.pathsep) if p]
    triton = find_spec("triton")
    bundled = [Path(triton.origin).parent / "backends/nvidia/bin"] if triton and triton.origin else []
    return [*_wheel_folders(), *path, *bundled]


def _wheel_folders() -> list[Path]:
    spec = find_spec("nvidia")
    roots = list(spec.submodule_search_locations or []) if spec else []
    return [Path(root).parent / folder / "bin" for root in roots for folder in WHEEL_FOLDERS]


def _missing(name: str) -> MissingTool:
    if name == "nvcc":
        return MissingTool(name, "pip install 'kernel-harness[cuda]', or put a CUDA toolkit's bin on PATH")
    return MissingTool(name, "pip install triton, or 'kernel-harness[cuda]', or put a CUDA toolkit's bin on PATH")


def _run(argv: list[str]) -> str:
    environment = {"PATH": os.environ.get("PATH", os.defpath)}
    done = subprocess.run(argv, capture_output=True, text=True, timeout=60, env=environment, cwd="/")
    if done.returncode and "--dryrun" not in argv:
        raise subprocess.CalledProcessError(done.returncode, argv[0], done.stdout, done.stderr)
    return done.stdout + done.stderr


@functools.cache
def _stubs_digest() -> str:
    return sha256_hex(b"".join(path.read_bytes() for path in sorted(INCLUDE.rglob("*.h"))))
