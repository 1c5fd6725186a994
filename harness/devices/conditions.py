"""What the machine is like at a moment: its load and the clocks of its cores, as far as the kernel says."""

import os
from collections.abc import Iterable
from pathlib import Path

from harness.models import Conditions


def read(cores: Iterable[int], root: Path = Path("/")) -> Conditions:
    """Return the load average and the clock of each of `cores`. `root` holds `proc` and `sys`."""
    mhz = [_governor_mhz(core, root) for core in cores]
    if None in mhz:
        listed = _listed_mhz(root)
        mhz = [listed.get(core) for core in cores]
    return Conditions(load_1m=os.getloadavg()[0], frequency_mhz=[] if None in mhz else [m for m in mhz if m])


def _governor_mhz(core: int, root: Path) -> int | None:
    """The clock that cpufreq says; virtual machines have no cpufreq."""
    try:
        return int((root / f"sys/devices/system/cpu/cpu{core}/cpufreq/scaling_cur_freq").read_text()) // 1000
    except (OSError, ValueError):
        return None


def _listed_mhz(root: Path) -> dict[int, int]:
    """The clocks that x86 lists; in a virtual machine often the nominal one."""
    try:
        lines = (root / "proc/cpuinfo").read_text().splitlines()
    except OSError:
        return {}
    found, core = dict[int, int](), -1
    for name, _, value in (line.partition(":") for line in lines):
        if name.strip() == "processor" and value.strip().isdigit():
            core = int(value)
        elif name.strip() == "cpu MHz":
            found[core] = round(float(value))
    return found
