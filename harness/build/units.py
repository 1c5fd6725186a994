"""What the compiler is given: the texts of one request, with lines that name the candidate's own."""

from dataclasses import dataclass

from harness.build import sourcemap
from harness.build.request import BuildRequest


@dataclass(frozen=True)
class Unit:
    """One file to compile."""

    file: str
    """Its name in the build's folder."""
    text: str
    """Its contents."""


def main_unit(request: BuildRequest, candidate_source: str, defines: list[str], texts: list[str]) -> Unit:
    """Return `main.cpp`: the C++ sources and the bindings.

    `texts` is what is compiled for each of the request's sources; as many lines, which may differ from the original.
    """
    parts = [f"#define TORCH_EXTENSION_NAME {request.name}", *defines]
    for number, (source, text) in enumerate(zip(request.sources, texts, strict=True)):
        parts += [sourcemap.line_directive(source, candidate_source, f"source{number}.cpp"), text]
    if request.functions:
        parts.append('#line 1 "bindings.cpp"')
        parts.append("PYBIND11_MODULE(TORCH_EXTENSION_NAME, m) {")
        parts += [f'm.def("{name}", {name}, "{name}");' for name, _ in request.functions]
        parts.append("}")
    return Unit("main.cpp", "\n".join(parts) + "\n")
