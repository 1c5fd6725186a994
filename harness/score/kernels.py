"""Which launch belongs to which compiled kernel: the two are named by different compilers.

Pure. A launch is named as it was written, with the template arguments that its author gave; the binary knows all of them.
"""

import re
from collections.abc import Sequence

from harness.build.nvcc.names import split_name
from harness.models import KernelProfile, StaticFacts

_NAMESPACE = re.compile(r"(?:\(anonymous namespace\)|\b[A-Za-z_]\w*)::")
_LITERAL = re.compile(r"(?:\([\w ]+\))?(-?\d+)[uUlL]*")
_SPELLINGS = {
    "long int": "long", "long unsigned int": "unsigned long", "unsigned int": "unsigned", "short int": "short",
    "short unsigned int": "unsigned short", "long long int": "long long", "int64_t": "long", "int32_t": "int",
    "uint8_t": "unsigned char", "__half": "half", "__nv_bfloat16": "bfloat16", "nv_bfloat16": "bfloat16",
}  # fmt: skip
"""g++'s and the source's names of types -> one of them."""


def launches_of(fact: StaticFacts, kernels: Sequence[KernelProfile]) -> list[KernelProfile]:
    """Return the launches of the kernel that `fact` is about.

    Template arguments that a launch names must agree; those that it left to the compiler are not compared. Triton's
    specialisations are told apart by their constants, where both sides have them.
    """
    named = [kernel for kernel in kernels if same_kernel(kernel.kernel, fact.kernel)]
    if fact.constants:
        named = [
            k for k in named if all(fact.constants.get(name, value) == value for name, value in k.constants.items())
        ]
    return named


def same_kernel(launched: str, compiled: str) -> bool:
    """Whether `launched`, as the source names it, may be `compiled`, as the binary does."""
    wanted_base, wanted = _parts(launched)
    base, given = _parts(compiled)
    if base != wanted_base or (len(wanted) > len(given) and given):
        return False
    return all(a == b or "lambda" in a + b for a, b in zip(wanted, given, strict=False))


def _parts(name: str) -> tuple[str, list[str]]:
    """Return the name without arguments, and the arguments in one spelling."""
    base, arguments = split_name(_NAMESPACE.sub("", name))
    return base, [_spelling(argument) for argument in arguments]


def _spelling(argument: str) -> str:
    if literal := _LITERAL.fullmatch(argument):
        return literal[1]
    return _SPELLINGS.get(argument, argument).replace(" ", "")
