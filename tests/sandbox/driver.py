"""A judge of its own in a process of its own: on a machine that offers less, as another user, or killed on the way.

The argument is a JSON object: `folder`, `namespaces` (whether the machine has them) and `actions` (pairs of name and
arguments). Prints the replies; then, in a second line, the pids of a build's tree that wants to stay. Reads a line from
stdin and ends that tree, unless somebody has killed this process by then.
"""

import contextlib
import dataclasses
import json
import os
import sys
from pathlib import Path

from harness.sandbox import ForkServer, kernel, probe, seccomp
from harness.sandbox.tree import descendants
from tests.sandbox.support import MODULES, Cell


def main() -> None:
    """Do as the argument says."""
    wish = json.loads(sys.argv[1])
    if not wish["namespaces"]:
        kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
        kernel.install_filter(seccomp.program(may_exec=True))  # refuses unshare and mount, as container engines do
    cell = Cell(ForkServer(MODULES), Path(wish["folder"]))
    with contextlib.closing(cell.server):
        replies = [dataclasses.asdict(cell.run(do, **given)) for do, given in wish["actions"]]
        print(json.dumps({"replies": replies, "probe": probe().model_dump(mode="json")}), flush=True)
        with cell.start("linger", cell.profile(may_exec=True)) as (process, answer):
            assert os.read(answer, 16) == b"ready\n"
            print(json.dumps([cell.server._process.pid, process.guardian, *descendants(process.guardian)]), flush=True)
            sys.stdin.readline()


if __name__ == "__main__":
    main()
