"""`harness eval` from the shell: verdict, exit code, and one clear line for everything that is not a verdict.

tests/judge has a test for every other way that a candidate can end; tests/cli checks the frame without judging.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from harness.llm import last_code_block
from harness.models import Status
from harness.suite import content_root, load_problem, workload
from tests.candidates import KERNEL, python
from tests.e2e.command import HARNESS, complaint, harness, run, settled, verdict_of

CONTRACT = {"status", "stage", "speedup", "upstream_correct", "evidence", "isolation"}
FEW_PAIRS = {"HARNESS_MIN_PAIRS": "20", "HARNESS_MAX_PAIRS": "20"}
"""Four blocks of five pairs: the fewest after which timing may end (harness/judge/timing.py)."""
SLOW_FACTOR = 4
"""Passes over the data where the reference makes one, at sizes where a pass takes milliseconds."""


@pytest.fixture
def here(tmp_path: Path, warm_cache: Path) -> Path:
    """A working folder with `kernel.py` in it, a right softmax in C++."""
    (tmp_path / "kernel.py").write_text(KERNEL)
    return tmp_path


def recorded(problem: str) -> str:
    """The candidate in the last recorded reply to `problem`, such as `level1/042`."""
    replies = sorted((content_root() / "agents" / "recorded" / "cpp" / problem).glob("*.md"))
    code = last_code_block(replies[-1].read_text("utf-8"))
    assert code
    return code


def evaluate(
    here: Path, source: str, *flags: str, problem: str = "level1/23", **changes: str | None
) -> tuple[int, dict[str, Any]]:
    """Judge `source`, and return exit code and verdict after checking what every verdict has."""
    (here / "candidate.py").write_text(source)
    done = settled(lambda: harness(here, "eval", problem, "candidate.py", "--json", *flags, **changes))
    found = verdict_of(done)
    assert set(found) >= CONTRACT
    assert found["evidence"]["what"]
    assert found["problem_id"] == problem
    assert "Traceback" not in done.stderr
    return done.returncode, found


# ---- verdicts ----


def test_correct_and_faster(here: Path) -> None:
    # At tier cpu the recorded max-pooling is more than ten times as fast as eager here: far from any noise.
    code, found = evaluate(here, recorded("level1/042"), "--tier", "cpu", problem="level1/42")
    assert (code, found["status"], found["stage"]) == (0, "correct", "done")
    speedup = found["speedup"]
    assert set(speedup) == {"median", "low", "high"}
    assert 1.0 < speedup["low"] <= speedup["median"] <= speedup["high"]
    assert found["upstream_correct"] is True
    assert found["isolation"]["grade"] in "ABCDF"
    times = found["measurement"]
    assert len(times["candidate_ns"]) == len(times["reference_ns"]) >= 15  # the default of min_pairs
    assert sum(times["candidate_ns"]) < sum(times["reference_ns"])


def test_correct_and_slower(here: Path) -> None:
    slow = python(f"for _ in range({SLOW_FACTOR}):\n    y = torch.softmax(x, 1)\nreturn y")
    code, found = evaluate(here, slow, "--tier", "cpu", **FEW_PAIRS)
    assert (code, found["status"]) == (0, "correct")
    assert found["speedup"]["median"] < 1.0  # some 0.3; its interval may be wide beside other work


def test_correct_and_not_as_fast_as_asked(here: Path) -> None:
    code, found = evaluate(here, KERNEL, "--tier", "ci", "--fail-under", "1000", **FEW_PAIRS)
    assert (code, found["status"]) == (1, "correct")


def test_without_timing_there_is_no_speedup(here: Path) -> None:
    code, found = evaluate(here, KERNEL, "--tier", "ci", "--no-time")
    assert (code, found["status"], found["speedup"], found["measurement"]) == (0, "correct", None, None)


def test_a_wrong_value(here: Path) -> None:
    wrong = python("y = torch.softmax(x, 1)\ny[3, 17] += 1e-3\nreturn y")
    code, found = evaluate(here, wrong, "--tier", "ci")
    assert (code, found["status"], found["stage"]) == (1, "value_mismatch", "correctness")
    assert found["speedup"] is None
    assert found["upstream_correct"] is False  # 1e-3 is beyond KernelBench's 1e-4
    evidence = found["evidence"]
    assert "index [3, 17]" in evidence["where"]
    assert float(evidence["got"]) - float(evidence["expected"]) == pytest.approx(1e-3, rel=0.01)


def test_a_compile_error_names_the_line(here: Path) -> None:
    source = KERNEL.replace("const float scale = (float)(1.0 / sum);", "const float scale = (float)(1.0 / total);")
    code, found = evaluate(here, source, "--tier", "ci")
    line = next(number for number, text in enumerate(source.splitlines(), 1) if "/ total" in text)
    assert (code, found["status"], found["stage"]) == (1, "build_error", "build")
    assert found["evidence"]["where"] == f"candidate.py:{line}"
    assert "total" in found["evidence"]["what"]
    assert found["upstream_correct"] is None


def test_an_import_error(here: Path) -> None:
    code, found = evaluate(here, python("return x", before="import no_such_package"), "--tier", "ci")
    assert (code, found["status"], found["stage"]) == (1, "load_error", "load")
    assert "no_such_package" in found["evidence"]["what"]


def test_a_python_syntax_error_is_a_verdict(here: Path) -> None:
    code, found = evaluate(here, "import torch\n\nclass ModelNew(torch.nn.Module)\n    pass\n", "--tier", "ci")
    assert (code, found["status"], found["stage"]) == (1, "build_error", "parse")
    assert found["evidence"]["where"] == "candidate.py:3"
    assert found["isolation"] is None  # nothing ran


def test_for_people_the_verdict_is_text(here: Path) -> None:
    (here / "candidate.py").write_text(python("y = torch.softmax(x, 1)\ny[3, 17] += 1e-3\nreturn y"))
    done = harness(here, "eval", "level1/23", "candidate.py", "--tier", "ci")
    assert done.returncode == 1
    first, *more = done.stdout.splitlines()
    assert first.startswith("value_mismatch (level1/23, ci")
    assert any("index [3, 17]" in line for line in more)


def test_the_reference_judged_as_its_own_candidate(here: Path) -> None:
    done = settled(lambda: harness(here, "eval", "level1/42", "reference", "--tier", "cpu", "--json"))
    found = verdict_of(done)
    assert (done.returncode, found["status"]) == (0, "correct")
    assert found["candidate_sha256"] == found["workload_sha256"] == workload(load_problem("level1/42"), "cpu").sha256
    # Both sides run the same code: a factor of 2 is no noise but a defect of the clock.
    assert 0.5 < found["speedup"]["median"] < 2.0
    assert found["speedup"]["low"] <= 1.1
    assert found["speedup"]["high"] >= 0.9


UPSTREAM = """import torch
import torch.nn as nn

