"""Maps C++ text back to the lines of the candidate's Python file that it stands in.

Nothing is executed: the string constants of the file are found by AST. A text that was assembled at run time maps to
`main.cpp` instead.
"""

import ast

CANDIDATE = "candidate.py"


def line_directive(text: str, candidate_source: str, file: str) -> str:
    """Return the `#line` directive to stand before `text`, which is called `file` where it is none of the candidate's."""
    line = first_line(text, candidate_source)
    return f'#line {line} "{CANDIDATE}"' if line else f'#line 1 "{file}"'


def first_line(text: str, candidate_source: str) -> int | None:
    """Return the line of the candidate on which `text` begins, or None if it is not one literal of it."""
    try:
        tree = ast.parse(candidate_source)
    except (SyntaxError, ValueError, RecursionError):
        return None
    lines = candidate_source.splitlines()
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and node.value == text and _agrees(text, lines, node.lineno):
            return node.lineno
    return None


def _agrees(text: str, lines: list[str], start: int) -> bool:
    """Whether each line of `text` really stands on the file's line that the mapping gives."""
    for offset, line in enumerate(text.splitlines()):
        index = start - 1 + offset
        if index >= len(lines) or line.strip() not in lines[index]:
            return False
    return True


def source_line(candidate_source: str, line: int) -> str:
    """Return line `line` (from 1) of the candidate, or nothing."""
    lines = candidate_source.splitlines()
    return lines[line - 1] if 0 < line <= len(lines) else ""
