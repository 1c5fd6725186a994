"""Judges the judge and the questions: facts of a problem, the lint, the kill score, imported suites.

What needs torch at once, the lint itself, is in `harness.audit.lint`: looking up what is known does not wait for it.
"""

from harness.audit.importing import Imported, import_suite
from harness.audit.known import known_facts, look_up
from harness.audit.survey import each

__all__ = ["Imported", "each", "import_suite", "known_facts", "look_up"]
