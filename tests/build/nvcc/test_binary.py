"""Facts of binaries: real cubins through the real disassembler, and what its tools print."""

import pytest

from harness.build.nvcc import Workbench, facts_of_amdgcn, facts_of_cubin
from harness.build.nvcc.binary import assemble, parse_spills, parse_usage

USAGE = """
Resource usage:
 Common:
  GLOBAL:0 CONSTANT[3]:64
 Function _Z1kIfEvPT_:
  REG:40 STACK:8 SHARED:3200 LOCAL:0 CONSTANT[0]:548 CONSTANT[2]:12 TEXTURE:0 SURFACE:0 SAMPLER:0
"""
PTXAS = """ptxas info    : 0 bytes gmem
ptxas info    : Compiling entry function '_Z1kIfEvPT_' for 'sm_90'
ptxas info    : Function properties for _Z1kIfEvPT_
    8 bytes stack frame, 24 bytes spill stores, 16 bytes spill loads
ptxas info    : Used 40 registers, used 1 barriers, 2176 bytes smem
"""


def test_a_triton_cubin_has_registers_spills_and_tensor_cores(bench: Workbench, triton_kernel: dict[str, bytes]):
    for arch in ("sm_80", "sm_90"):
        found = facts_of_cubin(triton_kernel[arch], arch, bench, constants={"M": "128"}, threads_per_block=128)
        assert found.notes == ()
        assert found.symbols == ("product",)
        (facts,) = found.facts
        assert (facts.kernel, facts.arch, facts.constants, facts.threads_per_block) == (
            "product",
            arch,
            {"M": "128"},
            128,
        )
        assert facts.registers == 255  # 128 x 128 results in 128 threads are 128 of them, and the operands do not fit
        assert facts.instructions["tensor"] >= 4
        assert facts.instructions["local"] > 0
        assert facts.spill_store_bytes > 0
        assert facts.shared_bytes == 0  # Triton's shared memory is all dynamic; the system's 1 KiB is not the kernel's


def test_gfx_assembly_has_the_same_facts(triton_kernel: dict[str, bytes]):
    found = facts_of_amdgcn(triton_kernel["gfx942"].decode(), "gfx942", constants={"M": "128"})
    (facts,) = found.facts
    assert (facts.kernel, facts.arch, facts.constants) == ("product", "gfx942", {"M": "128"})
    assert (
        64 <= facts.registers <= 512
    )  # 128 x 128 results in 256 threads are 64 each; a thread has 512 registers at most
    assert facts.instructions["tensor"] >= 4
    assert facts.instructions["global_load"] >= 4
    assert facts.constant_bytes >= 3 * 8 + 2 * 4  # three pointers and two sizes


def test_what_is_no_binary_is_a_note(bench: Workbench):
    found = facts_of_cubin(b"\x7fELF but not really", "sm_90", bench)
    assert found.facts == ()
    assert found.notes
    assert "sm_90" in found.notes[0]
    assert facts_of_amdgcn("", "gfx942").notes == ("gfx942: no kernel in the assembly",)


def test_the_tools_texts_become_one_record():
    found = assemble(USAGE, USAGE.replace("_Z1kIfEvPT_", "k<float>"), "", PTXAS, "sm_90")
    (facts,) = found.facts
    assert facts.kernel == "k<float>"
    assert (facts.registers, facts.stack_bytes, facts.shared_bytes) == (40, 8, 3200 - 1024)
    assert (facts.spill_store_bytes, facts.spill_load_bytes) == (24, 16)
    assert facts.constant_bytes == 548 + 12
    (older,) = assemble(USAGE, "", "", "", "sm_86").facts
    assert (older.kernel, older.shared_bytes) == ("_Z1kIfEvPT_", 3200)  # nothing is counted in before sm_90


@pytest.mark.parametrize(
    "text", ["", "Function :", " Function x:\n  REG:99999999999999 STACK:x", "REG:1\n" * 1000, "\0" * 1000]
)
def test_torn_texts_are_read_for_what_is_there(text: str):
    parse_usage(text)
    parse_spills(text)
    for facts in assemble(text, text, text, text, "sm_90").facts:
        assert facts.registers == 0
