"""Tasks for other processes, which import this module to find them. The problem's name says what happens."""

import os
import signal
from pathlib import Path

from harness.errors import ProblemError
from harness.models import Problem


def act(problem: Problem) -> str:
    """Answer, hang, die or raise."""
    match problem.name:
        case "Hangs":
            Path(problem.origin).write_text(str(os.getpid()))
            signal.pause()
        case "Dies":
            os._exit(7)
        case "Crashes":
            os.kill(os.getpid(), signal.SIGSEGV)
        case "Refuses":
            raise ProblemError(f"{problem.id}: line 3: not today")
        case "Raises":
            raise ZeroDivisionError
    return f"{problem.id} by {os.getpid()}"


def threads(problem: Problem) -> tuple[int, bool]:
    """Return the number of threads that torch computes with, and whether a product can be computed with them."""
    import torch

    product = torch.ones(256, 256) @ torch.ones(256, 256)
    return torch.get_num_threads(), bool((product == 256).all())


def mark(problem: Problem) -> None:
    """Leave a file that says that this problem was begun."""
    Path(problem.origin).write_text("begun")
