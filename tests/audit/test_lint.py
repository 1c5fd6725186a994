"""Every rule of the lint has a problem that breaks it, and next to it the same problem mended."""

import json
import math
from pathlib import Path
from typing import Any

import pytest

from harness.audit.lint import lint_problem
from harness.models.audit import LintReport, Severity
from harness.suite import content_root, load_problem
from tests.audit.problems import SIZES, failures, notes, problem, source

SCALED = {"arguments": "x, scale", "inputs": "[torch.randn(rows, cols), torch.rand(())]"}
"""The second input is a number, so that it has no tiles of its own to leave out."""
TWO = {"arguments": "a, b", "forward": "return torch.tanh(a * b)"}
WEIGHT = "self.weight = nn.Parameter(torch.randn(cols))"
NORM = "self.norm = nn.LayerNorm(cols)"
AT_RANDOM = "\nnn.init.normal_(self.norm.weight)\nnn.init.normal_(self.norm.bias)"
UP_TO_40_COLUMNS = SIZES.replace('"cols": 101', '"cols": 29')
MEAN = "self.register_buffer('mean', torch.randn(cols))"
DROP = "self.drop = nn.Dropout(0.5)"
FIRST = "self.first = None"


def table(**sizes: str) -> str:
    """The literals with other constants at `ci`, and those without a tier `cpu`."""
    return SIZES.replace('"rows": 32, "cols": 48', ", ".join(f'"{name}": {value}' for name, value in sizes.items()))


