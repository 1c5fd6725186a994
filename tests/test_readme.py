"""What README shows is true: its commands are run as written, its blocks are used, its tables are complete.

A command that is not run stands in `ELSEWHERE` with the reason.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.config import Settings
from harness.models import Evidence, Grade, Isolation, Measurement, Record, Speedup, Status, Verdict
from harness.suite import checkout
from tests.e2e.command import settled

ROOT = checkout() or Path()
README = (ROOT / "README.md").read_text("utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
LINES = [line.split("  #")[0].strip() for kind, text in BLOCKS if kind == "sh" for line in text.splitlines()]
COMMANDS = list(dict.fromkeys(line for line in LINES if line and not line.startswith("#")))

WITH_A_KEY = (
    "needs a key and a bill: planned here with --dry-run, done against a loopback server in tests/cli/test_run.py"
)
ELSEWHERE = {
    "git clone <address of this repository> kernel-harness": "there is no address; the tests run in such a clone",
    "cd kernel-harness": "part of the line above",
    "make quickstart": "installs an environment; test_make_targets_exist, and `harness run` on two problems below",
    "make test": "would run this test; test_make_targets_exist",
    "make lint": "judges the source, not the program; test_make_targets_exist",
    "make bench": "minutes, and asserts nothing; test_make_targets_exist",
    "harness problems import path/to/KernelBench/KernelBench --into kernelbench-upstream": "tests/audit/test_importing.py",
    "harness problems lint kernelbench-upstream": "part of the line above, and tests/cli/test_problems.py",
    "harness doctor --measure": "minutes; tests/cli/test_measure.py",
    "harness baseline quickstart --modes compile,max-autotune": "minutes; tests/cli/test_baseline.py",
    "harness report latest --baseline compile": "needs the line above; tests/report/test_against.py",
    "harness run quickstart --language cuda": "a minute or two: tests/e2e/test_emulated_runs.py runs a part of it",
    "harness run quickstart --language triton": "the same",
    "harness run quickstart --model openai/<name>": WITH_A_KEY,
    "harness run level1 --model openai/<name>": WITH_A_KEY,
    "harness run level1/23 --model anthropic/<name> --agent best_of_n --samples 3": WITH_A_KEY,
}
RUNNABLE = [command for command in COMMANDS if command not in ELSEWHERE]
A_RUN = "harness run level1/42,level2/86 --tier ci"
"""The command that leaves the run which `report` and `resume` then find."""
LIMIT_S = 400
"""Only a hang takes this long: twenty times what the slowest of them takes on two quiet cores."""

Done = subprocess.CompletedProcess[str]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A working folder with the files that README has a reader save."""
    folder = tmp_path_factory.mktemp("reader")
    for kind, text in BLOCKS:
        if kind == "python" and (named := re.match(r"# (\w+\.py)\b", text)):
            (folder / named[1]).write_text(text)
    return folder


def execute(command: str, place: Path) -> Done:
    """Run `A=b harness verb ...` in `place`."""
    words = shlex.split(command)
    variables = dict(word.split("=", 1) for word in words if re.match(r"[A-Z_]+=", word))
    program, *arguments = words[len(variables) :]
    assert Path(program).name == "harness", f"README shows {command!r}: run it here, or say in ELSEWHERE who does"
    own = {"PYTHONPATH": str(ROOT), "HARNESS_RUNS_DIR": str(place / "runs")}
    return subprocess.run(
        [sys.executable, "-m", "harness", *arguments],
        cwd=place,
        env={**os.environ, **own, **variables},
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )


@pytest.fixture(scope="module")
def as_written(place: Path) -> Callable[[str], Done]:
    """Run a command of README once, and what it depends on before it."""
    done: dict[str, Done] = {}

    def run(command: str) -> Done:
        if "latest" in command and A_RUN not in done:
            done[A_RUN] = execute(A_RUN, place)
        if command not in done:
            done[command] = settled(lambda: execute(command, place))
        return done[command]

    return run


@pytest.mark.parametrize("command", RUNNABLE)
def test_a_command_works_as_written(command: str, as_written: Callable[[str], Done]) -> None:
    done = as_written(command)
    assert done.returncode == 0, done.stderr[-1000:]
    assert done.stdout
    if "--json" in command:
        assert json.loads(done.stdout)


