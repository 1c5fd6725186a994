"""Numbers of Triton's types as numpy holds them: which type holds which, rounding, and what `.to(dtype)` does.

A bfloat16 is a float32 whose value is one of bfloat16's.
"""

from typing import Any

import numpy as np
import torch

from harness.worker.triton_api import lacks

Array = np.ndarray[Any, Any]

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
_KINDS: dict[str, np.dtype[Any]] = {
    **{name: np.dtype(name) for name in ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64")},
    "int1": np.dtype(np.bool_),
    "fp16": np.dtype(np.float16),
    "fp32": np.dtype(np.float32),
    "fp64": np.dtype(np.float64),
    "bf16": np.dtype(np.float32),
    **dict.fromkeys(_FP8, np.dtype(np.uint8)),
}


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


def round_tf32(values: Array) -> Array:
    """Round float32 to TF32's ten bits of mantissa, ties away from zero, as `cvt.rna.tf32.f32` does."""
    bits = np.ascontiguousarray(values, dtype=np.float32).view(np.uint32)
    rounded = ((bits + np.uint32(0x1000)) & np.uint32(0xFFFFE000)).view(np.float32)
    return np.where(np.isfinite(values), rounded, values)
