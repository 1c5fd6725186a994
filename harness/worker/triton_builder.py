"""The memory operations of interpreted kernels, and the refusals, as methods of the interpreter's builder."""

from collections.abc import Callable
from typing import Any

import numpy as np

from harness.worker.triton_api import Refused, api, lacks
from harness.worker.triton_convert import from_bits, round_bfloat16, to_bits
from harness.worker.triton_memory import current, note_change, with_origin

Array = np.ndarray[Any, Any]


def _stored_as(dtype: Any) -> np.dtype[Any]:
    """The numpy type of a Triton type in memory."""
    if not isinstance(dtype, api.tl.pointer_type) and dtype.is_bf16():
        return np.dtype(np.uint16)
    kind: np.dtype[Any] = api.interp._get_np_dtype(dtype)
    return kind


def _raw(values: Array, dtype: Any) -> Array:
    return to_bits(values) if not isinstance(dtype, api.tl.pointer_type) and dtype.is_bf16() else values


def create_load(self: Any, pointers: Any, cache: Any, eviction: Any, volatile: Any) -> Any:
    """`tl.load` without a mask."""
    return _load(pointers, None, None, bool(volatile))


def create_masked_load(
    self: Any, pointers: Any, mask: Any, other: Any, cache: Any, eviction: Any, volatile: Any
) -> Any:
    """`tl.load`. Lanes without `other` give 0, as in Triton 3.7's code for NVIDIA (`mov 0`, then the predicated load)."""
    return _load(pointers, mask.data, None if other is None else other.data, bool(volatile))


def _load(pointers: Any, mask: Array | None, other: Array | None, volatile: bool = False) -> Any:
    dtype = pointers.get_element_ty()
    kind = _stored_as(dtype)
    if volatile:  # what a program polls: ordered as an atomic operation that changes nothing
        current[-1].update(pointers, mask, kind.itemsize, False, polling=True)
    values = current[-1].load(pointers, mask, None if other is None else _raw(other, dtype), kind, watched=not volatile)
    if kind == np.uint16 and dtype.is_bf16():
        values = from_bits(values)
    return api.interp.TensorHandle(values, dtype)


def create_store(self: Any, pointers: Any, value: Any, cache: Any, eviction: Any) -> None:
    """`tl.store` without a mask."""
    _store(pointers, value, None)


def create_masked_store(self: Any, pointers: Any, value: Any, mask: Any, cache: Any, eviction: Any) -> None:
    """`tl.store`."""
    _store(pointers, value, mask if isinstance(mask, np.ndarray) else mask.data)


def _store(pointers: Any, value: Any, mask: Array | None) -> None:
    dtype = pointers.get_element_ty()
    current[-1].store(pointers, _raw(value.data, dtype).astype(_stored_as(dtype), copy=False), mask)


def create_atomic_rmw(self: Any, operation: Any, pointers: Any, value: Any, mask: Any, order: Any, scope: Any) -> Any:
    """`tl.atomic_add` and its kin."""
    dtype = pointers.get_element_ty()
    item = _stored_as(dtype).itemsize
    lanes = current[-1].update(pointers, mask.data, item, order == api.ir.MEM_SEMANTIC.RELAXED)
    if dtype.is_bf16() or dtype.is_fp16():
        if operation != api.ir.ATOMIC_OP.FADD:
            raise lacks(f"this atomic operation on {dtype}")
        old = _lane_by_lane(pointers, value.data, lanes, dtype, np.add)
    else:
        native = self.ir_rmw_op_to_interpreter_rmw_op[operation]
        memory_order = self.ir_sem_to_interpreter_sem[order]
        given = np.ascontiguousarray(value.data)
        if operation == api.ir.ATOMIC_OP.XCHG:  # the native one exchanges integers only
            given = given.view(f"u{given.itemsize}")
        old = api.native.atomic_rmw(native, pointers.data, given, lanes, memory_order).view(value.data.dtype)
        note_change(current[-1], old)
        old = np.where(lanes, old, old.dtype.type(0))
    return api.interp.TensorHandle(old, value.dtype.scalar)


