"""Somebody else's suite: its texts to the byte, sizes that fit a test, and one line for what cannot be used."""

import json
import math
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from harness.audit import Imported, import_suite
from harness.audit.facts import facts
from harness.audit.importing import MIN_OUTPUT_ELEMENTS, WANTED_ELEMENTS, propose_sizes
from harness.audit.lint import lint_problem
from harness.errors import ProblemError, UsageError
from harness.models import Problem, Tier
from harness.suite import load_problem, select, workload
from tests.audit.problems import failures, problem, source

SOFTMAX = source("return torch.softmax(x, 1)", constants="rows = 4096\ncols = 8192", sizes="").rstrip()
"""134 MB at its own sizes; without a newline at its end."""
CONV = source(
    "return self.conv(x)",
    init="self.conv = nn.Conv2d(channels, 64, kernel)",
    inputs="[torch.rand(batch, channels, *shape)]",
    constants="batch = 64\nchannels = 32\nshape = (128, 256)\nkernel = (3, 5)  # höhe, breite",
    sizes="",
).replace("\n", "\r\n")
"""Tuples, Windows' line ends and letters beyond ASCII."""
HEADS = source(
    "return torch.softmax(x.reshape(rows, heads, width // heads), 2)",
    inputs="[torch.randn(rows, width)]",
    constants="rows = 65536\nheads = 12\nwidth = 768",
    sizes="",
)
"""Not every size runs: heads have to divide the width."""
LOSS = source(
    "return torch.mean((a - b) ** 2)",
    arguments="a, b",
    inputs="[torch.randn(rows, cols), torch.randn(rows, cols)]",
    constants="rows = 32768\ncols = 32768",
    sizes="",
)
"""A scalar, of which there is only one element."""
FIXED = source(inputs="[torch.randn(40, 50)]", constants="", sizes="")
"""No constants, so that nothing can be resized."""

Row = dict[str, object]
TEXTS = {
    "level1/4_Heads_.py": HEADS,
    "level1/23_Softmax.py": SOFTMAX,
    "level1/94_Loss.py": LOSS,
    "level2/3_Conv2d.py": CONV,
    "level2/11_Fixed.py": FIXED,
}
ORDER = ["level1/4", "level1/23", "level1/94", "level2/3", "level2/11"]
OVERLAY = '["level1/23".tiers.cpu]\nrows = 512\n\n["level1/23".tiers.ci]\nrows = 8\ncols = 100\n'


def rows() -> list[Row]:
    """The same as rows of the dataset, whose names come with and without number and suffix."""
    found = []
    for path, text in TEXTS.items():
        level, _, file = path.partition("/")
        number, _, name = file.partition("_")
        name = file if number == "23" else file.removesuffix(".py") if number == "4" else name.removesuffix(".py")
        found.append({"code": text, "level": int(level[-1]), "name": name, "problem_id": int(number)})
    return found


def folder_of(place: Path) -> Path:
    folder = place / "kernels"
    for path, text in TEXTS.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(text.encode())
    (folder / "README.md").write_text("not a problem")
    return folder


def jsonl_of(place: Path, content: Sequence[Row | str] | None = None) -> Path:
    """Write rows, and texts as they are, a line each."""
    lines = [row if isinstance(row, str) else json.dumps(row) for row in (rows() if content is None else content)]
    (place / "kernels.jsonl").write_text("\n".join(lines) + "\n", "utf-8")
    return place / "kernels.jsonl"


def parquet_of(place: Path, content: Sequence[Row] | None = None) -> Path:
    duckdb = pytest.importorskip("duckdb")
    with duckdb.connect() as base:
        base.execute("CREATE TABLE kernels (code VARCHAR, level BIGINT, name VARCHAR, problem_id BIGINT)")
        values = [list(row.values()) for row in (rows() if content is None else content)]
        base.executemany("INSERT INTO kernels VALUES (?, ?, ?, ?)", values)
        base.execute(f"COPY kernels TO '{place / 'kernels.parquet'}' (FORMAT parquet)")
    return place / "kernels.parquet"


