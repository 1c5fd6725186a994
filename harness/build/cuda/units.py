"""The translated files of one request: CUDA sources in one, C++ sources and bindings in another, as torch compiles them."""

from collections.abc import Callable

from harness.build import sourcemap
from harness.build.cuda.tokens import TranslationError
from harness.build.cuda.translate import Translator, only_declares
from harness.build.request import BuildRequest, Diagnostic
from harness.build.units import Unit, binding_lines, unit

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

    C++ sources that only declare what the CUDA sources define, as most do, stand before them in one file: reading the
    precompiled header takes longer than compiling them.

    Raises:
        NotTranslated: a source uses what the emulation does not have, or cannot be read.
    """
    translator = Translator()
    cuda = [
        _part(translator.device, source, candidate_source, f"cuda{number}.cu")
        for number, source in enumerate(request.cuda_sources)
    ]
    host = [
        _part(translator.host, source, candidate_source, f"source{number}.cpp")
        for number, source in enumerate(request.sources)
    ]
    bindings = binding_lines(request)
    name = f"#define TORCH_EXTENSION_NAME {request.name}"
    if not any(text.strip() for text in request.cuda_sources):
        return [unit("main.cpp", [name, *HOST, *defines, *host, *bindings])]
    if not defines and all(only_declares(text) for text in request.sources):
        return [unit("cuda.cpp", [name, *cuda_defines, *host, *cuda, *bindings])]
    return [
        unit("cuda.cpp", [name, *cuda_defines, *cuda]),
        unit("main.cpp", [name, *HOST, *defines, *host, *bindings]),
    ]


def _part(translate: Callable[[str], str], text: str, candidate_source: str, file: str) -> str:
    translated = _translated(translate, text, candidate_source, file)
    return f"{sourcemap.line_directive(text, candidate_source, file)}\n{translated}"


def _translated(translate: Callable[[str], str], text: str, candidate_source: str, file: str) -> str:
    try:
        return translate(text)
    except TranslationError as error:
        first = sourcemap.first_line(text, candidate_source)
        line = error.line + (first - 1 if first else 0)
        file = sourcemap.CANDIDATE if first else file
        said = sourcemap.source_line(candidate_source, line) if first else text.split("\n")[error.line - 1]
        raise NotTranslated(Diagnostic("error", str(error), file, line, said)) from None
