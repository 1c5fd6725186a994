"""Writes `problems/DIFFERENCES.md`: in what each problem differs from KernelBench's of the same id, from its docstring.

The last line of a problem's docstring says it: `Differs: inputs are normal, upstream's are uniform in [0, 1).`
`python -m harness.suite.differences` writes the table anew; a test holds that it is current.
"""

import ast
from pathlib import Path

from harness.models import Problem
from harness.suite.content import content_root
from harness.suite.selections import select

MARK = "Differs: "

_HEAD = """# Differences from KernelBench

Every problem has the id, the operations in their order, the `gpu` sizes and the number of parameters of KernelBench's
problem of the same id (v0.1 and later), and is written anew. Where an input or a constant of upstream's makes a question
unfair (an operation that changes nothing, an output that hardly varies, a parameter that is ignored), it is another one
here. The table is generated from the last line of each problem's docstring.

| id | name | what differs |
|---|---|---|
"""


def difference(problem: Problem) -> str | None:
    """Return what the docstring's last line says about `problem`, or None where it has no such line."""
    text = ast.get_docstring(ast.parse(problem.source)) or ""
    last = text.rstrip().rpartition("\n")[2]
    return last.removeprefix(MARK) if last.startswith(MARK) else None


def table() -> str:
    """Return the whole text of the file."""
    rows = [
        f"| {p.id} | {p.name} | {(difference(p) or 'not said').replace('|', chr(92) + '|')} |" for p in select("all")
    ]
    return _HEAD + "\n".join(rows) + "\n"


def differences_path() -> Path:
    """Return where the table lies."""
    return content_root() / "problems" / "DIFFERENCES.md"


if __name__ == "__main__":
    differences_path().write_text(table(), "utf-8")
