"""Starts the workers of one evaluation: the candidate's and the reference's, under the confinement that both share."""

import dataclasses
import random
import shutil
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from harness.build import BuildRequest, BuildResult
from harness.devices import emulated
from harness.errors import JudgeError, ProblemError
from harness.judge.outcome import Decided
from harness.judge.reference import Reference
from harness.judge.regions import State
from harness.judge.session import Session, Task
from harness.models import TIMED_DEVICES, Candidate, Isolation, Workload
from harness.sandbox import Profile, interpreter_paths, own_package

if TYPE_CHECKING:
    from harness.judge.judge import Judge


def open_session(
    judge: "Judge",
    reference: Reference,
    source: str,
    entry: str,
    module: str,
    artifacts: Path | None = None,
    *,
    device: str = "cpu",
    check: bool = False,
) -> Session:
    """Start a worker for `source`. On a device that is timed it is pinned to the cores that timing has.

    Raises:
        SandboxError: no process could be started.
        ProblemError: a constructor argument cannot be sent.
    """
    options = judge.options
    timed = device in TIMED_DEVICES
    try:
        state = State(reference.state(), reference.init)
    except TypeError as error:
        raise ProblemError(f"problem {reference.workload.problem_id}: {error}") from error
    libraries = (judge.library_path, judge.allocator_path)
    profile = Profile(
        readable=(*interpreter_paths(), *libraries, *([str(artifacts)] if artifacts else [])),
        hidden=(own_package(),),
        root=str(judge.folder),
        extra_address_space_bytes=options.memory_bytes,
        cores=judge.machine.timing_cores if timed else (),
    )
    task = Task(
        source,
        entry,
        module,
        reference.weights_seed,
        options.threads if timed else judge.machine.cores,
        options.load_timeout_s,
        tuple(torch.Size(o.sizes).numel() * o.dtype.itemsize for o in reference.layouts),
        device,
        {} if timed else emulated.properties(),
        check,
    )
    core = judge.machine.judge_core if timed else None
    return Session(judge.server_for(device), judge.lib, *libraries, profile, task, state, reference.example, core)


class Opener:
    """Opens the sessions of one evaluation, and has what the candidate asks for built."""

    def __init__(
        self,
        judge: "Judge",
        workload: Workload,
        candidate: Candidate,
        device: str,
        artifacts: Path,
        progress: Callable[[str], None],
    ) -> None:
        self._judge = judge
        self._workload = workload
        self._candidate = candidate
        self._device = device
        self._artifacts = artifacts
        self._progress = progress
        self.isolation: Isolation | None = None
        """What confined the candidate, once a worker of it was started."""
        self.requests: list[BuildRequest] = []
        """What the candidate had built, without repetition, in order."""
        self.built: dict[BuildRequest, BuildResult] = {}
        """What came of it, in the same order."""
        self.build_ns = 0
        """Wall time that was spent waiting for builds."""
        self._ahead = ThreadPoolExecutor(1)
        self._checked: dict[BuildRequest, Future[BuildResult]] = {}

    @property
    def source(self) -> str:
        """The candidate's text."""
        return self._candidate.source

    def candidate(self, reference: Reference, *, check: bool = False) -> Session:
        """Start a worker with the candidate and load it; it is frozen then. `check` adds the emulation's checks.

        Raises:
            Decided: it does not load.
        """
        candidate = self._candidate
        session = open_session(
            self._judge,
            reference,
            candidate.source,
            candidate.entry,
            "candidate",
            self._artifacts,
            device=self._device,
            check=check,
        )
        try:
            session.load(self.build_checked if check else self.build)
        except BaseException:
            self.isolation = session.isolation or self.isolation
            session.close()
            raise
        self.isolation = session.isolation
        return session

    def reference(self, reference: Reference) -> Session:
        """Start a worker with the reference.

        Raises:
            JudgeError: it does not load.
        """
        session = open_session(self._judge, reference, self._workload.source, "Model", "reference")
        try:
            session.load(None)
        except Decided as failure:
            session.close()
            raise JudgeError(f"the reference failed to load: {failure.evidence.what}") from failure
        return session

    def pair(self, reference: Reference, random_: random.Random) -> tuple[Session, Session]:
        """Load candidate and reference in random order: what is started first gets the better memory, by a per cent."""
        if random_.random() < 0.5:
            session = self.candidate(reference)
            try:
                return session, self.reference(reference)
            except BaseException:
                session.close()
                raise
        other = self.reference(reference)
        try:
            return self.candidate(reference), other
        except BaseException:
            other.close()
            raise

    def build(self, request: BuildRequest) -> BuildResult:
        """Build for this evaluation's device, and beside it what the checks will need."""
        if request not in self.requests:
            self.requests.append(request)
            if self._device == "emulated" and self._judge.options.sanitize:
                self._checked[request] = self._ahead.submit(self._compile, request, checked=True)
        self.built[request] = self._waited(lambda: self._compile(request, checked=False))
        return self.built[request]

    def build_checked(self, request: BuildRequest) -> BuildResult:
        """Build with the emulation's checks."""
        begun = self._checked.get(request)
        return self._waited(begun.result if begun else lambda: self._compile(request, checked=True))

    def _waited(self, build: Callable[[], BuildResult]) -> BuildResult:
        self._progress("building")
        started = time.monotonic_ns()
        result = build()
        self.build_ns += time.monotonic_ns() - started
        return self._publish(result)

    def _compile(self, request: BuildRequest, *, checked: bool) -> BuildResult:
        emulate = self._device == "emulated"
        source = self._candidate.source
        return self._judge.builder.build(request, source, self._progress, emulate=emulate, checked=checked and emulate)

    def close(self) -> None:
        """Wait for what is still being built. A build that nobody asks for any more is kept in the cache all the same."""
        self._ahead.shutdown(wait=True, cancel_futures=True)

    def _publish(self, result: BuildResult) -> BuildResult:
        """Copy a library to where this candidate's workers, and no others, can read it."""
        if result.library is None:
            return result
        target = self._artifacts / f"{result.key[:16]}.so"
        if not target.exists():
            shutil.copyfile(result.library, target)
            target.chmod(0o555)
        return dataclasses.replace(result, library=str(target))
