"""Reads outputs out of a frozen worker: raw bytes, in a layout that the judge expects and checks.

Stops: lazy results, forged shapes and addresses, and answers given before the work was done.
"""

import ctypes
import dataclasses

import torch

from harness.judge.outcome import Decided
from harness.judge.reference import Layout
from harness.judge.regions import address_of
from harness.models import Stage, Status
from harness.worker import doorbell
from harness.worker.program import DTYPES


@dataclasses.dataclass(frozen=True)
class Answer:
    """One call: what came back and how long it took."""

    outputs: list[torch.Tensor]
    """Copies of the output bytes, as tensors of the claimed (and checked) layout."""
    addresses: list[tuple[int, int]]
    """Address and size in bytes of each output in the worker."""
    aliases_input: bool
    """Whether an output lies in the worker's input memory."""
    elapsed_ns: int
    """The window on the judge's clock."""
    worker_ns: int
    """The worker's own reading of it."""
    preempted: bool
    """Whether the kernel gave the core to something else for over a tenth of the window (known with one thread)."""
    late_cpu_ns: int
    """CPU time that cannot have been spent within the window."""


@dataclasses.dataclass(frozen=True)
class Reader:
    """Reads the memory of one worker."""

    lib: ctypes.CDLL
    pid: int

    def outputs(
        self,
        page: doorbell.Page,
        seen: doorbell.RingResult,
        layouts: list[Layout] | None,
        stage: Stage,
    ) -> tuple[list[torch.Tensor], list[tuple[int, int]]]:
        """Return copies of all outputs, and where each lies; with `layouts` they must be exactly so.

        Raises:
            Decided: the answer is not what was asked for, or a lie.
        """
        count = min(page.outputs, doorbell.MAX_TENSORS)
        if layouts is not None and count != len(layouts):
            expected, got = f"{len(layouts)} tensors", f"{count} tensors"
            raise Decided(Status.SHAPE_MISMATCH, stage, "another number of outputs", expected=expected, got=got)
        outputs, addresses = [], []
        for index in range(count):
            out = page.out[index]
            layout = _layout(out, index, stage)
            if layouts is not None:
                _check_layout(layout, layouts[index], index, stage)
            tensor, size = self._copy(out, layout, index, stage)
            _check_ready(seen, index, tensor, stage)
            outputs.append(tensor)
            addresses.append((out.address, size))
        return outputs, addresses

    def _copy(self, out: doorbell.Tensor, layout: Layout, index: int, stage: Stage) -> tuple[torch.Tensor, int]:
        """Copy one output's bytes out of the frozen process."""
        strides = tuple(out.strides[: out.dims])
        numel = torch.Size(layout.sizes).numel()
        elements = 0 if numel == 0 else 1 + sum((n - 1) * s for n, s in zip(layout.sizes, strides, strict=True))
        if any(s < 0 for s in strides) or elements > 4 * numel + 4096:
            raise Decided(
                Status.INTEGRITY_VIOLATION,
                stage,
                "an output's strides reach far outside of it",
                where=f"output {index}",
                got=f"sizes {layout.sizes}, strides {strides}",
            )
        buffer = torch.empty(elements, dtype=layout.dtype)
        size = elements * buffer.element_size()
        copied = self.lib.read_memory(self.pid, out.address, address_of(buffer), size) if size else 0
        if copied != size:
            raise Decided(
                Status.INTEGRITY_VIOLATION,
                stage,
                "an output's address is not memory of the worker",
                where=f"output {index}",
                got=f"{copied} of {size} bytes readable at {out.address:#x}",
            )
        return torch.as_strided(buffer, layout.sizes, strides), size

    def changed(self, answer: Answer) -> int | None:
        """Look again at the outputs of an earlier call; returns the index of one whose bytes changed, or None."""
        for index, ((address, size), seen) in enumerate(zip(answer.addresses, answer.outputs, strict=True)):
            if size and not self.lib.same_memory(self.pid, address, address_of(seen), size):
                return index
        return None


def _check_ready(result: doorbell.RingResult, index: int, tensor: torch.Tensor, stage: Stage) -> None:
    """What was seen at the moment of the answer must be what the frozen worker holds (stops: answering early)."""
    base = tensor.data_ptr()
    for i in range(result.samples):
        if result.sample_output[i] == index:
            now = ctypes.string_at(base + result.sample_offset[i], doorbell.SAMPLE_BYTES)
            if now != bytes(result.sample[i]):
                raise Decided(
                    Status.INTEGRITY_VIOLATION,
                    stage,
                    "the output was still being written after the worker had answered",
                    where=f"output {index}",
                    expected=f"bytes {now.hex()} at the moment of the answer",
                    got=bytes(result.sample[i]).hex(),
                )


def _layout(out: doorbell.Tensor, index: int, stage: Stage) -> Layout:
    if not 0 <= out.dims <= doorbell.MAX_DIMS or any(n < 0 for n in out.sizes[: out.dims]):
        raise Decided(Status.INTEGRITY_VIOLATION, stage, "a forged answer (impossible shape)", where=f"output {index}")
    if not 0 <= out.dtype < len(DTYPES):
        raise Decided(
            Status.DTYPE_MISMATCH, stage, "the output has a dtype that no problem uses", where=f"output {index}"
        )
    return Layout(tuple(out.sizes[: out.dims]), DTYPES[out.dtype])


def _check_layout(got: Layout, expected: Layout, index: int, stage: Stage) -> None:
    if got.sizes != expected.sizes:
        raise Decided(
            Status.SHAPE_MISMATCH,
            stage,
            "the output has another shape",
            where=f"output {index}",
            expected=str(list(expected.sizes)),
            got=str(list(got.sizes)),
        )
    if got.dtype != expected.dtype:
        raise Decided(
            Status.DTYPE_MISMATCH,
            stage,
            "the output has another dtype",
            where=f"output {index}",
            expected=str(expected.dtype),
            got=str(got.dtype),
        )
