"""Every command that README shows works: cheap ones are run as written, make's targets exist."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from harness.suite import checkout

ROOT = checkout() or Path()
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE | re.DOTALL)
LINES = [line.split("  #")[0].strip() for kind, text in BLOCKS if kind == "sh" for line in text.splitlines()]
COMMANDS = [line for line in LINES if line and not line.startswith("#")]

ELSEWHERE = ("run", "resume", "report", "eval")
"""Verbs that judge or need a run; tests/e2e runs them. Here only their flags are checked."""


def arguments_of(command: str) -> tuple[dict[str, str], list[str]]:
    """Split `A=b .venv/bin/harness verb ...` into its variables and the words after the program."""
    words = shlex.split(command)
    variables = dict(word.split("=", 1) for word in words if re.match(r"[A-Z_]+=", word))
    return variables, words[len(variables) + 1 :]


@pytest.mark.parametrize("command", [line for line in COMMANDS if re.search(r"(^|/|\s)harness ", line)])
def test_harness_commands_work(command: str, tmp_path: Path):
    variables, arguments = arguments_of(command)
    if arguments[0] in ELSEWHERE:
        known = subprocess.run(
            [sys.executable, "-m", "harness", arguments[0], "--help"], capture_output=True, text=True
        )
        flags = [word for word in arguments if word.startswith("--")]
        assert known.returncode == 0
        assert not [flag for flag in flags if flag not in known.stdout]
        return
    environment = os.environ | variables | {"PYTHONPATH": str(ROOT), "HARNESS_CACHE_DIR": str(tmp_path)}
    command_line = [sys.executable, "-m", "harness", *arguments]
    done = subprocess.run(command_line, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout


@pytest.mark.parametrize("command", [line for line in COMMANDS if line.startswith("make ")])
@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
def test_make_targets_exist(command: str):
    target = shlex.split(command)[1]
    done = subprocess.run(["make", "-n", target], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


def test_python_blocks_run(capsys: pytest.CaptureFixture):
    blocks = [text for kind, text in BLOCKS if kind == "python" and "import harness" in text]
    assert blocks
    for text in blocks:
        exec(compile(text, "README.md", "exec"), {})
    assert "class Model" in capsys.readouterr().out


def test_toml_blocks_are_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    from harness.config import Settings

    monkeypatch.chdir(tmp_path)
    blocks = [text for kind, text in BLOCKS if kind == "toml" and "# harness.toml" in text]
    assert blocks
    for text in blocks:
        Path("harness.toml").write_text(text)
        assert Settings.load().timing_budget_s == 20


def test_the_map_names_every_room():
    text = (ROOT / "README.md").read_text("utf-8")
    rooms = {path.name for path in (ROOT / "harness").iterdir() if path.is_dir() and any(path.glob("*.py"))}
    assert not [room for room in rooms if f"| `{room}/` |" not in text]
