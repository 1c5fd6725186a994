"""`python -m tests.models.update`: write the JSON schema of every persisted type to `snapshots/`.

A changed snapshot is a changed file format: raise `SCHEMA_VERSION` unless older files still read as before.
"""

import json
from pathlib import Path

from harness import models
from harness.models import Record

SNAPSHOTS = Path(__file__).parent / "snapshots"


def records() -> dict[str, type[Record]]:
    """Return every persisted type by name."""
    public = {name: getattr(models, name) for name in models.__all__}
    return {
        name: found
        for name, found in public.items()
        if isinstance(found, type) and issubclass(found, Record) and found is not Record
    }


def render(record: type[Record]) -> str:
    """Return the text of one snapshot."""
    return json.dumps(record.model_json_schema(mode="serialization"), indent=2, sort_keys=True) + "\n"


def main() -> None:
    """Write the snapshots and remove those of types that are gone."""
    SNAPSHOTS.mkdir(exist_ok=True)
    current = records()
    for stale in SNAPSHOTS.glob("*.json"):
        if stale.stem not in current:
            stale.unlink()
    for name, record in current.items():
        (SNAPSHOTS / f"{name}.json").write_text(render(record), "utf-8")


if __name__ == "__main__":
    main()
