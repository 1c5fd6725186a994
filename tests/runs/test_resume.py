"""A run goes on only on the questions and with the agent that it began with."""

from pathlib import Path

import pytest

from harness.config import Settings
from harness.errors import StoreError, UsageError
from harness.runs import make_config, prepare, reopen
from harness.runs.execution import begin
from harness.runs.locking import make_lock, moved
from harness.store import RunFolder, read_lock, write_lock
from tests.runs.support import make_content


@pytest.fixture
def content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = make_content(tmp_path / "content")
    monkeypatch.setattr("harness.runs.preparation.content_root", lambda: root)
    return root


def begun(tmp_path: Path, selection: str = "level1/23") -> RunFolder:
    folder = RunFolder.create(tmp_path / "runs", selection)
    begin(prepare(make_config(selection, Settings.load(agent="refine", samples=2))), folder)
    return folder


def test_nothing_changed(tmp_path: Path, content: Path):
    reopened = reopen(begun(tmp_path))
    assert reopened.warnings == ()
    assert reopened.prepared.config.samples == 2
    assert [problem.id for problem in reopened.prepared.problems] == ["level1/23"]


def test_the_agent_changed(tmp_path: Path, content: Path):
    folder = begun(tmp_path)
    with (content / "agents" / "refine.toml").open("a") as file:
        file.write("# a remark\n")
    with pytest.raises(StoreError, match="cannot go on: changed since it began: the agent's file - restore"):
        reopen(folder)


def test_a_prompt_changed(tmp_path: Path, content: Path):
    folder = begun(tmp_path)
    (content / "agents" / "prompts" / "ask.md.jinja").write_text("Go.")
    with pytest.raises(StoreError, match="the prompt templates"):
        reopen(folder)


def test_a_problem_changed_or_went(tmp_path: Path, content: Path, monkeypatch: pytest.MonkeyPatch):
    mine = tmp_path / "mine.py"
    source = (content / "problems" / "level1" / "023_softmax.py").read_text()
    mine.write_text(source)
    monkeypatch.chdir(tmp_path)
    folder = begun(tmp_path, "mine.py")
    monkeypatch.chdir("/")
    assert reopen(folder).prepared.problems[0].id == "mine"
    mine.write_text(source.replace("65536", "65537"))
    with pytest.raises(StoreError, match="changed since it began: problem mine"):
        reopen(folder)
    mine.unlink()
    with pytest.raises(StoreError, match=r"cannot go on: .*mine.py: no such file"):
        reopen(folder)


def test_another_machine_is_a_warning(tmp_path: Path, content: Path):
    folder = begun(tmp_path)
    lock = read_lock(folder.lock)
    older = lock.model_copy(update={"harness_version": "0.0.1", "environment": lock.environment | {"python": "3.9.0"}})
    write_lock(folder.lock, older)
    warnings = reopen(folder).warnings
    assert warnings[0].startswith("harness: 0.0.1 -> ")
    assert warnings[1].startswith("python: 3.9.0 -> ")
    assert moved(lock, make_lock(reopen(folder).prepared)) == []


def test_mistakes_are_found_before_anything_is_written(content: Path):
    with pytest.raises(UsageError, match="unknown agent 'refin' - did you mean 'refine'"):
        prepare(make_config("level1/23", Settings.load(agent="refin")))
    with pytest.raises(UsageError, match="'cobol'"):
        prepare(make_config("level1/23", Settings.load(language="cobol")))
