"""Which of nvcc's flags a candidate may bring, and what they come to for the emulation.

What chooses a GPU, an optimisation or a report means nothing here and is dropped. Fast mathematics is dropped too: the
emulation computes more exactly than the flag promises, and g++'s flag of that kind would do what nvcc's does not (it assumes
that there are no infinities). Whatever runs a program or reads a file of somebody else's is refused by name.
"""

import re

from harness.build import flags
from harness.build.flags import FlagRefused

_DROPPED = re.compile(
    r"-O[0-3sg]?|-Ofast|-g|-G|-lineinfo|--generate-line-info|-line-info|--device-debug|--debug|-v|--verbose|-w|-keep"
    r"|--disable-warnings|-use_fast_math|--use_fast_math|--extra-device-vectorization|-extra-device-vectorization"
    r"|-(?:-)?(?:expt-relaxed-constexpr|expt-extended-lambda|extended-lambda|extended-int128|restrict|source-in-ptx)"
    r"|-(?:-)?(?:ftz|prec-div|prec-sqrt|fmad|maxrregcount|std|arch|gpu-architecture|gencode|generate-code|gpu-code|code"
    r"|threads|split-compile|ptxas-options|optimize|diag-suppress|diag-error|diag-warn|default-stream|rdc"
    r"|relocatable-device-code|dopt|cudart|res-usage|resource-usage|Wno-deprecated-gpu-targets|compress-mode|fatbin-options"
    r"|split-compile-extended|opt-info|minimal|display-error-number|no-display-error-number|dlto|allow-unsupported-compiler"
    r")(?:=.*)?|-lto|-t\d+|-t=\d+|-Xptxas=.*|-Xnvlink=.*|-m64|--machine=64|-Xcudafe=.*|-Xfatbin=.*|-W[\w=+-]*",
    re.DOTALL,
)
_DROPPED_WITH_VALUE = {
    "-arch", "--gpu-architecture", "-gencode", "--generate-code", "-code", "--gpu-code", "-std", "--std", "-maxrregcount",
    "--maxrregcount", "-Xptxas", "--ptxas-options", "-t", "--threads", "-Xcudafe", "-diag-suppress", "--diag-suppress",
    "-Xnvlink", "--nvlink-options", "-Xfatbin", "--fatbin-options", "-ftz", "--ftz", "-prec-div", "--prec-div", "-prec-sqrt",
    "--prec-sqrt", "-fmad", "--fmad", "-rdc", "--relocatable-device-code", "-default-stream", "--default-stream", "-O",
    "--optimize", "-m", "--machine", "-I", "-isystem", "--include-path", "-cudart", "--cudart", "-diag-error", "-diag-warn",
    "-dopt", "--dopt",
}  # fmt: skip
_HOST = {"-Xcompiler", "--compiler-options"}
_FAST_MATH = {"-use_fast_math", "--use_fast_math"}
_DEFINES = {"-D", "--define-macro", "-U", "--undefine-macro"}


def cuda_flags(given: list[str]) -> list[str]:
    """Return the macro definitions among `given` as preprocessor lines; all else that is allowed comes to nothing here.

    Raises:
        FlagRefused: a flag is not one of nvcc's, or not allowed.
    """
    defines: list[str] = []
    words = flags.split_flags(given)
    position = 0
    while position < len(words):
        word = words[position]
        position += 1
        value = words[position] if position < len(words) else ""
        if word in _FAST_MATH:
            defines.append("#define __USE_FAST_MATH__ 1")
        elif word in _DEFINES:
            defines += flags.compile_flags([f"-{'D' if 'D' in word or 'define' in word[:8] else 'U'}{value}"])[1]
            position += 1
        elif word.startswith(("-D", "-U")):
            defines += _definition(word)
        elif word in _HOST or word.startswith(("-Xcompiler=", "--compiler-options=")):
            inner = word.partition("=")[2] if "=" in word else value
            position += "=" not in word
            defines += flags.compile_flags([part for part in inner.split(",") if part])[1]
        elif word in _DROPPED_WITH_VALUE:
            position += 1
        elif not (_DROPPED.fullmatch(word) or word.startswith(("-I", "-isystem", "-gencode=", "-std="))):
            raise FlagRefused(f"nvcc flag {word!r} is not allowed")
    return defines


def _definition(word: str) -> list[str]:
    if any(c in word for c in "\n\r\\"):
        raise FlagRefused(f"nvcc flag {word!r} is not allowed")
    name, equals, value = word[2:].partition("=")
    if not re.fullmatch(r"[A-Za-z_]\w*(?:\([\w, .]*\))?", name):
        raise FlagRefused(f"nvcc flag {word!r} is not allowed")
    if word.startswith("-U"):
        return [f"#undef {name}"]
    return [f"#define {name} {value if equals else 1}"]
