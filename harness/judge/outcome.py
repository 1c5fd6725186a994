"""How judging one candidate ends early: with a status, a stage and evidence."""

from harness.models import Cause, Evidence, Stage, Status

LOG_CHARS = 4000


class Decided(Exception):
    """The verdict is known. Raised anywhere below `evaluate`, caught only there."""

    def __init__(
        self,
        status: Status,
        stage: Stage,
        what: str,
        *,
        where: str | None = None,
        expected: str | None = None,
        got: str | None = None,
        log: str | None = None,
        cause: Cause | None = None,
    ) -> None:
        super().__init__(what)
        self.status = status
        self.stage = stage
        tail = _bounded(log.strip()) if log and log.strip() else None
        self.evidence = Evidence(what=what, where=where, expected=expected, got=got, log=tail, cause=cause)


def _bounded(text: str) -> str:
    """Keep both ends: the first error is usually the cause, the last line what came of it."""
    if len(text) <= LOG_CHARS:
        return text
    return f"{text[: LOG_CHARS // 2]}\n...\n{text[-LOG_CHARS // 2 :]}"
