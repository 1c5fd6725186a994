"""What the search engine itself costs: a search of many nodes with a model and a judge that take no time, and its replay.

Two searches, one that keeps a chain and one that walks a tree; each with its log in a file, as a run has it. The time for
writing is in it: three events for each node, each on disk before the next step begins.
"""

import asyncio
import tempfile
import time
from pathlib import Path
from typing import Any

from harness.models import Tier
from harness.search import Engine, PromptLibrary, SearchState, Strategy, load_strategy
from harness.search.context import ContextBuilder
from harness.store import EventLog, read_events
from harness.suite import content_root, workload
from tests.fakes import MemoryArtifacts, MemoryLog, make_problem
from tests.search.support import AGENTS, Context, Judge, Model

NAME = "search"
REPEATS = 1
NODES = 10_000
WANTED_MS, WANTED_REPLAY_S = 5.0, 2.0
AGENTS_TIMED = ("refine", "mcts", "beam", "islands")


def measure(repeats: int) -> dict[str, Any]:
    """Return the overhead of each search of `AGENTS_TIMED`, the best of `repeats`."""
    found: dict[str, Any] = {"nodes": NODES, "wanted_ms": WANTED_MS, "wanted_replay_s": WANTED_REPLAY_S, "searches": {}}
    for agent in AGENTS_TIMED:
        found["searches"][agent] = min((_one(agent) for _ in range(repeats)), key=lambda run: run["search_s"])
    return found


def rows(result: dict[str, Any]) -> list[tuple[str, ...]]:
    """Return the table of a result."""
    table: list[tuple[str, ...]] = [("search", "nodes", "ms/node", "with log", "with prompts", "read s", "fold s")]
    for agent, run in result["searches"].items():
        nodes = run["nodes"]
        times = (run["search_s"] / nodes, run["logged_s"] / nodes, run["prompted_s"])
        table.append(
            (agent, str(nodes), *(f"{1e3 * t:.2f}" for t in times), f"{run['read_s']:.2f}", f"{run['fold_s']:.2f}")
        )
    table.append(("wanted", "", "", f"{result['wanted_ms']:.2f}", "", f"{result['wanted_replay_s']:.2f}", ""))
    return table


def _one(agent: str) -> dict[str, float]:
    strategy = load_strategy(agent, AGENTS)
    strategy = strategy.model_copy(
        update={"stop": strategy.stop.model_copy(update={"max_nodes": NODES, "plateau": None, "target_fitness": None})}
    )
    bare, state = _timed(strategy, MemoryLog())
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "events.jsonl"
        with EventLog(path) as log:
            logged, _ = _timed(strategy, log)
        started = time.perf_counter()
        events = read_events(path)
        read = time.perf_counter() - started
    started = time.perf_counter()
    SearchState.replay("level1/23#0", events, strategy.rules())
    folded = time.perf_counter() - started
    few = strategy.model_copy(update={"stop": strategy.stop.model_copy(update={"max_nodes": 200})})
    prompted, _ = _timed(few, MemoryLog(), prompts=True)
    return {
        "nodes": len(state.nodes),
        "search_s": bare,
        "logged_s": logged,
        "prompted_s": prompted / 200,
        "read_s": read,
        "fold_s": folded,
    }


def _timed(strategy: Strategy, log: Any, prompts: bool = False) -> tuple[float, SearchState]:
    artifacts = MemoryArtifacts()
    problem = make_problem()
    context: Any = Context(artifacts)
    if prompts:
        library = PromptLibrary(content_root() / "agents" / "prompts")
        graded = workload(problem, Tier.CPU)
        context = ContextBuilder(graded, "cpp", strategy, library, {"processor": "none"}, artifacts)
    engine = Engine(problem, 0, strategy, context, Model(kinds=10_000), "scripted/x", Judge(), log, artifacts)
    started = time.perf_counter()
    state = asyncio.run(engine.run())
    return time.perf_counter() - started, state
