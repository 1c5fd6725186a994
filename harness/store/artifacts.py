"""Artefacts: bytes under the digest of their content, written once, never changed."""

from pathlib import Path

from harness.errors import StoreError
from harness.models import sha256_hex
from harness.store.files import store_errors, write_atomically


class Artifacts:
    """The folder `artifacts/` of a run. Safe to use from several threads."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def put(self, data: bytes) -> str:
        """Store `data` and return its SHA-256 in hex; a second time costs a look at the folder.

        Raises:
            StoreError: it cannot be written.
        """
        digest = sha256_hex(data)
        path = self._path / digest
        with store_errors(path, "written"):
            known = path.exists()
        if not known:
            write_atomically(path, data)
        return digest

    def get(self, digest: str) -> bytes:
        """Return the bytes stored as `digest`.

        Raises:
            StoreError: they are not there, or not what they were.
        """
        path = self._path / digest
        with store_errors(path, "read"):
            data = path.read_bytes()
        if sha256_hex(data) != digest:
            raise StoreError(f"{path}: damaged: its content has another digest")
        return data
