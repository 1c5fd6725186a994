"""Every way a candidate can end, each with the evidence that a person needs."""

from collections.abc import Callable

from harness.models import Grade, Stage, Status, Verdict
from tests.candidates import KERNEL, SOFTMAX_CPP, python

Judged = Callable[..., Verdict]


def assert_correct(verdict: Verdict) -> None:
    """Fail with the evidence, not just the status."""
    assert verdict.status is Status.CORRECT, verdict.evidence


def test_a_right_kernel_is_correct(judged: Judged) -> None:
    verdict = judged(KERNEL)
    assert verdict.status is Status.CORRECT, verdict.evidence
    assert verdict.stage is Stage.DONE
    assert verdict.upstream_correct is True
    assert verdict.calls_compared >= 10
    assert verdict.isolation is not None
    assert verdict.isolation.grade in Grade
    assert verdict.error is not None
    assert 0 < verdict.error.worst_ratio < 1


def test_the_reference_is_its_own_correct_candidate(judged: Judged) -> None:
    source = python("return torch.softmax(x, dim=1)").replace("ModelNew", "Model")
    assert_correct(judged(source, entry="Model"))


def test_one_wrong_element_is_found_and_named(judged: Judged) -> None:
    verdict = judged(python("y = torch.softmax(x, 1)\ny[3, 17] += 1e-4\nreturn y"))
    assert verdict.status is Status.VALUE_MISMATCH
    assert "index [3, 17]; 1 of " in (verdict.evidence.where or "")
    assert float(verdict.evidence.got or "nan") > float(verdict.evidence.expected or "nan")


def test_kernelbench_would_have_accepted_the_wrong_element(judged: Judged) -> None:
    verdict = judged(python("y = torch.softmax(x, 1)\ny[3, 17] += 5e-5\nreturn y"))
    assert (verdict.status, verdict.upstream_correct) == (Status.VALUE_MISMATCH, True)


def test_half_precision_inside_is_a_mismatch(judged: Judged) -> None:
    assert judged(python("return torch.softmax(x.half(), 1).float()")).status is Status.VALUE_MISMATCH


def test_wrong_shape(judged: Judged) -> None:
    verdict = judged(python("return torch.softmax(x, 1)[:, :-1].contiguous()"))
    assert verdict.status is Status.SHAPE_MISMATCH
    assert (verdict.evidence.expected, verdict.evidence.got) == ("[16, 1000]", "[16, 999]")


def test_wrong_structure(judged: Judged) -> None:
    assert judged(python("return [torch.softmax(x, 1)]")).status is Status.SHAPE_MISMATCH


def test_no_tensor_at_all(judged: Judged) -> None:
    verdict = judged(python("return None"))
    assert verdict.status is Status.SHAPE_MISMATCH
    assert "NoneType" in (verdict.evidence.got or "")


def test_wrong_dtype(judged: Judged) -> None:
    verdict = judged(python("return torch.softmax(x, 1).double()"))
    assert verdict.status is Status.DTYPE_MISMATCH
    assert (verdict.evidence.expected, verdict.evidence.got) == ("torch.float32", "torch.float64")


def test_nan(judged: Judged) -> None:
    verdict = judged(python("y = torch.softmax(x, 1)\ny[0, 0] = float('nan')\nreturn y"))
    assert verdict.status is Status.NONFINITE
    assert verdict.evidence.got == "nan"


def test_overflow_on_large_inputs_is_found(judged: Judged) -> None:
    verdict = judged(python("e = torch.exp(x)\nreturn e / e.sum(1, keepdim=True)"))
    assert verdict.status is Status.NONFINITE
    assert "as published" not in (verdict.evidence.where or "as published")


def test_a_strided_output_is_fine(judged: Judged) -> None:
    assert_correct(judged(python("return torch.softmax(x.t().contiguous(), 0).t()")))


