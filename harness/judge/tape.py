"""Watches a model run operation by operation, and changes one of them on demand.

torch hands every operation that is left after autograd and composite operations are resolved to a dispatch mode
(`torch.utils._python_dispatch`), so this sees `addmm`, `relu` and `native_batch_norm` whatever the source looks like.
"""

import dataclasses
from collections.abc import Callable
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves, tree_map

PLUMBING = frozenset(
    """
    view _unsafe_view reshape _reshape_alias expand permute transpose t unsqueeze squeeze slice select narrow clone
    _to_copy to detach alias copy copy_ split split_with_sizes unsafe_split unbind chunk contiguous empty empty_like
    empty_strided new_empty new_zeros new_ones new_full zeros zeros_like ones ones_like full full_like fill fill_ zero_
    arange scalar_tensor lift lift_fresh as_strided as_strided_ _local_scalar_dense set_ resize_ constant_pad_nd diagonal
    unfold index_select cat stack _reshape_copy view_as_real view_as_complex triu_indices tril_indices eye
    lift_fresh_copy
    """.split()  # noqa: SIM905 - sixty words in quotes would be a page
)
"""Operations that move, name or make values but compute nothing from them."""


@dataclasses.dataclass(frozen=True)
class Op:
    """One operation as it is about to run."""

    index: int
    """Position in the run, from 0."""
    function: Any
    """The `torch._ops.OpOverload`."""
    args: tuple[Any, ...]
    kwargs: dict[str, Any]

    @property
    def name(self) -> str:
        """Its name without namespace and overload: `native_batch_norm`."""
        return str(self.function.overloadpacket.__name__)

    @property
    def computes(self) -> bool:
        """Whether it computes floating-point values, rather than moving them."""
        return self.name not in PLUMBING and bool(self.operands())

    def operands(self) -> list[torch.Tensor]:
        """Return the floating-point tensors that it reads."""
        return [leaf for leaf in tree_leaves((self.args, self.kwargs)) if is_float(leaf)]

    def run(self) -> Any:
        """Execute it."""
        return self.function(*self.args, **self.kwargs)

    def run_with(self, change: Callable[[torch.Tensor], torch.Tensor]) -> Any:
        """Execute it on operands that went through `change`."""
        args, kwargs = tree_map(lambda leaf: change(leaf) if is_float(leaf) else leaf, (self.args, self.kwargs))
        return self.function(*args, **kwargs)


class Tape(TorchDispatchMode):  # type: ignore[no-untyped-call, unused-ignore]
    """Hands every operation to `on_op`, whose result takes its place."""

    def __init__(self, on_op: Callable[[Op], Any]) -> None:
        super().__init__()  # type: ignore[no-untyped-call, unused-ignore]
        self._on_op = on_op
        self._count = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """See the class."""
        op = Op(self._count, func, args, kwargs or {})
        self._count += 1
        return self._on_op(op)


def is_float(value: object) -> bool:
    """Whether `value` is a floating-point tensor."""
    return isinstance(value, torch.Tensor) and value.dtype.is_floating_point


GUARD = 1e-3
"""A constant this small that is added, or that bounds from below, keeps a denominator away from zero: leaving it out changes
nothing on sane inputs, and a kernel may."""


def is_guard(op: Op) -> bool:
    """Whether an operation only keeps a denominator or an argument away from zero."""
    numbers = [a for a in (*op.args[1:], *op.kwargs.values()) if isinstance(a, int | float) and not isinstance(a, bool)]
    small = bool(numbers) and 0 < abs(numbers[0]) <= GUARD
    return small and op.name in {"add", "add_", "clamp", "clamp_", "clamp_min", "clamp_min_"}


def first_tensor(value: Any) -> torch.Tensor | None:
    """Return the first floating-point tensor of an operation's result: the one that matters in all of aten."""
    leaves = tree_leaves(value)
    return leaves[0] if leaves and is_float(leaves[0]) else None


def skipping(index: int) -> Tape:
    """Return a tape on which operation `index` hands on its operand instead of computing (see `passes_through`)."""

    def on_op(op: Op) -> Any:
        if op.index != index:
            return op.run()
        operands = [operand.clone() for operand in op.operands()]
        result = op.run()
        made = first_tensor(result)
        operand = passes_through(operands, made)
        if made is not None and operand is not None:
            made.copy_(operand.reshape(made.shape))
        return result

    return Tape(on_op)


