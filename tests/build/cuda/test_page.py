"""The Python view of the page is that of the C++ header, and a forged page does no harm."""

import ctypes
import re
import subprocess
from pathlib import Path

import pytest

from harness.build import toolchain
from harness.build.cuda.runtime import INCLUDE
from harness.models import FindingKind
from harness.worker import kernel_page
from harness.worker.kernel_page import Options, Page, RawFinding, RawLaunch

HEADER = INCLUDE / "harness_cuda/page.h"
STRUCTURES = {"Options": Options, "Finding": RawFinding, "Launch": RawLaunch, "Page": Page}


def test_every_field_lies_where_the_header_has_it(tmp_path: Path):
    prints = "".join(
        f'std::printf("{name}.{field[0]} %zu\\n", offsetof(harness_cuda::{name}, {field[0]}));'
        for name, structure in STRUCTURES.items()
        for field in structure._fields_
    )
    source = tmp_path / "offsets.cpp"
    source.write_text(f'#include <cstddef>\n#include <cstdio>\n#include "{HEADER}"\nint main() {{ {prints} }}\n')
    program = tmp_path / "offsets"
    argv = [toolchain().compiler, "-std=c++20", "-w", str(source), "-o", str(program)]
    subprocess.run(argv, check=True, capture_output=True)
    printed = subprocess.run([str(program)], check=True, capture_output=True, text=True).stdout.split("\n")
    theirs = {name: int(offset) for name, offset in (line.split() for line in printed if line)}
    ours = {
        f"{name}.{field[0]}": getattr(structure, field[0]).offset
        for name, structure in STRUCTURES.items()
        for field in structure._fields_
    }
    assert ours == theirs


def test_counters_and_kinds_have_the_headers_order():
    text = HEADER.read_text()
    assert tuple(re.findall(r"^  X\((\w+)\)", text, re.MULTILINE)) == kernel_page.COUNTERS
    kinds = re.search(r"enum class Kind : uint32_t \{(.*?)\}", text, re.DOTALL)
    assert kinds is not None
    assert tuple(FindingKind(name) for name in re.findall(r"\w+", kinds[1])) == kernel_page.KINDS


@pytest.mark.parametrize("byte", [0xFF, 0x80, 0x01])
def test_a_forged_page_gives_bounded_records(byte: int):
    page = kernel_page.copied(bytes([byte]) * ctypes.sizeof(Page))
    found = kernel_page.findings(page, lambda library, pc: None)
    assert len(found) <= kernel_page.MAX_FINDINGS
    launched = kernel_page.profiles(page)
    assert len(launched) == kernel_page.MAX_LAUNCHES, "their number is out of range, so it is cut"
    for profile in launched:
        assert len(profile.kernel) <= kernel_page.NAME_BYTES
        assert profile.kernel.isprintable()
        assert 0 < profile.counted_share <= 1


def test_a_finding_of_no_known_kind_is_left_out():
    page = Page()
    page.findings = 2
    page.finding[0].kind = 999
    page.finding[1].kind = kernel_page.KINDS.index(FindingKind.RACE)
    page.finding[1].kernel = b"k\n\x1b[31m"
    page.finding[1].pc = 16
    [found] = kernel_page.findings(page, lambda library, pc: f"candidate.py:{pc}")
    assert (found.kind, found.kernel, found.where) == (FindingKind.RACE, "k??[31m", "candidate.py:16")


def test_counters_are_scaled_from_the_counted_blocks():
    page = Page()
    page.launches = 1
    launch = page.launch[0]
    launch.grid[:], launch.block[:] = (10, 1, 1), (32, 1, 1)
    launch.launches, launch.counted_blocks = 2, 5
    launch.counters[kernel_page.COUNTERS.index("atomics")] = 7
    [profile] = kernel_page.profiles(page)
    assert profile.counters["atomics"] == 28, "5 of 20 blocks: four times as many"
    assert profile.counted_share == 0.25
