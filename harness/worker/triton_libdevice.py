"""CUDA's `libdevice`, which upstream's interpreter does not have: `tl.extra.cuda.libdevice.tanh` and the like.

Functions by the name that follows `__nv_`, for float (with a trailing f) and double alike. torch's CPU functions
compute them; what is not here is refused by name.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from harness.worker.triton_api import api, lacks

Array = np.ndarray[Any, Any]
Function = Callable[..., torch.Tensor]


def _cbrt(x: torch.Tensor) -> torch.Tensor:
    return torch.from_numpy(np.array(np.cbrt(x.numpy())))


def _popc(x: torch.Tensor) -> torch.Tensor:
    bits = np.unpackbits(x.numpy()[..., None].view(np.uint8), axis=-1)
    return torch.from_numpy(bits.sum(axis=-1, dtype=np.int32))


def _clz(x: torch.Tensor) -> torch.Tensor:
    values = x.numpy()
    width = values.itemsize * 8
    unsigned = np.atleast_1d(values.view(f"uint{width}"))
    counts = [width - int(v).bit_length() for v in unsigned.ravel()]
    return torch.tensor(counts, dtype=torch.int32).reshape(x.shape)


def _round_away(x: torch.Tensor) -> torch.Tensor:
    return torch.trunc(x + torch.copysign(torch.full_like(x, 0.5), x))


def _scaled_erfc_inverse(x: torch.Tensor) -> torch.Tensor:
    return torch.erfinv(1 - x)


def _gamma(x: torch.Tensor) -> torch.Tensor:
    return torch.from_numpy(np.array(np.vectorize(_one_gamma, otypes=[np.float64])(x.numpy()))).to(x.dtype)


def _one_gamma(x: float) -> float:
    try:
        return math.gamma(x)
    except (ValueError, OverflowError):
        return math.nan if x < 0 else math.inf


_SAME_NAME = (
    "acos acosh asin asinh atan atan2 atanh ceil copysign cos cosh erf erfc erfinv exp exp2 expm1 floor fmax fmin fmod "
    "hypot lgamma log log10 log1p log2 nextafter pow rsqrt sin sinh sqrt tan tanh trunc ldexp"
)
"""Functions that torch has under the same name."""
_FUNCTIONS: dict[str, Function] = {name: getattr(torch, name) for name in _SAME_NAME.split()} | {
    "abs": torch.abs,
    "fabs": torch.abs,
    "llabs": torch.abs,
    "cbrt": _cbrt,
    "rcbrt": lambda x: 1 / _cbrt(x),
    "clz": _clz,
    "clzll": _clz,
    "popc": _popc,
    "popcll": _popc,
    "cospi": lambda x: torch.cos(torch.pi * x),
    "sinpi": lambda x: torch.sin(torch.pi * x),
    "cyl_bessel_i0": torch.special.i0,
    "cyl_bessel_i1": torch.special.i1,
    "j0": torch.special.bessel_j0,
    "j1": torch.special.bessel_j1,
    "y0": torch.special.bessel_y0,
    "y1": torch.special.bessel_y1,
    "erfcinv": _scaled_erfc_inverse,
    "erfcx": torch.special.erfcx,
    "normcdf": torch.special.ndtr,
    "normcdfinv": torch.special.ndtri,
    "tgamma": _gamma,
    "exp10": lambda x: torch.pow(10.0, x),
    "fdim": lambda x, y: torch.clamp(x - y, min=0),
    "fma": lambda x, y, z: (x.double() * y.double() + z.double()).to(x.dtype),
    "max": torch.maximum,
    "min": torch.minimum,
    "powi": torch.pow,
    "nearbyint": torch.round,
    "rint": torch.round,
    "round": _round_away,
    "llrint": lambda x: torch.round(x).long(),
    "llround": lambda x: _round_away(x).long(),
    "remainder": lambda x, y: x - y * torch.round(x / y),
    "rhypot": lambda x, y: 1 / torch.hypot(x, y),
    "norm3d": lambda x, y, z: torch.sqrt(x * x + y * y + z * z),
    "norm4d": lambda x, y, z, t: torch.sqrt(x * x + y * y + z * z + t * t),
    "saturate": lambda x: torch.clamp(x, 0, 1),
    "isinf": lambda x: torch.isinf(x).int(),
    "isnan": lambda x: torch.isnan(x).int(),
    "finite": lambda x: torch.isfinite(x).int(),
    "isfinite": lambda x: torch.isfinite(x).int(),
    "signbit": lambda x: torch.signbit(x).int(),
    "fast_fdivide": torch.div,
    "add_rn": torch.add,
    "sub_rn": torch.sub,
    "mul_rn": torch.mul,
    "div_rn": torch.div,
    "rcp_rn": torch.reciprocal,
    "sqrt_rn": torch.sqrt,
    "rsqrt_rn": torch.rsqrt,
    "fma_rn": lambda x, y, z: (x.double() * y.double() + z.double()).to(x.dtype),
    "float2int_rn": lambda x: torch.round(x).int(),
    "float2int_rz": lambda x: torch.trunc(x).int(),
    "float2int_rd": lambda x: torch.floor(x).int(),
    "float2int_ru": lambda x: torch.ceil(x).int(),
    "int2float_rn": lambda x: x.float(),
    "uint2float_rn": lambda x: x.float(),
    "float_as_int": lambda x: x.view(torch.int32),
    "int_as_float": lambda x: x.view(torch.float32),
}


def _named(symbol: str) -> Function:
    """Find a function by its symbol: `__nv_tanhf`, `__nv_fast_expf`, `__nv_dadd_rn`, `__nv_isnand`."""
    name = symbol.removeprefix("__nv_")
    tries = [name, name.removesuffix("f"), name.removesuffix("d")]
    if name.startswith("fast_"):
        tries.append(name.removeprefix("fast_").removesuffix("f"))
    if name.endswith("_rn"):  # the type stands in front: fadd_rn, dadd_rn; or in the middle: fmaf_rn
        tries += [name[1:], name.replace("f_rn", "_rn")]
    for candidate in tries:
        if found := _FUNCTIONS.get(candidate):
            return found
    raise lacks(f"libdevice's {name}")


def create_extern_elementwise(
    self: Any, library: str, path: str, symbol: str, arguments: list[Any], result_type: Any, is_pure: bool
) -> Any:
    """Compute one libdevice function over blocks."""
    if not symbol.startswith("__nv_"):
        raise lacks(f"the external function {symbol}")
    function = _named(symbol)
    blocks = np.broadcast_arrays(*(handle.data for handle in arguments)) if len(arguments) > 1 else [arguments[0].data]
    result = function(*(torch.from_numpy(np.array(block)) for block in blocks))
    kind = api.interp._get_np_dtype(result_type)
    return api.interp.TensorHandle(result.numpy().astype(kind, copy=False), result_type.scalar)


def install() -> None:
    """Make both names of libdevice callable from interpreted kernels."""
    import triton.language.extra.cuda.libdevice as cuda
    import triton.language.extra.libdevice as generic

    type(api.builder).create_extern_elementwise = create_extern_elementwise
    for name, member in list(vars(cuda).items()):
        if api.tl.core.is_builtin(member):
            bound = _bound(member)
            setattr(cuda, name, bound)
            if hasattr(generic, name):
                setattr(generic, name, bound)
    for name, member in list(vars(generic).items()):
        if callable(member) and not hasattr(cuda, name) and not name.startswith("_"):
            setattr(generic, name, _absent(name))


def _bound(member: Callable[..., Any]) -> Callable[..., Any]:
    def call(*arguments: Any, **options: Any) -> Any:
        return member(*arguments, **{**options, "_semantic": api.semantic})

    return call


def _absent(name: str) -> Callable[..., Any]:
    def call(*arguments: Any, **options: Any) -> Any:
        raise lacks(f"libdevice's {name}")

    return call
