"""Triton as the worker's modules see it: imported once, late, and without making every other worker pay for it.

The modules beside this one are imported with the worker's program, before the harness disappears from the sandbox;
triton itself is imported only where a Triton candidate is judged. What they need of it hangs on `api`.
"""

from typing import Any

from harness.worker.extension import BuildFailed

SUPPORTED = (3, 7)
"""The release whose interpreter the patches were written for and tested with."""


class Refused(BuildFailed):
    """The kernel uses something that cannot be interpreted faithfully, or that Triton's compiler rejects."""


def lacks(feature: str) -> Refused:
    """Return the refusal of a feature by name."""
    return Refused(f"uses {feature}, which Triton's interpreter does not have")


class _Api:
    """Triton's modules, once `load` has been called."""

    def __init__(self) -> None:
        self.triton: Any = None
        """`triton`."""
        self.tl: Any = None
        """`triton.language`."""
        self.interp: Any = None
        """`triton.runtime.interpreter`."""
        self.native: Any = None
        """The interpreter's C++ half."""
        self.ir: Any = None
        """Enumerations of the compiler's IR."""
        self.semantic: Any = None
        """The interpreter's `TritonSemantic`."""
        self.builder: Any = None
        """The interpreter's builder."""


api = _Api()


def load() -> None:
    """Import triton and its interpreter. Idempotent; about 0.3 s the first time.

    Raises:
        Refused: the installed triton is not the one that the patches are for.
    """
    if api.triton is not None:
        return
    import triton
    import triton.language
    import triton.runtime.interpreter as interpreter
    from triton._C import libtriton

    version = tuple(int(part) for part in triton.__version__.split(".")[:2])
    if version != SUPPORTED:
        wanted = ".".join(map(str, SUPPORTED))
        raise Refused(f"triton {triton.__version__} is installed; interpreting kernels needs triton {wanted}")
    api.tl, api.interp = triton.language, interpreter
    api.native, api.ir = libtriton.interpreter, libtriton.ir
    api.semantic, api.builder = interpreter.interpreter_semantic, interpreter.interpreter_builder
    api.triton = triton
