"""A run on disk: a folder with an append-only log of events and artefacts named by their digest."""

from harness.store.artifacts import Artifacts
from harness.store.config import read_config, read_lock, write_config, write_lock
from harness.store.folder import RunFolder
from harness.store.log import EventLog, read_events

__all__ = [
    "Artifacts",
    "EventLog",
    "RunFolder",
    "read_config",
    "read_events",
    "read_lock",
    "write_config",
    "write_lock",
]
