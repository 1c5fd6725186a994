"""ctypes view of the page that an emulated kernel's library shares with the judge, and what the judge makes of it.

The layout is that of `harness/build/cuda/include/harness_cuda/page.h`. The worker attaches the page to each library that it
loads; the judge writes the options before a call and, after it, takes a copy and reads that. The copy is the word of the
process that ran the candidate, so that every number in it is bounded here.
"""

import ctypes
from collections.abc import Callable

from harness.models.kernel import Finding, FindingKind, KernelProfile
from harness.models.text import printable

VERSION = 2
MAX_FINDINGS, MAX_LAUNCHES, MAX_EXECUTED, NAME_BYTES, DETAIL_BYTES = 64, 64, 8192, 128, 192
FORWARD, REVERSE, RANDOM = range(3)
"""Orders of threads and of blocks."""

KINDS = (
    FindingKind.OUT_OF_BOUNDS, FindingKind.RACE, FindingKind.DIVERGENT_BARRIER, FindingKind.UNINITIALISED_SHARED,
    FindingKind.MISALIGNED, FindingKind.INVALID_LAUNCH, FindingKind.RESOURCE_LIMIT, FindingKind.WARP_MASK,
    FindingKind.DEADLOCK,
)  # fmt: skip
"""A kind travels as its position here."""
COUNTERS = (
    "global_load_requests", "global_load_sectors", "global_load_bytes",
    "global_store_requests", "global_store_sectors", "global_store_bytes",
    "shared_load_requests", "shared_load_passes", "shared_store_requests", "shared_store_passes",
    "barriers", "warp_operations", "atomics", "lane_blocks", "warp_block_slots",
    "tensor_fp16", "tensor_bf16", "tensor_tf32", "tensor_int8", "tensor_fp64",
)  # fmt: skip
"""Names of a launch's counters, in their order."""
MAX_COUNT = 1 << 62
"""No counter of a call comes near it; what exceeds it is forged."""

Symbolise = Callable[[int, int], str | None]
"""(library, offset of an instruction) -> `candidate.py:23`, or None where the line is not known."""


class Options(ctypes.Structure):
    """What the judge sets before a call. The defaults are an H100's limits and forward order."""

    _fields_ = [
        ("version", ctypes.c_uint32),
        ("threads", ctypes.c_uint32),
        ("order", ctypes.c_uint32),
        ("check", ctypes.c_uint32),
        ("count", ctypes.c_uint32),
        ("reserved", ctypes.c_uint32),
        ("seed", ctypes.c_uint64),
        ("max_threads_per_launch", ctypes.c_uint64),
        ("max_accesses", ctypes.c_uint64),
        ("count_blocks", ctypes.c_uint64),
        ("arch_major", ctypes.c_uint32),
        ("arch_minor", ctypes.c_uint32),
        ("sm_count", ctypes.c_uint32),
        ("max_threads_per_block", ctypes.c_uint32),
        ("shared_bytes", ctypes.c_uint32),
        ("shared_optin_bytes", ctypes.c_uint32),
        ("warp_size", ctypes.c_uint32),
        ("reserved2", ctypes.c_uint32),
    ]


class RawFinding(ctypes.Structure):
    """One mistake, as the library wrote it."""

    _fields_ = [
        ("kind", ctypes.c_uint32),
        ("line", ctypes.c_uint32),
        ("block", ctypes.c_int32 * 3),
        ("thread", ctypes.c_int32 * 3),
        ("other_block", ctypes.c_int32 * 3),
        ("other_thread", ctypes.c_int32 * 3),
        ("pc", ctypes.c_uint64),
        ("other_pc", ctypes.c_uint64),
        ("count", ctypes.c_uint64),
        ("library", ctypes.c_uint32),
        ("write", ctypes.c_uint32),
        ("kernel", ctypes.c_char * NAME_BYTES),
        ("detail", ctypes.c_char * DETAIL_BYTES),
    ]


class RawLaunch(ctypes.Structure):
    """One kernel with one configuration, as the library wrote it."""

    _fields_ = [
        ("kernel", ctypes.c_char * NAME_BYTES),
        ("grid", ctypes.c_uint32 * 3),
        ("block", ctypes.c_uint32 * 3),
        ("dynamic_shared", ctypes.c_uint64),
        ("static_shared", ctypes.c_uint64),
        ("launches", ctypes.c_uint64),
        ("counted_blocks", ctypes.c_uint64),
        ("counters", ctypes.c_uint64 * len(COUNTERS)),
    ]


class RawExecuted(ctypes.Structure):
    """How often lanes ran a basic block of a launch's kernel, as the library wrote it."""

    _fields_ = [
        ("launch", ctypes.c_uint32),
        ("library", ctypes.c_uint32),
        ("offset", ctypes.c_uint64),
        ("lanes", ctypes.c_uint64),
    ]


class Page(ctypes.Structure):
    """The shared page block."""

    _fields_ = [
        ("options", Options),
        ("findings", ctypes.c_uint32),
        ("dropped", ctypes.c_uint32),
        ("launches", ctypes.c_uint32),
        ("lost", ctypes.c_uint32),
        ("accesses", ctypes.c_uint64),
        ("finding", RawFinding * MAX_FINDINGS),
        ("launch", RawLaunch * MAX_LAUNCHES),
        ("executed", RawExecuted * MAX_EXECUTED),
    ]


PAGE_BYTES = (ctypes.sizeof(Page) + 4095) // 4096 * 4096


