"""Runs an audit over many problems: each in a process of its own, so that one that hangs or crashes costs only itself."""

import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from multiprocessing.connection import Connection
from typing import Any, TypeVar

from harness.errors import ProblemError
from harness.models import Problem

Result = TypeVar("Result")

TIMEOUT_S = 180.0
"""What one problem may take; the slowest of the suite takes some five seconds."""


def each(
    task: Callable[[Problem], Result],
    problems: Sequence[Problem],
    *,
    jobs: int | None = None,
    timeout_s: float = TIMEOUT_S,
) -> Iterator[Result | ProblemError]:
    """Yield `task(problem)` for each problem, in order, `jobs` at a time (default: one per core).

    `task` runs in a forked process with torch loaded, one thread and no output; it and its result must pickle. A process
    that hangs, dies or raises yields a `ProblemError` that says so.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["harness.audit.preload"])
    with ThreadPoolExecutor(max(1, jobs or os.cpu_count() or 1)) as pool:
        yield from pool.map(partial(_one, context, task, timeout_s), problems)


def _one(context: Any, task: Callable[[Problem], Result], timeout_s: float, problem: Problem) -> Result | ProblemError:
    mine, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_work, args=(task, problem, theirs), daemon=True)
    process.start()
    theirs.close()
    try:
        if not mine.poll(timeout_s):
            return ProblemError(f"{problem.origin or problem.id}: no answer within {timeout_s:.0f} s")
        found: Result | ProblemError = mine.recv()
    except EOFError:
        process.join()
        return ProblemError(f"{problem.origin or problem.id}: the process that ran it died (exit {process.exitcode})")
    finally:
        process.kill()
        process.join()
        mine.close()
    return found


def _work(task: Callable[[Problem], Result], problem: Problem, answer: Connection) -> None:
    import torch

    torch.set_num_threads(1)
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)
    os.dup2(quiet, 2)
    try:
        answer.send(task(problem))
    except ProblemError as error:
        answer.send(error)
