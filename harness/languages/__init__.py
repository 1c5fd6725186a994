"""One file per kernel language: what it is, where it runs here, and the rules that its candidates are held to."""

from harness.languages.language import Availability, Language
from harness.languages.rules import check_rules
from harness.registry import Registry

LANGUAGES: Registry[Language] = Registry("languages", {"cpp": "harness.languages.cpp:LANGUAGE"})

__all__ = ["LANGUAGES", "Availability", "Language", "check_rules"]
