"""A model and a judge that are functions of what they are asked, so that a search is fixed by its strategy and seed.

The scripted model hands in kernels whose first line tells the fake judge what to find. How fast a kernel is depends on its
text alone, and its text on the parent's and on the place of the question: there is something to climb.
"""

import asyncio
import json
import re
from collections.abc import Callable
from hashlib import sha256
from typing import Any

from harness.llm import Message, Reply, Request
from harness.models import Tier, Usage
from harness.search import Engine, SearchState, Strategy, load_strategy
from harness.search.experience import Memory
from harness.search.ledger import Ledger
from harness.search.prompts import Prompt
from harness.search.strategy import Loop
from harness.suite import content_root, workload
from tests.fakes import FakeJudge, MemoryArtifacts, MemoryLog, make_problem, reply_text

AGENTS = content_root() / "agents"
TOOLS = ("evaluate", "evaluate", "read", "feedback", "submit", "dance", "")
"""What the scripted model asks for in a session; with the last one it goes on as anywhere else."""
COST = 0.01
"""US dollars for each call of the scripted model."""

_SHOWN = re.compile(r"^PARENT (.*)$", re.MULTILINE)


class Context:
    """Prompts of a few words, with the real builder's interface: who is asked, after which parent, with which notes."""

    def __init__(self, artifacts: MemoryArtifacts) -> None:
        self.workload = workload(make_problem(), Tier.CPU)
        self.language = "cpp"
        self.artifacts = artifacts
        self.memory = Memory()

    def tell(self, verdict: Any, source: str) -> str:
        return f"TOLD {verdict.status.value} {source.splitlines()[0]}"

    def recount(self, state: SearchState, attempt: Any) -> str:
        return f"RECOUNTED {attempt.node}"

    def document(self, name: str) -> str:
        return f"DOCUMENT {name}"

    def build(self, state: SearchState, node: Any, recipe: Any) -> Prompt:
        parent = state.nodes[node.parent].attempt if node.parent else None
        source = self.artifacts.get(parent.candidate_sha256).decode() if parent and parent.candidate_sha256 else ""
        first = source.splitlines()[0] if source else "none"
        notes = json.dumps(node.notes, sort_keys=True)
        shown = [section.name for section in recipe.user]
        tools = any(section.name == "tool_contract" for section in recipe.system)
        return Prompt(
            "TOOLS" if tools else "S", (Message("user", f"PARENT {first}\nNOTES {notes}\n{node.directive}\n{shown}"),)
        )


def digit(*parts: object, below: int = 100) -> int:
    """A number that `parts` fix."""
    return int(sha256(repr(parts).encode()).hexdigest()[:8], 16) % below


class Model:
    """Answers every role; a quarter of its kernels fail, some repeat, some JSON cannot be read at first."""

    def __init__(self, salt: int = 0, kinds: int = 40, output: int = 50) -> None:
        self.salt = salt
        self.kinds = kinds
        self.output = output
        self.requests: list[Request] = []

    def check(self, problem_ids: Any, language: str) -> None:
        pass

    async def aclose(self) -> None:
        pass

    async def complete(self, request: Request) -> Reply:
        self.requests.append(request)
        # Whoever is asked later may be done sooner: turns of the event loop stand for time.
        for _ in range(digit(self.salt, request.attempt, request.draw, "slow", below=5)):
            await asyncio.sleep(0)
        usage = Usage(input_uncached=20, input_cached=5, output=self.output, reasoning=7)
        return Reply(self.text(request), usage, cost_usd=COST)

    def text(self, request: Request) -> str:
        text = request.messages[0].text
        key = (self.salt, request.role, request.attempt, request.draw, text)
        if request.role != "coder":
            if len(request.messages) == 1 and digit(key, "bad", below=6) == 0:
                return "I would rather not say {it in JSON."
            return "Well: " + json.dumps(
                {
                    "passes": digit(key, below=3) > 0,
                    "try": [f"try {digit(key, below=5)}"],
                    "avoid": [f"avoid {digit(key, below=4)}"],
                    "ideas": [f"idea {n} {digit(key, n)}" for n in range(3)],
                    "documents": ["occupancy"],
                    "summary": f"it is {digit(key)}",
                }
            )
        shown = _SHOWN.search(text)
        line = self._line(key, shown[1] if shown else "none")
        if request.system == "TOOLS" and (tool := TOOLS[digit(key, "tool", below=len(TOOLS))]):
            module = (
                reply_text(f"{line}\nclass ModelNew: ...") if tool == "evaluate" or digit(key, "bare", below=2) else ""
            )
            return f'{{"tool": "{tool}", "document": "occupancy"}}\n{module}'
        if "edit" in text and shown and shown[1] != "none" and digit(key, "edit", below=5):
            return f"One block.\n<<<<<<< SEARCH\n{shown[1]}\n=======\n{line}\n>>>>>>> REPLACE\n"
        return (
            reply_text(f"{line}\nclass ModelNew:\n    found = {line[2:].split()}")
            if digit(key, "cut", below=12)
            else "I cannot."
        )

    def _line(self, key: tuple[object, ...], parent: str) -> str:
        chance = digit(key, "status", below=8)
        if chance < 2:
            return f"# {('build_error', 'value_mismatch')[chance]} {digit(key, below=self.kinds)}"
        found = re.search(r"# correct ([\d.]+)", parent)
        speed = float(found[1]) if found else 0.5
        return f"# correct {min(50.0, speed * (0.8 + digit(key, below=self.kinds) % 40 / 50)):.3f}"


