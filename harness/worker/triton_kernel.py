"""A kernel under `@triton.jit` as the worker has it: launched over a grid, program by program, in the judge's order."""

import inspect
import types
from collections.abc import Callable
from typing import Any

from harness.worker.triton_api import Refused
from harness.worker.triton_launch import compile_options, launch
from harness.worker.triton_memory import current
from harness.worker.triton_rewrite import rewrite


class InterpretedKernel:
    """What `@triton.jit` makes in a worker."""

    def __init__(self, fn: types.FunctionType, **options: Any) -> None:
        self.fn = fn
        self.__name__ = fn.__name__
        self.__qualname__ = fn.__qualname__
        self.__doc__ = fn.__doc__
        self.__module__ = fn.__module__
        self.signature = inspect.signature(fn)
        self.arg_names = list(self.signature.parameters)
        self.pre_run_hooks: list[Callable[..., Any]] = []
        self._constants = {p.name for p in self.signature.parameters.values() if "constexpr" in _annotation(p)}
        self._rewritten: Callable[..., Any] | None = None

    def __repr__(self) -> str:
        return f"JITFunction({self.__module__}:{self.__qualname__})"

    def __getitem__(self, grid: Any) -> Callable[..., Any]:
        return lambda *arguments, **options: self.run(*arguments, grid=grid, warmup=False, **options)

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        """Call it as a device function of a running kernel."""
        if not current:
            raise RuntimeError("Cannot call @triton.jit'd outside of the scope of a kernel")
        options.pop("_semantic", None)
        return self.body(*arguments, **options)

    @property
    def body(self) -> Callable[..., Any]:
        """The rewritten function."""
        if self._rewritten is None:
            self._rewritten = rewrite(self.fn)
        return self._rewritten

    def add_pre_run_hook(self, hook: Callable[..., Any]) -> None:
        """Have `hook` called with the arguments of each launch."""
        self.pre_run_hooks.append(hook)

    def warmup(self, *arguments: Any, grid: Any, **options: Any) -> "CompiledKernel":
        """Compile only: here, nothing."""
        return self.run(*arguments, grid=grid, warmup=True, **options)

    def run(self, *arguments: Any, grid: Any, warmup: bool, **options: Any) -> "CompiledKernel":
        """Launch.

        Raises:
            Refused: the kernel would not compile, or uses what cannot be interpreted.
            KeyError, TypeError: the arguments do not fit, as in Triton.
        """
        if current:
            raise Refused(f"kernel {self.__name__} is launched from within a kernel")
        given = {name: value for name, value in options.items() if name in self.signature.parameters}
        asked = compile_options({name: value for name, value in options.items() if name not in given})
        bound = self.signature.bind(*arguments, **given)
        bound.apply_defaults()
        for hook in self.pre_run_hooks:
            hook(*arguments, **options)
        if not warmup:
            launch(self, dict(bound.arguments), grid, asked)
        return CompiledKernel(self.__name__, asked)

    def is_constant(self, name: str) -> bool:
        """Whether a parameter is a `tl.constexpr`."""
        return name in self._constants


def _annotation(parameter: inspect.Parameter) -> str:
    annotation = parameter.annotation
    return annotation if isinstance(annotation, str) else getattr(annotation, "__name__", "")


class _Metadata:
    """What candidates ask of `kernel.metadata`."""

    def __init__(self, name: str, options: dict[str, Any]) -> None:
        self.name = name
        self.shared = 1024
        self.num_warps = options["num_warps"]
        self.num_stages = options["num_stages"]
        self.num_ctas = options.get("num_ctas", 1)
        self.target = None


class CompiledKernel:
    """What a launch returns. Registers and shared memory are stand-ins: nothing was compiled here."""

    n_regs = 32
    n_spills = 0

    def __init__(self, name: str, options: dict[str, Any]) -> None:
        self.name = name
        self.metadata = _Metadata(name, options)
        self.function = 0
        self.module = 0

    def _init_handles(self) -> None:
        """Load the module: nothing to do."""

    @property
    def asm(self) -> dict[str, Any]:
        """Refused: there is no assembly."""
        raise Refused("uses the compiled kernel's assembly, which Triton's interpreter does not have")
