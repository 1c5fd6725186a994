"""The worked examples that models are shown are kernels that do what they say."""

import ast
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from hashlib import sha256
from pathlib import Path

import pytest

from harness.judge import Judge
from harness.models import Candidate, EvalOptions, Status, Tier
from harness.suite import content_root, load_problem

PROMPTS = content_root() / "agents" / "prompts"


def example(language: str) -> tuple[str, str]:
    """The reference and the kernel of a worked example."""
    text = (PROMPTS / language / "examples.md.jinja").read_text()
    reference, kernel = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    return reference, kernel


@pytest.mark.slow
def test_the_worked_example_is_correct(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory):
    reference, kernel = example("cpp")
    (tmp_path / "gated.py").write_text(reference)
    candidate = Candidate(source=kernel, sha256=sha256(kernel.encode()).hexdigest())
    with Judge(EvalOptions(tier=Tier.GPU, time_it=False), tmp_path_factory.mktemp("cache")) as judge:
        verdict = judge.evaluate(load_problem(tmp_path / "gated.py"), candidate)
    assert verdict.status is Status.CORRECT, verdict.evidence


COMPARE = """
import torch
from reference import Model
from kernel import ModelNew

torch.manual_seed(0)
# Whole blocks, a remainder, less than a block, a single value, a transposed matrix, no rows.
for shape in [(3, 2048), (5, 1500), (7, 17), (2, 1), (0, 9)]:
    for x in (4 * torch.randn(shape), 4 * torch.randn(shape[::-1]).t()):
        expected, got = Model()(x.double()), ModelNew()(x)
        assert (got.shape, got.dtype) == ((shape[0],), torch.float32)
        error = (got - expected).abs().max().item() if shape[0] else 0.0
        # Sums of up to 2048 products of size 24 in float32: a few units in the last place of the largest partial sum.
        assert error <= 2048 * 24 * 2**-23, (shape, error)
print("equal")
"""


def test_the_triton_example_is_right_in_tritons_interpreter(tmp_path: Path):
    pytest.importorskip("triton")
    reference, kernel = example("triton")
    (tmp_path / "reference.py").write_text(reference)
    (tmp_path / "kernel.py").write_text(kernel)  # triton reads a kernel's source from its file
    done = subprocess.run(
        [sys.executable, "-c", COMPARE],
        cwd=tmp_path,
        env=os.environ | {"TRITON_INTERPRET": "1", "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (done.stdout, done.returncode) == ("equal\n", 0), done.stderr[-2000:]


def cuda_source() -> tuple[str, ast.Call]:
    """The CUDA source of the example, and the call that builds it."""
    tree = ast.parse(example("cuda")[1])
    strings = {
        node.targets[0].id: node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and isinstance(node.value, ast.Constant)
    }
    (call,) = [
        node for node in ast.walk(tree) if isinstance(node, ast.Call) and ast.unparse(node.func) == "load_inline"
    ]
    (cuda,) = [keyword.value for keyword in call.keywords if keyword.arg == "cuda_sources"]
    assert isinstance(cuda, ast.Name)
    return strings[cuda.id], call


def test_the_cuda_example_is_a_load_inline_module():
    """What can be said without a compiler for it: Python parses it, brackets match, what is bound is defined."""
    source, call = cuda_source()
    code = re.sub(r"//[^\n]*|\"(?:\\.|[^\"\\])*\"", "", source)
    opened: list[str] = []
    for mark in re.findall(r"[(){}\[\]]", code):
        if mark in "({[":
            opened.append(mark)
        else:
            assert opened, f"{mark} closes nothing"
            assert opened.pop() + mark in ("()", "{}", "[]")
    assert not opened
    given = {keyword.arg: keyword.value for keyword in call.keywords}
    assert set(given) == {"name", "cpp_sources", "cuda_sources", "functions"}
    for function in ast.literal_eval(given["functions"]):
        assert re.search(rf"torch::Tensor {function}\(", source)
    assert "<<<" in source
    assert "C10_CUDA_KERNEL_LAUNCH_CHECK();" in source


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("nvcc") is None, reason="the CUDA compiler is not installed")
def test_the_cuda_example_compiles_for_a_real_architecture(tmp_path: Path):
    """It is compiled, not run: that needs a GPU."""
    import torch
    from torch.utils.cpp_extension import include_paths

    source, _ = cuda_source()
    (tmp_path / "kernel.cu").write_text(source)
    headers = Path(torch.__file__).parent / "include" / "c10" / "cuda"
    if not (headers / "CUDAStream.h").is_file():
        pytest.skip("this build of torch has no CUDA headers")
    if not (headers / "impl" / "cuda_cmake_macros.h").is_file():  # the CPU build lacks the one that is generated
        (tmp_path / "c10" / "cuda" / "impl").mkdir(parents=True)
        (tmp_path / "c10" / "cuda" / "impl" / "cuda_cmake_macros.h").write_text("#define C10_CUDA_BUILD_SHARED_LIBS\n")
    folders = [".", *include_paths(), sysconfig.get_paths()["include"]]
    command = ["nvcc", "-std=c++20", "-arch=sm_90"]
    command += ["-Xptxas", "-v", "-c", "kernel.cu", "-o", "kernel.o", *(f"-I{folder}" for folder in folders)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stderr.count("Used ") == 1, "one kernel"
    assert not re.search(r"[1-9]\d* bytes spill", done.stderr)
