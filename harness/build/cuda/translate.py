"""CUDA C++ becomes C++ of the emulation: the same text but for launches, shared variables, inline PTX and device questions.

Each line stays where it was, so that the compiler's messages and debug information name the candidate's own.
"""

from dataclasses import dataclass

from harness.build.cuda.host import rewrite_host
from harness.build.cuda.launches import rewrite_launches
from harness.build.cuda.region import Edits, Region
from harness.build.cuda.shared import SharedVariables
from harness.build.cuda.tokens import Source, tokenise


@dataclass
class Translator:
    """Translates the sources of one build."""

    _shared: SharedVariables

    def __init__(self) -> None:
        self._shared = SharedVariables()

    def device(self, text: str) -> str:
        """Translate a CUDA source.

        Raises:
            TranslationError: it uses what the emulation does not have, or cannot be read.
        """
        source = tokenise(text)
        edits = Edits(source)
        for region in regions(source, edits):
            rewrite_launches(region)
            self._shared.rewrite(region)
            rewrite_host(region)
        return edits.apply()

    def host(self, text: str) -> str:
        """Translate a C++ source that stands beside the CUDA sources.

        Raises:
            TranslationError: it cannot be read.
        """
        source = tokenise(text)
        edits = Edits(source)
        for region in regions(source, edits):
            rewrite_host(region)
        return edits.apply()


def regions(source: Source, edits: Edits) -> list[Region]:
    """Return the text outside of preprocessor lines, and each macro's body, as regions of their own."""
    main = Region(source, source.tokens, edits, len(source.text))
    return [main, *(Region(source, m.body, edits, m.end, m.parameters) for m in source.macros if m.body)]
