"""1,000 questions at once, one in twenty of the server's answers a fault."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.llm.support import VARIABLES

COUNT = 1000
PROMPT_BYTES = 16_000
"""A problem, its guide and some feedback."""
MEMORY_BYTES = 300 << 20
"""Growth above the idle client that the project allows itself."""
KEYS = {"OPENAI_API_KEY": "sk-x", "ANTHROPIC_API_KEY": "sk-x"}
ENVIRONMENT = {name: value for name, value in os.environ.items() if name not in VARIABLES} | KEYS
ROOT = Path(__file__).parents[2]


@pytest.mark.slow
@pytest.mark.parametrize("provider", ["openai", "anthropic"])
def test_none_is_lost_and_none_is_billed_twice(provider: str):
    command = [sys.executable, "-m", "tests.llm.crowd"]
    server = subprocess.Popen(
        [*command, "serve"], cwd=ROOT, env=ENVIRONMENT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        address = server.stdout.readline().strip()
        asked = [*command, "ask", address, provider, str(COUNT), str(PROMPT_BYTES)]
        client = subprocess.run(
            asked, cwd=ROOT, env=ENVIRONMENT, capture_output=True, text=True, timeout=400, check=False
        )
        books, _ = server.communicate(timeout=30)
    finally:
        server.kill()
    assert client.returncode == 0, client.stderr[-2000:]
    found, books = json.loads(client.stdout), json.loads(books)
    print(provider, found, books["faults"], books["most_open"])
    assert found["right"] == COUNT
    assert {books["answered"][f"question-{number}"] for number in range(COUNT)} == {1}
    assert found["output_tokens"] == 20 * COUNT  # what the server bills for a whole answer, once each
    assert sum(books["faults"].values()) > COUNT / 40  # about one in twenty
    assert found["calls"] == COUNT + sum(books["faults"].values()) - (books["answered"]["question--1"] - 1)
    assert found["unmetered"] == books["faults"].get("cut", 0) + books["faults"].get("not json", 0)
    assert books["most_open"] > COUNT / 2  # they really were there at once
    assert found["growth_bytes"] < MEMORY_BYTES
