"""A crowd of questions at once, in two processes: a server that keeps books, and a client that measures itself.

`python -m tests.llm.crowd serve` prints its address, answers until its stdin ends, and then prints its books.
`python -m tests.llm.crowd ask ADDRESS PROVIDER COUNT PROMPT_BYTES` prints what came back and how much memory it took.
"""

import asyncio
import json
import os
import random
import resource
import sys
import tempfile
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

from harness.llm import CallFailed, Message, Reply, make_provider
from harness.llm.retry import RetryPolicy
from tests.llm.servers import anthropic_reply, chat_reply, openai_reply
from tests.llm.support import REQUEST, options

FAULTS = ("limited", "limited later", "broken", "cut", "not json")
FAULT_SHARE = 0.05
REPLY_CHARS = 8_000
"""A kernel and some prose."""
TIMEOUT_S = 300.0
"""Far above what all of it takes, so that on a busy machine nothing is asked again for being late."""
REPLIES = {"/v1/responses": openai_reply, "/v1/messages": anthropic_reply, "/v1/chat/completions": chat_reply}


class Books:
    """What the server did: how often each question was answered whole, and each kind of fault."""

    def __init__(self) -> None:
        self.answered: Counter[str] = Counter()
        self.faults: Counter[str] = Counter()
        self.open = 0
        self.most_open = 0
        self.chance = random.Random(5)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.open += 1
        self.most_open = max(self.most_open, self.open)
        try:
            while await self._answer(reader, writer):
                pass
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self.open -= 1
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        length = int(
            next(line for line in head.lower().split("\r\n") if line.startswith("content-length")).split(":")[1]
        )
        body = json.loads(await reader.readexactly(length))
        asked = (body.get("input") or body.get("messages"))[-1]["content"].partition(" ")[0]
        fault = self.chance.choice(FAULTS) if self.chance.random() < FAULT_SHARE else ""
        status, headers, data = 200, "", b"<html>busy</html>"
        if fault:
            self.faults[fault] += 1
        if fault.startswith("limited"):
            status, headers = 429, "Retry-After: 0.05\r\n" if fault == "limited later" else ""
        elif fault == "broken":
            status = 500
        elif fault != "not json":
            text = f"answer to {asked} ".ljust(REPLY_CHARS, ".")
            data = json.dumps(REPLIES[head.split()[1]](text)).encode()
        if not fault:
            self.answered[asked] += 1
        answer = (
            f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {len(data)}\r\n{headers}\r\n"
        )
        writer.write(answer.encode() + (data[: len(data) // 2] if fault == "cut" else data))
        await writer.drain()
        return fault != "cut"


async def run_server() -> None:
    books = Books()
    server = await asyncio.start_server(books.serve, "127.0.0.1", 0, backlog=2048)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await asyncio.to_thread(sys.stdin.read)
    print(json.dumps({"answered": books.answered, "faults": books.faults, "most_open": books.most_open}), flush=True)
    os._exit(0)


async def run_client(address: str, provider: str, count: int, prompt_bytes: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        retry = RetryPolicy(tries=8, base_s=0.02)
        base_url = address + ("" if provider == "anthropic" else "/v1")
        made = make_provider(f"{provider}/m", root, options(root, base_url=base_url, max_requests=1000, retry=retry))

        async def one(number: int) -> Reply | None:
            text = f"question-{number} ".ljust(prompt_bytes, "x")
            try:
                messages = (Message("user", text),)
                return await made.complete(replace(REQUEST, attempt=number, messages=messages, timeout_s=TIMEOUT_S))
            except CallFailed:
                return None

        await one(-1)  # what is imported at the first call is not of the crowd
        before, began, cpu = peak_bytes(), time.monotonic(), time.process_time()
        replies = await asyncio.gather(*(one(number) for number in range(count)))
        found: dict[str, Any] = {
            "seconds": round(time.monotonic() - began, 1),
            "cpu_seconds": round(time.process_time() - cpu, 1),
            "growth_bytes": peak_bytes() - before,
            "right": sum(
                reply is not None and reply.text.startswith(f"answer to question-{number} ")
                for number, reply in enumerate(replies)
            ),
            "calls": sum(reply.calls for reply in replies if reply),
            "unmetered": sum(reply.unmetered for reply in replies if reply),
            "output_tokens": sum(reply.usage.output for reply in replies if reply),
        }
        await made.aclose()
    print(json.dumps(found))


def peak_bytes() -> int:
    """The largest resident set so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        asyncio.run(run_server())
    else:
        asyncio.run(run_client(sys.argv[2], sys.argv[3], int(sys.argv[4]), int(sys.argv[5])))
