"""What the preprocessor leaves out: decided where nvcc's macros and the source's own numbers suffice, else both count."""

import pytest

from harness.build.cuda.conditions import inactive, predefined
from harness.build.cuda.tokens import tokenise


def left_out(source: str) -> list[str]:
    return [word for start, end in inactive(tokenise(source)) for word in source[start:end].split() if word in "abcd"]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("#if 0\na\n#else\nb\n#endif\nc", ["a"]),
        ("#if 1\na\n#elif 1\nb\n#else\nc\n#endif", ["b", "c"]),
        ("#if 0\na\n#elif 0\nb\n#else\nc\n#endif", ["a", "b"]),
        ("#ifdef __CUDACC__\na\n#else\nb\n#endif", ["b"]),
        ("#ifndef __CUDA_ARCH__\na\n#endif", ["a"]),
        ("#if defined(__CUDA_ARCH__) && (__CUDA_ARCH__ >= 1000)\na\n#endif", ["a"]),
        ("#if defined __CUDA_ARCH__ && __CUDA_ARCH__ >= 700\na\n#else\nb\n#endif", ["b"]),
        ("#if !defined(__CUDA_ARCH__) || __CUDA_ARCH__ < 600\na\n#endif", ["a"]),
        ("#ifdef USE_ROCM\na\n#endif", ["a"]),
        ("#if CUDART_VERSION >= 13000\na\n#else\nb\n#endif", ["a"]),
        # Not decided: both branches count.
        ("#ifdef WHO_KNOWS\na\n#else\nb\n#endif", []),
        ("#if WHO_KNOWS > 3\na\n#endif", []),
        ("#if 0 && WHO_KNOWS\na\n#endif", ["a"]),
        ("#if 1 || WHO_KNOWS\na\n#else\nb\n#endif", ["b"]),
        ("#if WHO_KNOWS\na\n#elif 0\nb\n#else\nc\n#endif", ["b"]),
        # The source's own numbers.
        ("#define TILE 16\n#if TILE == 16\na\n#else\nb\n#endif", ["b"]),
        ("#define TILE 16\n#undef TILE\n#if TILE == 16\na\n#endif", []),
        ("#ifndef TILE\n#define TILE 16\n#endif\n#if TILE == 32\na\n#endif", []),
        ("#define A B\n#if A\na\n#endif\n#ifdef A\nb\n#else\nc\n#endif", ["c"]),
        ("#if 0\n#define X 1\n#endif\n#if X\na\n#endif", []),
        # Nested, and arithmetic.
        ("#if 0\n#if 1\na\n#else\nb\n#endif\nc\n#endif\nd", ["a", "b", "c"]),
        ("#if 2 + 3 * 4 == 14 && -1 < 0 && (1 << 4) == 0x10 && 010 == 8\n#else\na\n#endif", ["a"]),
        ("#if 7 / 2 != 3 || 7 % 4 != 3\na\n#endif", ["a"]),
        # Nonsense is not decided.
        ("#if 1 / 0\na\n#endif", []),
        ("#if 08\na\n#endif", []),
        ("#if (((1\na\n#endif", []),
        ("#if 1 1\na\n#endif", []),
        ("#if 1 << 999\na\n#endif", []),
        ("#if\na\n#endif", []),
        ("#endif\n#else\n#elif 1\na", []),
        ("#if 0\na", ["a"]),
        ("#if " + "(" * 300 + "\na\n#endif", []),
    ],
)
def test_branches(source: str, expected: list[str]) -> None:
    assert left_out(source) == expected


def test_the_numbers_are_those_of_the_headers() -> None:
    assert {"__CUDACC__", "__CUDA_ARCH__", "CUDA_VERSION"} <= predefined().keys()
