"""Models behind one protocol: a request goes in, a reply comes out, whoever answers."""

from harness.llm.base import Message, NoMoreReplies, Provider, Reply, Request, StopReason
from harness.llm.extract import last_code_block
from harness.llm.providers import PROVIDERS, make_provider, split_model

__all__ = [
    "PROVIDERS",
    "Message",
    "NoMoreReplies",
    "Provider",
    "Reply",
    "Request",
    "StopReason",
    "last_code_block",
    "make_provider",
    "split_model",
]
