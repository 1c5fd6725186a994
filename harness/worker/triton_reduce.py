"""Reductions and scans of interpreted kernels, as trees over whole blocks.

Upstream calls a custom combine function once per element; and its shortcut for the largest value with its index ignores
the indices that a kernel passes. Here every combine function runs on halves of the block, log2(n) times, in the order
of the elements, so that associativity is all that it needs. Half-precision sums are rounded at every level, as on a
GPU.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from harness.worker.triton_api import api
from harness.worker.triton_convert import round_bfloat16
from harness.worker.triton_rewrite import BlockCondition

Array = np.ndarray[Any, Any]
Combine = Callable[..., Any]


def reduce(
    input: Any, axis: Any, combine_fn: Any, keep_dims: Any = False, _semantic: Any = None, _generator: Any = None
) -> Any:
    """`tl.reduce` over one block or a tuple of blocks.

    Raises:
        ValueError: the axis does not exist.
    """
    plain = _plain(axis)
    keep = bool(_plain(keep_dims))
    blocks = input if isinstance(input, tuple | list | api.tl.tuple) else (input,)
    shape = [int(_plain(s)) for s in blocks[0].shape]
    data = [np.broadcast_to(block.handle.data, shape) for block in blocks]
    types = [block.dtype for block in blocks]
    if plain is None:
        data, along = [d.reshape(-1) for d in data], 0
    else:
        along = _axis(plain, len(shape))
    if (numpy := _direct(combine_fn, types, len(blocks))) is not None:
        result = [numpy(data[0], axis=along)]
    else:
        result = _tree([np.moveaxis(d, along, 0) for d in data], types, combine_fn)
    if keep:
        result = [r.reshape([1] * len(shape)) if plain is None else np.expand_dims(r, along) for r in result]
    made = tuple(tensor_of(r, t) for r, t in zip(result, types, strict=True))
    return made if isinstance(input, tuple | list | api.tl.tuple) else made[0]


def scan(
    input: Any, axis: Any, combine_fn: Any, reverse: Any = False, _semantic: Any = None, _generator: Any = None
) -> Any:
    """`tl.associative_scan` over one block or a tuple of blocks.

    Raises:
        ValueError: the axis does not exist.
    """
    blocks = input if isinstance(input, tuple | list | api.tl.tuple) else (input,)
    types = [block.dtype for block in blocks]
    along = _axis(_plain(axis), len(blocks[0].shape))
    backwards = bool(_plain(reverse))
    data = [np.moveaxis(block.handle.data, along, 0) for block in blocks]
    if backwards:
        data = [d[::-1] for d in data]
    standard = api.tl.standard
    if combine_fn is standard._sum_combine and types[0].is_fp32():
        result = [np.cumsum(data[0], axis=0, dtype=np.float64).astype(np.float32)]
    elif combine_fn is standard._sum_combine and types[0].is_int():
        result = [np.cumsum(data[0], axis=0, dtype=data[0].dtype)]
    else:
        result = _prefixes(data, types, combine_fn)
    if backwards:
        result = [r[::-1] for r in result]
    made = tuple(
        tensor_of(np.ascontiguousarray(np.moveaxis(r, 0, along)), t) for r, t in zip(result, types, strict=True)
    )
    return made if isinstance(input, tuple | list | api.tl.tuple) else made[0]


def _plain(value: Any) -> Any:
    return value.value if isinstance(value, api.tl.constexpr) else value


def _axis(axis: int, rank: int) -> int:
    if not -rank <= axis < rank:
        raise ValueError(f"axis {axis} is out of range for a block of {rank} dimensions")
    return axis % rank


def _direct(combine: Any, types: list[Any], count: int) -> Callable[..., Array] | None:
    """Numpy's own reduction where it means the same."""
    standard = api.tl.standard
    if count != 1:
        return None
    if combine is standard._elementwise_max:
        return np.fmax.reduce
    if combine is standard._elementwise_min:
        return np.fmin.reduce
    if combine is standard._sum_combine and (types[0].is_fp32() or types[0].is_fp64()):
        return np.sum
    if combine is standard._sum_combine and types[0].is_int() and types[0].primitive_bitwidth >= 8:
        return lambda data, axis: np.sum(data, axis=axis, dtype=data.dtype)
    return None


