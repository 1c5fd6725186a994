"""CUDA's `libdevice`, which upstream's interpreter does not have: `tl.extra.cuda.libdevice.tanh` and the like.

Functions by the name that follows `__nv_`, for float (with a trailing f) and double alike. torch's CPU functions compute them; what
is not here is refused by name.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from harness.worker.triton_api import api, lacks

Array = np.ndarray[Any, Any]
Function = Callable[..., torch.Tensor]


def _cbrt(x: torch.Tensor) -> torch.Tensor:
    return torch.from_numpy(np.cbrt(x.numpy()))


def _normcdf(x: torch.Tensor) -> torch.Tensor:
    return torch.special.ndtr(x)


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


_FUNCTIONS: dict[str, Function] = {
    "abs": torch.abs, "fabs": torch.abs, "llabs": torch.abs, "acos": torch.acos, "acosh": torch.acosh, "asin": torch.asin,
    "asinh": torch.asinh, "atan": torch.atan, "atanh": torch.atanh, "atan2": torch.atan2, "cbrt": _cbrt, "ceil": torch.ceil,
    "clz": _clz, "clzll": _clz, "copysign": torch.copysign, "cos": torch.cos, "cosh": torch.cosh,
    "cospi": lambda x: torch.cos(torch.pi * x), "cyl_bessel_i0": torch.special.i0, "cyl_bessel_i1": torch.special.i1,
    "erf": torch.erf, "erfc": torch.erfc, "erfcinv": lambda x: torch.erfinv(1 - x),
    "erfcx": torch.special.erfcx, "erfinv": torch.erfinv, "exp": torch.exp, "exp10": lambda x: torch.pow(10.0, x),
    "exp2": torch.exp2, "expm1": torch.expm1, "fdim": lambda x, y: torch.clamp(x - y, min=0),
    "floor": torch.floor, "fma": lambda x, y, z: (x.double() * y.double() + z.double()).to(x.dtype),
    "fmax": torch.fmax, "fmin": torch.fmin, "fmod": torch.fmod, "hypot": torch.hypot,
    "j0": torch.special.bessel_j0, "j1": torch.special.bessel_j1, "lgamma": torch.lgamma,
    "log": torch.log, "log10": torch.log10, "log1p": torch.log1p, "log2": torch.log2,
    "max": torch.maximum, "min": torch.minimum, "nearbyint": torch.round, "nextafter": torch.nextafter,
    "normcdf": _normcdf, "popc": _popc, "popcll": _popc, "pow": torch.pow, "powi": torch.pow, "rcbrt": lambda x: 1 / _cbrt(x),
    "remainder": lambda x, y: x - y * torch.round(x / y), "rhypot": lambda x, y: 1 / torch.hypot(x, y),
    "rint": torch.round, "round": _round_away, "rsqrt": torch.rsqrt, "saturate": lambda x: torch.clamp(x, 0, 1),
    "sin": torch.sin, "sinh": torch.sinh, "sinpi": lambda x: torch.sin(torch.pi * x), "sqrt": torch.sqrt,
    "tan": torch.tan, "tanh": torch.tanh, "tgamma": lambda x: torch.sign(x) * torch.exp(torch.lgamma(x)),
    "trunc": torch.trunc, "y0": torch.special.bessel_y0, "y1": torch.special.bessel_y1,
    "isinf": lambda x: torch.isinf(x).int(), "isnan": lambda x: torch.isnan(x).int(), "finite": lambda x: torch.isfinite(x).int(),
    "isinfd": lambda x: torch.isinf(x).int(), "isnand": lambda x: torch.isnan(x).int(), "isfinited": lambda x: torch.isfinite(x).int(),
    "signbit": lambda x: torch.signbit(x).int(), "signbitd": lambda x: torch.signbit(x).int(),
    "add_rn": torch.add, "sub_rn": torch.sub, "mul_rn": torch.mul, "div_rn": torch.div, "rcp_rn": torch.reciprocal,
    "sqrt_rn": torch.sqrt, "rsqrt_rn": torch.rsqrt, "fast_exp": torch.exp, "fast_log": torch.log, "fast_sin": torch.sin,
    "fast_cos": torch.cos, "fast_tan": torch.tan, "fast_tanh": torch.tanh, "fast_log2": torch.log2, "fast_log10": torch.log10,
    "fast_exp10": lambda x: torch.pow(10.0, x), "fast_pow": torch.pow, "fast_fdivide": torch.div,
    "fast_div": torch.div, "fast_fdiv": torch.div,
}  # fmt: skip


def _named(symbol: str) -> Function:
    """Find a function by its symbol, such as `__nv_tanhf`."""
    name = symbol.removeprefix("__nv_")
    for candidate in (name, name.removesuffix("f"), name.removesuffix("f_rn") + "_rn"):
        if found := _FUNCTIONS.get(candidate):
            return found
    floats = {"fadd_rn": "add_rn", "fsub_rn": "sub_rn", "fmul_rn": "mul_rn", "fdiv_rn": "div_rn", "frcp_rn": "rcp_rn", "fsqrt_rn": "sqrt_rn", "fmaf_rn": "fma", "dadd_rn": "add_rn", "ddiv_rn": "div_rn", "dmul_rn": "mul_rn", "dsqrt_rn": "sqrt_rn", "drcp_rn": "rcp_rn", "fmaf_ieee_rn": "fma"}  # fmt: skip
    if name in floats:
        return _FUNCTIONS[floats[name]]
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
