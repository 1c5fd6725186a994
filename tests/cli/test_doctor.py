"""`harness doctor` looks at the real machine, and never at the value of a key."""

import json
from pathlib import Path

import pytest

from harness.cli import main as cli
from harness.cli.doctor import Report, _peaks, check_folder
from harness.devices import peaks

KEY = "sk-this-must-never-be-printed"


@pytest.fixture(autouse=True)
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Folders of the test's own, and one key."""
    monkeypatch.setenv("HARNESS_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("HARNESS_RUNS_DIR", str(tmp_path / "runs"))
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)


def test_finds_what_the_quickstart_needs(capsys: pytest.CaptureFixture):
    code = cli.main(["doctor", "--json"])
    out = capsys.readouterr().out
    report = Report.model_validate(json.loads(out))
    checks = {check.name: check for check in report.checks}
    assert {"python", "torch", "triton", "compiler", "nvcc", "cores", "cache_dir", "runs_dir", "isolation"} == set(
        checks
    )
    assert code == (0 if report.ok else 3)
    assert report.ok == all(check.ok for check in report.checks)
    assert all(check.mend for check in report.checks if not check.ok)
    assert report.isolation is not None
    assert report.isolation.grade in checks["isolation"].found
    assert report.provider_keys == {"openai": True, "anthropic": False}
    assert KEY not in out


def test_every_language_that_cannot_run_says_why(capsys: pytest.CaptureFixture):
    cli.main(["doctor", "--json"])
    rows = Report.model_validate(json.loads(capsys.readouterr().out)).languages
    assert ("cpp", "cpu") in {(row.language, row.device) for row in rows}
    assert all(row.reason for row in rows if not row.runs)


def test_the_page_for_people_says_the_same(capsys: pytest.CaptureFixture):
    cli.main(["doctor"])
    out = capsys.readouterr().out
    for part in ("python", "compiler", "isolation", "cpp", "openai     set", "anthropic  not set"):
        assert part in out
    assert KEY not in out


def test_a_folder_that_cannot_be_made_is_named_with_a_way_out(tmp_path: Path):
    (tmp_path / "file").write_text("")
    check = check_folder("cache_dir", tmp_path / "file" / "cache")
    assert not check.ok
    assert str(tmp_path / "file" / "cache") in check.found
    assert check.mend is not None
    assert "HARNESS_CACHE_DIR" in check.mend


def test_a_folder_that_can_be_made_is_left_empty(tmp_path: Path):
    assert check_folder("cache_dir", tmp_path / "a" / "b").ok
    assert list((tmp_path / "a" / "b").iterdir()) == []


def test_peaks_are_told_once_they_were_measured(tmp_path: Path):
    assert list(_peaks()) == []
    rates = dict.fromkeys(("read", "write", "copy", "triad"), 2e10)
    found = peaks.Peaks(
        machine=peaks.fingerprint(),
        threads=1,
        cache_bytes={"l2": 1 << 20, "llc": 32 << 20},
        bytes_per_s=dict.fromkeys(("l1", "l2", "llc", "dram"), rates),
        gemm_flop_per_s={"float32": 1e11},
        fma_flop_per_s={"float32": 9e10},
    )
    place = peaks._place(tmp_path / "cache", found.machine, 1)
    place.parent.mkdir(parents=True)
    place.write_text(found.model_dump_json())
    (check,) = _peaks()
    assert check.found.startswith("memory 20 GB/s (read), last-level cache 20 GB/s, 100 GFLOP/s (float32 torch.mm)")
