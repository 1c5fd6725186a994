"""Entry point for the fork server that turns the confined child into another program: the compiler."""

import os
from typing import Any


def main(fds: dict[str, int], arguments: dict[str, Any], confinement: dict[str, list[str]]) -> None:
    """Execute `arguments["argv"]` in `arguments["cwd"]` with exactly `arguments["environment"]`."""
    os.chdir(arguments["cwd"])
    os.execve(arguments["argv"][0], arguments["argv"], arguments["environment"])
