"""Memory as interpreted kernels see it: every access is held to its region's bounds, and can be watched for races.

A pointer carries the region that it was made from (a tensor argument's storage), through arithmetic, broadcasts and
block pointers. An access outside of it is reported and not made: a load gives what the mask's lanes give, a store is
dropped. Bounds are always held; races between programs are watched for where the judge asks.
"""

import ctypes
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from harness.worker.triton_races import Watch
from harness.worker.triton_record import Recorder

Array = np.ndarray[Any, Any]
Owner = Callable[[int], tuple[int, int] | None]


class Region:
    """One tensor's storage."""

    def __init__(self, base: int, size: int, name: str) -> None:
        self.base = base
        self.size = size
        self.name = name
        self._views: dict[Any, Array] = {}

    def view(self, kind: np.dtype[Any]) -> Array:
        """Return the storage as an array of `kind`."""
        view = self._views.get(kind)
        if view is None:
            count = self.size // kind.itemsize
            raw = (ctypes.c_char * (count * kind.itemsize)).from_address(self.base)
            view = self._views[kind] = (
                np.frombuffer(memoryview(raw), dtype=kind, count=count) if count else np.empty(0, kind)
            )
        return view


class Memory:
    """The memory of one launch: regions by address, the program that runs, and what was found."""

    def __init__(self, recorder: Recorder, owner: Owner | None, watching: bool) -> None:
        self.recorder = recorder
        self.regions: dict[int, Region] = {}
        self.program = (0, 0, 0)
        self.watch = Watch(recorder) if watching else None
        self.load_bytes = self.store_bytes = self.atomics = 0
        self.polls = self.changes = 0
        """How often memory was looked at atomically or as volatile, and how often it was changed."""
        self.touched: tuple[Region, int] | None = None
        """Region and address of the last atomic access, where it was of one scalar."""
        self.discarding = False
        """Whether the atomic operation that runs has a result that nobody takes."""
        self._owner = owner

    def region_of(self, tensor: Any, name: str) -> Region:
        """Return the region of a tensor argument."""
        storage = tensor.untyped_storage()
        base, size = storage.data_ptr(), storage.nbytes()
        region = self.regions.get(base)
        if region is None or region.size < size:
            region = self.regions[base] = Region(base, size, name)
        return region

    def find(self, address: int) -> Region | None:
        """Return the region that holds an address whose pointer was computed from a plain number."""
        for region in self.regions.values():
            if region.base <= address < region.base + region.size:
                return region
        found = self._owner(address) if self._owner else None
        if found is None:
            return None
        region = self.regions[found[0]] = Region(found[0], found[1], "memory")
        return region

    def place(self, pointers: Any, mask: Array | None, item: int, write: bool) -> tuple[Region, Array, Array | None]:
        """Return region, byte offsets and the lanes that may be accessed (None: all); reports the others."""
        region = pointers.attr.get("origin")
        addresses = pointers.data
        if region is None:
            region = self._found(addresses, mask, item, write)
            if region is None:
                return Region(0, 0, "nothing"), np.zeros(addresses.shape, np.uint64), np.zeros(addresses.shape, bool)
        offsets = addresses - np.uint64(region.base)
        outside = offsets > np.uint64(region.size - item) if region.size >= item else np.ones(offsets.shape, bool)
        crooked = addresses & np.uint64(item - 1)
        if mask is not None:
            outside = outside & mask
        if outside.any():
            self._report_outside(region, offsets, outside, item, write)
            mask = ~outside if mask is None else mask & ~outside
        if item > 1 and crooked.any() and (mask is None or (crooked.astype(bool) & mask).any()):
            what = f"a {item}-byte access at an address that is no multiple of {item}"
            self.recorder.finding("misaligned", self.program, site(), write, what, 1)
        return region, offsets, mask

    def _found(self, addresses: Array, mask: Array | None, item: int, write: bool) -> Region | None:
        """Return memory that spans all active addresses, which were computed from numbers: a table of pointers."""
        active = addresses[np.broadcast_to(mask, addresses.shape)] if mask is not None else addresses.reshape(-1)
        if not active.size:
            return None
        low, high = int(active.min()), int(active.max()) + item
        inside = [self.find(int(address)) for address in np.unique(active)]
        if self._owner is None or all(region is not None for region in inside):
            known = [region for region in inside if region is not None]
            if known and all(region is known[0] for region in inside):
                return known[0]
            return Region(low, high - low, "memory")
        what = f"{'store to' if write else 'load from'} an address that belongs to no tensor"
        self.recorder.finding("out_of_bounds", self.program, site(), write, what, int(active.size))
        return None

    def _report_outside(self, region: Region, offsets: Array, outside: Array, item: int, write: bool) -> None:
        count = int(outside.sum())
        first = int(offsets[outside].astype(np.int64)[0])
        where = f"{first - region.size} bytes past the end of" if first >= 0 else f"{-first} bytes before"
        if 0 <= first < region.size:
            where = "across the end of"
        verb = "store" if write else "load"
        what = f"{verb} of {item} bytes {where} {region.name} ({region.size} bytes), {count} lane{'s' * (count > 1)}"
        self.recorder.finding("out_of_bounds", self.program, site(), write, what, count)

    def load(
        self, pointers: Any, mask: Array | None, other: Array | None, kind: np.dtype[Any], watched: bool = True
    ) -> Array:
        """Read one value per lane."""
        region, offsets, allowed = self.place(pointers, mask, kind.itemsize, False)
        self.load_bytes += kind.itemsize * (offsets.size if allowed is None else int(allowed.sum()))
        indices = (offsets >> np.uint64(kind.itemsize.bit_length() - 1)).astype(np.int64)
        view = region.view(kind)
        if allowed is not None:
            allowed = np.broadcast_to(allowed, indices.shape)
        if self.watch and watched:
            read = indices if allowed is None else indices[allowed]
            if read.size:
                self.watch.read(region, read, kind.itemsize, self.program, site())
        if allowed is None:
            return view[indices]
        values = view[np.where(allowed, indices, 0)] if view.size else np.zeros(indices.shape, kind)
        return np.where(allowed, values, kind.type(0) if other is None else other)

    def store(self, pointers: Any, values: Array, mask: Array | None) -> None:
        """Write one value per lane; of lanes that share an address one wins."""
        kind = values.dtype
        region, offsets, allowed = self.place(pointers, mask, kind.itemsize, True)
        indices = (offsets >> np.uint64(kind.itemsize.bit_length() - 1)).astype(np.int64)
        values = np.broadcast_to(values, indices.shape)
        if allowed is not None:
            allowed = np.broadcast_to(allowed, indices.shape)
            indices, values = indices[allowed], values[allowed]
        self.store_bytes += kind.itemsize * indices.size
        self.changes += 1
        view = region.view(kind)
        if self.watch and indices.size:
            self.watch.write(region, view, indices.reshape(-1), values.reshape(-1), self.program, site())
        view[indices] = values

    def update(self, pointers: Any, mask: Array | None, item: int, relaxed: bool, polling: bool = False) -> Array:
        """Prepare an atomic access: returns the mask of lanes that may be accessed. With `polling` it only looks."""
        region, offsets, allowed = self.place(pointers, mask, item, not polling)
        shape = pointers.data.shape
        lanes = np.ones(shape, bool) if allowed is None else np.broadcast_to(allowed, shape)
        self.atomics += 0 if polling else int(lanes.sum())
        self.polls += 1
        self.touched = (region, int(offsets.reshape(-1)[0])) if lanes.size == 1 and lanes.all() else None
        if self.watch and lanes.any():
            indices = (offsets >> np.uint64(item.bit_length() - 1)).astype(np.int64)[lanes]
            orders = indices.size == 1 and not relaxed
            self.watch.atomic(
                region, indices, item, self.program, site(), orders and not polling, orders and not self.discarding
            )
        return np.ascontiguousarray(lanes)


def note_change(memory: Memory, old: Array) -> None:
    """Note whether the atomic access that was just made changed anything; `old` is what was there, in memory's type."""
    if memory.touched is not None:
        region, offset = memory.touched
        kind = np.dtype(f"u{old.itemsize}")
        if region.view(kind)[offset // old.itemsize] == old.reshape(-1).view(kind)[0]:
            return
    memory.changes += 1


def site() -> int:
    """Return the candidate's line that is running now; 0 if none of its frames is."""
    frame = sys._getframe(1)
    while frame is not None:
        if frame.f_code.co_filename == "candidate.py":
            return frame.f_lineno
        frame = frame.f_back  # type: ignore[assignment]
    return 0


current: list[Memory] = []
"""The memory of the launch that runs; the last one counts."""


def with_origin(handle: Any, source: Any) -> Any:
    """Give a pointer block the region of the pointer that it was made from."""
    if "origin" in source.attr:
        handle.attr["origin"] = source.attr["origin"]
    return handle
