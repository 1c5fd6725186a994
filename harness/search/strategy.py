"""A strategy: one TOML file in `agents/` that names a policy, limits and prompt sections. Reading it checks it."""

import tomllib
from pathlib import Path
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from harness.errors import AgentError, UsageError, suggestion
from harness.models import sha256_hex
from harness.search.policies import POLICIES, Policy
from harness.search.state import SearchState

_DERIVED = ("name", "policy", "sha256", "text")
"""Fields of a strategy that are no keys of its file's top level."""


class _Table(BaseModel):
    model_config: ClassVar[ConfigDict] = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Stop(_Table):
    """`[stop]`: the search ends at whichever holds first."""

    max_nodes: int = Field(default=1, ge=1, le=100_000)
    """Nodes in all, failed ones included."""
    target_speedup: float | None = Field(default=None, gt=0)
    """Lower end of the interval at which a correct kernel is fast enough; null for never."""

    def reason(self, state: SearchState) -> str | None:
        """Return why the search should end now, or None. No node of `state` is pending."""
        best = state.best
        speedup = best.verdict.speedup if best else None
        if self.target_speedup is not None and speedup is not None and speedup.low >= self.target_speedup:
            return f"target speedup {self.target_speedup:g} reached"
        if len(state.nodes) >= self.max_nodes:
            return f"{self.max_nodes} of {self.max_nodes} attempts used"
        return None


class RequestLimits(_Table):
    """`[request]`: limits of one call to the model."""

    max_output_tokens: int = Field(default=16_384, ge=1)
    """Tokens of one reply, reasoning included."""
    timeout_s: float = Field(default=600.0, gt=0)
    """Wall time of one try of one call."""


class PromptPlan(_Table):
    """`[prompt]`: which sections a model is shown; each is a template in `agents/prompts/`."""

    system: tuple[str, ...] = ("system", "guide", "example")
    """Sections that are the same for every task; a provider's cache may keep them."""
    user: tuple[str, ...] = ("device", "task", "feedback", "ask")
    """Sections about this task and this attempt. An empty one is left out."""


class Strategy(_Table):
    """A whole agent, as data."""

    name: str
    """Stem of the file."""
    description: str
    """One line for `harness agents list`."""
    policy: str
    """Name of the policy in `select`."""
    select: Policy
    """Which node to expand next."""
    stop: Stop = Field(default_factory=Stop)
    """When to end."""
    request: RequestLimits = Field(default_factory=RequestLimits)
    """Limits of one call."""
    prompt: PromptPlan = Field(default_factory=PromptPlan)
    """What is said."""
    sha256: str
    """Digest of the file."""
    text: str
    """The file."""


def list_strategies(agents_dir: Path) -> list[str]:
    """Return the names of the strategies in `agents_dir`."""
    return sorted(path.stem for path in agents_dir.glob("*.toml"))


def load_strategy(name: str, agents_dir: Path) -> Strategy:
    """Read the strategy `name`, a stem in `agents_dir` or a path to a TOML file.

    Raises:
        AgentError: there is none, or the file is not one; names the file, the key and the closest known one.
    """
    path = Path(name) if name.endswith(".toml") else agents_dir / f"{name}.toml"
    try:
        data = path.read_bytes()
    except OSError as error:
        known = list_strategies(agents_dir)
        if path.parent != agents_dir or name in known:
            raise AgentError(f"{path}: cannot be read: {error.strerror}") from None
        raise AgentError(f"unknown agent '{name}'{suggestion(name, known)} (harness agents list)") from None
    try:
        text = data.decode()
        table = tomllib.loads(text)
    except ValueError as error:
        raise AgentError(f"{path}: not TOML: {error}") from None
    return _build(path, text, table)


def _build(path: Path, text: str, table: dict[str, Any]) -> Strategy:
    for reserved in _DERIVED:
        if reserved in table:
            raise AgentError(f"{path}: key '{reserved}' has no place there (an agent is named as its file is)")
    select = table.get("select")
    if not isinstance(select, dict) or not isinstance(select.get("policy"), str):
        raise AgentError(f"{path}: [select] needs a policy (known: {', '.join(POLICIES)})")
    options = dict(select)
    name = options.pop("policy")
    try:
        policy_type = POLICIES.get(name)
    except UsageError as error:
        raise AgentError(f"{path}: select.policy: {error}") from None
    policy = _validated(path, policy_type, options, ("select",), also=("policy",))
    digest = sha256_hex(text)
    whole = table | {"name": path.stem, "policy": name, "select": policy, "sha256": digest, "text": text}
    strategy: Strategy = _validated(path, Strategy, whole, ())
    return strategy


def _validated(
    path: Path, kind: type[BaseModel], value: dict[str, Any], prefix: tuple[str, ...], also: tuple[str, ...] = ()
) -> Any:
    """Return `value` as `kind`; on a mistake name the file, the key, and the closest key where it is unknown."""
    try:
        return kind.model_validate(value)
    except ValidationError as error:
        first = error.errors()[0]
    location = [str(part) for part in first["loc"]]
    key = ".".join((*prefix, *location))
    if first["type"] == "extra_forbidden":
        known = [*_fields_at(kind, location[:-1]), *also]
        raise AgentError(f"{path}: unknown key '{key}'{suggestion(location[-1], known)} (known: {', '.join(known)})")
    raise AgentError(f"{path}: {key}: {first['msg']}")


def _fields_at(kind: type[BaseModel], location: list[str]) -> list[str]:
    """Return the keys that the table at `location` inside `kind` may have."""
    for part in location:
        annotation = kind.model_fields[part].annotation
        if not (isinstance(annotation, type) and issubclass(annotation, BaseModel)):
            return []
        kind = annotation
    return [name for name in kind.model_fields if name not in _DERIVED]
