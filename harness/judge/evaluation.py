"""From one candidate to one verdict."""

import contextlib
import random
import secrets
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from harness.devices import cpu
from harness.errors import JudgeError, SandboxError
from harness.judge import integrity, kernels, plan, profile, static, timing
from harness.judge.block import Block
from harness.judge.emulation import Emulation
from harness.judge.opening import Opener
from harness.judge.oracle import Oracle
from harness.judge.outcome import Decided
from harness.judge.parsing import parse
from harness.judge.pinned import Pinned
from harness.judge.reference import Reference
from harness.judge.session import Session
from harness.judge.static import StaticReport
from harness.judge.tally import Tally
from harness.judge.work import compulsory_bytes
from harness.models import (
    TIMED_DEVICES,
    Candidate,
    ErrorStats,
    EvalOptions,
    Evidence,
    Measurement,
    Roofline,
    Speedup,
    Stage,
    Status,
    Verdict,
    Workload,
)
from harness.score import wording

if TYPE_CHECKING:
    from harness.judge.judge import Judge, Subject

T = TypeVar("T")

PROBES_LATER = 1
"""Probes in each block after the first, so that fresh processes are asked them too."""


class Evaluation:
    """One candidate's way through the stages."""

    def __init__(
        self,
        judge: "Judge",
        options: EvalOptions,
        workload: Workload,
        candidate: Candidate,
        device: str,
        progress: Callable[[str], None],
    ) -> None:
        self._judge = judge
        self._options = options
        self._device = device
        self._workload = workload
        self._candidate = candidate
        self._progress = progress
        self._tally = Tally()
        self._late = integrity.LateWork()
        self._random = random.Random(secrets.randbits(64))
        self._opener: Opener | None = None
        self._emulation: Emulation | None = None
        self._static: Future[StaticReport] | None = None
        self._weights = "none"
        self._stage_ns: dict[str, int] = {}
        self._notes: list[str] = []

    def run(self) -> Verdict:
        """Judge. Every way out is a verdict, except for what makes judging anything impossible.

        Raises:
            ProblemError, ToolchainError, StoreError: see `Judge.evaluate`.
        """
        try:
            parse(self._candidate.source, self._notes)
            with tempfile.TemporaryDirectory(prefix="artifacts-", dir=self._judge.folder) as name:
                artifacts = Path(name)
                artifacts.chmod(0o755)
                opener = Opener(self._judge, self._workload, self._candidate, self._device, artifacts, self._progress)
                self._opener = opener
                with contextlib.closing(opener):
                    timed = self._device in TIMED_DEVICES
                    verdict = self._timed_device(opener) if timed else self._untimed_device(opener)
                    return profile.added(self._judge, opener, self._workload, verdict, self._options, self._progress)
        except Decided as decided:
            return self._verdict(decided.status, decided.stage, decided.evidence)
        except (JudgeError, SandboxError) as error:
            return self._verdict(Status.INFRA_ERROR, Stage.LOAD, Evidence(what=str(error)))

    # ---- stages ----

    def _timed_device(self, opener: Opener) -> Verdict:
        judge = self._judge
        with contextlib.ExitStack() as opened:
            with judge.machine.busy():
                subject = self._timed("reference", lambda: judge.subject(self._workload))
                session = self._timed("load", lambda: opener.candidate(subject.reference))
                opened.callback(session.close)
                self._weights = session.weights.name.lower()
                self._progress("checking")
                oracle = self._oracle(subject, opener)  # needs no quiet: others may build meanwhile
            with judge.machine.quiet():
                return self._run_blocks(opener, oracle, session)

    def _untimed_device(self, opener: Opener) -> Verdict:
        """Judge where nothing is timed: several candidates at once are no harm."""
        judge = self._judge
        with judge.machine.busy():
            subject = self._timed("reference", lambda: judge.subject(self._workload))
            session = self._timed("load", lambda: opener.candidate(subject.reference))
            self._weights = session.weights.name.lower()
            with ThreadPoolExecutor(1) as beside:
                self._static = beside.submit(self._gather_static, opener, subject.reference)
                self._progress("checking")
                oracle = self._oracle(subject, opener)
                self._emulation = Emulation(judge, self._device, opener, self._tally, self._progress, self._random)
                emulate = self._emulation.run
                try:
                    self._timed("judge", lambda: emulate(oracle, session))
                finally:
                    self._stage_ns["checks"] = self._emulation.checks_ns
            self._check_static(self._static.result())
            return self._verdict(Status.CORRECT, Stage.DONE, self._evidence(oracle))

    def _check_static(self, report: StaticReport) -> None:
        """Let what every chip's compiler refuses decide; what only some refuse is told.

        Raises:
            Decided: the candidate would not build, or not launch, on any of the chips.
        """
        if report.errors:
            first = report.errors[0]
            raise Decided(
                Status.BUILD_ERROR,
                Stage.BUILD,
                f"it ran here, and no chip's compiler takes it: {first.message}",
                where=f"{first.file}:{first.line}" if first.file else None,
                log="\n".join(map(str, report.errors)),
            )
        assert self._emulation is not None
        findings, everywhere = report.impossible(self._emulation.report.profiles)
        if everywhere:
            raise Decided(Status.RUNTIME_ERROR, Stage.CORRECTNESS, wording.finding(findings[0]))

    def _gather_static(self, opener: Opener, reference: Reference) -> StaticReport:
        return static.gather(
            self._judge, self._device, self._candidate, opener.requests, lambda: (reference.init, reference.example)
        )

    def _oracle(self, subject: "Subject", opener: Opener) -> Oracle:
        """Return the workload's oracle, made on first use."""
        with subject.lock:
            if subject.oracle is None:
                subject.oracle = self._timed("oracle", lambda: self._make_oracle(subject.reference, opener))
            return subject.oracle

    def _run_blocks(self, opener: Opener, oracle: Oracle, session: Session) -> Verdict:
        """Run blocks, each with a fresh pair of processes, until the interval is narrow or a budget ends."""
        judge, options, tally = self._judge, self._options, self._tally
        started = time.monotonic()
        doorbell_ns = judge.doorbell_ns()
        pinned = Pinned(judge.machine.timing_cores)
        probes = list(range(len(oracle.probes)))
        pairs = plan.PAIRS_PER_BLOCK if options.time_it else 0
        for number in range(options.max_pairs):
            if number:
                session, other = opener.pair(oracle.reference, self._random)
            else:
                other = opener.reference(oracle.reference)
            with session, other:
                block = Block(oracle, session, other, tally, self._late, judge.flush, options.call_timeout_s)
                asked = self._random.sample(probes, min(PROBES_LATER, len(probes))) if number else probes
                pinned.check(session.pid, other.pid)
                block.run(plan.block(self._random, asked, pairs, first=not number), number, opener.build)
                self._stage_ns["judge"] = int((time.monotonic() - started) * 1e9)
                if not options.time_it:
                    return self._verdict(Status.CORRECT, Stage.DONE, self._evidence(oracle))
                self._progress("timing")
                estimate = timing.speedup(tally.reference_ns, tally.candidate_ns, tally.block, tally.preempted)
                if stopped := timing.stop_reason(options, estimate, tally.block, time.monotonic() - started):
                    if options.cold_cache:
                        block.run(plan.warm(self._random, tally.calls), number, None)
                    self._stage_ns["judge"] = int((time.monotonic() - started) * 1e9)
                    return self._timed_verdict(oracle, estimate, doorbell_ns, stopped, pinned)
        raise JudgeError("timing did not end")

    def _timed_verdict(
        self, oracle: Oracle, estimate: Speedup, doorbell_ns: int, stopped: str, pinned: Pinned
    ) -> Verdict:
        tally = self._tally
        peak = cpu.peak_bytes_per_s(self._judge.lib, self._judge.options.threads)
        least = compulsory_bytes(oracle.reference, oracle.layouts)
        integrity.check_floor([*tally.candidate_ns, *tally.warm_candidate_ns], least, peak)
        cold = self._judge.options.cold_cache
        drawn = self._judge.roof().draw(oracle, tally, cold_cache=cold, progress=self._progress, notes=self._notes)
        if note := integrity.check_clocks(tally.candidate_ns, tally.worker_ns):
            self._notes.append(note)
        measurement = tally.measurement(self._judge.options, pinned, doorbell_ns, stopped)
        self._notes += pinned.notes(measurement)
        if timing.conclusive(estimate):
            return self._verdict(Status.CORRECT, Stage.DONE, self._evidence(oracle), estimate, measurement, drawn)
        noisy = Evidence(
            what="every output was right, but this machine is too noisy to time it: try again when it is quieter",
            expected="an interval that tells slower from faster, or whose ends lie within a factor of "
            f"{timing.USELESS_RATIO:g}",
            got=f"{estimate.median:.2f} [{estimate.low:.2f}, {estimate.high:.2f}] after {len(tally.block)} pairs",
        )
        return self._verdict(Status.INCONCLUSIVE, Stage.TIMING, noisy, None, measurement)

    # ---- helpers ----

    def _make_oracle(self, reference: Reference, opener: Opener) -> Oracle:
        with opener.reference(reference) as session:
            return Oracle(reference, session)

    def _timed(self, name: str, work: Callable[[], T]) -> T:
        started = time.monotonic_ns()
        try:
            return work()
        finally:
            self._stage_ns[name] = time.monotonic_ns() - started

    def _evidence(self, oracle: Oracle) -> Evidence:
        names = ", ".join(dict.fromkeys(p.name for p in oracle.probes))
        return Evidence(
            what=(
                f"{self._tally.calls} calls, every output compared in full; "
                f"the worst used {self._tally.worst_ratio:.1%} of its tolerance (inputs {names})"
            ),
            expected=f"within the budget derived from {oracle.anchor}",
            got=f"largest error {self._tally.max_abs:.3g}, the reference's own {self._tally.reference_max_abs:.3g}",
        )

    def _verdict(
        self,
        status: Status,
        stage: Stage,
        evidence: Evidence,
        speedup: Speedup | None = None,
        measurement: Measurement | None = None,
        roofline: Roofline | None = None,
    ) -> Verdict:
        tally = self._tally
        error = None
        if tally.calls:
            error = ErrorStats(
                max_abs=tally.max_abs, worst_ratio=tally.worst_ratio, reference_max_abs=tally.reference_max_abs
            )
        opener, emulation = self._opener, self._emulation
        report = emulation.report if emulation is not None else kernels.Report([], [], [])
        compiled = self._static_report()
        if opener is not None and opener.build_ns:
            self._stage_ns["build"] = opener.build_ns
        if tally.all_candidate_ns:
            self._stage_ns |= {"candidate_calls": tally.all_candidate_ns, "reference_calls": tally.all_reference_ns}
        return Verdict(
            status=status,
            stage=stage,
            problem_id=self._workload.problem_id,
            tier=self._workload.tier,
            language=self._candidate.language,
            candidate_sha256=self._candidate.sha256,
            workload_sha256=self._workload.sha256,
            evidence=evidence,
            speedup=speedup,
            measurement=measurement,
            roofline=roofline,
            upstream_correct=tally.upstream_correct,
            upstream_v0_correct=tally.upstream_v0_correct,
            error=error,
            weights=self._weights,
            calls_compared=tally.calls,
            device=self._device,
            isolation=opener.isolation if opener is not None else None,
            findings=[*report.findings, *compiled.impossible(report.profiles)[0]],
            kernels=report.profiles,
            static=compiled.with_launches(report.profiles),
            estimates=compiled.estimates(report.profiles) if self._device not in TIMED_DEVICES else [],
            environment=self._judge.environment(),
            stage_ns=self._stage_ns,
            notes=[*self._notes, *report.notes, *compiled.notes],
        )

    def _static_report(self) -> StaticReport:
        """Return what the chips' compilers said; by now they are done, or were never asked."""
        return self._static.result() if self._static is not None else StaticReport()
