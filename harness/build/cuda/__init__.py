"""CUDA C++ for the CPU: a translator to plain C++, the headers it is compiled against, and the runtime that executes it."""

from harness.build.cuda.tokens import TranslationError
from harness.build.cuda.translate import Translator

__all__ = ["TranslationError", "Translator"]
