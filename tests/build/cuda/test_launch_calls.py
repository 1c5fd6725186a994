"""A kernel that is launched by a function call keeps its type."""

import pytest

from harness.build.cuda.translate import Translator


@pytest.mark.parametrize(
    ("given", "want"),
    [
        ("cudaLaunchCooperativeKernel((void*)k, g, b, a)", "cudaLaunchCooperativeKernel(k, g, b, a)"),
        ("cudaLaunchKernel((const void *)k<float, 2>, g, b, a, 0, s)", "cudaLaunchKernel(k<float, 2>, g, b, a, 0, s)"),
        ("cudaLaunchKernel(reinterpret_cast<void*>(&k), g, b, a)", "cudaLaunchKernel((&k), g, b, a)"),
        ("cudaLaunchKernel(static_cast<const void*>(k), g, b, a)", "cudaLaunchKernel((k), g, b, a)"),
        ("cudaLaunchKernel((f)(k), g, b, a)", "cudaLaunchKernel((f)(k), g, b, a)"),
        ("cudaLaunchKernel(k, g, b, (void**)a)", "cudaLaunchKernel(k, g, b, (void**)a)"),
        ("cudaLaunchKernel(", "cudaLaunchKernel("),
    ],
)
def test_the_cast_goes_and_nothing_else(given: str, want: str) -> None:
    assert Translator().device(f"void f() {{ {given}; }}" if given.endswith(")") else given).find(want) >= 0
