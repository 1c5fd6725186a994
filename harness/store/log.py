"""The event log: append-only, one JSON object per line, on disk before `append` returns.

The last line may be torn by a crash; it is cut off when the log is next opened for writing, and what it said is done
again. Damage anywhere else is refused: a log with a hole is not a log.
"""

import fcntl
import json
import os
import threading
import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from pydantic import ValidationError

from harness.errors import StoreError
from harness.models import SCHEMA_VERSION, Event
from harness.store.collector import collector_paused
from harness.store.files import describe, store_errors, sync_folder


class EventLog:
    """A run's `events.jsonl`, opened for writing by this process alone. Safe to use from several threads."""

    def __init__(self, path: Path) -> None:
        """Open or create the log, take its lock, and read it.

        Raises:
            StoreError: another process writes to it, it cannot be read or written, or it is damaged.
        """
        self._path = path
        self._mutex = threading.Lock()
        with store_errors(path, "opened"):
            self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
        try:
            self._take_lock()
            with store_errors(path, "read"):
                data = path.read_bytes()
            events, self._size = parse_events(path, data)
            if self._size < len(data):
                with store_errors(path, "repaired"):
                    os.ftruncate(self._descriptor, self._size)
                    os.fsync(self._descriptor)
            elif not data:
                with store_errors(path, "created"):
                    sync_folder(path.parent)
        except BaseException:
            os.close(self._descriptor)
            raise
        self._events = events
        self._by_task: dict[str | None, list[Event]] = defaultdict(list)
        for event in events:
            self._by_task[event.task].append(event)

    def append(self, event: Event) -> Event:
        """Number and stamp `event`, write it, and return it as written.

        Raises:
            StoreError: it cannot be written; the log is then as it was before.
        """
        with self._mutex:
            numbered = event.model_copy(update={"seq": len(self._events), "time_unix_ns": time.time_ns()})
            self._write(numbered.model_dump_json(exclude_none=True).encode() + b"\n")
            self._events.append(numbered)
            self._by_task[numbered.task].append(numbered)
            return numbered

    def events(self, task: str | None = None) -> Sequence[Event]:
        """Return the events in order: all of them, or those of one task."""
        with self._mutex:
            return tuple(self._events if task is None else self._by_task[task])

    def close(self) -> None:
        """Give the lock back."""
        with self._mutex:
            if self._descriptor >= 0:
                os.close(self._descriptor)
                self._descriptor = -1

    def __enter__(self) -> "EventLog":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _take_lock(self) -> None:
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StoreError(
                f"run {self._path.parent.name} is being written by another process - wait for it, or stop it"
            ) from None
        except OSError as error:
            raise StoreError(describe(error, self._path, "locked")) from None

    def _write(self, line: bytes) -> None:
        if self._descriptor < 0:
            raise StoreError(f"{self._path}: the log is closed")
        with store_errors(self._path, "written"):
            try:
                written = 0
                while written < len(line):
                    written += os.write(self._descriptor, line[written:])
                os.fsync(self._descriptor)
            except OSError:
                # Half a line in the middle of the log would make all that follows unreadable.
                os.ftruncate(self._descriptor, self._size)
                raise
        self._size += len(line)


def read_events(path: Path) -> list[Event]:
    """Read a log without its lock, as a report does while the run goes on; a torn last line is left out.

    Raises:
        StoreError: it cannot be read or is damaged.
    """
    with store_errors(path, "read"):
        data = path.read_bytes()
    return parse_events(path, data)[0]


def parse_events(path: Path, data: bytes) -> tuple[list[Event], int]:
    """Return the events in `data` and how many bytes of it they take; the rest is a torn last line.

    Raises:
        StoreError: a line before the last is no event, an event is missing, or one is of a newer version.
    """
    events: list[Event] = []
    position = 0
    with collector_paused():
        while (end := data.find(b"\n", position)) >= 0:
            try:
                event = _event(path, len(events), data[position:end])
            except ValueError:
                # Pages reach the disk in any order: after a power cut even a line with its newline may be torn.
                if end + 1 == len(data):
                    break
                raise StoreError(f"{path}: line {len(events) + 1} is damaged: not JSON") from None
            events.append(event)
            position = end + 1
    return events, position


def _event(path: Path, expected_seq: int, line: bytes) -> Event:
    """Parse one line. Raises ValueError where it is not JSON, StoreError where it is and does not belong here."""
    try:
        event = Event.model_validate_json(line)
    except ValidationError as error:
        raw = json.loads(line)
        _check_version(path, raw.get("schema_version") if isinstance(raw, dict) else None)
        first = error.errors()[0]
        what = f"{'.'.join(map(str, first['loc'])) or 'not an event'}: {first['msg']}"
        raise StoreError(f"{path}: line {expected_seq + 1} is damaged: {what}") from None
    _check_version(path, event.schema_version)
    if event.seq != expected_seq:
        raise StoreError(f"{path}: event {expected_seq} is missing (line {expected_seq + 1} is number {event.seq})")
    return event


def _check_version(path: Path, version: object) -> None:
    if isinstance(version, int) and version > SCHEMA_VERSION:
        raise StoreError(f"{path}: written by a newer harness (schema {version}, this one reads {SCHEMA_VERSION})")
