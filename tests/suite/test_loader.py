"""Problems are found by id, path and selection; whatever is wrong with one is one clear line."""

import os
import tomllib
from pathlib import Path

import pytest

from harness.errors import ProblemError, UsageError
from harness.models import Tier
from harness.suite import content_root, load_problem, named_selections, problem_ids, select, workload

UPSTREAM = """import torch
import torch.nn as nn

class Model(nn.Module):
    \"\"\"
    Simple model that performs a Softmax activation.
    \"\"\"
    def __init__(self):
        super(Model, self).__init__()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.softmax(x, dim=1)

batch_size = 4096
dim = 393216

def get_inputs():
    x = torch.rand(batch_size, dim)
    return [x]

def get_init_inputs():
    return []  # No special initialization inputs needed
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder in upstream's layout: two numbered problems and a file that is none."""
    (tmp_path / "23_Softmax.py").write_text(UPSTREAM)
    (tmp_path / "4_Matrix_vector_multiplication_.py").write_text(UPSTREAM)
    (tmp_path / "__init__.py").write_text("")
    return tmp_path


@pytest.mark.parametrize("ref", ["level1/23", "level1/023", "1/23", "1/023"])
def test_an_id_has_several_spellings(ref: str):
    problem = load_problem(ref)
    assert (problem.id, problem.name, problem.origin) == ("level1/23", "Softmax", "level1/023_softmax.py")


def test_a_native_file_given_by_path_is_the_native_problem(monkeypatch: pytest.MonkeyPatch):
    assert load_problem(content_root() / "problems/level1/023_softmax.py") == load_problem("level1/23")
    monkeypatch.chdir(content_root())
    assert load_problem("problems/level1/023_softmax.py") == load_problem("level1/23")


def test_quickstart_is_twelve_problems_that_have_every_tier():
    problems = select("quickstart")
    assert [problem.id for problem in problems] == list(named_selections()["quickstart"].problems)
    assert len(problems) == 12
    assert all(set(problem.tiers) == set(Tier) and problem.unseen for problem in problems)


def test_every_native_problem_has_its_kernelbench_name_and_file():
    """The stem is the name in lower case, so that either leads to the other."""
    for problem in select("all"):
        level, number = problem.id.split("/")
        assert problem.origin == f"{level}/{int(number):03d}_{problem.name.lower()}.py"


def test_an_upstream_file_loads_unmodified(folder: Path):
    path = folder / "23_Softmax.py"
    problem = load_problem(str(path))
    assert (problem.id, problem.name, problem.origin) == ("23_Softmax", "Softmax", str(path))
    assert problem.tiers == {Tier.GPU: {}}
    assert workload(problem, Tier.GPU).source == UPSTREAM


def test_upstream_names_may_end_in_an_underscore(folder: Path):
    assert load_problem(folder / "4_Matrix_vector_multiplication_.py").name == "Matrix_vector_multiplication"


def test_an_overlay_adds_tiers(folder: Path):
    overlay = folder / "sizes.toml"
    overlay.write_text("[tiers.cpu]\ndim = 1024\n\n[[unseen]]\ndim = 7\n")
    problem = load_problem(folder / "23_Softmax.py", overlay=overlay)
    assert problem.unseen == [{"dim": 7}]
    assert workload(problem, "cpu").source == UPSTREAM.replace("dim = 393216", "dim = 1024")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[tiers.cpu]\ndmi = 1024\n", "unknown constant 'dmi' - did you mean 'dim'?"),
        ("[cpu]\ndim = 1024\n", "unknown table 'cpu'"),
        ("[tiers", "sizes.toml: "),
    ],
)
def test_a_bad_overlay_is_named(folder: Path, text: str, message: str):
    overlay = folder / "sizes.toml"
    overlay.write_text(text)
    with pytest.raises(ProblemError) as caught:
        load_problem(folder / "23_Softmax.py", overlay=overlay)
    assert message in str(caught.value)
    assert str(overlay) in str(caught.value)


