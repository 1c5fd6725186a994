"""Host code of every style is parsed, and what reaches nvcc keeps the candidate's lines."""

from pathlib import Path

import pytest

from harness.build.nvcc import Workbench, static_facts
from harness.build.nvcc.flags import nvcc_flags, real_arch
from harness.build.nvcc.stubs import prepare, without_torch

HOST_CODE = (Path(__file__).parent / "host_code.cu").read_text()


@pytest.mark.usefixtures("needs_nvcc")
def test_host_code_of_every_style_is_parsed(bench: Workbench):
    report = static_facts([HOST_CODE], HOST_CODE, ["sm_90"], bench)
    assert (report.notes, report.diagnostics) == ((), ())
    kernels = {fact.kernel for fact in report.facts}
    assert kernels == {"generic<float>", "generic<Half>", "generic<BFloat16>", "halves", "bf", "idx", "apply<lambda#1>"}


def test_torchs_headers_are_replaced_line_for_line():
    lines = (
        "#include <torch/extension.h>",
        '  #  include "ATen/cuda/Exceptions.h"',
        "#include <mma.h>",
        "#include <Python.h>",
    )
    source = "\n".join((*lines, "int x;"))
    assert without_torch(source).splitlines() == [
        '#include "harness_stub.h"',
        '  #  include "harness_stub.h"',
        "#include <mma.h>",
        '#include "harness_stub.h"',
        "int x;",
    ]


def test_lines_are_the_candidates():
    text = "\n__global__ void k() {}\n"
    candidate = f'import torch\nsource = """{text}"""\n'
    assert '#line 2 "candidate.py"' in prepare([text], candidate).main
    assert '#line 1 "cuda0.cu"' in prepare([text + "// assembled"], candidate).main


def test_names_that_the_stubs_lack_are_declared():
    names = prepare(
        [
            "auto y = x.frobnicate(1).clamp_(0) + torch::special::erfcx(x); y.size(0); if (y.defined()) torch::empty({1});"
        ],
        "",
    ).names
    assert "HARNESS_STUB_METHODS(F) F(frobnicate)\n" in names
    assert "HARNESS_STUB_INPLACE(F) F(clamp_)\n" in names
    assert "HARNESS_STUB_FUNCTIONS(F) F(erfcx)\n" in names


def test_headers_are_brought_along_only_where_used():
    assert "HARNESS_STUB_HALF" not in prepare(["__global__ void k(float* x) {}"], "").main
    assert "HARNESS_STUB_HALF" in prepare(["__global__ void k(__nv_bfloat16* x) {}"], "").main
    assert "#include <string>" in prepare(["std::string s;"], "").main
    assert "#include <string>" not in prepare(["int s;"], "").main


@pytest.mark.parametrize(
    "text", ["", "\0", "#include <torch/" + "x" * 100_000, ".a(" * 100_000, "torch::" * 50_000, "\ud800"]
)
def test_any_text_is_prepared(text: str):
    assert prepare([text], text).main


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (["-O3", "--use_fast_math"], ["-O3", "--use_fast_math"]),
        (["-O2 -DN=4"], ["-O2", "-DN=4"]),
        (["-Xptxas=-O3,-dlcm=ca,--output-file=x"], ["-Xptxas=-O3", "-Xptxas=-dlcm=ca"]),
        (["-Xptxas", "-v"], []),
        (["-maxrregcount", "64"], ["--maxrregcount=64"]),
        (
            [
                "-gencode=arch=compute_80,code=sm_80",
                "-o",
                "x",
                "-I/etc",
                "@file",
                "-Xcompiler",
                "-fplugin=x",
                "-ccbin=/x",
            ],
            [],
        ),
        (['-DX="unclosed'], []),
    ],
)
def test_only_flags_that_change_device_code_pass(given: list[str], kept: list[str]):
    ours = nvcc_flags([])
    assert [flag for flag in nvcc_flags(given) if flag not in ours] == kept


def test_the_candidates_standard_and_variant_are_used():
    assert "-std=c++17" in nvcc_flags(["-std=c++17"])
    assert "-std=c++20" not in nvcc_flags(["-std=c++17"])
    assert real_arch("sm_90", ["-gencode=arch=compute_90a,code=sm_90a"]) == "sm_90a"
    assert real_arch("sm_90", ["-arch=sm_100a"]) == "sm_90"
