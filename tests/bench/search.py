"""What the search engine itself costs: a search of many nodes with a model and a judge that take no time, and its replay.

One search for each policy, in the strategy that is shipped with it, without the rules that would end it early; each a
second time with its log in a file, as a run has it. The time for writing is in that one: three events or more for each
node, each on disk before the next step begins. CPU time stands beside wall time, as other work may share the machine.
"""

import asyncio
import gc
import re
import tempfile
import time
from pathlib import Path
from typing import Any

from harness.models import Tier
from harness.search import Engine, PromptLibrary, SearchState, Strategy, load_strategy
from harness.search.context import ContextBuilder
from harness.search.policies import Independent
from harness.search.policies.sampling import Power
from harness.search.terminators import Stop
from harness.store import EventLog, read_events
from harness.suite import content_root, workload
from tests.fakes import MemoryArtifacts, MemoryLog, make_problem
from tests.search.support import AGENTS, Context, Judge, Model, digit

NAME = "search"
REPEATS = 1
NODES = 10_000
PROMPTED = 200
WANTED_MS, WANTED_REPLAY_S = 5.0, 2.0
POLICIES = {
    "last": "refine",
    "best": "keep_revert",
    "beam": "beam",
    "reflection_topk": "reflect_opt",
    "weighted": "shinka",
    "islands": "islands",
    "uct": "mcts",
    "epsilon_tree": "epsilon_tree",
    "bandit": "bandit",
    "pareto": "pareto",
    "none": "best_of_n",
    "power": "shinka",
}
"""Policy -> the strategy that it is measured in."""
COLUMNS = (
    "policy",
    "strategy",
    "nodes",
    "ms/node",
    "cpu ms",
    "with log",
    "cpu ms",
    "prompts",
    "read s",
    "fold s",
    "cpu",
)


class Climber(Model):
    """Never hands in the same kernel twice, so that every node is judged and kept."""

    def _line(self, key: tuple[object, ...], parent: str) -> str:
        chance, number = digit(key, "status", below=8), digit(key, below=10**7)
        if chance < 2:
            return f"# {('build_error', 'value_mismatch')[chance]} {number}"
        found = re.search(r"# correct ([\d.]+)", parent)
        speed = (float(found[1]) if found else 0.5) * (0.7 + number / 1.7e7)
        return f"# correct {speed if speed < 50 else speed / 50:.6f} {number}"


def measure(repeats: int) -> dict[str, Any]:
    """Return the overhead of each policy, the best of `repeats`."""
    found: dict[str, Any] = {"nodes": NODES, "wanted_ms": WANTED_MS, "wanted_replay_s": WANTED_REPLAY_S, "searches": {}}
    for policy, agent in POLICIES.items():
        runs = (_one(policy, agent) for _ in range(repeats))
        found["searches"][policy] = min(runs, key=lambda run: run["search_cpu_s"])
    return found


def rows(result: dict[str, Any]) -> list[tuple[str, ...]]:
    """Return the table of a result."""
    table: list[tuple[str, ...]] = [COLUMNS]
    for policy, run in result["searches"].items():
        nodes = run["nodes"]
        per_node = (run[name] / nodes for name in ("search_s", "search_cpu_s", "logged_s", "logged_cpu_s"))
        times = (*per_node, run["prompted_s"])
        replay = (run["read_s"], run["fold_s"], run["replay_cpu_s"])
        table.append(
            (policy, run["agent"], str(nodes), *(f"{1e3 * t:.2f}" for t in times), *(f"{t:.2f}" for t in replay))
        )
    wanted = f"{result['wanted_ms']:.2f}"
    table.append(("wanted", "", "", wanted, "", wanted, "", "", f"{result['wanted_replay_s']:.2f}", "in all", ""))
    return table


def endless(policy: str, agent: str, nodes: int) -> Strategy:
    """Return a strategy that ends after so many nodes, and for no other reason."""
    strategy = load_strategy(agent, AGENTS).model_copy(update={"stop": Stop(max_nodes=nodes)})
    select = {"none": Independent(n=nodes), "power": Power()}.get(policy)
    return strategy if select is None else strategy.model_copy(update={"select": select})


def _one(policy: str, agent: str) -> dict[str, Any]:
    strategy = endless(policy, agent, NODES)
    bare, state = _timed(strategy, MemoryLog())
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "events.jsonl"
        with EventLog(path) as log:
            logged, _ = _timed(strategy, log)
        gc.collect()
        gc.freeze()  # whoever resumes a run has nothing else in memory
        started = time.perf_counter(), time.process_time()
        events = read_events(path)
        read = time.perf_counter() - started[0]
    SearchState.replay("level1/23#0", events, strategy.rules())
    replayed = time.perf_counter() - started[0], time.process_time() - started[1]
    gc.unfreeze()
    prompted, _ = _timed(endless(policy, agent, PROMPTED), MemoryLog(), prompts=True)
    return {
        "agent": agent,
        "nodes": len(state.nodes),
        "events": len(events),
        "search_s": bare[0],
        "search_cpu_s": bare[1],
        "logged_s": logged[0],
        "logged_cpu_s": logged[1],
        "prompted_s": prompted[0] / PROMPTED,
        "read_s": read,
        "fold_s": replayed[0] - read,
        "replay_cpu_s": replayed[1],
    }


def _timed(strategy: Strategy, log: Any, prompts: bool = False) -> tuple[tuple[float, float], SearchState]:
    """Return the wall time and the CPU time of a search in seconds, and its state."""
    artifacts = MemoryArtifacts()
    problem = make_problem()
    context: Any = Context(artifacts)
    if prompts:
        library = PromptLibrary(content_root() / "agents" / "prompts")
        graded = workload(problem, Tier.CPU)
        context = ContextBuilder(graded, "cpp", strategy, library, {"processor": "none"}, artifacts)
    engine = Engine(problem, 0, strategy, context, Climber(), "scripted/x", Judge(), log, artifacts)
    started = time.perf_counter(), time.process_time()
    state = asyncio.run(engine.run())
    return (time.perf_counter() - started[0], time.process_time() - started[1]), state
