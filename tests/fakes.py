"""Parts that stand in for a model, a judge and a disk, where a test is about what lies between them.

The fake judge reads its verdict from the candidate's text, so that a script of replies fixes the whole search.
"""

import threading
from collections.abc import Callable, Sequence
from hashlib import sha256

from harness.errors import StoreError
from harness.llm import NoMoreReplies, Reply, Request
from harness.models import (
    Candidate,
    Event,
    Evidence,
    Grade,
    Isolation,
    Measurement,
    Problem,
    Roofline,
    Speedup,
    Stage,
    Status,
    Tier,
    Usage,
    Verdict,
)
from harness.score import sol_score

SOFTMAX = """import torch

N = 4


class Model(torch.nn.Module):
    def forward(self, x):
        return torch.softmax(x, dim=1)


def get_inputs():
    return [torch.randn(N, N)]


def get_init_inputs():
    return []
"""


def make_problem(name: str = "level1/23") -> Problem:
    """A problem that the suite has, with a source of a few lines."""
    return Problem(
        id=name,
        name="Softmax",
        source=SOFTMAX,
        sha256=sha256(SOFTMAX.encode()).hexdigest(),
        tiers={Tier.GPU: {}, Tier.CPU: {}},
    )


def make_verdict(
    status: Status = Status.CORRECT,
    speed: float | None = None,
    low: float | None = None,
    high: float | None = None,
    digest: str = "0" * 64,
    problem: str = "level1/23",
    stage: Stage | None = None,
) -> Verdict:
    """A verdict; a correct one with a `speed` is timed, with an interval of 5 % to either side unless it is given."""
    timed = status is Status.CORRECT and speed is not None
    speedup = Speedup(median=speed, low=low or speed * 0.95, high=high or speed * 1.05) if timed and speed else None
    measurement = Measurement(
        candidate_ns=[1_000_000],
        reference_ns=[round(1_000_000 * (speed or 1))],
        candidate_worker_ns=[990_000],
        block=[0],
        doorbell_ns=7_000,
        threads=1,
    )
    return Verdict(
        status=status,
        stage=stage or (Stage.DONE if status is Status.CORRECT else Stage.BUILD),
        problem_id=problem,
        tier=Tier.CPU,
        candidate_sha256=digest,
        workload_sha256="1" * 64,
        evidence=Evidence(what=f"it is {status.value}", where="line 2", log="error: expected ';'"),
        speedup=speedup,
        measurement=measurement if speedup else None,
        isolation=Isolation(grade=Grade.B, layers=["seccomp"]),
    )


def make_roofline(speed: float, sol_ns: int, bound: str = "memory") -> Roofline:
    """The roofline of a correct verdict of `make_verdict`, whose candidate takes 1 ms, where the machine allows `sol_ns`."""
    candidate_ns, reference_ns = 1_000_000, round(1_000_000 * speed)
    return Roofline(
        flops=4_000_000,
        read_bytes=3_000_000,
        written_bytes=1_000_000,
        memory="dram",
        bytes_per_s=4e6 / sol_ns * 1e9,
        arithmetic="float32 torch.mm",
        flop_per_s=1e11,
        memory_ns=sol_ns if bound == "memory" else 1,
        compute_ns=40_000 if bound == "memory" else sol_ns,
        bound=bound,
        sol_ns=sol_ns,
        candidate_ns=candidate_ns,
        reference_ns=reference_ns,
        candidate_share=sol_ns / candidate_ns,
        reference_share=sol_ns / reference_ns,
        headroom=candidate_ns / sol_ns,
        sol_score=sol_score(candidate_ns, reference_ns, sol_ns),
    )


def reply_text(body: str) -> str:
    """A reply that holds `body` as its code."""
    return f"Here it is.\n\n```python\n{body}\n```\n"


class FakeJudge:
    """Judges a candidate by its first line: `# correct 1.5` or `# build_error`. Counts how often it judged each.

    A third word is the share of the roofline that a correct one reaches: `# correct 1.5 0.8`.
    """

    def __init__(self) -> None:
        self.judged: list[str] = []
        self._mutex = threading.Lock()

    def __enter__(self) -> "FakeJudge":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def evaluate(
        self, problem: Problem, candidate: Candidate, progress: Callable[[str], None] | None = None
    ) -> Verdict:
        with self._mutex:
            self.judged.append(candidate.source)
        if progress:
            progress("timing")
        words = candidate.source.splitlines()[0].removeprefix("#").split()
        speed = float(words[1]) if len(words) > 1 else None
        found = make_verdict(Status(words[0]), speed, digest=candidate.sha256, problem=problem.id)
        if speed is None or len(words) < 3:
            return found
        return found.model_copy(update={"roofline": make_roofline(speed, round(float(words[2]) * 1_000_000))})

    def __call__(self, problem: Problem, candidate: Candidate) -> Verdict:
        return self.evaluate(problem, candidate)


class ScriptedProvider:
    """Gives its replies in the order of the attempts, and remembers the requests."""

    def __init__(self, replies: Sequence[str]) -> None:
        self.replies = replies
        self.requests: list[Request] = []

    def check(self, problem_ids: Sequence[str], language: str) -> None:
        pass

    async def complete(self, request: Request) -> Reply:
        self.requests.append(request)
        if request.attempt > len(self.replies):
            raise NoMoreReplies("the script is over")
        return Reply(self.replies[request.attempt - 1], Usage(input_uncached=10, output=5), cost_usd=0.25)

    async def aclose(self) -> None:
        pass


class Crash(BaseException):
    """The process is gone; nothing may catch this."""


class MemoryLog:
    """A log in memory that can crash: `die_before=n` loses the event number n and the process with it."""

    def __init__(self, events: Sequence[Event] = (), die_before: int | None = None) -> None:
        self.all = list(events)
        self._die_before = die_before

    def append(self, event: Event) -> Event:
        if len(self.all) == self._die_before:
            raise Crash
        numbered = event.model_copy(update={"seq": len(self.all), "time_unix_ns": 1})
        # What is not in the line is not there after a crash: keep only what the line would say.
        self.all.append(Event.model_validate_json(numbered.model_dump_json(exclude_none=True)))
        return self.all[-1]

    def events(self, task: str) -> Sequence[Event]:
        return [event for event in self.all if event.task == task]


class MemoryArtifacts:
    """Artefacts in memory."""

    def __init__(self) -> None:
        self.data: dict[str, bytes] = {}

    def put(self, data: bytes) -> str:
        digest = sha256(data).hexdigest()
        self.data[digest] = data
        return digest

    def get(self, digest: str) -> bytes:
        if digest not in self.data:
            raise StoreError(f"{digest} is not there")
        return self.data[digest]
