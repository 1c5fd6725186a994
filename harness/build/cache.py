"""A folder of build results by content. Written by the trusted side only; an entry is complete or absent."""

import contextlib
import dataclasses
import errno
import fcntl
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from harness.build.request import BuildResult, Diagnostic
from harness.errors import StoreError


class BuildCache:
    """Build results under `<root>/objects/<key>/`, and precompiled headers under `<root>/pch/`."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @property
    def pch(self) -> Path:
        """Folder of precompiled headers."""
        return self.root / "pch"

    def _entry(self, key: str) -> Path:
        return self.root / "objects" / key[:2] / key

    def get(self, key: str) -> BuildResult | None:
        """Return the result stored under `key`; None if there is none or it cannot be read."""
        entry = self._entry(key)
        try:
            raw = json.loads((entry / "result.json").read_text())
            raw["diagnostics"] = tuple(Diagnostic(**d) for d in raw["diagnostics"])
            result = BuildResult(**raw)
        except (OSError, ValueError, TypeError, KeyError):
            return None
        library = entry / "module.so"
        if result.failure == "" and not library.is_file():
            return None
        return dataclasses.replace(
            result, library=str(library) if not result.failure else None, cached=True, elapsed_ns=0
        )

    def put(self, result: BuildResult, library: bytes | None) -> BuildResult:
        """Store `result`, and the shared object if there is one; returns it with the library's path.

        Raises:
            StoreError: the folder cannot be written, or the disk is full.
        """
        entry = self._entry(result.key)
        with writing(entry):
            entry.parent.mkdir(parents=True, exist_ok=True)
            scratch = Path(tempfile.mkdtemp(dir=entry.parent))
            try:
                if library is not None:
                    (scratch / "module.so").write_bytes(library)
                (scratch / "result.json").write_text(json.dumps(dataclasses.asdict(result)))
                scratch.chmod(0o755)
                with self.lock("objects"):
                    if self.get(result.key) is None:  # one that is complete may be in use
                        shutil.rmtree(entry, ignore_errors=True)
                        os.rename(scratch, entry)
            finally:
                shutil.rmtree(scratch, ignore_errors=True)
        return dataclasses.replace(result, library=str(entry / "module.so") if library is not None else None)

    @contextlib.contextmanager
    def lock(self, name: str) -> Iterator[None]:
        """Hold the machine-wide lock `name`, so that two processes do not build the same thing."""
        with writing(self.root):
            self.root.mkdir(parents=True, exist_ok=True)
            handle = (self.root / f"{name}.lock").open("w")
        with handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield


@contextlib.contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn a failing write below `path` into one line that says what to do."""
    try:
        yield
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        reason = "the disk is full" if full else error.strerror or str(error)
        remedy = "free some space, or set HARNESS_CACHE_DIR" if full else "set HARNESS_CACHE_DIR to a folder of yours"
        raise StoreError(f"cannot write {path}: {reason}: {remedy}") from error
