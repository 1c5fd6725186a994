"""A/A: every quickstart problem's reference, judged as its own candidate. Its speedup is 1; an interval should say so."""

import math
import statistics
import time
from typing import Any

from harness.config import Settings
from harness.judge import Judge
from harness.models import Candidate, EvalOptions, Tier
from harness.suite import load_problem, named_selections, workload

NAME = "aa"
REPEATS = 1
WANTED = 11
"""Problems of the twelve whose interval should contain 1.0; at 95 % one in twenty does not."""


def measure(repeats: int) -> dict[str, Any]:
    """Return one row per problem and round, at the sizes and budgets that scores are reported under."""
    found = []
    with Judge(EvalOptions(tier=Tier.CPU), Settings.load().cache_dir) as judge:
        judge.server.wait_ready()
        for number in range(repeats):
            for name in named_selections()["quickstart"].problems:
                found.append({"round": number + 1, **_one(judge, name)})
    return {"wanted": WANTED, "rows": found}


def _one(judge: Judge, name: str) -> dict[str, Any]:
    problem = load_problem(name)
    work = workload(problem, Tier.CPU)
    started = time.monotonic()
    verdict = judge.evaluate(
        problem, Candidate(source=work.source, sha256=work.sha256, origin="reference", entry="Model")
    )
    speed, times = verdict.speedup, verdict.measurement
    return {
        "problem": name,
        "status": verdict.status.value,
        "median": speed.median if speed else None,
        "low": speed.low if speed else None,
        "high": speed.high if speed else None,
        "contains_1": speed is not None and speed.low <= 1.0 <= speed.high,
        "pairs": len(times.candidate_ns) if times else 0,
        "stopped": times.stopped if times else None,
        "reference_ms": statistics.median(times.reference_ns) / 1e6 if times else None,
        "wall_s": time.monotonic() - started,
    }


def rows(result: dict[str, Any]) -> list[tuple[str, ...]]:
    """Return the table of a result."""
    table: list[tuple[str, ...]] = [
        ("A/A", "status", "ratio", "95 % interval", "has 1.0", "pairs", "stopped by", "eager ms", "wall s")
    ]
    for row in result["rows"]:
        timed = row["median"] is not None
        table.append(
            (
                row["problem"],
                row["status"],
                f"{row['median']:.3f}" if timed else "",
                f"[{row['low']:.3f}, {row['high']:.3f}]" if timed else "",
                "yes" if row["contains_1"] else "no",
                str(row["pairs"]),
                row["stopped"] or "",
                f"{row['reference_ms']:.2f}" if timed else "",
                f"{row['wall_s']:.1f}",
            )
        )
    ratios = [row["median"] for row in result["rows"] if row["median"] is not None]
    geomean = math.exp(statistics.fmean(map(math.log, ratios))) if ratios else math.nan
    inside = sum(row["contains_1"] for row in result["rows"])
    summary = f"{inside} of {len(result['rows'])}"
    count = len(named_selections()["quickstart"].problems)
    table.append(("all", "", f"{geomean:.3f}", "", summary, "", f"wanted {result['wanted']} of {count}", "", ""))
    return table
