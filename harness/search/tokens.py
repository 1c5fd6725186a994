"""How long a text is in tokens, without asking anyone.

The estimate decides what is cut from a prompt, so it must be the same on every machine: it never depends on a tokenizer
that may or may not be installed.
"""

import math
from importlib import import_module
from importlib.util import find_spec

BYTES_PER_TOKEN = 3.5
"""UTF-8 bytes of English prose make 4 to 4.5 per token with today's vocabularies, code 3 to 3.5. The value is on the
careful side for prose, and about right for code, which is most of a prompt."""


def estimate_tokens(text: str) -> int:
    """Return roughly how many tokens `text` has: its bytes in UTF-8 over `BYTES_PER_TOKEN`, rounded up."""
    return math.ceil(len(text.encode("utf-8", "replace")) / BYTES_PER_TOKEN)


def exact_tokens(text: str, model: str) -> int | None:
    """Return how many tokens `text` has for `provider/model`, or None where that cannot be known here.

    Known are OpenAI's models where `tiktoken` is installed and has their vocabulary (its first use fetches one).
    """
    provider, _, name = model.partition("/")
    if provider != "openai" or find_spec("tiktoken") is None:
        return None
    tiktoken = import_module("tiktoken")
    try:
        return len(tiktoken.encoding_for_model(name).encode(text, disallowed_special=()))
    except (KeyError, OSError):  # a model that it does not know; a vocabulary that it cannot fetch
        return None


def clip(text: str, limit: int) -> str:
    """Cut `text` to about `limit` characters in its middle: the first error is the cause, the tail is the outcome."""
    text = text.strip()
    if len(text) <= limit:
        return text
    head = limit * 2 // 3
    tail = limit - head
    return f"{text[:head].rstrip()}\n[... {len(text) - limit} characters left out ...]\n{text[-tail:].lstrip()}"


def clip_tokens(text: str, max_tokens: int) -> str:
    """Cut `text` in its middle so that it is at most `max_tokens` long, the remark on what is missing included."""
    if estimate_tokens(text) <= max_tokens:
        return text
    room = max(0, int(max_tokens * BYTES_PER_TOKEN) - 50)  # the remark has some 45 characters
    raw = text.encode("utf-8", "replace")
    head = raw[: room * 2 // 3].decode("utf-8", "ignore")
    tail = raw[len(raw) - (room - room * 2 // 3) :].decode("utf-8", "ignore")
    return f"{head.rstrip()}\n[... {len(text) - len(head) - len(tail)} characters left out ...]\n{tail.lstrip()}"