def ids(problems: Sequence[Problem]) -> list[str]:
    return [problem.id for problem in problems]


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("write", [folder_of, jsonl_of, parquet_of])
def test_the_texts_are_kept_to_the_byte(tmp_path: Path, write: Callable[[Path], Path]):
    source_of_all = write(tmp_path)
    assert ids(select(str(source_of_all))) == [f"kernels:{found}" for found in ORDER]
    made = import_suite(str(source_of_all), tmp_path / "mine", sizes=False)
    assert made == Imported(tmp_path / "mine", problems=5, sized=0, broken=())
    # An underscore at the end of a name is upstream's way to end a sentence; the name does without.
    expected = {path.replace("_.py", ".py"): text.encode() for path, text in TEXTS.items()}
    assert files(made.folder) == expected
    chosen = select(str(made.folder))
    assert ids(chosen) == [f"mine:{found}" for found in ORDER]
    assert [problem.name for problem in chosen] == ["Heads", "Softmax", "Loss", "Conv2d", "Fixed"]
    assert all(workload(problem, Tier.GPU).source == problem.source for problem in chosen)


def test_a_flat_folder_keeps_its_file_names(tmp_path: Path):
    made = import_suite(str(folder_of(tmp_path) / "level1"), tmp_path / "mine", sizes=False)
    assert files(made.folder) == {path[7:]: text.encode() for path, text in TEXTS.items() if path.startswith("level1")}
    assert ids(select(str(made.folder))) == ["4_Heads_", "23_Softmax", "94_Loss"]


@pytest.fixture(scope="module")
def sized(tmp_path_factory: pytest.TempPathFactory) -> Imported:
    """The suite with small sizes."""
    place = tmp_path_factory.mktemp("sized")
    return import_suite(str(folder_of(place)), place / "mine", jobs=2)


def resized(made: Imported) -> list[Problem]:
    """Return the problems for which sizes were found."""
    found = [problem for problem in select(str(made.folder)) if Tier.CI in problem.tiers]
    assert len(found) == 4
    return found


def test_small_sizes_are_found_and_stand_in_the_overlay(sized: Imported):
    assert (sized.problems, sized.sized, sized.broken) == (5, 4, ())  # one has no constants
    tiers = {problem.id: set(problem.tiers) for problem in select(str(sized.folder))}
    assert tiers.pop("mine:level2/11") == {Tier.GPU}
    assert all(found == {Tier.GPU, Tier.CI} for found in tiers.values())
    texts = files(sized.folder)
    assert texts.pop("overlay.toml")
    assert all(text.encode() in texts.values() for text in TEXTS.values())


def test_small_sizes_run_are_small_and_leave_something_to_see(sized: Imported):
    for small in resized(sized):
        found = facts(workload(small, Tier.CI))
        inputs, outputs = (sum(math.prod(t.shape) for t in tensors) for tensors in (found.inputs, found.outputs))
        assert max(inputs, outputs, found.parameters) <= WANTED_ELEMENTS, small.id
        assert outputs == 1 or outputs >= MIN_OUTPUT_ELEMENTS, small.id
        # Halving stops as soon as the largest is small enough.
        assert max(inputs, outputs, found.parameters) > WANTED_ELEMENTS // 4, small.id


def test_the_made_folder_is_linted_like_any_other(sized: Imported):
    for small in resized(sized):
        report = lint_problem(small, Tier.CI)
        assert failures(report) == set(), (small.id, report.findings)
        assert len({mutant.kind for mutant in report.mutants}) >= 10  # a scalar output leaves room for no more


def test_only_sizes_that_run_are_proposed(tmp_path: Path):
    """12 heads and a width of 768 stay what they are where halving one of them alone would not divide."""
    sizes = propose_sizes(problem(tmp_path, HEADS))
    assert sizes
    heads, width = sizes.get("heads", 12), sizes.get("width", 768)
    assert width % heads == 0
    assert sizes.get("rows", 65536) * width <= WANTED_ELEMENTS


def test_what_is_small_already_is_left_as_it_is(tmp_path: Path):
    assert propose_sizes(problem(tmp_path, source(constants="rows = 100\ncols = 100", sizes=""))) == {}


