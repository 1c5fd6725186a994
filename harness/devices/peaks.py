"""What this machine's CPU reaches at best: measured once, kept with the fingerprint of what it was measured on.

Memory: STREAM's read, write, copy and triad (McCalpin, "Memory bandwidth and machine balance in current high
performance computers", IEEE TCCA Newsletter, 1995), with plain and with streaming stores, on arrays that lie in the L1,
L2 and last-level cache and beyond all of them. Arithmetic: `torch.mm`, and chains of vector multiply-adds that never
leave the registers. The bytes that a kernel names are counted, not those that a cache fetches on its own before it
writes.
"""

import json
import math
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationError

from harness.devices import cpu
from harness.errors import HarnessError
from harness.models import Record, sha256_hex

SOURCE = Path(__file__).with_name("peaks.c")
PROGRAM = Path(__file__).with_name("peaks_program.py")
FORMAT = 1
"""Raised where peaks that were measured before mean something else."""
TIMEOUT_S = 120.0
SMALLEST_BYTES, LARGEST_BYTES = 64 << 20, 256 << 20
"""Limits of an array that lies beyond all caches. STREAM asks for four times the last level."""
L1_ARRAY_BYTES = 8 << 10
"""Three of them fit into the smallest L1 cache in use, 32 KiB."""
L2_BYTES = 256 << 10
"""Assumed where the kernel does not say."""
FLAGS = {
    "avx2": "-mavx2",
    "fma": "-mfma",
    "avx512f": "-mavx512f",
    "avx512bw": "-mavx512bw",
    "avx512vl": "-mavx512vl",
    "avx512_bf16": "-mavx512bf16",
    "avx512_fp16": "-mavx512fp16",
}
"""Feature as /proc/cpuinfo names it -> argument of the compiler."""

Rate = Annotated[float, Field(gt=0, allow_inf_nan=False)]


class Peaks(Record):
    """Best rates of one number of threads on one machine."""

    machine: dict[str, str]
    """Fingerprint: what they were measured on."""
    threads: int = Field(ge=1)
    """Threads that ran, each on a core of its own."""
    cache_bytes: dict[str, int]
    """`l2` (of all these cores together) and `llc`."""
    bytes_per_s: dict[str, dict[str, Rate]]
    """Level (`l1`, `l2`, `llc`, `dram`) -> kind (`read`, `write`, `copy`, `triad`) -> bytes moved per second."""
    gemm_flop_per_s: dict[str, Rate]
    """dtype -> FLOP per second of `torch.mm`."""
    fma_flop_per_s: dict[str, Rate]
    """dtype -> FLOP per second of vector multiply-adds; one without such an instruction is left out."""

    def arithmetic(self, dtype: str) -> tuple[str, float] | None:
        """Return the higher of the dtype's two peaks with its name; None where neither was measured."""
        known = [("torch.mm", self.gemm_flop_per_s.get(dtype)), ("multiply-adds", self.fma_flop_per_s.get(dtype))]
        found = [(f"{dtype} {name}", rate) for name, rate in known if rate is not None]
        return max(found, key=lambda peak: peak[1], default=None)

    def best_bytes_per_s(self, level: str) -> tuple[str, float]:
        """Return the kind that moves most bytes at `level`, and its rate."""
        return max(self.bytes_per_s[level].items(), key=lambda peak: peak[1])


def compiler_arguments() -> tuple[str, ...]:
    """Return what compiles `SOURCE` for the instruction set of this machine."""
    return ("-O3", "-pthread", *(FLAGS[name] for name in cpu.features() if name in FLAGS))


def fingerprint() -> dict[str, str]:
    """Return what peaks depend on: other peaks are measured where anything of it differs."""
    try:
        torch = version("torch")
    except PackageNotFoundError:
        torch = "none"
    caches = ", ".join(f"L{level} {size >> 10} KiB" for level, size in sorted(cpu.cache_sizes().items()))
    return {**cpu.facts(), "caches": caches, "kernel": platform.release(), "torch": torch, "format": str(FORMAT)}


def known(cache_dir: Path, threads: int) -> Peaks | None:
    """Return the peaks measured before for `threads` on this machine; None without any, or if the file is torn."""
    machine = fingerprint()
    try:
        found = Peaks.model_validate_json(_place(cache_dir, machine, threads).read_bytes())
    except (OSError, ValidationError):
        return None
    complete = {"l1", "l2", "llc", "dram"} <= found.bytes_per_s.keys() and all(
        {"read", "write", "copy", "triad"} <= kinds.keys() for kinds in found.bytes_per_s.values()
    )
    return found if complete and found.machine == machine and found.threads == threads else None


