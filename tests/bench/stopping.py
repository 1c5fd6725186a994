"""Sequential stopping against a fixed plan of 100 pairs, replayed on pairs that were really timed.

Every candidate is timed for 100 pairs, in blocks as always. What the judge would have done is then replayed: after each
block, would it have stopped? Its share of the 100 pairs is what sequential stopping costs for the interval that was asked
for. The candidates are the shipped replies, right ones only, and the references themselves, whose ratio of 1 is a threshold
of fast_p, so that nothing but a narrow interval ends them.
"""

import statistics
from collections.abc import Callable, Iterator
from typing import Any

from harness.config import Settings
from harness.judge import Judge, timing
from harness.llm import last_code_block
from harness.models import Candidate, EvalOptions, Measurement, Problem, Status, Tier, sha256_hex
from harness.suite import content_root, select, workload

NAME = "stopping"
REPEATS = 1
FIXED = 100
WANTED_SHARE = 0.5
PROBLEMS = "quickstart"
SIDES = ("reference", "reply")
RECORD = EvalOptions(tier=Tier.CPU, min_pairs=FIXED, max_pairs=FIXED, timing_budget_s=3600.0, interval_width=1e-9)
"""The fixed plan: nothing but the number of pairs ends it."""
REPLAY = EvalOptions(tier=Tier.CPU, max_pairs=FIXED)
"""The judge's own rule, but for the most pairs: at the default of 60 it would look better than it is."""


def measure(
    repeats: int,
    *,
    problems: str | None = None,
    done: dict[str, Any] | None = None,
    keep: Callable[[dict[str, Any]], None] = lambda result: None,
) -> dict[str, Any]:
    """Return one row per candidate and round; `done` is a result to go on from."""
    found = list((done or {}).get("rows", []))
    there = {(row["round"], row["problem"], row["side"]) for row in found}
    chosen = select(problems or PROBLEMS)
    with Judge(RECORD, Settings.load().cache_dir) as judge:
        for number in range(1, repeats + 1):
            for problem in chosen:
                for side, candidate in candidates(problem):
                    if (number, problem.id, side) not in there:
                        verdict = judge.evaluate(problem, candidate)
                        row = {"round": number, "problem": problem.id, "side": side, "status": verdict.status.value}
                        if verdict.measurement:
                            row |= replay(verdict.measurement, REPLAY) | {
                                "measurement": verdict.measurement.model_dump()
                            }
                        found.append(row)
                        keep(result(found))
    return result(found)


def candidates(problem: Problem) -> Iterator[tuple[str, Candidate]]:
    """Yield the reference itself, and the last of the shipped replies."""
    work = workload(problem, Tier.CPU)
    yield SIDES[0], Candidate(source=work.source, sha256=work.sha256, origin="reference", entry="Model")
    level, _, number = problem.id.partition("/")
    folder = content_root() / "agents" / "recorded" / "cpp" / level / f"{int(number):03}"
    replies = sorted(folder.glob("[0-9].md"))
    code = last_code_block(replies[-1].read_text("utf-8")) if replies else None
    if code:
        yield SIDES[1], Candidate(source=code, sha256=sha256_hex(code), origin=str(replies[-1]))


def replay(times: Measurement, options: EvalOptions) -> dict[str, Any]:
    """Return where the judge would have stopped, and how wide the interval was there and after all pairs. Pure.

    Time is no reason to stop: it would depend on the machine and flatter the rule.
    """
    whole = estimate(times, len(times.block))
    ends = [i for i in range(1, len(times.block) + 1) if i == len(times.block) or times.block[i] != times.block[i - 1]]
    for count in ends:
        found = estimate(times, count)
        reason = timing.stop_reason(options, found, times.block[:count], 0.0)
        if reason or count == len(times.block):
            break
    as_wide = next(n for n in ends if width(estimate(times, n)) <= width(whole) or n == len(times.block))
    return {
        "pairs": count,
        "of": len(times.block),
        "share": count / len(times.block),
        "reason": reason or "trials",
        "width": width(found),
        "fixed_width": width(whole),
        "pairs_to_fixed_width": as_wide,
        "median": found.median,
        "fixed_median": whole.median,
    }


def estimate(times: Measurement, count: int) -> Any:
    """Return the speedup from the first pairs."""
    return timing.speedup(
        times.reference_ns[:count], times.candidate_ns[:count], times.block[:count], times.preempted[:count]
    )


def width(found: Any) -> float:
    """Return an interval's relative width."""
    return float((found.high - found.low) / found.median)


def result(found: list[dict[str, Any]]) -> dict[str, Any]:
    """Return rows with what they come to together."""
    timed = [row for row in found if "share" in row]
    shares = [row["share"] for row in timed]
    return {
        "wanted_share": WANTED_SHARE,
        "fixed": FIXED,
        "rows": found,
        "mean_share": statistics.fmean(shares) if shares else None,
        "median_share": statistics.median(shares) if shares else None,
        "reached": sum(row["reason"] == "interval" for row in timed),
        "timed": len(timed),
        "not_timed": [f"{r['problem']} {r['side']}: {r['status']}" for r in found if r["status"] != Status.CORRECT],
    }


def rows(result: dict[str, Any]) -> list[tuple[str, ...]]:
    """Return the table of a result."""
    table: list[tuple[str, ...]] = [
        ("stopping", "round", "candidate", "pairs", "stopped by", "width", "width of 100", "ratio", "ratio of 100")
    ]
    for row in result["rows"]:
        head = (row["problem"], str(row["round"]), row["side"])
        if "share" not in row:
            table.append((*head, row["status"], "", "", "", "", ""))
            continue
        widths = (f"{100 * row['width']:.1f} %", f"{100 * row['fixed_width']:.1f} %")
        ratios = (f"{row['median']:.3f}", f"{row['fixed_median']:.3f}")
        table.append((*head, str(row["pairs"]), row["reason"], *widths, *ratios))
    if result["mean_share"] is not None:
        shares = f"{100 * result['mean_share']:.0f} % of {result['fixed']}, wanted {100 * result['wanted_share']:.0f} %"
        ended = f"{result['reached']} of {result['timed']} by interval"
        table.append(("all", "", "", shares, ended, "", "", "", ""))
    return table
