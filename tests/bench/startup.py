"""How long a person waits before anything happens: fresh processes that import or print, and do nothing else."""

import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.bench.process import timed

NAME = "startup"
REPEATS = 10
WANTED_S = 0.3
COMMANDS = {
    "python -c pass": ["-c", "pass"],
    "import harness": ["-c", "import harness"],
    "harness --help": ["-m", "harness", "--help"],
    "harness problems list": ["-m", "harness", "problems", "list"],
    "import torch": ["-c", "import torch"],
}
"""What is timed; the first and the last are there to compare with."""


def measure(repeats: int) -> dict[str, Any]:
    """Return the seconds of every run. One before it fills the caches of bytecode and of the disk."""
    found: dict[str, Any] = {"wanted_s": WANTED_S, "commands": {}}
    with tempfile.TemporaryDirectory() as folder:
        for name, arguments in COMMANDS.items():
            runs = [timed([sys.executable, *arguments], Path(folder), {})[0] for _ in range(repeats + 1)][1:]
            found["commands"][name] = {"median_s": statistics.median(runs), "max_s": max(runs), "runs_s": runs}
    return found


def rows(result: dict[str, Any]) -> list[tuple[str, ...]]:
    """Return the table of a result."""
    table: list[tuple[str, ...]] = [("start-up", "median s", "max s", "wanted s")]
    for name, times in result["commands"].items():
        wanted = f"{result['wanted_s']:.1f}" if "harness" in name and "list" not in name else ""
        table.append((name, f"{times['median_s']:.3f}", f"{times['max_s']:.3f}", wanted))
    return table
