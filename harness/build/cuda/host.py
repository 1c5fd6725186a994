"""What asks for a CUDA tensor or device is made to hold for CPU tensors, which is what the emulation computes on."""

import re

from harness.build.cuda.region import Region
from harness.build.cuda.tokens import Kind

_SWAPPED = {"is_cuda": "is_cpu", "is_cpu": "is_cuda"}
_DISPATCH_KEYS = {"CUDA": "CPU", "AutogradCUDA": "AutogradCPU", "SparseCUDA": "SparseCPU"}
_LIBRARY_MACROS = {"TORCH_LIBRARY_IMPL", "STABLE_TORCH_LIBRARY_IMPL"}
MAX_QUALIFIERS = 8
"""Tokens before a name that say where it is from."""
_DEVICE = re.compile(r'"cuda(:\d+)?"')


def rewrite_host(region: Region) -> None:
    """Rewrite the questions about devices in `region`."""
    for index, token in enumerate(region.tokens):
        new = None
        if token.kind is Kind.WORD:
            new = _word(region, index, token.text)
        elif token.kind is Kind.STRING and _DEVICE.fullmatch(token.text):
            new = '"cpu"'
        if new is not None:
            region.edits.replace(token.start, token.end, new)


def _word(region: Region, index: int, text: str) -> str | None:
    before, after = region.text(index - 1), region.text(index + 1)
    if before in {".", "->"}:
        if text in _SWAPPED and after == "(":
            return _SWAPPED[text]
        if text == "type" and [region.text(index + i) for i in range(1, 5)] == ["(", ")", ".", "is_cuda"]:
            return "device"  # the deprecated type has no is_cpu
        return "cpu" if text == "cuda" and after == "(" else None
    if text == "kCUDA":
        return "kCPU"
    if text == "kCPU" and _compared(region, index):
        return "kCUDA"
    if text in _DISPATCH_KEYS:
        qualified = before == "::" and region.text(index - 2) in {"DeviceType", "DispatchKey", "Backend"}
        in_macro = before == "," and region.text(index - 4) in _LIBRARY_MACROS
        return _DISPATCH_KEYS[text] if qualified or in_macro else None
    if text == "__noinline__" and before != "(":
        return "__attribute__((noinline))"
    return None


def _compared(region: Region, index: int) -> bool:
    """Whether the device at `index`, with its namespace, is compared with another."""
    first = index
    while region.text(first - 1) == "::" and index - first < MAX_QUALIFIERS:
        first -= 2 if region.is_word(first - 2) else 1
    return region.text(first - 1) in {"==", "!="} or region.text(index + 1) in {"==", "!="}
