"""What a confined process may see, do and use. Plain values: they travel to the fork server as JSON."""

import dataclasses
import json
import sys
import sysconfig
from pathlib import Path
from typing import Any


@dataclasses.dataclass(frozen=True, kw_only=True)
class Profile:
    """Confinement of one process tree."""

    readable: tuple[str, ...]
    """Host paths that appear, read-only, at the same place in the new root."""
    writable: tuple[str, ...] = ()
    """Host paths that appear writable at the same place."""
    hidden: tuple[str, ...] = ()
    """Folders beneath `readable` that appear empty."""
    root: str
    """An empty host folder over which the new root is mounted."""
    scratch_bytes: int = 256 << 20
    """Size of the private /tmp, which is memory."""
    may_exec: bool = False
    """Whether new programs may be started: yes for builds, no for kernels."""
    extra_address_space_bytes: int = 6 << 30
    """Address space on top of what the idle process has. 0: no limit."""
    cpu_s: int = 3600
    """CPU seconds before the kernel ends the process."""
    file_bytes: int = 256 << 20
    """Largest file that may be written."""
    processes: int = 256
    """Threads and processes at once."""
    cores: tuple[int, ...] = ()
    """Cores to be pinned to; empty: any."""
    environment: tuple[tuple[str, str], ...] = ()
    """The whole environment, where a new program is started."""

    def to_json(self) -> str:
        """Return the profile as one JSON object."""
        return json.dumps(dataclasses.asdict(self))

    @classmethod
    def from_json(cls, text: str) -> "Profile":
        """Return the profile that `to_json` wrote."""
        values: dict[str, Any] = {
            k: tuple(map(_freeze, v)) if isinstance(v, list) else v for k, v in json.loads(text).items()
        }
        return cls(**values)


def _freeze(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


SYSTEM_PATHS = ("/usr", "/lib", "/lib64", "/bin", "/etc/ld.so.cache", "/etc/alternatives", "/sys/devices/system")


def interpreter_paths() -> tuple[str, ...]:
    """Return the folders that hold this interpreter and its packages, outermost only, without the user's own code."""
    found = {
        sys.prefix,
        sys.base_prefix,
        *(sysconfig.get_paths()[k] for k in ("stdlib", "platstdlib", "purelib", "platlib")),
    }
    folders = sorted({str(Path(p).resolve()) for p in found} | {str(Path(p).absolute()) for p in found})
    kept: list[str] = []
    for folder in (*SYSTEM_PATHS, *folders):
        if Path(folder).exists() and not any(Path(folder).is_relative_to(k) for k in kept):
            kept.append(folder)
    return tuple(kept)


def own_package() -> str:
    """Return the folder of this package, which a candidate has no business to read."""
    return str(Path(__file__).resolve().parent.parent)
