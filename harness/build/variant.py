"""How sources are compiled: for the CPU as they are, or for the emulation of a GPU, plain or with checks."""

from dataclasses import dataclass
from pathlib import Path

from harness.build.toolchain import CFLAGS, INCLUDE, Toolchain


@dataclass(frozen=True)
class Variant:
    """One way to compile, with the header that is precompiled for it."""

    name: str
    """Name of its folder of precompiled headers."""
    header: Path
    """What is precompiled."""
    cflags: tuple[str, ...]
    """Flags of the header and of each source; they must be the same."""
    link: tuple[str, ...] = ()
    """Flags of the link."""
    includes: tuple[Path, ...] = ()
    """Folders searched before torch's."""
    full_includes: tuple[Path, ...] = ()
    """The same where torch's own headers are to be found."""
    digest: str = ""
    """Of what the result depends on beside the flags."""

    def include_flags(self, tools: Toolchain) -> list[str]:
        """Return the flags that find our headers first and torch's behind them."""
        return [*(f"-I{path}" for path in self.includes), *(f"-isystem{path}" for path in tools.torch_include)]


CPU = Variant("cpu", INCLUDE / "harness_torch.h", CFLAGS, includes=(INCLUDE,))
"""C++ as it is, to be run and timed."""
