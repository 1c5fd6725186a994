"""What the emulation does not have is refused by its name, with the line, and only where it is really used."""

import pytest

from harness.build.cuda import TranslationError, Translator
from harness.build.cuda.assembly import known_opcodes
from harness.build.cuda.messages import readable
from harness.build.request import Diagnostic

KERNEL = "__global__ void k(float* p) {{\n  {}\n}}\n"
HOST = "void f() {{\n  {}\n}}\n"

FEATURES = {
    "cuBLAS": [
        "#include <cublas_v2.h>\n",
        HOST.format("cublasHandle_t h;"),
        HOST.format("cublasSgemm(h, CUBLAS_OP_N);"),
    ],
    "cuDNN": ["#include <cudnn.h>\n", HOST.format("cudnnConvolutionForward(h);")],
    "cuSPARSE": ["#include <cusparse.h>\n", HOST.format("cusparseCreate(&h);")],
    "cuFFT": ["#include <cufft.h>\n", HOST.format("cufftExecC2C(p, a, b, CUFFT_FORWARD);")],
    "cuSOLVER": ["#include <cusolverDn.h>\n", HOST.format("cusolverDnCreate(&h);")],
    "cuRAND's host API": ["#include <curand.h>\n", HOST.format("curandCreateGenerator(&g, type);")],
    "NCCL": ["#include <nccl.h>\n", HOST.format("ncclAllReduce(a, b);")],
    "CUTLASS": ["#include <cutlass/gemm/device/gemm.h>\n", HOST.format("cutlass::half_t x;")],
    "CuTe": ['#include "cute/tensor.hpp"\n', HOST.format("using namespace cute; cute::Layout<int> l;")],
    "NVRTC": ["#include <nvrtc.h>\n", HOST.format("nvrtcProgram p;")],
    "libcu++'s cuda::ptx": ["#include <cuda/ptx>\n", KERNEL.format("cuda::ptx::fence_proxy_async();")],
    "driver API modules": [
        HOST.format("CUmodule m;"),
        HOST.format("cuModuleLoadData(&m, ptx);"),
        HOST.format("cuLaunchKernel(f);"),
    ],
    "the driver API": [HOST.format("cuCtxCreate(&c, 0, d);")],
    "CUDA graphs": [HOST.format("cudaGraph_t g;"), HOST.format("cudaStreamBeginCapture(s, m);")],
    "textures": [
        KERNEL.format("p[0] = tex2D<float>(t, 1.f, 2.f);"),
        "texture<float, 2> t;\n",
        KERNEL.format("cudaTextureObject_t t;"),
    ],
    "surfaces": [KERNEL.format("surf2Dwrite(1.f, s, 1, 2);")],
    "TMA (tensor maps)": [HOST.format("CUtensorMap m;"), HOST.format("cuTensorMapEncodeTiled(&m);")],
    "thread block clusters": [
        "__global__ void __cluster_dims__(2, 1, 1) k() {}\n",
        KERNEL.format("auto c = cg::this_cluster();"),
    ],
    "distributed shared memory": [KERNEL.format("float* q = cluster.map_shared_rank(p, 1);")],
    "dynamic parallelism (a launch within a kernel)": [
        KERNEL.format("j<<<1, 2>>>(p);"),
        "__device__ void d() { if (1) { j<<<1, 2>>>(); } }\n",
        "auto f = [=] __device__ (int i) { j<<<1, 2>>>(); };\n",
    ],
    "CUDA Tile C++ (CUDA 13.3)": [
        "#include <cuda_tile.h>\n",
        "__tile_global__ void k();\n",
        "namespace ct = cuda::tiles;\n",
    ],
    "the vector type double4_32a of CUDA 13": [KERNEL.format("double4_32a v;")],
    "the vector type make_longlong4_16a of CUDA 13": [KERNEL.format("auto v = make_longlong4_16a(1, 2, 3, 4);")],
    "the PTX instruction wgmma.fence.sync.aligned": [KERNEL.format('asm volatile("wgmma.fence.sync.aligned;");')],
    "the PTX instruction tcgen05.alloc": [
        KERNEL.format('asm volatile("{\\n.reg .pred q;\\n@!q tcgen05.alloc [%0], 1;}" :: "r"(a));')
    ],
    "the PTX instruction cp.async.bulk.tensor.2d": [
        KERNEL.format('asm("L1: cp.async.bulk.tensor.2d [%0];" :: "r"(a));')
    ],
    "the PTX instruction mbarrier.init.shared.b64": [
        KERNEL.format('asm("// add;\\n" "mbarrier.init" ".shared.b64 [%0], 1;" :: "r"(a));')
    ],
    "the PTX instruction made.up": ['#define M asm(R"(mov.u32 %0, 1; made.up %0;)" : "=r"(x))\n'],
}


