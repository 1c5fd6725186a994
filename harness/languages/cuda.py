"""CUDA C++: sources in `load_inline`, compiled by nvcc. Prompts for it can be made; no device here judges it."""

from harness.languages.language import Availability, Language


def availability(device: str) -> Availability:
    """Runs nowhere yet: no device of `harness.devices` runs its kernels."""
    return Availability(
        False,
        False,
        f"CUDA kernels cannot be judged yet: there is no {device} device, only cpu",
        "harness generate makes prompts and kernels; harness run --language cpp judges them",
    )


LANGUAGE = Language("cuda", "CUDA C++ (load_inline)", ("cuda",), availability)
