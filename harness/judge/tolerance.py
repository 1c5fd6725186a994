"""How far an output may be from the truth: a budget per element from a float64 evaluation.

    |out - y64| <= max(K * max(r, c, FLOOR * s), SEQUENTIAL_K * q)

`y64` is the reference evaluated in float64. `r` is the float32 reference's own error: the largest over each slice of the
output (a row, a channel ...), the smallest of these over the dimensions, so that a tensor whose rows differ in scale is
not judged by its largest row. `c` is what `y64` moves by when every input and every operation's result is off by a rounding
to float32: an answer that amplifies roundings (exp of a large argument, a small variance) may differ by as much, whatever
the reference's luck. `q` is the error of the reference in float32 with every sum taken one term after another, the plainest
way that is right: where one term stands far above a thousand others (a softmax of heavy-tailed logits) it errs by over 100
roundings, and torch's own softmax over a leading dimension is computed so. `s` is the magnitude of `y64`. All are taken as
`r` is; `c` and `q` may widen a budget at most `WIDENING` times, and inputs on which `q` is beyond that ask nothing.

K and FLOOR were looked at over all 250 problems of levels 1 to 3 at the ci sizes (`python -m tests.bench --only tolerance`;
2,491 sets of inputs, published and varied), when `c` was of the inputs' roundings alone. In units of the budget:

* honest ways of computing (`audit.honest`): 811 pairs of a problem and a way. Other orders of summation and wide
  accumulators used at most 0.42, of 655, but for one of 1.11: an output of which a ReLU leaves two values, where the
  reference was lucky (`reference_error` has since learnt of that). Other formulas, with functions off by 2 ulps, exceeded
  the budget 7 times of 156, by formulas that lose digits to cancellation (tanh as 2 sigmoid(2 x) - 1 near 0, 1 + erf(x) far
  below 0). Those are mended in `audit.honest`; a kernel that uses them where it matters is still rejected;
* degraded ones: bfloat16 lies at 16 and more, TF32 products at 7 and more, float16 at 4 and more, except on level1/96 and
  level2/8, whose few outputs average it away: 0.12 and 0.34.

So K could be half of this or four times as much. What decides: a naive sequential float32 sum over 65,536 values of one size
errs by some 5e-6 of its value, under K * FLOOR = 7.6e-6.

`q` was added after 17 of 150 judgements of such a softmax at the ci sizes had rejected it (heavy-tailed inputs, up to 1.6 of
the budget); with it 140 of 140 accept it, at 0.25, and the kill score is still 100 % of 9,684.
"""

import dataclasses
from collections.abc import Sequence

import torch

K = 16.0
SEQUENTIAL_K = 4.0
"""The same for the error of sums taken one term after another, which is large and hardly differs between two orders."""
FLOOR = 4.0 * 2.0**-23
MIN_SLICE = 256
"""A slice with fewer elements says too little about the error to be used."""
UPSTREAM_TOLERANCE = {torch.float32: 1e-4, torch.float16: 1e-2, torch.bfloat16: 1e-2}
"""KernelBench's own atol and rtol, since November 2025."""
UPSTREAM_V0_TOLERANCE = 1e-2
"""KernelBench's atol and rtol for every dtype before that."""
_UNIT = {torch.float16: 2.0**-10, torch.bfloat16: 2.0**-7, torch.float64: 2.0**-52}


def envelope(values: torch.Tensor) -> torch.Tensor:
    """Return, per element, the smallest over the dimensions of the largest |value| in the element's slice.

    Shape in, shape out (broadcastable to it). Dimensions whose slices hold fewer than `MIN_SLICE` elements are left out;
    with none left the largest of all is used.
    """
    magnitude = values.abs()
    result: torch.Tensor | None = None
    for dim in range(magnitude.dim()):
        size = magnitude.shape[dim]
        if size > 1 and magnitude.numel() // size >= MIN_SLICE:
            others = [d for d in range(magnitude.dim()) if d != dim]
            largest = magnitude.amax(dim=others, keepdim=True)
            result = largest if result is None else torch.minimum(result, largest)
    if result is None:
        result = magnitude.amax() if magnitude.numel() else magnitude.new_zeros(())
    return result


