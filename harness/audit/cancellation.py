"""Where the influence of a change is lost: in a normalisation that cancels it by algebra, or in an accident of the data.

A bias right before a batch norm in training mode never reaches the output; KernelBench has dozens of these, and a kernel
that leaves it out is right. A bias that a saturated clamp swallows is another matter: there the question is at fault.
"""

from contextlib import AbstractContextManager
from typing import Any

import torch

from harness.audit.mutants import Target, replaced, without_tail
from harness.audit.subject import Subject
from harness.judge.tape import Op, Tape, first_tensor, passes_through

NORMALISING = ("norm", "softmax", "sub", "div", "var")
"""Parts of the names of operations that take out a shift or a scale whatever its value."""
WINDOWED = ("pool", "convolution")
"""Parts of the names of operations that leave a border unread where their window does not fit another time."""
NOTICEABLE = 1e-3
"""A change is noticed where it moves a value by this share of the values' spread."""

Recording = list[tuple[str, list[torch.Tensor], torch.Tensor | None]]
"""Per operation: its name, its operands and its result."""


class Recorder:
    """Records a run, and hands each operation on to `skip`, if that is its index."""

    def __init__(self, skip: int | None = None) -> None:
        self.recording: Recording = []
        self._skip = skip

    def tape(self) -> AbstractContextManager[Any]:
        """Return the tape to run under."""
        return Tape(self._on_op)

    def _on_op(self, op: Op) -> Any:
        operands = [operand.clone() for operand in op.operands()]
        result = op.run()
        made = first_tensor(result)
        if op.index == self._skip and made is not None:
            operand = passes_through(operands, made)
            if operand is not None:
                made.copy_(operand.reshape(made.shape))
        self.recording.append((op.name, operands, made.clone() if made is not None and op.computes else None))
        return result


def cancelling(subject: Subject, target: Target) -> str | None:
    """Return the operation that makes leaving `target` out right, or None where none does.

    A parameter is redrawn, an operation skipped, the tail of an input zeroed; what reads the change and does not hand it
    on is the cause. Only a normalisation (or, for a tail, a window that does not fit another time) is an excuse.
    """
    base = _record(subject)
    if target.parameter is not None:
        parameter = dict(subject.parameters)[target.parameter]
        kept = parameter.detach()
        subject.reseed(3)
        step = 0.1 + float(kept.abs().mean())
        with replaced(parameter, kept + step * torch.randn_like(kept)):
            return _cause(base, _record(subject), NORMALISING)
    if target.operation is not None:
        return _cause(base, _record(subject, skip=target.operation), NORMALISING)
    if target.tail is not None:
        index, dim = target.tail
        inputs = list(subject.draws[0].inputs)
        inputs[index] = without_tail(dim, inputs[index])
        return _cause(base, _record(subject, inputs=inputs), WINDOWED)
    return None


def _record(subject: Subject, *, skip: int | None = None, inputs: list[Any] | None = None) -> Recording:
    recorder = Recorder(skip)
    subject.run(subject.draws[0].inputs if inputs is None else inputs, recorder.tape())
    return recorder.recording


def _cause(base: Recording, changed: Recording, excuses: tuple[str, ...]) -> str | None:
    """Return the last operation that read the change and did not hand it on, if its name is an excuse."""
    last = None
    for (name, before, made), (_, after, now) in zip(base, changed, strict=True):
        if made is None or now is None:
            continue
        if any(_moved(a, b) for a, b in zip(before, after, strict=True)) and not _moved(made, now):
            last = name
    return last if last is not None and any(part in last for part in excuses) else None


def _moved(before: torch.Tensor, after: torch.Tensor) -> bool:
    if before.numel() == 0:
        return False
    spread = float(before.std()) if before.numel() > 1 else float(before.abs())
    return float((before - after).abs().max()) > NOTICEABLE * spread
