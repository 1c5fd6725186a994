"""Wall time of whole processes."""

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]
LIMIT_S = 600.0
"""Ten times what the slowest process here takes on two quiet cores."""


class Failed(Exception):
    """A process that was to be timed did not do its work; the message is the end of what it said."""


def timed(
    command: Sequence[str], cwd: Path, changes: Mapping[str, str], good: Sequence[int] = (0,)
) -> tuple[float, str]:
    """Run a command; return its wall time in seconds and its stdout.

    The interpreter's folder is put in front of PATH, where pip has placed ninja. ccache is off: torch would use it by
    itself, and it would answer from its memory.

    Raises:
        Failed: its exit code is none of `good`.
    """
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PATH": path, "CCACHE_DISABLE": "1", **changes}
    started = time.monotonic()
    done = subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=LIMIT_S, check=False
    )
    elapsed_s = time.monotonic() - started
    if done.returncode not in good:
        raise Failed(f"{' '.join(command[:4])} exited with {done.returncode}: {(done.stderr or done.stdout)[-500:]}")
    return elapsed_s, done.stdout
