"""Measures one machine's peaks, in a process of its own: `python peaks_program.py REQUEST ANSWER`, both JSON files.

It imports nothing of ours. A peak is the best of short rounds, and the rounds of all kernels take turns, so that a busy
moment of a shared machine costs each of them a round and none of them its result.
"""

import ctypes
import json
import os
import sys
import time
from typing import Any

MOVES = (
    ("read", False),
    ("write", False),
    ("write", True),
    ("copy", False),
    ("copy", True),
    ("triad", False),
    ("triad", True),
)
"""Kind and whether stores go past the caches; of both ways the better one counts."""
KINDS = ("read", "write", "copy", "triad", "float32", "float64", "bfloat16", "float16")
"""As `peaks.c` numbers them."""
ROUND_BYTES = 100_000_000
"""What a kernel moves at least in one round, in whole passes: 1 to 3 ms, less than a scheduler's slice."""
ROUND_STEPS = 200_000
"""Steps of all chains in one round of multiply-adds: 1 to 2 ms."""
PARTS = 4
"""A pass beyond the caches is over one part of the arrays, the next pass over the next one: short, and never warm."""
MIN_ROUNDS, MAX_ROUNDS = 4, 60
MOVE_BUDGET_S, GEMM_BUDGET_S, GEMM_CALL_S = 2.0, 0.35, 0.2
"""Time after which no further round begins; that of each dtype's products; and of the longest product."""
WARM_CALLS = 4
"""Products of each size after which the next one may be tried; the first wakes torch's threads."""
GEMM_SIZES = (256, 512, 1024, 2048)


def moves(
    lib: ctypes.CDLL, cores: list[int], sizes: dict[str, int]
) -> tuple[dict[str, dict[str, float]], dict[str, float]]:
    """Return bytes per second by level and kind, and FLOP per second of multiply-adds in registers by dtype."""
    threads = len(cores)
    pinned = (ctypes.c_int32 * threads)(*cores)
    memory = {level: lib.arrays(size) for level, size in sizes.items()}
    for level, start in memory.items():
        if not start:
            raise MemoryError(f"no memory for arrays of {sizes[level]} bytes")
        for array in range(3):
            lib.rate(KINDS.index("write"), 0, start + array * sizes[level], 0, sizes[level], 1, threads, pinned)
    found: dict[str, dict[str, float]] = {level: {} for level in sizes}
    added: dict[str, float] = {}
    ends, turn = time.monotonic() + MOVE_BUDGET_S, 0
    for number in range(MAX_ROUNDS):
        if number >= MIN_ROUNDS and time.monotonic() > ends:
            break
        for level, size in sizes.items():
            for kind, streaming in MOVES:
                turn += 1
                parts = PARTS if level == "dram" else 1
                start, passes = memory[level] + turn % parts * (size // parts), max(1, ROUND_BYTES // size)
                reached = lib.rate(KINDS.index(kind), streaming, start, size, size // parts, passes, threads, pinned)
                found[level][kind] = max(found[level].get(kind, 0.0), reached)
        for dtype in KINDS[4:]:
            reached = lib.rate(KINDS.index(dtype), 0, None, 0, 0, ROUND_STEPS, threads, pinned)
            if reached > 0:  # 0: there is no such instruction
                added[dtype] = max(added.get(dtype, 0.0), reached)
    for level, start in memory.items():
        lib.give_back(start, sizes[level])
    return found, added


def products(threads: int) -> dict[str, float]:
    """Return FLOP per second of `torch.mm` by dtype, a multiply-add counted as two; dtypes without it are left out."""
    import torch

    torch.set_num_threads(threads)
    found = {}
    for dtype in KINDS[4:]:
        best, ends = 0.0, time.monotonic() + GEMM_BUDGET_S
        try:
            for size in GEMM_SIZES:
                one, other, out = (torch.full((size, size), 0.5, dtype=getattr(torch, dtype)) for _ in range(3))
                took = min(_mm(torch, one, other, out) for _ in range(WARM_CALLS))
                best = max(best, 2 * size**3 / took)
                if 8 * took > GEMM_CALL_S:  # what twice the size would take
                    break
            while time.monotonic() < ends:
                best = max(best, 2 * size**3 / _mm(torch, one, other, out))
        except RuntimeError:
            continue  # this build of torch has no such product on the CPU
        found[dtype] = best
    return found


def _mm(torch: Any, one: Any, other: Any, out: Any) -> float:
    started = time.perf_counter()
    torch.mm(one, other, out=out)
    return max(time.perf_counter() - started, 1e-9)


def main(request: str, answer: str) -> None:
    """Do what `request` says and write `answer`."""
    with open(request) as file:
        asked = json.load(file)
    cores = [int(core) for core in asked["cores"]]
    lib = ctypes.CDLL(asked["library"])
    lib.arrays.restype, lib.arrays.argtypes = ctypes.c_void_p, [ctypes.c_uint64]
    lib.give_back.restype, lib.give_back.argtypes = None, [ctypes.c_void_p, ctypes.c_uint64]
    lib.rate.restype = ctypes.c_double
    lib.rate.argtypes = [
        *(ctypes.c_int, ctypes.c_int, ctypes.c_void_p, ctypes.c_uint64, ctypes.c_uint64, ctypes.c_int64),
        *(ctypes.c_int, ctypes.POINTER(ctypes.c_int32)),
    ]
    moved, added = moves(lib, cores, asked["sizes"])
    os.sched_setaffinity(0, cores)  # before torch makes its threads, which inherit it
    multiplied = products(len(cores))
    with open(answer, "w") as file:
        json.dump({"bytes_per_s": moved, "fma_flop_per_s": added, "gemm_flop_per_s": multiplied}, file)


if __name__ == "__main__":
    main(*sys.argv[1:])