def set_options(page: Page, **changes: int) -> None:
    """Write all options: the defaults, and `changes` by field name."""
    values = {
        "version": VERSION, "threads": 2, "order": FORWARD, "check": 1, "count": 0, "seed": 0,
        "max_threads_per_launch": 1 << 32, "max_accesses": 1 << 32, "count_blocks": 8, "arch_major": 9, "arch_minor": 0,
        "sm_count": 132, "max_threads_per_block": 1024, "shared_bytes": 48 << 10, "shared_optin_bytes": 227 << 10,
        "warp_size": 32,
    }  # fmt: skip
    for name, value in (values | changes).items():
        setattr(page.options, name, value)


def clear(page: Page) -> None:
    """Forget findings and launches; the options stay."""
    page.findings = page.dropped = page.launches = page.lost = page.accesses = 0
    ctypes.memset(page.executed, 0, ctypes.sizeof(page.executed))


def attach(library: ctypes.CDLL, page: Page, allocator: ctypes.CDLL | None = None, number: int = 0) -> bool:
    """Give the page to a library that was built for the emulation; False if it was not.

    `allocator` is the worker's (`allocator.cpp`), which tells the checks what a kernel may touch; `number` tells the
    libraries of one worker apart in findings.

    Raises:
        OSError: the library was built for another layout of the page.
    """
    try:
        library.harness_cuda_page_bytes.restype = ctypes.c_uint64
        size = library.harness_cuda_page_bytes()
    except AttributeError:
        return False
    if size != ctypes.sizeof(Page):
        raise OSError("a kernel's library does not fit this version: clear the cache folder")
    library.harness_cuda_attach(ctypes.byref(page), ctypes.c_uint32(number))
    if allocator is not None and hasattr(library, "harness_cuda_owner"):  # only checked libraries ask
        library.harness_cuda_owner(ctypes.cast(allocator.harness_owner, ctypes.c_void_p))
    return True


def copied(raw: bytes) -> Page:
    """Return a copy of a page from its bytes.

    Raises:
        ValueError: too few bytes.
    """
    return Page.from_buffer_copy(raw)


def findings(page: Page, symbolise: Symbolise) -> list[Finding]:
    """Return the mistakes in `page`, a copy that nobody changes any more. What makes no sense is left out."""
    found = (_finding(raw, symbolise) for raw in page.finding[: min(page.findings, MAX_FINDINGS)])
    return [finding for finding in found if finding is not None]


def _finding(raw: RawFinding, symbolise: Symbolise) -> Finding | None:
    if raw.kind >= len(KINDS):
        return None
    where = symbolise(raw.library, raw.pc) if raw.pc else None
    if where is None and raw.line:
        where = f"candidate.py:{raw.line}"  # what the compiler was told by #line
    return Finding(
        kind=KINDS[raw.kind],
        what=_text(raw.detail),
        kernel=_text(raw.kernel),
        where=where,
        block=_place(raw.block),
        thread=_place(raw.thread),
        other_where=symbolise(raw.library, raw.other_pc) if raw.other_pc else None,
        other_block=_place(raw.other_block),
        other_thread=_place(raw.other_thread),
        count=max(1, min(raw.count, MAX_COUNT)),
    )


def profiles(page: Page) -> list[KernelProfile]:
    """Return the launches in `page`, a copy, with counters scaled from the counted blocks to all of them."""
    return [_profile(raw) for raw in page.launch[: min(page.launches, MAX_LAUNCHES)]]


def _profile(raw: RawLaunch) -> KernelProfile:
    grid, block = tuple(raw.grid), tuple(raw.block)
    blocks, counted = _blocks(raw)
    counters = {}
    if counted:
        counters = {
            name: min(value, MAX_COUNT) * blocks // counted for name, value in zip(COUNTERS, raw.counters, strict=True)
        }
    return KernelProfile(
        kernel=_text(raw.kernel),
        launches=max(1, min(raw.launches, 1 << 32)),
        grid=(grid[0], grid[1], grid[2]),
        block=(block[0], block[1], block[2]),
        static_shared_bytes=min(raw.static_shared, 1 << 32),
        dynamic_shared_bytes=min(raw.dynamic_shared, 1 << 32),
        counters=counters,
        counted_share=counted / blocks if counted else 1.0,
    )


def executed(page: Page) -> dict[int, dict[tuple[int, int], int]]:
    """Return how often lanes ran each basic block in `page`, a copy: launch -> (library, offset) -> lanes of all blocks."""
    found: dict[int, dict[tuple[int, int], int]] = {}
    launches = min(page.launches, MAX_LAUNCHES)
    for raw in page.executed:
        if raw.lanes and raw.launch < launches:
            blocks, counted = _blocks(page.launch[raw.launch])
            if counted:
                lanes = min(raw.lanes, MAX_COUNT) * blocks // counted
                found.setdefault(raw.launch, {})[raw.library, raw.offset] = lanes
    return found


def _blocks(raw: RawLaunch) -> tuple[int, int]:
    """Return how many blocks ran, and how many of them were counted."""
    blocks = max(1, raw.grid[0] * raw.grid[1] * raw.grid[2]) * max(1, min(raw.launches, 1 << 32))
    return blocks, min(raw.counted_blocks, blocks)


def _text(raw: bytes) -> str:
    """Printable text; the kernel's name and the sentence may be any bytes."""
    return printable(raw.decode(errors="replace"))


def _place(raw: "ctypes.Array[ctypes.c_int32]") -> tuple[int, int, int] | None:
    x, y, z = raw
    return (x, y, z) if min(x, y, z) >= 0 else None
