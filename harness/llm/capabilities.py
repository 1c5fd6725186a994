"""What a model can be asked for. What it cannot is taken out of a request, with a warning, before it fails mid-run."""

import tomllib
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from harness.errors import AgentError, suggestion
from harness.llm.base import Request

FILE = "capabilities.toml"


class Capabilities(BaseModel):
    """What one model takes. The defaults are those of a model that nothing is known of: all is tried."""

    model_config: ClassVar[ConfigDict] = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    temperature: bool = True
    """Whether it has a sampling temperature."""
    efforts: tuple[str, ...] | None = None
    """Words for how hard to think; empty for a model that does not think, null where any word is passed on."""
    json_schema: bool = True
    """Whether a reply can be held to a JSON schema."""
    system: bool = True
    """Whether it takes instructions apart from the conversation."""
    max_output: int | None = Field(default=None, gt=0)
    """Most tokens that a reply can have; null where it is not known."""

    def fit(self, request: Request) -> tuple[Request, tuple[str, ...]]:
        """Return `request` without what this model does not take, and a line for each thing that was changed."""
        changes: dict[str, object] = {}
        warnings = []
        if request.temperature is not None and not self.temperature:
            changes["temperature"] = None
            warnings.append(f"temperature {request.temperature:g} is left out: the model has none")
        if request.effort is not None and self.efforts is not None and request.effort not in self.efforts:
            changes["effort"] = None
            known = ", ".join(self.efforts) or "none"
            warnings.append(f"effort '{request.effort}' is left out: the model knows {known}")
        if request.json_schema is not None and not self.json_schema:
            changes["json_schema"] = None
            warnings.append("the JSON schema is left out: the model cannot be held to one")
        if self.max_output is not None and request.max_output_tokens > self.max_output:
            changes["max_output_tokens"] = self.max_output
            warnings.append(
                f"max_output_tokens {request.max_output_tokens} is lowered to the model's {self.max_output}"
            )
        if request.system and not self.system:
            first, *rest = request.messages
            changes["system"] = ""
            changes["messages"] = (replace(first, text=f"{request.system}\n\n{first.text}"), *rest)
            warnings.append("the instructions are put before the first message: the model takes none apart")
        return (replace(request, **changes) if changes else request), tuple(warnings)  # type: ignore[arg-type]


class _Rule(Capabilities):
    match: tuple[str, ...]


@dataclass(frozen=True)
class CapabilityTable:
    """Rules by pattern of the model string; the first that fits decides."""

    rules: tuple[tuple[tuple[str, ...], Capabilities], ...]
    """Patterns such as `openai/gpt-5*`, and what holds for them."""

    @classmethod
    def load(cls, content_root: Path) -> "CapabilityTable":
        """Read `agents/capabilities.toml`.

        Raises:
            AgentError: it cannot be read or has another form; names the rule and the field.
        """
        path = content_root / "agents" / FILE
        try:
            table = tomllib.loads(path.read_text("utf-8")) if path.is_file() else {}
        except (OSError, ValueError) as error:
            raise AgentError(f"{path}: {error}") from None
        rules = []
        for index, entry in enumerate(table.pop("model", [])):
            try:
                rule = _Rule.model_validate(entry)
            except ValidationError as error:
                first = error.errors()[0]
                key = str(first["loc"][0]) if first["loc"] else ""
                hint = suggestion(key, _Rule.model_fields) if first["type"] == "extra_forbidden" else ""
                raise AgentError(f"{path}: [[model]] number {index + 1}: {key}: {first['msg']}{hint}") from None
            rules.append((rule.match, Capabilities(**rule.model_dump(exclude={"match"}))))
        if table:
            raise AgentError(f"{path}: unknown key '{next(iter(table))}' (known: model)")
        return cls(tuple(rules))

    def of(self, model: str) -> Capabilities:
        """Return what `model` takes."""
        for patterns, capabilities in self.rules:
            if any(fnmatchcase(model, pattern) for pattern in patterns):
                return capabilities
        return Capabilities()
