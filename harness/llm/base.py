"""What every provider speaks: request, reply, and the protocol between them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal, Protocol

from harness.errors import HarnessError, ProviderError
from harness.models import Usage


class NoMoreReplies(HarnessError):
    """A provider with a fixed number of replies has none left. Ends the search of one task, normally."""


class CallFailed(ProviderError):
    """A question was not answered, and further tries are over. What its tries may have cost is in it."""

    def __init__(self, message: str, calls: int = 0, usage: Usage | None = None, unmetered: int = 0) -> None:
        super().__init__(message)
        self.calls = calls
        """Requests that were sent."""
        self.usage = usage or Usage()
        """Tokens that the vendor said it bills for them."""
        self.unmetered = unmetered
        """Requests among them that may be billed without anyone having said for how much."""


class QuotaExhausted(CallFailed):
    """The account has nothing left. No waiting mends that: the run has to stop."""


@dataclass(frozen=True)
class Message:
    """One turn of a conversation."""

    role: Literal["user", "assistant"]
    text: str


@dataclass(frozen=True)
class FailedTry:
    """A request that was sent, or was to be sent, and brought no answer back."""

    message: str
    """Why, one line."""
    usage: Usage = field(default_factory=Usage)
    """Tokens that the vendor said it bills for it."""
    cost_usd: float | None = 0.0
    """Price of these tokens; null where it is not known."""
    unmetered: bool = False
    """Whether it may be billed for more than that, or at all, without anyone having said for how much."""
    last: bool = False
    """Whether no other try follows, whatever anyone says."""

    @property
    def billed(self) -> bool:
        """Whether it may have cost anything. One that a server refused has not."""
        return self.unmetered or self.usage != Usage()


@dataclass(frozen=True)
class Request:
    """One question to a model."""

    system: str
    """Instructions that are the same for every task of a run."""
    messages: tuple[Message, ...]
    """The conversation; the last message is the user's."""
    problem_id: str
    """Problem that is asked about. Only `recorded` and the cache of replies read it."""
    language: str
    """Kernel language that is asked for. Only `recorded` and the cache of replies read it."""
    attempt: int
    """Number of this request within its task, from 1. Only `recorded` and the cache of replies read it."""
    max_output_tokens: int = 16_384
    """Most tokens that the reply may have, reasoning included."""
    timeout_s: float = 600.0
    """Wall time of one try."""
    role: str = "coder"
    """Step of an operator that asks: coder, judge, analyst, planner, retriever, critic ..."""
    json_schema: dict[str, Any] | None = None
    """What the reply has to conform to, as JSON. Every object closed and every property required, as vendors want it."""
    sample: int = 0
    """Which independent search of the problem asks. Only `recorded` and the cache of replies read it."""
    draw: int = 0
    """Which of several requests of one role for one attempt. Only `recorded` and the cache of replies read it."""
    parent: int | None = None
    """Number of the attempt that is shown, 0 where there is none; null where nobody says. Read as `draw` is."""
    again: bool = False
    """Whether it asks once more, as the first reply could not be read. Read as `draw` is."""
    effort: str | None = None
    """How hard to think, in the vendor's words; null for the model's default."""
    temperature: float | None = None
    """Sampling temperature; null for the model's default."""
    failed: Callable[[FailedTry], bool] | None = field(default=None, compare=False, repr=False)
    """Is told of each try that fails, when it fails, and says whether another one may be made. What it was told of is in
    no `Reply` or `CallFailed` a second time."""


class StopReason(StrEnum):
    """Why a reply ended."""

    END = "end"
    """The model was done."""
    MAX_TOKENS = "max_tokens"
    """The reply was cut at its limit."""
    REFUSAL = "refusal"
    """The model or a filter declined."""
    OTHER = "other"
    """Anything else that the vendor reports."""


@dataclass(frozen=True)
class Reply:
    """One answer of a model."""

    text: str
    """The visible text; may be empty."""
    usage: Usage = field(default_factory=Usage)
    """Tokens as billed, those of tries that failed included unless `Request.failed` was told of them."""
    stop: StopReason = StopReason.END
    """Why it ended."""
    cost_usd: float | None = None
    """Price; null where it is not known, never a guess."""
    reasoning: str = ""
    """What the model thought, where the server shows it. Never part of `text`."""
    calls: int = 1
    """Requests that were sent for it: 1 and the tries that failed; 0 for a reply out of the cache."""
    unmetered: int = 0
    """Requests among them that may be billed without anyone having said for how much, as when a connection was cut."""
    cached: bool = False
    """Whether it came out of the cache of replies, where it costs nothing."""
    warnings: tuple[str, ...] = ()
    """What of the request the model could not be given."""


@dataclass(frozen=True)
class Answer:
    """What one request over the wire brought back."""

    text: str
    """The visible text."""
    usage: Usage
    """Tokens, each counted once; estimated where the server did not say."""
    stop: StopReason = StopReason.END
    """Why it ended."""
    reasoning: str = ""
    """What the model thought, where the server shows it."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Headers of the reply, in small letters; rate limits are in them."""
    calls: int = 1
    """Requests that it took: more where the vendor paused and was told to go on."""


class Wire(Protocol):
    """One try over one kind of connection; retries, pacing and prices are somebody else's."""

    async def ask(self, request: Request, timeout_s: float) -> Answer:
        """Ask once, and give up after `timeout_s`.

        Raises:
            CallError: there is no answer; it says why.
        """

    async def aclose(self) -> None:
        """Close connections."""


class Provider(Protocol):
    """A source of replies. One instance serves all tasks of a run, from one event loop."""

    def check(self, problem_ids: Sequence[str], language: str) -> None:
        """Find out, without a call, whether these problems can be asked.

        Raises:
            ProviderError: the key is missing.
            AgentError: there is no recording of one of the problems.
        """

    async def complete(self, request: Request) -> Reply:
        """Answer `request`.

        Raises:
            ProviderError: the model cannot be reached, or the vendor refuses the request; retries are over.
            NoMoreReplies: the provider's fixed replies to this problem are used up.
        """

    async def aclose(self) -> None:
        """Close connections."""
