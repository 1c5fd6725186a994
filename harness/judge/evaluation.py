"""From one candidate to one verdict."""

import ast
import dataclasses
import random
import secrets
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import torch

from harness.build import BuildRequest, BuildResult
from harness.devices import cpu
from harness.errors import JudgeError, ProblemError, SandboxError
from harness.judge import integrity, plan, timing
from harness.judge.block import Block, Tally
from harness.judge.oracle import Oracle
from harness.judge.outcome import Decided
from harness.judge.reference import Reference, span
from harness.judge.regions import State
from harness.judge.session import Session, Task
from harness.languages import check_rules
from harness.models import (
    Candidate,
    ErrorStats,
    EvalOptions,
    Evidence,
    Isolation,
    Measurement,
    Speedup,
    Stage,
    Status,
    Verdict,
    Workload,
)
from harness.sandbox import Profile, interpreter_paths, own_package

if TYPE_CHECKING:
    from harness.judge.judge import Judge

T = TypeVar("T")

PROBES_LATER = 1
"""Probes in each block after the first, so that fresh processes are asked them too."""


def open_session(
    judge: "Judge", reference: Reference, source: str, entry: str, module: str, artifacts: Path | None = None
) -> Session:
    """Start a worker for `source`, under the confinement that candidate and reference share.

    Raises:
        SandboxError: no process could be started.
        ProblemError: a constructor argument cannot be sent.
    """
    options = judge.options
    try:
        state = State(reference.state(), reference.init)
    except TypeError as error:
        raise ProblemError(f"problem {reference.workload.problem_id}: {error}") from error
    profile = Profile(
        readable=(*interpreter_paths(), judge.library_path, *([str(artifacts)] if artifacts else [])),
        hidden=(own_package(),),
        root=str(judge.folder),
        extra_address_space_bytes=options.memory_bytes,
        cores=judge.machine.timing_cores,
    )
    task = Task(
        source,
        entry,
        module,
        reference.weights_seed,
        options.threads,
        options.load_timeout_s,
        tuple(torch.Size(o.sizes).numel() * o.dtype.itemsize for o in reference.layouts),
    )
    return Session(
        judge.server, judge.lib, judge.library_path, profile, task, state, reference.example, judge.machine.judge_core
    )


