"""Judges the judge and the questions: facts of a problem, the lint, the kill score, imported suites."""

from harness.audit.importing import Imported, import_suite
from harness.audit.known import known_facts, look_up
from harness.audit.lint import MEMORY_BUDGET_BYTES, lint_problem
from harness.audit.survey import each

__all__ = [
    "MEMORY_BUDGET_BYTES",
    "Imported",
    "each",
    "import_suite",
    "known_facts",
    "lint_problem",
    "look_up",
]
