"""Runs tasks side by side: while one is being built or waits for its model, another is judged.

One event loop asks the models; each task's evaluation runs in a thread. Timing is serialised by the judge itself.
"""

import asyncio
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

from harness.errors import HarnessError, JudgeError, SandboxError
from harness.llm import Provider
from harness.models import Candidate, Evidence, Problem, Stage, Status, Verdict, Workload
from harness.runs.plan import Task
from harness.runs.preparation import Prepared
from harness.search import Answers, ArtifactStore, Engine, Ledger, SearchLog, SearchState
from harness.search.context import ContextBuilder
from harness.search.experience import Memory


class Executor(Protocol):
    """Judges candidates, wherever that is. Safe to use from several threads."""

    def evaluate(
        self, problem: Problem, candidate: Candidate, progress: Callable[[str], None] | None = None
    ) -> Verdict:
        """Return the verdict; `progress` is told the stage."""


class Monitor(Protocol):
    """Is told what happens, for people. Called from several threads."""

    def started(self, task: str) -> None:
        """Say that a search began or goes on."""

    def stage(self, task: str, text: str) -> None:
        """Say what a search is doing."""

    def finished(self, task: str, state: SearchState) -> None:
        """Say that a search ended, or was left where it is."""

    def stopping(self) -> None:
        """Say that the run ends after the evaluations in flight."""


@dataclass
class Scheduler:
    """Runs the tasks of one run. Used once."""

    prepared: Prepared
    """What to run."""
    provider: Provider
    """Who answers."""
    executor: Executor
    """Who judges."""
    log: SearchLog
    """Where events go."""
    artifacts: ArtifactStore
    """Where texts go."""
    monitor: Monitor
    """Who is told."""
    workers: int = 2
    """Tasks in flight at once."""
    routed: Mapping[str, Answers] = field(default_factory=dict)
    """Who answers for each of the models that the strategy chooses among; `provider` is one of them then."""
    memory: Memory = field(default_factory=Memory)
    """What is taken over from earlier runs."""
    budget: Ledger | None = None
    """Budget of the run, with what was spent before; null for none."""
    failure: HarnessError | None = None
    """What made the run stop, if something did."""
    interrupted: bool = False
    """Whether someone asked the run to stop."""
    _queue: deque[Task] = field(default_factory=deque)

    def run(self, tasks: Sequence[Task]) -> None:
        """Work through `tasks`; afterwards `failure` and `interrupted` say whether all of them were done."""
        self._queue.extend(tasks)
        asyncio.run(self._run())

    def stop(self) -> None:
        """Begin nothing new; what is being judged is judged to its end and committed."""
        if not self.interrupted:
            self.interrupted = True
            self.monitor.stopping()

    async def _run(self) -> None:
        with _signals(self.stop):
            try:
                await asyncio.gather(*(self._worker() for _ in range(self.workers)))
            finally:
                for provider in {id(each): each for each in (self.provider, *self._others())}.values():
                    await provider.aclose()

    def _others(self) -> list[Provider]:
        return [answers.provider for answers in self.routed.values()]

    def _stopped(self) -> bool:
        return self.interrupted or self.failure is not None

    async def _worker(self) -> None:
        while self._queue and not self._stopped():
            task = self._queue.popleft()
            self.monitor.started(task.id)
            engine = self._engine(task)
            try:
                state = await engine.run()
            except HarnessError as error:
                self.failure = self.failure or error
                state = SearchState.replay(task.id, self.log.events(task.id))
            self.monitor.finished(task.id, state)

    def _engine(self, task: Task) -> Engine:
        prepared = self.prepared
        graded = prepared.workloads[task.problem.id]
        stage = partial(self.monitor.stage, task.id)
        return Engine(
            problem=task.problem,
            sample=task.sample,
            strategy=prepared.strategy,
            context=ContextBuilder(
                workload=graded,
                language=prepared.config.language,
                strategy=prepared.strategy,
                prompts=prepared.prompts,
                device=prepared.device,
                artifacts=self.artifacts,
                references=(task.problem.sha256,),
                memory=self.memory,
            ),
            provider=self.provider,
            model=prepared.config.model,
            evaluate=lambda problem, candidate: judge(self.executor, problem, graded, candidate, stage),
            log=self.log,
            artifacts=self.artifacts,
            progress=stage,
            stopped=self._stopped,
            seed=prepared.config.seed,
            budget=self.budget,
            bound_usd=prepared.bound_usd,
            routed=self.routed,
        )


def judge(
    executor: Executor, problem: Problem, graded: Workload, candidate: Candidate, stage: Callable[[str], None]
) -> Verdict:
    """Return the verdict on `candidate`; where the harness failed, try once more, and then say that it failed.

    A compiler that is missing or a full disk is not a verdict: those errors end the run.
    """
    for last in (False, True):
        try:
            verdict = executor.evaluate(problem, candidate, stage)
        except (JudgeError, SandboxError) as error:
            verdict = Verdict(
                status=Status.INFRA_ERROR,
                stage=Stage.PARSE,
                problem_id=problem.id,
                tier=graded.tier,
                language=candidate.language,
                candidate_sha256=candidate.sha256,
                workload_sha256=graded.sha256,
                evidence=Evidence(what=str(error)),
            )
        if verdict.status is not Status.INFRA_ERROR or last:
            break
        stage("once more after an error of the harness")
    return verdict


@contextmanager
def _signals(stop: Callable[[], None]) -> Iterator[None]:
    """Let the first Ctrl-C or SIGTERM call `stop`, and a second one end the process: the log is always resumable."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    loop = asyncio.get_running_loop()
    caught = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.getsignal(number) for number in caught}

    def first() -> None:
        for number in caught:
            loop.remove_signal_handler(number)
            signal.signal(number, signal.SIG_DFL)
        stop()

    for number in caught:
        loop.add_signal_handler(number, first)
    try:
        yield
    finally:
        for number in caught:
            loop.remove_signal_handler(number)
            signal.signal(number, before[number])
