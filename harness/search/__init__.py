"""The agent loop: one engine over an append-only log; a strategy is a TOML file that names its parts."""

from harness.search.engine import Engine
from harness.search.parts import ArtifactStore, Evaluator, SearchLog, task_id
from harness.search.prompts import PromptLibrary
from harness.search.state import SearchState
from harness.search.strategy import Strategy, list_strategies, load_strategy

__all__ = [
    "ArtifactStore",
    "Engine",
    "Evaluator",
    "PromptLibrary",
    "SearchLog",
    "SearchState",
    "Strategy",
    "list_strategies",
    "load_strategy",
    "task_id",
]
