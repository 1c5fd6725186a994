"""The CPU: what it is, how large its caches are, how to empty them, how fast it moves bytes."""

import ctypes
import functools
import os
import platform
from pathlib import Path

FLUSH_LIMIT_BYTES = 128 << 20


@functools.cache
def model_name() -> str:
    """Return the processor's name."""
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


@functools.cache
def features() -> tuple[str, ...]:
    """Return the SIMD features that kernels are written for, as /proc/cpuinfo names them."""
    wanted = (
        "avx2",
        "fma",
        "f16c",
        "avx512f",
        "avx512bw",
        "avx512vl",
        "avx512_bf16",
        "avx512_fp16",
        "amx_tile",
        "asimd",
        "sve",
    )
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith(("flags", "Features")):
            present = set(line.partition(":")[2].split())
            return tuple(name for name in wanted if name in present)
    return ()


@functools.cache
def last_level_cache_bytes() -> int:
    """Return the size of the largest cache; 32 MiB where the kernel does not say."""
    sizes = [32 << 20]
    for path in Path("/sys/devices/system/cpu/cpu0/cache").glob("index*/size"):
        text = path.read_text().strip()
        scale = {"K": 1 << 10, "M": 1 << 20}.get(text[-1], 1)
        sizes.append(int(text.rstrip("KM")) * scale)
    return max(sizes[1:] or sizes)


@functools.cache
def cache_sizes() -> dict[int, int]:
    """Return level -> bytes of the caches that serve the first core's data; empty where the kernel does not say."""
    found = {}
    for path in Path("/sys/devices/system/cpu/cpu0/cache").glob("index*/size"):  # some virtual machines hide sizes
        kind, level, size = (path.with_name(name).read_text().strip() for name in ("type", "level", "size"))
        if kind != "Instruction":
            found[int(level)] = int(size.rstrip("KM")) * {"K": 1 << 10, "M": 1 << 20}.get(size[-1], 1)
    return found


def facts() -> dict[str, str]:
    """Return what a kernel's author may know of this machine."""
    return {
        "cpu": model_name(),
        "isa": " ".join(features()),
        "cores": str(len(os.sched_getaffinity(0))),
        "last_level_cache_mib": str(last_level_cache_bytes() >> 20),
    }


class CacheFlusher:
    """Evicts the last-level cache by writing over twice its size."""

    def __init__(self, lib: ctypes.CDLL) -> None:
        self._lib = lib
        self._size = min(2 * last_level_cache_bytes(), FLUSH_LIMIT_BYTES)
        self._buffer = ctypes.create_string_buffer(self._size)

    def __call__(self) -> None:
        """Flush. Takes some 10 ms; called outside of the timed window."""
        self._lib.sweep(self._buffer, self._size)


@functools.cache
def _peak(lib: ctypes.CDLL) -> float:
    size = 16 << 10
    buffer = ctypes.create_string_buffer(size)
    return float(lib.read_bandwidth(buffer, size, 2000))


def peak_bytes_per_s(lib: ctypes.CDLL, cores: int) -> float:
    """Return an upper bound of the rate at which `cores` cores touch memory: four times a scalar read of the L1 cache.

    The factor covers the width of vector loads (64 bytes against 8, two per cycle) over what the compiler makes of the
    loop. It is a bound, not a bandwidth: DRAM is ten times slower.
    """
    return 4.0 * cores * _peak(lib)
