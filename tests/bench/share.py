"""The judge's own share: what of a run's wall time is neither the candidate, nor the reference, nor the compiler.

A run of recorded replies as a process of its own, one task at a time, with a cache that holds the precompiled headers and no
kernel. Its events say when it began and ended, its verdicts where the time went.
"""

import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from harness.build import BuildCache, precompiled, toolchain
from harness.config import Settings
from harness.models import Event, EventType
from harness.store import RunFolder, read_events
from tests.bench.process import timed

NAME = "share"
REPEATS = 1
WANTED_SHARE = 0.15
PROBLEMS = "quickstart"
PAID = {"candidate_calls": "candidate", "reference_calls": "reference", "build": "compiler"}
"""What is not the judge's own, by the stage that it is kept under."""
WHOLE = ("reference", "load", "oracle", "judge")
"""Stages that do not overlap and are all of a judgement; builds and calls lie within them."""


def measure(
    repeats: int,
    *,
    problems: str | None = None,
    keep: Callable[[dict[str, Any]], None] = lambda result: None,
) -> dict[str, Any]:
    """Return one row per round."""
    found: list[dict[str, Any]] = []
    for _ in range(repeats):
        found.append(_one(problems or PROBLEMS))
        keep(result(found))
    return result(found)


def _one(problems: str) -> dict[str, Any]:
    headers = BuildCache(Settings.load().cache_dir)
    precompiled(toolchain(), headers)
    with tempfile.TemporaryDirectory(prefix="harness-bench-") as name:
        cache, runs = Path(name) / "cache", Path(name) / "runs"
        cache.mkdir()
        (cache / "pch").symlink_to(headers.pch.resolve())
        command = [sys.executable, "-m", "harness", "run", problems, "--workers", "1", "--runs-dir", str(runs)]
        started = time.time_ns()
        wall_s, _ = timed(command, Path(name), {"HARNESS_CACHE_DIR": str(cache)})
        events = read_events(RunFolder.find("latest", runs).events)
    return {"wall_s": wall_s, "load_average": os.getloadavg()[0], **account(events, started, wall_s)}


def account(events: Sequence[Event], started_unix_ns: int, wall_s: float) -> dict[str, Any]:
    """Return where the wall time of a run went, in seconds. Pure."""
    verdicts = [event.attempt.verdict for event in events if event.attempt and not event.attempt.duplicate_of]
    stages: dict[str, float] = {}
    for verdict in verdicts:
        for stage, elapsed_ns in verdict.stage_ns.items():
            stages[stage] = stages.get(stage, 0.0) + elapsed_ns / 1e9
    paid = {name: stages.get(stage, 0.0) for stage, name in PAID.items()}
    judging = sum(stages.get(stage, 0.0) for stage in WHOLE)
    begun = next((e.time_unix_ns for e in events if e.type is EventType.NODE_RESERVED), started_unix_ns)
    start_s = max(0.0, (begun - started_unix_ns) / 1e9)
    own = wall_s - sum(paid.values())
    return {
        "attempts": len(verdicts),
        "seconds": {
            **paid,
            **{f"stage {stage}": stages[stage] for stage in WHOLE if stage in stages},
            **{f"in judge: {s}": t for s, t in stages.items() if s not in WHOLE and s not in PAID},
            "own, in verdicts": judging - sum(paid.values()),
            "start": start_s,
            "between verdicts": max(0.0, wall_s - start_s - judging),
        },
        "own_share": own / wall_s,
        "own_share_of_verdicts": (judging - sum(paid.values())) / judging if judging else None,
    }


def result(found: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the rounds with what is wanted."""
    return {"wanted_share": WANTED_SHARE, "rows": found}


def rows(result: dict[str, Any]) -> list[tuple[str, ...]]:
    """Return the table of a result."""
    table: list[tuple[str, ...]] = [("where a run's time goes", "round", "s", "of the wall time")]
    for number, row in enumerate(result["rows"], start=1):
        for name, seconds in row["seconds"].items():
            table.append((name, str(number), f"{seconds:.1f}", f"{100 * seconds / row['wall_s']:.0f} %"))
        wanted = f"{100 * row['own_share']:.0f} %, wanted {100 * result['wanted_share']:.0f} %"
        table.append(("all but candidate, reference, compiler", str(number), f"{row['wall_s']:.1f} in all", wanted))
    return table
