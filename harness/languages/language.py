"""What every kernel language says of itself."""

import dataclasses
from collections.abc import Callable


@dataclasses.dataclass(frozen=True)
class Availability:
    """Whether a language runs on a device of this machine."""

    runs: bool
    """Whether candidates run and can be checked."""
    timed: bool
    """Whether their times count."""
    reason: str = ""
    """Why not, in one line."""
    remedy: str = ""
    """The command that would change it."""


@dataclasses.dataclass(frozen=True)
class Language:
    """A kernel language."""

    name: str
    """Key in the registry."""
    title: str
    """Name for people."""
    devices: tuple[str, ...]
    """Devices that its kernels may run on."""
    availability: Callable[[str], Availability]
    """Says, for one of `devices`, whether it works here."""
