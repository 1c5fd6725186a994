"""The one digest of this package."""

import hashlib


def sha256_hex(data: str | bytes) -> str:
    """Return the SHA-256 of bytes, or of text as UTF-8, in hexadecimal."""
    return hashlib.sha256(data.encode() if isinstance(data, str) else data).hexdigest()
