"""Turns a request into everything that a run needs, with every mistake in it found before anything is written."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from harness.devices import DEVICES
from harness.languages import LANGUAGES
from harness.llm import Provider, make_provider
from harness.models import Problem, RunConfig, Workload
from harness.runs.plan import Plan, make_plan
from harness.search import PromptLibrary, Strategy, load_strategy
from harness.suite import content_root, select, workload

if TYPE_CHECKING:
    from harness.config import Settings


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
        provider = make_provider(self.config.model, self.content)
        provider.check(self.config.problems, self.config.language)
        return provider

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


def make_config(selection: str, settings: "Settings") -> RunConfig:
    """Return the request for a run of `selection` under `settings`.

    Raises:
        UsageError: the selection names no problem.
    """
    return RunConfig(
        suite=_absolute_paths(selection),
        problems=[problem.id for problem in select(selection)],
        tier=settings.tier,
        language=settings.language,
        agent=settings.agent,
        model=settings.model,
        samples=settings.samples,
        threads=settings.threads,
        options=settings.eval_options(),
    )


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
    prompts.check((*strategy.prompt.system, *strategy.prompt.user), config.language)
    return Prepared(
        config=config,
        problems=problems,
        workloads={problem.id: workload(problem, config.tier) for problem in problems},
        strategy=strategy,
        prompts=prompts,
        device=device_facts(config.threads),
        content=content,
    )


def device_facts(threads: int) -> dict[str, str]:
    """Return what a model is told of the machine that its kernels will run on."""
    facts = DEVICES.get("cpu")()
    return facts | {"threads": str(threads)}


def _problems(config: RunConfig) -> tuple[Problem, ...]:
    """Return the problems that `config` lists, by name; a selection may have grown since it was written."""
    found = {problem.id: problem for problem in select(config.suite)}
    return tuple(found[name] if name in found else select(name)[0] for name in config.problems)


def _absolute_paths(selection: str) -> str:
    """Make the paths in a selection absolute, so that the run can be resumed from another folder."""
    parts = (part.strip() for part in selection.split(","))
    return ",".join(str(Path(part).expanduser().resolve()) if part.endswith(".py") else part for part in parts if part)
