"""Planted speedups: both sides do the same pass over and over, one more often, so that the ratio of the passes is the truth.

A pass is a matrix product with the identity: its result is its input, exactly and in any order of summation, so that any
number of passes gives the same output, and each needs the one before. It is bound by arithmetic on data that fit the
second-level cache, so that the first pass, which finds cold caches, is little longer than the others. What a call costs
besides its passes (doorbell, module, cold caches) is fitted over the cases and reported: it pulls ratios towards 1.
"""

import statistics
from collections.abc import Callable
from typing import Any

from harness.config import Settings
from harness.judge import Judge
from harness.models import Candidate, EvalOptions, Problem, Tier, Verdict, sha256_hex

NAME = "planted"
REPEATS = 1
WANTED_ERROR = 0.03
SIZE = 256
CASES = {"1.05x": (42, 40), "1.2x": (48, 40), "2x": (80, 40), "0.8x": (32, 40), "1x": (40, 40)}
"""Case -> passes of the reference and of the candidate."""
SOURCE = """import torch

SIZE = {size}


class {name}(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("unit", torch.eye(SIZE))

    def forward(self, x):
        for _ in range({passes}):
            x = torch.mm(x, self.unit)
        return x
"""
INPUTS = """

def get_inputs():
    return [torch.rand(SIZE, SIZE)]


def get_init_inputs():
    return []
"""


def problem(passes: int) -> Problem:
    """Return the problem whose reference does so many passes."""
    source = SOURCE.format(size=SIZE, name="Model", passes=passes) + INPUTS
    return Problem(
        id=f"planted/{passes}", name="Planted", source=source, sha256=sha256_hex(source), tiers={Tier.CPU: {}}
    )


def kernel(passes: int) -> Candidate:
    """Return a candidate that does so many."""
    source = SOURCE.format(size=SIZE, name="ModelNew", passes=passes)
    return Candidate(source=source, sha256=sha256_hex(source), origin="planted")


def measure(
    repeats: int,
    *,
    problems: str | None = None,
    done: dict[str, Any] | None = None,
    keep: Callable[[dict[str, Any]], None] = lambda result: None,
) -> dict[str, Any]:
    """Return one row per case and round; `problems` names some of the cases, `done` is a result to go on from."""
    names = problems.split(",") if problems else list(CASES)
    if unknown := set(names) - set(CASES):
        raise ValueError(f"unknown case '{min(unknown)}' (known: {', '.join(CASES)})")
    found = list((done or {}).get("rows", []))
    there = {(row["round"], row["case"]) for row in found}
    with Judge(EvalOptions(tier=Tier.CPU), Settings.load().cache_dir) as judge:
        for number in range(1, repeats + 1):
            for name in names:
                if (number, name) not in there:
                    reference, candidate = CASES[name]
                    verdict = judge.evaluate(problem(reference), kernel(candidate))
                    found.append({"round": number, "case": name, **row(verdict, reference, candidate)})
                    keep(result(found))
    return result(found)


def row(verdict: Verdict, reference: int, candidate: int) -> dict[str, Any]:
    """Return what one case came to."""
    speed, times, truth = verdict.speedup, verdict.measurement, reference / candidate
    return {
        "truth": truth,
        "reference_passes": reference,
        "candidate_passes": candidate,
        "status": verdict.status.value,
        "said": verdict.evidence.what,
        "median": speed.median if speed else None,
        "low": speed.low if speed else None,
        "high": speed.high if speed else None,
        "error": speed.median / truth - 1 if speed else None,
        "contains_truth": speed is not None and speed.low <= truth <= speed.high,
        "warm_ratio": times.warm.ratio if times and times.warm else None,
        "pairs": len(times.block) if times else 0,
        "stopped": times.stopped if times else None,
        "reference_ns": statistics.median(times.reference_ns) if times else None,
        "candidate_ns": statistics.median(times.candidate_ns) if times else None,
    }


def result(found: list[dict[str, Any]]) -> dict[str, Any]:
    """Return rows with what they come to together."""
    errors = [abs(row["error"]) for row in found if row["error"] is not None]
    points = [(row[f"{side}_passes"], row[f"{side}_ns"]) for row in found for side in ("reference", "candidate")]
    return {
        "wanted_error": WANTED_ERROR,
        "rows": found,
        "within": sum(error <= WANTED_ERROR for error in errors),
        "covered": sum(row["contains_truth"] for row in found),
        "median_error": statistics.median(errors) if errors else None,
        "fit": fit([(passes, ns) for passes, ns in points if ns is not None]),
    }


def fit(points: list[tuple[int, float]]) -> dict[str, float] | None:
    """Return ns per pass and ns per call besides, by the median of slopes (Theil and Sen): a burst of noise is no matter."""
    slopes = [(b - a) / (n - m) for m, a in points for n, b in points if n > m]
    if not slopes:
        return None
    slope = statistics.median(slopes)
    return {"pass_ns": slope, "call_ns": statistics.median(ns - slope * passes for passes, ns in points)}


def rows(result: dict[str, Any]) -> list[tuple[str, ...]]:
    """Return the table of a result."""
    table: list[tuple[str, ...]] = [
        ("planted", "round", "truth", "measured", "95 % interval", "error", "has truth", "warm", "pairs", "stopped by")
    ]
    for found in result["rows"]:
        timed, warm = found["median"] is not None, found["warm_ratio"]
        table.append(
            (
                found["case"],
                str(found["round"]),
                f"{found['truth']:.3f}",
                f"{found['median']:.3f}" if timed else found["status"],
                f"[{found['low']:.3f}, {found['high']:.3f}]" if timed else "",
                f"{100 * found['error']:+.1f} %" if timed else "",
                "yes" if found["contains_truth"] else "no",
                f"{warm:.3f}" if warm is not None else "",
                str(found["pairs"]),
                found["stopped"] or "",
            )
        )
    count, fitted = len(result["rows"]), result["fit"]
    within = f"{result['within']} of {count} within {100 * result['wanted_error']:g} %"
    table.append(("all", "", "", within, "", "", f"{result['covered']} of {count}", "", "", ""))
    if fitted:
        said = f"{fitted['pass_ns'] / 1e3:.0f} us a pass, {fitted['call_ns'] / 1e3:.0f} us a call besides"
        table.append(("fit", "", "", said, "", "", "", "", "", ""))
    return table
