"""Starts children in the sandbox and collects what they say; watches for processes that outlive their end."""

import contextlib
import dataclasses
import json
import os
import select
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from harness.sandbox import Confined, Exit, ForkServer, Profile, interpreter_paths

MODULES = ["tests.sandbox.entries", "harness.sandbox.exec_program"]
ENTRY = "tests.sandbox.entries:main"
ANSWER_TIMEOUT_S = 20.0
"""A child answers in some 50 ms; a machine under load is allowed this much."""


@dataclasses.dataclass(frozen=True)
class Reply:
    """What came of one action."""

    value: Any
    error: str | None
    errno: int | None
    confinement: dict[str, list[str]]
    exit: Exit | None
    log: str


def read_all(fd: int) -> bytes:
    """Read until the other side closes, or nothing comes for too long."""
    data = b""
    while select.select([fd], [], [], ANSWER_TIMEOUT_S)[0]:
        part = os.read(fd, 1 << 16)
        if not part:
            break
        data += part
    return data


class Cell:
    """Runs actions of `entries` in confined children of one server."""

    def __init__(self, server: ForkServer, folder: Path) -> None:
        self.server = server
        self.folder = folder

    def profile(self, **changes: Any) -> Profile:
        """Return the profile of a kernel, changed."""
        base = Profile(readable=interpreter_paths(), root=str(self.folder), extra_address_space_bytes=1 << 30)
        return dataclasses.replace(base, **changes)

    @contextlib.contextmanager
    def start(self, do: str, profile: Profile, **arguments: Any) -> Iterator[tuple[Confined, int]]:
        """Start an action; yields the process and the descriptor that its answer comes from."""
        answer_r, answer_w = os.pipe()
        try:
            try:
                process = self.server.start(ENTRY, {"do": do, "with": arguments}, profile, {"answer": answer_w})
            finally:
                os.close(answer_w)
            with process:
                yield process, answer_r
        finally:
            os.close(answer_r)

    def run(self, do: str, profile: Profile | None = None, **arguments: Any) -> Reply:
        """Run an action to its end."""
        with self.start(do, profile or self.profile(), **arguments) as (process, answer):
            text = read_all(answer)
            ended = process.wait(ANSWER_TIMEOUT_S)
            log = process.log.text(5.0)
        said = json.loads(text) if text else {}
        return Reply(said.get("value"), said.get("error"), said.get("errno"), said.get("confinement", {}), ended, log)


def watch(pids: Sequence[int]) -> list[int]:
    """Return a descriptor per process, which becomes readable when that process ends, whatever its number is by then."""
    return [os.pidfd_open(pid) for pid in pids]


def all_end(watched: Sequence[int], timeout_s: float = 10.0) -> bool:
    """Whether every watched process ends in time."""
    poll = select.poll()
    for fd in watched:
        poll.register(fd, select.POLLIN)
    left = set(watched)
    while left:
        ready = poll.poll(timeout_s * 1000)
        if not ready:
            break
        for fd, _ in ready:
            poll.unregister(fd)
            left.discard(fd)
    for fd in watched:
        os.close(fd)
    return not left
