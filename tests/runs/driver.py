"""A run in a process of its own, for tests that interrupt or kill it.

`python driver.py RUN_FOLDER CONTENT WORKERS`: begins the run if the folder has no config yet, else goes on with it. The
judge prints `judging N` and then waits for a line on stdin, so that the test decides when an evaluation ends; a line
`go` lets all later ones pass.
"""

import sys
import threading
from pathlib import Path

from harness.runs import execute
from harness.runs.execution import begin
from harness.store import RunFolder
from tests.fakes import FakeJudge
from tests.runs.support import prepared_for


def say(text: str) -> None:
    """Print a whole line at once: several threads do."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


class GatedJudge(FakeJudge):
    """Waits for permission before each verdict."""

    free = False
    gate = threading.Lock()

    def evaluate(self, problem, candidate, progress=None):
        verdict = super().evaluate(problem, candidate, progress)
        with self.gate:
            say(f"judging {len(self.judged)}")
            if not self.free and sys.stdin.readline().strip() == "go":
                self.free = True
        return verdict


class Printer:
    """A monitor that a test can read."""

    def started(self, task):
        say(f"started {task}")

    def stage(self, task, text):
        pass

    def finished(self, task, state):
        say(f"finished {task} {state.finished}")

    def stopping(self):
        say("stopping")


def main() -> None:
    folder, content, workers = RunFolder(Path(sys.argv[1])), Path(sys.argv[2]), int(sys.argv[3])
    prepared = prepared_for(content)
    if not folder.config.exists():
        folder.artifacts.mkdir(parents=True)
        begin(prepared, folder)
    outcome = execute(prepared, folder, GatedJudge(), Printer(), workers)
    say(f"outcome interrupted={outcome.interrupted} failure={outcome.failure}")


main()
