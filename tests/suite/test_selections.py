"""A selection is a name, a level, an id, a file or a folder; what does not load is named and costs nothing else."""

from collections import Counter
from pathlib import Path

import pytest

from harness.errors import ProblemError, UsageError
from harness.models import Tier
from harness.suite import load_problem, named_selections, problem_ids, select, survey

SOFTMAX = """import torch
import torch.nn as nn


class Model(nn.Module):
    def forward(self, x):
        return torch.softmax(x, 1)


rows = 8


def get_inputs():
    return [torch.randn(rows, 100)]


def get_init_inputs():
    return []
"""
BROKEN = {
    "2_Syntax.py": ("x = 1\ny = (\n", "2_Syntax.py: line 2: '(' was never closed"),
    "3_NoModel.py": (
        SOFTMAX.replace("class Model", "class Net"),
        "3_NoModel.py: not a KernelBench problem: it defines",
    ),
    "4_Tier.py": (
        SOFTMAX + 'TIERS = {"ci": {"row": 2}}\n',
        "4_Tier.py: line 19: TIERS['ci']: unknown constant 'row' - did you mean 'rows'?",
    ),
    "5_Binary.py": ("\udcff", "5_Binary.py: not UTF-8 text (byte 0)"),
}
"""File -> its text, and what is said about it."""


def ids(selection: str) -> list[str]:
    return [problem.id for problem in select(selection)]


# ---- those that come with the suite ----


@pytest.mark.parametrize("name", named_selections())
def test_every_member_of_a_named_selection_exists(name: str):
    selection = named_selections()[name]
    assert selection.description.endswith(".")
    problems, broken = survey(name)
    assert not broken
    assert {problem.id for problem in problems} <= set(problem_ids())
    listed = [member for member in selection.problems if "/" in member]
    assert len(set(listed)) == len(listed), "a problem is named twice"


def test_quickstart_is_twelve_problems_of_every_level_but_the_fourth():
    found = ids("quickstart")
    assert len(found) == 12
    assert {problem_id.split("/")[0] for problem_id in found} == {"level1", "level2", "level3"}


def test_kernelbench_is_exactly_levels_1_to_3():
    found = ids("kernelbench")
    assert found == [known for known in problem_ids() if not known.startswith("level4/")]
    assert Counter(known.split("/")[0] for known in found) == {"level1": 100, "level2": 100, "level3": 50}


def test_representative_spans_the_levels():
    """Some forty: a sixth of levels 1 to 3 (Ouyang et al. report the levels apart, so that each has to be there)."""
    found = ids("representative")
    assert 38 <= len(found) <= 44
    counts = Counter(known.split("/")[0] for known in found)
    assert set(counts) == {"level1", "level2", "level3"}
    assert min(counts.values()) >= 5
    assert len({load_problem(known).name for known in found}) == len(found)


def test_a_level_is_its_files_in_order():
    found = ids("level4")
    assert found == [f"level4/{number}" for number in range(1, len(found) + 1)]
    assert len(found) == 20  # KernelBench's


def test_a_selection_is_known_wherever_a_suite_is():
    assert ids("quickstart,level1/1,1/2") == [*named_selections()["quickstart"].problems, "level1/2"]


# ---- what does not load ----


@pytest.fixture
def mixed(tmp_path: Path) -> Path:
    """A flat folder with two problems that load and four files that do not."""
    for name in ("1_First.py", "6_Last.py"):
        (tmp_path / name).write_text(SOFTMAX)
    for name, (text, _) in BROKEN.items():
        (tmp_path / name).write_bytes(text.encode("utf-8", "surrogateescape"))
    return tmp_path


def test_a_survey_returns_what_loads_and_names_what_does_not(mixed: Path):
    problems, broken = survey(str(mixed))
    assert [problem.id for problem in problems] == ["1_First", "6_Last"]
    for error, (_, said) in zip(broken, BROKEN.values(), strict=True):
        assert isinstance(error, ProblemError)
        assert str(error).startswith(f"{mixed}/{said}")
        assert "\n" not in str(error)


