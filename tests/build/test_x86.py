"""A disassembly in numbers: recorded, and of this machine's own compiler and objdump."""

import platform
import shutil
import subprocess
from pathlib import Path

import pytest

from harness.build import toolchain, x86

RECORDED = (Path(__file__).parent / "recorded" / "objdump.txt").read_text()
"""objdump 2.40 of two functions that g++ 12.2 compiled with -O3 -march=haswell -g1 -gdwarf-4."""


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("vfmadd231ps (%rax),%ymm1,%ymm0", "packed_fma"),
        ("vfnmadd132sd %xmm1,%xmm2,%xmm0", "scalar_fma"),
        ("vaddps %zmm0,%zmm1,%zmm2{%k1}{z}", "packed_float"),
        ("mulss %xmm1,%xmm0", "scalar_float"),
        ("vsqrtss %xmm0,%xmm0,%xmm0", "scalar_float"),
        ("vmaxps %ymm0,%ymm1,%ymm1", "packed_float"),
        ("vmovups (%rax),%ymm0", "load"),
        ("vmovss %xmm0,0x18(%rsp)", "store"),
        ("vmovaps %ymm1,%ymm0", "move"),
        ("mov %fs:0x28,%rax", "load"),
        ("vgatherdps %ymm1,(%rax,%ymm2,4),%ymm0", "gather"),
        ("vcvtss2sd %xmm0,%xmm0,%xmm0", "conversion"),
        ("vbroadcastss 0x10(%rdi),%ymm0", "shuffle"),
        ("vpaddd %ymm0,%ymm1,%ymm1", "packed_integer"),
        ("fmull (%rax)", "x87"),
        ("call 1050 <expf@plt>", "call"),
        ("jne 18f0 <f+0x40>", "branch"),
        ("add $0x20,%rax", "other"),
        ("movzbl (%rax),%eax", "other"),
        ("pop %rbx", "other"),
    ],
)
def test_instructions_have_a_class(words: str, kind: str):
    name, _, operands = words.partition(" ")
    assert x86.classify(name, operands) == kind


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("mov 0x8(%rsp),%rax", [("load", "%rsp")]),
        ("mov %rax,-0x8(%rbp)", [("store", "%rbp")]),
        ("addss (%rax,%rcx,4),%xmm0", [("load", "%rax,%rcx,4")]),
        ("addl $0x1,(%rax)", [("load", "%rax"), ("store", "%rax")]),
        ("cmpl $0x7,(%rax)", [("load", "%rax")]),
        ("vmovups %zmm0,(%rax){%k1}", [("store", "%rax")]),
        ("call *0x18(%rax)", [("load", "%rax")]),
        ("lea 0x0(,%r15,4),%r9", []),
        ("xor %eax,%eax", []),
    ],
)
def test_accesses_to_memory(words: str, found: list[tuple[str, str]]):
    name, _, operands = words.partition(" ")
    assert x86.accesses(name, operands) == found


def test_a_recorded_listing():
    code = x86.parse(RECORDED)
    total, exps = code.functions  # the larger one first
    assert (exps.name, exps.where, exps.library_calls) == (
        "exps(float*, float const*, int)",
        "candidate.py:11",
        {"expf": 1},
    )
    assert exps.vector_bytes == 0
    assert "packed_float" not in exps.instructions
    assert (total.name, total.where) == ("simd_sum(float const*, int, float*)", "candidate.py:55")
    assert total.vector_bytes == 32  # vaddps on %ymm0
    assert total.instructions["packed_float"] == 1
    assert total.instructions["scalar_float"] == 15  # the remainder and the sum across lanes
    assert total.size_bytes == 0x148
    assert code.lines[0x18F0] == "candidate.py:58"  # the vaddps
    assert code.lines[0x1364] == "candidate.py:11", "the call of expf lies in <cmath>, inlined into this line"


def test_nonsense_is_passed_over():
    text = "0000000000001000 <f>:\n" + "\x00garbage\n    zz:\tmov\n    1000:\t(bad)\n    1001:\t\n" + "x" * 10_000
    assert x86.parse(text).functions == []
    assert x86.parse("").lines == {}


def test_functions_of_others_are_left_out():
    text = (
        "0000000000001000 <std::sort()>:\n/usr/include/c++/12/bits/stl_algo.h:1\n    1000:\tret\n\n"
        "0000000000001010 <mine()>:\n/tmp/b/candidate.py:9\n    1010:\tret\n\n"
        "0000000000001020 <glue()>:\n/tmp/b/bindings.cpp:3\n    1020:\tret\n"
    )
    (mine,) = x86.parse(text).functions
    assert (mine.name, mine.where) == ("mine()", "candidate.py:9")


@pytest.mark.skipif(platform.machine() != "x86_64", reason="the instructions are x86's")
def test_this_machines_tools_are_understood(tmp_path: Path):
    if shutil.which("objdump") is None:
        pytest.skip("objdump is not installed")
    (tmp_path / "main.cpp").write_text(
        '#line 1 "candidate.py"\n#include <cmath>\n'
        "void axpy(float* y, const float* x, float a, int n) {\n"
        "  for (int i = 0; i < n; ++i) y[i] += a * x[i];\n}\n"
        "float norm(float x) { return std::sinh(x); }\n"
    )
    flags = ["-O3", "-march=haswell", "-std=c++20", "-fPIC", "-g1", "-gdwarf-4", "-shared", "-o", "m.so"]
    subprocess.run([toolchain().compiler, *flags, "main.cpp"], cwd=tmp_path, check=True)
    ran = subprocess.run(["objdump", *x86.OPTIONS, "m.so"], cwd=tmp_path, check=True, capture_output=True, text=True)
    found = {each.name.partition("(")[0]: each for each in x86.parse(ran.stdout).functions}
    assert set(found) == {"axpy", "norm"}
    assert found["axpy"].vector_bytes == 32  # haswell has AVX2
    assert found["axpy"].instructions["packed_fma"] >= 1
    assert found["axpy"].where == "candidate.py:2"
    assert found["norm"].library_calls == {"sinhf": 1}
