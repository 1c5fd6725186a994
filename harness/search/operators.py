"""Operators: small pipelines of questions to a model, as data. `[[operators.NAME]]` in a strategy is one step each.

One call is the simplest operator. Judge then coder, plan then code, propose and filter, ideas then code are others:
steps, with what each may say and how often it is asked.
"""

import json
from typing import Any, Literal

from pydantic import Field, model_validator

from harness.search.tables import Table


class Section(Table):
    """One section of a prompt: its name, or `{name = "history:table", tokens = 800}`."""

    name: str
    """Template `agents/prompts/<name>.md.jinja`, or one of the same name in the language's folder. What stands behind a
    colon is the section's own option: `history:window(8)`."""
    tokens: int | None = Field(default=None, ge=1)
    """Most tokens that it may take; null for the section's own limit."""

    @model_validator(mode="before")
    @classmethod
    def _from_name(cls, value: Any) -> Any:
        return {"name": value} if isinstance(value, str) else value


class Recipe(Table):
    """What one step is shown: sections in order, static ones first, so that a provider's cache can keep them."""

    system: tuple[Section, ...] = ()
    """Sections of the instructions, the same for every task of a run."""
    user: tuple[Section, ...] = ()
    """Sections about this task and this attempt. An empty one is left out."""


class Step(Table):
    """One question of a pipeline."""

    role: str = Field(default="coder", pattern=r"^[a-z][a-z0-9_]*$")
    """Who is asked; also the name under which later steps see the answer."""
    contract: Literal["code", "edit", "json", "tools"] = "code"
    """What the reply has to be: the whole module, search/replace blocks against the parent, or one JSON object. With `tools`
    there are several replies, each of which may ask for something, until one hands in the module."""
    turns: int = Field(default=6, ge=1, le=64)
    """For `tools`: most replies; the last one has to hand in."""
    drafts: int = Field(default=2, ge=0, le=64)
    """For `tools`: most evaluations before that."""
    system: tuple[Section, ...] | None = None
    """Sections of the instructions; null for those of `[prompt]`."""
    sections: tuple[Section, ...] | None = None
    """Sections of the question; null for those of `[prompt]`."""
    fields: dict[str, str | bool | list[str]] = Field(default_factory=dict)
    """For `json`: name -> description of a text, a list that holds the description of its texts, or true for a yes
    or no. They are asked of the provider as a JSON schema."""
    fan_out: int = Field(default=1, ge=1, le=64)
    """How often it is asked for each branch so far; each answer is a branch of its own."""
    spread: str | None = None
    """For the calls of one branch: a list in the notes, `role.field`, of which call number n is shown item n."""
    filter: bool = False
    """Whether the answers are votes on the branches so far (`json` with `passes`), and make no branches."""
    keep: int | None = Field(default=None, ge=1, le=64)
    """Most branches that go on after it: of votes those with the most, otherwise the first."""
    remember: bool = False
    """Whether the lists `try` and `avoid` of its JSON become lessons of the whole search."""

    @model_validator(mode="after")
    def _fits_together(self) -> "Step":
        if self.filter and self.contract != "json":
            raise ValueError("a filter's contract is json, with a field passes = true")
        if self.fields and self.contract != "json":
            raise ValueError("only a step with the contract json has fields")
        if self.remember and self.contract != "json":
            raise ValueError("only a step with the contract json can be remembered")
        if self.filter and self.spread:
            raise ValueError("a filter sees every branch, so that it has nothing to spread")
        return self

    @property
    def writes(self) -> bool:
        """Whether it hands in a candidate."""
        return self.contract != "json"

    @property
    def asks(self) -> int:
        """Calls for one answer, at most: JSON that cannot be read is asked for once more."""
        return {"json": 2, "tools": self.turns}.get(self.contract, 1)

    @property
    def draws(self) -> int:
        """Calls for one answer, at most, asking again left aside."""
        return self.turns if self.contract == "tools" else 1

    def json_schema(self) -> dict[str, Any] | None:
        """Return the schema of its reply; null where nothing is known of it."""
        if not self.fields:
            return None
        properties = {name: _property(kind) for name, kind in self.fields.items()}
        return {
            "type": "object",
            "properties": properties,
            "required": list(properties),
            "additionalProperties": False,
        }


Operator = tuple[Step, ...]
"""Steps, in order."""


class Size(Table):
    """How much one expansion may take."""

    calls: int
    """Calls to the model."""
    proposals: int
    """Candidates, and with them evaluations."""
    drafts: int = 0
    """Evaluations besides these."""


def size(operator: Operator) -> Size:
    """Return the most that one expansion by `operator` may take."""
    branches, calls, drafts = 1, 0, 0
    for step in operator:
        calls += branches * step.fan_out * step.asks
        drafts += branches * step.fan_out * step.drafts if step.contract == "tools" else 0
        if not step.filter:
            branches *= step.fan_out
        branches = min(branches, step.keep or branches)
    return Size(calls=calls, proposals=branches, drafts=drafts)


def describe(schema: dict[str, Any] | None) -> str:
    """Return a schema as text for a model."""
    return json.dumps(schema, indent=1, ensure_ascii=False) if schema else "one JSON object"


def _property(kind: str | bool | list[str]) -> dict[str, Any]:
    if isinstance(kind, bool):
        return {"type": "boolean"}
    if isinstance(kind, list):
        items: dict[str, Any] = {"type": "string"}
        return {"type": "array", "items": items | ({"description": kind[0]} if kind else {})}
    return {"type": "string", "description": kind}
