"""A run: what was asked for, what it was fixed to, and what happened."""

from enum import StrEnum

from pydantic import Field

from harness.models.base import SCHEMA_VERSION, Record
from harness.models.options import EvalOptions
from harness.models.problem import Tier
from harness.models.verdict import Verdict


class RunConfig(Record):
    """Everything that was asked for. Written to `config.toml` of the run folder."""

    schema_version: int = SCHEMA_VERSION
    """Version of this record."""
    suite: str
    """Name of the selection, for example `quickstart`, or a list of problem ids joined by commas."""
    problems: list[str]
    """Ids of the problems, in order."""
    tier: Tier = Tier.CPU
    """Sizes to grade on."""
    language: str = "cpp"
    """Kernel language to ask for."""
    agent: str = "refine"
    """Strategy: the stem of a TOML file in `agents/`."""
    model: str = "recorded/quickstart"
    """`provider/model`."""
    samples: int = 1
    """Independent searches per problem."""
    threads: int = 1
    """Threads that candidate and reference may use."""
    seed: int = 0
    """Seed of the search. The judge's input seeds are secret and not derived from it."""
    options: EvalOptions = Field(default_factory=EvalOptions)
    """Limits and budgets of one evaluation; `tier` and `threads` above take precedence over those inside."""

    def eval_options(self) -> EvalOptions:
        """Return the options that every candidate of this run is judged under."""
        return self.options.model_copy(update={"tier": self.tier, "threads": self.threads})


class Lock(Record):
    """What the request was fixed to. Written once to `lock.json`; `resume` refuses a different one."""

    schema_version: int = SCHEMA_VERSION
    """Version of this record."""
    harness_version: str
    """Version of this package."""
    problems: dict[str, str]
    """Problem id -> digest of the graded text."""
    agent_sha256: str
    """Digest of the strategy file."""
    prompts_sha256: str
    """Digest over all prompt templates."""
    environment: dict[str, str] = Field(default_factory=dict)
    """Versions and device fingerprint."""


class Usage(Record):
    """Tokens of one model call, counted once each."""

    input_uncached: int = 0
    """Prompt tokens that were neither read from nor written to a cache."""
    input_cached: int = 0
    """Prompt tokens read from a cache."""
    input_cache_write: int = 0
    """Prompt tokens written to a cache."""
    output: int = 0
    """All output tokens, reasoning included."""
    reasoning: int = 0
    """Output tokens spent on reasoning; part of `output`."""


class Attempt(Record):
    """One node of a search: a prompt, a reply, a candidate and its verdict."""

    node: str
    """`level1/23#0.2`: problem, sample, turn (both from 0)."""
    problem_id: str
    """Problem."""
    sample: int
    """Which independent search."""
    turn: int
    """Position in the search, from 0."""
    parent: str | None = None
    """Node whose candidate was shown to the model."""
    prompt_sha256: str
    """Artefact that holds the prompt."""
    reply_sha256: str
    """Artefact that holds the whole reply."""
    candidate_sha256: str | None = None
    """Artefact that holds the extracted source; null without code."""
    usage: Usage = Field(default_factory=Usage)
    """Tokens."""
    cost_usd: float | None = None
    """Price; null where the model is not in the price table."""
    verdict: Verdict
    """The judge's decision."""


class EventType(StrEnum):
    """What an event of `events.jsonl` says."""

    RUN_STARTED = "run_started"
    NODE_RESERVED = "node_reserved"
    REPLY_RECEIVED = "reply_received"
    NODE_COMMITTED = "node_committed"
    TASK_FINISHED = "task_finished"
    RUN_RESUMED = "run_resumed"
    RUN_FINISHED = "run_finished"


class Event(Record):
    """One line of `events.jsonl`."""

    schema_version: int = SCHEMA_VERSION
    """Version of this record."""
    seq: int = -1
    """Position in the log, from 0, without gaps. The log numbers an event when it is appended; before that it is -1."""
    time_unix_ns: int = 0
    """Wall clock, set by the log, for people; nothing is decided by it."""
    type: EventType
    """What happened."""
    task: str | None = None
    """`level1/23#0`: problem and sample."""
    node: str | None = None
    """`level1/23#0.2`."""
    parent: str | None = None
    """For `node_reserved`: node whose candidate is shown to the model."""
    prompt_sha256: str | None = None
    """For `reply_received`."""
    reply_sha256: str | None = None
    """For `reply_received`."""
    usage: Usage | None = None
    """For `reply_received`."""
    cost_usd: float | None = None
    """For `reply_received`; null where the price is not known."""
    stop_reason: str | None = None
    """For `reply_received`: why the model stopped, `end`, `max_tokens`, `refusal` or `other`."""
    attempt: Attempt | None = None
    """For `node_committed`."""
    reason: str | None = None
    """For `task_finished` and `run_finished`: why it ended."""
