"""A real run with a key set: nobody but the model's server ever sees it, and `--record` keeps what was said.

The candidates look for the key where they run: in the compiler's environment, and in the worker's.
"""

import os
import subprocess
import time
from pathlib import Path

import pytest

from harness.models import EventType
from harness.store import RunFolder, read_events
from tests.candidates import KERNEL, SOFTMAX_CPP, python
from tests.e2e.command import HARNESS, environment, harness
from tests.e2e.processes import command_line, descendants
from tests.fakes import reply_text
from tests.llm.servers import Answer, openai_reply, serve
from tests.llm.support import VARIABLES

SECRET = "sk-very-secret-0123456789"
SPY_BUILD = KERNEL.replace(SOFTMAX_CPP, SOFTMAX_CPP + '\nasm(".include \\"/proc/self/environ\\"");\n')
SPY_WORKER = python(
    "raise RuntimeError(' '.join(['environment:', repr(dict(os.environ)), *map(look, (os.getpid(), os.getppid(), 1))]))",
    before="""
import os

def look(pid):
    try:
        return open(f'/proc/{pid}/environ').read()
    except OSError as error:
        return repr(error)
""",
)


STARTING_S = 0.2
"""Between fork and exec a new process is a copy of its parent, environment included; that is over in milliseconds."""


def environments(pids: set[int]) -> dict[int, bytes]:
    """Return the environment of each process that can be read."""
    found = {}
    for pid in pids:
        try:
            found[pid] = Path(f"/proc/{pid}/environ").read_bytes()
        except OSError:
            continue
    return found


@pytest.mark.slow
def test_a_run_with_a_key_leaves_no_trace_of_it(cold_cache, tmp_path: Path):
    key_echoed = {"error": {"message": f"proxy trouble with Authorization: Bearer {SECRET}", "code": None}}
    replies = [Answer(body=openai_reply(reply_text(code))) for code in (SPY_BUILD, SPY_WORKER, KERNEL)]
    changes: dict[str, str | None] = dict.fromkeys(VARIABLES)
    changes |= {
        "OPENAI_API_KEY": SECRET,
        "ANTHROPIC_API_KEY": SECRET,
        "OPENAI_LOG": "debug",
        "HARNESS_CACHE_DIR": str(cold_cache()),
        "HARNESS_RUNS_DIR": str(tmp_path / "runs"),
        "HARNESS_RECORDINGS_DIR": str(tmp_path / "recordings"),
        "HARNESS_CACHE_REPLIES": "true",
        "HARNESS_MIN_PAIRS": "3",
        "HARNESS_MAX_PAIRS": "3",
    }
    arguments = ["run", "level1/23", "--model", "openai/m", "--agent", "refine", "--tier", "ci", "--record", "mine"]
    with serve([Answer(500, key_echoed), *replies]) as (_, address):
        changes["OPENAI_BASE_URL"] = f"{address}/v1"
        with (tmp_path / "output").open("wb") as output:
            run = subprocess.Popen(
                [*HARNESS, *arguments], cwd=tmp_path, env=environment(changes), stdout=output, stderr=output
            )
            seen: dict[str, bytes] = {}
            holding: dict[int, list[float]] = {}
            while run.poll() is None:
                below = descendants(run.pid)
                for pid, held in environments({process.pid for process in below}).items():
                    name = next((command_line(process) for process in below if process.pid == pid), "")
                    if SECRET.encode() not in held:
                        seen[name] = held
                    else:
                        holding.setdefault(pid, []).append(time.monotonic())
    said = (tmp_path / "output").read_text()
    assert run.returncode == 0, said[-2000:]

    # The spies ran: the compiler read its environment as source, and the worker put its own into an error message.
    (folder,) = RunFolder.all(tmp_path / "runs")
    attempts = [event.attempt for event in read_events(folder.events) if event.type is EventType.NODE_COMMITTED]
    assert [attempt.verdict.status.value for attempt in attempts[:2]] == ["build_error", "runtime_error"]
    assert "environment:" in attempts[1].verdict.model_dump_json()
    assert attempts[2].verdict.status.value in {
        "correct",
        "inconclusive",
    }  # other work on the machine may hinder timing

    # Nobody below the harness held it, whether or not they looked.
    assert any("forkserver" in name for name in seen)
    assert any("cc1plus" in name or "c++" in name for name in seen)
    holders = [pid for pid, times in holding.items() if times[-1] - times[0] > STARTING_S]
    assert not holders, holding

    written = [path for path in tmp_path.rglob("*") if path.is_file() and "pch" not in path.parts]
    assert {"config.toml", "lock.json", "events.jsonl", "recording.toml", "output"} <= {path.name for path in written}
    assert any("replies" in path.parts for path in written)
    assert not [path for path in written if SECRET.encode() in path.read_bytes()]

    # What was recorded is given again, with no key and no server.
    kept = sorted(path.name for path in (tmp_path / "recordings" / "mine").rglob("*.md"))
    assert kept == [f"{number}.md" for number in range(1, len(attempts) + 1)]
    changes |= {"OPENAI_API_KEY": None, "ANTHROPIC_API_KEY": None, "OPENAI_BASE_URL": None}
    again = [word if word != "openai/m" else "recorded/mine" for word in arguments[:-2]]
    done = harness(tmp_path, *again, **changes)
    assert done.returncode == 0, done.stderr[-2000:]
    replayed = [
        event.attempt
        for event in read_events(RunFolder.find("latest", tmp_path / "runs").events)
        if event.type is EventType.NODE_COMMITTED
    ]
    assert [attempt.candidate_sha256 for attempt in replayed] == [attempt.candidate_sha256 for attempt in attempts]


def test_a_recording_is_not_written_over(tmp_path: Path):
    (tmp_path / "recordings" / "mine").mkdir(parents=True)
    done = harness(
        tmp_path, "run", "level1/23", "--record", "mine", HARNESS_RECORDINGS_DIR=str(tmp_path / "recordings")
    )
    assert done.returncode == 2
    assert "there is a recording 'mine' already" in done.stderr
    assert "recordings/mine" in done.stderr


def test_settings_of_models_and_their_mistakes(tmp_path: Path):
    for variable, value, message in (
        ("HARNESS_BASE_URL", "localhost:8000", "has to begin with http:// or https://"),
        ("HARNESS_MAX_REQUESTS", "0", "greater than or equal to 1"),
        ("HARNESS_MAX_REQUEST", "3", "did you mean 'HARNESS_MAX_REQUESTS'"),
        ("HARNESS_PRICES", "none.toml", "none.toml: cannot be read: No such file"),
    ):
        done = harness(
            tmp_path,
            *("run", "level1/23", "--model", "openai/m"),
            **{variable: value, "OPENAI_API_KEY": SECRET, "HARNESS_RUNS_DIR": str(tmp_path / "runs")},
        )
        assert done.returncode == 2, done.stderr[-500:]
        assert message in done.stderr
        assert done.stderr.count("\n") == 1
        assert SECRET not in done.stderr
    assert not os.listdir(tmp_path)