def test_cpp_error_names_the_candidates_line(judged: Judged) -> None:
    source = KERNEL.replace("const float scale = (float)(1.0 / sum);", "const float scale = (float)(1.0 / total);")
    verdict = judged(source)
    line = next(i for i, text in enumerate(source.splitlines(), 1) if "/ total" in text)
    assert (verdict.status, verdict.stage) == (Status.BUILD_ERROR, Stage.BUILD)
    assert verdict.evidence.where == f"candidate.py:{line}"
    assert "total" in verdict.evidence.what


def test_link_error_names_the_symbol(judged: Judged) -> None:
    verdict = judged(
        KERNEL.replace(
            "torch::Tensor softmax_rows(torch::Tensor x) {",
            "float missing_piece(float);\ntorch::Tensor softmax_rows(torch::Tensor x) { missing_piece(1);",
        )
    )
    assert verdict.status in {Status.BUILD_ERROR, Status.LOAD_ERROR}
    assert "missing_piece" in verdict.evidence.what


def test_forbidden_compiler_flag(judged: Judged) -> None:
    verdict = judged(
        KERNEL.replace('functions=["softmax_rows"]', 'functions=["softmax_rows"], extra_cflags=["-wrapper", "sh"]')
    )
    assert verdict.status is Status.BUILD_ERROR
    assert "-wrapper" in verdict.evidence.what


def test_source_that_binds_itself(judged: Judged) -> None:
    bound = (
        SOFTMAX_CPP
        + '\nPYBIND11_MODULE(TORCH_EXTENSION_NAME, m) { m.def("run", &softmax_rows, "softmax", py::arg("x")); }'
    )
    source = (
        KERNEL.replace(SOFTMAX_CPP, bound)
        .replace(', functions=["softmax_rows"]', "")
        .replace("module.softmax_rows(x)", "module.run(x=x)")
    )
    assert_correct(judged(source))


def test_extension_built_in_the_first_call(judged: Judged) -> None:
    source = KERNEL.replace("module = load_inline", "build = lambda: load_inline").replace(
        "        return module.softmax_rows(x)",
        "        if not hasattr(self, 'm'):\n            self.m = build()\n        return self.m.softmax_rows(x)",
    )
    assert_correct(judged(source))


def test_python_syntax_error(judged: Judged) -> None:
    verdict = judged("import torch\n\nclass ModelNew(torch.nn.Module)\n    pass\n")
    assert (verdict.status, verdict.evidence.where) == (Status.BUILD_ERROR, "candidate.py:3")


def test_empty_source(judged: Judged) -> None:
    assert judged("  \n").status is Status.NO_CODE


def test_import_error(judged: Judged) -> None:
    verdict = judged(python("return x", before="import a_package_that_is_not_there"))
    assert verdict.status is Status.LOAD_ERROR
    assert "a_package_that_is_not_there" in verdict.evidence.what
    assert "candidate.py:4" in (verdict.evidence.where or "")


def test_missing_class(judged: Judged) -> None:
    verdict = judged("import torch\n\nclass Model(torch.nn.Module):\n    pass\n")
    assert verdict.status is Status.LOAD_ERROR
    assert "ModelNew" in verdict.evidence.what


def test_runtime_error_names_the_line(judged: Judged) -> None:
    verdict = judged(python("y = x\nraise ValueError('no such luck')"))
    assert verdict.status is Status.RUNTIME_ERROR
    assert "no such luck" in verdict.evidence.what
    assert "candidate.py:10" in (verdict.evidence.where or "")


def test_cpp_exception(judged: Judged) -> None:
    verdict = judged(KERNEL.replace("x.dim() == 2", "x.dim() == 3"))
    assert verdict.status is Status.RUNTIME_ERROR
    assert "expected a contiguous matrix" in verdict.evidence.what


def test_segfault(judged: Judged) -> None:
    verdict = judged(KERNEL.replace("const float* in = x.data_ptr<float>();", "const float* in = (const float*)8;"))
    assert verdict.status is Status.RUNTIME_ERROR
    assert "SIGSEGV" in verdict.evidence.what


