"""Problems to audit, written for one test each: a KernelBench file around one forward."""

from pathlib import Path

from harness.models import Problem
from harness.models.audit import LintReport, Severity
from harness.suite import load_problem

CI = '{"rows": 32, "cols": 48}'
"""1,536 elements: every slice along a dimension but the shortest has enough to be judged by itself (`MIN_SLICE`)."""
TIERS = f'{{"cpu": {{"rows": 256, "cols": 512}}, "ci": {CI}}}'
UNSEEN = '[{"rows": 3, "cols": 37}, {"rows": 5, "cols": 101}]'
SIZES = f"TIERS = {TIERS}\nUNSEEN = {UNSEEN}\n"

NORMAL = "[torch.randn(rows, cols)]"


def source(
    forward: str = "return torch.tanh(x)",
    *,
    inputs: str = NORMAL,
    arguments: str = "x",
    init: str = "pass",
    constants: str = "rows = 512\ncols = 1024",
    sizes: str = SIZES,
) -> str:
    """Return a KernelBench file; `forward` and `init` are the bodies of the two methods."""

    def body(text: str) -> str:
        return text.strip().replace("\n", "\n        ")

    return f"""import torch
import torch.nn as nn

{constants}


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        {body(init)}

    def forward(self, {arguments}):
        {body(forward)}


def get_inputs():
    return {inputs}


def get_init_inputs():
    return []


{sizes}"""


def problem(folder: Path, text: str, stem: str = "7_Question") -> Problem:
    """Write a problem file and load it as a user's."""
    path = folder / f"{stem}.py"
    path.write_text(text, "utf-8")
    return load_problem(path)


def failures(report: LintReport) -> set[str]:
    """Return the rules that failed."""
    return {finding.rule for finding in report.findings if finding.severity is Severity.FAILURE}


def notes(report: LintReport) -> set[str]:
    """Return the rules that have something to note."""
    return {finding.rule for finding in report.findings if finding.severity is Severity.NOTE}