@dataclasses.dataclass(frozen=True)
class Budget:
    """What one output may err by, element by element."""

    expected: torch.Tensor
    """The float64 evaluation."""
    allowed: torch.Tensor
    """Allowed absolute error, broadcastable to `expected`; 0 where only equality will do."""
    reference_max_abs: float
    """Largest error of the float32 reference."""


def reference_error(expected: torch.Tensor, reference: torch.Tensor) -> torch.Tensor:
    """Return the envelope of the float32 reference's distance from float64."""
    return _error_envelope(_error(expected, reference))


def _error(expected: torch.Tensor, reference: torch.Tensor) -> torch.Tensor:
    error = reference - expected
    return error if _all_finite(error) else torch.where(torch.isfinite(expected), error, 0.0)


def _error_envelope(error: torch.Tensor) -> torch.Tensor:
    if error.numel() and int(error.count_nonzero()) < MIN_SLICE:
        return error.abs().amax()  # what a ReLU leaves: a slice may hold a lucky value or none
    return envelope(error)


WIDENING = 16.0
"""The most that other answers may widen a budget by: where an answer jumps (a comparison, a rounding to an integer) moving
the inputs says nothing about the rest of its slice."""


def widened(expected: torch.Tensor, own: torch.Tensor, others: Sequence[tuple[torch.Tensor, float]]) -> torch.Tensor:
    """Return `own`, an envelope of errors, and those of other answers as good, each times its share.

    They count at most `WIDENING` times what is usual.
    """
    if not others:
        return own
    most = WIDENING * torch.maximum(own, envelope(_finite(expected)) * FLOOR)
    found = own
    for other, share in others:
        moved = envelope(_finite(other - expected))
        found = torch.maximum(found, torch.minimum(moved * share, most))
    return found


def budget(
    expected: torch.Tensor, reference: torch.Tensor, *, exact: bool, noise: torch.Tensor | None = None
) -> Budget:
    """Derive the budget for one output.

    `noise` is an envelope of the reference's error on this and other inputs of the same kind, because one draw may be
    lucky; without it the error on these inputs counts alone. With `exact` (integer inputs on which the reference itself
    is exact) equality is demanded.
    """
    error = _error(expected, reference)
    worst = float(error.abs().max()) if error.numel() else 0.0
    own = _error_envelope(error) if noise is None else noise
    unit = _UNIT.get(reference.dtype, 2.0**-23)
    scale = envelope(_finite(expected))
    allowed = (K * torch.maximum(own, scale * (FLOOR * unit / 2.0**-23))).float()
    if exact and worst == 0.0 and bool(((expected == expected.round()) & (expected.abs() < 2**24)).all()):
        allowed = torch.zeros(())
    return Budget(expected, allowed, worst)


def _finite(values: torch.Tensor) -> torch.Tensor:
    """Return `values` with 0 where they are NaN or infinite."""
    return values if _all_finite(values) else torch.where(torch.isfinite(values), values, 0.0)


def _all_finite(values: torch.Tensor) -> bool:
    """Whether nothing is NaN or infinite; a sum that overflows says no too, which is only slower."""
    return bool(torch.isfinite(values.sum()))


def reference_budget(reference: torch.Tensor, noise: torch.Tensor) -> torch.Tensor:
    """Return what an output may differ from the reference's own float32 output on the same inputs.

    By the triangle inequality |candidate - reference| <= (K + 1) * r where |candidate - y64| <= K * r.
    """
    scale = envelope(_finite(reference)).double()
    unit = _UNIT.get(reference.dtype, 2.0**-23)
    return (K + 1) * torch.maximum(noise, scale * (FLOOR * unit / 2.0**-23))


@dataclasses.dataclass(frozen=True)
class Comparison:
    """Outcome of comparing one output."""

    worst_ratio: float
    """Largest error over budget; above 1 is a mismatch. Infinite where equality was demanded and failed."""
    max_abs: float
    """Largest absolute error."""
    wrong: int
    """Elements beyond their budget."""
    first: tuple[int, ...] | None
    """Index of the worst element, if any is beyond its budget."""
    nonfinite: bool = False
    """Whether what differs is where NaN and infinity stand."""

    @property
    def ok(self) -> bool:
        """Whether every element is within its budget."""
        return self.wrong == 0


