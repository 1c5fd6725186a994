"""Sizes for problem files that have none of their own, in a TOML file beside them.

For one file, the tables `[tiers.cpu]`, `[tiers.ci]` and `[[unseen]]` of constants. For a suite, the same below the
problem: `["level1/23".tiers.ci]`; a problem is named by its id, its level and number, its file's stem or its name.
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harness.errors import ProblemError
from harness.suite import tiers

TABLES = {"tiers", "unseen"}


@dataclass(frozen=True)
class Overlay:
    """The content of an overlay file."""

    path: Path | None = None
    """The file, for messages."""
    tables: Mapping[str, Any] = field(default_factory=dict)
    """What stands in it."""

    @classmethod
    def read(cls, path: Path) -> "Overlay":
        """Read a file.

        Raises:
            ProblemError: it cannot be read or is not TOML.
        """
        try:
            return cls(path, tomllib.loads(read_text(path)))
        except tomllib.TOMLDecodeError as error:
            raise ProblemError(f"overlay {path}: {error}") from None
        except ProblemError as error:
            raise ProblemError(f"overlay {error}") from None

    def sizes(self, layout: tiers.Layout, names: Iterable[str]) -> tiers.Tiers:
        """Return what the overlay adds to the problem that goes by `names`; nothing where it names another.

        Raises:
            ProblemError: a table is unknown, or a constant is not one of the file's.
        """
        try:
            table = self._table(names)
            unknown = set(table) - TABLES
            if unknown:
                raise ProblemError(f"unknown table '{min(unknown)}' (known: tiers, unseen)")
            return tiers.check_sizes(layout, table.get("tiers", {}), table.get("unseen", []))
        except ProblemError as error:
            raise ProblemError(f"overlay {self.path}: {error}") from None

    def _table(self, names: Iterable[str]) -> Mapping[str, Any]:
        """Return the tables of one problem: by name, or all of the file where it is for a single one."""
        wanted = {name for known in names for name in (known, known.rpartition(":")[2])}
        for name, table in self.tables.items():
            if name in wanted and isinstance(table, Mapping):
                return table
        by_problem = any(isinstance(table, Mapping) and set(table) <= TABLES for table in self.tables.values())
        return {} if by_problem and not TABLES & set(self.tables) else self.tables


NO_OVERLAY = Overlay()


def read_text(path: Path) -> str:
    """Read a file as UTF-8, with one clear error for everything that can be wrong with it.

    Raises:
        ProblemError: it is missing, a folder, unreadable or not text.
    """
    try:
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise ProblemError(f"{path}: no such file") from None
    except IsADirectoryError:
        raise ProblemError(f"{path}: is a folder, not a problem file") from None
    except UnicodeDecodeError as error:
        raise ProblemError(f"{path}: not UTF-8 text (byte {error.start})") from None
    except OSError as error:
        raise ProblemError(f"{path}: cannot be read ({error.strerror})") from None
