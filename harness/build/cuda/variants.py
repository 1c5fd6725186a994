"""The two ways to compile for the emulation."""

import functools

from harness.build.cuda.runtime import CHECKED_CFLAGS, INCLUDE, sources_digest
from harness.build.toolchain import INCLUDE as TORCH_INCLUDE
from harness.build.variant import Variant
from harness.models import sha256_hex

_BOTH = (
    "-march=native", "-fno-strict-aliasing", "-fwrapv", "-fno-finite-loops", "-fopenmp", "-std=c++20", "-fPIC",
    "-fvisibility=hidden", "-fno-gnu-unique", "-Werror=vla", "-Wno-volatile",
)  # fmt: skip
"""Hidden, so that several libraries live in one process. As nvcc has it: memory may be read as another type, integers
wrap, a loop may go on for ever, and there are no arrays of variable length."""
PLAIN_CFLAGS = ("-O2", *_BOTH)
_WITHOUT_SANITIZERS = ("-nodefaultlibs", "-lstdc++", "-lm", "-lgcc_s", "-lgcc", "-lc", "-lgomp")
"""The instrumentation calls functions of ours, so the sanitizers' own libraries stay out."""


@functools.cache
def emulation(*, checked: bool) -> Variant:
    """Return the variant of the emulation: plain, or with each memory access checked."""
    digest = sha256_hex(
        sources_digest().encode() + b"".join(p.read_bytes() for p in sorted(INCLUDE.rglob("*.h")) if p.is_file())
    )
    return Variant(
        "checked" if checked else "emulated",
        INCLUDE / "harness_cuda.h",
        (*_BOTH, *CHECKED_CFLAGS) if checked else PLAIN_CFLAGS,
        _WITHOUT_SANITIZERS if checked else (),
        (INCLUDE, TORCH_INCLUDE),
        (INCLUDE,),
        digest,
    )