def measure(cache_dir: Path, library: Path, cores: Sequence[int]) -> Peaks:
    """Measure with one thread on each of `cores`, and keep the result.

    Takes some 6 s of a quiet machine; nothing else is to run meanwhile. A peak is the best that was ever seen: what the
    same machine reached before still counts.

    `library` is `SOURCE` as compiled with `compiler_arguments()`.

    Raises:
        HarnessError: it could not be measured or kept.
    """
    machine, threads = fingerprint(), len(cores)
    place = _place(cache_dir, machine, threads)
    try:
        with tempfile.TemporaryDirectory(prefix="harness-peaks-") as name:
            request, answer = Path(name, "request.json"), Path(name, "answer.json")
            asked = {"library": str(library), "cores": list(cores), "sizes": _array_bytes(threads)}
            request.write_text(json.dumps(asked))
            argv = [sys.executable, "-P", str(PROGRAM), str(request), str(answer)]
            environment = {"PATH": os.environ.get("PATH", "")}  # nobody below the harness holds a key
            done = subprocess.run(argv, capture_output=True, text=True, timeout=TIMEOUT_S, check=False, env=environment)
            if done.returncode:
                last = (done.stderr.strip().splitlines() or ["no message"])[-1]
                raise HarnessError(f"the peaks of this machine cannot be measured: exit code {done.returncode}: {last}")
            rates = json.loads(answer.read_bytes())
        found = Peaks(machine=machine, threads=threads, cache_bytes=_cache_bytes(threads), **rates)
        if earlier := known(cache_dir, threads):
            found = _best(found, earlier)
        place.parent.mkdir(parents=True, exist_ok=True)
        fresh = place.with_suffix(f".{os.getpid()}.tmp")
        fresh.write_text(found.model_dump_json(indent=1))
        os.replace(fresh, place)
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        raise HarnessError(f"the peaks of this machine cannot be measured: {error}") from error
    return found


def describe(peaks: Peaks) -> str:
    """Return the peaks in a line for people."""
    kind, rate = peaks.best_bytes_per_s("dram")
    said = [
        f"memory {rate / 1e9:.3g} GB/s ({kind})",
        f"last-level cache {peaks.best_bytes_per_s('llc')[1] / 1e9:.3g} GB/s",
    ]
    for dtype in ("float32", "bfloat16"):
        if found := peaks.arithmetic(dtype):
            said.append(f"{found[1] / 1e9:.3g} GFLOP/s ({found[0]})")
    return f"{', '.join(said)}; {peaks.threads} thread{'s' if peaks.threads > 1 else ''}"


def _best(one: Peaks, other: Peaks) -> Peaks:
    """Return the higher of each two rates."""

    def higher(ours: Mapping[str, float], theirs: Mapping[str, float]) -> dict[str, float]:
        return {name: max(ours.get(name, 0.0), theirs.get(name, 0.0)) for name in {**ours, **theirs}}

    return one.model_copy(
        update={
            "bytes_per_s": {level: higher(rates, other.bytes_per_s[level]) for level, rates in one.bytes_per_s.items()},
            "gemm_flop_per_s": higher(one.gemm_flop_per_s, other.gemm_flop_per_s),
            "fma_flop_per_s": higher(one.fma_flop_per_s, other.fma_flop_per_s),
        }
    )


def _place(cache_dir: Path, machine: Mapping[str, str], threads: int) -> Path:
    digest = sha256_hex(json.dumps(machine, sort_keys=True))[:16]
    return cache_dir / "peaks" / f"{digest}-{threads}.json"


def _cache_bytes(threads: int) -> dict[str, int]:
    return {"l2": threads * cpu.cache_sizes().get(2, L2_BYTES), "llc": cpu.last_level_cache_bytes()}


def _array_bytes(threads: int) -> dict[str, int]:
    """Return the size of each of three arrays by level, all threads' parts together, in whole pages for each."""
    caches = _cache_bytes(threads)
    beyond = min(max(4 * caches["llc"], SMALLEST_BYTES), LARGEST_BYTES)
    wanted = {"l1": L1_ARRAY_BYTES * threads, "l2": caches["l2"] // 6, "llc": max(caches["llc"], caches["l2"]) // 6}
    page = 4 * 4096 * threads  # four parts are taken in turn
    return {level: math.ceil(size / page) * page for level, size in (wanted | {"dram": beyond}).items()}