@pytest.mark.parametrize(
    ("ref", "message"),
    [
        ("level1/9999", "unknown problem 'level1/9999'"),
        ("softmx", "did you mean 'level1/23' (Softmax)?"),
        ("CrossEntropyLos", "did you mean 'level1/95' (CrossEntropyLoss)?"),
        ("levl1/23", "did you mean 'level1/23'?"),
    ],
)
def test_an_unknown_id_is_a_usage_error_with_a_suggestion(ref: str, message: str):
    with pytest.raises(UsageError) as caught:
        load_problem(ref)
    assert message in str(caught.value)
    assert "harness problems list" in str(caught.value)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "no such file"),
        (b"\xff\xfe", "not UTF-8 text (byte 0)"),
        (b"x = (\n", "line 1: '(' was never closed"),
        (b"x = 1\n", "it defines no Model, get_inputs, get_init_inputs"),
        (UPSTREAM.replace("def get_init_inputs", "def get_other_inputs").encode(), "it defines no get_init_inputs"),
        (b"", "it defines no Model"),
        (UPSTREAM.encode() + b"TIERS = open('x')\n", "TIERS must be a literal"),
        (b"x = " + b"-" * 100_000 + b"1\n", "not Python source"),
    ],
)
def test_a_bad_file_is_one_clear_error(tmp_path: Path, content: bytes | None, message: str):
    path = tmp_path / "problem.py"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ProblemError) as caught:
        load_problem(path)
    assert message in str(caught.value)
    assert str(caught.value).startswith(str(path))
    assert "\n" not in str(caught.value)


def test_a_folder_is_not_a_problem(tmp_path: Path):
    with pytest.raises(ProblemError, match="is a folder"):
        load_problem(tmp_path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_an_unreadable_file_is_named(folder: Path):
    (folder / "23_Softmax.py").chmod(0)
    with pytest.raises(ProblemError, match="Permission denied"):
        load_problem(folder / "23_Softmax.py")


def test_a_byte_order_mark_is_no_part_of_the_source(tmp_path: Path):
    path = tmp_path / "1_X.py"
    path.write_bytes(b"\xef\xbb\xbf" + UPSTREAM.encode())
    assert load_problem(path).source == UPSTREAM


def test_a_folder_selects_its_numbered_files_in_kernelbench_order(folder: Path):
    assert [problem.id for problem in select(str(folder))] == ["4_Matrix_vector_multiplication_", "23_Softmax"]


def test_a_folder_of_levels_is_searched(folder: Path):
    level = folder / "mine" / "level1"
    level.mkdir(parents=True)
    (level / "7_Deep.py").write_text(UPSTREAM)
    assert [problem.id for problem in select(str(folder / "mine"))] == ["mine:level1/7"]


def test_selections_join_keep_order_and_drop_repetitions(folder: Path):
    joined = select(f"level3/1, 1/23,level2,{folder / '23_Softmax.py'},level1/023")
    level2 = [found for found in problem_ids() if found.startswith("level2/")]
    assert [problem.id for problem in joined] == ["level3/1", "level1/23", *level2, "23_Softmax"]


def test_all_is_every_level_in_order():
    ids = [problem.id for problem in select("all")]
    assert ids == problem_ids()
    assert ids == sorted(ids, key=lambda found: tuple(map(int, found.removeprefix("level").split("/"))))


def test_two_files_with_one_stem_are_refused(folder: Path):
    other = folder / "other"
    other.mkdir()
    (other / "23_Softmax.py").write_text(UPSTREAM)
    with pytest.raises(UsageError, match="are both '23_Softmax'"):
        select(f"{folder / '23_Softmax.py'},{other / '23_Softmax.py'}")


@pytest.mark.parametrize(
    ("selection", "message"),
    [
        ("", "no problem in ''"),
        (" , ", "no problem in"),
        ("level77", "no problems in 'level77' (known: level1, level2, level3"),
        ("quickstrat", "did you mean 'quickstart'?"),
        ("level1/1,nonsense/zzz", "unknown problem 'nonsense/zzz'"),
    ],
)
def test_a_bad_selection_is_a_usage_error(selection: str, message: str):
    with pytest.raises(UsageError) as caught:
        select(selection)
    assert message in str(caught.value)


def test_an_empty_folder_is_a_usage_error(tmp_path: Path):
    with pytest.raises(UsageError, match="no KernelBench files"):
        select(str(tmp_path))


def test_the_index_names_no_problem_that_is_missing():

    table = tomllib.loads((content_root() / "problems/index.toml").read_text())
    assert {f"{level}/{number}" for level, names in table.items() for number in names} == set(problem_ids())