def test_only_whole_numbers_that_are_written_out_are_resized(tmp_path: Path):
    text = source(
        "return torch.tanh(x * scale)",
        constants="rows = 1024 * 4\ncols = rows // 2\nscale = 0.5\nmode = 'tanh'\nflag = True",
        sizes="",
    )
    sizes = propose_sizes(problem(tmp_path, text))
    assert set(sizes) == {"rows"}
    assert sizes["rows"] * (sizes["rows"] // 2) <= WANTED_ELEMENTS  # cols follows


def test_a_problem_that_does_not_run_is_imported_and_named(tmp_path: Path):
    broken = SOFTMAX.replace("torch.softmax(x, 1)", "x @ x")
    made = import_suite(str(jsonl_of(tmp_path, [row(broken, 1), row(SOFTMAX, 2)])), tmp_path / "mine", jobs=2)
    assert (made.problems, made.sized) == (2, 1)
    (error,) = made.broken
    assert str(error).startswith("problem kernels:level1/1: line 14: forward()")
    assert ids(select(str(made.folder))) == ["mine:level1/1", "mine:level1/2"]


# ---- overlays ----


def test_an_overlay_is_copied_and_honoured(tmp_path: Path):
    overlay = tmp_path / "sizes.toml"
    overlay.write_text(OVERLAY)
    made = import_suite(str(folder_of(tmp_path)), tmp_path / "mine", str(overlay), jobs=2)
    assert made.sized == 4
    assert OVERLAY.strip() in (made.folder / "overlay.toml").read_text()
    chosen = {problem.name: problem for problem in select(str(made.folder))}
    assert chosen["Softmax"].tiers == {Tier.GPU: {}, Tier.CPU: {"rows": 512}, Tier.CI: {"rows": 8, "cols": 100}}
    assert facts(workload(chosen["Softmax"], Tier.CI)).inputs[0].shape == (8, 100)
    assert set(chosen["Conv2d"].tiers) == {Tier.GPU, Tier.CI}  # proposed


def test_without_sizes_only_the_overlay_is_written(tmp_path: Path):
    overlay = tmp_path / "sizes.toml"
    overlay.write_text(OVERLAY)
    made = import_suite(str(folder_of(tmp_path)), tmp_path / "mine", str(overlay), sizes=False)
    assert made.sized == 1
    assert (made.folder / "overlay.toml").read_text().strip() == OVERLAY.strip()


def test_a_bad_overlay_stops_the_import(tmp_path: Path):
    with pytest.raises(ProblemError, match=r"absent\.toml: no such file"):
        import_suite(str(folder_of(tmp_path)), tmp_path / "mine", str(tmp_path / "absent.toml"))
    assert not (tmp_path / "mine").exists()


def test_an_overlay_beside_the_source_comes_along(tmp_path: Path):
    folder = folder_of(tmp_path)
    (folder / "overlay.toml").write_text(OVERLAY)
    made = import_suite(str(folder), tmp_path / "mine", sizes=False)
    assert made.sized == 1
    assert [Tier.CI in problem.tiers for problem in select(str(made.folder))].count(True) == 1


@pytest.mark.parametrize("table", ["[tiers.cpu]", "[Softmax.tiers.cpu]", '["23_Softmax".tiers.cpu]'])
def test_an_overlay_that_names_the_problem_another_way_and_proposed_sizes(tmp_path: Path, table: str):
    overlay = tmp_path / "sizes.toml"
    overlay.write_text(f"{table}\nrows = 40\n")
    source_folder = tmp_path / "kernels" / "level1"
    source_folder.mkdir(parents=True)
    (source_folder / "23_Softmax.py").write_text(SOFTMAX)
    made = import_suite(str(source_folder.parent), tmp_path / "mine", str(overlay))
    (problem,) = select(str(made.folder))
    assert set(problem.tiers) == set(Tier)


def test_a_constant_with_letters_beyond_ascii(tmp_path: Path):
    made = import_suite(str(jsonl_of(tmp_path, [row(SOFTMAX.replace("rows", "höhe"), 1)])), tmp_path / "mine")
    assert made.sized == 1
    assert Tier.CI in select(str(made.folder))[0].tiers


# ---- what is refused ----


def row(code: object, number: object, level: object = 1, name: object = "Softmax") -> Row:
    return {"code": code, "level": level, "name": name, "problem_id": number}


def test_a_folder_with_something_in_it_is_refused(tmp_path: Path):
    target = tmp_path / "mine"
    target.mkdir()
    assert import_suite(str(folder_of(tmp_path)), target, sizes=False).problems == 5  # it was empty
    before = files(target)
    with pytest.raises(UsageError, match=r"mine is not an empty folder; name a new one with --into"):
        import_suite(str(tmp_path / "kernels"), target, sizes=False)
    assert files(target) == before
    with pytest.raises(UsageError, match="is not an empty folder"):
        import_suite(str(tmp_path / "kernels"), target / "level1" / "23_Softmax.py", sizes=False)


def test_bad_rows_are_named_by_line_and_the_others_are_imported(tmp_path: Path):
    content = [
        row(SOFTMAX, 1),
        "{not json",
        "",  # empty lines count, and say nothing
        {"code": SOFTMAX, "level": 1},
        row(SOFTMAX, 5, level="one"),
        row("x = (\n", 6),
        row("x = 1\n", 7),
        "[1, 2]",
        row(SOFTMAX, 9, level="2", name="9_Last_one_.py"),
    ]
    path = jsonl_of(tmp_path, content)
    made = import_suite(str(path), tmp_path / "mine", sizes=False)
    assert sorted(files(made.folder)) == ["level1/1_Softmax.py", "level2/9_Last_one.py"]
    said = [str(error) for error in made.broken]
    assert [text.split(": ")[:2] for text in said] == [[str(path), f"line {line}"] for line in (2, 4, 5, 6, 7, 8)]
    for text, what in zip(
        said,
        (
            "not JSON",
            "no column name, problem_id",
            "level and problem_id must be whole numbers",
            "line 1: '(' was never closed",
            "it defines no Model, get_inputs, get_init_inputs",
            "no column code, level, name, problem_id",
        ),
        strict=True,
    ):
        assert what in text
        assert "\n" not in text


def test_bad_rows_of_parquet_are_named_by_row(tmp_path: Path):
    path = parquet_of(tmp_path, [row(SOFTMAX, 1), row("x = (\n", 2)])
    made = import_suite(str(path), tmp_path / "mine", sizes=False)
    assert made.problems == 1
    (error,) = made.broken
    assert str(error) == f"{path}: row 2: line 1: '(' was never closed"


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("absent.jsonl", None, "absent.jsonl: cannot be read as JSONL"),
        ("empty.jsonl", b"\n", "no problem in"),
        ("binary.jsonl", b"\xff\xfe{}", "binary.jsonl: cannot be read as JSONL"),
        ("text.parquet", b"code,level\n", "text.parquet: cannot be read as parquet"),
        ("absent", None, "unknown problem"),
    ],
)
def test_a_source_that_cannot_be_read(tmp_path: Path, name: str, content: bytes | None, message: str):
    if name.endswith(".parquet"):
        pytest.importorskip("duckdb")
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(UsageError) as caught:
        import_suite(str(tmp_path / name), tmp_path / "mine")
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "mine").exists()


