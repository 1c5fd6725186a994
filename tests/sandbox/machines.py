"""Starts the driver where less is offered: in a container without namespaces, as an unprivileged user, as both."""

import contextlib
import dataclasses
import functools
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from harness.sandbox import kernel
from harness.sandbox.confine import NOBODY

FAKE_KEY = "sk-not-a-key-4f1d"
REPOSITORY = Path(__file__).resolve().parents[2]


@dataclasses.dataclass(frozen=True)
class Driver:
    """A driver that has answered and holds a tree that wants to stay."""

    process: subprocess.Popen[str]
    replies: list[dict[str, Any]]
    probe: dict[str, Any]
    pids: list[int]

    def end_tree(self) -> None:
        """Have the driver end its tree and itself."""
        assert self.process.stdin is not None
        self.process.stdin.write("end\n")
        self.process.stdin.flush()


@contextlib.contextmanager
def driver(*, nobody: bool, namespaces: bool, actions: Sequence[tuple[str, dict[str, Any]]] = ()) -> Iterator[Driver]:
    """Run the driver; `nobody` makes it an unprivileged user's process."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o777)
        wish = {"folder": folder, "namespaces": namespaces, "actions": actions}
        with subprocess.Popen(
            [sys.executable, "-m", "tests.sandbox.driver", json.dumps(wish)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=REPOSITORY,
            env={"PATH": os.environ["PATH"], "OPENAI_API_KEY": FAKE_KEY, "PYTHONDONTWRITEBYTECODE": "1"},
            preexec_fn=_becoming_nobody() if nobody else None,
        ) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            try:
                answer = json.loads(process.stdout.readline() or "{}")
                pids = json.loads(process.stdout.readline() or "[]")
                assert answer, "the driver failed; its words stand in the captured stderr"
                yield Driver(process, answer["replies"], answer["probe"], pids)
            finally:
                process.kill()


def _becoming_nobody() -> Callable[[], None]:
    """Return what turns a child of root into an unprivileged user who can read this interpreter.

    An interpreter in somebody's home (pyenv) is out of reach for others, so the child gets a mount namespace in which the
    home holds nothing but the interpreter.
    """
    base = Path(sys.base_prefix).resolve()
    closed = next((p for p in reversed(base.parents) if p.stat().st_mode & 0o005 != 0o005), None)

    def become() -> None:
        if closed is not None:
            stage = tempfile.mkdtemp()
            kernel.unshare(kernel.CLONE_NEWNS)
            kernel.mount("none", "/", flags=kernel.MS_REC | kernel.MS_PRIVATE)
            kernel.mount(str(base), stage, flags=kernel.MS_BIND)
            kernel.mount("tmpfs", str(closed), "tmpfs", 0, "mode=755")
            base.mkdir(parents=True)
            kernel.mount(stage, str(base), flags=kernel.MS_BIND)
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)

    return become


@functools.cache
def why_not_nobody() -> str:
    """Return why no process can be started as an unprivileged user here; empty if it can."""
    if os.geteuid() != 0:
        return "only root can become another user"
    import torch

    for path in (REPOSITORY, Path(torch.__file__)):
        if not all(p.stat().st_mode & 0o001 for p in path.parents):
            return f"an unprivileged user cannot reach {path}"
    return ""
