"""A report against another baseline than eager, where measured ones are held for exactly its workloads and machine."""

import dataclasses
from collections.abc import Iterator

from harness.errors import UsageError, suggestion
from harness.models import Attempt, Verdict
from harness.report.summary import RunReport
from harness.runs.baselines import MODES
from harness.score import against, conditions_of, score
from harness.score.baselines import EAGER
from harness.store.baselines import BaselineStore


def rebased(report: RunReport, form: str, store: BaselineStore) -> RunReport:
    """Return `report` with each speedup over `form`, derived from the run's own and from the baseline that is held.

    A failed task needs no baseline. A correct one without makes the whole score impossible: leaving it out would raise it,
    and counting it as slow would lower it.

    Raises:
        UsageError: there is no such form, or a baseline is missing; names the command that measures it.
        StoreError: a baseline cannot be read.
    """
    if form not in MODES:
        raise UsageError(f"unknown baseline '{form}'{suggestion(form, MODES)} (known: {', '.join(MODES)})")
    if form == EAGER:
        return report
    rows, missing = [], []
    for row in report.rows:
        verdict = row.best.verdict if row.best else None
        if verdict is None or verdict.speedup is None:
            rows.append(row)
            continue
        found = versus(verdict, form, store)
        if found is None:
            missing.append(row.problem)
        else:
            rows.append(dataclasses.replace(row, best=_with(row.best, found)))
    if missing:
        config = report.config
        threads = f" --threads {config.threads}" if config.threads != 1 else ""
        raise UsageError(
            f"no baseline '{form}' for {len(missing)} of the run's correct kernels on their machine and versions - "
            f"harness baseline {','.join(dict.fromkeys(missing))} --tier {config.tier.value}{threads}"
        )
    verdicts = [row.best.verdict for row in rows if row.best]
    return dataclasses.replace(
        report, rows=tuple(rows), score=score(verdicts, confident_only=report.score.counted_by != "median")
    )


def versus(verdict: Verdict, form: str, store: BaselineStore) -> Verdict | None:
    """Return `verdict` over `form`; null where no baseline is held that was measured under its conditions.

    Raises:
        StoreError: the baseline cannot be read.
    """
    wanted = conditions_of(verdict)
    held = store.read(wanted)[0] if wanted else None
    return against(verdict, held, form) if held else None


def lines(verdict: Verdict, store: BaselineStore) -> Iterator[str]:
    """Yield a line for people for each form of torch.compile that `verdict` can be compared with.

    Raises:
        StoreError: the baseline cannot be read.
    """
    for form in MODES[1:]:
        found = versus(verdict, form, store)
        if found is not None and found.speedup is not None:
            speedup = found.speedup
            yield f"  vs {form} {speedup.median:.3f} [{speedup.low:.3f}, {speedup.high:.3f}] (derived, see harness baseline)"


def _with(best: Attempt | None, verdict: Verdict) -> Attempt:
    assert best is not None
    return best.model_copy(update={"verdict": verdict})
