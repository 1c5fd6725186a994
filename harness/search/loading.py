"""Reads strategy files. Every mistake is one line: the file, the line in it, the key, and the closest known name."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from harness.errors import AgentError, UsageError, suggestion
from harness.llm import split_model
from harness.models import sha256_hex
from harness.registry import Registry
from harness.search.archives import ARCHIVES
from harness.search.history import parse_policy
from harness.search.policies.table import POLICIES
from harness.search.strategy import Strategy

_DERIVED = ("name", "policy", "sha256", "text")
"""Fields of a strategy that are no keys of its file's top level."""
_TABLES_ELSEWHERE = ("prices", "capabilities")
"""Files in `agents/` that are no strategies."""


def list_strategies(agents_dir: Path) -> list[str]:
    """Return the names of the strategies in `agents_dir`."""
    return sorted(path.stem for path in agents_dir.glob("*.toml") if path.stem not in _TABLES_ELSEWHERE)


def load_strategy(name: str, agents_dir: Path) -> Strategy:
    """Read the strategy `name`, a stem in `agents_dir` or a path to a TOML file.

    Raises:
        AgentError: there is none, or the file is not one; names the file, the key and the closest known one.
    """
    path = Path(name) if name.endswith(".toml") else agents_dir / f"{name}.toml"
    known = list_strategies(agents_dir)
    if path.parent == agents_dir and path.stem not in known:
        raise AgentError(f"unknown agent '{name}'{suggestion(name, known)} (harness agents list)")
    try:
        data = path.read_bytes()
    except OSError as error:
        raise AgentError(f"{path}: cannot be read: {error.strerror}") from None
    try:
        text = data.decode()
        table = tomllib.loads(text)
    except ValueError as error:
        raise AgentError(f"{path}: not TOML: {error}") from None
    return _Reader(path, text).strategy(table)


class _Reader:
    """One file while it is read."""

    def __init__(self, path: Path, text: str) -> None:
        self._path = path
        self._text = text

    def strategy(self, table: dict[str, Any]) -> Strategy:
        for reserved in _DERIVED:
            if reserved in table:
                raise self._error(reserved, f"key '{reserved}' has no place there (an agent is named as its file is)")
        select = self._plugin(table.get("select"), "select", "policy", POLICIES)
        whole = {**table, "name": self._path.stem, "policy": select[0], "select": select[1]}
        if "archive" in table:
            whole["archive"] = self._plugin(table["archive"], "archive", "kind", ARCHIVES)[1]
        whole |= {"sha256": sha256_hex(self._text), "text": self._text}
        strategy: Strategy = self._validated(Strategy, whole, ())
        self._check_names(strategy)
        return strategy

    def _plugin(self, table: Any, key: str, naming: str, registry: Registry[Any]) -> tuple[str, Any]:
        """Return the name in `table` and what it makes of the rest of it."""
        if not isinstance(table, dict) or not isinstance(table.get(naming), str):
            raise self._error(key, f"[{key}] needs a {naming} (known: {', '.join(registry)})")
        options = dict(table)
        name = options.pop(naming)
        try:
            kind = registry.get(name)
        except UsageError as error:
            raise self._error(f"{key}.{naming}", f"{key}.{naming}: {error}") from None
        return name, self._validated(kind, options, (key,), also=(naming,))

    def _check_names(self, strategy: Strategy) -> None:
        """Raise AgentError where a name stands for nothing in the same file."""
        named = [(f"route.{n}.operator", rule.operator) for n, rule in enumerate(strategy.route)]
        if strategy.bootstrap.operator:
            named.append(("bootstrap.operator", strategy.bootstrap.operator))
        self._known(named, "operator", strategy.pipelines)
        models = [("router.models", name) for name in strategy.router.models]
        for key, name in [*models, *([("model", strategy.model)] if strategy.model else [])]:
            try:
                split_model(name)
            except UsageError as error:
                raise self._error(key, f"{key}: {error}", value=name) from None
        for name, steps in strategy.operators.items():
            if not any(step.writes for step in steps):
                raise self._error(f"operators.{name}", f"operators.{name}: no step has the contract code or edit")
        for key, section in strategy.sections():
            kind, _, option = section.partition(":")
            if kind == "history":
                self._check_history(key, section, option)
        dealt = [("diversity.directives", name) for name in strategy.diversity.directives]
        dealt += [("select.directives", name) for name in getattr(strategy.select, "directives", ())]
        self._known(dealt, "directive", strategy.directives)

    def _check_history(self, key: str, section: str, option: str) -> None:
        try:
            parse_policy(option)
        except AgentError as error:
            raise self._error(key, f"{key}: {error}", value=section) from None

    def _known(self, named: Iterable[tuple[str, str]], kind: str, known: Mapping[str, Any]) -> None:
        for key, name in named:
            if name not in known:
                listed = ", ".join(sorted(known)) or f"none; [{kind}s] names them"
                raise self._error(
                    key, f"{key}: unknown {kind} '{name}'{suggestion(name, known)} (known: {listed})", value=name
                )

    def _validated(
        self, kind: type[BaseModel], value: dict[str, Any], prefix: tuple[str, ...], also: tuple[str, ...] = ()
    ) -> Any:
        """Return `value` as `kind`, or raise what is wrong with it first."""
        try:
            return kind.model_validate(value)
        except ValidationError as error:
            first = error.errors()[0]
        location = [str(part) for part in first["loc"]]
        key = ".".join((*prefix, *location))
        if first["type"] == "extra_forbidden":
            known = [*_fields_at(kind, location[:-1]), *also]
            hint = suggestion(location[-1], known)
            raise self._error(key, f"unknown key '{key}'{hint} (known: {', '.join(known)})")
        raise self._error(key, f"{key}: {first['msg']}")

    def _error(self, key: str, message: str, value: str | None = None) -> AgentError:
        line = line_of(self._text, value or key.rpartition(".")[2], key)
        return AgentError(f"{self._path}: " + (f"line {line}: " if line else "") + message)


def line_of(text: str, word: str, key: str) -> int | None:
    """Return the line of a strategy file that names `word`: the first one in the table that `key` begins with, if any."""
    table = key.split(".")[0]
    inside = False
    for strict in (True, False):
        for number, line in enumerate(text.splitlines(), start=1):
            if heading := re.match(r"\s*\[+\s*([\w.\-\"]+)", line):
                inside = heading[1].split(".")[0] == table
            if (inside or not strict or table == word) and re.search(rf"(?<![\w.]){re.escape(word)}(?!\w)", line):
                return number
    return None


def _fields_at(kind: type[BaseModel], location: list[str]) -> list[str]:
    """Return the keys that the table at `location` inside `kind` may have."""
    current: Any = kind
    for part in location:
        if isinstance(current, type) and issubclass(current, BaseModel):
            if part not in current.model_fields:
                continue  # pydantic names the branch of a union as well
            current = current.model_fields[part].annotation
        elif part.isdigit() or not _models_in(current):
            continue
        found = _models_in(current)
        if found:
            current = found[0]
    if not (isinstance(current, type) and issubclass(current, BaseModel)):
        return []
    return [name for name in current.model_fields if name not in _DERIVED]


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    """Return the models that an annotation mentions: in an optional, a list or a table of them."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for argument in get_args(annotation) for model in _models_in(argument)]
