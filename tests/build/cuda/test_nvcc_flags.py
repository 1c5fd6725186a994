"""nvcc's flags: definitions are kept, what chooses a GPU or an optimisation is dropped, the rest is refused by name."""

import pytest

from harness.build.cuda.nvcc_flags import cuda_flags
from harness.build.flags import FlagRefused


@pytest.mark.parametrize(
    ("flags", "defines"),
    [
        (["-O3", "--use_fast_math", "-lineinfo"], ["#define __USE_FAST_MATH__ 1"]),
        (
            [
                "-gencode",
                "arch=compute_90a,code=sm_90a",
                "-gencode=arch=compute_80,code=sm_80",
                "-arch=sm_90",
                "-arch",
                "native",
            ],
            [],
        ),
        (["-std=c++17", "--std=c++20", "-std", "c++17", "--expt-relaxed-constexpr", "--expt-extended-lambda"], []),
        (
            [
                "-Xptxas",
                "-v,-O3",
                "--ptxas-options=-v",
                "-maxrregcount=64",
                "--maxrregcount",
                "32",
                "-t=4",
                "--threads",
                "8",
            ],
            [],
        ),
        (["-Xcompiler", "-O3,-Wall,-fopenmp", "-Xcompiler=-fPIC", "--compiler-options", "-fPIC"], []),
        (["-Xcompiler", "-DFROM_HOST=2"], ["#define FROM_HOST 2"]),
        (
            ["-DN=4", "-DFLAG", "-D", "M=5", "--define-macro", "K", "-UOLD", "-U", "OLDER"],
            [
                "#define N 4",
                "#define FLAG 1",
                "#define M 5",
                "#define K 1",
                "#undef OLD",
                "#undef OLDER",
            ],
        ),
        (["-O3 -DN=4"], ["#define N 4"]),
        (
            ["-U__CUDA_NO_HALF_OPERATORS__", "-U__CUDA_NO_HALF_CONVERSIONS__"],
            [
                "#undef __CUDA_NO_HALF_OPERATORS__",
                "#undef __CUDA_NO_HALF_CONVERSIONS__",
            ],
        ),
        (
            [
                "-I/usr/local/cuda/include",
                "-I",
                "/x",
                "-w",
                "-diag-suppress=177",
                "-fmad=false",
                "-ftz=true",
                "--ftz=true",
            ],
            [],
        ),
        ([], []),
    ],
)
def test_what_is_kept(flags: list[str], defines: list[str]) -> None:
    assert cuda_flags(flags) == defines


@pytest.mark.parametrize(
    "flags",
    [
        ["-ccbin=/tmp/x"],
        ["--compiler-bindir", "/tmp"],
        ["-Xcompiler", "-fplugin=/tmp/x.so"],
        ["-Xcompiler", "-wrapper,x"],
        ["--compiler-options=-B/tmp"],
        ["@/etc/passwd"],
        ["-include", "x.h"],
        ["--pre-include", "x.h"],
        ["-optf", "x"],
        ["--options-file=x"],
        ["-o", "x"],
        ["--run"],
        ["-DN=1\n#include </etc/passwd>"],
        ["-DN=\\"],
        ["-D1X"],
        ["-Xlinker", "x"],
        ["nonsense"],
        ["-x", "c"],
        ["'"],
        ["-O3"] * 201,
        ["-Xcompiler", "@x"],
        ["-L/x"],
        ["-lx"],
    ],
)
def test_what_is_refused(flags: list[str]) -> None:
    with pytest.raises(FlagRefused):
        cuda_flags(flags)
