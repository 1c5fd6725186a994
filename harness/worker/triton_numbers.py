"""The arithmetic of interpreted kernels, where upstream's differs from a GPU's.

Upstream keeps bfloat16 as raw 16-bit integers and then adds, multiplies and compares those. Here a bfloat16 block is a
float32 array whose every value is one of bfloat16's: each operation computes in float32 and rounds once, as the
hardware does. Also mended: conversions, NaN in minimum and maximum, products of half and 8-bit matrices.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from harness.worker.triton_api import api, lacks
from harness.worker.triton_convert import convert, from_bits, numpy_dtype, round_bfloat16, round_tf32, to_bits

Operation = Callable[..., Any]


def fit(values: Any, dtype: Any) -> Any:
    """Return a handle for a result of `dtype`: booleans are int1, bfloat16 is rounded, wider results are narrowed."""
    interp, tl = api.interp, api.tl
    if values.dtype == np.bool_:
        return interp.TensorHandle(values, tl.int1)
    if dtype.is_bf16():
        return interp.TensorHandle(round_bfloat16(values), dtype)
    kind = interp._get_np_dtype(dtype)
    return interp.TensorHandle(values if values.dtype == kind else values.astype(kind), dtype)


def _computable(*handles: Any) -> None:
    for handle in handles:
        if handle.dtype.scalar.is_fp8():
            raise lacks("arithmetic on fp8 values")


def binary_op(self: Any, lhs: Any, rhs: Any, op: Operation) -> Any:
    """Elementwise operation of two blocks."""
    dtype = lhs.dtype.scalar
    if dtype.is_floating():
        _computable(lhs)
    return fit(op(lhs.data, rhs.data), dtype)


def unary_op(self: Any, arg: Any, op: Operation) -> Any:
    """Elementwise function of a block."""
    _computable(arg)
    return fit(op(arg.data), arg.dtype.scalar)


def ternary_op(self: Any, lhs: Any, rhs: Any, other: Any, op: Operation) -> Any:
    """Elementwise function of three blocks."""
    return fit(op(lhs.data, rhs.data, other.data), other.dtype.scalar)


def create_select(self: Any, condition: Any, lhs: Any, rhs: Any) -> Any:
    """`tl.where`: a choice of bits, of pointers too."""
    interp = api.interp
    handle = interp.TensorHandle(np.where(condition.data, lhs.data, rhs.data), rhs.dtype.scalar)
    origin = lhs.attr.get("origin")
    if origin is not None and origin is rhs.attr.get("origin"):
        handle.attr["origin"] = origin
    return handle


def create_fma(self: Any, x: Any, y: Any, z: Any) -> Any:
    """`x * y + z`, rounded once where a wider type holds the product exactly."""
    wide = {"fp32": np.float64, "fp16": np.float32, "bf16": np.float64}.get(z.dtype.scalar.name)
    if wide is None:
        return fit(x.data * y.data + z.data, z.dtype.scalar)
    return fit((x.data.astype(wide) * y.data + z.data).astype(z.data.dtype), z.dtype.scalar)


def create_idiv(self: Any, lhs: Any, rhs: Any) -> Any:
    """Integer division towards zero."""
    return fit((lhs.data - np.fmod(lhs.data, rhs.data)) // rhs.data, lhs.dtype.scalar)


def create_ashr(self: Any, lhs: Any, rhs: Any) -> Any:
    """Shift right with the sign; neither operand is changed."""
    signed = api.interp._get_signed_np_dtype
    data = lhs.data.astype(signed(lhs.data.dtype)) >> rhs.data.astype(signed(rhs.data.dtype))
    return fit(data.astype(lhs.data.dtype), lhs.dtype.scalar)


def create_lshr(self: Any, lhs: Any, rhs: Any) -> Any:
    """Shift right with zeros, of signed values too."""
    bits = f"u{lhs.data.itemsize}"
    data = np.ascontiguousarray(lhs.data).view(bits) >> np.ascontiguousarray(rhs.data).view(bits)
    return fit(data.view(lhs.data.dtype), lhs.dtype.scalar)


def create_fabs(self: Any, arg: Any) -> Any:
    """Absolute value."""
    return unary_op(self, arg, np.abs)


def create_rsqrt(self: Any, arg: Any) -> Any:
    """Inverse square root."""
    return unary_op(self, arg, lambda x: x.dtype.type(1) / np.sqrt(x))


def create_erf(self: Any, arg: Any) -> Any:
    """Error function; upstream computes it value by value in Python."""
    return unary_op(self, arg, lambda x: torch.erf(torch.from_numpy(np.array(x))).numpy())


def create_minnumf(self: Any, lhs: Any, rhs: Any) -> Any:
    """Minimum that prefers numbers to NaN, which is `tl.minimum`'s default."""
    return binary_op(self, lhs, rhs, np.fmin)


