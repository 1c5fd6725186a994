"""Facts of problems, looked up where they are known already and found out where not.

`problems/facts.json` holds those of the suite by the digest of the text they are about, so that a changed file is simply
not found there. `python -m harness.audit` writes it anew.
"""

import json
import os
from collections.abc import Mapping, Sequence
from functools import cache, partial
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from harness.audit.survey import each
from harness.errors import ProblemError
from harness.models import Problem, Tier
from harness.models.audit import Facts
from harness.suite import content_root, survey, workload

_FACTS: TypeAdapter[list[Facts]] = TypeAdapter(list[Facts])


def known_path() -> Path:
    """Return the file of known facts."""
    return content_root() / "problems" / "facts.json"


@cache
def known_facts() -> Mapping[str, Facts]:
    """Return the known facts by the digest of the workload's text. A file that cannot be read knows nothing."""
    try:
        return {facts.sha256: facts for facts in _FACTS.validate_json(known_path().read_bytes())}
    except (OSError, ValidationError):
        return {}


def look_up(
    problems: Sequence[Problem], tier: Tier, jobs: int | None = None
) -> list[tuple[Problem, Facts | None] | ProblemError]:
    """Return each problem with its facts at `tier`, in order; None where it has no such tier.

    A problem that raises is an error in its place.
    """
    found: dict[str, Facts | ProblemError | None] = {}
    unknown = []
    for problem in problems:
        work = workload(problem, tier) if tier in problem.tiers else None
        facts = known_facts().get(work.sha256) if work is not None else None
        found[problem.id] = facts
        if work is not None and facts is None:
            unknown.append(problem)
    if unknown:
        for problem, facts_or_error in zip(unknown, each(partial(_find, tier=tier), unknown, jobs=jobs), strict=True):
            found[problem.id] = facts_or_error
    result: list[tuple[Problem, Facts | None] | ProblemError] = []
    for problem in problems:
        facts_now = found[problem.id]
        result.append(facts_now if isinstance(facts_now, ProblemError) else (problem, facts_now))
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
