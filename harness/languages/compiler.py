"""Which C++ compiler this machine has."""

import os
import shutil
from pathlib import Path

from harness.errors import ToolchainError


def find_compiler() -> str:
    """Return the path of the C++ compiler.

    Raises:
        ToolchainError: there is none.
    """
    wanted = os.environ.get("CXX", "").split()
    for name in ([wanted[0]] if wanted else []) + ["g++", "c++", "clang++"]:
        if found := shutil.which(name):
            real = Path(found).resolve()
            if real.name == "ccache":  # a wrapper with shared state: go to what it wraps
                found = next((p for d in ("/usr/bin", "/usr/local/bin") if Path(p := f"{d}/{name}").exists()), "")
                if not found or Path(found).resolve().name == "ccache":
                    continue
            return found
    raise ToolchainError("no C++ compiler: install g++ (Debian: apt-get install g++) or set CXX")
