"""Replies that were bought before, on disk, under a digest of everything that changes the answer. Off unless asked for."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from harness.errors import StoreError
from harness.llm.base import Provider, Reply, Request, StopReason
from harness.models import Usage, sha256_hex
from harness.store.files import store_errors, write_atomically

FORMAT = 1
"""Version of an entry, and part of its key."""
_NOT_IN_KEY = ("timeout_s", "failed")
"""What does not change an answer."""


class CachedProvider:
    """Asks `provider` only what was not asked before.

    Two requests of one text are two draws, not one: which problem, attempt, sample and step asks is part of the key, and so
    is how often this process has asked exactly that. So a search that wants several answers gets several, and one that is
    done again gets the same ones again.
    """

    def __init__(self, provider: Provider, model: str, folder: Path, base_url: str | None = None) -> None:
        self._provider = provider
        self._model = model
        self._folder = folder
        self._base_url = base_url
        self._asked: Counter[str] = Counter()

    def check(self, problem_ids: Sequence[str], language: str) -> None:
        """Find out whether these problems can be asked; see `harness.llm.Provider`."""
        self._provider.check(problem_ids, language)

    async def complete(self, request: Request) -> Reply:
        """Answer `request`; see `harness.llm.Provider`. A hit is marked, was sent nowhere and costs nothing."""
        once = self._key(request, 0)
        occurrence = self._asked[once]
        self._asked[once] += 1
        path = self._path(self._key(request, occurrence))
        kept = _read(path)
        if kept is not None:
            return kept
        reply = await self._provider.complete(request)
        try:
            with store_errors(path.parent, "created"):
                path.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(path, json.dumps(_entry(reply)).encode())
        except StoreError as error:  # the reply is bought: it counts more than its copy
            return replace(reply, warnings=(*reply.warnings, f"the reply could not be kept: {error}"))
        return reply

    async def aclose(self) -> None:
        """Close what the provider has open."""
        await self._provider.aclose()

    def _key(self, request: Request, occurrence: int) -> str:
        asked = {
            name: value for name, value in asdict(replace(request, failed=None)).items() if name not in _NOT_IN_KEY
        }
        whole = [FORMAT, self._model, self._base_url, asked, occurrence]
        return sha256_hex(json.dumps(whole, sort_keys=True, ensure_ascii=True))

    def _path(self, key: str) -> Path:
        return self._folder / key[:2] / f"{key}.json"


def _entry(reply: Reply) -> dict[str, Any]:
    """Return what is kept of a reply: the answer, and what it cost when it was bought, for people."""
    return {
        "format": FORMAT,
        "text": reply.text,
        "reasoning": reply.reasoning,
        "stop": reply.stop.value,
        "warnings": reply.warnings,
        "bought_usage": reply.usage.model_dump(),
        "bought_usd": reply.cost_usd,
    }


def _read(path: Path) -> Reply | None:
    """Return a kept reply, or None where there is none that can be used."""
    try:
        entry = json.loads(path.read_bytes())
        if entry["format"] != FORMAT or not isinstance(entry["text"], str):
            return None
        return Reply(
            text=entry["text"],
            usage=Usage(),
            stop=StopReason(entry["stop"]),
            cost_usd=0.0,
            reasoning=str(entry["reasoning"]),
            calls=0,
            cached=True,
            warnings=tuple(map(str, entry["warnings"])),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None
