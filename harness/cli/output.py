"""Where things are printed: data on stdout, everything meant for people on stderr."""

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer
from pydantic import BaseModel

if TYPE_CHECKING:
    from rich.console import Console

JsonFlag = Annotated[bool, typer.Option("--json", help="Print data as JSON on stdout.")]
"""The flag that every verb has."""


def console() -> "Console":
    """Return a rich console on stderr: progress, tables and hints, never data."""
    from rich.console import Console

    return Console(stderr=True, highlight=False)


def emit_json(data: BaseModel | Mapping[str, Any] | Sequence[Any]) -> None:
    """Write `data`, records in it included, to stdout as one JSON document. Infinity and NaN become strings."""
    print(json.dumps(_plain(data), indent=2, ensure_ascii=False, allow_nan=False, default=str))


def emit_text(text: str) -> None:
    """Write `text` to stdout exactly, with a newline at its end."""
    print(text, end="" if text.endswith("\n") else "\n")


def emit_rows(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Write a plain table to stdout, columns padded: readable by people, `awk` and `grep` alike."""
    widths = [max(len(row[i]) for row in [headings, *rows]) for i in range(len(headings))]
    for row in [headings, *rows]:
        line = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        print(line.rstrip())


def _plain(data: Any) -> Any:
    if isinstance(data, BaseModel):
        return _plain(data.model_dump(mode="json"))
    if isinstance(data, Mapping):
        return {str(key): _plain(value) for key, value in data.items()}
    if isinstance(data, (list, tuple)):
        return [_plain(item) for item in data]
    if isinstance(data, float) and (data != data or data in (float("inf"), float("-inf"))):
        return str(data)
    return data
