"""Speedups against another baseline than eager: derived from two measurements, and when they may be combined."""

from collections.abc import Mapping, Sequence

from harness.models import Baseline, BaselineConditions, Status, Verdict, Workload
from harness.score.speedup import ratio

EAGER = "eager"
DEVICE = ("cpu", "isa", "cores", "last_level_cache_mib")
"""Entries of a fingerprint that name the machine."""
VERSIONS = ("harness", "torch", "python", "compiler")
"""Entries of a fingerprint that name the software. The load and the operating system's release are neither."""
_AGAIN = frozenset({Status.INCONCLUSIVE, Status.INFRA_ERROR})


def conditions(environment: Mapping[str, str], work: Workload, *, threads: int, cold_cache: bool) -> BaselineConditions:
    """Return what a baseline of `work` has to hold for on the machine of `environment`."""
    return BaselineConditions(
        problem_id=work.problem_id,
        tier=work.tier,
        workload_sha256=work.sha256,
        threads=threads,
        cold_cache=cold_cache,
        device={name: environment.get(name, "") for name in DEVICE},
        versions={name: environment.get(name, "") for name in VERSIONS},
    )


def conditions_of(verdict: Verdict) -> BaselineConditions | None:
    """Return what a baseline has to hold for to be compared with a timed verdict; null where nothing was timed."""
    if verdict.measurement is None or verdict.device != "cpu":
        return None
    work = Workload(
        problem_id=verdict.problem_id, name="", tier=verdict.tier, source="", sha256=verdict.workload_sha256
    )
    measured = verdict.measurement
    return conditions(verdict.environment, work, threads=measured.threads, cold_cache=measured.cold_cache)


def differences(stored: BaselineConditions, wanted: BaselineConditions) -> list[str]:
    """Return in words what has changed since a baseline was measured; empty where it still holds."""
    changed = []
    if stored.workload_sha256 != wanted.workload_sha256:
        changed.append("the workload")
    for name in ("problem_id", "tier", "threads", "cold_cache"):
        before, now = getattr(stored, name), getattr(wanted, name)
        if before != now:
            changed.append(f"{name} {before} -> {now}")
    for before, now in ((stored.device, wanted.device), (stored.versions, wanted.versions)):
        changed += [
            f"{name} {before.get(name)} -> {now.get(name)}"
            for name in sorted(before.keys() | now.keys())
            if before.get(name) != now.get(name)
        ]
    return changed


def forms_missing(baseline: Baseline | None, modes: Sequence[str]) -> list[str]:
    """Return the modes that have to be measured: those without a form, and those that the machine was too noisy for."""
    forms = baseline.forms if baseline else {}
    return [mode for mode in modes if mode not in forms or forms[mode].status in _AGAIN]


def against(verdict: Verdict, baseline: Baseline, form: str) -> Verdict | None:
    """Return `verdict` with its speedup over `form` instead of over eager; null where the baseline has no such time.

    Both were measured against eager by paired calls, in different sessions: the ratio of the two speedups is derived, and
    its interval combines theirs (`harness.score.ratio`). The verdict says so in `baseline` and in a note.
    """
    found = baseline.forms.get(form)
    if verdict.speedup is None or found is None or found.speedup is None:
        return None
    note = (
        f"over {form} as derived: {verdict.speedup.median:.3f} over eager, divided by the {found.speedup.median:.3f} "
        f"that {form} has over eager, measured {baseline.measured}"
    )
    return verdict.model_copy(
        update={
            "speedup": ratio(verdict.speedup, found.speedup),
            "baseline": f"{form} (derived)",
            "notes": [*verdict.notes, note],
        }
    )
