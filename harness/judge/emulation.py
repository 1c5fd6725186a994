"""Judges a candidate on a device that times nothing: outputs under several schedules, then one call with checks.

The calls, the oracle and the comparison are those of every device. What is added: the order of threads and blocks differs
from call to call, so that a kernel which depends on it is found out; and a call in a worker of its own, built with checks,
names mistakes that hardware would not report, or the cause of a failure.
"""

import random
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from harness.build.arithmetic import operations_of
from harness.build.symbols import lines_of
from harness.judge import kernels, plan, static
from harness.judge.block import Block
from harness.judge.integrity import LateWork
from harness.judge.opening import Opener
from harness.judge.oracle import Oracle
from harness.judge.outcome import Decided
from harness.judge.reference import Reference, fresh_seed
from harness.judge.session import Session
from harness.judge.tally import Tally
from harness.models import Stage, Status

if TYPE_CHECKING:
    from harness.judge.judge import Judge

CALL_TIMEOUT_FACTOR = 2.0
"""An emulated call may take longer than one that is timed."""
CHECKED_CALL_TIMEOUT_S = 40.0
"""`kernels.MOST_ACCESSES` of them take 12 s on a quiet machine."""
CALLS_BUDGET_S = 15.0
"""After this time no further call is made, once there were `LEAST_CALLS`: an interpreted call takes seconds at times."""
LEAST_CALLS = 6
UNEXPLAINED = {Status.TIMEOUT, Status.INTEGRITY_VIOLATION, Status.OUT_OF_MEMORY}
"""Failures whose cause the checks cannot name, or would take as long to."""


class Emulation:
    """The way of one candidate on a device that is not timed."""

    def __init__(
        self,
        judge: "Judge",
        device: str,
        opener: Opener,
        tally: Tally,
        progress: Callable[[str], None],
        random_: random.Random,
    ) -> None:
        self._judge = judge
        self._device = device
        self._opener = opener
        self._tally = tally
        self._progress = progress
        self._random = random_
        self.report = kernels.Report([], [], [])
        """What the checks found, and the kernels as launched."""
        self.checks_ns = 0
        """Wall time of the call with checks, its build included."""

    def run(self, oracle: Oracle, session: Session) -> None:
        """Compare calls, then run one with checks.

        Raises:
            Decided: an output was wrong, or the checks found what makes right outputs an accident.
        """
        sanitize = self._judge.options.sanitize
        try:
            with session:
                self._compare(oracle, session)
                self.report = session.report(self._locator(session))
        except Decided as failure:
            if sanitize and failure.status not in UNEXPLAINED:
                self._check(oracle.reference)
                if finding := kernels.worst(self.report.findings):
                    raise kernels.explained(failure, finding) from None
            raise
        if not sanitize:
            return
        self._progress("checking memory and races")
        self._check(oracle.reference)
        if finding := kernels.worst(self.report.findings):
            raise kernels.condemned(finding)

    def _compare(self, oracle: Oracle, session: Session) -> None:
        options = self._judge.options
        with self._opener.reference(oracle.reference) as other:
            block = Block(
                oracle,
                session,
                other,
                self._tally,
                LateWork(),
                lambda: None,
                options.call_timeout_s * CALL_TIMEOUT_FACTOR,
            )
            probes = list(range(len(oracle.probes)))
            calls = plan.untimed(self._random, probes)
            deadline = time.monotonic() + CALLS_BUDGET_S
            for position, call in enumerate(calls):
                if position >= LEAST_CALLS and time.monotonic() > deadline:
                    return
                block.run([call], 0, self._opener.build if position == 0 else None)

    def _check(self, reference: Reference) -> None:
        """Run one call with checks and keep what they report. How that call ends decides nothing by itself."""
        started = time.monotonic_ns()
        try:
            session = self._opener.candidate(reference, check=True)
        except Decided as failure:
            self.report.notes.append(f"not checked: {failure.evidence.what}")
            return
        finally:
            self.checks_ns = time.monotonic_ns() - started
        with session:
            build = self._opener.build_checked
            ended = ""
            try:
                session.call(reference.inputs(fresh_seed()), None, Stage.CORRECTNESS, CHECKED_CALL_TIMEOUT_S, build)
            except Decided as failure:
                ended = f"the call with checks ended early: {failure.evidence.what}"
            found = session.report(self._locator(session), self._operations(session))
        self.checks_ns = time.monotonic_ns() - started
        notes = [*self.report.notes, *found.notes, *([ended] if ended and not found.findings else [])]
        self.report = kernels.Report(found.findings, found.profiles or self.report.profiles, notes)

    def _locator(self, session: Session) -> kernels.Locate:
        """Return what finds the candidate's lines of findings; Triton's bring the line where CUDA's have an address."""
        if self._device == "interpreter":
            return lambda places: {place: f"candidate.py:{place[1]}" for place in places}
        bench = static.workbench(self._judge, self._device)
        return lambda places: lines_of(bench, session.libraries(), places)

    def _operations(self, session: Session) -> kernels.Operations | None:
        """Return what finds the arithmetic of basic blocks; the interpreter has none."""
        if self._device == "interpreter":
            return None
        bench = static.workbench(self._judge, self._device)
        return lambda places: operations_of(bench, session.libraries(), places)