def _lane_by_lane(pointers: Any, values: Array, lanes: Array, dtype: Any, function: Callable[..., Any]) -> Array:
    """Update one lane after another, each result rounded to the type in memory; return what was there before."""
    kind = _stored_as(dtype)
    region, offsets, _ = current[-1].place(pointers, lanes, kind.itemsize, True)
    view = region.view(kind)
    old = np.zeros(pointers.data.shape, values.dtype)
    for lane in np.argwhere(lanes):
        at = tuple(lane)
        index = int(offsets[at]) // kind.itemsize
        before = view[index : index + 1]
        old[at] = (from_bits(before) if dtype.is_bf16() else before)[0]
        result = np.asarray(function(old[at], values[at]))
        current[-1].changes += 1
        view[index] = to_bits(round_bfloat16(result)).reshape(-1)[0] if dtype.is_bf16() else result.astype(kind)
    return old


def _float_extreme(upstream: Callable[..., Any], function: Callable[..., Any]) -> Callable[..., Any]:
    """`tl.atomic_max` and `tl.atomic_min`; upstream does floats by their bits and mixes up the types on its way back."""

    def atomic(self: Any, pointers: Any, value: Any, mask: Any, order: Any, scope: Any) -> Any:
        kind = pointers.type.scalar.element_ty
        if not kind.is_fp32() and not kind.is_fp64():
            return upstream(self, pointers, value, mask, order, scope)
        pointers, value, mask = self.atom_red_typechecking_impl(pointers, value, mask, "max")
        relaxed = self._str_to_sem(order) == api.ir.MEM_SEMANTIC.RELAXED
        lanes = current[-1].update(pointers.handle, mask.handle.data, _stored_as(kind).itemsize, relaxed)
        old = _lane_by_lane(pointers.handle, value.handle.data, lanes, kind, function)
        return self.tensor(api.interp.TensorHandle(old, kind), value.type)

    return atomic


def create_atomic_cas(self: Any, pointers: Any, compare: Any, value: Any, order: Any, scope: Any) -> Any:
    """`tl.atomic_cas`."""
    dtype = pointers.get_element_ty()
    if dtype.is_bf16():
        raise lacks("tl.atomic_cas on bf16")
    item = _stored_as(dtype).itemsize
    lanes = current[-1].update(pointers, None, item, order == api.ir.MEM_SEMANTIC.RELAXED)
    if not lanes.all():
        return api.interp.TensorHandle(np.zeros_like(compare.data), compare.dtype.scalar)
    expected, new = np.ascontiguousarray(compare.data), np.ascontiguousarray(value.data)
    old = api.native.atomic_cas(pointers.data, expected, new, self.ir_sem_to_interpreter_sem[order])
    note_change(current[-1], old)
    return api.interp.TensorHandle(old, compare.dtype.scalar)


