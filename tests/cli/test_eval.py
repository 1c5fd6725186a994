"""`harness eval`: what it accepts, what it prints, what it exits with. Judging itself has tests of its own."""

import hashlib
import io
import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from harness.cli import main as cli
from harness.cli.describe import describe
from harness.cli.eval import exit_code, read_candidate
from harness.cli.output import emit_json
from harness.errors import UsageError
from harness.models import ErrorStats, Evidence, Measurement, Speedup, Stage, Status, Tier, Verdict
from tests.fakes import make_roofline


def verdict(status: Status, median: float | None = None) -> Verdict:
    """A verdict of `status`, with a speedup where `median` is given."""
    timed = median is not None
    return Verdict(
        status=status,
        stage=Stage.DONE if status is Status.CORRECT else Stage.CORRECTNESS,
        problem_id="level1/23",
        tier=Tier.CI,
        candidate_sha256="0" * 64,
        workload_sha256="1" * 64,
        evidence=Evidence(
            what="a value differs", where="output[3, 7]", expected="0.25", got="0.5", log="line 1\nline 2"
        ),
        speedup=Speedup(median=median, low=median - 0.1, high=median + 0.1) if timed else None,
        measurement=Measurement(
            candidate_ns=[1], reference_ns=[2], candidate_worker_ns=[1], block=[0], doorbell_ns=1, threads=1
        )
        if timed
        else None,
    )


@pytest.mark.parametrize(
    ("found", "fail_under", "code"),
    [
        (verdict(Status.CORRECT, 2.0), None, 0),
        (verdict(Status.CORRECT, 0.5), None, 0),
        (verdict(Status.VALUE_MISMATCH), None, 1),
        (verdict(Status.BUILD_ERROR), None, 1),
        (verdict(Status.INFRA_ERROR), None, 3),
        (verdict(Status.INFRA_ERROR), 1.0, 3),
        (verdict(Status.CORRECT, 2.0), 2.0, 0),
        (verdict(Status.CORRECT, 2.0), 2.1, 1),
        (verdict(Status.VALUE_MISMATCH), 0.0, 1),
        (verdict(Status.CORRECT), 0.0, 0),
        (verdict(Status.CORRECT), 1.0, 1),
        (verdict(Status.INCONCLUSIVE), 0.0, 3),
    ],
)
def test_exit_codes(found: Verdict, fail_under: float | None, code: int):
    assert exit_code(found, fail_under) == code


def test_a_verdict_in_words_has_its_evidence():
    text = describe(verdict(Status.VALUE_MISMATCH))
    for part in ("value_mismatch", "level1/23", "a value differs", "output[3, 7]", "0.25", "0.5", "| line 2"):
        assert part in text
    assert "speedup" not in text


def test_a_correct_verdict_in_words_has_its_interval_and_no_log():
    text = describe(verdict(Status.CORRECT, 1.5))
    assert "speedup 1.500 [1.400, 1.600] over eager" in text
    assert "line 2" not in text


def test_a_candidate_is_read_as_it_is(tmp_path: Path):
    path = tmp_path / "c.py"
    path.write_bytes("# é\nclass ModelNew: ...\n".encode())
    candidate = read_candidate(str(path), "cpp")
    assert candidate.source == path.read_text("utf-8")
    assert candidate.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert (candidate.language, candidate.entry, candidate.origin) == ("cpp", "ModelNew", str(path))


def test_a_dash_reads_stdin(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(b"x = 1\n")))
    assert read_candidate("-", "cpp").source == "x = 1\n"


def test_a_candidate_that_is_not_text_is_a_usage_error(tmp_path: Path):
    (tmp_path / "c.py").write_bytes(b"\xff")
    with pytest.raises(UsageError, match=r"not UTF-8 text \(byte 0\)"):
        read_candidate(str(tmp_path / "c.py"), "cpp")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["level1/23", "no-such-file.py"], "candidate no-such-file.py: No such file or directory"),
        (["level1/23", "."], "candidate .: Is a directory"),
        (["softmx", "c.py"], "unknown problem 'softmx' - did you mean 'level1/23' (Softmax)?"),
        (["nothing.py", "c.py"], "nothing.py: no such file"),
        (["upstream.py", "c.py", "--tier", "ci"], "upstream has no tier 'ci' (it has: gpu)"),
        (["level1/23", "c.py", "--threads", "0"], "bad value 0 for --threads"),
        (["level1/23", "c.py", "--overlay", "o.toml"], "overlay o.toml: no such file"),
    ],
)
def test_bad_input_is_one_line_and_starts_nothing(
    arguments: list[str], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
):
    monkeypatch.chdir(tmp_path)
    Path("c.py").write_text("class ModelNew: ...\n")
    Path("upstream.py").write_text("class Model: ...\ndef get_inputs(): ...\ndef get_init_inputs(): ...\n")
    assert cli.main(["eval", *arguments]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert message in err
    assert len(err.splitlines()) == 1


def test_infinity_deep_in_a_verdict_is_printed_as_a_string(capsys: pytest.CaptureFixture[str]):
    """A nonfinite output after calls that compared well leaves infinite errors in the record."""
    emit_json({"error": ErrorStats(max_abs=float("inf"), worst_ratio=float("inf"), reference_max_abs=0.0)})
    assert json.loads(capsys.readouterr().out)["error"]["max_abs"] == "inf"


def test_the_roofline_is_told_with_the_peak_it_comes_from():
    found = verdict(Status.CORRECT, 2.0).model_copy(update={"roofline": make_roofline(2.0, 400_000)})
    text = describe(found)
    assert "roofline: memory allows 0.4 ms (4 MB at 10 GB/s of dram, measured here)" in text
    assert "reaches 40% of that speed, eager 20%; at most 2.5 times as fast is possible; SOL score 0.73" in text
    found = verdict(Status.CORRECT, 2.0).model_copy(update={"roofline": make_roofline(2.0, 400_000, "compute")})
    assert "compute allows 0.4 ms (0.004 GFLOP at 100 GFLOP/s of float32 torch.mm, measured here)" in describe(found)


def test_beyond_the_roofline_says_what_that_means():
    beyond = verdict(Status.CORRECT, 9.0).model_copy(update={"roofline": make_roofline(9.0, 3_000_000)})
    assert "reaches 300% of that speed, eager 33%: beyond the bound, so less was to be done" in describe(beyond)
    assert "SOL score 1.00" in describe(beyond)
    disproved = verdict(Status.CORRECT, 1.0).model_copy(update={"roofline": make_roofline(1.0, 3_000_000)})
    assert "no SOL score" in describe(disproved)
