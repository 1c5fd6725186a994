"""Makes `triton.language` callable from rewritten kernels, once and for good.

Upstream patches the language at every launch and again at every call of a device function, and needs `tl` among the
globals of each kernel. A worker never compiles, so here it is done once.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from harness.worker import triton_reduce, triton_speed
from harness.worker.triton_api import Refused, api
from harness.worker.triton_kernel import InterpretedKernel
from harness.worker.triton_rewrite import helpers


def install() -> None:
    """Patch the language."""
    tl, interp = api.tl, api.interp
    scope = interp._LangPatchScope()  # never restored
    for package in (tl, tl.core, tl.math, tl.tensor, tl.core.tensor_descriptor_base):
        triton_speed.bind_builtins(package)
    interp._patch_lang_tensor(tl.tensor, scope)
    for language in (tl, tl.core):
        interp._patch_lang_core(language, scope)
    for language in (tl, tl.core):
        language.range = _range
        language.static_range = _static_range
        language.static_assert = _static_assert
        language.static_print = print
        language.reduce = triton_reduce.reduce
        language.associative_scan = triton_reduce.scan
    for kind in (tl.core.dtype, tl.core.block_type, tl.core.pointer_type):
        kind.to_ir = lambda self, builder: self
    tl.core._reduce_with_indices = _reduce_with_indices
    tl.tensor.reduce = triton_reduce.reduce
    tl.tensor.associative_scan = triton_reduce.scan
    tl.tensor.__index__ = lambda self: int(self.handle.data.reshape(-1)[0])
    _interpret_standard_library()


def _range(*bounds: Any, **options: Any) -> Any:
    limits = {name: options[name] for name in ("step",) if options.get(name) is not None}
    positional = [*bounds, *(options[name] for name in ("arg1", "arg2") if options.get(name) is not None)]
    return helpers.loop(*positional, **limits)


def _static_range(*bounds: Any, **options: Any) -> range:
    plain = [_plain(bound) for bound in (*bounds, *options.values()) if bound is not None]
    if any(isinstance(bound, api.tl.tensor) for bound in plain):
        raise Refused("tl.static_range needs constants")
    return range(*plain)


def _static_assert(condition: Any, message: Any = "", _semantic: Any = None) -> None:
    if not _plain(condition):
        raise Refused(f"a static assertion fails: {_plain(message)}")


def _plain(value: Any) -> Any:
    return value.value if isinstance(value, api.tl.constexpr) else value


def _reduce_with_indices(
    input: Any, axis: Any, combine_fn: Any, keep_dims: Any = False, _semantic: Any = None, _generator: Any = None
) -> Any:
    """The largest or smallest value with its index along `axis`; of all elements without one."""
    tl, interp = api.tl, api.interp
    plain = _plain(axis)
    block = input if plain is not None else tl.reshape(input, [int(np.prod([_plain(s) for s in input.shape]))])
    shape = [int(_plain(s)) for s in block.shape]
    along = 0 if plain is None else plain % len(shape)
    standard, data = tl.standard, block.handle.data
    largest = combine_fn in (standard._argmax_combine_tie_break_left, standard._argmax_combine_tie_break_fast)
    smallest = combine_fn in (standard._argmin_combine_tie_break_left, standard._argmin_combine_tie_break_fast)
    if (largest or smallest) and not (block.dtype.is_floating() and np.isnan(data).any()):
        chosen = (np.argmax if largest else np.argmin)(data, axis=along, keepdims=True)
        return _picked(block, chosen, along, bool(_plain(keep_dims)), 1 if plain is not None else len(input.shape))
    line = np.arange(shape[along], dtype=np.int32).reshape([-1 if d == along else 1 for d in range(len(shape))])
    handle = interp.TensorHandle(np.ascontiguousarray(np.broadcast_to(line, shape)), tl.int32)
    index = tl.tensor(handle, tl.block_type(tl.int32, shape))
    values, indices = triton_reduce.reduce((block, index), along, combine_fn, keep_dims)
    return values, indices


def _picked(block: Any, chosen: Any, along: int, keep: bool, rank: int) -> tuple[Any, Any]:
    """Return values and indices at the chosen places."""
    values, indices = np.take_along_axis(block.handle.data, chosen, along), chosen.astype(np.int32)
    if not keep:
        values, indices = values.squeeze(along), indices.squeeze(along)
    elif rank > 1:
        values, indices = values.reshape([1] * rank), indices.reshape([1] * rank)
    return triton_reduce.tensor_of(values, block.dtype), triton_reduce.tensor_of(indices, api.tl.int32)


def _interpret_standard_library() -> None:
    """Replace the functions of Triton's own library that are written in Triton."""
    from triton.runtime.jit import JITFunction

    tl = api.tl
    compiled = (JITFunction, api.interp.InterpretedFunction)
    made: dict[int, InterpretedKernel] = {}
    for package in (tl.standard, tl.random, tl.core, tl.math, tl):
        for name, member in list(vars(package).items()):
            if isinstance(member, compiled):
                kernel = made.setdefault(id(member), InterpretedKernel(member.fn))
                setattr(package, name, kernel)
    for name, kernel in list(vars(tl.standard).items()):
        if isinstance(kernel, InterpretedKernel) and hasattr(tl.tensor, name):
            setattr(tl.tensor, name, _member(kernel))


def _member(kernel: InterpretedKernel) -> Callable[..., Any]:
    def call(self: Any, *arguments: Any, **options: Any) -> Any:
        return kernel(self, *arguments, **options)

    return call
