"""Triton: kernels under `@triton.jit`. Prompts for it can be made; no device here judges it."""

from harness.languages.language import Availability, Language


def availability(device: str) -> Availability:
    """Runs nowhere yet: no device of `harness.devices` runs its kernels."""
    return Availability(
        False,
        False,
        f"Triton kernels cannot be judged yet: there is no {device} device, only cpu",
        "harness generate makes prompts and kernels; harness run --language cpp judges them",
    )


LANGUAGE = Language("triton", "Triton", ("cuda",), availability)
