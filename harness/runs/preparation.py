"""Turns a request into everything that a run needs, with every mistake in it found before anything is written."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

from harness.devices import DEVICES
from harness.errors import AgentError, UsageError
from harness.languages import LANGUAGES, device_for
from harness.llm import Provider, check_new_recording, make_provider, provider_options
from harness.llm.prices import Price, price_of
from harness.models import Problem, RunConfig, Workload
from harness.runs.plan import Plan, make_plan
from harness.search import Answers, PromptLibrary, Strategy, load_strategy
from harness.search.loading import line_of
from harness.suite import content_root, select, workload

if TYPE_CHECKING:
    from harness.config import Settings

PROFILE = "profile"
"""Section that says where the time of the parent goes."""


@dataclass(frozen=True)
class Prepared:
    """A run that can begin."""

    config: RunConfig
    """What was asked for."""
    problems: tuple[Problem, ...]
    """What is asked of the model, in order."""
    workloads: Mapping[str, Workload]
    """Problem id -> the text that is shown and graded."""
    strategy: Strategy
    """How it is searched."""
    prompts: PromptLibrary
    """What is said."""
    device: Mapping[str, str]
    """Facts about the machine that a model is told."""
    content: Path
    """Folder that holds `problems/` and `agents/`."""

    def provider(self) -> Provider:
        """Return the model, after finding out that it can be asked these problems.

        Raises:
            ProviderError: the key is missing.
            AgentError: there is no recording of a problem.
        """
        return self._provider(self.config.model)

    def routed(self) -> dict[str, Answers]:
        """Return the models that the strategy chooses among, each after the same examination; none where it does not.

        Raises:
            As `provider`.
        """
        return {
            name: Answers(self._provider(name), partial(_bound_usd, price_of(name)))
            for name in self.strategy.router.models
        }

    def check_models(self) -> None:
        """Find out, without a call, whether everyone who is to be asked can be asked.

        Raises:
            As `provider`.
        """
        if not self.routed():
            self.provider()

    def _provider(self, model: str) -> Provider:
        options = provider_options(self.content)
        record = options.recording(self.config.record) if self.config.record else None
        provider = make_provider(model, self.content, options, record)
        provider.check(self.config.problems, self.config.language)
        return provider

    def bound_usd(self, prompt_tokens: int, output_tokens: int) -> float | None:
        """Return the most that one call to the model can cost; null where its price is not known."""
        return _bound_usd(self._price, prompt_tokens, output_tokens)

    @cached_property
    def _price(self) -> Price | None:
        return price_of(self.config.model)

    def plan(self) -> Plan:
        """Return what the run will do."""
        prompt_chars = {problem.id: self._prompt_chars(problem) for problem in self.problems}
        return make_plan(self.config, self.problems, self.strategy, prompt_chars)

    def _prompt_chars(self, problem: Problem) -> int:
        variables = {
            "language": self.config.language,
            "device": dict(self.device),
            "workload": self.workloads[problem.id],
            "attempt": {"number": 1, "total": self.strategy.stop.max_nodes},
            "parent": None,
            "best": None,
        }
        plan = self.strategy.prompt
        prompt = self.prompts.compose(plan.system, plan.user, self.config.language, variables)
        return len(prompt.system) + sum(len(message.text) for message in prompt.messages)


def make_config(selection: str, settings: "Settings", record: str | None = None) -> RunConfig:
    """Return the request for a run of `selection` under `settings`, whose replies are kept as the recording `record`.

    Raises:
        UsageError: the selection names no problem, or there is such a recording already.
    """
    if record is not None:
        check_new_recording(record, provider_options(content_root()))
    return RunConfig(
        suite=_absolute_paths(selection),
        problems=[problem.id for problem in select(selection)],
        tier=settings.tier,
        language=settings.language,
        agent=settings.agent,
        model=asked_model(settings, content_root()),
        samples=settings.samples,
        threads=settings.threads,
        seed=settings.seed,
        max_cost_usd=settings.max_cost_usd,
        record=record,
        options=settings.eval_options(),
    )


def asked_model(settings: "Settings", content: Path) -> str:
    """Return who is asked: whom the settings name, else whom the agent does."""
    if "model" in settings.model_fields_set:
        return settings.model
    return load_strategy(settings.agent, content / "agents").model or settings.model


def prepare(config: RunConfig) -> Prepared:
    """Load what `config` names.

    Raises:
        UsageError: a problem, tier, agent, prompt section or language in it does not exist.
    """
    content = content_root()
    LANGUAGES.get(config.language)
    problems = _problems(config)
    strategy = load_strategy(config.agent, content / "agents")
    prompts = PromptLibrary(content / "agents" / "prompts")
    _check_sections(strategy, prompts, config.language)
    _check_price(config, strategy)
    return Prepared(
        config=_profiling(config, strategy),
        problems=problems,
        workloads={problem.id: workload(problem, config.tier) for problem in problems},
        strategy=strategy,
        prompts=prompts,
        device=device_facts(config.threads, config.language),
        content=content,
    )


def _profiling(config: RunConfig, strategy: Strategy) -> RunConfig:
    """Return `config` with profiles, where the strategy shows a section that needs them."""
    if config.options.profile or all(name != PROFILE for _, name in strategy.sections()):
        return config
    return config.model_copy(update={"options": config.options.model_copy(update={"profile": True})})


def _check_sections(strategy: Strategy, prompts: PromptLibrary, language: str) -> None:
    """Raise AgentError, naming the agent and the key, where a strategy shows a section that there is no template of."""
    for key, name in strategy.sections():
        try:
            prompts.check((name,), language)
        except AgentError as error:
            line = line_of(strategy.text, name, key)
            where = f"agent {strategy.name}: " + (f"line {line}: " if line else "")
            raise AgentError(f"{where}{key}: {error}") from None


def _check_price(config: RunConfig, strategy: Strategy) -> None:
    """Raise UsageError where a limit on cost could not be kept, as nobody knows what the model costs."""
    limited = config.max_cost_usd is not None or strategy.stop.max_cost_usd is not None
    for model in strategy.router.models or (config.model,):
        if limited and price_of(model) is None:
            raise UsageError(
                f"no price is known for {model}, so that a limit on cost cannot be kept - "
                "add it to a price file (HARNESS_PRICES), or drop the limit"
            )


def _bound_usd(price: Price | None, prompt_tokens: int, output_tokens: int) -> float | None:
    return price.bound_usd(prompt_tokens, output_tokens) if price else None


def device_facts(threads: int, language: str) -> dict[str, str]:
    """Return what a model is told of the device that its kernels will run on."""
    try:
        device = device_for(language)
    except UsageError:  # a prompt can be made where its answer cannot be judged
        return {}
    facts = DEVICES.get(device)()
    return facts | {"threads": str(threads)} if device == "cpu" else facts


def _problems(config: RunConfig) -> tuple[Problem, ...]:
    """Return the problems that `config` lists, by name; a selection may have grown since it was written."""
    found = {problem.id: problem for problem in select(config.suite)}
    return tuple(found[name] if name in found else select(name)[0] for name in config.problems)


def _absolute_paths(selection: str) -> str:
    """Make the paths in a selection absolute, so that the run can be resumed from another folder."""
    parts = (part.strip() for part in selection.split(","))
    return ",".join(str(Path(part).expanduser().resolve()) if part.endswith(".py") else part for part in parts if part)