class Judge(FakeJudge):
    """Its verdict is in the candidate's first line; a number after a failure only makes the text another one."""

    def evaluate(self, problem: Any, candidate: Any, progress: Any = None) -> Any:
        words = candidate.source.splitlines()[0].split()
        if words[1] != "correct":
            with self._mutex:
                self.judged.append(candidate.source)
            from harness.models import Status
            from tests.fakes import make_verdict

            return make_verdict(Status(words[1]), digest=candidate.sha256, problem=problem.id)
        return super().evaluate(problem, candidate, progress)


def preset(name: str, nodes: int = 12, **changes: Any) -> Strategy:
    """A shipped strategy, small enough to be searched hundreds of times, and reproducible."""
    strategy = load_strategy(name, AGENTS)
    loop = strategy.loop
    lanes = min(loop.lanes, 3)
    return strategy.model_copy(
        update={
            "loop": Loop(lanes=lanes, sync="round", width=min(loop.width, 3), per_round=loop.per_round),
            "bootstrap": strategy.bootstrap.model_copy(update={"n": min(strategy.bootstrap.n, 4)}),
            "stop": strategy.stop.model_copy(update={"max_nodes": min(nodes, strategy.stop.max_nodes)}),
            **changes,
        }
    )


def engine(
    strategy: Strategy,
    log: MemoryLog,
    artifacts: MemoryArtifacts,
    model: Any,
    judge: FakeJudge,
    stopped: Callable[[], bool] = lambda: False,
    budget: Ledger | None = None,
    seed: int = 0,
    bound: Callable[[int, int], float | None] = lambda prompt, output: COST,
) -> Engine:
    return Engine(
        problem=make_problem(),
        sample=0,
        strategy=strategy,
        context=Context(artifacts),  # type: ignore[arg-type]
        provider=model,
        model="scripted/x",
        evaluate=judge,
        log=log,
        artifacts=artifacts,
        stopped=stopped,
        budget=budget,
        seed=seed,
        bound_usd=bound,
        clock_ns=lambda: 0,
    )


class Search:
    """A search and everything that took part in it."""

    def __init__(self, strategy: Strategy, model: Any = None, log: MemoryLog | None = None, **options: Any) -> None:
        self.strategy = strategy
        self.model = model or Model()
        self.judge = Judge()
        self.log = log or MemoryLog()
        self.artifacts = options.pop("artifacts", None) or MemoryArtifacts()
        self.engine = engine(strategy, self.log, self.artifacts, self.model, self.judge, **options)

    def run(self) -> SearchState:
        self.state = asyncio.run(self.engine.run())
        return self.state


def picture(state: SearchState) -> dict[str, Any]:
    """Everything in a state that must not depend on how it came about."""
    return {
        "attempts": [attempt.model_dump(mode="json") for attempt in state.attempts],
        "order": [node.id for node in state.judged],
        "finished": state.finished,
        "best": state.best.node if state.best else None,
        "archive": [node.id for node in state.members()],
        "spent": {name: amount for name, amount in state.spent.items() if amount},
        "lessons": state.lessons,
        "rounds": state.round_best,
        "lanes": {number: (lane.pending, lane.spent) for number, lane in sorted(state.lanes.items())},
        "observer": repr(state.observer),
    }
