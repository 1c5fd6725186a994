"""What a candidate asks to have compiled, and what came of it."""

import dataclasses
import json
import re
from dataclasses import dataclass, field

from harness.models import sha256_hex

MAX_SOURCE_BYTES = 4 << 20
_NAME = re.compile(r"[A-Za-z_]\w{0,99}")


class BadRequest(ValueError):
    """The request is not one that torch's load_inline would take either."""


@dataclass(frozen=True)
class BuildRequest:
    """One call of `load_inline` or `load`, as values."""

    name: str
    """Name of the extension module."""
    sources: tuple[str, ...]
    """C++ texts; concatenated as `load_inline` does."""
    functions: tuple[tuple[str, str], ...] = ()
    """Functions to bind, with their docstrings; none if the source binds them itself."""
    cflags: tuple[str, ...] = ()
    """Compiler flags asked for."""
    ldflags: tuple[str, ...] = ()
    """Linker flags asked for."""
    cuda_sources: tuple[str, ...] = ()
    """CUDA C++ texts."""
    cuda_flags: tuple[str, ...] = ()
    """Flags asked for that nvcc would get."""

    @classmethod
    def from_untrusted(cls, data: bytes) -> "BuildRequest":
        """Read what a worker sent. Everything in it is the candidate's word.

        Raises:
            BadRequest: it is not a well-formed request.
        """
        if len(data) > MAX_SOURCE_BYTES:
            raise BadRequest(f"the source is larger than {MAX_SOURCE_BYTES >> 20} MiB")
        try:
            raw = json.loads(data)
            name, sources, functions = raw["name"], raw["sources"], raw["functions"]
            cflags, ldflags = raw["cflags"], raw["ldflags"]
            cuda_sources, cuda_flags = raw.get("cuda_sources", []), raw.get("cuda_flags", [])
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise BadRequest(f"malformed build request: {error}") from error
        texts = [
            name,
            *_list(sources),
            *_list(cflags),
            *_list(ldflags),
            *_list(cuda_sources),
            *_list(cuda_flags),
            *(x for pair in _list(functions) for x in _list(pair)),
        ]
        if not all(isinstance(t, str) for t in texts) or any(len(_list(p)) != 2 for p in functions):
            raise BadRequest("sources, functions and flags must be strings")
        try:
            "".join(texts).encode()
        except UnicodeEncodeError:
            raise BadRequest("the build request holds half a surrogate pair, which no file can") from None
        if not _NAME.fullmatch(name):
            raise BadRequest(f"extension name {name[:100]!r} is not an identifier")
        for function, _ in functions:
            if not re.fullmatch(r"[A-Za-z_][\w:]{0,199}", function):
                raise BadRequest(f"function name {function[:100]!r} is not a C++ name")
        bound = tuple((f, d) for f, d in functions)
        return cls(name, tuple(sources), bound, tuple(cflags), tuple(ldflags), tuple(cuda_sources), tuple(cuda_flags))

    def digest(self, *parts: str) -> str:
        """Return the cache key: of the request and of `parts`, everything else that the outcome depends on."""
        return sha256_hex(json.dumps([*dataclasses.astuple(self), *parts]))


def _list(value: object) -> list[object]:
    if not isinstance(value, list | tuple):
        raise BadRequest("expected a list in the build request")
    return list(value)


@dataclass(frozen=True)
class Diagnostic:
    """One message of the compiler."""

    kind: str
    """`error`, `fatal error`, `warning` or `note`."""
    message: str
    """The text."""
    file: str = ""
    """`candidate.py` where the line could be mapped to the candidate's own."""
    line: int = 0
    """Line in `file`."""
    source_line: str = ""
    """The line itself, where it is the candidate's."""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}: " if self.file else ""
        return f"{place}{self.kind}: {self.message}" + (f"\n    {self.source_line.strip()}" if self.source_line else "")


@dataclass(frozen=True)
class BuildResult:
    """Outcome of one compilation."""

    key: str
    """Cache key."""
    library: str | None
    """Path of the shared object in the cache; None if it failed."""
    diagnostics: tuple[Diagnostic, ...] = ()
    """What the compiler said, errors first."""
    failure: str = ""
    """`` (built), `error`, `timeout`, `memory` or `refused`."""
    log: str = ""
    """Bounded raw output of the compiler."""
    elapsed_ns: int = 0
    """Wall time; 0 if it came from the cache."""
    cached: bool = False
    """Whether it came from the cache."""
    light: bool = field(default=True)
    """Whether the light binding header sufficed."""

    @property
    def first_error(self) -> Diagnostic | None:
        """The first error, which is usually the cause."""
        return next((d for d in self.diagnostics if "error" in d.kind), None)
