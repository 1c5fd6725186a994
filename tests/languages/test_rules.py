"""Rules over the syntax tree: what is refused has no honest use, and honest kernels pass."""

import ast

import pytest

from harness.languages import check_rules
from harness.languages.rules import Broken
from tests.candidates import KERNEL, python

IMPORTS = """import torch
import torch.nn as nn
import torch.nn.functional as F
import numpy as np
import time
from time import perf_counter
from torch.nn import functional
from torch.backends import cudnn
"""


def check(source: str) -> tuple[Broken | None, list[str]]:
    return check_rules(source, ast.parse(source))


@pytest.mark.parametrize(
    ("statement", "target"),
    [
        ("torch.allclose = lambda *a: True", "torch.allclose"),
        ("torch.testing.assert_close = print", "torch.testing.assert_close"),
        ("torch.Tensor.__eq__ = None", "torch.Tensor.__eq__"),
        ("torch.cuda.Event.elapsed_time = lambda *a: 0.0", "torch.cuda.Event.elapsed_time"),
        ("nn.Module.__call__ = print", "torch.nn.Module.__call__"),
        ("F.softmax = print", "torch.nn.functional.softmax"),
        ("functional.relu = print", "torch.nn.functional.relu"),
        ("np.allclose = print", "numpy.allclose"),
        ("time.perf_counter = lambda: 0.0", "time.perf_counter"),
        ("perf_counter.__call__ = print", "time.perf_counter.__call__"),
        ("torch.manual_seed: object = print", "torch.manual_seed"),
        ("torch.manual_seed += 1", "torch.manual_seed"),
        ("del torch.allclose", "torch.allclose"),
        ("x, torch.allclose = 1, 2", "torch.allclose"),
        ("[x, (y, torch.allclose)] = 1, (2, 3)", "torch.allclose"),
        ("x, *torch.allclose = 1, 2", "torch.allclose"),
        ("for torch.allclose in [print]: pass", "torch.allclose"),
        ("with open('x') as torch.allclose: pass", "torch.allclose"),
        ("[0 for torch.allclose in [print]]", "torch.allclose"),
        ("setattr(torch, 'allclose', print)", "an attribute of torch"),
        ("setattr(torch.Tensor, name, print)", "an attribute of torch.Tensor"),
        ("delattr(time, 'time')", "an attribute of time"),
        ("torch.__dict__['allclose'] = print", "torch.__dict__"),
        ("del torch.Tensor.__dict__['eq']", "torch.Tensor.__dict__"),
        ("def f():\n    class A:\n        torch.allclose = print", "torch.allclose"),
    ],
)
def test_rebinding_somebody_elses_attribute_is_refused(statement: str, target: str) -> None:
    source = IMPORTS + "\n" + statement + "\n"
    broken, _ = check(source)
    assert broken is not None
    assert broken.what == f"it rebinds {target}, which belongs to somebody else's module"
    assert source.splitlines()[broken.line - 1].strip() == broken.code


@pytest.mark.parametrize(
    "statement",
    [
        "torch.backends.cudnn.benchmark = True",
        "torch.backends.cuda.matmul.allow_tf32, x = False, 1",
        "cudnn.deterministic = True",
        "torch._dynamo.config.suppress_errors = True",
        "torch._inductor.config.max_autotune = True",
        "setattr(torch.backends.cudnn, 'benchmark', True)",
        "x = torch.allclose",
        "self = object(); self.torch = torch",
        "class A(nn.Module):\n    softmax = F.softmax\n    def f(self, x):\n        self.weight.data, x.grad = x, None",
        "allclose = torch.allclose\nallclose.cached = 1",
        "x = {}\nx['torch'] = torch",
        "import os\nos.environ['OMP_NUM_THREADS'] = '1'",
        "setattr(x, 'y', 1)",
        "setattr()",
        "torch.nn.functional.softmax(x, 1).data[0] = 3",
        "import unrelated\nunrelated.allclose = print",
    ],
)
def test_what_people_honestly_set_is_not_refused(statement: str) -> None:
    assert check(IMPORTS + "\n" + statement + "\n")[0] is None


@pytest.mark.parametrize("cookie", ["latin-1", "cp1252", "utf-7", "rot13", "idna", "raw_unicode_escape"])
@pytest.mark.parametrize("line", [0, 1])
def test_another_encoding_is_refused(cookie: str, line: int) -> None:
    source = "#!/usr/bin/python\n" * line + f"# -*- coding: {cookie} -*-\nx = 1\n"
    broken, _ = check(source)
    assert broken is not None
    assert cookie in broken.what
    assert broken.line == line + 1


@pytest.mark.parametrize(
    "source", ["# coding: utf-8\n", "# vim: fileencoding=UTF_8 :\n", "x = 1\n\n# coding: latin-1\n"]
)
def test_utf_8_may_be_declared_and_the_third_line_is_a_comment(source: str) -> None:
    assert check(source)[0] is None


@pytest.mark.parametrize(
    "character", ["\x00", "\x08", "\x0b", "\x1a", "\x1b", "\x7f", "\x85", "\u2028", "\u2029", "\r"], ids=repr
)
def test_characters_that_hide_text_are_refused(character: str) -> None:
    """A lone carriage return or a line separator shows a reader other lines than the ones that are executed."""
    source = f"x = 1\n# harmless{character}torch.allclose = print\n"
    broken, _ = check_rules(source, ast.parse("x = 1"))
    assert broken is not None
    assert "control character" in broken.what
    assert broken.line == 2


def test_ordinary_white_space_is_fine() -> None:
    assert check("if True:\n\tx = 1\r\n\f\n# Grüße, 世界 \U0001f600\n")[0] is None


HONEST = (
    KERNEL,
    python("return torch.softmax(x, 1)"),
    python(
        "try:\n    return fast(x)\nexcept RuntimeError:\n    pass\nreturn torch.softmax(x, 1)", before="fast = None"
    ),
    python(
        "# torch.allclose = cheat\nreturn x",
        before='"""setattr(torch, \'allclose\', f) would be wrong; time too"""',
    ),
    python(
        "return self.scale * x",
        before="torch.backends.cuda.matmul.allow_tf32 = False\ntorch.manual_seed(0)",
        init="self.scale = nn.Parameter(torch.ones(1))\nself.forward_count = 0\nself.linear = nn.Linear(2, 2)\n"
        "self.linear.weight.requires_grad = False",
    ),
    "",
)


@pytest.mark.parametrize("source", HONEST)
def test_an_honest_file_passes_without_a_note(source: str) -> None:
    assert check(source) == (None, [])


def test_torch_compile_is_noted_not_refused() -> None:
    broken, notes = check("import torch as t\n\nfast = t.compile(print)\n\n@t.compile\ndef f(x):\n    return x\n")
    assert broken is None
    assert notes == ["candidate.py:3: calls torch.compile, which is not a kernel of its own"]


def test_the_reported_line_may_lie_beyond_what_splitting_gives() -> None:
    """A form feed splits lines for `str.splitlines` and not for Python."""
    broken, _ = check("import torch\n\f\ntorch.allclose = 3")
    assert broken is not None
    assert broken.line == 3
