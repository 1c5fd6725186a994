"""What CUDA C++ has and the emulation does not: refused by name, before anything is compiled.

Looked for among tokens: a comment or a message is no use of anything.
"""

import re

from harness.build.cuda.launches import OPEN
from harness.build.cuda.region import Region
from harness.build.cuda.scopes import Scopes
from harness.build.cuda.tokens import Kind, Source, TranslationError

_HEADERS = {
    r"cublas\w*\.h|cublasLt\.h|ATen/cuda/CUDABlas\.h": "cuBLAS",
    r"cudnn\w*\.h|ATen/cudnn/.*": "cuDNN",
    r"cusparse\w*\.h": "cuSPARSE",
    r"cufft\w*\.h": "cuFFT",
    r"cusolver\w*\.h": "cuSOLVER",
    r"cutensor\w*\.h": "cuTENSOR",
    r"curand\.h": "cuRAND's host API",
    r"nccl\.h": "NCCL",
    r"nvshmem\w*\.h": "NVSHMEM",
    r"cutlass/.*": "CUTLASS",
    r"cute/.*": "CuTe",
    r"nvrtc\.h": "NVRTC",
    r"nvJitLink\.h": "nvJitLink",
    r"cuda/ptx": "libcu++'s cuda::ptx",
    r"cudaTypedefs\.h": "driver entry points",
    r"cuda_tile\.h": "CUDA Tile C++ (CUDA 13.3)",
    r"mscclpp/.*": "MSCCL++",
    r"cuda_fp4\.h": "4-bit floats",
    r"cuda_fp6\.h": "6-bit floats",
    r"(?:texture_\w+|cuda_texture_types)\.h": "textures",
    r"surface_\w+\.h": "surfaces",
    r"cudaGL\.h|cuda_gl_interop\.h": "OpenGL interoperation",
}
_NAMES = {
    r"cublas[A-Z]\w*|CUBLAS_\w+": "cuBLAS",
    r"cudnn[A-Z]\w*|CUDNN_\w+": "cuDNN",
    r"cusparse[A-Z]\w*|CUSPARSE_\w+": "cuSPARSE",
    r"cufft(?:[A-Z]\w*)|CUFFT_\w+": "cuFFT",
    r"cusolver[A-Z]\w*": "cuSOLVER",
    r"curand(?:Create|Destroy|Generate|SetStream|SetPseudo|SetGenerator|Generator)\w*": "cuRAND's host API",
    r"nccl[A-Z]\w*": "NCCL",
    r"nvshmem\w*": "NVSHMEM",
    r"cutlass": "CUTLASS",
    r"cute": "CuTe",
    r"nvrtc[A-Z]\w*": "NVRTC",
    r"cudaGraph\w*|cudaStream(?:Begin|End)Capture\w*|cudaStreamIsCapturing": "CUDA graphs",
    r"tex[123]D(?:fetch|Lod|Grad|Layered\w*)?|texCubemap\w*|tex1Dfetch|cudaTextureObject_t|cudaBindTexture\w*"
    r"|cudaCreateTextureObject|cudaTextureDesc|texture": "textures",
    r"surf[123]D(?:read|write|Layered\w*)|surfCubemap\w*|cudaSurfaceObject_t|cudaCreateSurfaceObject|surface": "surfaces",
    r"cuTensorMap\w*|CUtensorMap\w*|__nv_tensormap\w*": "TMA (tensor maps)",
    r"cuModule\w*|CUmodule|cuLaunchKernel\w*|CUfunction|cuLink[A-Z]\w*|cuLibrary\w*|cudaLibrary\w*": "driver API modules",
    r"cuCtx\w*|CUcontext|cuMem(?:Create|Map|AddressReserve|SetAccess)\w*|cuDeviceGet\w*|cuGetProcAddress\w*"
    r"|cudaGetDriverEntryPoint\w*": "the driver API",
    r"__cluster_dims__|cudaLaunchAttributeClusterDimension|cudaOccupancyMaxActiveClusters|__cluster\w*"
    r"|cudaFuncAttributeNonPortableClusterSizeAllowed|this_cluster|cluster_group": "thread block clusters",
    r"map_shared_rank|__cluster_map_shared_rank": "distributed shared memory",
    r"__tile_global__|__tile__": "CUDA Tile C++ (CUDA 13.3)",
    r"(?:make_)?(?:double|u?long|u?longlong)4_(?:16|32)a": "the vector type {} of CUDA 13",
    r"cudaIpc\w*": "inter-process memory",
    r"cudaGraphics\w*|cudaGL\w*": "graphics interoperation",
    r"cudaLaunchDevice\w*|cudaGetParameterBuffer\w*": "dynamic parallelism",
    r"__nv_fp4\w*": "4-bit floats",
    r"__nv_fp6\w*": "6-bit floats",
}
_QUALIFIED = {
    ("cuda", "ptx"): "libcu++'s cuda::ptx",
    ("cuda", "tiles"): "CUDA Tile C++ (CUDA 13.3)",
    ("cuda", "device"): "libcu++'s cuda::device",
}
_ONLY_CALLED = {"texture", "surface", "cute", "cutlass"}
"""Words that anybody may call a variable: refused only as a template or a namespace."""
_HEADER = re.compile("|".join(f"(?P<h{i}>{pattern})" for i, pattern in enumerate(_HEADERS)))
_NAME = re.compile("|".join(f"(?P<n{i}>{pattern})" for i, pattern in enumerate(_NAMES)))
_INCLUDED = re.compile(r"\s*[<\"]([^>\"]*)[>\"]")


def refusal(feature: str) -> str:
    """Return the sentence that says so."""
    return f"uses {feature}, which the emulation does not have"


def refuse_headers(source: Source) -> None:
    """Refuse headers of libraries that are not here.

    Raises:
        TranslationError: one is included.
    """
    for directive in source.directives:
        if directive.name != "include":
            continue
        name = _INCLUDED.match(directive.rest)
        match = _HEADER.fullmatch(name[1]) if name else None
        if match and match.lastgroup:
            feature = list(_HEADERS.values())[int(match.lastgroup[1:])]
            raise TranslationError(refusal(feature), source.line(directive.start))


def refuse_names(region: Region, scopes: Scopes) -> None:
    """Refuse functions, types and constructs that are not here.

    Raises:
        TranslationError: one is used.
    """
    for index, token in enumerate(region.tokens):
        if token.kind is Kind.WORD:
            feature = _feature(region, index, token.text)
            if feature:
                raise region.error(refusal(feature), index)
        elif token.text == OPEN and token.kind is Kind.PUNCTUATION and scopes.in_device(index):
            raise region.error(refusal("dynamic parallelism (a launch within a kernel)"), index)


def _feature(region: Region, index: int, text: str) -> str | None:
    before, after = region.text(index - 1), region.text(index + 1)
    if before in {".", "->"} and text != "map_shared_rank":
        return None
    if after == "::" and (feature := _QUALIFIED.get((text, region.text(index + 2)))):
        return feature
    match = _NAME.fullmatch(text)
    if match is None or match.lastgroup is None:
        return None
    if text in _ONLY_CALLED and after != ("<" if text in {"texture", "surface"} else "::"):
        return None
    return list(_NAMES.values())[int(match.lastgroup[1:])].format(text)
