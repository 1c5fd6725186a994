"""Reads what earlier runs have taught out of their folders. A run that cannot be read teaches nothing."""

from collections.abc import Iterable
from pathlib import Path

from harness.errors import StoreError
from harness.models import Attempt, EventType, Lock, Verdict
from harness.score import better
from harness.search.experience import Experience, Item, Memory, Prior, diff, keep
from harness.store import Artifacts, RunFolder, read_events


def remember(runs_dir: Path, config: Experience) -> Memory:
    """Return what the runs under `runs_dir` have taught, oldest first, as `config` wants it."""
    items: list[Item] = []
    best: dict[tuple[str, str], tuple[Verdict, Prior]] = {}
    for folder in RunFolder.all(runs_dir) if config.wanted else ():
        try:
            attempts = [
                event.attempt
                for event in read_events(folder.events)
                if event.type is EventType.NODE_COMMITTED and event.attempt
            ]
        except StoreError:
            continue
        texts = Artifacts(folder.artifacts)
        for item in _pairs(attempts, texts, folder.id, config.min_ratio):
            items = keep(items, item, config.capacity)
        for verdict, prior in _priors(attempts, texts, folder.id):
            key = prior.workload_sha256, prior.language
            if key not in best or better(verdict, best[key][0]):
                best[key] = verdict, prior
    return Memory(tuple(items), tuple(prior for _, prior in best.values()) if config.warm_start else ())


def recall(lock: Lock, folder: RunFolder) -> Memory:
    """Return what the run in `folder` took over when it began.

    Raises:
        StoreError: it is gone or damaged.
    """
    if lock.experience_sha256 is None:
        return Memory()
    return Memory.from_bytes(Artifacts(folder.artifacts).get(lock.experience_sha256))


def _pairs(attempts: Iterable[Attempt], texts: Artifacts, run: str, min_ratio: float) -> Iterable[Item]:
    """Yield what made a kernel faster than the one that it was made from, beyond what both intervals leave open."""
    judged: dict[str, Attempt] = {}
    for attempt in attempts:
        judged[attempt.node] = attempt
        parent = judged.get(attempt.parent or "")
        if parent is None or attempt.duplicate_of is not None:
            continue
        slow, fast = parent.verdict, attempt.verdict
        if not (slow.correct and fast.correct and slow.speedup and fast.speedup):
            continue
        ratio = fast.speedup.median / slow.speedup.median
        if ratio < min_ratio or fast.speedup.low <= slow.speedup.high:
            continue
        before, after = _source(parent, texts), _source(attempt, texts)
        if before and after:
            yield Item(
                problem_id=attempt.problem_id,
                workload_sha256=fast.workload_sha256,
                language=fast.language,
                ratio=round(ratio, 4),
                strategy=attempt.note,
                change=diff(before, after),
                run=run,
            )


def _priors(attempts: Iterable[Attempt], texts: Artifacts, run: str) -> Iterable[tuple[Verdict, Prior]]:
    """Yield the best kernel of each question of a run."""
    found: dict[tuple[str, str], Attempt] = {}
    for attempt in attempts:
        verdict = attempt.verdict
        key = verdict.workload_sha256, verdict.language
        if verdict.correct and verdict.speedup and (key not in found or better(verdict, found[key].verdict)):
            found[key] = attempt
    for (digest, language), attempt in found.items():
        source, speedup = _source(attempt, texts), attempt.verdict.speedup
        if source and speedup:
            yield attempt.verdict, Prior(attempt.problem_id, digest, language, speedup.low, source, run)


def _source(attempt: Attempt, texts: Artifacts) -> str:
    try:
        return texts.get(attempt.candidate_sha256).decode("utf-8", "replace") if attempt.candidate_sha256 else ""
    except StoreError:
        return ""