def test_a_name_cannot_lead_out_of_the_folder(tmp_path: Path):
    target = tmp_path / "deep" / "mine"
    content = [row(SOFTMAX, 23, name="../../../../outside/file"), row(SOFTMAX, 24, name="Soft/max")]
    import_suite(str(jsonl_of(tmp_path, content)), target, sizes=False)
    written = list(tmp_path.rglob("*.py"))
    assert all(path.parent == target / "level1" for path in written)
    assert len(ids(select(str(target)))) == len(written) > 0


def test_two_rows_of_one_number_are_named(tmp_path: Path):
    path = jsonl_of(tmp_path, [row(SOFTMAX, 23), row(LOSS, 23, name="Loss")])
    with pytest.raises(UsageError, match="level1/23"):
        select(str(path))


@pytest.mark.parametrize("form", ["separators", "mark"])
def test_jsonl_ends_its_lines_with_newlines_alone(tmp_path: Path, form: str):
    text = SOFTMAX + "\n# one\u2028two\x85three\n" if form == "separators" else SOFTMAX
    line = json.dumps(row(text, 23), ensure_ascii=False) + "\n"
    (tmp_path / "kernels.jsonl").write_text(line, "utf-8-sig" if form == "mark" else "utf-8")
    (found,) = select(str(tmp_path / "kernels.jsonl"))
    assert found.source == text


def test_an_imported_file_is_the_problem_that_it_was(tmp_path: Path):
    """By its path, it is the same text with the same digest as the row it came from."""
    path = jsonl_of(tmp_path)
    made = import_suite(str(path), tmp_path / "mine", sizes=False)
    by_row = {problem.name: problem.sha256 for problem in select(str(path))}
    assert load_problem(made.folder / "level1" / "23_Softmax.py").sha256 == by_row["Softmax"]
