"""Builds the prompt of one node: a pure function of the task, the device and the state of the search."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from harness.models import Attempt, Workload
from harness.search.feedback import feedback
from harness.search.parts import ArtifactStore
from harness.search.prompts import Prompt, PromptLibrary
from harness.search.state import Node, SearchState
from harness.search.strategy import Strategy


@dataclass(frozen=True)
class ContextBuilder:
    """Everything about a task that does not change while it is searched."""

    workload: Workload
    """The text that is graded, and shown."""
    language: str
    """Kernel language to ask for."""
    strategy: Strategy
    """Which sections, how many attempts."""
    prompts: PromptLibrary
    """The templates."""
    device: Mapping[str, Any]
    """Facts about the machine, by name."""
    artifacts: ArtifactStore
    """Where earlier candidates are."""

    def build(self, state: SearchState, node: Node) -> Prompt:
        """Return the prompt for `node`."""
        parent = state.nodes[node.parent].attempt if node.parent else None
        variables = {
            "language": self.language,
            "device": dict(self.device),
            "workload": self.workload,
            "attempt": {"number": node.turn + 1, "total": self.strategy.stop.max_nodes},
            "parent": self._shown(parent) if parent else None,
            "best": self._shown(state.best) if state.best and state.best is not parent else None,
        }
        plan = self.strategy.prompt
        return self.prompts.compose(plan.system, plan.user, self.language, variables)

    def _shown(self, attempt: Attempt) -> dict[str, Any]:
        digest = attempt.candidate_sha256
        source = self.artifacts.get(digest).decode("utf-8", "replace") if digest else ""
        verdict = attempt.verdict
        return {
            "number": attempt.turn + 1,
            "source": source,
            "feedback": feedback(verdict, source),
            "status": verdict.status.value,
            "speedup": verdict.speedup,
        }
