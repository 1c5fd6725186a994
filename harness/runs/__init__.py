"""Runs: what is to be done (pure), doing it on this machine, and going on after an interruption."""

from harness.runs.execution import Outcome, execute
from harness.runs.local import LocalExecutor
from harness.runs.plan import Plan, Task, make_plan
from harness.runs.preparation import Prepared, make_config, prepare
from harness.runs.resume import reopen
from harness.runs.scheduler import Monitor

__all__ = [
    "LocalExecutor",
    "Monitor",
    "Outcome",
    "Plan",
    "Prepared",
    "Task",
    "execute",
    "make_config",
    "make_plan",
    "prepare",
    "reopen",
]