def create_maxnumf(self: Any, lhs: Any, rhs: Any) -> Any:
    """Maximum that prefers numbers to NaN, which is `tl.maximum`'s default."""
    return binary_op(self, lhs, rhs, np.fmax)


def create_clampf(self: Any, arg: Any, low: Any, high: Any, propagate_nan: Any) -> Any:
    """Clamp; NaN becomes `low` unless it is to propagate."""
    if propagate_nan == api.ir.PROPAGATE_NAN.ALL:
        return ternary_op(self, arg, low, high, lambda x, a, b: np.minimum(np.maximum(x, a), b))
    return ternary_op(self, arg, low, high, lambda x, a, b: np.fmin(np.fmax(x, a), b))


def cast_impl(self: Any, src: Any, dst_type: Any) -> Any:
    """Conversion between any two number types."""
    target = dst_type.scalar
    return api.interp.TensorHandle(convert(src.data, src.dtype.scalar, target), target)


def create_fp_to_fp(self: Any, src: Any, dst_type: Any, rounding_mode: Any) -> Any:
    """Conversion with a rounding mode, from and to fp8."""
    target = dst_type.scalar
    towards_zero = rounding_mode == api.ir.ROUNDING_MODE.RTZ
    return api.interp.TensorHandle(convert(src.data, src.dtype.scalar, target, towards_zero), target)


def create_bitcast(self: Any, src: Any, dst_type: Any) -> Any:
    """The same bits as another type."""
    source, target = src.dtype.scalar, dst_type.scalar
    data = np.ascontiguousarray(src.data)
    raw = to_bits(data) if not source.is_ptr() and source.is_bf16() else data
    to_bf16 = not target.is_ptr() and target.is_bf16()
    result = from_bits(raw.view(np.uint16)) if to_bf16 else raw.view(numpy_dtype(target))
    handle = api.interp.TensorHandle(result.reshape(src.data.shape), target)
    if "origin" in src.attr:
        handle.attr["origin"] = src.attr["origin"]
    return handle


def create_dot(self: Any, a: Any, b: Any, d: Any, input_precision: Any, max_num_imprecise_acc: Any) -> Any:
    """Matrix product and sum. Half, bfloat16 and fp8 are widened and 8-bit integers go through float64: all exact.

    float32 operands are rounded to TF32 where the kernel leaves it at that, which is `tl.dot`'s default: a GPU does it too.
    """
    tl, kind = api.tl, d.data.dtype
    operands = []
    for handle in (a, b):
        dtype, data = handle.dtype.scalar, handle.data
        if dtype.is_fp8():
            data = convert(data, dtype, tl.float32)
        elif dtype.is_int():
            data = data.astype(np.float64)
        elif data.dtype == np.float16:
            data = data.astype(np.float32)
        elif data.dtype == np.float32 and getattr(input_precision, "name", "") == "TF32":
            data = round_tf32(data)
        operands.append(data)
    product = np.matmul(operands[0], operands[1])
    return fit(product.astype(kind) + d.data, d.dtype.scalar)


def get_bf16(self: Any, value: Any) -> Any:
    """A bfloat16 constant."""
    return api.interp.TensorHandle(round_bfloat16(np.array([value], dtype=np.float32)), api.tl.bfloat16)


METHODS: dict[str, Operation] = {
    function.__name__: function
    for function in (
        binary_op, unary_op, ternary_op, create_select, create_fma, create_idiv, create_ashr, create_lshr, create_fabs,
        create_rsqrt,
        create_erf, create_minnumf, create_maxnumf, create_clampf, cast_impl, create_fp_to_fp, create_bitcast, create_dot,
        get_bf16,
    )
}  # fmt: skip
"""Methods of the builder that are replaced."""
ALIASES = {
    "create_sdiv": "create_idiv",
    "create_udiv": "create_idiv",
    "create_int_to_ptr": "create_bitcast",
    "create_ptr_to_int": "create_bitcast",
}


def install() -> None:
    """Put the arithmetic into the interpreter's builder."""
    interp = api.interp
    interp._get_np_dtype = numpy_dtype
    interp.TensorHandle.__post_init__ = lambda handle: None  # a check of sizes, which bfloat16 does not pass any more
    kind = type(api.builder)
    for name, method in METHODS.items():
        setattr(kind, name, method)
    for name, other in ALIASES.items():
        setattr(kind, name, METHODS[other])
    api.builder.codegen_fns["min_dot_size"] = _smallest_dot


def _smallest_dot(lhs: Any, rhs: Any) -> tuple[int, int, int]:
    """The smallest product that the compiler takes on NVIDIA GPUs."""
    left, right = lhs.scalar.primitive_bitwidth, rhs.scalar.primitive_bitwidth
    if left != right:
        raise ValueError("both operands of tl.dot must have the same bit width")
    return (1, 1, 32) if left == 8 else (1, 1, 16)