class Evaluation:
    """One candidate's way through the stages."""

    def __init__(
        self,
        judge: "Judge",
        options: EvalOptions,
        workload: Workload,
        candidate: Candidate,
        progress: Callable[[str], None],
    ) -> None:
        self._judge = judge
        self._options = options
        self._workload = workload
        self._candidate = candidate
        self._progress = progress
        self._tally = Tally()
        self._late = integrity.LateWork()
        self._random = random.Random(secrets.randbits(64))
        self._isolation: Isolation | None = None
        self._weights = "none"
        self._stage_ns: dict[str, int] = {}
        self._notes: list[str] = []

    def run(self) -> Verdict:
        """Judge. Every way out is a verdict, except for what makes judging anything impossible.

        Raises:
            ProblemError, ToolchainError, StoreError: see `Judge.evaluate`.
        """
        try:
            self._parse()
            with tempfile.TemporaryDirectory(prefix="artifacts-", dir=self._judge.folder) as artifacts:
                self._artifacts = Path(artifacts)
                self._artifacts.chmod(0o755)
                return self._judge_it()
        except Decided as decided:
            return self._verdict(decided.status, decided.stage, decided.evidence)
        except (JudgeError, SandboxError) as error:
            return self._verdict(Status.INFRA_ERROR, Stage.LOAD, Evidence(what=str(error)))

    # ---- stages ----

    def _parse(self) -> None:
        source = self._candidate.source
        if not source.strip():
            raise Decided(Status.NO_CODE, Stage.PARSE, "there is no code", expected="a module that defines ModelNew")
        try:
            tree = ast.parse(source)
        except SyntaxError as error:
            raise Decided(
                Status.BUILD_ERROR,
                Stage.PARSE,
                f"Python syntax error: {error.msg}",
                where=f"candidate.py:{error.lineno}",
                got=(error.text or "").strip() or None,
            ) from None
        except (ValueError, RecursionError, MemoryError) as error:
            raise Decided(Status.BUILD_ERROR, Stage.PARSE, f"the source cannot be parsed: {error}") from None
        broken, notes = check_rules(source, tree)
        self._notes += notes
        if broken:
            raise Decided(
                Status.RULE_VIOLATION, Stage.PARSE, broken.what, where=f"candidate.py:{broken.line}", got=broken.code
            )

    def _judge_it(self) -> Verdict:
        judge = self._judge
        with judge.machine.busy():
            subject = self._timed("reference", lambda: judge.subject(self._workload))
            session = self._timed("load", lambda: self._load(subject.reference))
        try:
            self._isolation = session.isolation
            self._weights = session.weights.name.lower()
            with judge.machine.quiet():
                self._progress("checking")
                if subject.oracle is None:
                    subject.oracle = self._timed("oracle", lambda: self._make_oracle(subject.reference))
                oracle = subject.oracle
                return self._run_blocks(oracle, session)
        finally:
            session.close()

    def _run_blocks(self, oracle: Oracle, session: Session) -> Verdict:
        """Run blocks, each with a fresh pair of processes, until the interval is narrow or a budget ends."""
        judge, options, tally = self._judge, self._options, self._tally
        started = time.monotonic()
        doorbell_ns = judge.doorbell_ns()
        probes = list(range(len(oracle.probes)))
        pairs = plan.PAIRS_PER_BLOCK if options.time_it else 0
        for number in range(options.max_pairs):
            if number:
                session, other = self._fresh_pair(oracle.reference)
            else:
                other = self._open_reference(oracle.reference)
            with session, other:
                block = Block(oracle, session, other, tally, self._late, judge.flush, options.call_timeout_s)
                asked = self._random.sample(probes, min(PROBES_LATER, len(probes))) if number else probes
                block.run(plan.block(self._random, asked, pairs, first=not number), number, self._build)
            self._stage_ns["judge"] = int((time.monotonic() - started) * 1e9)
            if not options.time_it:
                return self._verdict(Status.CORRECT, Stage.DONE, self._evidence(oracle))
            self._progress("timing")
            estimate = timing.speedup(tally.reference_ns, tally.candidate_ns, tally.block, tally.preempted)
            if stopped := timing.stop_reason(options, estimate, tally.block, time.monotonic() - started):
                return self._timed_verdict(oracle, estimate, doorbell_ns, stopped)
        raise JudgeError("timing did not end")

    def _timed_verdict(self, oracle: Oracle, estimate: Speedup, doorbell_ns: int, stopped: str) -> Verdict:
        tally = self._tally
        peak = cpu.peak_bytes_per_s(self._judge.lib, self._judge.options.threads)
        integrity.check_floor(tally.candidate_ns, _compulsory_bytes(oracle), peak)
        if note := integrity.check_clocks(tally.candidate_ns, tally.worker_ns):
            self._notes.append(note)
        measurement = Measurement(
            candidate_ns=tally.candidate_ns,
            reference_ns=tally.reference_ns,
            candidate_worker_ns=tally.worker_ns,
            block=tally.block,
            doorbell_ns=doorbell_ns,
            threads=self._judge.options.threads,
            cold_cache=self._judge.options.cold_cache,
            stopped=stopped,
            preempted=tally.preempted,
            late_cpu_ns=tally.late_cpu_ns,
        )
        if timing.conclusive(estimate):
            return self._verdict(Status.CORRECT, Stage.DONE, self._evidence(oracle), estimate, measurement)
        noisy = Evidence(
            what="every output was right, but this machine is too noisy to time it: try again when it is quieter",
            expected="an interval that tells slower from faster, or whose ends lie within a factor of "
            f"{timing.USELESS_RATIO:g}",
            got=f"{estimate.median:.2f} [{estimate.low:.2f}, {estimate.high:.2f}] after {len(tally.block)} pairs",
        )
        return self._verdict(Status.INCONCLUSIVE, Stage.TIMING, noisy, None, measurement)

    # ---- helpers ----

    def _load(self, reference: Reference) -> Session:
        """Start a worker with the candidate and load it; it is frozen then."""
        candidate = self._candidate
        session = open_session(self._judge, reference, candidate.source, candidate.entry, "candidate", self._artifacts)
        try:
            session.load(self._build)
        except BaseException:
            self._isolation = session.isolation
            session.close()
            raise
        return session

    def _open_reference(self, reference: Reference) -> Session:
        session = open_session(self._judge, reference, self._workload.source, "Model", "reference")
        try:
            session.load(None)
        except Decided as failure:
            session.close()
            raise JudgeError(f"the reference failed to load: {failure.evidence.what}") from failure
        return session

    def _fresh_pair(self, reference: Reference) -> tuple[Session, Session]:
        """Load candidate and reference in random order: what is started first gets the better memory, by a per cent."""
        if self._random.random() < 0.5:
            session = self._load(reference)
            try:
                return session, self._open_reference(reference)
            except BaseException:
                session.close()
                raise
        other = self._open_reference(reference)
        try:
            return self._load(reference), other
        except BaseException:
            other.close()
            raise

    def _make_oracle(self, reference: Reference) -> Oracle:
        with self._open_reference(reference) as session:
            return Oracle(reference, session)

    def _build(self, request: BuildRequest) -> BuildResult:
        self._progress("building")
        started = time.monotonic_ns()
        result = self._judge.builder.build(request, self._candidate.source, self._progress)
        self._stage_ns["build"] = self._stage_ns.get("build", 0) + time.monotonic_ns() - started
        return self._publish(result)

    def _publish(self, result: BuildResult) -> BuildResult:
        """Copy a library to where this candidate's workers, and no others, can read it."""
        if result.library is None:
            return result
        target = self._artifacts / f"{result.key[:16]}.so"
        if not target.exists():
            shutil.copyfile(result.library, target)
            target.chmod(0o555)
        return dataclasses.replace(result, library=str(target))

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
    ) -> Verdict:
        tally = self._tally
        error = None
        if tally.calls:
            error = ErrorStats(
                max_abs=tally.max_abs, worst_ratio=tally.worst_ratio, reference_max_abs=tally.reference_max_abs
            )
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
            upstream_correct=tally.upstream_correct,
            error=error,
            weights=self._weights,
            calls_compared=tally.calls,
            isolation=self._isolation,
            environment=self._judge.environment(),
            stage_ns=self._stage_ns,
            notes=self._notes,
        )


def _compulsory_bytes(oracle: Oracle) -> int:
    """Bytes that must move: all outputs, half of the inputs."""
    outputs = sum(torch.Size(layout.sizes).numel() * layout.dtype.itemsize for layout in oracle.layouts)
    inputs = sum(span(v) * v.element_size() for v in oracle.reference.example if isinstance(v, torch.Tensor))
    return outputs + inputs // 2