Parts = dict[str, Any]
PAIRS: dict[str, tuple[str, Parts, Parts]] = {
    "an input is not read": (
        "input-ignored",
        SCALED | {"forward": "return torch.tanh(x)"},
        SCALED | {"forward": "return torch.tanh(x) * scale"},
    ),
    "a parameter is not read": (
        "parameter-ignored",
        {"init": WEIGHT, "forward": "return torch.tanh(x)"},
        {"init": WEIGHT, "forward": "return torch.tanh(x) * self.weight"},
    ),
    "parameters as torch initialises them: a weight of ones, a bias of zeros": (
        "parameter-ignored",
        {"init": NORM, "forward": "return self.norm(x)"},
        {"init": NORM + AT_RANDOM, "forward": "return self.norm(x)"},
    ),
    "a large offset, hardly any variance": (
        "constant-output",
        {"forward": "return torch.tanh(x) + 10000"},  # a spread of some 0.6: 6e-5 of the largest, 1e-3 is the limit
        {"forward": "return torch.tanh(x) + 10"},
    ),
    "a scalar that hardly depends on the draw": (
        "constant-output",
        {"forward": "return x.mean()", "inputs": "[99 + torch.rand(rows, cols)]"},
        {"forward": "return x.mean()", "inputs": "[torch.exp(torch.randn(())) * torch.rand(rows, cols)]"},
    ),
    "one normal value in 740 is above 3": (
        "saturated",
        {"forward": "return torch.relu(x - 3)", "sizes": table(rows="320", cols="48")},
        {"forward": "return torch.relu(x - 1)", "sizes": table(rows="320", cols="48")},  # one in 6
    ),
    "relu of what is not negative": (
        "redundant-operation",
        {"forward": "return torch.relu(x).sqrt()", "inputs": "[torch.rand(rows, cols)]"},
        {"forward": "return torch.relu(x).sqrt()"},
    ),
    "multiplication by ones": (
        "redundant-operation",
        {"forward": "return torch.tanh(x) * self.s", "init": "self.register_buffer('s', torch.ones(cols))"},
        {"forward": "return torch.tanh(x) * self.s", "init": "self.register_buffer('s', torch.rand(cols))"},
    ),
    "the mean over a dimension of size 1": (
        "redundant-operation",
        {"forward": "return torch.tanh(x).unsqueeze(1).mean(dim=1)"},
        {"forward": "return torch.tanh(x).unsqueeze(1).mean(dim=2)"},
    ),
    "a column of log(0)": (
        "nonfinite",
        {
            "forward": "return torch.log(x.abs() * self.s)",
            "init": "self.register_buffer('s', (torch.arange(cols) - 40.0).abs())",  # 0 in column 40
            "sizes": UP_TO_40_COLUMNS,
        },
        {
            "forward": "return torch.log(x.abs() * self.s)",
            "init": "self.register_buffer('s', (torch.arange(cols) - 40.5).abs())",
            "sizes": UP_TO_40_COLUMNS,
        },
    ),
    "two views of one storage": (
        "shared-storage",
        TWO | {"inputs": "list(torch.randn(2, rows, cols))"},
        TWO | {"inputs": "[part.clone() for part in torch.randn(2, rows, cols)]"},
    ),
    "one tensor twice": (
        "shared-storage",
        TWO | {"inputs": "[torch.randn(rows, cols)] * 2"},
        TWO | {"inputs": "[torch.randn(rows, cols) for _ in range(2)]"},
    ),
    "an expanded input": (
        "shared-storage",
        TWO | {"inputs": "[torch.randn(rows, cols), torch.randn(cols).expand(rows, cols)]"},
        TWO | {"inputs": "[torch.randn(rows, cols), torch.randn(cols).repeat(rows, 1)]"},
    ),
    "two tensors of 16 GiB": (
        "gpu-memory",
        {"constants": "rows = 65536\ncols = 65536"},
        {"constants": "rows = 32768\ncols = 65536"},  # 16 GiB together; the budget is 24
    ),
    "a tier sets what nothing reads": (
        "unused-constant",
        {"constants": "rows = 512\ncols = 1024\ndepth = 3", "sizes": table(rows="32", cols="48", depth="2")},
        {
            "constants": "rows = 512\ncols = 1024\ndepth = 3",
            "sizes": table(rows="32", cols="48", depth="2"),
            "forward": "return torch.tanh(x) * depth",
        },
    ),
    "1,536,000 elements of inputs": (
        "tier-too-large",
        {"forward": "return torch.tanh(x.sum(1) / 100)", "sizes": table(rows="32", cols="48_000")},
        {"forward": "return torch.tanh(x.sum(1) / 100)", "sizes": table(rows="32", cols="4_800")},
    ),
    "1,689,600 elements of outputs": (
        "tier-too-large",
        {"forward": "return (10 * x).long().repeat(1, 1100)"},
        {"forward": "return (10 * x).long().repeat(1, 11)"},
    ),
    "1,690,000 parameters": (
        "tier-too-large",
        {
            "init": "self.weight = nn.Parameter(torch.rand(side, side))",
            "forward": "return torch.tanh(x * self.weight.mean())",
            "constants": "rows = 512\ncols = 1024\nside = 3000",
            "sizes": table(rows="32", cols="48", side="1300"),
        },
        {
            "init": "self.weight = nn.Parameter(torch.rand(side, side))",
            "forward": "return torch.tanh(x * self.weight.mean())",
            "constants": "rows = 512\ncols = 1024\nside = 3000",
            "sizes": table(rows="32", cols="48", side="130"),
        },
    ),
    "only even sizes can be halved": (
        "unseen-fails",
        {"forward": "return torch.tanh(x.reshape(rows, 2, -1)).sum(1)"},
        {
            "forward": "return torch.tanh(x.reshape(rows, 2, -1)).sum(1)",
            "sizes": SIZES.replace('"cols": 37', '"cols": 38').replace('"cols": 101', '"cols": 102'),
        },
    ),
    "an unseen size divides by zero": (
        "unseen-fails",
        {"forward": "return torch.tanh(x) / (cols % 37)"},
        {"forward": "return torch.tanh(x) / (1 + cols % 37)"},
    ),
    # At |x| = 3 float32 has 2**-22 of spacing, times 400 is 1e-4: 6e-5 of the sine, over the limit of 3e-5.
    "rounding that is multiplied": (
        "ill-conditioned",
        {"forward": "return torch.sin(400 * x)"},
        {"forward": "return torch.sin(4 * x)"},
    ),
    "a symmetric output": (
        "survivor",
        {"forward": "return torch.tanh(x @ x.mT / 10)"},
        {"forward": "return torch.tanh(x @ x.mT / 10) * x[:, :1]"},
    ),
    "an output that is uniform along a dimension": (
        "survivor",
        {"forward": "return torch.tanh(x.sum(1, keepdim=True) / 10).repeat(1, cols)"},
        {"forward": "return torch.tanh(x.sum(1, keepdim=True) / 10) + x"},
    ),
}
"""What is wrong -> the rule that says so, the problem, and the problem mended."""
UNREPEATABLE: dict[str, tuple[str, Parts, Parts]] = {
    "something is drawn in forward": (
        "non-deterministic",
        {"init": DROP, "forward": "return self.drop(torch.tanh(x))"},
        {"init": DROP + "\nself.drop.eval()", "forward": "return self.drop(torch.tanh(x))"},
    ),
    "a running mean in forward": (
        "hidden-state",
        {"init": MEAN, "forward": "self.mean = 0.9 * self.mean + 0.1 * x.mean(0)\nreturn torch.tanh(x) - self.mean"},
        {"init": MEAN, "forward": "mean = 0.9 * self.mean + 0.1 * x.mean(0)\nreturn torch.tanh(x) - mean"},
    ),
    "the first inputs are kept": (
        "hidden-state",
        {
            "init": FIRST,
            "forward": "if self.first is None:\n    self.first = x.clone()\nreturn torch.tanh(x + self.first)",
        },
        {"init": FIRST, "forward": "first = x.flip(0)\nreturn torch.tanh(x + first)"},
    ),
}
"""The same for calls that do not repeat. The budget is made from such calls, so that other rules fail beside it."""


