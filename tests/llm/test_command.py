"""A program that answers prompts: what it is given, what it may write, and that nothing of it is left."""

import asyncio
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from harness.errors import ProviderError, UsageError
from harness.llm import CallFailed, Message, Reply, Request, make_provider
from harness.llm import command as command_module
from tests.e2e.processes import alive, command_line, descendants, wait_gone
from tests.llm.support import REQUEST, FakeTime, ask, options

SECRET = "sk-secret-0123456789"
GONE_S = 10.0
"""Far above what killing takes: only a process that stays reaches it."""


@pytest.fixture
def program(tmp_path: Path):
    """Write a Python program and return its path."""

    def write(body: str) -> Path:
        path = tmp_path / "program"
        path.write_text(f"#!{sys.executable} -I\nimport json, os, signal, subprocess, sys, time\n{body}\n")
        path.chmod(0o755)
        return path

    return write


def answer(command: str, root: Path, request: Request = REQUEST, **changes: object) -> Reply:
    made = make_provider(f"command/{command}", root, options(root, FakeTime(), **changes))
    return ask(made, request)[0]


def test_the_prompt_goes_in_and_the_reply_comes_out(program, tmp_path: Path):
    path = program("print(sys.argv[1:]); print(sys.stdin.read(), end=''); print(os.listdir())")
    reply = answer(f"{path} --fast 'two words'", tmp_path)
    assert reply.text == "['--fast', 'two words']\nbe brief\n\nwrite a kernel\n[]\n"
    assert (reply.cost_usd, reply.calls) == (0.0, 1)


def test_the_turns_of_a_conversation_are_marked(program, tmp_path: Path):
    path = program("print(sys.stdin.read(), end='')")
    turns = (Message("user", "one"), Message("assistant", "two"), Message("user", "three"))
    reply = answer(str(path), tmp_path, replace(REQUEST, messages=turns))
    assert reply.text == "be brief\n\n[user]\none\n\n[assistant]\ntwo\n\n[user]\nthree\n"


def test_every_question_has_a_folder_of_its_own_that_is_gone_afterwards(program, tmp_path: Path):
    path = program("open('left', 'w'); print(os.getcwd(), os.listdir())")
    made = make_provider(f"command/{path}", tmp_path, options(tmp_path))
    folders = [reply.text.split() for reply in ask(made, REQUEST, REQUEST)]
    assert [words[1] for words in folders] == ["['left']"] * 2
    assert folders[0][0] != folders[1][0]
    assert not any(Path(words[0]).exists() for words in folders)


def test_keys_are_not_in_its_environment_unless_asked_for(program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    for name in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "MY_TOKEN"):
        monkeypatch.setenv(name, f"{SECRET}-{name}")
    path = program("print(open('/proc/self/environ').read(), open(f'/proc/{os.getppid()}/environ').read())")
    seen = answer(str(path), tmp_path).text
    assert "PATH=" in seen
    assert SECRET not in seen
    asked = answer(str(path), tmp_path, command_env="MY_TOKEN, ANTHROPIC_API_KEY").text
    assert f"MY_TOKEN={SECRET}" in asked
    assert f"ANTHROPIC_API_KEY={SECRET}" in asked
    assert f"OPENAI_API_KEY={SECRET}" not in asked
    with pytest.raises(UsageError, match="command_env asks for NO_SUCH, which is not set"):
        answer(str(path), tmp_path, command_env="NO_SUCH")


