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


def main_unit(request: BuildRequest, candidate_source: str, defines: list[str]) -> Unit:
    """Return `main.cpp`: the C++ sources as they are, and the bindings."""
    parts = [f"#define TORCH_EXTENSION_NAME {request.name}", *defines]
    for number, source in enumerate(request.sources):
        parts += [sourcemap.line_directive(source, candidate_source, f"source{number}.cpp"), source]
    return unit("main.cpp", [*parts, *binding_lines(request)])


def binding_lines(request: BuildRequest) -> list[str]:
    """Return the module that binds the functions asked for; nothing if the source binds them itself."""
    if not request.functions:
        return []
    return [
        '#line 1 "bindings.cpp"',
        "PYBIND11_MODULE(TORCH_EXTENSION_NAME, m) {",
        *(f'm.def("{name}", {name}, "{name}");' for name, _ in request.functions),
        "}",
    ]


def unit(file: str, parts: list[str]) -> Unit:
    """Return the file of `parts`, each beginning a line."""
    return Unit(file, "\n".join(parts) + "\n")
