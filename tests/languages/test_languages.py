"""What languages there are, and what is missing where one does not run."""

import os
import stat
from pathlib import Path

import pytest

from harness.errors import ToolchainError
from harness.languages import LANGUAGES, find_compiler, support


def test_every_language_says_where_it_runs() -> None:
    rows = list(support())
    assert {row["language"] for row in rows} == set(LANGUAGES)
    for row in rows:
        assert bool(row["reason"]) != row["runs"], row
        if not row["runs"]:
            assert row["mend"], "what is missing has a remedy"


def test_cpp_runs_and_is_timed_where_there_is_a_compiler() -> None:
    found = LANGUAGES.get("cpp").availability("cpu")
    assert (found.runs, found.timed) == (True, True)


def test_without_a_compiler_the_reason_and_the_remedy_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CXX", raising=False)
    found = LANGUAGES.get("cpp").availability("cpu")
    assert (found.runs, found.timed) == (False, False)
    assert found.reason == "no C++ compiler"
    assert "g++" in found.remedy
    with pytest.raises(ToolchainError, match="install g"):
        find_compiler()


def program(path: Path) -> Path:
    path.write_text("#!/bin/sh\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def test_cxx_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mine, other = program(tmp_path / "my-g++"), program(tmp_path / "g++")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("CXX", "my-g++ -O2")
    assert find_compiler() == str(mine)
    monkeypatch.setenv("CXX", "not-there")
    assert find_compiler() == str(other)


def test_a_wrapper_with_shared_state_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """ccache keeps what one candidate compiled for the next; a link to it named g++ is not the compiler."""
    program(tmp_path / "ccache")
    os.symlink(tmp_path / "ccache", tmp_path / "g++")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CXX", raising=False)
    try:
        assert Path(find_compiler()).resolve().name != "ccache"
    except ToolchainError:
        assert not Path("/usr/bin/g++").exists()
