"""The arithmetic of interpreted kernels, where upstream's differs from a GPU's.

Upstream keeps bfloat16 as raw 16-bit integers and then adds, multiplies and compares those. Here a bfloat16 block is a
float32 array whose every value is one of bfloat16's: each operation computes in float32 and rounds once, as the
hardware does. Also mended: conversions (rounding, fp8, saturation), NaN in minimum and maximum, products of half and
8-bit matrices.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from harness.worker.triton_api import api, lacks

Array = np.ndarray[Any, Any]
Operation = Callable[..., Any]

_FP8: dict[str, tuple[torch.dtype, float]] = {
    "fp8e5": (torch.float8_e5m2, 57344.0),
    "fp8e4nv": (torch.float8_e4m3fn, 448.0),
    "fp8e4b8": (torch.float8_e4m3fnuz, 240.0),
    "fp8e5b16": (torch.float8_e5m2fnuz, 57344.0),
}
"""Triton's name -> torch's dtype and its largest number, to which a conversion saturates (PTX `cvt.rn.satfinite`)."""
_FLOAT_LIMITS = {
    "int32": (-(2.0**31), 2.0**31),
    "int64": (-(2.0**63), 2.0**63),
    "uint32": (0.0, 2.0**32),
    "uint64": (0.0, 2.0**64),
}


def round_bfloat16(values: Array) -> Array:
    """Return float32 values rounded to bfloat16, to nearest even; NaN stays NaN."""
    bits = np.ascontiguousarray(values, dtype=np.float32).view(np.uint32)
    rounded = (bits + (np.uint32(0x7FFF) + ((bits >> np.uint32(16)) & np.uint32(1)))) & np.uint32(0xFFFF0000)
    result = rounded.view(np.float32)
    missing = np.isnan(values)
    return np.where(missing, np.float32(np.nan), result) if missing.any() else result


def to_bits(values: Array) -> Array:
    """Return the 16 bits of float32 values that are bfloat16's."""
    bits = np.ascontiguousarray(values, dtype=np.float32).view(np.uint32)
    return (bits >> np.uint32(16)).astype(np.uint16)


def from_bits(bits: Array) -> Array:
    """Return bfloat16's 16 bits as float32 values."""
    return (bits.astype(np.uint32) << np.uint32(16)).view(np.float32)


def _truncate_half(values: Array) -> Array:
    """Round float32 towards zero to float16."""
    half = values.astype(np.float16)
    return np.where(np.abs(half.astype(np.float32)) > np.abs(values), np.nextafter(half, np.float16(0)), half)


def _fp8(dtype: Any) -> tuple[torch.dtype, float]:
    if dtype.name not in _FP8:
        raise lacks(f"the type tl.{dtype}")
    return _FP8[dtype.name]


def convert(values: Array, source: Any, target: Any, towards_zero: bool = False) -> Array:
    """Return `values` of one Triton type as another: what `.to(dtype)` does."""
    if source.is_fp8():
        raw = torch.from_numpy(np.array(values, dtype=np.uint8))
        values = raw.view(_fp8(source)[0]).to(torch.float32).numpy()
    if target.is_fp8():
        torch_kind, most = _fp8(target)
        clipped = np.clip(values.astype(np.float32), -most, most)
        return torch.from_numpy(np.ascontiguousarray(clipped)).to(torch_kind).view(torch.uint8).numpy()
    if target.is_bf16():
        single = values.astype(np.float32)
        if towards_zero:
            return (np.ascontiguousarray(single).view(np.uint32) & np.uint32(0xFFFF0000)).view(np.float32)
        return round_bfloat16(single)
    if target.is_fp16() and towards_zero and source.is_floating():
        return _truncate_half(values.astype(np.float32))
    if source.is_floating() and target.is_int() and target.name in _FLOAT_LIMITS:
        return _saturate(values, target)
    kind: np.dtype[Any] = numpy_dtype(target)
    return values.astype(kind)


def _saturate(values: Array, target: Any) -> Array:
    """Convert floats to integers as PTX's `cvt.rzi` does: out of range goes to the end of the range, NaN to 0."""
    low, high = _FLOAT_LIMITS[target.name]
    kind = numpy_dtype(target)
    fits = (values > low - 1) & (values < high)
    if fits.all():
        return values.astype(kind)
    ends = np.iinfo(kind)
    result = np.where(fits, values, 0).astype(kind)
    result = np.where(values >= high, kind.type(ends.max), result)
    return np.where(values <= low - 1, kind.type(ends.min), result)


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


def round_tf32(values: Array) -> Array:
    """Round float32 to TF32's ten bits of mantissa, ties away from zero, as `cvt.rna.tf32.f32` does."""
    bits = np.ascontiguousarray(values, dtype=np.float32).view(np.uint32)
    rounded = ((bits + np.uint32(0x1000)) & np.uint32(0xFFFFE000)).view(np.float32)
    return np.where(np.isfinite(values), rounded, values)


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


def numpy_dtype(dtype: Any) -> np.dtype[Any]:
    """Return numpy's type for the values of a Triton type.

    Raises:
        Refused: there is none.
    """
    element = getattr(dtype, "element_ty", dtype) if dtype.is_block() else dtype
    if element.is_ptr():
        return _KINDS["uint64"]
    kind = _KINDS.get(element.name)
    if kind is None:
        raise lacks(f"the type tl.{element}")
    return kind


_KINDS: dict[str, np.dtype[Any]] = {
    **{name: np.dtype(name) for name in ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64")},
    "int1": np.dtype(np.bool_),
    "fp16": np.dtype(np.float16),
    "fp32": np.dtype(np.float32),
    "fp64": np.dtype(np.float64),
    "bf16": np.dtype(np.float32),
    **dict.fromkeys(_FP8, np.dtype(np.uint8)),
}


def _smallest_dot(lhs: Any, rhs: Any) -> tuple[int, int, int]:
    """The smallest product that the compiler takes on NVIDIA GPUs."""
    left, right = lhs.scalar.primitive_bitwidth, rhs.scalar.primitive_bitwidth
    if left != right:
        raise ValueError("both operands of tl.dot must have the same bit width")
    return (1, 1, 32) if left == 8 else (1, 1, 16)
