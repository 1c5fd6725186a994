"""The translated files of one request: CUDA sources in one, C++ sources and bindings in another, as torch compiles them."""

from collections.abc import Callable

from harness.build import sourcemap
from harness.build.cuda.tokens import TranslationError
from harness.build.cuda.translate import Translator
from harness.build.request import BuildRequest, Diagnostic
from harness.build.units import Unit, main_unit

HOST = ("#undef __CUDACC__", "#undef __NVCC__", "#undef __CUDA_ARCH__")
"""C++ sources are not seen by nvcc."""


class NotTranslated(ValueError):
    """A source could not be translated; `diagnostic` says why and where."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(str(diagnostic))
        self.diagnostic = diagnostic


def emulated_units(
    request: BuildRequest, candidate_source: str, defines: list[str], cuda_defines: list[str]
) -> list[Unit]:
    """Return the files to compile.

    Raises:
        NotTranslated: a source uses what the emulation does not have, or cannot be read.
    """
    translator = Translator()
    units = []
    if any(text.strip() for text in request.cuda_sources):
        parts = [f"#define TORCH_EXTENSION_NAME {request.name}", *cuda_defines]
        for number, source in enumerate(request.cuda_sources):
            text = _translated(translator.device, source, candidate_source, f"cuda{number}.cu")
            parts += [sourcemap.line_directive(source, candidate_source, f"cuda{number}.cu"), text]
        units.append(Unit("cuda.cpp", "\n".join(parts) + "\n"))
    if request.functions or any(text.strip() for text in request.sources):
        texts = [
            _translated(translator.host, source, candidate_source, f"source{number}.cpp")
            for number, source in enumerate(request.sources)
        ]
        units.append(main_unit(request, candidate_source, [*HOST, *defines], texts))
    return units or [main_unit(request, candidate_source, defines, [])]


def _translated(translate: Callable[[str], str], text: str, candidate_source: str, file: str) -> str:
    try:
        return translate(text)
    except TranslationError as error:
        first = sourcemap.first_line(text, candidate_source)
        line = error.line + (first - 1 if first else 0)
        file = sourcemap.CANDIDATE if first else file
        said = sourcemap.source_line(candidate_source, line) if first else text.split("\n")[error.line - 1]
        raise NotTranslated(Diagnostic("error", str(error), file, line, said)) from None
