"""Load and clocks, from a made-up /proc and /sys and from this machine's."""

import os
from pathlib import Path

from harness.devices.conditions import read

CPUINFO = """processor\t: 0
cpu MHz\t\t: 2596.100

processor\t: 1
cpu MHz\t\t: 1800.700
"""


def machine(root: Path, governor_khz: dict[int, int] | None = None, cpuinfo: str | None = CPUINFO) -> Path:
    """A root that says this."""
    for core, khz in (governor_khz or {}).items():
        folder = root / f"sys/devices/system/cpu/cpu{core}/cpufreq"
        folder.mkdir(parents=True)
        (folder / "scaling_cur_freq").write_text(f"{khz}\n")
    if cpuinfo is not None:
        (root / "proc").mkdir()
        (root / "proc" / "cpuinfo").write_text(cpuinfo)
    return root


def test_the_governor_is_asked_first(tmp_path: Path) -> None:
    assert read([1, 0], machine(tmp_path, {0: 3_100_000, 1: 800_000})).frequency_mhz == [800, 3100]


def test_without_a_governor_the_list_of_processors_serves(tmp_path: Path) -> None:
    assert read([1], machine(tmp_path)).frequency_mhz == [1801]


def test_what_nobody_says_is_empty(tmp_path: Path) -> None:
    assert read([0], machine(tmp_path, cpuinfo="processor\t: 0\nBogoMIPS\t: 50.00\n")).frequency_mhz == []


def test_no_proc_at_all_is_empty(tmp_path: Path) -> None:
    assert read([0], machine(tmp_path, cpuinfo=None)).frequency_mhz == []


def test_this_machine_has_a_load() -> None:
    found = read(os.sched_getaffinity(0))
    assert found.load_1m >= 0
    assert all(100 < mhz < 10_000 for mhz in found.frequency_mhz)
