"""One run from its folder to its last event: the one place where a run's effects are put in order."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

from harness.errors import HarnessError
from harness.models import Event, EventType
from harness.runs.locking import make_lock
from harness.runs.plan import Task
from harness.runs.preparation import Prepared
from harness.runs.remembering import recall, remember
from harness.runs.scheduler import Executor, Monitor, Scheduler
from harness.search import run_budget
from harness.search.experience import Memory
from harness.store import Artifacts, EventLog, RunFolder, read_lock, write_config, write_lock


@dataclass(frozen=True)
class Outcome:
    """How a run ended."""

    interrupted: bool
    """Whether it was asked to stop before its end."""
    failure: HarnessError | None
    """What stopped it, if something did."""

    @property
    def finished(self) -> bool:
        """Whether every task was done."""
        return not self.interrupted and self.failure is None


def begin(prepared: Prepared, folder: RunFolder) -> None:
    """Write down what was asked for and what it is fixed to.

    Raises:
        StoreError: the folder cannot be written.
    """
    lock = make_lock(prepared)
    if prepared.strategy.experience.wanted:
        memory = remember(folder.path.parent, prepared.strategy.experience)
        digest = Artifacts(folder.artifacts).put(memory.to_bytes())
        lock = lock.model_copy(update={"experience_sha256": digest})
    write_lock(folder.lock, lock)
    write_config(folder.config, prepared.config)


def execute(
    prepared: Prepared,
    folder: RunFolder,
    executor: AbstractContextManager[Executor],
    monitor: Monitor,
    workers: int,
) -> Outcome:
    """Run what is left to do in `folder`, which `begin` or an interrupted run has made.

    Raises:
        StoreError: another process writes to the run, or its log cannot be used.
        ProviderError: the model's key is missing.
    """
    routed = prepared.routed()
    provider = next(iter(routed.values())).provider if routed else prepared.provider()
    with EventLog(folder.events) as log:
        tasks = _unfinished(prepared.plan().tasks, log)
        first = EventType.RUN_RESUMED if log.events() else EventType.RUN_STARTED
        if not tasks and log.events()[-1].type is EventType.RUN_FINISHED:
            return Outcome(interrupted=False, failure=None)
        log.append(Event(type=first))
        with executor as entered:
            scheduler = Scheduler(
                prepared,
                provider,
                entered,
                log,
                Artifacts(folder.artifacts),
                monitor,
                workers=workers,
                routed=routed,
                memory=recall(read_lock(folder.lock), folder) if prepared.strategy.experience.wanted else Memory(),
                budget=run_budget(prepared.config.max_cost_usd, log.events()),
            )
            scheduler.run(tasks)
        interrupted = scheduler.interrupted and bool(_unfinished(tasks, log))
        if scheduler.failure is None and not interrupted:
            log.append(Event(type=EventType.RUN_FINISHED, reason="all tasks are done"))
        return Outcome(interrupted, scheduler.failure)


def _unfinished(tasks: Sequence[Task], log: EventLog) -> list[Task]:
    done = {event.task for event in log.events() if event.type is EventType.TASK_FINISHED}
    return [task for task in tasks if task.id not in done]
