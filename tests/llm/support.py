"""What the tests of providers share: a clock that costs no time, options with nothing of this machine in them."""

import asyncio
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from harness.llm import Message, Provider, ProviderOptions, Reply, Request
from harness.llm.retry import Clock, RetryPolicy

REQUEST = Request(
    system="be brief",
    messages=(Message("user", "write a kernel"),),
    problem_id="level1/23",
    language="cpp",
    attempt=1,
    max_output_tokens=777,
    timeout_s=30,
)

VARIABLES = (
    *("OPENAI_API_KEY", "OPENAI_BASE_URL", "OPENAI_ADMIN_KEY", "OPENAI_ORG_ID", "COMPATIBLE_API_KEY"),
    *("ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL", "ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_PROFILE", "HARNESS_BASE_URL"),
    *("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"),
)
"""Variables that would lead a client elsewhere."""


@dataclass
class FakeTime:
    """A clock that goes on when someone sleeps, and writes down for how long."""

    at: float = 0.0
    slept: list[float] = field(default_factory=list)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.at += seconds
        await asyncio.sleep(0)

    @property
    def clock(self) -> Clock:
        return Clock(now=lambda: self.at, sleep=self.sleep)

    def policy(self, **changes: Any) -> RetryPolicy:
        """Waits as long as full jitter may draw."""
        return RetryPolicy(clock=self.clock, uniform=lambda low, high: high, **changes)


def options(root: Path, time: FakeTime | None = None, **changes: Any) -> ProviderOptions:
    """Options that read no setting of this machine."""
    made = ProviderOptions(content_root=root, recordings=root / "recordings")
    if time is not None:
        made = replace(made, retry=time.policy())
    return replace(made, **changes)


def ask(provider: Provider, *requests: Request) -> list[Reply]:
    """Return the replies to `requests`, asked one after another."""

    async def call() -> list[Reply]:
        try:
            return [await provider.complete(request) for request in requests]
        finally:
            await provider.aclose()

    return asyncio.run(call())


def clear(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take away whatever would lead a client elsewhere."""
    for variable in VARIABLES:
        monkeypatch.delenv(variable, raising=False)
