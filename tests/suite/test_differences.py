"""The table of differences is what the problem files say."""

from harness.suite import select
from harness.suite.differences import difference, differences_path, table


def test_the_table_is_current():
    """`make generated` writes it."""
    assert differences_path().read_text() == table()


def test_every_problem_says_in_what_it_differs():
    assert [problem.id for problem in select("all") if difference(problem) is None] == []


def test_a_docstring_without_the_line_says_nothing():
    problem = select("level1/1")[0]
    assert difference(problem.model_copy(update={"source": '"""Just a sum."""'})) is None
