"""Where a candidate's time goes: sampled for real, read from real code, and said so where it cannot be had."""

import errno
import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from harness.config import Settings
from harness.judge import Judge, profile, profile_events
from harness.judge.profile_events import KERNEL, Events, NotPermitted, open_event, why
from harness.judge.profile_sampling import IN_KERNEL, attribute, mapped
from harness.models import EvalOptions, ProfileReport, RemarkKind, Status, Tier
from harness.suite import load_problem
from tests.candidates import KERNEL as SOFTMAX
from tests.candidates import candidate, python

MAPS = """\
00400000-00500000 r-xp 00000000 08:01 11 /usr/bin/python3.11
7f0000000000-7f0000001000 r--p 00000000 08:01 12 /tmp/a/0123456789abcdef.so
7f0000001000-7f0000009000 r-xp 00001000 08:01 12 /tmp/a/0123456789abcdef.so
7f0000100000-7f0000200000 r-xp 00000000 08:01 13 /lib/x86_64-linux-gnu/libm.so.6
7f0000300000-7f0000301000 r-xp 00000000 08:01 14 /tmp/our.so
7f0000400000-7f0000401000 rwxp 00000000 00:00 0
"""
LINE = {"0123456789abcdef.so": {0x1010: "candidate.py:7"}}


@pytest.fixture(scope="module")
def profiler() -> Iterator[Judge]:
    """A judge that profiles."""
    options = EvalOptions(tier=Tier.CI, time_it=False, profile=True)
    with Judge(options, Settings.load().cache_dir) as made:
        yield made


def test_addresses_become_lines_and_libraries():
    addresses = [0x7F0000001010] * 3 + [0x7F0000001014, 0x7F0000100123, 0x450000, KERNEL + 5, 0x7F0000400010, 0x10]
    found = attribute(addresses, mapped(MAPS), LINE, "our.so")
    assert found == {
        "candidate.py:7": 3,
        "the candidate's library, outside of its own lines": 1,
        "libm.so.6 (exp, log and the like)": 1,
        "python3.11 (the Python interpreter)": 1,
        IN_KERNEL: 1,
        "memory without a file": 2,
    }


def test_what_the_harness_itself_takes_is_nobodys():
    assert attribute([0x7F0000300010], mapped(MAPS), {}, "our.so") == {}


def sampling() -> None:
    """Skip where this machine samples nobody: containers mostly forbid it."""
    try:
        with Events(os.getpid()):
            pass
    except NotPermitted as error:
        pytest.skip(str(error))


def test_a_busy_process_is_sampled_from_outside():
    sampling()
    process = subprocess.Popen([sys.executable, "-c", "print(flush=True)\nwhile True: pass"], stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        process.stdout.readline()  # it has begun
        found: list[int] = []
        with Events(process.pid) as events:
            events.enable()
            while len(found) < 50:  # 5 ms of its time, whenever it gets them
                found += events.samples()
            events.disable()
            counted = {each.name: each for each in events.counters()}
        clock = counted["task-clock"].value
        assert clock is not None
        assert clock >= 50 * 0.5 * profile_events.PERIOD_NS  # a sample stands for a period, give or take
        assert all((each.value is None) == (each.reason is not None) for each in counted.values())
    finally:
        process.kill()
        process.wait()


def test_what_is_not_permitted_says_why():
    assert "kernel.perf_event_paranoid is" in why(errno.EACCES)
    assert "virtual machines" in why(errno.ENOENT)
    with pytest.raises(NotPermitted, match="perf_event_open"):
        open_event(1, 0, 1 << 29, -1, sample=False)  # no such thread


def test_a_right_kernel_is_profiled(profiler: Judge):
    verdict = profiler.evaluate(load_problem("level1/23"), candidate(SOFTMAX))
    assert verdict.status is Status.CORRECT, verdict.evidence
    report = verdict.profile
    assert report is not None
    line = next(n for n, text in enumerate(SOFTMAX.splitlines(), 1) if "std::exp" in text)
    remark = next(each for each in report.remarks if each.line == line)
    assert (remark.file, remark.kind) == ("candidate.py", RemarkKind.MISSED)
    assert "expf" in remark.reason
    body = next(each for each in report.functions if each.library_calls)
    assert "expf" in body.library_calls
    assert body.size_bytes > 100  # three loops
    assert {each.name.partition("(")[0] for each in report.functions} == {"softmax_rows"}, (
        "and nothing of torch's headers"
    )
    if report.source == "not sampled":
        assert any("not sampled: " in note for note in report.notes)
        return
    assert report.calls >= 3
    assert any(each.name.startswith("candidate.py:") for each in report.operators)
    assert sum(each.share for each in report.operators) <= 1 + 1e-9
    assert ProfileReport.model_validate_json(report.model_dump_json()) == report


def test_without_an_extension_there_is_no_code_to_look_at(profiler: Judge, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(profile_events, "SYSCALL", {})  # a machine on which nobody is sampled
    verdict = profiler.evaluate(load_problem("level1/23"), candidate(python("return torch.softmax(x, 1)")))
    assert verdict.status is Status.CORRECT, verdict.evidence
    assert verdict.profile is not None
    assert (verdict.profile.operators, verdict.profile.functions) == ([], [])
    extension, sampled = verdict.profile.notes
    assert "no extension" in extension
    assert sampled.startswith("not sampled: not known how on ")


def test_a_wrong_candidate_is_not_profiled(profiler: Judge):
    verdict = profiler.evaluate(load_problem("level1/23"), candidate(python("return torch.zeros_like(x)")))
    assert verdict.status is Status.VALUE_MISMATCH
    assert verdict.profile is None


def test_without_objdump_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch, profiler: Judge):
    monkeypatch.setattr(profile, "ENVIRONMENT_PATH", "/nonexistent")
    monkeypatch.setattr(profile.platform, "machine", lambda: "x86_64")
    found, why_not = profile.disassembled(profile.workbench(profiler, "cpu"), b"", b"")
    assert (found, why_not) == (None, "no facts of the code: objdump is not installed (apt install binutils)")


def test_a_library_that_is_none_is_a_note(profiler: Judge, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(profile.platform, "machine", lambda: "x86_64")
    found, why_not = profile.disassembled(profile.workbench(profiler, "cpu"), b"nonsense", b"nonsense")
    assert found is None
    assert why_not.startswith("no facts of the code: objdump ")
