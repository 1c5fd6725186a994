"""One file per kernel language: what it is, where it runs here, and the rules that its candidates are held to."""

from harness.languages.compiler import find_compiler
from harness.languages.language import Availability, Language
from harness.languages.rules import check_rules
from harness.languages.table import LANGUAGES, require_runnable, support

__all__ = ["LANGUAGES", "Availability", "Language", "check_rules", "find_compiler", "require_runnable", "support"]
