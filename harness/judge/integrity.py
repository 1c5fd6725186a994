"""Checks on times and on work outside the window. Pure over what the judge measured."""

import dataclasses

from harness.judge.outcome import Decided
from harness.judge.readout import Answer
from harness.models import Stage, Status

LATE_CPU_NS = 2_000_000
"""CPU time outside of the window that no honest worker needs: it is frozen some 50 us after its answer."""
STRIKES = 3
DRAM_MARGIN = 2.0
"""How far above its measured peak memory may be before a time is impossible: neighbours may have slowed it down then."""


@dataclasses.dataclass
class LateWork:
    """Counts calls after whose answer the worker went on computing (stops: work in a thread or helper after returning)."""

    strikes: int = 0

    def after(self, answer: Answer, *, counted: bool) -> None:
        """Look at one call.

        Raises:
            Decided: it is the third such call.
        """
        if counted and answer.late_cpu_ns > LATE_CPU_NS:
            self.strikes += 1
            if self.strikes >= STRIKES:
                raise Decided(
                    Status.INTEGRITY_VIOLATION,
                    Stage.TIMING,
                    "the worker goes on computing after it has answered",
                    expected=f"under {LATE_CPU_NS / 1e6:g} ms of CPU time after the answer",
                    got=f"{answer.late_cpu_ns / 1e6:.1f} ms, in {self.strikes} calls",
                )


def check_clocks(candidate_ns: list[int], worker_ns: list[int]) -> str | None:
    """Compare the worker's own readings with the judge's; returns a note where they cannot both be true.

    The judge's clock alone counts. A worker that claims far less than the judge saw has had its clock tampered with, or
    did its work outside of the call.
    """
    judged, claimed = sum(candidate_ns), sum(worker_ns)
    overhead = 1_000_000 * len(candidate_ns)
    if judged and (claimed < 0.5 * (judged - overhead) or claimed > judged + overhead):
        return f"the worker's own clock claims {claimed / 1e6:.3f} ms where the judge's saw {judged / 1e6:.3f} ms"
    return None


def check_floor(candidate_ns: list[int], moved_bytes: int, bytes_per_s: float) -> None:
    """No call can move the compulsory bytes faster than this machine's caches do (stops: results that were not computed).

    `moved_bytes` counts every output and half of the inputs: triangular and masked problems may skip the other half.

    Raises:
        Decided: a call was faster than that.
    """
    floor_ns = moved_bytes / bytes_per_s * 1e9
    fastest = min(candidate_ns)
    if fastest < floor_ns:
        raise Decided(
            Status.INTEGRITY_VIOLATION,
            Stage.TIMING,
            "a call was faster than this machine can move its data",
            expected=f"at least {floor_ns / 1e3:.1f} us for {moved_bytes} bytes at {bytes_per_s / 1e9:.0f} GB/s",
            got=f"{fastest / 1e3:.1f} us",
        )


def check_dram(
    candidate_ns: list[int], reference_ns: list[int], input_bytes: int, cache_bytes: int, read_bytes_per_s: float
) -> None:
    """No call can read what lies in no cache faster than memory gives it (stops: results that were not computed).

    Inputs are fresh in every call, so that what exceeds all caches (`cache_bytes`) has to come from memory. Half of the
    inputs is forgiven, since masked and triangular problems skip that much, and so is a factor of `DRAM_MARGIN` over
    the highest read rate ever seen: the measured `read_bytes_per_s`, or that of the reference in these very calls.
    Outputs forgive more: some processors write lines of zeros without moving them. Operations accuse nobody at all,
    because fewer may do than are counted: products with a diagonal, triangular or low-rank matrix, Strassen, Winograd.

    Raises:
        Decided: a call was faster than that.
    """
    seen = max(read_bytes_per_s, input_bytes / min(reference_ns) * 1e9)
    beyond = input_bytes // 2 - cache_bytes
    floor_ns = beyond / (DRAM_MARGIN * seen) * 1e9
    fastest = min(candidate_ns)
    if fastest < floor_ns:
        raise Decided(
            Status.INTEGRITY_VIOLATION,
            Stage.TIMING,
            "a call was faster than this machine's memory gives its inputs",
            expected=f"at least {floor_ns / 1e3:.1f} us to read {beyond} bytes, half of the inputs less all caches, "
            f"at {DRAM_MARGIN:g} times {seen / 1e9:.1f} GB/s",
            got=f"{fastest / 1e3:.1f} us",
        )
