"""CUDA sources through the builder: translated, compiled in the sandbox, loaded and run; errors and findings by line."""

import json
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from harness.build import BuildCache, Builder, BuildRequest, BuildResult, precompiled, toolchain
from harness.build.cuda.variants import emulation
from harness.config import Settings

HERE = Path(__file__).parent
ALL_RULES = (HERE / "sources" / "translated.cu").read_text()
MISTAKES = (HERE / "sources" / "line_mapping.cu").read_text()
DECLARATION = "torch::Tensor scaled(torch::Tensor x, double factor);"
SCALED = """
#include <torch/extension.h>
#include <cuda_runtime.h>
__global__ void scale(const float* x, float* y, float factor, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) y[i] = x[i] * factor;
}
torch::Tensor scaled(torch::Tensor x, double factor) {
  TORCH_CHECK(x.is_cuda(), "x must be a CUDA tensor");
  auto y = torch::empty_like(x);
  scale<<<(x.numel() + 31) / 32, 32>>>(x.data_ptr<float>(), y.data_ptr<float>(), factor, x.numel());
  return y;
}
"""


@pytest.fixture(scope="session")
def emulate(make_builder: Callable[[float], Builder]) -> Callable[..., BuildResult]:
    """Build as `load_inline(cuda_sources=...)` would on the emulated device."""
    shared = BuildCache(Settings.load().cache_dir)  # whose headers the builder borrows, under its own lock
    for checked in (False, True):
        precompiled(toolchain(), shared, None, emulation(checked=checked))
    builder = make_builder(120.0)

    def run(
        cuda: str | tuple[str, ...],
        cpp: tuple[str, ...] = (),
        functions: tuple[str, ...] = (),
        candidate: str = "",
        checked: bool = False,
        emulate: bool = True,
        **flags: tuple[str, ...],
    ) -> BuildResult:
        sources = (cuda,) if isinstance(cuda, str) else cuda
        request = BuildRequest("ext", cpp, tuple((f, f) for f in functions), cuda_sources=sources, **flags)
        return builder.build(request, candidate, emulate=emulate, checked=checked)

    return run


def evaluated(result: BuildResult, *expressions: str) -> dict[str, Any]:
    """Run the expressions in a process of their own."""
    assert result.failure == "", [str(d) for d in result.diagnostics]
    argv = [sys.executable, "-m", "tests.build.cuda.runner", str(result.library), json.dumps(expressions)]
    done = subprocess.run(argv, capture_output=True, text=True, cwd=HERE.parents[2], timeout=300)
    assert done.returncode == 0, done.stderr[-3000:]
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


@pytest.fixture(scope="session")
def both(emulate: Callable[..., BuildResult]) -> dict[bool, BuildResult]:
    """The file of all rules, plain and checked, built at once as a judge may."""
    candidate = f'import torch\nsource = r"""{ALL_RULES}"""\n'
    with ThreadPoolExecutor(2) as pool:
        futures = {c: pool.submit(emulate, ALL_RULES, candidate=candidate, checked=c) for c in (False, True)}
    return {checked: future.result() for checked, future in futures.items()}


def constant(value: float) -> list[float]:
    return [value] * 32


BACKWARDS = list(range(31, -1, -1))
EXPECTED: dict[str, object] = {
    "m.launches(0)": constant(6),
    "m.launches(1)": [5.0] * 5 + [0.0] * 27,
    "m.launches(2)": constant(5),
    "m.launches(3)": constant(-1),
    "m.launches(4)": constant(1),
    "m.launches(5)": constant(3),
    "m.launches(6)": constant(43),
    "m.launches(7)": [7.0 * i for i in range(32)],
    "m.launches(8)": constant(5),
    "m.launches(9)": constant(9),
    "m.launches(10)": constant(6),
    "m.launches(11)": constant(0),
    "m.launches(12)": constant(7),
    "m.launches(13)": constant(8),
    "m.launches(14)": constant(8),
    "m.launches(15)": constant(11),
    "m.launches(16)": constant(32),
    "m.pack()": [9.0] * 9 + [0.0] * 23,
    "m.member()": constant(8),
    # x + 1, then 1 + 1 + 4 + 5 + 4 + 6 of the other variables, 1000 for alignment, 16 x 17 elements times 10000
    "m.shared(0)": [i + 1 + 21 + 1000 + 2720000 for i in range(16)] + [0.0] * 16,
    "m.shared(1)": [2.0 * i for i in BACKWARDS],
    "m.shared(2)": [i + 7.0 for i in BACKWARDS],
    "m.shared(3)": constant(123),
    "m.shared(4)": [101.0 * i for i in BACKWARDS],
    "m.global_variables()": [10.0 * (i % 4 + 1) + i % 3 + 1 for i in range(32)],
    "m.ptx()": [2.0 * i + 1 + i + 100 * (31 - i) for i in range(32)],
    "m.other()": constant(248),
    "m.devices(x)": [True] * 9,
}
"""Expression -> what a GPU gives; see the kernels."""
NAMES = {
    "filled<float, 3>", "filled<float, 2>", "filled<float, 4>", "filled<float, 8>", "bounded", "plain_name", "by_value",
    "shared_kinds<float, 16>", "table[1]", "defaulted<>", "kernel", "apply", "inner::Functor<(3 > 2)>::run",
}  # fmt: skip


