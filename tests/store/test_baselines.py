"""Baselines on disk: read back as they were, and ignored, with the reason, where they no longer hold."""

import json
from pathlib import Path

import pytest

from harness.errors import StoreError
from harness.models import Baseline, BaselineConditions
from harness.store.baselines import BaselineStore, machine
from tests.score.test_baselines import HERE, TWICE, baseline


@pytest.fixture
def store(tmp_path: Path) -> BaselineStore:
    """A folder with one baseline."""
    made = BaselineStore(tmp_path / "baselines")
    made.write(baseline(compile=TWICE))
    return made


def changed(**updates: object) -> BaselineConditions:
    """The conditions of this machine, but for these."""
    return HERE.model_copy(update=updates)


def test_what_holds_is_read_back(store: BaselineStore):
    assert store.read(HERE) == (baseline(compile=TWICE), None)


def test_the_file_is_small_and_one_value_a_line(store: BaselineStore):
    text = store.path(HERE).read_text()
    assert json.loads(text)["forms"]["compile"]["speedup"]["median"] == 2.0
    assert len(text) < 4000
    assert max(map(len, text.splitlines())) < 120  # a change is read as a diff
    assert store.path(HERE).name == "level1-23.ci.json"
    assert store.path(HERE).parent.name.startswith("a-cpu-2-cores-")


@pytest.mark.parametrize(
    ("updates", "said"),
    [
        ({"threads": 2}, "threads 1 -> 2"),
        ({"workload_sha256": "2" * 64}, "the workload"),
        ({"versions": {**HERE.versions, "torch": "3"}}, "torch 2 -> 3"),
    ],
)
def test_what_no_longer_holds_is_ignored_with_the_reason(store: BaselineStore, updates: dict[str, object], said: str):
    found, note = store.read(changed(**updates))
    assert found is None
    assert note is not None
    assert said in note
    assert str(store.path(HERE)) in note


def test_another_machine_has_a_folder_of_its_own(store: BaselineStore):
    other = changed(device={**HERE.device, "isa": "avx512f"})
    assert machine(other) != machine(HERE)
    assert store.read(other) == (None, None)


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b'{"conditions": 1}', b"\xff\xfe"])
def test_a_damaged_file_is_ignored_with_the_reason(store: BaselineStore, data: bytes):
    store.path(HERE).write_bytes(data)
    found, note = store.read(HERE)
    assert found is None
    assert note is not None
    assert "ignored" in note
    assert len(note.splitlines()) == 1


def test_a_newer_version_is_ignored(store: BaselineStore):
    newer = baseline(compile=TWICE).model_copy(update={"schema_version": 99})
    store.write(newer)
    assert "of version 99" in (store.read(HERE)[1] or "")


def test_a_new_one_takes_the_place_of_an_earlier(store: BaselineStore):
    later = baseline(compile=TWICE, eager=TWICE)
    store.write(later)
    assert store.read(HERE)[0] == later
    assert Baseline.model_validate_json(store.path(HERE).read_bytes()) == later


def test_what_cannot_be_written_names_the_folder(tmp_path: Path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot be created"):
        BaselineStore(tmp_path / "file").write(baseline(compile=TWICE))
