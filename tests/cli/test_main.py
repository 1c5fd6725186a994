"""The frame of the command line: what it imports, what it prints where, and what it exits with."""

import errno
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from harness.cli import main as cli
from harness.cli.output import emit_json
from harness.errors import HarnessError, UsageError
from harness.suite import load_problem, workload

HEAVY = {"torch", "triton", "numpy", "openai", "anthropic", "pydantic_settings", "jinja2"}
PLUMBING = {"pydantic", "typer"}


def run_python(code: str) -> str:
    """Run `code` in a fresh interpreter and return its stdout."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    return done.stdout


def harness(*arguments: str, **options) -> subprocess.CompletedProcess:
    """Run the command as a user does."""
    return subprocess.run(
        [sys.executable, "-m", "harness", *arguments],
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        **options,
    )


def test_import_harness_imports_nothing_else():
    loaded = set(run_python("import sys, harness; print(*sys.modules)").split())
    assert not loaded & (HEAVY | PLUMBING)


def test_help_imports_no_verb_and_nothing_heavy():
    code = "import sys; from harness.cli.main import main; code = main(['--help']); print('|', *sys.modules)"
    text, _, modules = run_python(code).rpartition("|")
    loaded = set(modules.split())
    assert not loaded & HEAVY
    targets = [verb.target for entry in cli.VERBS.values() for verb in getattr(entry, "verbs", {"": entry}).values()]
    assert not loaded & {target.split(":")[0] for target in targets}
    for name, entry in cli.VERBS.items():
        assert name in text
        assert entry.help[:30] in text


@pytest.mark.parametrize("command", [["problems", "list", "all"], ["agents", "list"]])
def test_lists_wait_for_no_torch(command: list[str]):
    """Facts of problems that ship are written down: 270 of them are listed without running any."""
    code = f"import sys; from harness.cli.main import main; code = main({command}); print('|', code, *sys.modules)"
    text, _, modules = run_python(code).rpartition("|")
    assert modules.split()[0] == "0"
    assert len(text.splitlines()) > 10
    assert not set(modules.split()) & {"torch", "triton", "numpy", "openai", "anthropic"}


@pytest.mark.parametrize("name", list(cli.VERBS))
def test_every_verb_of_the_table_has_help(name: str, capsys: pytest.CaptureFixture):
    assert cli.main([name, "--help"]) == 0
    assert "Usage: harness" in capsys.readouterr().out


def test_every_leaf_has_json():
    for entry in cli.VERBS.values():
        for word, verb in getattr(entry, "verbs", {"": entry}).items():
            parameters = cli.LazyCommand(word, verb).load().params
            assert any("--json" in parameter.opts for parameter in parameters), verb.target


def test_version_is_the_packages(capsys: pytest.CaptureFixture):
    import harness

    assert cli.main(["--version"]) == 0
    assert capsys.readouterr().out == f"harness {harness.__version__}\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["problms"], "Did you mean 'problems'?"),
        (["problems", "lst"], "No such command 'lst'"),
        (["problems", "list", "--levl", "1"], "--levl"),
        (["problems", "list", "--level", "one"], "'--level'"),
        (["problems", "show"], "Missing argument"),
        (["problems", "show", "level1/9999"], "unknown problem 'level1/9999'"),
        (["problems", "show", "level1/1", "--tier", "huge"], "bad value 'huge' for --tier"),
        (["problems", "list", "--level", "77"], "no problems in 'level77'"),
    ],
)
def test_a_wrong_request_is_one_line_and_exit_2(arguments: list[str], message: str, capsys: pytest.CaptureFixture):
    assert cli.main(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert message in err
    assert len(err.splitlines()) == 1


def test_without_a_verb_it_shows_the_help_and_exits_2():
    done = harness()
    assert done.returncode == 2
    assert "quickstart" in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (HarnessError("no compiler"), 3, "harness: no compiler\n"),
        (UsageError("no such\nthing"), 2, "harness: no such thing\n"),
        (KeyboardInterrupt(), 130, "harness: interrupted\n"),
        (
            OSError(errno.ENOSPC, "No space left on device", "/runs/x"),
            3,
            "harness: /runs/x: No space left on device - free",
        ),
        (OSError(errno.ENOSPC, "No space left on device"), 3, "harness: No space left on device - free some space"),
        (PermissionError(errno.EACCES, "Permission denied", "/runs"), 3, "harness: /runs: Permission denied - change"),
        (OSError(errno.EROFS, "Read-only file system", Path("/r")), 3, "harness: /r: Read-only file system - choose"),
        (
            FileNotFoundError(errno.ENOENT, "No such file or directory", "x"),
            3,
            "harness: x: No such file or directory\n",
        ),
    ],
)
def test_errors_become_one_line_and_a_code(
    error: BaseException, code: int, message: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
):
    def verb(as_json: bool = False) -> None:
        raise error

    monkeypatch.setattr("harness.cli.config.config", verb)
    assert cli.main(["config"]) == code
    err = capsys.readouterr().err
    assert err.startswith(message)
    assert len(err.splitlines()) == 1


def test_a_defect_shows_its_traceback_and_is_not_a_low_score(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
):
    def verb(as_json: bool = False) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("harness.cli.config.config", verb)
    assert cli.main(["config"]) == 3
    assert "ZeroDivisionError" in capsys.readouterr().err


def test_a_verb_returns_its_exit_code(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("harness.cli.config.config", lambda: 1)
    assert cli.main(["config"]) == 1


def test_a_reader_that_goes_away_is_no_error():
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "harness", "problems", "show", "level1/1"]
    done = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, timeout=60, check=False)
    os.close(writer)
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_full_disk_is_one_line_and_exit_3():
    with open("/dev/full", "w") as full:
        command = [sys.executable, "-m", "harness", "problems", "list"]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, timeout=60, check=False)
    assert done.returncode == 3
    assert done.stderr.startswith("harness: No space left on device - free some space")
    assert len(done.stderr.splitlines()) == 1


def test_a_closed_stdout_is_no_error():
    command = ["sh", "-c", 'exec "$0" -m harness problems list --json >&-', sys.executable]
    done = subprocess.run(command, stderr=subprocess.PIPE, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_data_goes_to_stdout_alone(tmp_path: Path):
    done = harness("problems", "list", "--json", cwd=tmp_path)
    rows = json.loads(done.stdout)
    assert done.stderr == ""
    assert {"id", "name", "tiers", "origin"} <= set(rows[0])
    assert {"id": "level1/23", "name": "Softmax"}.items() <= {
        key: value for row in rows if row["id"] == "level1/23" for key, value in row.items()
    }.items()


def test_problems_show_prints_exactly_what_is_graded(capsys: pytest.CaptureFixture):
    expected = workload(load_problem("level1/23"), "ci")
    assert cli.main(["problems", "show", "1/23", "--tier", "ci"]) == 0
    assert capsys.readouterr().out == expected.source
    assert cli.main(["problems", "show", "1/23", "--tier", "ci", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == expected.model_dump(mode="json")


def test_problems_list_of_one_level(capsys: pytest.CaptureFixture):
    assert cli.main(["problems", "list", "--level", "3"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["id", "name", "tags", "tiers", "GFLOP", "MiB"]
    assert all(line.startswith("level3/") for line in lines[1:])


def test_config_prints_the_settings_in_force(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture):
    monkeypatch.setenv("HARNESS_SAMPLES", "3")
    assert cli.main(["config", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["samples"] == 3
    assert cli.main(["config"]) == 0
    assert "HARNESS_SAMPLES" in capsys.readouterr().out


def test_json_has_no_nan(capsys: pytest.CaptureFixture):
    emit_json({"a": [float("inf"), float("nan"), 1.5]})
    assert json.loads(capsys.readouterr().out) == {"a": ["inf", "nan", 1.5]}
