"""Measured baselines on disk: `<machine>/<problem>.<tier>.json`, small and committed, so that a change is read as a diff."""

import re
from pathlib import Path

from pydantic import ValidationError

from harness.models import SCHEMA_VERSION, Baseline, BaselineConditions, sha256_hex
from harness.score import differences
from harness.store.files import store_errors, write_atomically


class BaselineStore:
    """The folder of baselines."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def path(self, wanted: BaselineConditions) -> Path:
        """Return where the baseline of a workload lies; other threads or versions replace it."""
        problem = re.sub(r"[^A-Za-z0-9_.-]+", "-", wanted.problem_id)
        return self._root / machine(wanted) / f"{problem}.{wanted.tier.value}.json"

    def read(self, wanted: BaselineConditions) -> tuple[Baseline | None, str | None]:
        """Return the baseline that holds for `wanted`, and where one is there that does not, a line that says why.

        Raises:
            StoreError: the file cannot be read.
        """
        path = self.path(wanted)
        if not path.exists():
            return None, None
        with store_errors(path, "read"):
            data = path.read_bytes()
        try:
            found = Baseline.model_validate_json(data)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"]))
            return None, f"{path}: ignored, not a baseline: {where}: {first['msg']}"
        if found.schema_version != SCHEMA_VERSION:
            return None, f"{path}: ignored, of version {found.schema_version}; this harness reads {SCHEMA_VERSION}"
        if changed := differences(found.conditions, wanted):
            return None, f"{path}: ignored, since it was measured there changed: {', '.join(changed)}"
        return found, None

    def write(self, baseline: Baseline) -> Path:
        """Keep `baseline`, in place of an earlier one.

        Raises:
            StoreError: it cannot be written.
        """
        path = self.path(baseline.conditions)
        with store_errors(path.parent, "created"):
            path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, (baseline.model_dump_json(indent=1) + "\n").encode())
        return path


def machine(wanted: BaselineConditions) -> str:
    """Return the name of a machine's folder: its processor and cores for people, and a digest of its whole fingerprint."""
    words = re.sub(r"[^a-z0-9]+", "-", f"{wanted.device.get('cpu', '')} {wanted.device.get('cores', '')} cores".lower())
    digest = sha256_hex("\n".join(f"{name}={value}" for name, value in sorted(wanted.device.items())))
    return f"{words.strip('-')[:60]}-{digest[:8]}"
