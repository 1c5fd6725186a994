"""What a model is told of real verdicts: one small candidate for each way to fail, judged for real."""

import re
from collections.abc import Callable

import pytest

from harness.judge.variations import VARIATIONS
from harness.models import Status, Verdict
from harness.search import PromptLibrary
from harness.search.feedback import MAX_TOKENS, feedback
from harness.search.sections import arrange
from harness.search.speed import Measured
from harness.search.tokens import estimate_tokens
from harness.suite import content_root, load_problem
from tests.candidates import KERNEL, python

Judged = Callable[..., Verdict]

SCALE = "const float scale = (float)(1.0 / sum);"
SLEEPS = "t = threading.Thread(target=lambda: (time.sleep(0.02), y.copy_(torch.softmax(x, 1))))"
# Candidate -> its status, and what the record has to say. Softmax over (16, 1000) at tier ci.
FAILURES = {
    "empty": ("  \n", Status.NO_CODE, ["End the reply with one complete fenced code block"]),
    "rebinds": (
        python("torch.allclose = lambda *a: True\nreturn torch.softmax(x, 1)"),
        Status.RULE_VIOLATION,
        ["rebinds torch.allclose", ">    9 |         torch.allclose", "in a kernel of your own"],
    ),
    "syntax": (
        "import torch\n\nclass ModelNew(torch.nn.Module)\n    pass\n",
        Status.BUILD_ERROR,
        ["expected ':'", ">    3 | class ModelNew(torch.nn.Module)", "     4 |     pass"],
    ),
    "compile": (
        KERNEL.replace(SCALE, SCALE.replace("sum", "total")),
        Status.BUILD_ERROR,
        [
            "'total' was not declared",
            "candidate.py:24",
            ">   24 |     const float scale = (float)(1.0 / total);",
            "first",
        ],
    ),
    "binding": (
        KERNEL.replace('["softmax_rows"]', '["softmax_row"]'),
        Status.BUILD_ERROR,
        ["did you mean 'softmax_rows'?", "bindings.cpp is made from functions=[...]"],
    ),
    "import": (
        python("return x", before="import no_such"),
        Status.LOAD_ERROR,
        ["No module named 'no_such'", "candidate.py:4"],
    ),
    "class": (
        KERNEL.replace("ModelNew", "Model"),
        Status.LOAD_ERROR,
        ["load_error: the module does not define a class ModelNew"],
    ),
    "raise": (
        KERNEL.replace("softmax_rows(x)", "softmax_rows(x, 1)").replace(
            "rows(torch::Tensor x, 1)", "rows(torch::Tensor x)"
        ),
        Status.RUNTIME_ERROR,
        ["takes 1 arguments, 2 given", "candidate.py:35", "The call raised"],
    ),
    "segfault": (
        KERNEL.replace("float top = a[0];", "float top = a[1l << 40];"),
        Status.RUNTIME_ERROR,
        ["killed by SIGSEGV", "Check bounds"],
    ),
    "hang": (python("while True:\n    pass"), Status.TIMEOUT, ["took longer than 3 s", "a loop that does not end"]),
    "memory": (
        python("return torch.ones(100_000_000_000)[: x.numel()]"),
        Status.OUT_OF_MEMORY,
        ["400000004096 bytes", "Work in tiles"],
    ),
    "shape": (
        python("return torch.softmax(x, 1)[:, :-1]"),
        Status.SHAPE_MISMATCH,
        ["expected: [16, 1000]", "got: [16, 999]"],
    ),
    "dtype": (
        python("return torch.softmax(x.double(), 1)"),
        Status.DTYPE_MISMATCH,
        ["expected: torch.float32", "torch.float64"],
    ),
    "nan": (
        python("y = torch.softmax(x, 1)\ny[3, 5] = float('nan')\nreturn y"),
        Status.NONFINITE,
        ["worst at index [3, 5]", "got: nan", "1 of 16000 elements are wrong (0.00625%)", "as the problem draws them"],
    ),
    "overflow": (
        python("e = x.exp()\nreturn e / e.sum(1, keepdim=True)"),
        Status.NONFINITE,
        ["other values of the same contract", "subtract the maximum before exp"],
    ),
    "tail": (
        python("y = torch.softmax(x, 1)\ny[-1] = 0\nreturn y"),
        Status.VALUE_MISMATCH,
        ["1 whole slice along dimension 0", "a remainder after the last full tile?", "Check index arithmetic"],
    ),
    "half": (
        python("return torch.softmax(x.half(), 1).float()"),
        Status.VALUE_MISMATCH,
        ["a small relative error in many elements: precision", "Look for half precision"],
    ),
    "race": (
        python("self.n += 1\ny = torch.softmax(x, 1)\nreturn y * 1.001 if self.n % 2 else y", init="self.n = 0"),
        Status.NONDETERMINISTIC,
        ["a wrong and then a right output", "look for a data race"],
    ),
    "in place": (
        python("x.sub_(x.max(1, keepdim=True).values)\nreturn torch.softmax(x, 1)"),
        Status.INPUT_MUTATED,
        ["where: input 0", "Write only to tensors that you allocated"],
    ),
    "one buffer": (
        python("self.y.copy_(torch.softmax(x, 1))\nreturn self.y", init="self.y = torch.empty(16, 1000)"),
        Status.INTEGRITY_VIOLATION,
        ["one buffer for all calls, or written late", "before it returns"],
    ),
    "late": (
        python(f"y = torch.empty_like(x)\n{SLEEPS}\nt.start()\nreturn y", before="import threading\nimport time"),
        Status.INTEGRITY_VIOLATION,
        ["before it returns"],
    ),
    "right": (KERNEL, Status.CORRECT, ["Correct in every call; it was not timed"]),
}


def told(verdict: Verdict, source: str) -> str:
    """The section as a model reads it, with straight quotation marks: the compiler's depend on the locale."""
    library = PromptLibrary(content_root() / "agents" / "prompts")
    record = feedback(verdict, source, Measured(output_shapes=((16, 1000),)))
    variables = {"feedback": record, "parent": {"number": "1", "source": source}}
    text = library.render(arrange(("feedback",)), "cpp", variables).messages[0].text
    return text.replace("\N{LEFT SINGLE QUOTATION MARK}", "'").replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")


@pytest.mark.parametrize("name", FAILURES)
def test_a_real_failure_is_told_so_that_it_can_be_mended(judged: Judged, name: str) -> None:
    source, status, wanted = FAILURES[name]
    verdict = judged(source)
    assert verdict.status is status, verdict.evidence
    text = told(verdict, source)
    for part in wanted:
        assert part in text, text
    assert estimate_tokens(text) <= MAX_TOKENS
    # Never: how much is allowed, which inputs are tried, which call it was, sizes that are kept back, the harness's paths.
    assert not re.search(
        r"toleran|budget|\bseed|\bunseen\b|\bcall \d|_NoClass|/tmp/|harness-judge", text, re.IGNORECASE
    ), text
    assert not [variation for variation in VARIATIONS if variation in text]
    kept_back = {str(size) for sizes in load_problem("level1/23").unseen for size in sizes.values() if size > 100}
    assert kept_back
    assert not kept_back & set(re.findall(r"\d+", text))


def test_what_is_told_twice_is_told_once(judged: Judged) -> None:
    """A traceback of one line, which is the headline, is no log; further compiler errors are."""
    source = python("return x", before="import no_such")
    assert told(judged(source), source).count("No module named") == 1
    two = KERNEL.replace(SCALE, SCALE.replace("sum", "total") + " int nothing = other;")
    text = told(judged(two), two)
    assert "Output:" in text
    assert "'other' was not declared" in text
