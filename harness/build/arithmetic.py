"""What each basic block of an emulated kernel computes, read off the instructions that the checked build has for it.

The checked build calls the runtime at the start of each basic block and neither vectorises nor splits across these calls, so
the instructions from one call to the next are the block's own. The emulation counts how often lanes run it. Together that is
the arithmetic of a launch by type, as compiled here: an operand that nvcc would fold away is counted, an address that x86
folds into a load is not.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from harness.build.nvcc.workbench import Workbench
from harness.build.symbols import Place, by_library

TRACE = "__sanitizer_cov_trace_pc"
_LINE = re.compile(r"\s*([0-9a-f]{1,16}):\s+([a-z][a-z0-9]{0,15})\b\s*([^#]{0,200})")
_FUNCTION = re.compile(r"[0-9a-f]{1,16} <")
_FUSED = re.compile(r"vfn?m(?:add|sub)(?:132|213|231)(s|p)(s|d)$")
_PLAIN = re.compile(r"v?(?:add|sub|mul|min|max)(s|p)(s|d)$")
_SLOW = re.compile(r"v?(?:div|sqrt|rcp|rsqrt|rcp14|rsqrt14)(?:s|p)(?:s|d)$")
_LIBM = re.compile(
    r"<_*(?:exp|exp2|exp10|expm1|log|log2|log10|log1p|pow|sin|cos|sincos|tan|tanh|sinh|cosh|asin|acos|atan|atan2|erf|erfc|cbrt"
    r"|sqrt|tgamma|lgamma)f?(?:_finite)?@plt>"
)
_INTEGER = re.compile(
    r"(?:add|sub|imul|mul|div|idiv|shl|sal|shr|sar|and|or|xor|not|neg|inc|dec|lea|andn|shlx|shrx|sarx|rol|ror|bswap|popcnt|lzcnt|"
    r"tzcnt)[bwlq]?$"
)
_SMALL = re.compile(r"<_ZL?\d{1,3}__h(fma|add|sub|mul|max|min|div)[a-z_]{0,8}(6__half|13__nv_bfloat16)")
"""Operations of 16 bits stay calls in the checked build: what they are made of here says nothing of a GPU."""


def operations_of(bench: Workbench, libraries: Sequence[str], places: Iterable[Place]) -> dict[Place, Counter[str]]:
    """Return what one lane computes in the basic block that reports itself at each of `places`; unknown places are left out.

    Raises:
        SandboxError: no process could be started.
    """
    found: dict[Place, Counter[str]] = {}
    for library, offsets in by_library(libraries, places).items():
        wanted = set(offsets)
        step = ["objdump", "-d", "--no-show-raw-insn", "library.so", ">", "code.txt"]
        ran = bench.run([step], {"library.so": Path(libraries[library]).read_bytes()}, ["code.txt"], [])
        for offset, operations in blocks(ran.outputs.get("code.txt", b"").decode(errors="replace")):
            if offset in wanted:
                found[library, offset] = operations
    return found


def blocks(text: str) -> Iterator[tuple[int, Counter[str]]]:
    """Yield (offset of the last byte of the call that reports a block, operations by type) of a disassembly.

    Types: `fp32`, `fp64`, `fp16`, `bf16` and `integer` operations, a fused multiply-add being two, and `special` functions:
    divisions, roots and calls of libm.
    """
    block: tuple[int, Counter[str]] | None = None
    reported = False
    for line in text.splitlines():
        if (instruction := _LINE.match(line)) is None:
            if _FUNCTION.match(line) and block is not None:
                yield block
                block = None
            continue
        address, name, operands = int(instruction[1], 16), instruction[2], instruction[3]
        if reported:  # the first instruction behind the call: its address less one is what the emulation reports
            block = address - 1, Counter()
        reported = name.startswith("call") and TRACE in operands
        if block is None:
            continue
        if not reported:
            _count(block[1], name, operands)
        if reported or name.startswith(("ret", "jmp")):
            yield block
            block = None
    if block is not None:
        yield block


def _count(operations: Counter[str], name: str, operands: str) -> None:
    fused = _FUSED.match(name)
    if match := fused or _PLAIN.match(name):
        lanes = 1 if match[1] == "s" else _lanes(operands, 4 if match[2] == "s" else 8)
        operations["fp32" if match[2] == "s" else "fp64"] += lanes * (2 if fused else 1)
    elif _SLOW.match(name) or (name.startswith("call") and _LIBM.search(operands)):
        operations["special"] += 1
    elif name.startswith("call") and (small := _SMALL.search(operands)):
        kind = "special" if small[1] == "div" else "fp16" if small[2].endswith("half") else "bf16"
        operations[kind] += 2 if small[1] == "fma" else 1
    elif _INTEGER.match(name) and not re.search(r"%[re]sp\b", operands) and not _clears(name, operands):
        operations["integer"] += 1


def _lanes(operands: str, bytes_: int) -> int:
    width = 64 if "%zmm" in operands else 32 if "%ymm" in operands else 16
    return width // bytes_


def _clears(name: str, operands: str) -> bool:
    """Whether this is how x86 spells a zero: `xor %eax,%eax`."""
    words = [word.strip() for word in operands.split(",")]
    return name.startswith(("xor", "sub")) and len(words) == 2 and words[0] == words[1]
