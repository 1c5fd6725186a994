"""The command as a user types it: a process of its own, with its output kept apart and bounded."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
TIMEOUT_S = 120.0
"""Far above what any of these commands takes (under 15 s on two busy cores): only a hang reaches it."""

HARNESS = (sys.executable, "-m", "harness")


def environment(changes: Mapping[str, str | None]) -> dict[str, str]:
    """Return this process's environment with `changes`, where None takes a variable away."""
    merged: dict[str, str | None] = {**os.environ, "PYTHONPATH": str(ROOT), **changes}
    return {name: value for name, value in merged.items() if value is not None}


def run(command: Sequence[str], cwd: Path, **changes: str | None) -> "subprocess.CompletedProcess[str]":
    """Run a command with some variables changed."""
    return subprocess.run(
        command, cwd=cwd, env=environment(changes), capture_output=True, text=True, timeout=TIMEOUT_S, check=False
    )


def harness(cwd: Path, *arguments: str, **changes: str | None) -> "subprocess.CompletedProcess[str]":
    """Run `harness ARGUMENTS`."""
    return run([*HARNESS, *arguments], cwd, **changes)


def settled(attempt: "Callable[[], subprocess.CompletedProcess[str]]") -> "subprocess.CompletedProcess[str]":
    """Run a timed command, again where the machine was too noisy to time anything: an honest answer, and not about the
    candidate. Other work on the machine comes and goes; three times in a row is a finding."""
    for _ in range(2):
        done = attempt()
        if done.returncode != 3 or "inconclusive" not in done.stdout:
            return done
    return attempt()


def verdict_of(done: "subprocess.CompletedProcess[str]") -> dict[str, Any]:
    """Return the one JSON object that stdout is to be, and fail with the end of stderr where it is not."""
    try:
        found = json.loads(done.stdout)
    except ValueError:
        raise AssertionError(f"not one JSON document (exit {done.returncode}): {done.stderr[-1000:]}") from None
    assert isinstance(found, dict)
    return found


def complaint(done: "subprocess.CompletedProcess[str]", code: int) -> str:
    """Return the one line on stderr that a failed command is to leave, having checked that it is all there is."""
    assert done.returncode == code, done.stderr[-1000:]
    assert done.stdout == ""
    lines = done.stderr.splitlines()
    assert len(lines) == 1, done.stderr[-1000:]
    assert lines[0].startswith("harness: ")
    return lines[0].removeprefix("harness: ")
