"""A GPU that is not there: Triton kernels run in Triton's interpreter on the CPU, as on the chip that is emulated."""

from harness.devices import emulated

ARCHS = ("sm_80", "sm_90", "sm_100", "gfx942")
"""Chips that kernels are compiled for where nobody names others."""


def facts() -> dict[str, str]:
    """Return what a kernel's author may know of the chip."""
    return emulated.facts()
