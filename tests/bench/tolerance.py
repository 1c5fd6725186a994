"""How far right and degraded kernels are from the judge's budgets, over the suite: what `harness.judge.tolerance` rests on.

Each problem of levels 1 to 3 at the ci sizes is computed in up to four honest ways (`harness.audit.honest`), on inputs as
published and varied, and in up to five degraded ones. The numbers are errors over budgets: above 1 is a rejection.
"""

import collections
import statistics
from typing import Any

from harness.audit import each
from harness.audit.margins import Margins, margins
from harness.suite import survey

NAME = "tolerance"
REPEATS = 1
SUITE = "level1,level2,level3"
TIMEOUT_S = 600.0
"""What one problem may take on a loaded machine; it takes 3 s on a quiet one."""


def measure(repeats: int) -> dict[str, Any]:
    """Return, per problem and kernel, the worst error over its budget. Seeds are the problems' own: it repeats."""
    problems, broken = survey(SUITE, None)
    found: list[dict[str, Any]] = []
    failed = [str(error) for error in broken]
    for answer in each(margins, problems, timeout_s=TIMEOUT_S):
        if isinstance(answer, Margins):
            kernels = [vars(margin) for margin in answer.kernels]
            found.append({"problem": answer.problem_id, "questions": answer.questions, "kernels": kernels})
        else:
            failed.append(str(answer))
    return {"problems": found, "failed": failed, "kinds": _kinds(found), "coverage": _coverage(found)}


def _kinds(found: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return, per kind of kernel, over how many problems it was tried, and how its ratios are distributed."""
    ratios: dict[tuple[str, bool], list[tuple[float, str]]] = collections.defaultdict(list)
    for problem in found:
        for kernel in problem["kernels"]:
            ratios[kernel["kind"], kernel["honest"]].append((kernel["worst_ratio"], problem["problem"]))
    kinds = {}
    for (kind, honest), values in ratios.items():
        values.sort()
        extreme = values[-1] if honest else values[0]
        kinds[kind] = {
            "honest": honest,
            "problems": len(values),
            "accepted": sum(ratio <= 1.0 for ratio, _ in values),
            "median_ratio": statistics.median(ratio for ratio, _ in values),
            "extreme_ratio": extreme[0],
            "extreme_problem": extreme[1],
        }
    return kinds


def _coverage(found: list[dict[str, Any]]) -> dict[str, int]:
    """Return how many problems had how many honest variants."""
    counts = collections.Counter(sum(kernel["honest"] for kernel in problem["kernels"]) for problem in found)
    return {f"{number} honest variants": counts[number] for number in sorted(counts)}


def rows(result: dict[str, Any]) -> list[tuple[str, ...]]:
    """Return the table of a result: the worst of honest kernels, the least of degraded ones."""
    table: list[tuple[str, ...]] = [("kernels", "problems", "accepted", "median", "nearest to the border", "on")]
    for kind, of in result["kinds"].items():
        extreme = f"{of['extreme_ratio']:.3g}"
        counts = (str(of["problems"]), str(of["accepted"]))
        table.append((kind, *counts, f"{of['median_ratio']:.3g}", extreme, of["extreme_problem"]))
    return table