@pytest.mark.parametrize("command", [command for command, reason in ELSEWHERE.items() if reason == WITH_A_KEY])
def test_a_command_with_a_key_is_planned(command: str, place: Path) -> None:
    done = execute(f"{command.replace('<name>', 'some-model')} --dry-run", place)
    assert done.returncode == 0, done.stderr[-1000:]
    assert "some-model" in done.stdout


def test_nothing_is_listed_that_readme_does_not_show() -> None:
    assert set(ELSEWHERE) <= set(COMMANDS)
    assert A_RUN in RUNNABLE


def test_the_example_kernel_gets_the_verdict_that_is_shown(as_written: Callable[[str], Done]) -> None:
    """Numbers differ from machine to machine; words do not."""
    (shown,) = [text for kind, text in BLOCKS if kind == "text" and text.startswith("correct (level1/23")]
    printed = as_written("harness eval level1/23 my_kernel.py").stdout

    def words(text: str) -> list[str]:
        lines = [line for line in text.splitlines() if "isolation" not in line and "note:" not in line]
        return [re.sub(r"[\d.]+(e-?\d+)?", "N", line) for line in lines]

    assert words(printed) == words(shown)


@pytest.mark.parametrize("command", [line for line in COMMANDS if line.startswith("make ")])
@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
def test_make_targets_exist(command: str) -> None:
    target = shlex.split(command)[1]
    done = subprocess.run(["make", "-n", target], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr


def test_python_blocks_run(capsys: pytest.CaptureFixture[str]) -> None:
    blocks = [text for kind, text in BLOCKS if kind == "python" and "import harness" in text]
    assert blocks
    for text in blocks:
        exec(compile(text, "README.md", "exec"), {})
    assert "class Model" in capsys.readouterr().out


def test_toml_blocks_are_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    blocks = [text for kind, text in BLOCKS if kind == "toml" and "# harness.toml" in text]
    assert blocks
    for text in blocks:
        Path("harness.toml").write_text(text)
        assert Settings.load().timing_budget_s == 20


def test_toml_blocks_are_agents(place: Path) -> None:
    (block,) = [text for kind, text in BLOCKS if kind == "toml" and "[select]" in text]
    (place / "mine.toml").write_text(block)
    done = execute("harness agents show mine.toml --json", place)
    assert done.returncode == 0, done.stderr[-1000:]
    shown = json.loads(done.stdout)
    assert (shown["policy"], shown["stop"]["target_speedup"]) == ("last", 2.0)


def test_the_json_of_eval_is_the_verdicts() -> None:
    (block,) = [json.loads(text) for kind, text in BLOCKS if kind == "json"]
    kinds: dict[str, type[Record]] = {
        "evidence": Evidence,
        "speedup": Speedup,
        "measurement": Measurement,
        "isolation": Isolation,
    }
    assert {"status", "stage", "speedup", "upstream_correct", "evidence", "isolation"} <= set(block)
    assert set(block) <= set(Verdict.model_fields)
    for name, kind in kinds.items():
        assert set(block[name]) <= set(kind.model_fields), name


def first_column(heading: str) -> list[str]:
    """The first cells of the table whose heading row starts with `heading`, without their backticks."""
    rows = README.partition(f"\n| {heading} |")[2].split("\n\n")[0].splitlines()[2:]
    return [row.split("|")[1].strip().strip("`") for row in rows]


def test_the_tables_are_complete() -> None:
    assert sorted(first_column("status")) == sorted(status.value for status in Status)
    assert first_column("isolation") == [grade.value for grade in Grade]
    assert first_column("exit code of `eval`") == ["0", "1", "2", "3"]


def test_the_options_of_eval_exist(as_written: Callable[[str], Done], place: Path) -> None:
    known = execute("harness eval --help", place).stdout
    for cell in first_column("option"):
        for flag in re.findall(r"--[\w-]+", cell):
            assert flag in known


def test_the_map_names_every_room() -> None:
    rooms = {path.name for path in (ROOT / "harness").iterdir() if path.is_dir() and any(path.glob("*.py"))}
    assert not [room for room in rooms if f"| `{room}/` |" not in README]
