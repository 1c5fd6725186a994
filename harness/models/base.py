"""What every persisted type has in common: frozen, closed, versioned, documented field by field."""

from typing import ClassVar

from pydantic import BaseModel, ConfigDict

SCHEMA_VERSION = 1
"""Version of the persisted types. A reader refuses a newer one; an older one is migrated by `harness.store`."""


class Record(BaseModel):
    """A persisted value: immutable, without unknown fields, its docstrings carried into the JSON schema."""

    model_config: ClassVar[ConfigDict] = ConfigDict(
        frozen=True, extra="forbid", use_attribute_docstrings=True, ser_json_inf_nan="strings"
    )
