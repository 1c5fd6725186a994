"""The GPU that is not there, as a worker sees it: CPU tensors that pass for CUDA tensors, a page that kernels report to.

A worker for the CPU itself gets the same object with nothing in it.
"""

import contextlib
import ctypes
import mmap
from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any

import torch

from harness.worker import kernel_page, pretend


class Device:
    """Where a worker's module runs: here the CPU, as it is."""

    mode: AbstractContextManager[Any] = contextlib.nullcontext()
    """To execute the candidate in."""
    watches_inputs = False
    """Whether `received` is to be told of the inputs of each call."""

    def attach(self, path: str) -> None:
        """Take note of a library that the candidate has loaded."""

    def received(self, inputs: Sequence[Any]) -> None:
        """Take note of the inputs of a call."""


class EmulatedDevice(Device):
    """A GPU played by the CPU. `emulated` runs CUDA libraries, `interpreter` runs Triton kernels."""

    def __init__(self, task: dict[str, Any], page_fd: int, allocator: str) -> None:
        """Change this process for good: `torch.cuda` answers as the task's chip would.

        Raises:
            BuildFailed: the installed triton is not one that the interpreter supports.
        """
        self._memory = mmap.mmap(page_fd, kernel_page.PAGE_BYTES)
        self._page = kernel_page.Page.from_buffer(self._memory)
        self._allocator = ctypes.CDLL(allocator)
        self._libraries = 0
        self._registered: list[int] = []
        self._allocator.harness_register.argtypes = [ctypes.c_void_p, ctypes.c_size_t]
        self._allocator.harness_owner.argtypes = [
            ctypes.c_void_p,
            ctypes.POINTER(ctypes.c_void_p),
            ctypes.POINTER(ctypes.c_size_t),
        ]
        self._allocator.harness_poison(1)
        self.watches_inputs = bool(task["check"])
        if self.watches_inputs:
            self._allocator.harness_track(1)
        if task["device"] == "interpreter":
            from harness.worker import triton_interpreter

            triton_interpreter.install(self._page.options, self._page, self.owner if self.watches_inputs else None)
        self.mode = pretend.install(task["properties"])

    def attach(self, path: str) -> None:
        """Give the page to a library; libraries are numbered in the order in which they are loaded."""
        kernel_page.attach(ctypes.CDLL(path), self._page, self._allocator, self._libraries)
        self._libraries += 1

    def received(self, inputs: Sequence[Any]) -> None:
        """Tell the checks where the inputs of this call lie: they are no allocations of this process."""
        for address in self._registered:
            self._allocator.harness_register(address, 0)
        tensors = [value for value in inputs if isinstance(value, torch.Tensor) and value.numel()]
        self._registered = [tensor.data_ptr() for tensor in tensors]
        for tensor, address in zip(tensors, self._registered, strict=True):
            last = sum((size - 1) * stride for size, stride in zip(tensor.shape, tensor.stride(), strict=True))
            self._allocator.harness_register(address, (last + 1) * tensor.element_size())

    def owner(self, address: int) -> tuple[int, int] | None:
        """Return base and size in bytes of the live memory that holds `address`, or None."""
        base, size = ctypes.c_void_p(), ctypes.c_size_t()
        found = self._allocator.harness_owner(address, ctypes.byref(base), ctypes.byref(size))
        return (base.value or 0, size.value) if found else None


def enter(task: dict[str, Any], fds: dict[str, int], allocator: str) -> Device:
    """Return the device that a task names."""
    if task["device"] == "cpu":
        return Device()
    return EmulatedDevice(task, fds["kernels"], allocator)
