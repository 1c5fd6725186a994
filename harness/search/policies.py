"""Selection policies: which node to expand next. A policy is a small model; its fields are the keys of `[select]`.

Rules and names after `Selection policies` in the literature on kernel agents: `none` is repeated sampling, `last` is
the loop of KernelBench's iterative refinement (Ouyang et al., ICML 2025, section 5.1).
"""

from dataclasses import dataclass
from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field

from harness.registry import Registry
from harness.search.state import SearchState


@dataclass(frozen=True)
class Expansion:
    """One node to be made."""

    parent: str | None = None
    """Node whose candidate is shown to the model; null for a fresh draft."""


class Policy(BaseModel):
    """Chooses expansions from the state alone, so that a search that is resumed goes on as it would have."""

    model_config: ClassVar[ConfigDict] = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    def select(self, state: SearchState, want: int) -> list[Expansion]:
        """Return up to `want` expansions; none ends the search. No node of `state` is pending."""
        raise NotImplementedError


class Independent(Policy):
    """`none`: fresh drafts, until there are `n`."""

    n: int = Field(default=1, ge=1)
    """Drafts in all."""

    def select(self, state: SearchState, want: int) -> list[Expansion]:
        """Return drafts."""
        return [Expansion()] * min(want, self.n - len(state.nodes))


class Last(Policy):
    """`last`: a draft, then the most recent node again and again, whether it passed or not."""

    def select(self, state: SearchState, want: int) -> list[Expansion]:
        """Return the newest node's id; a chain has one end, so never more than one expansion."""
        newest = next(reversed(state.nodes), None)
        return [Expansion(parent=newest)][:want]


POLICIES: Registry[type[Policy]] = Registry(
    "policy", {"none": "harness.search.policies:Independent", "last": "harness.search.policies:Last"}
)
