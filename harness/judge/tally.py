"""What has been seen of one candidate: times, calls, errors."""

import dataclasses

from harness.judge.pinned import Pinned
from harness.judge.timing import warm_reading
from harness.models import EvalOptions, Measurement


@dataclasses.dataclass
class Tally:
    """What has been seen of one candidate so far, over all blocks."""

    candidate_ns: list[int] = dataclasses.field(default_factory=list)
    reference_ns: list[int] = dataclasses.field(default_factory=list)
    worker_ns: list[int] = dataclasses.field(default_factory=list)
    preempted: list[bool] = dataclasses.field(default_factory=list)
    late_cpu_ns: list[int] = dataclasses.field(default_factory=list)
    block: list[int] = dataclasses.field(default_factory=list)
    warm_candidate_ns: list[int] = dataclasses.field(default_factory=list)
    warm_reference_ns: list[int] = dataclasses.field(default_factory=list)
    all_candidate_ns: int = 0
    all_reference_ns: int = 0
    calls: int = 0
    max_abs: float = 0.0
    worst_ratio: float = 0.0
    reference_max_abs: float = 0.0
    upstream_correct: bool | None = None
    upstream_v0_correct: bool | None = None
    upstream_trials: int = 0

    def measurement(self, options: EvalOptions, pinned: Pinned, doorbell_ns: int, stopped: str) -> Measurement:
        """Return the times as they are kept, with the machine's state now; `stopped` says why sampling ended."""
        return Measurement(
            candidate_ns=self.candidate_ns,
            reference_ns=self.reference_ns,
            candidate_worker_ns=self.worker_ns,
            block=self.block,
            doorbell_ns=doorbell_ns,
            threads=options.threads,
            cores=list(pinned.cores),
            before=pinned.before,
            after=pinned.after(),
            cold_cache=options.cold_cache,
            warm=warm_reading(self.warm_reference_ns, self.warm_candidate_ns),
            stopped=stopped,
            preempted=self.preempted,
            late_cpu_ns=self.late_cpu_ns,
        )
