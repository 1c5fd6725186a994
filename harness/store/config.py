"""`config.toml` and `lock.json` of a run: written once, whole; read back with every complaint on one line."""

import json
import tomllib
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from harness.errors import StoreError
from harness.models import SCHEMA_VERSION, Lock, Record, RunConfig
from harness.store.files import store_errors, write_atomically

R = TypeVar("R", bound=Record)


def write_config(path: Path, config: RunConfig) -> None:
    """Write `config` as TOML."""
    write_atomically(path, toml_text(config.model_dump(mode="json", exclude_none=True)).encode())


def read_config(path: Path) -> RunConfig:
    """Read `config.toml`.

    Raises:
        StoreError: it is missing, damaged, or of a newer version of the harness.
    """
    with store_errors(path, "read"):
        text = path.read_bytes().decode("utf-8", "replace")
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise StoreError(f"{path}: not TOML: {error}") from None
    return _validated(path, RunConfig, data)


def write_lock(path: Path, lock: Lock) -> None:
    """Write `lock` as JSON."""
    write_atomically(path, (json.dumps(lock.model_dump(mode="json"), indent=2) + "\n").encode())


def read_lock(path: Path) -> Lock:
    """Read `lock.json`.

    Raises:
        StoreError: it is missing, damaged, or of a newer version of the harness.
    """
    with store_errors(path, "read"):
        text = path.read_bytes()
    try:
        data = json.loads(text)
    except ValueError as error:
        raise StoreError(f"{path}: not JSON: {error}") from None
    return _validated(path, Lock, data)


def toml_text(table: dict[str, Any]) -> str:
    """Return `table` as TOML 1.0: strings, numbers, booleans, lists of these, and tables."""
    plain = {key: value for key, value in table.items() if not isinstance(value, dict)}
    lines = [f"{key} = {_toml_value(value)}" for key, value in plain.items()]
    for key, value in table.items():
        if isinstance(value, dict):
            lines += ["", f"[{key}]", toml_text(value).rstrip("\n")]
    return "\n".join(lines) + "\n"


def _toml_value(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_toml_value, value))}]"
    if isinstance(value, str):
        # JSON's escapes are TOML's; DEL is the one control character that JSON leaves alone and TOML forbids.
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return json.dumps(value)


def _validated(path: Path, kind: type[R], data: Any) -> R:
    version = data.get("schema_version") if isinstance(data, dict) else None
    if isinstance(version, int) and version > SCHEMA_VERSION:
        raise StoreError(f"{path}: written by a newer harness (schema {version}, this one reads {SCHEMA_VERSION})")
    try:
        return kind.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        raise StoreError(f"{path}: {'.'.join(map(str, first['loc'])) or 'file'}: {first['msg']}") from None
