"""The program that runs torch.compile on a problem and writes down what inductor generated. Trusted; a process of its own.

    python -m harness.judge.inductor.capture REQUEST ANSWER

REQUEST is a JSON file with `source`, `threads` and `mode`; ANSWER is written: the fields of `Captured`, or `refused`.
The last compilation is left out, so that `compile` mode starts no compiler but for the question which vector units it may
use; `max-autotune` also compiles and times what it chooses among.
"""

import dataclasses
import json
import sys
from pathlib import Path
from typing import Any
from unittest import mock

import torch

from harness.judge.inductor.captured import Captured, GraphInput, NotExpressible

OPTIONS: dict[str, str | None] = {"compile": None, "max-autotune": "max-autotune"}
"""Our name of a mode -> torch.compile's."""
MAX_CONSTANT = 4096
"""Elements of a constant tensor that is written out in a source."""


def capture(source: str, threads: int, mode: str) -> Captured:
    """Compile the `Model` of a problem's text for its own inputs and return what was generated.

    Raises:
        NotExpressible: the model is not one graph, or uses what cannot be taken out of it.
    """
    from torch._functorch import config as functorch

    functorch.enable_autograd_cache = False
    torch.set_num_threads(threads)
    namespace: dict[str, Any] = {"__name__": "problem"}
    exec(compile(source, "<problem>", "exec"), namespace)
    model = namespace["Model"](*namespace.get("get_init_inputs", list)())
    inputs = namespace["get_inputs"]()
    with torch.no_grad():
        example = model(*inputs)
    taken = _Taken(model, inputs)
    with torch.no_grad(), taken.patched():
        try:
            compiled: Any = torch.compile(model, backend=taken.backend(mode), fullgraph=True, dynamic=False)
            compiled(*inputs)
        except _Done:
            pass
        except Exception as error:  # dynamo and inductor raise whatever they meet; all of it means the same here
            cause = _cause(error)
            if isinstance(cause, NotExpressible):
                raise cause from None
            raise NotExpressible(f"torch.compile refuses the model: {_first_line(cause)}") from error
    if len(taken.codes) != 1:
        raise NotExpressible(f"{len(taken.codes)} graphs were compiled, and only a single one can be handed in")
    return Captured(
        code=taken.codes[0],
        inputs=tuple(taken.inputs),
        state={n: _layout(t) for n, t in model.state_dict().items()},
        parameters=tuple(n for n, _ in model.named_parameters(remove_duplicate=False)),
        constants=taken.constants,
        structure=_structure(example),
        outputs=1 if isinstance(example, torch.Tensor) else len(example),
        cflags=_flags(),
        mode=mode,
        threads=threads,
        torch_version=torch.__version__,
    )


class _Taken:
    """What one compilation leaves behind."""

    def __init__(self, model: torch.nn.Module, inputs: list[Any]) -> None:
        self._state = model.state_dict(keep_vars=True)
        self._given = inputs
        self.codes: list[str] = []
        self.inputs: list[GraphInput] = []
        self.constants: dict[str, tuple[str, list[int], list[Any]]] = {}

    def backend(self, mode: str) -> Any:
        """Return a backend of torch.compile that notes whose tensors the graph takes, and goes on with inductor."""
        from torch._inductor import list_mode_options
        from torch._inductor.compile_fx import compile_fx

        named = OPTIONS[mode]
        options = {"fx_graph_cache": False, **(list_mode_options(named) if named else {})}

        def note(graph: torch.fx.GraphModule, examples: list[Any]) -> Any:
            self.inputs = [self._whose(example) for example in examples]
            return compile_fx(graph, examples, config_patches=options)

        return note

    def patched(self) -> Any:
        """Return a context in which generated code is kept and not compiled."""
        from torch._inductor.graph import GraphLowering

        taken = self

        class Nothing:
            @staticmethod
            def call(*_: Any) -> tuple[()]:
                raise _Done

        def compile_to_module(lowering: Any) -> Any:
            wrapper, _ = lowering.codegen()
            taken.codes.append(wrapper.value)
            taken.constants |= {name: _written(name, value) for name, value in lowering.constants.items()}
            return Nothing()

        return mock.patch.object(GraphLowering, "compile_to_module", compile_to_module)

    def _whose(self, value: Any) -> GraphInput:
        if not isinstance(value, torch.Tensor):
            raise NotExpressible(f"the graph takes a {type(value).__name__} that is decided at run time")
        for name, tensor in self._state.items():
            if tensor is value:
                return GraphInput("state", name, 0, tuple(value.shape), tuple(value.stride()))
        for position, given in enumerate(self._given):
            if given is value:
                return GraphInput("input", "", position, tuple(value.shape), tuple(value.stride()))
        raise NotExpressible("the graph takes a tensor that is neither an input nor in the state_dict")


class _Done(Exception):
    """The generated code was to run: by now it has been taken."""


def _layout(tensor: torch.Tensor) -> tuple[str, list[int], list[int]]:
    return str(tensor.dtype), list(tensor.shape), list(tensor.stride())


def _written(name: str, value: Any) -> tuple[str, list[int], list[Any]]:
    if not isinstance(value, torch.Tensor) or value.numel() > MAX_CONSTANT:
        raise NotExpressible(f"the constant {name} is too large to be written out")
    return str(value.dtype), list(value.shape), value.detach().reshape(-1).tolist()


def _structure(example: Any) -> str:
    if isinstance(example, torch.Tensor):
        return "tensor"
    if isinstance(example, tuple | list) and all(isinstance(v, torch.Tensor) for v in example):
        return "tuple" if isinstance(example, tuple) else "list"
    raise NotExpressible(f"forward returns a {type(example).__name__}")


def _flags() -> tuple[str, ...]:
    """Return the compiler flags of inductor that change what its kernels do; folders and libraries are the builder's."""
    from torch._inductor.cpp_builder import CppTorchOptions
    from torch._inductor.cpu_vec_isa import pick_vec_isa

    options = CppTorchOptions(vec_isa=pick_vec_isa(), warning_all=False)
    flags = [f"-{flag}" for flag in options.get_cflags() if flag[0] in "Ofm" and flag != "fPIC"]
    flags += [flag for given in options.get_passthrough_args() for flag in given.split() if flag.startswith("-m")]
    flags += [
        f"-D{name}" for name in ("NDEBUG", *options.get_definitions()) if name.startswith(("NDEBUG", "CPU_CAPABILITY"))
    ]
    return tuple(dict.fromkeys(flags))


def _cause(error: BaseException) -> BaseException:
    """Return what dynamo wrapped: the first of a chain of causes."""
    while (inner := getattr(error, "inner_exception", None) or error.__cause__) is not None:
        error = inner
    return error


def _first_line(error: BaseException) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return f"{type(error).__name__}: {lines[0][:200] if lines else ''}".rstrip(": ")


def main(request: str, answer: str) -> None:
    """Do what the file `request` asks, and write `answer`."""
    asked = json.loads(Path(request).read_text("utf-8"))
    try:
        found: dict[str, Any] = dataclasses.asdict(capture(asked["source"], asked["threads"], asked["mode"]))
    except NotExpressible as error:
        found = {"refused": str(error)}
    Path(answer).write_text(json.dumps(found), "utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
