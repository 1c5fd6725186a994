"""Triton: kernels under `@triton.jit`; without a GPU they run, and are checked, in Triton's interpreter."""

from importlib.metadata import PackageNotFoundError, version

from harness.languages.language import Availability, Language

SUPPORTED = "3.7"
"""The release whose interpreter is known here: its mistakes are mended one by one, and another's would be others."""


def availability(device: str) -> Availability:
    """The interpreter runs wherever triton is installed; no GPU is judged on yet."""
    if device == "cuda":
        return Availability(
            False,
            False,
            "kernels are not judged on a GPU yet",
            "harness eval --language triton runs them in Triton's interpreter",
        )
    try:
        installed = version("triton")
    except PackageNotFoundError:
        return Availability(False, False, "triton is not installed", f"pip install 'triton=={SUPPORTED}.*'")
    if not installed.startswith(f"{SUPPORTED}."):
        reason = f"triton {installed} is installed, and kernels are interpreted with triton {SUPPORTED}"
        return Availability(False, False, reason, f"pip install 'triton=={SUPPORTED}.*'")
    return Availability(True, False)


LANGUAGE = Language("triton", "Triton", ("cuda", "interpreter"), availability)
