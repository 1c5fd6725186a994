"""Which compiler and linker flags a candidate may bring.

`-wrapper`, `-fplugin`, `-fmodule-mapper`, `-B`, `@file` and their like run programs or read and write files at compile time.
What names a file or a program does so in a value, so that values are allowed by name; switches without a value are allowed
unless they write files or change the order of things.
"""

import re
import shlex

_SWITCH = re.compile(
    r"-O[0-3sg]?|-Ofast|-m(?!llvm)[a-z0-9][\w.+=-]*|-W[a-z][\w=+-]*|-w|-pthread|-pedantic|-ansi|-fPIC"
    r"|-f(?!plugin|dump|profile|branch-prob|sanitize|auto-profile|self-test|stack-usage|tree-parallelize|module|opt-info"
    r"|save-|callgraph-info|test-coverage|coverage|compare-debug|pch-|preprocessed|directives-only|syntax-only|diagnostics"
    r"|offload|use-|mem-report|time-|report-bug|dbg-cnt|working-directory|linker-output|load|pass-|proc-stat|crash-"
    r"|xray|split-dwarf|disable-|enable-|help)[a-z][\w+-]*"
)
_VALUED = re.compile(
    r"-f(?:abi-version|align-(?:functions|jumps|labels|loops)|cf-protection|constexpr-(?:cache-depth|depth|loop-limit|ops-limit)"
    r"|denormal-fp-math|diagnostics-color|excess-precision|fp-contract|inline-limit|ira-algorithm|ira-region|lto|max-errors"
    r"|openmp|pack-struct|reorder-blocks-algorithm|simd-cost-model|stack-reuse|template-backtrace-limit|template-depth"
    r"|tls-model|trivial-auto-var-init|veclib|vect-cost-model|visibility|zero-call-used-regs)=[\w,.:+-]*"
)
MAX_FLAGS = 200
"""More than anybody has; the command line is finite."""
_DEFINE = re.compile(r"-D([A-Za-z_]\w*)(?:=(.*))?", re.DOTALL)
_UNDEFINE = re.compile(r"-U[A-Za-z_]\w*")
_STANDARD = re.compile(r"-std=(?:c|gnu)\+\+(\w+)")
_LINK = re.compile(
    r"-fopenmp|-l(?:gomp|m|pthread|stdc\+\+|c10|torch|torch_cpu)|-pthread|-O[0-3]|-Wl,-O1|-march=native|-s"
)
_VENDOR = re.compile(r"-l(cublas(?:Lt)?|cudnn|cusparse|cusolver|cufft|curand|nvrtc|nccl)")
"""Libraries of NVIDIA's; where they are, a GPU is."""
_OLD_STANDARDS = {"98", "03", "0x", "11", "1y", "14", "1z", "17", "2a", "20"}


class FlagRefused(ValueError):
    """A flag that is not allowed; the message names it."""


def compile_flags(given: list[str]) -> tuple[list[str], list[str]]:
    """Return the allowed flags, and macro definitions as `#define` lines (they come after the precompiled header).

    Debug information and standards up to C++20 are dropped: torch needs C++20, and neither changes what the code does.

    Raises:
        FlagRefused: a flag is not on the list, or there are more than `MAX_FLAGS`.
    """
    flags: list[str] = []
    defines: list[str] = []
    for flag in split_flags(given):
        if (define := _DEFINE.fullmatch(flag)) and not set("\n\r\\") & set(flag):
            defines.append(f"#define {define[1]} {define[2] if define[2] is not None else 1}")
        elif _UNDEFINE.fullmatch(flag):
            defines.append(f"#undef {flag[2:]}")
        elif re.fullmatch(r"-g\d?|-ggdb\d?", flag):
            continue
        elif standard := _STANDARD.fullmatch(flag):
            if standard[1] not in _OLD_STANDARDS:
                flags.append(flag)
        elif _SWITCH.fullmatch(flag) or _VALUED.fullmatch(flag):
            flags.append(flag)
        else:
            raise FlagRefused(f"compiler flag {flag!r} is not allowed")
    return flags, defines


def link_flags(given: list[str]) -> list[str]:
    """Return the allowed linker flags.

    Raises:
        FlagRefused: a flag is not on the list, or there are more than `MAX_FLAGS`.
    """
    words = split_flags(given)
    for flag in words:
        if not _LINK.fullmatch(flag):
            if vendor := _VENDOR.fullmatch(flag):
                raise FlagRefused(f"uses {vendor[1]}, which the emulation does not have")
            raise FlagRefused(f"linker flag {flag!r} is not allowed")
    return [flag for flag in words if flag != "-s"]


def split_flags(given: list[str]) -> list[str]:
    """Split as the shell does through which torch passes them: `"-O3 -ffast-math"` is two flags."""
    try:
        words = [word for flag in given for word in shlex.split(flag)]
    except ValueError as error:
        raise FlagRefused(f"flags cannot be read: {error}") from None
    if len(words) > MAX_FLAGS:
        raise FlagRefused(f"{len(words)} flags are more than the {MAX_FLAGS} that are taken")
    return words
