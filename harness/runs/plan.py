"""What a run will do, and at most what it costs. Pure, so that `--dry-run` is the run without its effects."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.models import Problem, RunConfig
from harness.search import Strategy, task_id

CHARS_PER_TOKEN = 4
"""Rough length of a token of English and code; only for estimates."""


@dataclass(frozen=True)
class Task:
    """One independent search."""

    problem: Problem
    """What is asked."""
    sample: int
    """Which search of it, from 0."""

    @property
    def id(self) -> str:
        """`level1/23#0`."""
        return task_id(self.problem.id, self.sample)


@dataclass(frozen=True)
class Plan:
    """A run before it begins."""

    tasks: tuple[Task, ...]
    """Searches, in the order in which they start."""
    max_calls: int
    """Calls to the model, and evaluations, at most."""
    input_tokens: int
    """Prompt tokens at most, roughly: first prompts times calls; feedback makes later prompts longer."""
    max_output_tokens: int
    """Output tokens at most: every reply at its limit."""
    max_cost_usd: float | None
    """Price at most; 0 for recorded replies, null where the model's price is not known."""


def make_plan(
    config: RunConfig, problems: Sequence[Problem], strategy: Strategy, prompt_chars: Mapping[str, int]
) -> Plan:
    """Return the plan of `config`; `prompt_chars` is the length of each problem's first prompt."""
    tasks = tuple(Task(problem, sample) for sample in range(config.samples) for problem in problems)
    per_task = strategy.max_calls
    calls = len(tasks) * per_task
    models = strategy.router.models or (config.model,)
    return Plan(
        tasks=tasks,
        max_calls=calls,
        input_tokens=sum(prompt_chars[task.problem.id] for task in tasks) * per_task // CHARS_PER_TOKEN,
        max_output_tokens=calls * strategy.request.max_output_tokens,
        max_cost_usd=0.0 if all(model.startswith("recorded/") for model in models) else None,
    )
