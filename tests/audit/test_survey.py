"""One problem that hangs, crashes or raises costs an audit nothing but that problem."""

import os
from pathlib import Path

import pytest

from harness.audit import each
from harness.errors import ProblemError
from harness.models import Problem, sha256_hex
from tests.audit.tasks import act, mark, threads

LIMIT_S = 3.0
"""What answers at all does so within some 50 ms; only the one that hangs gets here."""


def asked(name: str, origin: Path | str = "") -> Problem:
    return Problem(id=f"id-{name}", name=name, source="", sha256=sha256_hex(""), origin=str(origin))


def test_answers_come_in_the_order_of_the_problems():
    problems = [asked(f"Right{number}") for number in range(6)]
    found = [str(answer).split(" by ") for answer in each(act, problems, jobs=2)]
    assert [name for name, _ in found] == [problem.id for problem in problems]
    processes = {pid for _, pid in found}
    assert len(processes) == len(problems)  # each has a process of its own
    assert str(os.getpid()) not in processes


def test_what_goes_wrong_is_named_and_the_others_are_unharmed(tmp_path: Path):
    names = ["Right1", "Hangs", "Dies", "Right2", "Crashes", "Refuses", "Raises", "Right3"]
    problems = [asked(name, tmp_path / "Hangs" if name == "Hangs" else f"folder/{name}.py") for name in names]
    found = dict(zip(names, each(act, problems, jobs=2, timeout_s=LIMIT_S), strict=True))
    for name in ("Right1", "Right2", "Right3"):
        assert str(found[name]).startswith(f"id-{name} by ")
    wrong = {name: str(answer) for name, answer in found.items() if isinstance(answer, ProblemError)}
    assert wrong == {
        "Hangs": f"{tmp_path / 'Hangs'}: no answer within 3 s",
        "Dies": "folder/Dies.py: the process that ran it died (exit 7)",
        "Crashes": "folder/Crashes.py: the process that ran it died (exit -11)",  # SIGSEGV
        "Refuses": "id-Refuses: line 3: not today",
        "Raises": "folder/Raises.py: the process that ran it died (exit 1)",
    }
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "Hangs").read_text()), 0)


def test_a_problem_without_an_origin_is_named_by_its_id():
    (found,) = each(act, [asked("Dies")])
    assert str(found) == "id-Dies: the process that ran it died (exit 7)"


def test_a_process_computes_with_one_thread():
    assert list(each(threads, [asked("Right")])) == [(1, True)]


def test_no_problems_no_answers():
    assert list(each(act, [])) == []


def test_who_stops_asking_does_not_wait_for_the_rest(tmp_path: Path):
    """Of ten problems, one at a time, at most those that were begun by then have left a file."""
    problems = [asked(f"Mark{number}", tmp_path / str(number)) for number in range(10)]
    answers = each(mark, problems, jobs=1)
    assert next(answers) is None
    answers.close()
    begun = len(list(tmp_path.iterdir()))
    assert 1 <= begun < len(problems)