def test_what_was_asked_for_is_not_in_a_message(program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("OPENAI_API_KEY", SECRET)
    path = program("sys.exit('bad key ' + os.environ['OPENAI_API_KEY'])")
    with pytest.raises(CallFailed, match=r"command '.*' exited with status 1: bad key \[key\] \(3 tries"):
        answer(str(path), tmp_path, command_env="OPENAI_API_KEY")


def test_it_need_not_read_the_prompt(program, tmp_path: Path):
    path = program("os.close(0); print('deaf')")
    assert answer(str(path), tmp_path, replace(REQUEST, system="x" * 1_000_000)).text == "deaf\n"


def test_much_on_stderr_is_no_dead_end(program, tmp_path: Path):
    path = program("sys.stderr.write('x' * 3_000_000); print('done')")
    assert answer(str(path), tmp_path).text == "done\n"


def test_one_that_writes_without_end_is_stopped(program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(command_module, "MAX_REPLY_BYTES", 1 << 20)
    path = program("while True: sys.stdout.write('x' * 65536)")
    with pytest.raises(CallFailed, match="wrote more than 1 MiB"):
        answer(str(path), tmp_path)
    assert not here()


def test_one_that_fails_is_tried_again(program, tmp_path: Path):
    flag = tmp_path / "flag"
    path = program(
        f"flag = {str(flag)!r}\nif not os.path.exists(flag): open(flag, 'w'); os.kill(os.getpid(), 9)\nprint(1)"
    )
    reply = answer(str(path), tmp_path)
    assert (reply.text, reply.calls) == ("1\n", 2)


FAMILY = """
def fork(work):
    if os.fork() == 0: work(); os._exit(0)
def stay():
    signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(1000)
def daemon():
    os.setsid(); fork(stay)
fork(stay); fork(daemon)
"""
"""A child that ignores SIGTERM, and a grandchild in a session of its own whose parent is gone."""


def here() -> set[str]:
    """Command lines of what runs below this process because of a command."""
    lines = map(command_line, descendants(os.getpid()))
    return {line for line in lines if line and "program" in line and "harness.sandbox.forkserver" not in line}


def test_nothing_is_left_when_its_time_is_over(program, tmp_path: Path):
    path = program(FAMILY + "time.sleep(1000)")
    with pytest.raises(CallFailed, match="did not end within 1 s"):
        answer(str(path), tmp_path, replace(REQUEST, timeout_s=1))
    assert not here()


def test_nothing_is_left_when_it_ends(program, tmp_path: Path):
    path = program(FAMILY + "print('done')")
    assert answer(str(path), tmp_path).text == "done\n"
    assert not here()


def test_nothing_is_left_when_the_question_is_taken_back(program, tmp_path: Path):
    path = program(FAMILY + f"open({str(tmp_path / 'up')!r}, 'w'); time.sleep(1000)")

    async def main() -> None:
        made = make_provider(f"command/{path}", tmp_path, options(tmp_path))
        asking = asyncio.create_task(made.complete(REQUEST))
        while not (tmp_path / "up").exists():
            await asyncio.sleep(0.01)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking

    asyncio.run(main())
    assert not here()


def test_nothing_is_left_when_the_harness_is_killed(program, tmp_path: Path):
    path = program(FAMILY + f"open({str(tmp_path / 'up')!r}, 'w'); time.sleep(1000)")
    code = (
        "from pathlib import Path; from tests.llm.support import REQUEST, ask, options; from harness.llm import *\n"
        f"root = Path({str(tmp_path)!r}); ask(make_provider('command/{path}', root, options(root)), REQUEST)"
    )
    root = Path(__file__).parents[2]
    driver = subprocess.Popen([sys.executable, "-c", code], cwd=root)
    while not (tmp_path / "up").exists():
        assert driver.poll() is None
        os.sched_yield()
    below = descendants(driver.pid)
    assert len(alive(below)) >= 3  # the guardian, the program, its child; the grandchild may be anywhere by now
    driver.kill()
    driver.wait()
    assert not wait_gone(below, GONE_S)


@pytest.mark.parametrize(
    ("command", "error", "message"),
    [
        ("no-such-program --x", ProviderError, "no executable 'no-such-program'"),
        ("x 'unclosed", UsageError, "not a command line: No closing quotation"),
    ],
)
def test_bad_command_lines(command: str, error: type[Exception], message: str, tmp_path: Path):
    with pytest.raises(error, match=message):
        make_provider(f"command/{command}", tmp_path, options(tmp_path))
