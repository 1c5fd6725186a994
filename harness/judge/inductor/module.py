"""The module that is handed in: its head, the extension with the kernels, the function that calls them, and `ModelNew`."""

import re
from collections.abc import Sequence

from harness.judge.inductor.captured import Captured, Kernel, NotExpressible

PRELUDE = {
    "aten": "aten = torch.ops.aten",
    "assert_size_stride": "assert_size_stride = torch._C._dynamo.guards.assert_size_stride",
    "assert_alignment": "assert_alignment = torch._C._dynamo.guards.assert_alignment",
    "empty_strided_cpu": "empty_strided_cpu = torch._C._dynamo.guards._empty_strided_cpu",
    "reinterpret_tensor": "reinterpret_tensor = torch._C._dynamo.guards._reinterpret_tensor",
    "math": "import math",
    "inf": "from math import inf",
    "nan": "from math import nan",
    "device": "from torch import device",
    "empty_strided": "from torch import empty_strided",
}
"""Names of inductor's wrapper, and what defines them without importing inductor."""
BIAS_ADDMM = '''
def bias_addmm(bias, a, b, *, out=None, alpha=1, beta=1):
    """A bias that is broadcast over rows goes to the faster form, as inductor does it."""
    if bias.stride(0) == 0 or bias.size(0) == 1:
        return torch.addmm(bias[0], a, b, out=out, alpha=alpha, beta=beta)
    return torch.addmm(bias, a, b, out=out, alpha=alpha, beta=beta)
'''
_HEADING = '''"""{name}: the kernels that torch.compile ({mode}) of torch {version} generates.

Written by inductor for {threads} thread(s) of the machine that it ran on; no model was asked.
"""
'''


def module(captured: Captured, name: str, kernels: Sequence[Kernel], used: Sequence[str], body: str) -> str:
    """Return the text of a module whose function `compiled` has the statements `body`; `used` are the names of `PRELUDE`.

    Raises:
        NotExpressible: a kernel's text cannot stand in a Python string.
    """
    parts = [
        _HEADING.format(name=name, mode=captured.mode, version=captured.torch_version, threads=captured.threads),
        "import torch\nimport torch.nn as nn",
        *(["from torch.utils.cpp_extension import load_inline"] if kernels else []),
        *(PRELUDE[each] for each in used),
        *([BIAS_ADDMM] if "bias_addmm" in body else []),
        *(_constant(each, *value) for each, value in captured.constants.items()),
        *([_extension(kernels, captured.cflags)] if kernels else []),
        _compiled(body),
        _model(captured),
    ]
    return "\n".join(parts) + "\n"


def _constant(name: str, dtype: str, sizes: list[int], values: list[float]) -> str:
    written = ", ".join(_number(value) for value in values)
    return f"{name} = torch.tensor([{written}], dtype={dtype}).reshape({tuple(sizes)})"


def _number(value: float) -> str:
    return repr(value) if value == value and abs(value) != float("inf") else f"float({str(value)!r})"


def _extension(kernels: Sequence[Kernel], cflags: tuple[str, ...]) -> str:
    includes: dict[str, None] = {}
    parts: list[str] = []
    for kernel in kernels:
        lines = kernel.text.strip().splitlines()
        includes |= dict.fromkeys(line.strip() for line in lines if line.lstrip().startswith("#include"))
        body = "\n".join(line for line in lines if not line.lstrip().startswith("#include"))
        body = re.sub(r'extern\s+"C"\s*', "", body)
        parts += [f"namespace {kernel.name}_ {{\n{body}\n}}\n", _binding(kernel), ""]
    text = "\n".join([*includes, "#include <torch/types.h>", "", *parts])
    if '"""' in text:
        raise NotExpressible("a kernel's text cannot be written in Python")
    names = ", ".join(f'"{kernel.name}"' for kernel in kernels)
    flags = ", ".join(f'"{flag}"' for flag in cflags)
    loaded = "\n".join(f"{kernel.name} = _kernels.{kernel.name}" for kernel in kernels)
    return (
        f'\nsource = r"""\n{text}"""\n'
        f'_kernels = load_inline(\n    name="inductor_kernels",\n    cpp_sources=source,\n    functions=[{names}],\n'
        f"    extra_cflags=[{flags}],\n)\n{loaded}\n"
    )


def _binding(kernel: Kernel) -> str:
    """Return the function that Python calls: tensors become the pointers that the kernel takes."""
    parameters, given = [], []
    for number, kind in enumerate(kernel.arguments):
        if kind.endswith("*"):
            parameters.append(f"const torch::Tensor& a{number}")
            given.append(f"({kind})a{number}.data_ptr()")
        else:
            wide = "double" if re.search(r"\b(?:float|double)\b", kind) else "int64_t"
            parameters.append(f"{wide} a{number}")
            given.append(f"({kind})a{number}")
    return f"void {kernel.name}({', '.join(parameters)}) {{\n  {kernel.name}_::kernel({', '.join(given)});\n}}"


def _compiled(body: str) -> str:
    return "\ndef compiled(args):\n" + "\n".join(f"    {line}" for line in body.splitlines()) + "\n"


_LAID_OUT = '''
def laid_out(x, sizes, strides):
    """Bring an input into the layout that the kernels were generated for; torch.compile generates others instead."""
    if x.stride() == strides:
        return x
    return torch.empty_strided(sizes, strides, dtype=x.dtype).copy_(x)


def place(model, name, tensor, is_parameter):
    """Give a model a parameter or buffer under a dotted name."""
    *path, last = name.split(".")
    for part in path:
        if not hasattr(model, part):
            model.add_module(part, nn.Module())
        model = getattr(model, part)
    if is_parameter:
        model.register_parameter(last, nn.Parameter(tensor, requires_grad=False))
    else:
        model.register_buffer(last, tensor)
'''


def _model(captured: Captured) -> str:
    lines = [_LAID_OUT, "", "class ModelNew(nn.Module):", "    def __init__(self, *_):", "        super().__init__()"]
    for name, (dtype, sizes, strides) in captured.state.items():
        empty = f"torch.empty_strided({tuple(sizes)}, {tuple(strides)}, dtype={dtype}).zero_()"
        lines.append(f'        place(self, "{name}", {empty}, {name in captured.parameters})')
    given: list[str] = []
    needed = 1 + max((i.position for i in captured.inputs if i.kind == "input"), default=-1)
    arguments = ", ".join([*(f"x{n}" for n in range(needed)), "*_"])
    for each in captured.inputs:
        if each.kind == "state":
            given.append("self." + each.name if _is_plain(each.name) else _getter(each.name))
        else:
            given.append(f"laid_out(x{each.position}, {each.sizes}, {each.strides})")
    lines += ["", f"    def forward(self, {arguments}):", f"        return compiled([{', '.join(given)}])"]
    return "\n".join(lines)


def _is_plain(name: str) -> bool:
    return all(part.isidentifier() for part in name.split("."))


def _getter(name: str) -> str:
    """Return an expression for a dotted name with parts such as `0`, of an `nn.Sequential`."""
    text = "self"
    for part in name.split("."):
        text = f"{text}.{part}" if part.isidentifier() else f'getattr({text}, "{part}")'
    return text
