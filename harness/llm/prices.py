"""What tokens cost: a dated table in `agents/prices.toml`, and a file of the user's own before it.

A model that is in neither has no price. It is never taken to be free.
"""

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from harness.errors import AgentError, suggestion
from harness.models import Usage

FILE = "prices.toml"
TABLE_VERSION = 1
"""Version of the file's form."""
FREE_PROVIDERS = ("recorded", "command", "scripted", "inductor")
"""Providers that send no bill through us."""
_MILLION = 1_000_000


class Price(BaseModel):
    """US dollars per million tokens of one model."""

    model_config: ClassVar[ConfigDict] = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    input: float = Field(ge=0)
    """Prompt tokens that are neither read from nor written to a cache."""
    cached_input: float = Field(ge=0)
    """Prompt tokens read from a cache."""
    cache_write: float = Field(ge=0)
    """Prompt tokens written to a cache, for the shortest time that the vendor offers."""
    output: float = Field(ge=0)
    """Output tokens, reasoning included."""
    dated: str = Field(pattern=r"^\d{4}-\d{2}-\d{2}$")
    """Day at which this was the price."""
    long_prompt: int | None = Field(default=None, gt=0)
    """Prompt tokens above which the whole request costs more; null where no prompt does."""
    long_input_factor: float = Field(default=1.0, ge=1)
    """How many times as much its prompt tokens cost then."""
    long_output_factor: float = Field(default=1.0, ge=1)
    """How many times as much its output tokens cost then."""

    def cost_usd(self, usage: Usage) -> float:
        """Return what one call that used `usage` costs. Reasoning is part of its output and not counted again."""
        into, out = self._factors(usage.input_uncached + usage.input_cached + usage.input_cache_write)
        prompt = (
            usage.input_uncached * self.input
            + usage.input_cached * self.cached_input
            + usage.input_cache_write * self.cache_write
        )
        return (into * prompt + out * usage.output * self.output) / _MILLION

    def bound_usd(self, input_tokens: int, max_output_tokens: int) -> float:
        """Return the most that one call can cost: every prompt token at its dearest, and a reply of full length."""
        into, out = self._factors(input_tokens)
        dearest = max(self.input, self.cached_input, self.cache_write)
        return (into * input_tokens * dearest + out * max_output_tokens * self.output) / _MILLION

    def _factors(self, prompt_tokens: int) -> tuple[float, float]:
        is_long = self.long_prompt is not None and prompt_tokens > self.long_prompt
        return (self.long_input_factor, self.long_output_factor) if is_long else (1.0, 1.0)


FREE = Price(input=0, cached_input=0, cache_write=0, output=0, dated="2026-01-01")


@dataclass(frozen=True)
class PriceTable:
    """Prices by model string, `provider/model`."""

    prices: dict[str, Price]
    """The prices."""

    @classmethod
    def load(cls, content_root: Path, override: Path | None = None) -> "PriceTable":
        """Read `agents/prices.toml` and put the models of `override` before it.

        Raises:
            AgentError: one of the files cannot be read, or has another form; names the file, the model and the field.
        """
        own = content_root / "agents" / FILE
        prices = dict(_read(own, _stamp(own))) if own.is_file() else {}
        if override is not None:
            prices |= _read(override, _stamp(override))
        return cls(prices)

    def of(self, model: str) -> Price | None:
        """Return the price of `model`, or None where it is not known."""
        if model.partition("/")[0] in FREE_PROVIDERS:
            return FREE
        return self.prices.get(model)


def price_of(model: str) -> Price | None:
    """Return the price of `model` (`provider/model`) under the settings in force, or None where it is not known.

    Raises:
        AgentError: a table of prices cannot be used.
    """
    from harness.config import Settings
    from harness.suite import content_root

    return PriceTable.load(content_root(), Settings.load().prices).of(model)


def _stamp(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError as error:
        raise AgentError(f"{path}: cannot be read: {error.strerror}") from None


@lru_cache(maxsize=8)
def _read(path: Path, stamp: int) -> dict[str, Price]:
    """Return the prices in `path`; `stamp` is its time of change, so that a file is read once."""
    try:
        table = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise AgentError(f"{path}: {error}") from None
    version = table.pop("version", None)
    if version != TABLE_VERSION:
        raise AgentError(f"{path}: version is {version!r}, this harness reads {TABLE_VERSION}")
    found: dict[str, Price] = {}
    for provider, models in table.items():
        if not isinstance(models, dict):
            raise AgentError(f"{path}: '{provider}' is not a table of models, such as [openai.\"gpt-4.1\"]")
        for name, entry in models.items():
            price, names = _entry(path, f"{provider}/{name}", entry)
            found |= {f"{provider}/{alias}": price for alias in (name, *names)}
    return found


def _entry(path: Path, model: str, entry: Any) -> tuple[Price, list[str]]:
    if not isinstance(entry, dict):
        raise AgentError(f"{path}: {model} is not a table")
    fields = dict(entry)
    names = fields.pop("also", [])
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise AgentError(f"{path}: {model}: also: a list of names is wanted")
    fields.setdefault("cached_input", fields.get("input"))
    fields.setdefault("cache_write", fields.get("input"))
    try:
        return Price.model_validate(fields), names
    except ValidationError as error:
        first = error.errors()[0]
        key = str(first["loc"][0]) if first["loc"] else ""
        hint = suggestion(key, Price.model_fields) if first["type"] == "extra_forbidden" else ""
        raise AgentError(f"{path}: {model}: {key}: {first['msg']}{hint}") from None
