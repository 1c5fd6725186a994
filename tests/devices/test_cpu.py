"""Facts of this machine's CPU, its cache emptied for real, and the bound that no call can beat."""

import ctypes
import os
import re
import subprocess
import time
from pathlib import Path

import pytest

from harness.build import BuildCache, compile_trusted
from harness.config import Settings
from harness.devices import DEVICES
from harness.devices.cpu import (
    CacheFlusher,
    cache_sizes,
    facts,
    features,
    last_level_cache_bytes,
    model_name,
    peak_bytes_per_s,
)
from harness.worker import doorbell


@pytest.fixture(scope="module")
def lib() -> ctypes.CDLL:
    return doorbell.load(str(compile_trusted(doorbell.SOURCE, BuildCache(Settings.load().cache_dir))))


def test_the_facts_are_this_machines() -> None:
    found = facts()
    assert found == DEVICES.get("cpu")()
    assert int(found["cores"]) == len(os.sched_getaffinity(0))
    assert found["cpu"] == model_name() != ""
    assert found["isa"].split() == list(features())
    assert all(isinstance(value, str) for value in found.values())


def test_the_instruction_set_is_what_the_kernel_says() -> None:
    with open("/proc/cpuinfo") as file:
        words = set(re.findall(r"\w+", file.read()))
    assert set(features()) <= words
    assert ("avx2" in features()) == ("avx2" in words)


def test_the_last_level_cache_is_the_largest() -> None:
    if not list(Path("/sys/devices/system/cpu/cpu0/cache").glob("index*/size")):
        assert last_level_cache_bytes() == 32 << 20, "some virtual machines hide their caches"
        return
    said = subprocess.run(["lscpu", "-B", "-C=ONE-SIZE"], capture_output=True, text=True, check=True).stdout
    assert last_level_cache_bytes() == max(map(int, re.findall(r"\d+", said)))


def test_the_caches_of_each_level_are_listed() -> None:
    sizes = cache_sizes()
    assert sorted(sizes.values()) == [sizes[level] for level in sorted(sizes)], "a further level is a larger one"
    assert not sizes or max(sizes.values()) == last_level_cache_bytes()


def test_flushing_takes_what_was_cached_out_of_the_cache(lib: ctypes.CDLL) -> None:
    """Reading 1 MiB that was just read against reading it after a flush; the quickest of several tries of each."""
    size = 1 << 20
    data = ctypes.create_string_buffer(size)
    flush = CacheFlusher(lib)

    def took() -> float:
        before = time.perf_counter()
        lib.read_bandwidth(data, size, 1)
        return time.perf_counter() - before

    took()
    warm, cold = min(took() for _ in range(20)), 1.0
    for _ in range(8):
        flush()
        cold = min(cold, took())
    assert cold > 1.2 * warm, f"cold {cold * 1e6:.0f} us, warm {warm * 1e6:.0f} us"


def test_the_bound_lies_above_what_memory_really_gives(lib: ctypes.CDLL) -> None:
    bound = peak_bytes_per_s(lib, 1)
    assert peak_bytes_per_s(lib, 2) == 2 * bound
    size = 64 << 20
    source = ctypes.create_string_buffer(size)
    assert lib.read_bandwidth(source, size, 3) < bound < 1e14
