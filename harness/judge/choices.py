"""Outputs that are indices: judged by the values that they select, because ties may be broken either way.

Which operation made an index, and from what, is seen by watching the reference run: an output is an index where it is the
memory of what `argmax`, `topk`, `sort` and their kin returned. A candidate's index is right if it lies in range, if the
value that it selects (in float64) is as good as the one that the reference selects, and, where several are selected, if no
place is selected twice. Where the operand is an input as it stands, as good means equal; where it was computed, equal
within the operand's own budget. Indices that the reference computes with, rather than returns, count by what comes of them.
"""

import dataclasses
from typing import Any

import torch
from torch.utils._pytree import tree_leaves

from harness.judge.reference import Reference
from harness.judge.tape import Op, Tape
from harness.judge.tolerance import Comparison, budget, compare

VALUE_TOO = frozenset({"max", "min", "median", "nanmedian", "kthvalue"})
"""They return the value that they select, and its place only where they select along a dimension."""
ONE_OF_A_KIND = VALUE_TOO | {"argmax", "argmin"}
"""They select one place of a dimension, or of all."""
SEVERAL = frozenset({"topk", "sort", "argsort"})
"""They select several, no place twice."""


@dataclasses.dataclass(frozen=True)
class Chosen:
    """An operation that selected places, and where from."""

    operand: torch.Tensor
    dim: int | None
    """None: an index into all elements."""
    indices: torch.Tensor
    several: bool
    ordered: bool
    """Whether the order of several is part of the answer."""

    def values(self, indices: torch.Tensor) -> torch.Tensor:
        """Return what `indices` (in the shape that the operation gave) select of the operand."""
        if self.dim is None:
            return self.operand.flatten()[indices]
        kept = indices.dim() == self.operand.dim()
        found = torch.take_along_dim(self.operand, indices if kept else indices.unsqueeze(self.dim), self.dim)
        if self.several and not self.ordered:
            found = found.sort(self.dim).values
        return found if kept else found.squeeze(self.dim)


def choices(reference: Reference, inputs: list[Any], *, wide: bool) -> list[Chosen | None]:
    """Return, per output of the reference, the selection that made it; None for every other output.

    Empty where the model cannot be run so.
    """
    made: list[Chosen] = []

    def on_op(op: Op) -> Any:
        result = op.run()
        chosen = _chosen(op, result)
        if chosen is not None:
            made.append(chosen)
        return result

    outputs = reference.evaluate64(inputs, Tape(on_op)) if wide else reference.evaluate32(inputs, Tape(on_op))
    return [_origin(output, made) for output in outputs or []]


def _chosen(op: Op, result: Any) -> Chosen | None:
    """Read one operation's arguments, by its schema; None if it selects nothing."""
    if op.name not in ONE_OF_A_KIND | SEVERAL:
        return None
    indices = [leaf for leaf in tree_leaves(result) if isinstance(leaf, torch.Tensor) and leaf.dtype == torch.int64]
    whole = op.name in VALUE_TOO and isinstance(result, torch.Tensor)  # of all elements: a value without its place
    if not indices or whole or not isinstance(op.args[0], torch.Tensor):
        return None
    given = {a.name: a.default_value for a in op.function._schema.arguments}
    given.update(zip((a.name for a in op.function._schema.arguments), op.args, strict=False))
    given.update(op.kwargs)
    dim = given.get("dim")
    if op.name in ONE_OF_A_KIND and op.args[0].dim() == 0:
        dim = None
    if given.get("stable") is True:  # then the order of ties is part of the contract
        return None
    ordered = given.get("sorted") is not False
    # The indices are kept as they are: a copy would not be the memory that the model returns.
    return Chosen(op.args[0].clone(), dim, indices[-1], op.name in SEVERAL, ordered)


def _origin(output: torch.Tensor, made: list[Chosen]) -> Chosen | None:
    """Return the selection whose indices an output is: the same elements of the same memory, in the same order."""
    for chosen in made if output.dtype == torch.int64 and output.numel() else []:
        own = chosen.indices
        same = own.untyped_storage().data_ptr() == output.untyped_storage().data_ptr() and own.numel() == output.numel()
        ordered = own.is_contiguous() and output.is_contiguous()
        if same and (ordered or (own.shape == output.shape and own.stride() == output.stride())):
            return chosen
    return None


def compare_choice(reference: Reference, inputs: list[Any], index: int, output: torch.Tensor) -> Comparison | None:
    """Compare output `index`, whose indices are not the reference's, by what they select; None if it is no selection."""
    if output.dtype != torch.int64:
        return None
    wide, narrow = (choices(reference, inputs, wide=which) for which in (True, False))
    if not (index < len(wide) and index < len(narrow)):
        return None
    exact, rounded = wide[index], narrow[index]
    if exact is None or rounded is None:
        return None
    return _compare(exact, rounded, output)


def _compare(exact: Chosen, rounded: Chosen, output: torch.Tensor) -> Comparison:
    """Judge `output` by the float64 operand; the float32 one says how exactly that is known."""
    size = exact.operand.numel() if exact.dim is None else exact.operand.shape[exact.dim] if exact.operand.dim() else 1
    outside = (output < 0) | (output >= size)
    if bool(outside.any()):
        return _failed(outside)
    laid = output.reshape(exact.indices.shape)
    if exact.several and exact.dim is not None and laid.dim():
        ordered = laid.sort(exact.dim).values
        if ordered.shape[exact.dim] > 1 and bool((ordered.diff(dim=exact.dim) == 0).any()):
            return _failed(torch.ones_like(output, dtype=torch.bool))
    right, chosen = exact.values(exact.indices), exact.values(laid)
    if exact.operand.dtype.is_floating_point and not torch.equal(exact.operand, rounded.operand.double()):
        known = budget(exact.operand, rounded.operand, exact=False)
        allowed = known.allowed.expand(exact.operand.shape)
        limits = dataclasses.replace(exact, operand=allowed, several=False)
        slack = limits.values(exact.indices) + limits.values(laid)
    else:
        slack = torch.zeros(())
    shape = output.shape
    return compare(chosen.reshape(shape), right.reshape(shape), slack.expand(right.shape).reshape(shape))


def _failed(where: torch.Tensor) -> Comparison:
    first = tuple(int(i) for i in where.nonzero()[0])
    return Comparison(float("inf"), float("inf"), int(where.sum()), first)