def lint(folder: Path, **parts: str) -> LintReport:
    """Lint a problem made of `parts`."""
    return lint_problem(problem(folder, source(**parts)))


def messages(report: LintReport, rule: str) -> list[str]:
    """Return what a rule has to say."""
    return [finding.message for finding in report.findings if finding.rule == rule]


FOLLOWS = {
    "rounding that is multiplied": {"survivor"}
}  # a tolerance that lets such roundings pass, lets lower precision pass


@pytest.mark.parametrize("what", PAIRS)
def test_a_broken_rule_is_named_and_no_other(tmp_path: Path, what: str):
    rule, bad, _ = PAIRS[what]
    report = lint(tmp_path, **bad)
    assert rule in failures(report) <= {rule} | FOLLOWS.get(what, set())
    assert not report.ok


@pytest.mark.parametrize("what", UNREPEATABLE)
def test_calls_that_do_not_repeat_are_named(tmp_path: Path, what: str):
    rule, bad, _ = UNREPEATABLE[what]
    report = lint(tmp_path, **bad)
    assert rule in failures(report)


@pytest.mark.parametrize("what", [*PAIRS, *UNREPEATABLE])
def test_the_mended_problem_passes(tmp_path: Path, what: str):
    _, _, mended = (PAIRS | UNREPEATABLE)[what]
    report = lint(tmp_path, **mended)
    assert failures(report) == set()
    assert report.ok
    assert report.kill_score == 1.0


@pytest.mark.parametrize("what", ["something is drawn in forward", "a running mean in forward"])
def test_calls_that_do_not_repeat_fail_whatever_the_rule(tmp_path: Path, what: str):
    assert not lint(tmp_path, **UNREPEATABLE[what][1]).ok


def test_a_draw_shows_where_the_budget_is_not_made_from_it(tmp_path: Path):
    """In a model without a float64 evaluation the budget is the floor, and two calls differ by more."""
    report = lint(
        tmp_path,
        init="self.kernel = [torch.randn(cols, cols)]\nself.drop = nn.Dropout(0.1)",
        forward="return self.drop(nn.functional.linear(x, self.kernel[0]))",
    )
    assert failures(report) == {"non-deterministic"}


def test_a_constant_breaks_three_rules(tmp_path: Path):
    report = lint(tmp_path, forward="return 0 * x + 3")
    assert failures(report) == {"constant-output", "input-ignored", "survivor"}
    survivors = {mutant.kind for mutant in report.survivors}
    assert {"constant", "transposed", "stale output", "input ignored", "accumulated in bfloat16"} <= survivors
    assert not {"zeros", "negated", "off by 0.1 %"} & survivors


def test_messages_say_what_where_and_what_to_do(tmp_path: Path):
    (ignored,) = messages(lint(tmp_path, **PAIRS["an input is not read"][1]), "input-ignored")
    assert "input 1: change its scale" in ignored
    redundant = lint(tmp_path, **PAIRS["multiplication by ones"][1])
    assert "without mul (operation 1) is right" in messages(redundant, "redundant-operation")[0]
    (large,) = messages(lint(tmp_path, **PAIRS["two tensors of 16 GiB"][1]), "gpu-memory")
    assert "32.0 GiB" in large  # 2 * 65536**2 * 4 bytes
    assert "--memory-budget-gib" in large
    (unused,) = messages(lint(tmp_path, **PAIRS["a tier sets what nothing reads"][1]), "unused-constant")
    assert unused.startswith("TIERS['ci'] sets 'depth'")
    failing = messages(lint(tmp_path, **PAIRS["only even sizes can be halved"][1]), "unseen-fails")
    assert len(failing) == 2  # 37 and 101 are both odd
    assert "rows=3, cols=37" in failing[0]
    assert "line 14" in failing[0]


