"""Real compilations for real chips: what nvcc says of six kernels, and what comes of sources that it does not take."""

import pytest

from harness.build.nvcc import StaticReport, Workbench, static_facts
from harness.errors import UsageError
from tests.build.nvcc.sources import SIX, SPILLS, TENSOR_CORES

ARCHS = ("sm_80", "sm_90", "sm_100")

pytestmark = pytest.mark.usefixtures("needs_nvcc")


def facts(
    bench: Workbench, source: str, *archs: str, cflags: tuple[str, ...] = (), candidate: str = ""
) -> StaticReport:
    return static_facts([source], candidate or source, archs or ARCHS[1:2], bench, cflags=cflags)


@pytest.mark.parametrize("kernel", SIX)
def test_six_kernels_compile_for_three_chips(bench: Workbench, kernel: str):
    report = facts(bench, SIX[kernel], *ARCHS)
    assert (report.notes, report.diagnostics) == ((), ())
    assert {f.arch for f in report.facts} == set(ARCHS)
    for fact in report.facts:
        assert fact.kernel.partition("<")[0] == kernel
        assert 8 <= fact.registers <= 128  # a kernel of a few dozen lines
        assert (fact.spill_store_bytes, fact.stack_bytes) == (0, 0)
        assert fact.instructions["global_load"] > 0
        assert fact.instructions["control"] > 0
        assert "other" not in fact.instructions


def test_what_the_sources_ask_for_is_seen(bench: Workbench):
    (matmul,) = facts(bench, SIX["matmul_kernel"]).facts
    assert matmul.shared_bytes == 2 * 16 * 17 * 4
    assert matmul.instructions["fp32"] >= 16  # the unrolled products
    assert matmul.instructions["barrier"] >= 2
    assert matmul.instructions["shared_load"] >= 16
    (count,) = facts(bench, SIX["count_kernel"]).facts
    assert count.instructions["atomic"] >= 2
    assert count.shared_bytes == 0  # all of it is dynamic
    (mean,) = facts(bench, SIX["mean_kernel"]).facts
    assert mean.instructions["shuffle"] >= 2
    assert mean.instructions["special"] >= 1  # rsqrtf
    (conv,) = facts(bench, SIX["conv_kernel"]).facts
    assert conv.constant_bytes > 2 * 8 + 2 * 4 + 9 * 4


def test_a_dispatch_is_compiled_for_float_and_what_it_names(bench: Workbench):
    report = facts(bench, SIX["softmax_kernel"])
    assert {f.kernel for f in report.facts} == {f"softmax_kernel<{t}, 256>" for t in ("float", "Half", "BFloat16")}
    by_name = {f.kernel: f for f in report.facts}
    assert by_name["softmax_kernel<Half, 256>"].instructions["conversion"] > 0
    assert "conversion" not in by_name["softmax_kernel<float, 256>"].instructions


def test_launch_bounds_that_are_too_tight_spill(bench: Workbench):
    (tight,) = facts(bench, SPILLS).facts
    assert tight.registers == 32  # 65,536 registers for 2 blocks of 1024 threads
    assert tight.spill_store_bytes >= 64  # 64 values do not fit
    assert tight.spill_load_bytes >= 64
    assert tight.instructions["local"] > 0
    (loose,) = facts(bench, SPILLS.replace("__launch_bounds__(1024, 2)", "__launch_bounds__(256)")).facts
    assert loose.registers > 64
    assert loose.spill_store_bytes == 0


def test_tensor_cores_are_detected(bench: Workbench):
    for fact in facts(bench, TENSOR_CORES, *ARCHS).facts:
        assert fact.instructions["tensor"] == 2  # 16 x 16 x 16 is two of the hardware's 16 x 8 x 16
    assert "tensor" not in facts(bench, SIX["matmul_kernel"]).facts[0].instructions


def test_flags_that_change_device_code_count(bench: Workbench):
    exact, fast = (
        facts(bench, SIX["scale_kernel"], cflags=flags).facts[0] for flags in ((), ("--use_fast_math", "-O3"))
    )
    assert fast.instructions["fp32"] < exact.instructions["fp32"]
    (few,) = facts(bench, SPILLS.replace("__launch_bounds__(1024, 2)", ""), cflags=("-maxrregcount=32",)).facts
    assert few.registers == 32
    assert facts(bench, SIX["scale_kernel"], cflags=("-o", "/etc/passwd", "-arch=sm_75", "--run")).facts == (exact,)


