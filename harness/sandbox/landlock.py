"""File access by landlock: a second wall behind the mount namespace, and the only one where there is none."""

import contextlib
import struct
from collections.abc import Iterable
from pathlib import Path

from harness.sandbox import kernel

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1, 2, 4, 8
_ALL_BY_ABI = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 4: (1 << 15) - 1, 5: (1 << 16) - 1}
_NET_BIND_AND_CONNECT = 3
_SCOPE_ABSTRACT_UNIX_AND_SIGNAL = 3
_FILE_ONLY = _EXECUTE | _WRITE_FILE | _READ_FILE | (1 << 14) | (1 << 15)
"""Rights that make sense on a single file; naming another one there is an error."""


def restrict(readable: Iterable[str], writable: Iterable[str], *, may_exec: bool) -> int:
    """Confine this thread to reading beneath `readable` and anything beneath `writable`; returns the ABI used.

    Raises:
        OSError: this kernel has no landlock.
    """
    abi = kernel.landlock_abi()
    if abi < 1:
        raise OSError("landlock is not in this kernel")
    everything = _ALL_BY_ABI[min(abi, 5)]
    attributes = [everything]
    if abi >= 4:
        attributes.append(_NET_BIND_AND_CONNECT)
    if abi >= 6:
        attributes.append(_SCOPE_ABSTRACT_UNIX_AND_SIGNAL)
    ruleset = kernel.landlock_ruleset(struct.pack(f"{len(attributes)}Q", *attributes))
    read = _READ_FILE | _READ_DIR | (_EXECUTE if may_exec else 0)
    write = everything if may_exec else everything & ~_EXECUTE
    for paths, access in ((readable, read), (writable, write)):
        for path in paths:
            with contextlib.suppress(FileNotFoundError, PermissionError):  # out of reach already: nothing to allow
                kernel.landlock_allow(ruleset, path, access if Path(path).is_dir() else access & _FILE_ONLY)
    kernel.landlock_restrict(ruleset)
    return abi