def test_the_memory_budget_is_the_callers(tmp_path: Path):
    asked = problem(tmp_path, source())
    needed = 2 * 512 * 1024 * 4  # one input and one output of float32 at gpu
    assert lint_problem(asked, memory_budget_bytes=needed).ok
    assert failures(lint_problem(asked, memory_budget_bytes=needed - 1)) == {"gpu-memory"}


# ---- a problem that does not run ----


@pytest.mark.parametrize(
    ("old", "new", "culprit", "said"),
    [
        ("torch.randn(rows, cols)", "torch.randn(rows, colz)", "colz", "get_inputs() raised NameError: name 'colz'"),
        ("torch.tanh(x)", "torch.tanh(x @ x)", "x @ x", "forward() raised RuntimeError: mat1 and mat2 shapes"),
        ("return []", "return [1 / 0]", "1 / 0", "get_init_inputs() raised ZeroDivisionError"),
        ("rows = 512", "rows = 512\nspare = zzz", "zzz", "the file raised NameError: name 'zzz'"),
        # A wrong call of the file's own functions has no line in the file.
        ("def __init__(self):", "def __init__(self, width):", None, "Model(*get_init_inputs()) raised TypeError"),
        ("return [torch.randn(rows, cols)]", "return None", None, "get_inputs() raised TypeError"),
        (
            "return torch.tanh(x)",
            "return {1: x}",
            None,
            "must return a tensor or a tuple, list or dict of tensors, not dict",
        ),
        (
            "return torch.tanh(x)",
            "return None",
            None,
            "must return a tensor or a tuple, list or dict of tensors, not NoneType",
        ),
    ],
)
def test_a_problem_that_does_not_run_says_where(tmp_path: Path, old: str, new: str, culprit: str | None, said: str):
    text = source().replace(old, new, 1)
    report = lint_problem(problem(tmp_path, text))
    (message,) = messages(report, "does-not-run")
    assert failures(report) == {"does-not-run"}
    assert said in message
    assert report.kill_score is None
    if culprit is not None:
        line = next(number for number, row in enumerate(text.splitlines(), 1) if culprit in row)
        assert message.startswith(f"problem 7_Question: line {line}: ")


def test_a_problem_without_the_tier_fails_and_names_those_it_has(tmp_path: Path):
    report = lint(tmp_path, sizes="")
    assert messages(report, "does-not-run") == ["7_Question has no tier 'ci' (it has: gpu)"]


def test_a_constant_made_on_the_cpu_does_not_run_on_meta(tmp_path: Path):
    """It would not on a GPU either."""
    report = lint(tmp_path, forward="return torch.tanh(x) * torch.arange(1.0, cols + 1)")
    (message,) = messages(report, "does-not-run")
    assert "line 14: forward() on the meta device raised RuntimeError" in message


# ---- what is only noted ----


def test_a_bias_before_a_batch_norm_is_noted_and_not_counted(tmp_path: Path):
    report = lint(
        tmp_path,
        init="self.conv = nn.Conv2d(3, 8, 3)\nself.norm = nn.BatchNorm2d(8)" + AT_RANDOM,
        forward="return self.norm(self.conv(x))",
        inputs="[torch.randn(2, 3, rows, cols)]",
        sizes=table(rows="12", cols="13"),
    )
    assert report.ok
    assert report.kill_score == 1.0
    said = messages(report, "cancelled")
    assert len(said) == 2  # taken for 0, taken for 1
    assert all("conv.bias: right, because of the native_batch_norm behind it" in message for message in said)
    assert not [mutant for mutant in report.mutants if mutant.detail == "conv.bias"]
    assert [mutant for mutant in report.mutants if mutant.detail == "conv.weight"]


def test_a_bias_that_a_clamp_swallows_is_no_matter_of_algebra(tmp_path: Path):
    bias = "self.bias = nn.Parameter(torch.randn(cols))"
    report = lint(tmp_path, init=bias, forward="return x + torch.clamp(x + self.bias, 50, 60)")
    assert "cancelled" not in notes(report)
    assert {"parameter-ignored", "saturated"} <= failures(report)