class Model(nn.Module):
    \"\"\"
    Simple model that performs a scaled row sum.
    \"\"\"
    def __init__(self, scale):
        super(Model, self).__init__()
        self.scale = scale

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.sum(x, dim=1, keepdim=True) * self.scale

batch_size = 32
dim = 500

def get_inputs():
    x = torch.rand(batch_size, dim)
    return [x]

def get_init_inputs():
    return [0.5]
"""


def test_a_kernelbench_file_by_its_path(here: Path) -> None:
    (here / "47_Scaled_row_sum.py").write_text(UPSTREAM)
    right = python("return (x.double().sum(1, keepdim=True) * self.s).float()", init="pass").replace(
        "def __init__(self):", "def __init__(self, s):"
    )
    right = right.replace("        pass\n", "        self.s = s\n")
    flags = ("eval", "47_Scaled_row_sum.py", "candidate.py", "--tier", "gpu", "--no-time", "--json")
    for source, code, status in ((right, 0, "correct"), (right.replace("* self.s", "* 0.4"), 1, "value_mismatch")):
        (here / "candidate.py").write_text(source)
        done = harness(here, *flags)
        found = verdict_of(done)
        assert (done.returncode, found["status"]) == (code, status), found["evidence"]
        assert (found["problem_id"], found["tier"]) == ("47_Scaled_row_sum", "gpu")


# ---- what is no verdict: one line, no traceback ----


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("eval", "level1/23", "absent.py"), "candidate absent.py: No such file or directory"),
        (("eval", "level1/320", "kernel.py"), "unknown problem 'level1/320' - did you mean 'level1/"),
        (("eval", "softmaxx", "kernel.py"), "did you mean 'level1/23' (Softmax)?"),
        (("eval", "absent.py", "kernel.py"), "absent.py: no such file"),
        (("eval", "level1/23", "kernel.py", "--tier", "cpuu"), "bad value 'cpuu' for --tier"),
        (("run", "level1/23", "--agent", "refin"), "unknown agent 'refin' - did you mean 'refine'?"),
        (("run", "level1/23", "--model", "recorded/quickstar"), "did you mean 'quickstart'?"),
    ],
)
def test_a_wrong_request(here: Path, arguments: tuple[str, ...], message: str) -> None:
    assert message in complaint(harness(here, *arguments, HARNESS_RUNS_DIR=str(here / "runs")), 2)
    assert not (here / "runs").exists()


def test_no_compiler(here: Path) -> None:
    (here / "empty").mkdir()
    line = complaint(
        harness(
            here,
            *("eval", "level1/23", "kernel.py", "--tier", "ci"),
            PATH=str(here / "empty"),
            CXX=None,
            HARNESS_CACHE_DIR=str(here / "cache"),
        ),
        3,
    )
    assert "no C++ compiler" in line
    assert "apt-get install g++" in line


def test_a_compiler_that_does_not_work(here: Path) -> None:
    broken = here / "g++-broken"
    broken.write_text("#!/bin/sh\necho 'cc1plus: fatal error: not today' >&2\nexit 1\n")
    broken.chmod(0o755)
    cache = str(here / "cache")
    line = complaint(
        harness(here, "eval", "level1/23", "kernel.py", "--tier", "ci", CXX=str(broken), HARNESS_CACHE_DIR=cache), 3
    )
    assert str(broken) in line
    assert "not today" in line


@pytest.mark.parametrize("variable", ["HARNESS_CACHE_DIR", "HARNESS_RUNS_DIR"])
def test_a_folder_below_a_file(here: Path, warm_cache: Path, variable: str) -> None:
    (here / "file").write_text("")
    place = str(here / "file" / "folder")
    arguments = ("eval", "level1/23", "kernel.py") if "CACHE" in variable else ("run", "level1/23")
    line = complaint(harness(here, *arguments, "--tier", "ci", **{variable: place}), 3)
    assert place in line
    assert "Not a directory" in line


# ---- what needs a file system of its own ----


def in_own_mounts(here: Path, script: str, **changes: str | None) -> "subprocess.CompletedProcess[str]":
    """Run a shell script in a mount namespace of its own; `$HARNESS` in it is the command, `disk` a folder."""
    (here / "disk").mkdir(exist_ok=True)
    unshare = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--map-root-user", "--mount"]
    return run([*unshare, "sh", "-ec", script], here, HARNESS=" ".join(HARNESS), **changes)


@pytest.fixture
def own_mounts(here: Path) -> Path:
    """The working folder, where mounts are allowed."""
    if sys.platform != "linux" or shutil.which("unshare") is None:
        pytest.skip("needs Linux and unshare")
    if in_own_mounts(here, "mount -t tmpfs -o size=64k none disk").returncode:
        pytest.skip("mounts are not allowed here")
    return here


@pytest.mark.parametrize(
    ("command", "variable"),
    [("eval level1/23 kernel.py", "HARNESS_CACHE_DIR"), ("run level1/23", "HARNESS_RUNS_DIR")],
)
def test_a_read_only_folder(own_mounts: Path, command: str, variable: str) -> None:
    place = str(own_mounts / "disk" / "folder")
    script = f"mount -t tmpfs -o ro none disk; exec $HARNESS {command} --tier ci"
    line = complaint(in_own_mounts(own_mounts, script, **{variable: place}), 3)
    assert place in line
    assert "read-only" in line.lower()
    assert ("HARNESS_CACHE_DIR" if "CACHE" in variable else "--runs-dir") in line


FULL_FOR_HELPERS, FULL_FOR_HEADER = "16k", "8m"
"""Too small for our own C helpers (some 20 KiB each); room for them, but not for the precompiled header (some 500 MiB)."""


@pytest.mark.parametrize("size", [FULL_FOR_HELPERS, FULL_FOR_HEADER])
def test_no_space_for_the_cache(own_mounts: Path, size: str) -> None:
    script = f"mount -t tmpfs -o size={size} none disk; exec $HARNESS eval level1/23 kernel.py --tier ci"
    line = complaint(in_own_mounts(own_mounts, script, HARNESS_CACHE_DIR=str(own_mounts / "disk" / "cache")), 3)
    assert "disk is full" in line or "No space left on device" in line


def test_no_space_for_the_run_which_goes_on_when_there_is_some(own_mounts: Path) -> None:
    # 24 KiB hold config, lock and the first events, but not prompt, reply, candidate and verdict as well.
    script = """
    mount -t tmpfs -o size=24k none disk
    $HARNESS run level1/23 --tier ci --agent one_shot && exit 99 || echo "first $?" >&2
    mount -o remount,size=4m disk
    $HARNESS resume latest --json
    """
    done = in_own_mounts(
        own_mounts, script, HARNESS_RUNS_DIR=str(own_mounts / "disk"), HARNESS_MIN_PAIRS="3", HARNESS_MAX_PAIRS="3"
    )
    assert done.returncode == 0, done.stderr[-1000:]
    assert "Traceback" not in done.stderr
    assert "No space left on device - free some space" in done.stderr
    assert "go on with: harness resume" in done.stderr
    assert "first 3" in done.stderr
    report = verdict_of(subprocess.CompletedProcess([], 0, done.stdout[done.stdout.index("{") :], done.stderr))
    assert [task["statuses"] for task in report["tasks"]] == [[Status.VALUE_MISMATCH]]
