"""What every provider speaks: request, reply, and the protocol between them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal, Protocol

from harness.errors import HarnessError
from harness.models import Usage


class NoMoreReplies(HarnessError):
    """A provider with a fixed number of replies has none left. Ends the search of one task, normally."""


@dataclass(frozen=True)
class Message:
    """One turn of a conversation."""

    role: Literal["user", "assistant"]
    text: str


@dataclass(frozen=True)
class Request:
    """One question to a model."""

    system: str
    """Instructions that are the same for every task of a run."""
    messages: tuple[Message, ...]
    """The conversation; the last message is the user's."""
    problem_id: str
    """Problem that is asked about. Only `recorded` reads it."""
    language: str
    """Kernel language that is asked for. Only `recorded` reads it."""
    attempt: int
    """Number of this request within its task, from 1. Only `recorded` reads it."""
    max_output_tokens: int = 16_384
    """Most tokens that the reply may have, reasoning included."""
    timeout_s: float = 600.0
    """Wall time of one try."""


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
    """Tokens as billed."""
    stop: StopReason = StopReason.END
    """Why it ended."""
    cost_usd: float | None = None
    """Price; null where it is not known, never a guess."""


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
