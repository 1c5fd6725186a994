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
    record: str | None = Field(default=None, pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")
    """Name under which the replies are kept, to be given again by `recorded/NAME`; null for not."""
    max_cost_usd: float | None = Field(default=None, ge=0)
    """Most that the models of this run may cost; a call that might lead past it is not made. Null for no limit."""
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
    experience_sha256: str | None = None
    """Artefact that holds what was taken over from earlier runs; null for nothing."""
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
    estimated: bool = False
    """Whether the server did not say and the counts are guessed from the lengths of the texts."""

    def __add__(self, other: "Usage") -> "Usage":
        """Return both together; guessed where either is."""
        return Usage(
            input_uncached=self.input_uncached + other.input_uncached,
            input_cached=self.input_cached + other.input_cached,
            input_cache_write=self.input_cache_write + other.input_cache_write,
            output=self.output + other.output,
            reasoning=self.reasoning + other.reasoning,
            estimated=self.estimated or other.estimated,
        )


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
    proposal: int = 0
    """Which candidate of its expansion, from 0; an operator may propose several at once."""
    proposals: int = 1
    """Candidates that the expansion came to."""
    parent: str | None = None
    """Node whose candidate was shown to the model."""
    co_parents: list[str] = Field(default_factory=list)
    """Further nodes that the candidate was to be crossed with."""
    inspirations: list[str] = Field(default_factory=list)
    """Nodes that were shown beside the parent."""
    operator: str = "draft"
    """Pipeline of steps that made it."""
    directive: str | None = None
    """Strategy directive that the model was given, by name."""
    model: str | None = None
    """Model that was asked, where the strategy chooses among several; null for the run's own."""
    lane: int = 0
    """Sub-search: worker, island, branch."""
    round: int = 0
    """Selection that it came from, from 0."""
    depth: int = 0
    """Edits since its draft."""
    prompt_sha256: str
    """Artefact that holds the prompt; of several calls, that of the one that wrote the candidate."""
    reply_sha256: str
    """Artefact that holds the whole reply of the same call."""
    candidate_sha256: str | None = None
    """Artefact that holds the extracted source; null without code."""
    calls: int = 1
    """Replies that were bought for it. Those that several candidates share count for the first of them."""
    usage: Usage = Field(default_factory=Usage)
    """Tokens of these calls."""
    cost_usd: float | None = None
    """Price of these calls; null where the model is not in the price table."""
    duplicate_of: str | None = None
    """Earlier node whose verdict this is: the candidate is the same, or too similar to be judged again."""
    similarity: float | None = None
    """Share of token shingles that it has in common with `duplicate_of`; 1 for the same text."""
    note: str = ""
    """What the model said of its change, shortened."""
    lessons_try: list[str] = Field(default_factory=list)
    """What the steps concluded is worth trying."""
    lessons_avoid: list[str] = Field(default_factory=list)
    """What the steps concluded is to be avoided."""
    features: dict[str, str] = Field(default_factory=dict)
    """Static facts about the candidate, binned; dimensions of archives."""
    verdict: Verdict
    """The judge's decision; for a duplicate that on the earlier node."""


class EventType(StrEnum):
    """What an event of `events.jsonl` says."""

    RUN_STARTED = "run_started"
    NODE_RESERVED = "node_reserved"
    REPLY_RECEIVED = "reply_received"
    CALL_FAILED = "call_failed"
    DRAFT_JUDGED = "draft_judged"
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
    co_parents: list[str] | None = None
    """For `node_reserved`: further nodes that the candidate is to be crossed with."""
    inspirations: list[str] | None = None
    """For `node_reserved`: nodes that are shown beside the parent."""
    operator: str | None = None
    """For `node_reserved`: pipeline of steps."""
    directive: str | None = None
    """For `node_reserved`: strategy directive."""
    model: str | None = None
    """For `node_reserved`: model that is asked, where the strategy chooses among several."""
    lane: int | None = None
    """For `node_reserved`: sub-search."""
    round: int | None = None
    """For `node_reserved`: number of the selection, from 0."""
    proposals: int | None = None
    """For `node_reserved`: most candidates that it may come to."""
    role: str | None = None
    """For `reply_received` and `call_failed`: who was asked: coder, judge, analyst, ..."""
    step: int | None = None
    """For `reply_received`, `call_failed` and `draft_judged`: position in the operator's pipeline, from 0."""
    call: int | None = None
    """For `reply_received`, `call_failed` and `draft_judged`: number of the call within its step, from 0."""
    again: bool | None = None
    """For `reply_received` and `call_failed`: whether the step was asked once more, as its first reply could not be read."""
    wall_ns: int | None = None
    """For `node_reserved` and `node_committed`: time that the search has run so far; only where that is limited."""
    prompt_sha256: str | None = None
    """For `reply_received`."""
    reply_sha256: str | None = None
    """For `reply_received`."""
    usage: Usage | None = None
    """For `reply_received` and `call_failed`."""
    cost_usd: float | None = None
    """For `reply_received` and `call_failed`; null where the price is not known."""
    estimated: bool | None = None
    """For `reply_received` and `call_failed`: whether the cost is the most that it can have been, as nobody said."""
    stop_reason: str | None = None
    """For `reply_received`: why the model stopped, `end`, `max_tokens`, `refusal` or `other`."""
    attempt: Attempt | None = None
    """For `node_committed`."""
    candidate_sha256: str | None = None
    """For `draft_judged`: artefact that holds the draft."""
    verdict: Verdict | None = None
    """For `draft_judged`: the judge's decision on a draft that the model had evaluated before it handed in a candidate."""
    reason: str | None = None
    """For `task_finished` and `run_finished`: why it ended. For `call_failed`: why there is no reply."""
