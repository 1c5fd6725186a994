"""Why a value is wrong: computed with less precision than asked for, or computed wrongly. Asked only after a mismatch.

The judge evaluates the reference once more per reduced format (bfloat16, float16, TF32), and looks whether the errors of
the output are of that size, in nearly every place where that format errs, and of that nature:

* the same errors, element by element, as the degraded reference makes (rounded inputs and operands leave a fingerprint);
* or values that the format can hold, all of them, though the right ones are not;
* or noise: as often up as down, and with no relation to the neighbouring values, as roundings are and a wrong constant, a
  missing term or an approximation of a function is not.

What fits none of these is wrong: a kernel is told to mind its precision only where that is what the evidence says.
"""

import dataclasses
import math
from collections.abc import Callable
from functools import partial
from typing import Any

import torch

from harness.judge.reference import Reference
from harness.judge.tape import Tape, accumulating, rounding, rounding_operands, truncating
from harness.judge.tolerance import compare, envelope
from harness.models import Cause

REACH = 8.0
"""Errors beyond this multiple of what a format gives are not its doing; other orders of rounding stay within 4."""
SHARE = 0.5
"""Of the places where a format is beyond the budget, the output is wrong in at least so many."""
ALIKE = 0.8
"""Correlation with the errors of a degraded reference that is no accident."""
BIASED = 0.5
"""Surplus of errors of one sign, towards or away from zero or in all: roundings to nearest balance to a few percent."""
SMOOTH = 0.5
"""Correlation of the errors of neighbouring values, beyond which they are a function of the value."""
NEIGHBOURS = 1000
"""Values that are sorted to look for that: fewer than float16 has between two powers of two, so roundings look random."""
FEWEST = 32
"""Errors that say something about a distribution."""
HOLDS = {"bfloat16": torch.bfloat16, "float16": torch.float16}
"""Formats whose values torch can tell."""


@dataclasses.dataclass(frozen=True)
class Diagnosis:
    """A cause, and a few words on how that is known."""

    cause: Cause
    words: str = ""


Ways = dict[str, list[Callable[[], Tape]]]
FORMATS: Ways = {
    "TF32": [truncating],
    **{
        name: [partial(way, dtype) for way in (rounding_operands, rounding, accumulating)]
        for name, dtype in (("float16", torch.float16), ("bfloat16", torch.bfloat16))
    },
}
"""Format -> ways in which a kernel uses it, from the least to the most."""


def diagnose(
    reference: Reference,
    inputs: list[Any],
    index: int,
    output: torch.Tensor,
    expected: torch.Tensor,
    allowed: torch.Tensor,
) -> Diagnosis:
    """Return why `output` number `index` is off; `expected` and `allowed` are what it was compared with."""
    right = expected.double()
    error = output.double() - right
    if not output.dtype.is_floating_point or output.dtype.itemsize < 4 or not bool(torch.isfinite(error).all()):
        return Diagnosis(Cause.WRONG)
    for name, ways in FORMATS.items():
        for degraded in _degraded(reference, inputs, index, ways, HOLDS.get(name)):
            if degraded.shape != right.shape:
                continue
            words = _fits(error, degraded.double() - right, right, allowed, output, HOLDS.get(name))
            if words is not None:
                return Diagnosis(Cause.PRECISION, f"{name}: {words}")
    return Diagnosis(Cause.WRONG)


def _degraded(
    reference: Reference, inputs: list[Any], index: int, ways: list[Callable[[], Tape]], held: torch.dtype | None
) -> list[torch.Tensor]:
    """Return the reference's output in each way of using a format: rounded inputs, products, results, the output alone."""
    found = []
    runs: list[tuple[list[Any], Callable[[], Tape] | None]] = [(inputs, way) for way in ways]
    if held is not None:
        runs.insert(0, ([_rounded(value, held) for value in inputs], None))
    for values, way in runs:
        outputs = reference.evaluate32(values, way() if way else None)
        if outputs is not None and index < len(outputs):
            found.append(outputs[index])
    if held is not None:
        outputs = reference.evaluate32(inputs, None)
        if outputs is not None and index < len(outputs):
            found.append(_rounded(outputs[index], held))
    return found


def _rounded(value: Any, dtype: torch.dtype) -> Any:
    floating = isinstance(value, torch.Tensor) and value.dtype.is_floating_point
    return value.to(dtype).to(value.dtype) if floating else value


def _fits(
    error: torch.Tensor,
    degraded: torch.Tensor,
    right: torch.Tensor,
    allowed: torch.Tensor,
    output: torch.Tensor,
    held: torch.dtype | None,
) -> str | None:
    """Return in what way the errors are those of a format; None if they are not."""
    if not bool(torch.isfinite(degraded).all()):
        return None
    beyond = error.abs() > allowed
    affected = degraded.abs() > allowed
    reach = envelope(degraded) * REACH
    if not compare(error, torch.zeros_like(error), reach.expand(error.shape)).ok or not bool(affected.any()):
        return None
    if float(beyond.sum()) < SHARE * float(affected.sum()):
        return None
    if not 1 / REACH < _rms(error) / _rms(degraded) < REACH / 2:
        return None
    if _correlation(error, degraded) > ALIKE and 0.5 < _rms(error) / _rms(degraded) < 2.0:
        return "the same errors as the reference makes with it"
    if held is not None and bool(torch.equal(output, _rounded(output, held))):
        return "it can hold every value of the output"
    if int(beyond.sum()) < FEWEST:
        return None
    return "errors of its size, as often up as down" if _is_noise(error[beyond], right[beyond]) else None


def _is_noise(error: torch.Tensor, right: torch.Tensor) -> bool:
    """Whether errors are without bias, and without relation to the value that they belong to."""
    sign, side = error.sign(), right.sign()
    if abs(float(sign.mean())) > BIASED or abs(float((sign * side).mean())) > BIASED:
        return False
    every = max(1, error.numel() // NEIGHBOURS)
    error, right = error.flatten()[::every], right.flatten()[::every]
    ordered = error[right.argsort()]
    return _correlation(ordered[:-1], ordered[1:]) < SMOOTH


def _rms(values: torch.Tensor) -> float:
    return float(values.square().mean().sqrt()) or math.ulp(0.0)


def _correlation(a: torch.Tensor, b: torch.Tensor) -> float:
    """Return the correlation of two sets of errors about 0."""
    return float((a * b).mean()) / (_rms(a) * _rms(b))
