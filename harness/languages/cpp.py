"""C++ for the CPU: sources in `load_inline`, OpenMP and SIMD, compiled with the machine's own compiler."""

from harness.errors import ToolchainError
from harness.languages.compiler import find_compiler
from harness.languages.language import Availability, Language


def availability(device: str) -> Availability:
    """Runs and is timed wherever there is a C++ compiler."""
    try:
        find_compiler()
    except ToolchainError as error:
        return Availability(False, False, str(error).partition(":")[0], "apt-get install g++")
    return Availability(True, True)


LANGUAGE = Language("cpp", "C++ (load_inline, OpenMP, SIMD)", ("cpu",), availability)
