"""How judging one candidate ends early: with a status, a stage and evidence."""

from harness.models import Evidence, Stage, Status

LOG_TAIL_CHARS = 4000


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
    ) -> None:
        super().__init__(what)
        self.status = status
        self.stage = stage
        tail = log.strip()[-LOG_TAIL_CHARS:] if log and log.strip() else None
        self.evidence = Evidence(what=what, where=where, expected=expected, got=got, log=tail)