def test_select_raises_the_first_and_counts_the_others(mixed: Path):
    with pytest.raises(ProblemError) as caught:
        select(str(mixed))
    assert str(caught.value).startswith(f"{mixed}/2_Syntax.py: line 2: ")
    assert str(caught.value).endswith(f"(and 3 more: harness problems list {mixed})")


def test_one_broken_file_is_not_counted(tmp_path: Path):
    (tmp_path / "1_First.py").write_text(SOFTMAX)
    (tmp_path / "2_Syntax.py").write_text("x = (\n")
    with pytest.raises(ProblemError) as caught:
        select(str(tmp_path))
    assert str(caught.value) == f"{tmp_path / '2_Syntax.py'}: line 1: '(' was never closed"


def test_a_number_that_is_taken_twice_names_both_files(tmp_path: Path):
    level = tmp_path / "mine" / "level1"
    level.mkdir(parents=True)
    for name in ("1_First.py", "2_One.py", "002_Other.py", "3_Last.py"):
        (level / name).write_text(SOFTMAX)
    problems, broken = survey(str(tmp_path / "mine"))
    assert [problem.id for problem in problems] == ["mine:level1/1", "mine:level1/3"]
    (error,) = broken
    assert str(error) == (
        f"{level / '2_One.py'}: the id mine:level1/2 is taken by 002_Other.py already; give one another number"
    )


def test_files_that_are_no_problems_are_no_part_of_a_folder(mixed: Path):
    for name in ("__init__.py", "helper.py", "7_notes.txt"):
        (mixed / name).write_text("x = (\n")
    problems, broken = survey(str(mixed))
    assert len(problems) == 2
    assert len(broken) == len(BROKEN)


def test_a_broken_part_leaves_the_other_parts(mixed: Path):
    problems, broken = survey(f"level1/1,{mixed / '2_Syntax.py'},level1/2")
    assert [problem.id for problem in problems] == ["level1/1", "level1/2"]
    assert len(broken) == 1


def test_one_problem_under_two_names_of_its_folder_is_one(mixed: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(mixed)
    assert ids("1_First.py,1_First.py") == ["1_First"]


def test_an_unknown_part_is_no_broken_problem():
    """It is a mistake of the request, so that nothing is listed."""
    with pytest.raises(UsageError, match="did you mean 'representative'"):
        survey("level1/1,representativ")


# ---- overlays ----


def test_an_overlay_of_a_suite_names_the_problem_in_four_ways(tmp_path: Path):
    level = tmp_path / "mine" / "level1"
    level.mkdir(parents=True)
    (level / "23_Softmax.py").write_text(SOFTMAX)
    for name in ("mine:level1/23", "level1/23", "23_Softmax", "Softmax"):
        (tmp_path / "sizes.toml").write_text(f'["{name}".tiers.ci]\nrows = 2\n')
        (found,) = select(str(tmp_path / "mine"), tmp_path / "sizes.toml")
        assert found.tiers[Tier.CI] == {"rows": 2}


def test_an_overlay_in_the_folder_needs_no_name_and_gives_way_to_one_that_has(mixed: Path):
    (mixed / "overlay.toml").write_text('["1_First".tiers.ci]\nrows = 2\n')
    (mixed / "other.toml").write_text('["6_Last".tiers.ci]\nrows = 3\n')
    beside = {problem.id: problem.tiers.get(Tier.CI) for problem in survey(str(mixed))[0]}
    named = {problem.id: problem.tiers.get(Tier.CI) for problem in survey(str(mixed), mixed / "other.toml")[0]}
    assert beside == {"1_First": {"rows": 2}, "6_Last": None}
    assert named == {"1_First": None, "6_Last": {"rows": 3}}


def test_an_overlay_that_names_an_unknown_constant_is_that_problems_error(mixed: Path):
    (mixed / "overlay.toml").write_text('["1_First".tiers.ci]\nrow = 2\n')
    problems, broken = survey(str(mixed))
    assert [problem.id for problem in problems] == ["6_Last"]
    assert "overlay.toml: TIERS['ci']: unknown constant 'row' - did you mean 'rows'?" in str(broken[0])
    assert str(broken[0]).startswith(str(mixed / "1_First.py"))
