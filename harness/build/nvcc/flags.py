"""Which of a candidate's nvcc flags matter to static facts: not architectures, which are ours to choose, nor host flags."""

import re
import shlex
from collections.abc import Sequence

TORCH_FLAGS = (
    *("-D__CUDA_NO_HALF_OPERATORS__", "-D__CUDA_NO_HALF_CONVERSIONS__", "-D__CUDA_NO_BFLOAT16_CONVERSIONS__"),
    *("-D__CUDA_NO_HALF2_OPERATORS__", "--expt-relaxed-constexpr"),
)
"""What torch's `load_inline` passes to nvcc, so that what it would reject there is rejected here."""
STANDARD = "-std=c++20"
MAX_FLAGS = 60

_DEFINE = re.compile(r"-[DU][A-Za-z_]\w{0,99}(?:=[\w.+\-\"']{0,100})?")
_PLAIN = re.compile(
    r"--?use_fast_math|-O[0-3]|--?(?:ftz|fmad|prec-div|prec-sqrt)=(?:true|false)|--?expt-relaxed-constexpr"
    r"|--?(?:expt-extended-lambda|extended-lambda)|--?maxrregcount=\d{1,3}|--?extra-device-vectorization|--?default-stream=[\w-]{1,20}"
)
_ASSEMBLER = re.compile(
    r"-O[0-3]|-?-?(?:dlcm|dscm)=\w{1,3}|--?maxrregcount=\d{1,3}|--?allow-expensive-optimizations=(?:true|false)"
)
_STANDARDS = re.compile(r"--?std=(?:c|gnu)\+\+(?:14|17|20)")
_SUFFIXED = re.compile(r"(?:sm|compute)_(\d{2,3})([af])\b")


def nvcc_flags(given: Sequence[str]) -> list[str]:
    """Return the flags to compile with: torch's and those of `given` that change device code."""
    flags, standard = list(TORCH_FLAGS), STANDARD
    words = iter(_words(given))
    for word in words:
        if word in {"-maxrregcount", "--maxrregcount"}:
            word = f"--maxrregcount={next(words, '')}"
        if word in {"-Xptxas", "--ptxas-options"}:
            flags += _for_assembler(next(words, ""))
        elif word.startswith(("-Xptxas=", "--ptxas-options=")):
            flags += _for_assembler(word.partition("=")[2])
        elif _STANDARDS.fullmatch(word):
            standard = word
        elif _DEFINE.fullmatch(word) or _PLAIN.fullmatch(word):
            flags.append(word)
    return [*flags, standard, "--expt-extended-lambda"]


def real_arch(arch: str, given: Sequence[str]) -> str:
    """Return `sm_90a` for `sm_90` where the candidate's own flags name that variant, whose instructions it may use."""
    variants = {
        f"sm_{number}": f"sm_{number}{letter}" for number, letter in _SUFFIXED.findall(" ".join(given)[:10_000])
    }
    return variants.get(arch, arch)


def _for_assembler(options: str) -> list[str]:
    return [f"-Xptxas={option}" for option in options.split(",") if _ASSEMBLER.fullmatch(option)]


def _words(given: Sequence[str]) -> list[str]:
    try:
        return [word for flag in given for word in shlex.split(flag)][:MAX_FLAGS]
    except ValueError:  # an open quotation mark; nvcc would not see these flags either
        return []
