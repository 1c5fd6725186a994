"""Facts of problems, looked up where they are known already (`harness.suite.known`) and found out where not."""

import json
import os
from collections.abc import Sequence
from functools import partial

from harness.audit.survey import each
from harness.errors import ProblemError
from harness.models import Problem, Tier
from harness.models.audit import Facts
from harness.suite import survey, workload
from harness.suite.known import known_facts, known_path

__all__ = ["known_facts", "known_path", "look_up", "write_known"]


def look_up(
    problems: Sequence[Problem], tier: Tier, jobs: int | None = None
) -> list[tuple[Problem, Facts | None] | ProblemError]:
    """Return each problem with its facts at `tier`, in order; None where it has no such tier.

    A problem that raises is an error in its place.
    """
    sized = {problem.id: workload(problem, tier) for problem in problems if tier in problem.tiers}
    found: dict[str, Facts | ProblemError | None] = {i: known_facts().get(w.sha256) for i, w in sized.items()}
    unknown = [problem for problem in problems if problem.id in sized and found[problem.id] is None]
    if unknown:
        made = each(partial(_find, tier=tier), unknown, jobs=jobs)
        found |= zip((problem.id for problem in unknown), made, strict=True)
    result: list[tuple[Problem, Facts | None] | ProblemError] = []
    for problem in problems:
        facts = found.get(problem.id)
        result.append(facts if isinstance(facts, ProblemError) else (problem, facts))
    return result


def _find(problem: Problem, tier: Tier) -> Facts:
    from harness.audit.facts import facts

    return facts(workload(problem, tier))


def write_known() -> int:
    """Find the facts of every problem of the suite at every tier, write the file, and return how many there are.

    Raises:
        ProblemError: a problem raises.
    """
    problems, broken = survey("all")
    rows: list[Facts] = []
    for tier in Tier:
        for found in look_up(problems, tier):
            if isinstance(found, ProblemError):
                broken.append(found)
            elif found[1] is not None:
                rows.append(found[1])
    if broken:
        raise broken[0]
    lines = [json.dumps(row.model_dump(mode="json"), separators=(",", ":")) for row in rows]
    path = known_path()
    fresh = path.with_suffix(".new")
    fresh.write_text("[\n" + ",\n".join(lines) + "\n]\n", "utf-8")
    os.replace(fresh, path)
    return len(rows)