@pytest.mark.parametrize("checked", [False, True])
def test_each_rule_computes_what_a_gpu_would(both: dict[bool, BuildResult], checked: bool) -> None:
    answer = evaluated(both[checked], *EXPECTED)
    assert dict(zip(EXPECTED, answer["values"], strict=True)) == EXPECTED
    assert answer["findings"] == [], "nothing is wrong with any of them"
    assert set(answer["kernels"]) >= NAMES


def test_a_build_is_kept_per_variant(both: dict[bool, BuildResult], emulate: Callable[..., BuildResult]) -> None:
    assert both[False].key != both[True].key
    candidate = f'import torch\nsource = r"""{ALL_RULES}"""\n'
    again = emulate(ALL_RULES, candidate=candidate, checked=True)
    assert (again.cached, again.library) == (True, both[True].library)


def test_declarations_and_bindings_as_load_inline_has_them(emulate: Callable[..., BuildResult]) -> None:
    answer = evaluated(
        emulate(SCALED, (DECLARATION,), ("scaled",)), "m.scaled(x, 2.0)[:4]", "m.scaled(x=x, factor=1)", "m.scaled(x)"
    )
    assert answer["values"][0] == [0.0, 2.0, 4.0, 6.0]
    assert answer["values"][1].startswith("TypeError"), "a binding without names of its arguments takes no keywords"
    assert answer["values"][2].startswith("TypeError")
    assert answer["kernels"] == ["scale"]


def test_two_sources_may_define_the_same_helper(emulate: Callable[..., BuildResult]) -> None:
    """torch compiles C++ and CUDA sources apart, so neither sees the other's helpers, macros and default arguments."""
    helper = "\nstatic inline int helper() { return %d; }\n#define LIMIT %d\n"
    cpp = (
        "#include <torch/extension.h>\n#ifdef __CUDACC__\n#error not for nvcc\n#endif"
        + helper % (1, 1)
        + (
            DECLARATION.replace("double factor", "double factor = 3.0")
            + "\ntorch::Tensor twice(torch::Tensor x) { return scaled(scaled(x, 2.0), helper() * LIMIT); }"
        )
    )
    result = emulate(SCALED + helper % (2, 2), (cpp,), ("scaled", "twice"))
    assert evaluated(result, "m.twice(x)[:3]")["values"] == [[0.0, 2.0, 4.0]]


def test_several_cuda_sources_and_a_module_in_one_of_them(emulate: Callable[..., BuildResult]) -> None:
    definition = 'm.def("scaled", &scaled, py::arg("x"), py::arg("factor") = FACTOR);'
    module = f"PYBIND11_MODULE(TORCH_EXTENSION_NAME, m) {{ {definition} }}"
    result = emulate(
        (SCALED, module), cuda_flags=("-O3", "--use_fast_math", "-DFACTOR=5", "-gencode", "arch=compute_80,code=sm_80")
    )
    assert evaluated(result, "m.scaled(x)[:3]")["values"] == [[0.0, 5.0, 10.0]]


def test_a_source_that_needs_pybind_gets_torchs_own_headers(emulate: Callable[..., BuildResult]) -> None:
    """Slow, as everywhere, because nothing is precompiled; but it works."""
    function = "[](py::list x) { return scaled(py::cast<torch::Tensor>(x[0]), 2.0); }"
    source = f'{SCALED}PYBIND11_MODULE(TORCH_EXTENSION_NAME, m) {{ m.def("first", {function}); }}'
    result = emulate(source)
    assert not result.light
    assert evaluated(result, "m.first([x])[:3]")["values"] == [[0.0, 2.0, 4.0]]


def test_on_the_cpu_cuda_sources_are_refused(emulate: Callable[..., BuildResult]) -> None:
    result = emulate(SCALED, (DECLARATION,), ("scaled",), emulate=False)
    assert result.failure == "refused"
    assert result.first_error is not None
    assert result.first_error.message == "cuda_sources need a GPU or the emulation; this run compiles C++ for the CPU"
    assert emulate("  \n", ("void f() {}",), emulate=False).failure == "", "an empty text is none"


