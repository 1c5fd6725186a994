"""Compiles one captured specialisation for one chip, and tells of a failure by the candidate's line."""

import re
from typing import Any

SHARED_LIMITS = {
    "sm_80": 166912,
    "sm_86": 101376,
    "sm_89": 101376,
    "sm_90": 232448,
    "sm_100": 232448,
    "sm_120": 101376,
    "gfx942": 65536,
    "gfx950": 163840,
}
"""Shared memory that one block may have, in bytes. CUDA C++ Programming Guide, table "Technical Specifications per Compute
Capability" (opt-in maximum); AMD CDNA 3 and 4 ISA documents (local data share)."""
TENSOR_MEMORY_COLUMNS = 512
"""Of one multiprocessor of sm_100; PTX ISA, section "Tensor Memory"."""
_HIP_OPTIONS = ("num_warps", "num_stages")
_CUDA_OPTIONS = (
    "num_warps",
    "num_stages",
    "num_ctas",
    "maxnreg",
    "enable_fp_fusion",
    "launch_cooperative_grid",
    "launch_pdl",
)


def compile_one(launch: Any, arch: str) -> dict[str, Any]:
    """Return what the compiler made of `launch` for `arch`, or what it said."""
    import triton
    from triton.backends.compiler import GPUTarget
    from triton.compiler import ASTSource

    nvidia = arch.startswith("sm_")
    target = GPUTarget("cuda", int(arch[3:]), 32) if nvidia else GPUTarget("hip", arch, 64)
    names = _CUDA_OPTIONS if nvidia else _HIP_OPTIONS
    options = {name: getattr(launch.options, name) for name in names if getattr(launch.options, name, None) is not None}
    try:
        source = ASTSource(launch.function, launch.signature, launch.constants, launch.attributes)
        made = triton.compile(source, target=target, options=options)
    except (OSError, MemoryError, ImportError) as error:  # the machine's word, not the compiler's
        return {"error": f"{type(error).__name__}: {str(error)[:300]}", "fault": True, "line": 0}
    except Exception as error:  # the compiler's word on the candidate's kernel
        return _failure(error)
    metadata = made.metadata
    found: dict[str, Any] = {
        "shared": int(metadata.shared),
        "warps": int(metadata.num_warps),
        "name": str(metadata.name),
    }
    limit = SHARED_LIMITS.get(arch)
    if limit is not None and found["shared"] > limit:
        what = f"needs {found['shared']} bytes of shared memory, {arch} has {limit}"
        return {"error": what, "resource": True, "line": _first_line(launch.function), **found}
    if (columns := int(getattr(metadata, "tmem_size", 0) or 0)) > TENSOR_MEMORY_COLUMNS:
        what = f"needs {columns} columns of tensor memory, {arch} has {TENSOR_MEMORY_COLUMNS}"
        return {"error": what, "resource": True, "line": _first_line(launch.function), **found}
    if nvidia:
        return {**found, "cubin": made.asm["cubin"]}
    return {**found, "amdgcn": made.asm["amdgcn"]}


def _failure(error: Exception) -> dict[str, Any]:
    """Return the innermost message and the line that it is about."""
    from triton.compiler.errors import CompilationError

    inner, node = error, error
    while node.__cause__ is not None and isinstance(node.__cause__, Exception):
        node = node.__cause__
        if isinstance(node, CompilationError) or not str(inner):
            inner = node
    line, text = 0, ""
    if isinstance(inner, CompilationError):
        line = _line(inner)
        text = inner.error_message or (str(inner.__cause__) if inner.__cause__ is not None else "")
        text = text or (str(node) if node is not inner else "")
    kind = "CompilationError" if isinstance(inner, CompilationError) else type(inner).__name__
    words = " ".join((text or str(inner)).partition("Repro command")[0].split())
    killed = re.search(r"`ptxas` failed with error code -\d+", words)  # by a signal: time, memory, or ptxas's own crash
    words = re.sub(r"(?:/[\w.-]+)+/", "", words)  # folders of this machine
    return {
        "error": f"{kind}: {words[:600]}",
        "resource": "PTXAS" in type(inner).__name__ and "uses too much" in words,
        "fault": killed is not None,
        "line": line,
    }


def _line(error: Any) -> int:
    """The candidate's line of a compiler's error, whose own count begins at the function."""
    from triton.runtime.jit import _triton_jit_function_registry as known

    offset = getattr(error.node, "lineno", 0)
    for function in known.values():
        if function.src == error.src and function.fn.__code__.co_filename == "candidate.py":
            return int(_first_line(function)) + offset - 1
    return 0


def _first_line(function: Any) -> int:
    """The line of a kernel's `def`."""
    begin = int(function.starting_line_number)
    for index, line in enumerate(function.raw_src):
        if line.strip().startswith("def "):
            return begin + index
    return begin
