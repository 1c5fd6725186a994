"""A strategy: one TOML file in `agents/` that names a policy, operators, limits and prompt sections."""

from collections.abc import Iterator
from functools import cached_property
from typing import Literal

from pydantic import Field, SerializeAsAny

from harness.search.archives import All, Archive
from harness.search.experience import Experience
from harness.search.ledger import Limits
from harness.search.novelty import Novelty
from harness.search.operators import Operator, Recipe, Section, Size, Step, size
from harness.search.policies.base import Policy
from harness.search.router import Router
from harness.search.routing import ROUTES, Diversity, Inspirations, Route
from harness.search.state import Rules
from harness.search.tables import Table
from harness.search.terminators import Stop

WARM_START = "warm_start"
"""Operator of a node that is taken over from an earlier run: nobody is asked for it."""


class RequestLimits(Table):
    """`[request]`: limits of one call to the model."""

    max_output_tokens: int = Field(default=16_384, ge=1)
    """Tokens of one reply, reasoning included."""
    timeout_s: float = Field(default=600.0, gt=0)
    """Wall time of one try of one call."""


class PromptPlan(Table):
    """`[prompt]`: which sections a model is shown, unless a step of an operator says so itself."""

    system: tuple[str, ...] = ("system", "guide", "example")
    """Sections that are the same for every task; a provider's cache may keep them."""
    user: tuple[str, ...] = ("device", "task", "directive", "feedback", "ask")
    """Sections about this task and this attempt. An empty one is left out."""


class Loop(Table):
    """`[loop]`: how the loop turns."""

    lanes: int = Field(default=1, ge=1, le=256)
    """Sub-searches: workers, islands, branches."""
    sync: Literal["none", "batch", "round"] = "round"
    """When the next selection is made: as soon as anything is done (`none`), when `width` expansions are (`batch`), or
    when a round is (`round`). Only with `round` a search does not depend on its width, nor on who answers first."""
    width: int = Field(default=1, ge=1, le=256)
    """Expansions under way at once."""
    per_round: int | None = Field(default=None, ge=1)
    """Expansions of a round; null for as many as the policy has use for."""


class Bootstrap(Table):
    """`[bootstrap]`: drafts before the first selection."""

    n: int = Field(default=0, ge=0)
    """How many; lanes get them in turn. With 0 the policy itself begins."""
    operator: str | None = None
    """Operator that makes them; null to have it chosen by `[[route]]`."""


class Strategy(Table):
    """A whole agent, as data."""

    name: str
    """Stem of the file."""
    description: str
    """One line for `harness agents list`."""
    model: str | None = None
    """`provider/model` that is asked where nobody names another; null for the setting's."""
    policy: str
    """Name of the policy in `select`."""
    select: SerializeAsAny[Policy]
    """Which node to expand next."""
    loop: Loop = Field(default_factory=Loop)
    """Lanes, width, barrier."""
    bootstrap: Bootstrap = Field(default_factory=Bootstrap)
    """How it begins."""
    archive: SerializeAsAny[Archive] = Field(default_factory=All)
    """Who survives."""
    stop: Stop = Field(default_factory=Stop)
    """When to end."""
    lane: Limits = Field(default_factory=Limits)
    """Budget of each lane."""
    request: RequestLimits = Field(default_factory=RequestLimits)
    """Limits of one call."""
    prompt: PromptPlan = Field(default_factory=PromptPlan)
    """What is said."""
    operators: dict[str, tuple[Step, ...]] = Field(default_factory=dict)
    """Pipelines by name. `draft` and `refine` are there anyway: one question to the coder."""
    route: tuple[Route, ...] = ROUTES
    """Which operator is used when."""
    directives: dict[str, str] = Field(default_factory=dict)
    """Name -> what the model is told to do."""
    diversity: Diversity = Field(default_factory=Diversity)
    """How directives are dealt out."""
    inspirations: Inspirations = Field(default_factory=Inspirations)
    """What other nodes are shown."""
    novelty: Novelty | None = None
    """Which candidates are too similar to be judged; null for none but equal ones."""
    experience: Experience = Field(default_factory=Experience)
    """What is taken over from earlier runs."""
    router: Router = Field(default_factory=Router)
    """Which models are asked, where there are several."""
    sha256: str
    """Digest of the file."""
    text: str
    """The file."""

    @cached_property
    def pipelines(self) -> dict[str, Operator]:
        """Return every operator by name, those that are there anyway included."""
        return {"draft": (Step(),), "refine": (Step(),), **self.operators}

    @cached_property
    def sizes(self) -> dict[str, Size]:
        """Return how much an expansion by each operator may take."""
        known = {name: size(steps) for name, steps in self.pipelines.items()}
        return known | {WARM_START: Size(calls=0, proposals=1)}

    @property
    def used(self) -> frozenset[str]:
        """Names of the operators that an expansion may be routed to."""
        covered = {rule.when for rule in self.route}
        fallback = () if "any" in covered else (rule for rule in ROUTES if rule.when not in covered)
        first = {self.bootstrap.operator} if self.bootstrap.operator else set()
        return frozenset({rule.operator for rule in (*self.route, *fallback)} | first)

    @property
    def round_size(self) -> int:
        """Expansions of a round."""
        return self.loop.per_round or self.select.round_size(self.loop.lanes)

    @property
    def max_calls(self) -> int:
        """Calls of one search, at most; nodes that could not be judged aside."""
        most = max(self.sizes[name].calls for name in self.used)
        bounds = [self.stop.max_nodes * most]
        if self.stop.max_rounds is not None and self.loop.sync == "round":
            bounds.append((self.stop.max_rounds * self.round_size + self.bootstrap.n) * most)
        if self.stop.max_llm_calls is not None:
            bounds.append(self.stop.max_llm_calls)
        return min(bounds)

    def rules(self, seed: int = 0) -> Rules:
        """Return what decides how events are folded."""
        return Rules(seed=seed, lanes=self.loop.lanes, archive=self.archive, watcher=self.select)

    def recipe(self, step: Step) -> Recipe:
        """Return what `step` is shown."""
        plan = self.prompt
        return Recipe(
            system=tuple(Section(name=name) for name in plan.system) if step.system is None else step.system,
            user=tuple(Section(name=name) for name in plan.user) if step.sections is None else step.sections,
        )

    def sections(self) -> Iterator[tuple[str, str]]:
        """Yield where a prompt section is named, as a key of the file, and its name."""
        yield from (("prompt.system", name) for name in self.prompt.system)
        yield from (("prompt.user", name) for name in self.prompt.user)
        for name, steps in self.operators.items():
            for number, step in enumerate(steps):
                for key, sections in (("system", step.system), ("sections", step.sections)):
                    yield from ((f"operators.{name}.{number}.{key}", section.name) for section in sections or ())
