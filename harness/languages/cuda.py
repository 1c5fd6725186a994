"""CUDA C++: sources in `load_inline`, on a GPU compiled by nvcc; without one they run, and are checked, in the emulation."""

from harness.errors import ToolchainError
from harness.languages.compiler import find_compiler
from harness.languages.language import Availability, Language


def availability(device: str) -> Availability:
    """The emulation runs wherever there is a C++ compiler; no GPU is judged on yet."""
    if device == "cuda":
        return Availability(
            False,
            False,
            "kernels are not judged on a GPU yet",
            "harness eval --language cuda runs them in the emulation",
        )
    try:
        find_compiler()
    except ToolchainError as error:
        return Availability(False, False, str(error).partition(":")[0], "apt-get install g++")
    return Availability(True, False)


LANGUAGE = Language("cuda", "CUDA C++ (load_inline)", ("cuda", "emulated"), availability)
