"""The persisted types mean what they meant: a change of schema is seen in review."""

import json

import pytest

from harness.models import SCHEMA_VERSION, Record
from tests.models.update import SNAPSHOTS, records, render

ADVICE = "schema changed; if that is meant, run `python -m tests.models.update` and think about SCHEMA_VERSION"


@pytest.mark.parametrize("name", sorted(records()))
def test_schema_is_the_snapshot(name: str):
    assert json.loads((SNAPSHOTS / f"{name}.json").read_text("utf-8")) == json.loads(render(records()[name])), ADVICE


def test_there_is_one_snapshot_per_type():
    assert {path.stem for path in SNAPSHOTS.glob("*.json")} == set(records())


@pytest.mark.parametrize("record", records().values(), ids=lambda record: record.__name__)
def test_every_type_is_frozen_closed_and_documented(record: type[Record]):
    schema = record.model_json_schema(mode="serialization")
    assert record.model_config["frozen"]
    assert schema["additionalProperties"] is False
    assert schema["description"]
    undocumented = [name for name, field in record.model_fields.items() if not field.description]
    assert not undocumented


def test_versioned_types_carry_the_version():
    versioned = [record for record in records().values() if "schema_version" in record.model_fields]
    assert len(versioned) >= 4
    assert {record.model_fields["schema_version"].default for record in versioned} == {SCHEMA_VERSION}
