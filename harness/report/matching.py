"""Whether runs can be compared at all, on which problems, and what a reader has to know of the differences."""

from collections.abc import Iterator, Sequence

from harness.errors import UsageError
from harness.models import Lock
from harness.report.summary import RunReport
from harness.store import read_lock

SHOWN = 3
"""Names in a list before it is cut short."""


def common_problems(reports: Sequence[RunReport]) -> list[str]:
    """Return the ids of the problems that all runs have, in the order of the first.

    Raises:
        UsageError: there are none, or the runs were not made under the same conditions; one line says which.
    """
    for other in reports[1:]:
        _same_conditions(reports[0], other)
    locks = [_lock(report) for report in reports]
    shared = set.intersection(*(set(report.config.problems) for report in reports))
    common = [problem for problem in reports[0].config.problems if problem in shared]
    if not common:
        names = " and ".join(report.folder.id for report in reports)
        raise UsageError(f"runs {names} have no problem in common, so they cannot be compared")
    for report, lock in zip(reports, locks, strict=True):
        for problem in common:
            graded, first = (found.problems.get(problem) if found else None for found in (lock, locks[0]))
            if graded and first and graded != first:
                raise _apart(reports[0], report, f"were not asked the same {problem}: its text has changed in between")
    return common


def remarks(reports: Sequence[RunReport], common: Sequence[str]) -> Iterator[str]:
    """Yield a sentence for each thing that a reader has to know."""
    left_out = list(dict.fromkeys(p for report in reports for p in report.config.problems if p not in set(common)))
    if left_out:
        of = "problem that all runs have" if len(common) == 1 else f"{len(common)} problems that all runs have"
        yield f"compared on the {of}; left out: {_listed(left_out)}"
    machines = {report.folder.id: _machine(_lock(report)) for report in reports}
    if len(set(machines.values())) > 1:
        yield f"judged on different machines ({' and '.join(dict.fromkeys(machines.values()))}): ratios mix two machines"
    languages = list(dict.fromkeys(report.config.language for report in reports))
    if len(languages) > 1:
        yield f"in different languages ({' and '.join(languages)})"
    for number, report in enumerate(reports):
        waiting = sum(row.finished is None for row in report.rows)
        if waiting:
            label = chr(ord("A") + number) if number < 26 else f"R{number + 1}"
            left = f"{waiting} of {len(report.rows)} tasks {'is' if waiting == 1 else 'are'} not done"
            yield f"{label} is not finished: {left} (harness resume {report.folder.path})"


def _same_conditions(first: RunReport, other: RunReport) -> None:
    one, two = first.config, other.config
    if one.tier != two.tier:
        raise _apart(first, other, f"are not on the same tier ({one.tier.value} and {two.tier.value})")
    if one.samples != two.samples:
        raise _apart(first, other, f"do not have as many samples per problem ({one.samples} and {two.samples})")
    if one.threads != two.threads:
        raise _apart(first, other, f"were not given as many threads ({one.threads} and {two.threads})")
    if one.options.cold_cache != two.options.cold_cache:
        raise _apart(first, other, "were not both timed with a cold cache")
    if first.baselines and other.baselines and first.baselines != other.baselines:
        against = f"{', '.join(first.baselines)} and {', '.join(other.baselines)}"
        raise _apart(first, other, f"are not against the same baseline ({against})")


def _apart(first: RunReport, other: RunReport, said: str) -> UsageError:
    return UsageError(f"runs {first.folder.id} and {other.folder.id} {said}, so they cannot be compared")


def _lock(report: RunReport) -> Lock | None:
    return read_lock(report.folder.lock) if report.folder.lock.exists() else None


def _machine(lock: Lock | None) -> str:
    facts = lock.environment if lock else {}
    return facts.get("device cpu", "unknown") + (f", {facts['device cores']} cores" if "device cores" in facts else "")


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more
