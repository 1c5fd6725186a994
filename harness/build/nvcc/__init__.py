"""What a chip's compiler says of a kernel, without the chip: nvcc, the disassembler, and what is read from them."""

from harness.build.nvcc.binary import BinaryFacts, facts_of_amdgcn, facts_of_cubin
from harness.build.nvcc.compile import StaticReport, static_facts
from harness.build.nvcc.toolchain import CudaTools, cuda_tools, missing_tools, resolve_arch
from harness.build.nvcc.workbench import Ran, Workbench

__all__ = [
    "BinaryFacts",
    "CudaTools",
    "Ran",
    "StaticReport",
    "Workbench",
    "cuda_tools",
    "facts_of_amdgcn",
    "facts_of_cubin",
    "missing_tools",
    "resolve_arch",
    "static_facts",
]