def create_addptr(self: Any, pointer: Any, offset: Any) -> Any:
    """Pointer arithmetic, in elements."""
    width = max(1, pointer.get_element_ty().primitive_bitwidth // 8)
    moved = pointer.data + np.uint64(width) * offset.data.astype(np.int64).astype(np.uint64)
    return with_origin(api.interp.TensorHandle(moved, pointer.dtype), pointer)


def _kept(upstream: Callable[..., Any], position: int) -> Callable[..., Any]:
    """A shape operation whose result points into the same tensor as its operand."""

    def operation(self: Any, *arguments: Any) -> Any:
        return with_origin(upstream(self, *arguments), arguments[position])

    return operation


def create_tensor_pointer_load(
    self: Any, pointer: Any, boundary: Any, padding: Any, cache: Any, eviction: Any, volatile: Any
) -> Any:
    """`tl.load` of a block pointer."""
    pointers, mask = _materialised(pointer, pointer.materialize_pointers(boundary))
    dtype = pointers.get_element_ty()
    nan = padding == api.ir.PADDING_OPTION.PAD_NAN
    other = np.full(mask.shape, np.nan if nan else 0, api.interp._get_np_dtype(dtype))
    return _load(pointers, mask, other)


def create_tensor_pointer_store(self: Any, pointer: Any, value: Any, boundary: Any, cache: Any, eviction: Any) -> None:
    """`tl.store` to a block pointer."""
    pointers, mask = _materialised(pointer, pointer.materialize_pointers(boundary))
    _store(pointers, value, mask)


def _materialised(pointer: Any, made: tuple[Any, Array]) -> tuple[Any, Array]:
    pointers, mask = made
    return with_origin(pointers, pointer.base), mask


def create_descriptor_load(self: Any, descriptor: Any, indices: Any, cache: Any, eviction: Any) -> Any:
    """`descriptor.load`: what lies outside of the tensor's shape is padding."""
    pointers, mask = _materialised(descriptor, descriptor.materialize_pointers(indices))
    dtype = pointers.get_element_ty()
    nan = descriptor.padding == api.ir.PADDING_OPTION.PAD_NAN
    return _load(pointers, mask, np.full(mask.shape, np.nan if nan else 0, api.interp._get_np_dtype(dtype)))


def create_descriptor_store(self: Any, descriptor: Any, value: Any, indices: Any) -> None:
    """`descriptor.store`: what lies outside of the tensor's shape is dropped."""
    pointers, mask = _materialised(descriptor, descriptor.materialize_pointers(indices))
    _store(pointers, value, mask)


def create_barrier(self: Any) -> None:
    """`tl.debug_barrier`: a program runs as one thread here."""


def create_assert(self: Any, condition: Any, message: Any) -> None:
    """`tl.device_assert`, which the compiler keeps only in debug mode."""
    if not bool(np.all(condition.data)):
        raise Refused(f"a device assertion fails: {message}")


def create_assume(self: Any, condition: Any) -> None:
    """`tl.assume`: a promise to the compiler; a broken one makes the kernel undefined.

    Raises:
        Refused: the promise does not hold.
    """
    if not bool(np.all(condition.data)):
        raise Refused("tl.assume is told something that does not hold")


METHODS: dict[str, Callable[..., Any]] = {
    function.__name__: function
    for function in (
        create_load, create_masked_load, create_store, create_masked_store, create_atomic_rmw, create_atomic_cas,
        create_addptr, create_tensor_pointer_load, create_tensor_pointer_store, create_descriptor_load,
        create_descriptor_store, create_barrier, create_assert, create_assume,
    )
}  # fmt: skip
KEEP_ORIGIN = {
    "create_broadcast": 0,
    "create_expand_dims": 0,
    "create_reshape": 0,
    "create_trans": 0,
    "create_splat": 1,
    "create_unsplat": 0,
}
"""Shape operations, with the position of the operand that a pointer's region comes from."""
LACKING = {
    "create_inline_asm": "tl.inline_asm_elementwise",
    "create_dot_scaled": "tl.dot_scaled",
    "create_map_elementwise": "tl.map_elementwise",
    "create_descriptor_reduce": "atomic operations through a tensor descriptor",
}
"""Methods that upstream does not have, by what a kernel wrote."""


def install() -> None:
    """Put the methods into the interpreter's builder."""
    kind = type(api.builder)
    for name, method in METHODS.items():
        setattr(kind, name, method)
    for name, position in KEEP_ORIGIN.items():
        setattr(kind, name, _kept(getattr(kind, name), position))
    for name, feature in LACKING.items():
        setattr(kind, name, _refusing(feature))
    kind.__getattr__ = _unknown
    semantic = type(api.semantic)
    semantic.atomic_max = _float_extreme(semantic.atomic_max, np.fmax)
    semantic.atomic_min = _float_extreme(semantic.atomic_min, np.fmin)


def _refusing(feature: str) -> Callable[..., Any]:
    def refuse(self: Any, *arguments: Any, **options: Any) -> Any:
        raise lacks(feature)

    return refuse


def _unknown(self: Any, name: str) -> Any:
    if name.startswith("create_"):
        raise lacks(f"the operation {name.removeprefix('create_')}")
    raise AttributeError(name)
