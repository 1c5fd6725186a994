"""What one compilation by inductor leaves: values from the process that compiles to whoever writes the module."""

import dataclasses
from collections.abc import Mapping


class NotExpressible(Exception):
    """The compiled model cannot be handed in as one module; the message is one line that says why."""


@dataclasses.dataclass(frozen=True)
class GraphInput:
    """One argument of the compiled graph."""

    kind: str
    """`input` of forward, or `state` of the model."""
    name: str
    """Name in the state_dict."""
    position: int
    """Position among the arguments of forward."""
    sizes: tuple[int, ...]
    """Its shape."""
    strides: tuple[int, ...]
    """The strides that the kernels were generated for."""


@dataclasses.dataclass(frozen=True)
class Captured:
    """Everything that one compilation left."""

    code: str
    """Inductor's wrapper module."""
    inputs: tuple[GraphInput, ...]
    """Arguments of its `call`, in order."""
    state: Mapping[str, tuple[str, list[int], list[int]]]
    """Name in the state_dict -> dtype, shape and strides."""
    parameters: tuple[str, ...]
    """Names among these that are parameters; the others are buffers."""
    constants: Mapping[str, tuple[str, list[int], list[float]]]
    """Name in the wrapper -> dtype, shape and values."""
    structure: str
    """What forward returns: `tensor`, `tuple` or `list`."""
    outputs: int
    """How many tensors it returns."""
    cflags: tuple[str, ...]
    """Compiler flags of the kernels."""
    mode: str
    """`compile` or `max-autotune`."""
    threads: int
    """Threads that the kernels were generated for."""
    torch_version: str
    """Version of torch that generated them."""


@dataclasses.dataclass(frozen=True)
class Kernel:
    """One kernel of the wrapper."""

    name: str
    """Its name in the wrapper."""
    arguments: tuple[str, ...]
    """C++ types of its arguments."""
    text: str
    """Its C++, which defines `kernel`."""