def test_what_nvcc_rejects_names_the_candidates_line(bench: Workbench):
    source = "\n#include <torch/extension.h>\n__global__ void k(__half* x) {\n  x[0] = x[0] + x[1];\n}\n"
    candidate = f'import torch\n\nsource = """{source}"""\n'
    report = facts(bench, source, *ARCHS, candidate=candidate)
    assert report.facts == ()
    (error,) = report.diagnostics  # the same for all three, said once
    assert (error.file, error.line) == ("candidate.py", 6)
    assert "operator" in error.message
    assert "__half" in error.message
    assert error.source_line.strip() == "x[0] = x[0] + x[1];"
    allowed = facts(bench, source, candidate=candidate, cflags=("-U__CUDA_NO_HALF_OPERATORS__",))
    assert len(allowed.facts) == 1


def test_an_error_of_some_chips_says_which(bench: Workbench):
    source = "__global__ void k(unsigned* x) {\n#if __CUDA_ARCH__ < 900\n  x[0] = 1 +;\n#endif\n}\n"
    report = facts(bench, source, *ARCHS)
    assert {f.arch for f in report.facts} == {"sm_90", "sm_100"}
    assert [d.message.endswith("(sm_80)") for d in report.diagnostics] == [True]


def test_too_much_shared_memory_is_the_assemblers_error(bench: Workbench):
    report = facts(
        bench, "__global__ void k(float* x) { __shared__ float s[20000]; s[threadIdx.x] = x[0]; x[1] = s[0]; }"
    )
    (error,) = report.diagnostics
    assert "shared" in error.message
    assert "0x13880" in error.message  # 80,000 bytes


def test_what_only_our_declarations_lack_is_a_note(bench: Workbench):
    missing = facts(bench, "#include <cutlass/cutlass.h>\n__global__ void k() {}", *ARCHS)
    assert (missing.facts, missing.diagnostics) == ((), ())
    assert missing.notes == ("sm_80, sm_90, sm_100: nvcc does not find cutlass/cutlass.h: no static facts",)
    unknown = facts(bench, "#include <torch/extension.h>\nvoid f(torch::nn::Linear layer) { layer->forward(); }")
    assert (unknown.facts, unknown.diagnostics) == ((), ())
    assert "could not be parsed" in unknown.notes[0]
    assert facts(bench, "void f() {}").notes == ("sm_90: no kernel in the binary",)


def test_the_vendors_own_libraries_are_real(bench: Workbench):
    source = """
#include <cub/cub.cuh>
__global__ void block_sum(const float* x, float* y) {
  using Reduce = cub::BlockReduce<float, 256>;
  __shared__ typename Reduce::TempStorage room;
  float sum = Reduce(room).Sum(x[blockIdx.x * 256 + threadIdx.x]);
  if (threadIdx.x == 0) y[blockIdx.x] = sum;
}
"""
    (fact,) = facts(bench, source).facts  # and not the library's own probe
    assert fact.kernel == "block_sum"
    assert fact.instructions["shuffle"] == 5  # log2(32)
    assert fact.shared_bytes >= 8 * 4  # a float per warp


def test_results_are_kept(bench: Workbench):
    source = SIX["scale_kernel"] + "// once\n"
    first, again = facts(bench, source), facts(bench, source)
    assert again.facts == first.facts
    assert again.elapsed_ns < first.elapsed_ns / 10  # reading a file against starting a compiler


def test_a_source_that_does_not_end_is_a_note(bench: Workbench):
    slow = Workbench(bench.server, bench.folder, 1.0)
    bomb = (
        "template <int N, int M> struct S { static constexpr long v = S<N - 1, 2 * M>::v + S<N - 1, 2 * M + 1>::v; };\n"
    )
    bomb += "template <int M> struct S<0, M> { static constexpr long v = M; };\n__device__ long x = S<24, 0>::v;"
    report = static_facts([bomb], bomb, ["sm_90"], slow)
    assert (report.facts, report.diagnostics) == ((), ())
    assert "took longer than 1 s" in report.notes[0]


def test_an_unknown_architecture_is_one_clear_line(bench: Workbench):
    with pytest.raises(UsageError, match=r"unknown architecture 'sm_91' - did you mean 'sm_9?0'\?.*knows sm_75"):
        facts(bench, SIX["scale_kernel"], "sm_91")
