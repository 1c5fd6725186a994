"""Triton: kernels under `@triton.jit`; without a GPU they run, and are checked, in Triton's interpreter."""

from importlib.util import find_spec

from harness.languages.language import Availability, Language


def availability(device: str) -> Availability:
    """The interpreter runs wherever triton is installed; no GPU is judged on yet."""
    if device == "cuda":
        return Availability(
            False,
            False,
            "kernels are not judged on a GPU yet",
            "harness eval --language triton runs them in Triton's interpreter",
        )
    if find_spec("triton") is None:
        return Availability(False, False, "triton is not installed", "pip install triton")
    return Availability(True, False)


LANGUAGE = Language("triton", "Triton", ("cuda", "interpreter"), availability)
