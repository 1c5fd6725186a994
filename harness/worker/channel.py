"""Framed messages while a worker loads: a kind byte, a length, bytes. Small, bounded, no pickle.

The judge's direction carries trusted text; the worker's direction is the candidate's word from the first byte on.
"""

import socket
import struct
import time
from enum import IntEnum

HEADER = struct.Struct("=BI")
MAX_PAYLOAD = 8 << 20


class Kind(IntEnum):
    """Messages of the load phase."""

    HELLO = 1
    """worker: alive; JSON of what confines it, sent before any candidate code."""
    LOAD = 2
    """judge: JSON of what to load."""
    BUILD = 3
    """worker: JSON of a build request."""
    BUILT = 4
    """judge: JSON `{"library": path}` or `{"error": text}`."""
    READY = 5
    """worker: serving; one byte that says how the weights came."""
    FAILED = 6
    """worker: one byte that says what failed, then text for people."""


class Failure(IntEnum):
    """First byte of `FAILED`."""

    LOAD = 0
    OUT_OF_MEMORY = 1
    BUILD = 2
    NO_CLASS = 3


class Weights(IntEnum):
    """Byte of `READY`."""

    NONE = 0
    LOADED = 1
    SEEDED = 2


class ChannelClosed(Exception):
    """The other side is gone."""


class BadMessage(Exception):
    """A message is not one of ours, or too long."""


def send(sock: socket.socket, kind: Kind, payload: bytes = b"") -> None:
    """Send one message.

    Raises:
        ChannelClosed: the other side is gone.
    """
    try:
        sock.sendall(HEADER.pack(kind, len(payload)) + payload)
    except OSError as error:
        raise ChannelClosed(str(error)) from error


def receive(sock: socket.socket) -> tuple[Kind, bytes]:
    """Receive one message.

    Raises:
        ChannelClosed: the other side is gone.
        BadMessage: what came is not a message.
        TimeoutError: the socket's timeout passed; it holds for the message as a whole, so that one that comes byte by byte
            does not outlast it.
    """
    timeout_s = sock.gettimeout()
    deadline = None if timeout_s is None else time.monotonic() + timeout_s
    try:
        kind, size = HEADER.unpack(_exactly(sock, HEADER.size, deadline))
        if kind not in Kind._value2member_map_ or size > MAX_PAYLOAD:
            raise BadMessage(f"kind {kind}, {size} bytes")
        return Kind(kind), _exactly(sock, size, deadline)
    finally:
        sock.settimeout(timeout_s)


def _exactly(sock: socket.socket, size: int, deadline: float | None) -> bytes:
    parts = bytearray()
    while len(parts) < size:
        if deadline is not None:
            left_s = deadline - time.monotonic()
            if left_s <= 0:
                raise TimeoutError("the message is not complete in time")
            sock.settimeout(left_s)
        try:
            data = sock.recv(min(1 << 20, size - len(parts)))
        except TimeoutError:
            raise
        except OSError as error:
            raise ChannelClosed(str(error)) from error
        if not data:
            raise ChannelClosed("closed")
        parts += data
    return bytes(parts)
