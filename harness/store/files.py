"""Writing files so that a reader never sees half of one, and naming what stood in the way."""

import errno
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from harness.errors import StoreError

_ADVICE = {
    errno.ENOSPC: "free some space, or choose another folder with --runs-dir",
    errno.EDQUOT: "free some space, or choose another folder with --runs-dir",
    errno.EFBIG: "raise the file size limit (ulimit -f), or choose another folder with --runs-dir",
    errno.EACCES: "change its permissions, or choose another folder with --runs-dir",
    errno.EPERM: "change its permissions, or choose another folder with --runs-dir",
    errno.EROFS: "choose a writable folder with --runs-dir",
}


@contextmanager
def store_errors(path: Path, action: str) -> Iterator[None]:
    """Turn an `OSError` inside into a `StoreError` that names `path`, `action` ("cannot be ...") and a way out."""
    try:
        yield
    except OSError as error:
        raise StoreError(describe(error, path, action)) from None


def describe(error: OSError, path: Path, action: str) -> str:
    """Return one line for an `OSError` on `path`."""
    advice = _ADVICE.get(error.errno or 0)
    return f"{path}: cannot be {action}: {error.strerror or error}" + (f" - {advice}" if advice else "")


def write_atomically(path: Path, data: bytes) -> None:
    """Put `data` at `path`, whole or not at all, on disk before the call returns.

    Raises:
        StoreError: the disk is full, the folder is read-only, ...; nothing is left behind.
    """
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    with store_errors(path, "written"):
        try:
            with temporary.open("xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        except BaseException:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)
            raise
        sync_folder(path.parent)


def sync_folder(path: Path) -> None:
    """Make the names in a folder survive a power cut."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
