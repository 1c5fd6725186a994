"""Turns a candidate's CUDA text into one that nvcc parses quickly: our declarations instead of torch's headers.

Lines stay where they are, so that messages name the candidate's own. Only text is looked at; what is not understood stays.
"""

import functools
import re
from collections.abc import Sequence
from dataclasses import dataclass

from harness.build import sourcemap
from harness.build.nvcc.toolchain import INCLUDE

HEADER = "harness_stub.h"
NAMES_HEADER = "harness_stub_names.h"
MAX_NAMES = 300

_TORCH_INCLUDE = re.compile(
    r"^([ \t]*#[ \t]*include[ \t]*)(?:[<\"](?:torch|ATen|c10|caffe2|pybind11)/[^>\"\n]*[>\"]|[<\"]Python\.h[>\"])",
    re.MULTILINE,
)
_HALF = re.compile(r"half|bfloat16|bf16", re.IGNORECASE)
_CALLED_MEMBER = re.compile(r"(?:\.|->)\s*([A-Za-z_][A-Za-z0-9_]{0,60})\s*\(")
_CALLED_FUNCTION = re.compile(r"\b(?:torch|at)\s*::\s*(?:\w{1,40}\s*::\s*){0,2}([a-z_][a-z0-9_]{0,60})\s*\(")
_DECLARED = re.compile(r"\b([A-Za-z_][A-Za-z0-9_]*)\s*\(")
_STANDARD = (
    ("string", r"\bstd::(?:string|to_string|sto[ifdl])|\bstd::(?:ostream|o?stringstream)"),
    ("functional", r"\bstd::(?:function|plus|multiplies|greater|less)\b"),
    (
        "algorithm",
        r"\bstd::(?:max|min|clamp|sort|fill|copy|swap|transform|any_of|all_of|find|reverse|max_element|min_element)\b",
    ),
    ("numeric", r"\bstd::(?:accumulate|iota|inner_product|partial_sum)\b"),
    ("array", r"\bstd::array\b"),
    ("memory", r"\bstd::(?:unique_ptr|shared_ptr|make_unique|make_shared)\b"),
    ("map", r"\bstd::map\b"),
    ("unordered_map", r"\bstd::unordered_map\b"),
    ("set", r"\bstd::set\b"),
    ("mutex", r"\bstd::(?:mutex|lock_guard|unique_lock|once_flag|call_once)\b"),
    ("iostream", r"\bstd::(?:cout|cerr|endl)\b"),
    ("sstream", r"\bstd::(?:o|i)?stringstream\b"),
    ("stdexcept", r"\bstd::(?:runtime_error|invalid_argument|logic_error|out_of_range)\b"),
    ("cstdio", r"\bf?printf\b"),
    ("cstring", r"\bmem(?:cpy|set)\b"),
    ("cassert", r"\bassert\b"),
    ("cfloat", r"\b(?:FLT|DBL)_(?:MAX|MIN|EPSILON)\b"),
    ("climits", r"\bU?INT_MAX\b|\bINT_MIN\b|\bU?LLONG_MAX\b"),
)
"""Standard headers that torch's bring along, each with what of it is in use: together they take 0.3 s to parse."""


@dataclass(frozen=True)
class Prepared:
    """What nvcc gets."""

    main: str
    """Text of the translation unit."""
    names: str
    """Text of `NAMES_HEADER`."""


def prepare(sources: Sequence[str], candidate_source: str) -> Prepared:
    """Return the texts for `sources`, the CUDA sources of one extension, in their order."""
    whole = "\n".join(sources)
    methods, inplace, functions = _names(whole)
    lines = [f"#define {macro}" for macro in (["HARNESS_STUB_HALF"] if _HALF.search(whole) else [])]
    lines += [f"#include <{header}>" for header, pattern in _STANDARD if re.search(pattern, whole)]
    lines += ["#define HARNESS_STUB_NAMES", "#include <cuda_runtime.h>", f'#include "{HEADER}"']
    for number, source in enumerate(sources):
        lines += [sourcemap.line_directive(source, candidate_source, f"cuda{number}.cu"), without_torch(source)]
    names = "#pragma once\n" + "".join(
        f"#define {macro}(F) {' '.join(f'F({name})' for name in found)}\n"
        for macro, found in (
            ("HARNESS_STUB_METHODS", methods),
            ("HARNESS_STUB_INPLACE", inplace),
            ("HARNESS_STUB_FUNCTIONS", functions),
        )
    )
    return Prepared("\n".join(lines) + "\n", names)


def without_torch(source: str) -> str:
    """Return `source` with our header in place of each of torch's; the number of lines stays."""
    return _TORCH_INCLUDE.sub(lambda m: f'{m[1]}"{HEADER}"', source)


def _names(source: str) -> tuple[list[str], list[str], list[str]]:
    """Return methods, in-place methods and functions that the source calls and the stubs do not declare.

    Whether torch has them is not our question: the source has been compiled with torch's own headers, or will be.
    """
    members = sorted(set(_CALLED_MEMBER.findall(source)) - _declared("tensor.h") - _KEYWORDS)[:MAX_NAMES]
    functions = sorted(
        set(_CALLED_FUNCTION.findall(source)) - _declared("functions.h", "cuda.h", "options.h") - _KEYWORDS
    )
    return (
        [name for name in members if not name.endswith("_")],
        [name for name in members if name.endswith("_")],
        functions[:MAX_NAMES],
    )


@functools.cache
def _declared(*headers: str) -> frozenset[str]:
    found: set[str] = set()
    for header in headers:
        text = (INCLUDE / "harness_stub" / header).read_text()
        found |= set(_DECLARED.findall(text))
        for name in re.findall(r"HARNESS_STUB_FACTORY\((\w+)\)", text):
            found |= {name, f"{name}_like"}
    return frozenset(found)


_KEYWORDS = frozenset(
    {"and", "catch", "decltype", "delete", "for", "if", "not", "operator", "or", "return", "sizeof", "switch", "while"}
)
"""What may stand before a parenthesis without being a function."""
