"""Facts of problems that were found out before: `problems/facts.json`, by the digest of the text that they are about.

A changed file is simply not found there. `python -m harness.audit` writes it anew.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from harness.models.audit import Facts
from harness.suite.content import content_root

_FACTS: TypeAdapter[list[Facts]] = TypeAdapter(list[Facts])


def known_path() -> Path:
    """Return the file of known facts."""
    return content_root() / "problems" / "facts.json"


@cache
def known_facts() -> Mapping[str, Facts]:
    """Return the known facts by the digest of the workload's text. A file that cannot be read knows nothing."""
    try:
        return {facts.sha256: facts for facts in _FACTS.validate_json(known_path().read_bytes())}
    except (OSError, ValidationError):
        return {}
