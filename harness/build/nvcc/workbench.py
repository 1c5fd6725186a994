"""Runs the vendor's tools on untrusted input: in the build sandbox, with limits; their output is read bounded."""

import os
import shlex
import stat
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from harness.build.cache import BuildCache
from harness.sandbox import ForkServer, Profile, interpreter_paths

MAX_OUTPUT_BYTES = 32 << 20
"""Largest file that is taken from a tool; a kernel of 100,000 instructions disassembles to a fifth of it."""
MEMORY_BYTES = 6 << 30
SHELL_WORDS = {"<", ">", "2>&1", "||"}
ENVIRONMENT_PATH = "/usr/local/bin:/usr/bin:/bin"


@dataclass(frozen=True)
class Ran:
    """What came of one script."""

    ok: bool
    """Whether it ended by itself with exit code 0."""
    log: str
    """Bounded output on stdout and stderr; the untrusted input may have written it."""
    outputs: Mapping[str, bytes] = field(default_factory=dict)
    """Files asked for that are there, by name."""
    ended: str = ""
    """How it ended where it did not end well, for people: `took longer than 60 s`."""
    late: bool = False
    """Whether time or memory ran out, which depends on the machine's load."""
    elapsed_ns: int = 0
    """Wall time."""
    cpu_ns: int = 0
    """CPU time of all tools together."""


@dataclass(frozen=True)
class Workbench:
    """Where the tools work: the parts that a judge's `Builder` has as well."""

    server: ForkServer
    """Starts confined processes."""
    folder: Path
    """Folder for scratch folders, which the sandbox's user can reach."""
    timeout_s: float
    """Wall time of one script."""
    cache: BuildCache | None = None
    """Where results are kept; None keeps nothing."""

    def run(
        self,
        steps: Sequence[Sequence[str]],
        inputs: Mapping[str, bytes],
        outputs: Sequence[str],
        readable: Sequence[str],
    ) -> Ran:
        """Run `steps` one after another in a fresh folder that holds `inputs`, until one fails.

        A step is an argument vector whose words are passed on as they are, but for the shell's `SHELL_WORDS`.

        Raises:
            SandboxError: no process could be started.
        """
        started = time.monotonic_ns()
        with tempfile.TemporaryDirectory(prefix="nvcc-", dir=self.folder) as name:
            scratch = Path(name)
            scratch.chmod(0o777)
            for path, content in inputs.items():
                (scratch / path).write_bytes(content)
            script = " && ".join(f"{{ {_quoted(step)}; }}" for step in steps)
            arguments = {
                "argv": ["/bin/sh", "-c", script],
                "cwd": name,
                "environment": {"PATH": ENVIRONMENT_PATH, "LANG": "C.UTF-8", "TMPDIR": name, "HOME": name},
            }
            with self.server.start(
                "harness.sandbox.exec_program:main", arguments, self._profile(name, readable)
            ) as process:
                ended = process.wait(self.timeout_s)
                log = process.log.text(1.0 if ended else 0.0)
            found = {path: data for path in outputs if (data := _read(scratch / path)) is not None}
        elapsed = time.monotonic_ns() - started
        if ended is None:
            return Ran(False, log, found, f"took longer than {self.timeout_s:g} s", True, elapsed)
        if ended.code != 0:
            killed = ended.signal is not None or ended.code in {137, 152}  # the shell's words for SIGKILL and SIGXCPU
            return Ran(False, log, found, ended.describe(), killed, elapsed, ended.cpu_ns)
        return Ran(True, log, found, elapsed_ns=elapsed, cpu_ns=ended.cpu_ns)

    def _profile(self, scratch: str, readable: Sequence[str]) -> Profile:
        kept: list[str] = []
        for path in [*interpreter_paths(), *readable]:
            if Path(path).exists() and not any(Path(path).is_relative_to(k) for k in kept):
                kept.append(path)
        return Profile(
            readable=tuple(kept),
            writable=(scratch,),
            root=str(self.folder),
            may_exec=True,
            extra_address_space_bytes=MEMORY_BYTES,
            cpu_s=int(self.timeout_s) + 1,
            file_bytes=MAX_OUTPUT_BYTES,
        )


def _quoted(step: Sequence[str]) -> str:
    return " ".join(word if word in SHELL_WORDS else shlex.quote(word) for word in step)


def _read(path: Path) -> bytes | None:
    """Read what a tool wrote: a plain file of bounded size, nothing that a link could point to."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return None
    with os.fdopen(fd, "rb") as file:
        info = os.fstat(file.fileno())
        return file.read(MAX_OUTPUT_BYTES) if stat.S_ISREG(info.st_mode) else None
