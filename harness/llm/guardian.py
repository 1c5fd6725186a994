"""Runs one executable and sees to it that nothing of it is left: `guardian.py PARENT ARGV...`, a program of its own.

It adopts whatever loses its parent below it, ends all of it when the executable ends, when it is told to (SIGTERM), and when
the process that started it dies. Started by path, so that it loads the least.
"""

import os
import signal
import subprocess
import sys

from harness.sandbox import kernel
from harness.sandbox.tree import end_below

TOLD_TO_END = 143


def main(arguments: list[str]) -> int:
    """Run `arguments[1:]` on the streams of this process; return its exit code, as a shell would."""
    kernel.prctl(kernel.PR_SET_CHILD_SUBREAPER, 1)
    signal.signal(signal.SIGTERM, _end)
    kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != int(arguments[0]):  # it died before this process could ask to be told
        return TOLD_TO_END
    code = subprocess.call(arguments[1:])
    end_below()
    return code if code >= 0 else 128 - code


def _end(*_: object) -> None:
    end_below()
    os._exit(TOLD_TO_END)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
