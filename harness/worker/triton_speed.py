"""What makes interpretation bearable: upstream rebuilds shapes, types and their printed names at every operation.

Nothing here changes a value. Blocks of one shape share its description; a type is its own IR; scalars are spread over
blocks without copying; and the check of overflow that upstream computes at every integer addition, which only its debug
mode would look at, is left out.
"""

import dataclasses
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from harness.worker.triton_api import api


class _Shape:
    """One shape in the forms that upstream uses."""

    def __init__(self, sizes: tuple[int, ...]) -> None:
        tl = api.tl
        if not sizes:
            raise TypeError("0d block_type is forbidden")
        self.numel = tl.core.validate_block_shape(list(sizes))
        self.ints = tl.core.tuple(list(sizes))
        self.constants = tl.core.tuple([tl.constexpr(size) for size in sizes])
        self.constant_numel = tl.constexpr(math.prod(sizes))


_shapes: dict[tuple[int, ...], _Shape] = {}


def _block_type(self: Any, element_ty: Any, shape: Any) -> None:
    """`block_type.__init__`."""
    sizes = tuple([getattr(size, "value", size) for size in getattr(shape, "values", shape)])
    known = _shapes.get(sizes)
    if known is None:
        known = _shapes[sizes] = _Shape(sizes)
    self.element_ty = element_ty
    self.known = known
    self.shape, self.numel = known.ints, known.numel


def _tensor(self: Any, handle: Any, type: Any) -> None:
    """`tensor.__init__`."""
    self.handle, self.type = handle, type
    if type.is_block():
        self.shape, self.numel, self.dtype = type.known.constants, type.known.constant_numel, type.element_ty
    else:
        self.shape, self.numel, self.dtype = _scalar_shape[0], _scalar_shape[1], type.scalar


_scalar_shape: list[Any] = []


def _broadcasting(upstream: Callable[..., Any]) -> Callable[..., Any]:
    def broadcast_impl_value(self: Any, lhs: Any, rhs: Any) -> Any:
        if lhs.type.is_block() and rhs.type.is_block() and lhs.type.shape is rhs.type.shape:
            return lhs, rhs
        return upstream(self, lhs, rhs)

    return broadcast_impl_value


def _create_splat(self: Any, result_type: Any, arg: Any) -> Any:
    """Spread a scalar without copying it."""
    shape = result_type.shape
    sizes = shape.values if hasattr(shape, "values") else shape
    data = np.ndarray(sizes, arg.data.dtype, np.ascontiguousarray(arg.data), strides=(0,) * len(sizes))
    return api.interp.TensorHandle(data, arg.dtype.scalar)


def bind_builtins(package: Any) -> None:
    """Give the builtins of a module or class their last argument, in one step."""
    core, semantic = api.tl.core, api.semantic
    for name in dir(package):
        member = getattr(package, name)
        if core.is_builtin(member) or _takes_semantic(member):
            setattr(package, name, _bound(getattr(member, "__wrapped__", member), semantic))


def _takes_semantic(member: Any) -> bool:
    """Whether it is a function as a method of blocks, such as `x.exp()`, which is not marked as a builtin."""
    signature = getattr(member, "__signature__", None)
    return callable(member) and signature is not None and "_semantic" in signature.parameters


def _bound(inner: Callable[..., Any], semantic: Any) -> Callable[..., Any]:
    def call(*arguments: Any, **options: Any) -> Any:
        options["_semantic"] = semantic
        return inner(*arguments, **options)

    return call


def install() -> None:
    """Put the short cuts in place; before the builder's shape operations are wrapped."""
    tl, semantic = api.tl, type(api.semantic)
    _scalar_shape[:] = [tl.core.tuple([]), tl.constexpr(1)]
    tl.core.block_type.__init__ = _block_type
    tl.core.block_type.name = property(lambda self: f"<{self.shape}, {self.element_ty}>")
    tl.core.tensor.__init__ = _tensor
    semantic.broadcast_impl_value = _broadcasting(semantic.broadcast_impl_value)
    type(api.builder).create_splat = _create_splat
    api.builder.options = dataclasses.replace(api.builder.options, sanitize_overflow=False)
