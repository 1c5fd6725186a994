"""A real HTTP server on loopback that answers as it is told, one scripted answer per request."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Answer:
    """What the server does with one request."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    cut: bool = False
    """Close the connection after half of the body."""
    hang: bool = False
    """Say nothing until the server ends."""


@dataclass
class Seen:
    """One request as it arrived."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]


class ScriptedServer:
    """Answers with `script` in order; the last answer is repeated."""

    def __init__(self, script: list[Answer]) -> None:
        self.script = script
        self.seen: list[Seen] = []
        self.released = threading.Event()
        self._mutex = threading.Lock()

    def take(self, seen: Seen) -> Answer:
        with self._mutex:
            self.seen.append(seen)
            return self.script[min(len(self.seen), len(self.script)) - 1]


@contextmanager
def serve(script: list[Answer]) -> Iterator[tuple[ScriptedServer, str]]:
    """Run a server with `script`; yields it and its address."""
    scripted = ScriptedServer(script)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            answer = scripted.take(Seen(self.path, {k.lower(): v for k, v in self.headers.items()}, body))
            if answer.hang:
                scripted.released.wait()
                self.close_connection = True
                return
            data = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
            self.send_response(answer.status)
            for name, value in {"Content-Type": "application/json", **answer.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data[: len(data) // 2] if answer.cut else data)
            self.close_connection = answer.cut

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield scripted, f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        scripted.released.set()
        server.shutdown()
        server.server_close()


def openai_reply(text: str = "hello", **changes: Any) -> dict[str, Any]:
    """A body of the Responses API."""
    content = [{"type": "output_text", "text": text, "annotations": []}]
    reasoning = {"type": "reasoning", "id": "rs_1", "summary": []}
    message = {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed", "content": content}
    return {
        "id": "resp_1",
        "object": "response",
        "created_at": 0,
        "model": "m",
        "status": "completed",
        "error": None,
        "incomplete_details": None,
        "output": [reasoning, message],
        "parallel_tool_calls": False,
        "tool_choice": "none",
        "tools": [],
        "usage": {
            "input_tokens": 100,
            "input_tokens_details": {"cached_tokens": 30, "cache_write_tokens": 10},
            "output_tokens": 20,
            "output_tokens_details": {"reasoning_tokens": 5},
            "total_tokens": 120,
        },
    } | changes


def anthropic_reply(text: str = "hello", **changes: Any) -> dict[str, Any]:
    """A body of the Messages API."""
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "m",
        "content": [{"type": "thinking", "thinking": "hm", "signature": "s"}, {"type": "text", "text": text}],
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": {
            "input_tokens": 60,
            "cache_read_input_tokens": 30,
            "cache_creation_input_tokens": 10,
            "output_tokens": 20,
            "output_tokens_details": {"thinking_tokens": 5},
        },
    } | changes


def chat_reply(text: str = "hello", **changes: Any) -> dict[str, Any]:
    """A body of Chat Completions, as vLLM gives it with a reasoning parser."""
    message = {"role": "assistant", "content": text, "reasoning": "hm"}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 0,
        "model": "m",
        "choices": [{"index": 0, "finish_reason": "stop", "message": message}],
        "usage": {
            "prompt_tokens": 100,
            "prompt_tokens_details": {"cached_tokens": 40},
            "completion_tokens": 20,
            "completion_tokens_details": {"reasoning_tokens": 5},
            "total_tokens": 120,
        },
    } | changes


def anthropic_stream(message: dict[str, Any], cut: bool = False, error: dict[str, Any] | None = None) -> Answer:
    """The events of a streamed message; cut off in the middle, or ended by an error event."""
    events: list[dict[str, Any]] = [
        {
            "type": "message_start",
            "message": message | {"content": [], "stop_reason": None, "usage": message["usage"] | {"output_tokens": 1}},
        }
    ]
    for index, block in enumerate(message["content"]):
        field_name = "text" if block["type"] == "text" else "thinking"
        half = len(block[field_name]) // 2
        events.append({"type": "content_block_start", "index": index, "content_block": block | {field_name: ""}})
        for piece in (block[field_name][:half], block[field_name][half:]):
            delta = {"type": f"{field_name}_delta", field_name: piece}
            events.append({"type": "content_block_delta", "index": index, "delta": delta})
        events.append({"type": "content_block_stop", "index": index})
    if error is not None:
        events.append({"type": "error", "error": error})
    elif not cut:
        delta = {"stop_reason": message["stop_reason"], "stop_sequence": None}
        events.append({"type": "message_delta", "delta": delta, "usage": message["usage"]})
        events.append({"type": "message_stop"})
    body = "".join(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n" for event in events)
    return Answer(body=body.encode(), headers={"Content-Type": "text/event-stream"})