def test_infinite_loop(judged: Judged) -> None:
    verdict = judged(python("while True:\n    pass"))
    assert verdict.status is Status.TIMEOUT
    assert "3" in verdict.evidence.what


def test_hang_while_loading(judged: Judged, monkeypatch: object) -> None:
    verdict = judged(python("return x", before="import time\ntime.sleep(1000)"))
    assert (verdict.status, verdict.stage) == (Status.TIMEOUT, Stage.LOAD)


def test_exit_with_status_zero_in_a_call(judged: Judged) -> None:
    verdict = judged(python("import os\nos._exit(0)"))
    assert verdict.status is Status.RUNTIME_ERROR
    assert "exited with status 0" in verdict.evidence.what


def test_exit_with_status_zero_at_import(judged: Judged) -> None:
    assert judged(python("return x", before="import os\nos._exit(0)")).status is Status.LOAD_ERROR
    assert judged(python("return x", before="raise SystemExit(0)")).status is Status.LOAD_ERROR


def test_memory_balloon(judged: Judged) -> None:
    assert judged(python("return torch.ones(100_000_000_000)[: x.numel()]")).status is Status.OUT_OF_MEMORY
    assert judged(python("return [bytearray(1 << 30) for _ in range(9)]")).status is Status.OUT_OF_MEMORY


def test_returning_the_input(judged: Judged) -> None:
    verdict = judged(python("return x"))
    assert verdict.status is Status.VALUE_MISMATCH
    assert "memory of an input" in verdict.evidence.what


def test_writing_the_input(judged: Judged) -> None:
    verdict = judged(python("y = torch.softmax(x, 1)\nx[2, 5] = 0.0\nreturn y"))
    assert verdict.status is Status.INPUT_MUTATED
    assert "1 of 16000 elements" in verdict.evidence.what


def test_a_flood_of_output_is_bounded(judged: Judged) -> None:
    verdict = judged(
        python(
            "return torch.softmax(x, 1)", before="import os\nfor _ in range(200):\n    os.write(1, b'x' * (1 << 20))"
        )
    )
    assert verdict.status is Status.CORRECT
    verdict = judged(python("raise ValueError('after the flood')", before="print('y' * (200 << 20))"))
    assert verdict.status is Status.RUNTIME_ERROR
    assert len(verdict.model_dump_json()) < 100_000


def test_nondeterminism_is_told_apart(judged: Judged) -> None:
    verdict = judged(
        python("self.n = getattr(self, 'n', 0) + 1\ny = torch.softmax(x, 1)\nreturn y if self.n % 2 else y * 1.01")
    )
    assert verdict.status is Status.NONDETERMINISTIC


def test_integer_labels_and_scalar_output(judged: Judged) -> None:
    source = python("return (torch.logsumexp(p, 1) - p.gather(1, t[:, None])[:, 0]).mean()")
    source = source.replace("forward(self, x)", "forward(self, p, t)")
    assert_correct(judged(source, "level1/95"))
    assert judged(source.replace(".mean()", ".mean() * 1.0005"), "level1/95").status is Status.VALUE_MISMATCH


def test_weights_are_loaded_by_name(judged: Judged) -> None:
    verdict = judged(
        "import torch\nimport torch.nn as nn\n\nclass ModelNew(nn.Module):\n"
        "    def __init__(self, *args):\n        super().__init__()\n        self.extra = torch.randn(7)\n"
        "        import importlib\n        self.linear = nn.Linear(args[0], args[1])\n        self.d = args[2]\n"
        "    def forward(self, x):\n        return torch.nn.functional.gelu(self.linear(x) / self.d)\n",
        "level2/86",
    )
    assert (verdict.status, verdict.weights) == (Status.CORRECT, "loaded"), verdict.evidence
