"""CUDA C++ becomes C++ of the emulation: the same text but for launches, shared variables, inline PTX and device questions.

Each line stays where it was, so that the compiler's messages and debug information name the candidate's own.
"""

import bisect
from dataclasses import replace

from harness.build.cuda.assembly import rewrite_assembly
from harness.build.cuda.conditions import inactive
from harness.build.cuda.host import rewrite_host
from harness.build.cuda.launch_calls import keep_kernel_types
from harness.build.cuda.launches import rewrite_launches
from harness.build.cuda.refusals import refuse_headers, refuse_names
from harness.build.cuda.region import Edits, Region
from harness.build.cuda.scopes import find_scopes
from harness.build.cuda.shared import SharedVariables
from harness.build.cuda.tokens import Source, Token, tokenise


class Translator:
    """Translates the sources of one build."""

    def __init__(self) -> None:
        self._shared = SharedVariables()

    def device(self, text: str) -> str:
        """Translate a CUDA source.

        Raises:
            TranslationError: it uses what the emulation does not have, or cannot be read.
        """
        source = compiled(tokenise(text))
        refuse_headers(source)
        edits = Edits(source)
        all_ = regions(source, edits)
        scopes = [find_scopes(region) for region in all_]
        for region, scope in zip(all_, scopes, strict=True):
            refuse_names(region, scope)
            rewrite_launches(region)
            keep_kernel_types(region)
            rewrite_assembly(region)
            rewrite_host(region)
        self._shared.rewrite(all_, scopes)
        return edits.apply()

    def host(self, text: str) -> str:
        """Translate a C++ source that stands beside the CUDA sources.

        Raises:
            TranslationError: it uses what the emulation does not have, or cannot be read.
        """
        source = compiled(tokenise(text))
        refuse_headers(source)
        edits = Edits(source)
        for region in regions(source, edits):
            refuse_names(region, find_scopes(region))
            rewrite_host(region)
        return edits.apply()


def only_declares(text: str) -> bool:
    """Whether a C++ source that can be translated holds declarations only, and no macros or default arguments.

    Only then does it not matter whether it is compiled with the CUDA sources or apart.
    """
    source = tokenise(text)
    defines = any(directive.name not in {"include", "pragma"} for directive in source.directives)
    return not defines and not any(token.text in {"{", "="} for token in source.tokens)


def compiled(source: Source) -> Source:
    """Return `source` without what the preprocessor surely leaves out."""
    stretches = inactive(source)
    if not stretches:
        return source
    starts = [start for start, _ in stretches]

    def kept(offset: int) -> bool:
        found = bisect.bisect_right(starts, offset) - 1
        return found < 0 or offset >= stretches[found][1]

    def tokens(given: list[Token]) -> list[Token]:
        return [token for token in given if kept(token.start)]

    directives = [directive for directive in source.directives if kept(directive.start)]
    macros = [macro for macro in source.macros if kept(macro.end - 1)]
    return replace(source, tokens=tokens(source.tokens), directives=directives, macros=macros)


def regions(source: Source, edits: Edits) -> list[Region]:
    """Return the text outside of preprocessor lines, and each macro's body, as regions of their own."""
    main = Region(source, source.tokens, edits)
    return [main, *(Region(source, m.body, edits, m.parameters) for m in source.macros if m.body)]
