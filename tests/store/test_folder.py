"""The run folder: its names, finding it again, its artefacts, its two documents."""

from datetime import datetime
from pathlib import Path

import pytest

from harness.errors import StoreError, UsageError
from harness.models import EvalOptions, Lock, RunConfig, Tier
from harness.store import Artifacts, RunFolder, read_config, read_lock, write_config, write_lock
from tests.store.test_log import file_size_limit, unprivileged

NOON = datetime(2026, 1, 2, 12, 30, 45)
CONFIG = RunConfig(suite="quickstart", problems=["level1/23", "level2/86"], tier=Tier.CI)


def make_run(runs_dir: Path, suite: str = "quickstart", now: datetime = NOON) -> RunFolder:
    folder = RunFolder.create(runs_dir, suite, now)
    write_config(folder.config, CONFIG)
    return folder


def test_an_id_says_when_and_what(tmp_path: Path):
    folder = RunFolder.create(tmp_path / "runs", "level1/23,/home/me/My Problem.py", NOON)
    assert folder.path.is_dir()
    prefix, _, suffix = folder.id.rpartition("-")
    assert prefix == "20260102-123045-level1-23-home-me-my-problem-py"
    assert len(suffix) == 4
    assert int(suffix, 16) >= 0


def test_runs_are_found_by_id_path_and_latest(tmp_path: Path):
    older = make_run(tmp_path)
    newer = make_run(tmp_path, now=NOON.replace(hour=13))
    RunFolder.create(tmp_path, "empty", NOON.replace(hour=14))  # killed before it wrote its config
    assert RunFolder.find("latest", tmp_path) == newer
    assert RunFolder.find(older.id, tmp_path).path == older.path
    assert RunFolder.find(str(older.path), tmp_path / "elsewhere").path == older.path
    with pytest.raises(UsageError, match=f"unknown run .* did you mean '{older.id}'"):
        RunFolder.find(older.id[:-1], tmp_path)
    with pytest.raises(UsageError, match=r"no run in .* yet"):
        RunFolder.find("latest", tmp_path / "nothing")


def test_artefacts_are_named_by_their_content(tmp_path: Path):
    store = Artifacts(tmp_path)
    digest = store.put(b"abc")
    assert digest == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"  # FIPS 180-2, appendix B.1
    assert store.put(b"abc") == digest
    assert [path.name for path in tmp_path.iterdir()] == [digest]
    assert store.get(digest) == b"abc"
    (tmp_path / digest).write_bytes(b"abd")
    with pytest.raises(StoreError, match="damaged"):
        store.get(digest)
    with pytest.raises(StoreError, match="cannot be read: No such file"):
        store.get("0" * 64)


def test_a_full_disk_leaves_no_half_artefact(tmp_path: Path):
    with file_size_limit(10), pytest.raises(StoreError, match=r"cannot be written: .*ulimit -f"):
        Artifacts(tmp_path).put(b"x" * 100)
    assert list(tmp_path.iterdir()) == []


def test_folders_without_permission(tmp_path: Path):
    tmp_path.chmod(0o555)
    with unprivileged():
        with pytest.raises(StoreError, match="cannot be created: Permission denied"):
            RunFolder.create(tmp_path / "runs", "quickstart")
        with pytest.raises(StoreError, match="cannot be written: Permission denied"):
            Artifacts(tmp_path).put(b"x")


def test_a_runs_dir_that_is_a_file(tmp_path: Path):
    (tmp_path / "runs").write_text("")
    with pytest.raises(StoreError, match="cannot be created: File exists"):
        RunFolder.create(tmp_path / "runs", "quickstart")


@pytest.mark.parametrize("suite", ["quickstart", 'a "b" \\ \x7f \x01\n/Ünï', "level1/23,level2/86"])
def test_config_survives_toml(tmp_path: Path, suite: str):
    config = CONFIG.model_copy(update={"suite": suite, "options": EvalOptions(timing_budget_s=2.5, time_it=False)})
    write_config(tmp_path / "config.toml", config)
    assert read_config(tmp_path / "config.toml") == config
    assert config.eval_options().tier is Tier.CI


def test_lock_survives_json(tmp_path: Path):
    lock = Lock(harness_version="1", problems={"level1/23": "d"}, agent_sha256="a", prompts_sha256="p")
    write_lock(tmp_path / "lock.json", lock)
    assert read_lock(tmp_path / "lock.json") == lock


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("suite = ", "not TOML"),
        ('suite = "x"\n', "problems: Field required"),
        ('suite = "x"\nproblems = []\ncolour = 1\n', "colour: Extra inputs"),
        ("schema_version = 9\n", "written by a newer harness (schema 9, this one reads 1)"),
    ],
)
def test_a_damaged_config_is_one_line(tmp_path: Path, text: str, message: str):
    path = tmp_path / "config.toml"
    path.write_text(text)
    with pytest.raises(StoreError) as caught:
        read_config(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert message in str(caught.value)
