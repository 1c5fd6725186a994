"""`harness problems`: tables for people, JSON for programs, one line for every problem that is of no use."""

import json
from pathlib import Path
from typing import Any

import pytest

from harness.cli import main as cli
from harness.models import Tier
from harness.models.audit import LintReport
from harness.suite import load_problem, named_selections, workload
from tests.audit.problems import problem, source

Captured = pytest.CaptureFixture[str]

CONSTANT = source("return 0 * x + 3")
SYNTAX_ERROR = "x = 1\ny = (\n"
FLOATS_AT_GPU = 2 * 512 * 1024  # one input, one output


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A suite of a fair question and one with a constant answer."""
    made = tmp_path / "mine"
    made.mkdir()
    problem(made, source(), "1_Fair")
    problem(made, CONSTANT.replace("512", "4096"), "2_Constant")
    return made


@pytest.fixture
def mixed(folder: Path) -> Path:
    """The same, with a file among them that is not Python."""
    (folder / "3_Broken.py").write_text(SYNTAX_ERROR)
    return folder


def run(capsys: Captured, *arguments: str | Path) -> tuple[int, str, str]:
    """Return exit code, stdout and stderr of `harness problems ARGUMENTS`."""
    code = cli.main(["problems", *map(str, arguments)])
    return code, *capsys.readouterr()


def as_json(capsys: Captured, code: int, *arguments: str | Path) -> Any:
    """Return the one document that a command with this exit code is to leave on stdout."""
    found, out, err = run(capsys, *arguments, "--json")
    assert found == code, err
    return json.loads(out)


def complaints(err: str) -> list[str]:
    """Return the lines on stderr that say something."""
    lines = [line for line in err.splitlines() if line.strip()]
    assert all(line.startswith("harness: ") for line in lines), err
    return [line.removeprefix("harness: ") for line in lines]


# ---- list ----


def test_list_is_a_table(folder: Path, capsys: Captured):
    code, out, err = run(capsys, "list", folder)
    assert (code, complaints(err)) == (0, [])
    assert [line.split() for line in out.splitlines()] == [
        ["id", "name", "tags", "tiers", "GFLOP", "MiB"],
        ["1_Fair", "Fair", "activation", "ci", "cpu", "gpu", "0", "4"],  # 512 * 1024 floats in, as many out: 4 MiB
        ["2_Constant", "Constant", "-", "ci", "cpu", "gpu", "0", "32"],
    ]


def test_list_counts_at_the_tier_that_is_asked_for(folder: Path, capsys: Captured):
    at_gpu, _ = as_json(capsys, 0, "list", folder)
    at_ci, _ = as_json(capsys, 0, "list", folder, "--tier", "ci")
    assert at_gpu == {
        "id": "1_Fair",
        "name": "Fair",
        "tags": ["activation"],
        "tiers": ["ci", "cpu", "gpu"],
        "flops": 0,
        "bytes": FLOATS_AT_GPU * 4,
        "parameters": 0,
        "origin": str(folder / "1_Fair.py"),
    }
    assert at_ci["bytes"] == 2 * 32 * 48 * 4


def test_list_has_the_flops_of_a_product(capsys: Captured):
    (found,) = as_json(capsys, 0, "list", "level1/1")
    assert found["flops"] == 2 * 4096**3
    code, out, _ = run(capsys, "list", "level1/1")
    assert (code, out.splitlines()[1].split()[-2:]) == (0, ["137", "192"])  # GFLOP, MiB of three matrices


def test_list_shows_a_dash_where_a_problem_lacks_the_tier(tmp_path: Path, capsys: Captured):
    bare = problem(tmp_path, source(sizes=""), "1_Bare")
    code, out, _ = run(capsys, "list", bare.origin, "--tier", "cpu")
    assert code == 0
    assert out.splitlines()[1].split() == ["1_Bare", "Bare", "-", "gpu", "-", "-"]


def test_list_by_tag(folder: Path, capsys: Captured):
    assert [row["id"] for row in as_json(capsys, 0, "list", folder, "--tag", "activation")] == ["1_Fair"]
    assert as_json(capsys, 0, "list", folder, "--tag", "gemm") == []
    products = as_json(capsys, 0, "list", "level1/1,level1/19,level1/97", "--tag", "gemm")
    assert [row["id"] for row in products] == ["level1/1", "level1/97"]


def test_list_of_a_level(capsys: Captured):
    rows = as_json(capsys, 0, "list", "--level", "2", "--tier", "ci")
    assert [row["id"] for row in rows] == [f"level2/{number}" for number in range(1, 101)]


def test_a_level_of_a_selection_is_a_part_of_it(capsys: Captured):
    rows = as_json(capsys, 0, "list", "quickstart", "--level", "3", "--tier", "ci")
    assert [row["id"] for row in rows] == [p for p in named_selections()["quickstart"].problems if "level3" in p]


@pytest.mark.parametrize("flags", [(), ("--json",)])
def test_a_broken_file_is_one_line_and_the_rest_is_listed(mixed: Path, flags: tuple[str, ...], capsys: Captured):
    code, out, err = run(capsys, "list", mixed, *flags)
    assert code == 2
    assert err.splitlines() == [f"harness: {mixed / '3_Broken.py'}: line 2: '(' was never closed"]
    assert "1_Fair" in out
    assert "2_Constant" in out
    assert "3_Broken" not in out


def test_a_problem_that_raises_is_one_line_and_the_rest_is_listed(folder: Path, capsys: Captured):
    problem(folder, source(inputs="[1 / 0]"), "3_Raises")
    code, out, err = run(capsys, "list", folder)
    assert code == 2
    assert complaints(err) == ["problem 3_Raises: line 18: get_inputs() raised ZeroDivisionError: division by zero"]
    assert len(out.splitlines()) == 3


# ---- show ----


@pytest.mark.parametrize("tier", list(Tier))
def test_show_prints_what_is_graded(folder: Path, tier: Tier, capsys: Captured):
    expected = workload(load_problem(folder / "1_Fair.py"), tier)
    code, out, err = run(capsys, "show", folder / "1_Fair.py", "--tier", tier)
    assert (code, out, err) == (0, expected.source, "")
    assert "TIERS" not in out
    rows = {"gpu": 512, "cpu": 256, "ci": 32}[tier]
    assert f"rows = {rows}\n" in out
    assert as_json(capsys, 0, "show", folder / "1_Fair.py", "--tier", tier) == expected.model_dump(mode="json")


def test_show_takes_sizes_from_an_overlay(tmp_path: Path, capsys: Captured):
    bare = problem(tmp_path, source(sizes=""), "1_Bare")
    (tmp_path / "sizes.toml").write_text("[tiers.ci]\nrows = 7\n")
    code, out, _ = run(capsys, "show", bare.origin, "--tier", "ci", "--overlay", tmp_path / "sizes.toml")
    assert code == 0
    assert "rows = 7\ncols = 1024\n" in out
    code, out, err = run(capsys, "show", bare.origin, "--tier", "ci")
    assert (code, out, complaints(err)) == (2, "", ["1_Bare has no tier 'ci' (it has: gpu)"])


# ---- lint ----


def test_lint_of_a_fair_question(folder: Path, capsys: Captured):
    code, out, err = run(capsys, "lint", folder / "1_Fair.py")
    assert (code, complaints(err)) == (0, [])
    (summary,) = out.splitlines()
    assert summary == "1 of 1 problems pass; 100.00% of 23 wrong kernels rejected (19 kinds)"


def test_lint_of_an_unfair_question(folder: Path, capsys: Captured):
    code, out, err = run(capsys, "lint", folder / "2_Constant.py")
    assert (code, complaints(err)) == (1, [])
    first, *found, summary = out.splitlines()
    assert first.startswith("FAIL 2_Constant  kill score ")
    assert first.endswith(f"({folder / '2_Constant.py'})")
    assert [line for line in found if "failure: constant-output: output 0: standard deviation 0 " in line]
    assert not [line for line in found if "note:" in line]
    assert summary.startswith("0 of 1 problems pass; ")
    assert "note: upstream-trivial: a constant would pass" in run(capsys, "lint", folder / "2_Constant.py", "-v")[1]


def test_lint_as_json_is_a_list_of_reports(folder: Path, capsys: Captured):
    fair, unfair = as_json(capsys, 1, "lint", folder)
    assert (fair["ok"], fair["kill_score"], fair["findings"]) == (True, 1.0, [])
    assert (unfair["ok"], unfair["problem_id"], unfair["tier"]) == (False, "2_Constant", "ci")
    assert unfair["kill_score"] < 1.0
    assert {finding["severity"] for finding in unfair["findings"]} == {"failure", "note"}
    for found in (fair, unfair):
        assert set(found) == {"ok", "kill_score", *LintReport.model_fields}
        assert all(set(mutant) == {"kind", "detail", "killed", "margin"} for mutant in found["mutants"])
    survivors = [mutant for mutant in unfair["mutants"] if not mutant["killed"]]
    assert 1 - len(survivors) / len(unfair["mutants"]) == pytest.approx(unfair["kill_score"])


def test_lint_of_a_folder_with_a_broken_file_exits_with_2(mixed: Path, capsys: Captured):
    code, out, err = run(capsys, "lint", mixed)
    assert code == 2
    assert complaints(err) == [f"{mixed / '3_Broken.py'}: line 2: '(' was never closed"]
    assert "FAIL 2_Constant" in out
    assert out.splitlines()[-1].startswith("1 of 2 problems pass; ")
    assert out.splitlines()[-1].endswith(", 1 could not be loaded")


def test_lint_leaves_nothing_but_complaints_on_stderr(mixed: Path, capsys: Captured):
    _, _, err = run(capsys, "lint", mixed, "--json")
    assert len(err.splitlines()) == 1


def test_lint_at_another_tier_and_with_another_budget(folder: Path, capsys: Captured):
    (found,) = as_json(capsys, 0, "lint", folder / "1_Fair.py", "--tier", "cpu")
    assert found["tier"] == "cpu"
    budget_gib = FLOATS_AT_GPU * 4 / 2**30
    code, out, _ = run(capsys, "lint", folder / "1_Fair.py", "--memory-budget-gib", f"{budget_gib / 2}")
    assert code == 1
    assert "failure: gpu-memory: " in out
    assert run(capsys, "lint", folder / "1_Fair.py", "--memory-budget-gib", f"{budget_gib}")[0] == 0


def test_lint_by_an_overlay(tmp_path: Path, capsys: Captured):
    bare = problem(tmp_path, source(sizes=""), "1_Bare")
    (tmp_path / "sizes.toml").write_text("[tiers.ci]\nrows = 32\ncols = 48\n")
    assert as_json(capsys, 1, "lint", bare.origin)[0]["findings"][0]["rule"] == "does-not-run"
    assert as_json(capsys, 0, "lint", bare.origin, "--overlay", tmp_path / "sizes.toml")[0]["ok"]


# ---- import ----


def test_import_and_then_lint_the_made_folder(tmp_path: Path, capsys: Captured):
    texts = {1: source(sizes=""), 2: SYNTAX_ERROR, 3: source("return torch.softmax(x, 1)", sizes="")}
    rows = [{"code": text, "level": 1, "name": f"{n}_P{n}", "problem_id": n} for n, text in texts.items()]
    (tmp_path / "theirs.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    target = tmp_path / "ours"
    code, out, err = run(capsys, "import", tmp_path / "theirs.jsonl", "--into", target)
    assert code == 2
    assert complaints(err) == [f"{tmp_path / 'theirs.jsonl'}: line 2: line 2: '(' was never closed"]
    assert out.splitlines() == [
        f"2 problems in {target}, 2 of them with ci sizes",
        f"next: harness problems lint {target}",
    ]
    assert (target / "level1" / "3_P3.py").read_text() == texts[3]
    code, out, err = run(capsys, "lint", target)
    assert (code, complaints(err)) == (0, [])
    assert out.startswith("2 of 2 problems pass; 100.00% of ")
    assert [row["id"] for row in as_json(capsys, 0, "list", target, "--tier", "ci")] == [
        "ours:level1/1",
        "ours:level1/3",
    ]


def test_import_without_sizes(folder: Path, tmp_path: Path, capsys: Captured):
    target = tmp_path / "ours"
    made = as_json(capsys, 0, "import", folder, "--into", target, "--no-sizes")
    assert made == {"folder": str(target), "problems": 2, "sized": 2}  # their own
    assert not (target / "overlay.toml").exists()


def test_import_into_a_folder_with_something_in_it(folder: Path, capsys: Captured):
    code, out, err = run(capsys, "import", folder, "--into", folder)
    assert (code, out) == (2, "")
    assert complaints(err) == [f"{folder} is not an empty folder; name a new one with --into"]


# ---- what nobody knows ----


@pytest.mark.parametrize("verb", ["list", "lint"])
@pytest.mark.parametrize(
    ("suite", "said"),
    [
        ("quickstrat", "unknown selection 'quickstrat' - did you mean 'quickstart'?"),
        ("softmx", "unknown problem 'softmx' - did you mean 'level1/23' (Softmax)? (harness problems list)"),
        ("level9", "no problems in 'level9' (known: level1, level2, level3, level4)"),
        ("absent.jsonl", "absent.jsonl: cannot be read as JSONL ([Errno 2] No such file or directory: 'absent.jsonl')"),
    ],
)
def test_an_unknown_suite_is_one_line(verb: str, suite: str, said: str, capsys: Captured):
    code, out, err = run(capsys, verb, suite)
    assert (code, out) == (2, "")
    assert err.splitlines() == [f"harness: {said}"]


def test_import_of_what_is_not_there_is_one_line(tmp_path: Path, capsys: Captured):
    code, out, err = run(capsys, "import", "quickstrat", "--into", tmp_path / "ours")
    assert (code, out) == (2, "")
    assert err.splitlines() == ["harness: unknown selection 'quickstrat' - did you mean 'quickstart'?"]
    assert not (tmp_path / "ours").exists()