HEADERS = "#include <torch/extension.h>\n#include <cuda_runtime.h>\n"
ERRORS = {
    "undeclared": (
        "__global__ void k(float* p) {\n  p[0] = undefined_thing;\n}\n",
        2,
        "'undefined_thing' was not declared",
    ),
    "too few arguments": (
        "__global__ void k(float* p, int n) { p[0] = n; }\nvoid f(float* p) {\n  k<<<1,\n    2>>>(p);\n}\n",
        4,
        "too few arguments to function 'void k(float*, int)'",
    ),
    "an argument's type": (
        "__global__ void k(float* p, int n) { p[0] = n; }\nvoid f(int* p) {\n  k<<<1, 2>>>(p, 3);\n}\n",
        3,
        "cannot convert 'int* const' to 'float*'",
    ),
    "a configuration": (
        '__global__ void k() {}\nvoid f() {\n  k<<<"a", 2>>>();\n}\n',
        3,
        "a launch cannot take <<<const char [2], int>>>",
    ),
    "a shared variable's type": (
        "__global__ void k(float* p) {\n  __shared__ float s[16][17];\n  float* q = s;\n  p[0] = q[0];\n}\n",
        3,
        "cannot convert 'float (*)[17]' to 'float*'",
    ),
    "an array of variable length": (
        "__global__ void k(float* p, int n) {\n  float a[n];\n  p[0] = a[0];\n}\n",
        2,
        "variable length array 'a'",
    ),
    "shared memory of variable length": (
        "__global__ void k(float* p, int n) {\n  __shared__ float s[n];\n  p[0] = s[0];\n}\n",
        2,
        "variable length array 's'",
    ),
    "a header": (
        "#include <thrust/no_such_part.h>\n",
        1,
        "uses <thrust/no_such_part.h>, which the emulation does not have",
    ),
    "a function of the API": (
        "void f() {\n  cudaMadeUp(1);\n}\n",
        2,
        "uses cudaMadeUp, which the emulation does not have",
    ),
    "an intrinsic": (
        "__global__ void k(int* p) {\n  p[0] = __nv_made_up(1);\n}\n",
        2,
        "uses __nv_made_up, which the emulation does not have",
    ),
    "a member": (
        "void f() {\n  at::cuda::made_up();\n}\n",
        2,
        "uses at::cuda::made_up, which the emulation does not have",
    ),
    "translation": ("\n__global__ void k() { k<<<1, 2>>>(); }\n", 2, "uses dynamic parallelism"),
}


@pytest.mark.parametrize("what", ERRORS)
def test_an_error_names_the_candidates_line_in_its_own_terms(emulate: Callable[..., BuildResult], what: str) -> None:
    source, line, message = ERRORS[what]
    text = HEADERS + source
    candidate = f'import torch\n\nsource = """{text}"""\n'
    result = emulate(text, candidate=candidate)
    assert result.failure in {"error", "refused"}
    error = result.first_error
    assert error is not None
    assert message in error.message
    assert (error.file, error.line) == ("candidate.py", line + 4), "behind the import, a blank line and two headers"
    assert error.source_line == candidate.split("\n")[line + 3]
    said = "\n".join(d.message for d in result.diagnostics if "error" in d.kind)
    assert "harness_" not in said, "names of ours are nobody's business"


def test_a_text_that_is_no_literal_has_lines_of_its_own(emulate: Callable[..., BuildResult]) -> None:
    for source in ("int ok;\nint x = undefined_thing;\n", "int ok;\ncublasHandle_t h;\n"):
        error = emulate(source, candidate="text = make()\n").first_error
        assert error is not None
        assert (error.file, error.line) == ("cuda0.cu", 2)


@pytest.mark.parametrize(
    "flags",
    [
        ("-Xcompiler", "-fplugin=x.so"),
        ("--compiler-bindir=/tmp",),
        ("@file",),
        ("-include", "/etc/passwd"),
        ("-o", "x"),
    ],
)
def test_flags_that_run_or_read_something_are_refused(
    emulate: Callable[..., BuildResult], flags: tuple[str, ...]
) -> None:
    result = emulate(SCALED, cuda_flags=flags)
    assert result.failure == "refused"
    assert result.first_error is not None
    assert "is not allowed" in result.first_error.message


def test_findings_name_the_candidates_lines(emulate: Callable[..., BuildResult]) -> None:
    """A write behind a tensor, within a launch of several lines and behind a shared declaration that was rewritten."""
    candidate = f'import torch\nsource = """{MISTAKES}"""\n'
    result = emulate(MISTAKES, candidate=candidate, checked=True)
    answer = evaluated(result, "m.wrong(x)")
    (finding,) = [f for f in answer["findings"] if f["kind"] == "out_of_bounds"]
    assert finding["kernel"] == "wrong_kernel<float>"
    argv = ["addr2line", "-i", "-e", str(result.library), finding["where"]]
    lines = subprocess.run(argv, capture_output=True, text=True, check=True).stdout
    marked = next(n for n, line in enumerate(candidate.split("\n"), 1) if "MISTAKE" in line)
    assert f"candidate.py:{marked}\n" in lines
