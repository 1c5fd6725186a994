"""The agent loop: one engine over an append-only log; a strategy is a TOML file that names its parts."""

from harness.search.asking import Answers
from harness.search.engine import Engine
from harness.search.ledger import Ledger, run_budget
from harness.search.loading import list_strategies, load_strategy
from harness.search.parts import ArtifactStore, Evaluator, SearchLog, task_id
from harness.search.prompts import PromptLibrary
from harness.search.state import SearchState
from harness.search.strategy import Strategy

__all__ = [
    "Answers",
    "ArtifactStore",
    "Engine",
    "Evaluator",
    "Ledger",
    "PromptLibrary",
    "SearchLog",
    "SearchState",
    "Strategy",
    "list_strategies",
    "load_strategy",
    "run_budget",
    "task_id",
]
