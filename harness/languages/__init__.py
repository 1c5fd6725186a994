"""One file per kernel language: what it is, where it runs here, and the rules that its candidates are held to."""

from harness.languages.compiler import find_compiler
from harness.languages.language import Availability, Language
from harness.languages.rules import check_rules
from harness.languages.table import LANGUAGES, device_for, is_timed, support

__all__ = ["LANGUAGES", "Availability", "Language", "check_rules", "device_for", "find_compiler", "is_timed", "support"]
