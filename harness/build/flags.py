"""Which compiler and linker flags a candidate may bring.

An allow list: `-wrapper`, `-fplugin`, `-B`, `@file` and their like run programs or read files at compile time.
"""

import re

_COMPILE = re.compile(
    r"-O[0-3sg]?|-Ofast|-m[a-z0-9][\w.+=-]*|-f(?!plugin|dump|profile|sanitize|auto-profile|self-test|stack-usage|tree-parallelize)"
    r"[a-z][\w=,.+-]*|-W[a-z][\w=+-]*|-w|-pthread|-pedantic|-ansi"
)
_DEFINE = re.compile(r"-D([A-Za-z_]\w*)(?:=(.*))?", re.DOTALL)
_UNDEFINE = re.compile(r"-U[A-Za-z_]\w*")
_STANDARD = re.compile(r"-std=(?:c|gnu)\+\+(\w+)")
_LINK = re.compile(
    r"-fopenmp|-l(?:gomp|m|pthread|stdc\+\+|c10|torch|torch_cpu)|-pthread|-O[0-3]|-Wl,-O1|-march=native|-s"
)
_OLD_STANDARDS = {"98", "03", "0x", "11", "1y", "14", "1z", "17", "2a", "20"}


class FlagRefused(ValueError):
    """A flag that is not allowed; the message names it."""


def compile_flags(given: list[str]) -> tuple[list[str], list[str]]:
    """Return the allowed flags, and macro definitions as `#define` lines (they come after the precompiled header).

    Debug information and standards up to C++20 are dropped: torch needs C++20, and neither changes what the code does.

    Raises:
        FlagRefused: a flag is not on the list.
    """
    flags: list[str] = []
    defines: list[str] = []
    for flag in given:
        flag = flag.strip()
        if (define := _DEFINE.fullmatch(flag)) and "\n" not in flag:
            defines.append(f"#define {define[1]} {define[2] if define[2] is not None else 1}")
        elif _UNDEFINE.fullmatch(flag):
            defines.append(f"#undef {flag[2:]}")
        elif re.fullmatch(r"-g\d?|-ggdb\d?", flag) or not flag:
            continue
        elif standard := _STANDARD.fullmatch(flag):
            if standard[1] not in _OLD_STANDARDS:
                flags.append(flag)
        elif _COMPILE.fullmatch(flag):
            flags.append(flag)
        else:
            raise FlagRefused(f"compiler flag {flag!r} is not allowed")
    return flags, defines


def link_flags(given: list[str]) -> list[str]:
    """Return the allowed linker flags.

    Raises:
        FlagRefused: a flag is not on the list.
    """
    for flag in given:
        if flag.strip() and not _LINK.fullmatch(flag.strip()):
            raise FlagRefused(f"linker flag {flag!r} is not allowed")
    return [flag.strip() for flag in given if flag.strip() and flag.strip() not in {"-s"}]
