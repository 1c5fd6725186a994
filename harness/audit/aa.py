"""The A/A test of a machine: the reference judged as its own candidate, whose speedup is 1 by construction.

What lies between 1 and the readings is the machine's noise and the judge's bias. Reading is acting; the rest is pure.
"""

import math
import os
import statistics
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from harness.build.cache import writing
from harness.models import AAReading, AAReport, AASummary, Candidate, Problem, Status, Tier

if TYPE_CHECKING:
    from harness.judge import Judge

DIFFERENCE = 0.05
"""The difference that a machine is asked to tell."""
POWER = 0.8
"""Share of readings that have to tell it; the usual power of a test."""
PROMISED = 0.95
"""Coverage of an interval."""
FEWEST = 4
"""Readings below which nothing is said."""
DOUBT = 0.01
"""Coverage is called too low where so few intervals would contain 1 in less than this share of tests of a good machine."""
FILE = "aa.json"


def read(judge: "Judge", problem: Problem, round_: int, tier: Tier | None = None) -> AAReading:
    """Judge a problem's reference against itself, at the judge's own sizes unless `tier` is given.

    Raises:
        ProblemError, ToolchainError, StoreError: see `Judge.evaluate`.
    """
    from harness.suite import workload

    work = workload(problem, tier or judge.options.tier)
    itself = Candidate(source=work.source, sha256=work.sha256, origin="reference", entry="Model")
    started = time.monotonic_ns()
    verdict = judge.evaluate(problem, itself, tier=tier)
    times = verdict.measurement
    return AAReading(
        problem_id=problem.id,
        round=round_,
        status=verdict.status,
        speedup=verdict.speedup,
        warm_ratio=times.warm.ratio if times and times.warm else None,
        pairs=len(times.candidate_ns) if times else 0,
        stopped=times.stopped if times else None,
        reference_ns=int(statistics.median(times.reference_ns)) if times else 0,
        elapsed_ns=time.monotonic_ns() - started,
        before=times.before if times else None,
        after=times.after if times else None,
    )


def rounds(judge: "Judge", problems: Sequence[Problem], repeats: int) -> Iterator[AAReading]:
    """Yield readings round by round, so that whoever stops early has read every problem about as often."""
    for number in range(repeats):
        for problem in problems:
            yield read(judge, problem, number + 1)


def summarise(readings: Iterable[AAReading]) -> AASummary | None:
    """Return what readings say together; None without any. What failed (`infra_error` ...) is an answer that is missing."""
    found = list(readings)
    if not found:
        return None
    speeds = [reading.speedup for reading in found if reading.speedup]
    logs = [math.log(speed.median) for speed in speeds]
    needed = sorted(max(1 / speed.low, speed.high) - 1 for speed in speeds)
    place = math.ceil(POWER * len(found)) - 1
    faster = [speed for speed in speeds if speed.low > 1]
    return AASummary(
        readings=len(found),
        unanswered=len(found) - len(speeds),
        bias=math.exp(statistics.median(logs)) - 1 if logs else 0.0,
        spread=statistics.stdev(logs) if len(logs) > 1 else 0.0,
        coverage=sum(speed.low <= 1 <= speed.high for speed in speeds) / len(speeds) if speeds else 0.0,
        false_faster=len(faster) / len(found),
        false_faster_5=sum(speed.median > 1 + DIFFERENCE for speed in faster) / len(found),
        resolution=needed[place] if place < len(needed) else None,
    )


def tells(summary: AASummary | None, difference: float = DIFFERENCE) -> bool:
    """Whether a machine tells `difference`: intervals narrow enough, and no fewer of them around 1 than chance allows."""
    if summary is None or summary.readings < FEWEST:
        return False
    if summary.resolution is None or summary.resolution > difference:
        return False
    return not misses(summary) and summary.false_faster_5 <= (1 - PROMISED)


def misses(summary: AASummary) -> bool:
    """Whether too few intervals contain 1 for the 95 % that are promised."""
    answers = summary.readings - summary.unanswered
    inside = round(summary.coverage * answers)
    chance = sum(
        math.comb(answers, k) * PROMISED**k * (1 - PROMISED) ** (answers - k) for k in range(min(inside, answers) + 1)
    )
    return chance < DOUBT


def in_words(summary: AASummary | None) -> str:
    """Return the verdict on a machine as one line."""
    if summary is None:
        return "nothing was measured"
    if summary.unanswered == summary.readings:
        return "this machine cannot time at all now: no reading gave an answer"
    facts = (
        f"{summary.readings} A/A readings, bias {100 * summary.bias:+.1f} %, spread {100 * summary.spread:.1f} %, "
        f"{100 * summary.coverage:.0f} % of the intervals contain 1.0, "
        f"{100 * summary.false_faster_5:.0f} % falsely over 5 % faster"
    )
    asked = f"{100 * DIFFERENCE:g} % differences"
    if tells(summary):
        return f"this machine can tell {asked} ({facts})"
    if summary.readings < FEWEST:
        return f"too few readings to say whether this machine can tell {asked} ({facts})"
    if misses(summary):
        return f"this machine cannot tell {asked}: too many of its intervals miss the truth ({facts})"
    least = "none reliably" if summary.resolution is None else f"those of {100 * summary.resolution:.0f} % at best"
    return f"this machine cannot tell {asked} now, {least}: try when it is quieter ({facts})"


def save(report: AAReport, cache_dir: Path) -> None:
    """Keep a report in the cache, whole or not at all.

    Raises:
        StoreError: the folder cannot be written.
    """
    path = cache_dir / FILE
    with writing(path):
        cache_dir.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(f".{os.getpid()}.tmp")
        draft.write_text(report.model_dump_json(indent=2) + "\n", "utf-8")
        draft.replace(path)


def load(cache_dir: Path) -> AAReport | None:
    """Return the report in the cache; None without one that can be read."""
    try:
        return AAReport.model_validate_json((cache_dir / FILE).read_text("utf-8"))
    except (OSError, UnicodeDecodeError, ValidationError):
        return None


def failures(readings: Iterable[AAReading]) -> list[str]:
    """Return the problems whose reference was not found right, with what was found: a fault of ours or of the problem."""
    right = (Status.CORRECT, Status.INCONCLUSIVE)
    return [f"{reading.problem_id}: {reading.status}" for reading in readings if reading.status not in right]