def passes_through(operands: list[torch.Tensor], made: torch.Tensor | None) -> torch.Tensor | None:
    """Return the operand that could stand for the result: the first with as many elements, if there is one."""
    if made is None:
        return None
    return next((operand for operand in operands if operand.numel() == made.numel()), None)


def rounding(dtype: torch.dtype) -> Tape:
    """Return a tape on which every computed value is rounded to `dtype`: half-precision storage and accumulation."""

    def on_op(op: Op) -> Any:
        result = op.run()
        made = first_tensor(result)
        if made is not None and op.computes:
            made.copy_(made.to(dtype))
        return result

    return Tape(on_op)


CONTRACTIONS = frozenset(
    """
    mm bmm addmm baddbmm addbmm mv addmv dot linear convolution _convolution mkldnn_rnn_layer mkldnn_linear
    _scaled_dot_product_flash_attention_for_cpu _scaled_dot_product_attention_math
    """.split()  # noqa: SIM905
)
"""Operations for which hardware offers reduced-precision multiplication."""


def rounding_operands(dtype: torch.dtype) -> Tape:
    """Return a tape on which products read their operands rounded to `dtype`, and accumulate in float32."""
    return Tape(lambda op: op.run_with(lambda x: x.to(dtype).to(x.dtype)) if op.name in CONTRACTIONS else op.run())


class Roundings:
    """Relative errors as rounding makes them, random and always the same: one draw serves every tensor, laid end to end."""

    DRAWN = (1 << 16) + 1
    """Values that are drawn: no size of a tensor's rows is likely to divide it."""

    def __init__(self, relative: float, seed: int) -> None:
        """Draw errors of up to `relative`."""
        generator = torch.Generator().manual_seed(seed)
        self._errors = 1 + relative * (2 * torch.rand(self.DRAWN, generator=generator, dtype=torch.float64) - 1)
        self._at = 0

    def shake(self, values: torch.Tensor) -> None:
        """Multiply float64 `values` by such errors, in place."""
        count = values.numel()
        self._at = (self._at + 7919) % self.DRAWN  # two tensors of one size are shaken differently
        rounds = (self._at + count + self.DRAWN - 1) // self.DRAWN
        errors = self._errors.repeat(rounds)[self._at : self._at + count]
        values.mul_(errors.view(values.shape))

    def tape(self) -> Tape:
        """Return a tape on which every computed value is shaken.

        Monte Carlo arithmetic (Parker, Pierce, Eggert, IEEE Computing in Science & Engineering 2(4), 2000).
        """

        def on_op(op: Op) -> Any:
            result = op.run()
            made = first_tensor(result)
            if made is not None and op.computes:
                self.shake(made)
            return result

        return Tape(on_op)


TERMS = 32
"""Terms of a product between two roundings of its running sum."""


def accumulating(dtype: torch.dtype) -> Tape:
    """Return a tape on which matrix products keep their running sum in `dtype`, rounded every `TERMS` terms."""

    def on_op(op: Op) -> Any:
        if op.name not in {"mm", "bmm", "addmm"} or not all(v.dtype == torch.float32 for v in op.operands()):
            return op.run()
        a, b = op.args[-2:]
        total = torch.zeros((), dtype=dtype)
        for start in range(0, a.shape[-1], TERMS):
            part = a[..., start : start + TERMS] @ b[..., start : start + TERMS, :]
            total = (total.float() + part).to(dtype)
        return total.float() + op.args[0] if op.name == "addmm" else total.float()

    return Tape(on_op)


def truncating() -> Tape:
    """Return a tape on which products read their operands with TF32's 10 bits of mantissa."""

    def cut(x: torch.Tensor) -> torch.Tensor:
        if x.dtype != torch.float32:
            return x
        return (x.contiguous().view(torch.int32) & ~0x1FFF).view(torch.float32)

    return Tape(lambda op: op.run_with(cut) if op.name in CONTRACTIONS else op.run())