def _tree(data: list[Array], types: list[Any], combine: Combine) -> list[Array]:
    """Combine neighbours along the first axis until one is left."""
    try:
        while (length := data[0].shape[0]) > 1:
            even = length // 2 * 2
            paired = _combined([d[0:even:2] for d in data], [d[1:even:2] for d in data], types, combine)
            data = [np.concatenate([p, d[even:]]) if even < length else p for p, d in zip(paired, data, strict=True)]
        return [d[0] for d in data]
    except BlockCondition:
        return _one_by_one(data, types, combine, False)


def _prefixes(data: list[Array], types: list[Any], combine: Combine) -> list[Array]:
    """Kogge and Stone's scan along the first axis: each step doubles the reach."""
    reach, first = 1, data
    try:
        while reach < data[0].shape[0]:
            # Whole blocks, whose sizes are powers of two; what has no neighbour that far back stays as it is.
            joined = _combined([np.concatenate([d[:reach], d[:-reach]]) for d in data], data, types, combine)
            data = [np.concatenate([d[:reach], j[reach:]]) for d, j in zip(data, joined, strict=True)]
            reach *= 2
        return data
    except BlockCondition:
        return _one_by_one(first, types, combine, True)


def _one_by_one(data: list[Array], types: list[Any], combine: Combine, every: bool) -> list[Array]:
    """For combine functions with an `if`: element by element."""
    length, lanes = data[0].shape[0], data[0].shape[1:]
    outputs = [np.empty((length if every else 1, *lanes), d.dtype) for d in data]
    for lane in np.ndindex(*lanes):
        held = [d[(0, *lane)].reshape(1) for d in data]
        for position in range(length):
            if position:
                held = _combined(held, [d[(position, *lane)].reshape(1) for d in data], types, combine)
            for output, value in zip(outputs, held, strict=True):
                output[(position if every else 0, *lane)] = value[0]
    return outputs if every else [output[0] for output in outputs]


def _combined(left: list[Array], right: list[Array], types: list[Any], combine: Combine) -> list[Array]:
    if combine is api.tl.standard._sum_combine and types[0].is_bf16():
        return [round_bfloat16(left[0] + right[0])]
    if combine is api.tl.standard._sum_combine:
        return [left[0] + right[0]]
    arguments = [_lanes(d, t) for d, t in zip((*left, *right), (*types, *types), strict=True)]
    result = combine(*arguments)
    results = result if isinstance(result, tuple | list | api.tl.tuple) else (result,)
    shape = np.broadcast_shapes(*(d.shape for d in left))
    made = []
    for value, dtype in zip(results, types, strict=True):
        tensor = api.semantic.cast(api.semantic.to_tensor(value), dtype)
        made.append(np.broadcast_to(tensor.handle.data.reshape(-1) if len(shape) == 1 else tensor.handle.data, shape))
    return made


def _lanes(data: Array, dtype: Any) -> Any:
    """A block of values, each of which the combine function takes for a scalar of its own."""
    handle = api.interp.TensorHandle(np.ascontiguousarray(data), dtype)
    return api.tl.tensor(handle, dtype if data.size == 1 else api.tl.block_type(dtype, list(data.shape)))


def tensor_of(data: Any, dtype: Any) -> Any:
    """Return values as a tensor, a scalar where they have no dimensions."""
    values = np.asarray(data).astype(api.interp._get_np_dtype(dtype), copy=False)
    if values.ndim == 0:
        return api.tl.tensor(api.interp.TensorHandle(values.reshape(1), dtype), dtype)
    return api.tl.tensor(api.interp.TensorHandle(values, dtype), api.tl.block_type(dtype, list(values.shape)))
