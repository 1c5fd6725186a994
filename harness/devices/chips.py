"""GPUs by name, from `chips.toml`: what limits a launch there, and what its data sheet promises."""

import functools
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.errors import UsageError, suggestion

TABLE = Path(__file__).with_name("chips.toml")


@dataclass(frozen=True, kw_only=True)
class Chip:
    """One GPU. A multiprocessor is an SM, or a compute unit of AMD's; a warp is a wavefront there."""

    name: str
    """`H100 SXM`."""
    arch: str
    """What kernels are compiled for: `sm_90`, `gfx942`."""
    source: str
    """Where the figures are from, with the kind of source."""
    default: bool = False
    """Whether its architecture means this GPU where none is named."""
    multiprocessors: int
    """How many there are."""
    clock_hz: int
    """Boost clock."""
    l2_bytes: int
    """Size of the L2 cache."""
    memory_bytes: int
    """Size of the device's memory."""
    bandwidth_bytes_per_s: float
    """Of the device's memory."""
    peaks: dict[str, float]
    """Kind of arithmetic -> operations per second, for example `fp32`, `bf16_tensor`."""
    warp_size: int = 32
    """Threads of a warp."""
    max_threads_per_block: int = 1024
    """Threads of a block."""
    max_threads_per_sm: int
    """Resident threads of a multiprocessor."""
    max_blocks_per_sm: int
    """Resident blocks of a multiprocessor."""
    max_blocks_of_several_warps: int | None = None
    """The same for blocks that need a barrier; None: no other limit."""
    registers_per_sm: int = 65536
    """32-bit registers of a multiprocessor."""
    registers_per_block: int = 65536
    """Most that one block may hold."""
    max_registers_per_thread: int = 255
    """Most that one thread may hold."""
    register_unit: int = 256
    """Registers are given to a warp in units of this many."""
    partitions: int = 4
    """Parts of a multiprocessor with registers of their own; a warp lives in one."""
    shared_bytes_per_sm: int
    """Shared memory of a multiprocessor."""
    shared_bytes_per_block: int = 48 << 10
    """Most that a block gets without asking."""
    shared_optin_bytes_per_block: int
    """Most that a block gets after `cudaFuncSetAttribute`."""
    shared_unit_bytes: int = 128
    """Shared memory is given to a block in units of this many."""
    shared_reserved_bytes: int = 1024
    """What the system takes of it per block."""

    @property
    def warps_per_sm(self) -> int:
        """Resident warps of a multiprocessor."""
        return self.max_threads_per_sm // self.warp_size


@functools.cache
def chips() -> dict[str, Chip]:
    """Return every GPU by name."""
    raw = tomllib.loads(TABLE.read_text(encoding="utf-8"))
    return {name: _chip(name, values, raw["limits"][values["arch"]]) for name, values in raw["chips"].items()}


def chip(name: str) -> Chip:
    """Return the GPU called `name`, or the usual one of the architecture `name`.

    Raises:
        UsageError: there is none; the message names the closest one.
    """
    known = chips()
    by_folded = {_folded(key): found for key, found in known.items()}
    found = by_folded.get(_folded(name)) or chip_of_arch(name)
    if found is None:
        raise UsageError(f"unknown GPU {name!r}{suggestion(name, known)} (known: {', '.join(known)})")
    return found


def chip_of_arch(arch: str) -> Chip | None:
    """Return the usual GPU of `arch`; `sm_90a` is `sm_90`. None where the table has none."""
    base = arch.rstrip("af") if arch.startswith("sm_") else arch
    return next((found for found in chips().values() if found.default and found.arch == base), None)


def _folded(name: str) -> str:
    return name.lower().replace(" ", "").replace("-", "").replace("_", "")


def _chip(name: str, values: dict[str, Any], limits: dict[str, Any]) -> Chip:
    return Chip(
        name=name,
        arch=values["arch"],
        source=values["source"],
        default=values.get("default", False),
        multiprocessors=values["multiprocessors"],
        clock_hz=values["clock_mhz"] * 10**6,
        l2_bytes=values["l2_mib"] << 20,
        memory_bytes=values["memory_gb"] * 10**9,
        bandwidth_bytes_per_s=values["bandwidth_gb_per_s"] * 1e9,
        peaks={kind: rate * 1e12 for kind, rate in values["tflops"].items()},
        **limits,
    )