@pytest.mark.parametrize(("feature", "source"), [(f, s) for f, sources in FEATURES.items() for s in sources])
def test_a_feature_is_refused_by_name(feature: str, source: str) -> None:
    with pytest.raises(TranslationError) as caught:
        Translator().device("int first;\n" + source)
    assert str(caught.value) == f"uses {feature}, which the emulation does not have"
    assert caught.value.line == (3 if source.startswith(("void f", "__global__ void k(")) else 2)


@pytest.mark.parametrize(
    "source",
    [
        "// cublasSgemm, j<<<1, 2>>>(x) and cudaGraph_t\n/* #include <cudnn.h> */\n",
        'const char* s = "uses cublasSgemm and tex2D"; auto r = R"(cute::Layout)";\n',
        "#if 0\n#include <cublas_v2.h>\n#endif\n",
        '#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 1000\nasm("tcgen05.alloc;");\n#else\nint y;\n#endif\n',
        "#ifdef USE_ROCM\ncudaGraph_t g;\n#endif\n",
        "float texture = 1, surface = texture; int cute = 2;\n",
        "struct S { int cublas_like; }; void f(S s) { s.tex2D = 1; }\n",
        "void f() { k<<<1, 2>>>(); }\n__global__ void k() {}\nvoid g() { k<<<1, 2>>>(); }\n",
        "__device__ float weights[4] = {1, 2, 3, 4}; void f() { k<<<1, 2>>>(); }\n",
        "__device__ int d(); void f() { k<<<1, 2>>>(); }\n",
        "template <typename F> __host__ __device__ void either(F f) { f(); } void g() { k<<<1, 2>>>(); }\n",
        'asm volatile("@p mov.u32 %0, 1;" : "=r"(x));\n',
        'asm volatile(OPCODE ".u32 %0, 1;" : "=r"(x));\n',
        "#include <cuda_runtime.h>\n#include <cub/cub.cuh>\n#include <curand_kernel.h>\n#include <cooperative_groups.h>\n",
    ],
)
def test_what_only_looks_like_it_is_not_refused(source: str) -> None:
    Translator().device(source)


def test_sources_beside_the_cuda_sources_are_looked_at_too() -> None:
    with pytest.raises(TranslationError, match="uses cuBLAS"):
        Translator().host("#include <cublas_v2.h>\n")


def test_an_instruction_is_known_by_as_much_as_tells_it_apart() -> None:
    assert {"mov", "cp.async.cg", "mma"} <= known_opcodes()
    Translator().device('asm("cp.async.cg.shared.global [%0], [%1], 16;" :: "r"(a), "l"(b));')
    with pytest.raises(TranslationError, match=r"cp\.async\.mbarrier\.arrive"):
        Translator().device('asm("cp.async.mbarrier.arrive.shared.b64 [%0];" :: "r"(a));')


FORMS = {
    "no matching function for call to 'cub::BlockScan<float, 128, cub::BLOCK_SCAN_RAKING>::Sort(float (&)[4], Op<int>)'": (
        "cub::BlockScan::Sort with these arguments"
    ),
    "'class cub::BlockReduce<float, 256>' has no member named 'Median'": "cub::BlockReduce::Median",
    "no matching function for call to 'my_sum<float>(float*&)'": None,
    "'struct Params' has no member named 'width'": None,
    "no matching function for call to 'cubic(float)'": None,
}


@pytest.mark.parametrize("said", FORMS)
def test_a_missing_form_of_what_the_emulation_provides_is_refused_by_name(said: str) -> None:
    (told,) = readable([Diagnostic("error", said, "candidate.py", 7)])
    feature = FORMS[said]
    assert ("which the emulation does not have" in told.message) == (feature is not None)
    assert feature is None or f"uses {feature}, " in told.message
