"""Turns what a worker reported, or how it ended, into a verdict's status and evidence.

The words are the candidate's own and bounded; which status follows is decided by numbers alone.
"""

import re

import torch

from harness.build import BuildResult
from harness.judge.outcome import Decided
from harness.models import Stage, Status
from harness.sandbox import Exit
from harness.worker import doorbell
from harness.worker.channel import Failure
from harness.worker.doorbell import AnswerStatus


def build_failure(result: BuildResult) -> Decided:
    """Turn a failed build into a verdict with the first error and its line."""
    status = {"timeout": Status.TIMEOUT, "memory": Status.OUT_OF_MEMORY}.get(result.failure, Status.BUILD_ERROR)
    first = result.first_error
    what = first.message if first else "the compiler failed"
    where = f"{first.file}:{first.line}" if first and first.file else None
    got = first.source_line.strip() if first and first.source_line else None
    return Decided(status, Stage.BUILD, what, where=where, got=got, log=diagnostics_text(result) or result.log)


def diagnostics_text(result: BuildResult) -> str:
    """Return what the compiler said, a message a line."""
    return "\n".join(str(d) for d in result.diagnostics)


def _place(text: str) -> str | None:
    """The innermost candidate line of a described exception."""
    lines = [line for line in text.splitlines()[1:] if line.startswith("candidate.py:")]
    return lines[-1] if lines else None


def load_failure(payload: bytes, failed: BuildResult | None) -> Decided:
    """Turn a worker's FAILED message into a verdict; `failed` is the last build that failed, if any."""
    failure = Failure(payload[0]) if payload[0] in Failure._value2member_map_ else Failure.LOAD
    text = payload[1:].decode(errors="replace")
    if failure is Failure.BUILD and failed is not None:
        return build_failure(failed)
    status = {
        Failure.OUT_OF_MEMORY: Status.OUT_OF_MEMORY,
        Failure.BUILD: Status.BUILD_ERROR,
    }.get(failure, Status.LOAD_ERROR)
    stage = Stage.BUILD if status is Status.BUILD_ERROR else Stage.LOAD
    return Decided(status, stage, _headline(text), where=_place(text), log=text)


def refused(page: doorbell.Page, stage: Stage, where: str, failed: BuildResult | None) -> Decided:
    """Turn an answer that is not an output into a verdict."""
    text = page.text[: page.text_bytes].decode(errors="replace")
    first, status = _headline(text), page.status
    if status == AnswerStatus.BUILD_FAILED and failed is not None:
        return build_failure(failed)
    if status == AnswerStatus.OUT_OF_MEMORY:
        return Decided(Status.OUT_OF_MEMORY, stage, first, where=_place(text) or where, log=text)
    if (
        status == AnswerStatus.BUILD_FAILED
    ):  # by what compiles in the worker itself: Triton's interpreter, at a first launch
        line, what = _refusal(first)
        return Decided(Status.BUILD_ERROR, Stage.BUILD, what, where=line or _place(text) or where, log=text)
    if status == AnswerStatus.RAISED:
        return Decided(Status.RUNTIME_ERROR, stage, first, where=_place(text) or where, log=text)
    if status == AnswerStatus.NOT_A_PLAIN_TENSOR:
        what = "the output is a subclass of torch.Tensor, which could compute when it is looked at"
        expected = "torch.Tensor, exactly"
        return Decided(Status.INTEGRITY_VIOLATION, stage, what, where=where, expected=expected, got=first)
    if status == AnswerStatus.UNSUPPORTED:
        what, expected = "forward did not return CPU tensors", "a tensor or a tuple or list of tensors"
        return Decided(Status.SHAPE_MISMATCH, stage, what, where=where, expected=expected, got=first)
    return Decided(Status.INTEGRITY_VIOLATION, stage, f"a forged answer (status {status})", where=where)


def died(ended: Exit | None, stage: Stage, where: str, log: str) -> Decided:
    """Say how the process ended, which it was not supposed to; None: it closed its channel and lives."""
    if ended is None:
        return Decided(Status.INTEGRITY_VIOLATION, stage, "the worker closed its channel and went on running")
    what = f"the process {ended.describe()} {'while loading' if stage is Stage.LOAD else f'in {where}'}"
    status = Status.LOAD_ERROR if stage is Stage.LOAD else Status.RUNTIME_ERROR
    if ended.signal == 9:  # not by us: the kernel was out of memory
        status, what = Status.OUT_OF_MEMORY, f"{what} (largest resident set {ended.peak_bytes >> 20} MiB)"
    elif ended.signal == 24:
        status, what = Status.TIMEOUT, f"{what}: CPU time limit"
    return Decided(status, stage, what, log=log)


def mutated(index: int, shared: torch.Tensor, own: torch.Tensor, stage: Stage, where: str) -> Decided:
    """Say which element of an input was written to first; both are the input's memory, one-dimensional."""
    different = (shared != own) & ~(torch.isnan(shared) & torch.isnan(own))
    at = int(different.nonzero()[0]) if bool(different.any()) else 0
    return Decided(
        Status.INPUT_MUTATED,
        stage,
        f"the call wrote to its tensor input {index}: {int(different.sum())} of {own.numel()} elements changed",
        where=f"input {index}, element {at} in memory, {where}",
        expected=repr(own[at].item()),
        got=repr(shared[at].item()),
    )


def _refusal(headline: str) -> tuple[str | None, str]:
    """Split `Refused: candidate.py:22: kernel k does not compile: ...` into the line and the rest."""
    found = re.match(r"(?:Refused|BuildFailed): (?:(candidate\.py:\d+): )?(.*)", headline)
    return (found[1], found[2]) if found else (None, headline)


def _headline(text: str) -> str:
    return text.splitlines()[0][:500] if text else "no message"
