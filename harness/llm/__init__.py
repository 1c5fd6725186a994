"""Models behind one protocol: a request goes in, a reply comes out, whoever answers."""

from harness.llm.base import (
    CallFailed,
    FailedTry,
    Message,
    NoMoreReplies,
    Provider,
    QuotaExhausted,
    Reply,
    Request,
    StopReason,
)
from harness.llm.extract import last_code_block
from harness.llm.options import ProviderOptions
from harness.llm.prices import Price, PriceTable, price_of
from harness.llm.providers import PROVIDERS, make_provider, provider_options, split_model
from harness.llm.recorded import Recording, about_replies, check_new_recording

__all__ = [
    "PROVIDERS",
    "CallFailed",
    "FailedTry",
    "Message",
    "NoMoreReplies",
    "Price",
    "PriceTable",
    "Provider",
    "ProviderOptions",
    "QuotaExhausted",
    "Recording",
    "Reply",
    "Request",
    "StopReason",
    "about_replies",
    "check_new_recording",
    "last_code_block",
    "make_provider",
    "price_of",
    "provider_options",
    "split_model",
]