def test_what_kernelbench_would_take_is_noted(tmp_path: Path):
    """Outputs up to 1e-3 are within an atol of 1e-2 of zero; our budget is a share of the output."""
    report = lint(tmp_path, forward="return 1e-3 * torch.tanh(x)")
    assert report.ok
    said = messages(report, "upstream-trivial")
    assert "zeros would pass KernelBench's allclose at 0.01" in said
    assert "a constant would pass KernelBench's allclose at 0.01" in said
    assert "upstream-trivial" not in notes(lint(tmp_path, forward="return torch.tanh(x)"))


def test_missing_sizes_are_noted(tmp_path: Path):
    report = lint(tmp_path, sizes='TIERS = {"ci": {"rows": 32, "cols": 48}}\nUNSEEN = [{"rows": 3}]\n')
    assert report.ok
    assert notes(report) == {"missing-tier", "missing-unseen"}
    assert messages(report, "missing-tier") == ["no tier cpu: add them in TIERS or by an overlay"]
    assert messages(report, "missing-unseen")[0].startswith("1 unseen sizes; at least 2")


def test_a_model_without_float64_is_noted(tmp_path: Path):
    """`double()` does not reach a tensor in a list, and a product of two types raises."""
    kernel = "self.kernel = [torch.randn(cols, cols)]"
    report = lint(tmp_path, init=kernel, forward="return nn.functional.linear(x, self.kernel[0])")
    assert report.ok
    assert notes(report) == {"no-float64"}
    assert report.kill_score == 1.0


# ---- the suite's own problems ----

MUTATIONS = [
    ("level1/97", "attention(Q, K, V)", "attention(Q, torch.zeros_like(K), V)"),
    ("level1/94", "(predictions - targets)", "(predictions - torch.zeros_like(targets))"),
]


@pytest.mark.parametrize(("name", "old", "new"), MUTATIONS)
def test_a_problem_of_the_suite_passes_until_an_input_is_taken_away(tmp_path: Path, name: str, old: str, new: str):
    native = load_problem(name)
    right = lint_problem(native)
    assert right.ok
    assert right.kill_score == 1.0
    assert (
        len({mutant.kind for mutant in right.mutants}) >= 12
    )  # as many as a scalar output of two inputs leaves room for
    assert native.source.count(old) == 1
    mutated = lint_problem(problem(tmp_path, native.source.replace(old, new)))
    assert "input-ignored" in failures(mutated)
    assert any("input 1" in message for message in messages(mutated, "input-ignored"))
    assert mutated.kill_score is not None
    assert mutated.kill_score < 1.0


def test_a_lint_repeats(tmp_path: Path):
    """Its seeds come from the text. level1/94 has a scalar output, the other one findings and survivors."""
    shaky = problem(tmp_path, source("return torch.sin(1000 * x)"))
    for asked in (load_problem("level1/94"), shaky):
        one, other = lint_problem(asked), lint_problem(asked)
        assert one.findings == other.findings
        assert one.mutants == other.mutants
    assert one.survivors


def test_a_report_is_a_record_that_survives_json(tmp_path: Path):
    report = lint(tmp_path, forward="return torch.tanh(x) + 10000")
    assert LintReport.model_validate_json(report.model_dump_json()) == report
    assert json.loads(report.model_dump_json())["findings"][0]["severity"] == Severity.FAILURE.value
    margins = {mutant.kind: mutant.margin for mutant in report.mutants}
    assert math.isinf(margins["NaN in one element"])
    assert report.forward_ns > 0
    assert report.elapsed_ns > report.forward_ns


def test_the_file_in_the_suite_is_found_by_its_path():
    report = lint_problem(load_problem(content_root() / "problems/level1/094_mseloss.py"))
    assert (report.problem_id, report.origin) == ("level1/94", "level1/094_mseloss.py")


# ---- defects of the lint, each to be mended ----


def test_each_of_several_outputs_is_finite_at_unseen_sizes(tmp_path: Path):
    report = lint(tmp_path, forward="return torch.tanh(x), torch.tanh(x) / (cols % 37)")
    assert failures(report) == {"unseen-fails"}


def test_an_input_of_another_precision_than_the_output(tmp_path: Path):
    assert lint(tmp_path, inputs="[torch.randn(rows, cols).half()]", forward="return torch.tanh(x.float())").ok


def test_an_output_without_elements_is_a_finding(tmp_path: Path):
    assert not lint(tmp_path, forward="return torch.tanh(x)[:0]").ok
