"""The layout of a run on disk. Every path of a run is a property of `RunFolder`, and written down nowhere else."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from re import fullmatch, sub

from harness.errors import StoreError, UsageError, suggestion
from harness.store.files import store_errors

_ID = r"\d{8}-\d{6}-.+-[0-9a-f]{4}"


@dataclass(frozen=True)
class RunFolder:
    """One run: `config.toml`, `lock.json`, `events.jsonl` and `artifacts/`. Nothing else is state."""

    path: Path
    """The folder."""

    @property
    def id(self) -> str:
        """`YYYYMMDD-HHMMSS-<suite>-<4 hex>`."""
        return self.path.name

    @property
    def config(self) -> Path:
        """What was asked for."""
        return self.path / "config.toml"

    @property
    def lock(self) -> Path:
        """What it was fixed to: digests and versions."""
        return self.path / "lock.json"

    @property
    def events(self) -> Path:
        """What happened, one JSON object per line."""
        return self.path / "events.jsonl"

    @property
    def artifacts(self) -> Path:
        """Prompts, replies and candidates under their digests."""
        return self.path / "artifacts"

    @property
    def report(self) -> Path:
        """The report as a page."""
        return self.path / "report.html"

    def artifact(self, sha256: str) -> Path:
        """Return the path of one artefact."""
        return self.artifacts / sha256

    @classmethod
    def create(cls, runs_dir: Path, suite: str, now: datetime | None = None) -> "RunFolder":
        """Make a new folder for a run of `suite` under `runs_dir`.

        Raises:
            StoreError: it cannot be made.
        """
        with store_errors(runs_dir, "created"):
            runs_dir.mkdir(parents=True, exist_ok=True)
        while True:
            folder = cls(runs_dir / _new_id(suite, now or datetime.now()))
            try:
                with store_errors(folder.path, "created"):
                    folder.path.mkdir(exist_ok=False)
                    folder.artifacts.mkdir()
            except StoreError:
                if folder.path.is_dir() and not folder.artifacts.is_dir():
                    folder.path.rmdir()
                raise
            return folder

    @classmethod
    def find(cls, run: str, runs_dir: Path) -> "RunFolder":
        """Return an existing run, named by its path, by its id under `runs_dir`, or as `latest`.

        Raises:
            UsageError: there is none; the message names the closest one.
        """
        known = cls.all(runs_dir)
        if run == "latest":
            if not known:
                raise UsageError(f"no run in {runs_dir} yet (harness run quickstart)")
            return known[-1]
        for path in (runs_dir / run, Path(run)):
            if cls(path).events.exists() or cls(path).config.exists():
                return cls(path.resolve())
        hint = suggestion(run, [folder.id for folder in known]) or " (harness report latest)"
        raise UsageError(f"unknown run '{run}' in {runs_dir}{hint}")

    @classmethod
    def all(cls, runs_dir: Path) -> list["RunFolder"]:
        """Return the runs under `runs_dir`, oldest first."""
        if not runs_dir.is_dir():
            return []
        with store_errors(runs_dir, "read"):
            folders = [cls(path) for path in sorted(runs_dir.iterdir()) if fullmatch(_ID, path.name)]
            return [folder for folder in folders if folder.config.is_file()]


def _new_id(suite: str, now: datetime) -> str:
    slug = sub(r"[^A-Za-z0-9]+", "-", suite).strip("-").lower()[:40].rstrip("-") or "run"
    return f"{now:%Y%m%d-%H%M%S}-{slug}-{secrets.token_hex(2)}"
