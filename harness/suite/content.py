"""Where the content lives: `problems/` and `agents/` of the checkout, or the copies that a wheel carries."""

from functools import cache
from pathlib import Path

from harness.errors import HarnessError

_PACKAGE = Path(__file__).resolve().parent.parent


@cache
def content_root() -> Path:
    """Return the folder that holds `problems/` and `agents/`.

    Raises:
        HarnessError: neither the checkout nor the installed package has them.
    """
    for root in (_PACKAGE / "_content", _PACKAGE.parent):
        if (root / "problems").is_dir():
            return root
    raise HarnessError(f"no problems/ next to {_PACKAGE} and none in it: the installation is incomplete, reinstall it")


def checkout() -> Path | None:
    """Return the root of the checkout that this package runs from, or None where it was installed from a wheel."""
    root = _PACKAGE.parent
    return root if (root / "pyproject.toml").is_file() and (root / "problems").is_dir() else None
