"""Memory shared with a worker: the doorbell page, the input slots, the initial state. The judge's mappings."""

import ctypes
import mmap
import os
import secrets
from typing import Any

import torch

from harness.judge.reference import flat, span
from harness.worker import doorbell
from harness.worker.program import DTYPES

ALIGN = 64
JITTER_STEPS = 64
"""An input's address within its slot varies over this many cache lines from call to call."""


class SharedMemory:
    """An anonymous file mapped here; the worker gets the descriptor."""

    def __init__(self, name: str, size: int) -> None:
        self.fd = os.memfd_create(f"harness-{name}", os.MFD_CLOEXEC)
        self.size = size
        if size:
            os.ftruncate(self.fd, size)
        self.map = mmap.mmap(self.fd, size) if size else None

    def tensor(self, offset: int, count: int, dtype: torch.dtype) -> torch.Tensor:
        """Return a view of `count` elements at `offset` bytes."""
        assert self.map is not None
        return torch.frombuffer(self.map, dtype=dtype, count=count, offset=offset)

    def close(self) -> None:
        """Give the descriptor back. The mapping goes when the last view of it does."""
        os.close(self.fd)
        self.map = None


def describe(tensor: torch.Tensor) -> dict[str, Any]:
    """Return the layout of an input as it is sent to the worker."""
    return {
        "dtype": DTYPES.index(tensor.dtype),
        "sizes": list(tensor.shape),
        "strides": list(tensor.stride()),
        "count": span(tensor),
    }


class InputSlots:
    """Two slots of inputs: call i+1 uses the other, so that what call i returned keeps its meaning meanwhile."""

    SLOTS = 2

    def __init__(self, example: list[Any]) -> None:
        self.layouts: list[dict[str, Any]] = []
        self._bases: list[int] = []
        size = 0
        for value in example:
            if isinstance(value, torch.Tensor):
                self.layouts.append(describe(value))
                self._bases.append(size)
                room = span(value) * value.element_size() + ALIGN * JITTER_STEPS
                size += (room + 4095) // 4096 * 4096
            else:
                self.layouts.append({"value": value})
                self._bases.append(-1)
        self.slot_bytes = size
        self.memory = SharedMemory("inputs", size * self.SLOTS)
        self._slot = 0

    def write(self, inputs: list[Any], page: doorbell.Page) -> list[tuple[torch.Tensor, torch.Tensor]]:
        """Write inputs to the next slot and tell the page; returns pairs of (shared view, the judge's copy)."""
        self._slot = (self._slot + 1) % self.SLOTS
        pairs = []
        page.slot = self._slot
        for index, value in enumerate(inputs):
            if not isinstance(value, torch.Tensor) or not value.numel():
                continue
            offset = self._slot * self.slot_bytes + self._bases[index] + ALIGN * secrets.randbelow(JITTER_STEPS)
            own = flat(value)
            shared = self.memory.tensor(offset, own.numel(), value.dtype)
            shared.copy_(own)
            page.offsets[index] = offset
            pairs.append((shared, own))
        return pairs


class State:
    """The initial weights and tensor arguments, for the worker to copy from."""

    def __init__(self, state: dict[str, torch.Tensor], init: list[Any]) -> None:
        self._tensors: list[tuple[int, torch.Tensor]] = []
        self._size = 0
        self.manifest = {name: self._place(tensor) for name, tensor in state.items()}
        self.init = [self._encode(value) for value in init]
        self.memory = SharedMemory("state", self._size)
        for offset, tensor in self._tensors:
            self.memory.tensor(offset, tensor.numel(), tensor.dtype).copy_(tensor.reshape(-1))
        self._tensors.clear()

    def _place(self, tensor: torch.Tensor) -> dict[str, Any]:
        offset, size = self._size, tensor.numel() * tensor.element_size()
        self._size += (size + ALIGN - 1) // ALIGN * ALIGN
        if size:
            self._tensors.append((offset, tensor))
        return {"dtype": DTYPES.index(tensor.dtype), "sizes": list(tensor.shape), "offset": offset, "bytes": size}

    def _encode(self, value: Any) -> Any:
        """Encode a constructor argument for `program._decode`.

        Raises:
            TypeError: it has no encoding.
        """
        if isinstance(value, torch.Tensor):
            return {"tensor": self._place(value)}
        if isinstance(value, tuple):
            return {"tuple": [self._encode(v) for v in value]}
        if isinstance(value, list):
            return [self._encode(v) for v in value]
        if isinstance(value, dict):
            return {"dict": {str(k): self._encode(v) for k, v in value.items()}}
        if value is None or isinstance(value, bool | int | float | str):
            return value
        raise TypeError(f"a constructor argument of type {type(value).__name__} is not supported")


def new_page() -> tuple[SharedMemory, doorbell.Page]:
    """Return a fresh doorbell page and the judge's view of it."""
    memory = SharedMemory("page", doorbell.PAGE_BYTES)
    assert memory.map is not None
    return memory, doorbell.Page.from_buffer(memory.map)


def address_of(tensor: torch.Tensor) -> ctypes.c_void_p:
    """Return a tensor's address for a C call."""
    return ctypes.c_void_p(tensor.data_ptr())


def same_bytes(one: torch.Tensor, other: torch.Tensor) -> bool:
    """Whether two one-dimensional tensors of the same layout hold the same bits (a NaN equals itself)."""
    size = one.numel() * one.element_size()
    return bool(_memcmp(address_of(one), address_of(other), size) == 0)


_memcmp = ctypes.CDLL(None).memcmp
_memcmp.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t]