CHUNK = 1 << 18
"""Elements compared at a time: what a comparison needs then stays in the cache, which is five times faster."""


def compare(output: torch.Tensor, expected: torch.Tensor, allowed: torch.Tensor) -> Comparison:
    """Compare all elements of `output` with `expected` (same shape). Written so that a NaN can never pass."""
    if output.numel() == 0:
        return Comparison(0.0, 0.0, 0, None)
    if output.dim() == 0:
        found = _compare_chunk(output.reshape(1), expected.reshape(1), allowed.reshape(1))
        return dataclasses.replace(found, first=() if found.first is not None else None)
    dim = max(range(output.dim()), key=lambda d: (output.shape[d] > 1, -d))
    allowed = allowed.expand(output.shape)
    rows = max(1, CHUNK * output.shape[dim] // output.numel())
    total = Comparison(0.0, 0.0, 0, None)
    for start in range(0, output.shape[dim], rows):
        part = [t.narrow(dim, start, min(rows, output.shape[dim] - start)) for t in (output, expected, allowed)]
        found = _compare_chunk(*part)
        if found.first is not None:
            found = dataclasses.replace(found, first=tuple(i + start * (d == dim) for d, i in enumerate(found.first)))
        worse = found if found.worst_ratio > total.worst_ratio or total.first is None else total
        total = Comparison(
            max(total.worst_ratio, found.worst_ratio),
            max(total.max_abs, found.max_abs),
            total.wrong + found.wrong,
            worse.first if worse.first is not None else total.first,
            total.nonfinite or found.nonfinite,
        )
    return total


def _compare_chunk(output: torch.Tensor, expected: torch.Tensor, allowed: torch.Tensor) -> Comparison:
    if not output.dtype.is_floating_point and not output.dtype.is_complex:
        different = output != expected
        count = int(different.sum())
        return Comparison(float("inf") if count else 0.0, float(count > 0), count, _first(different) if count else None)
    wide = output.double() if output.dtype.is_floating_point else output
    error = (wide - expected).abs()
    ratio = error / allowed
    worst = float(ratio.max())
    if worst <= 1.0:  # false for NaN: 0/0 where equality is demanded, or a NaN on either side
        return Comparison(worst, float(error.max()), 0, None)
    fine = error <= allowed
    same_nonfinite = (torch.isnan(wide) & torch.isnan(expected)) | (torch.isinf(wide) & (wide == expected))
    wrong = ~(fine | same_nonfinite)
    count = int(wrong.sum())
    if count:
        misplaced = wrong & ~(torch.isfinite(wide) & torch.isfinite(expected))
        if bool(misplaced.any()):
            return Comparison(float("inf"), float("inf"), count, _first(misplaced), nonfinite=True)
        ratio = torch.where(wrong, ratio, 0.0)
        return Comparison(float(ratio.max()), float(error[wrong].max()), count, _first(ratio == ratio.max()))
    error = torch.where(same_nonfinite, 0.0, error)
    ratio = torch.where(error > 0, error / allowed, 0.0)
    return Comparison(float(ratio.max()), float(error.max()), 0, None)


def _first(mask: torch.Tensor) -> tuple[int, ...]:
    return tuple(int(i) for i in mask.nonzero()[0])


def upstream_allclose(output: torch.Tensor, reference: torch.Tensor, tolerance: float | None = None) -> bool:
    """KernelBench's rule: `torch.allclose` against the float32 reference at its tolerance for the dtype, or at another."""
    if output.shape != reference.shape:
        return False
    if tolerance is None:
        tolerance = UPSTREAM_TOLERANCE.get(reference.dtype, 1e-4)
    if not reference.dtype.is_floating_point:
        return bool(torch.equal(output, reference))
    output = output.to(reference.dtype)
    if not (output.is_contiguous() and reference.is_contiguous()):
        return bool(torch.allclose(output, reference, atol=tolerance, rtol=tolerance))
    parts = zip(torch.split(output.view(-1), CHUNK), torch.split(reference.view(-1), CHUNK), strict=True)  # type: ignore[no-untyped-call, unused-ignore]
    return all(torch.allclose(ours, theirs, atol=tolerance, rtol=tolerance) for ours, theirs in parts)
