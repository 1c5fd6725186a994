"""Framed messages, from a side that may say anything, in any pieces, and stop at any byte."""

import socket
import struct
import threading
import time
from collections.abc import Iterator

import pytest

from harness.worker import channel
from harness.worker.channel import BadMessage, ChannelClosed, Kind

Pair = tuple[socket.socket, socket.socket]


@pytest.fixture
def pair() -> Iterator[Pair]:
    ours, theirs = socket.socketpair()
    ours.settimeout(10.0)
    theirs.settimeout(10.0)
    with ours, theirs:
        yield ours, theirs


def message(kind: int, payload: bytes) -> bytes:
    return struct.pack("=BI", kind, len(payload)) + payload


@pytest.mark.parametrize("payload", [b"", b"x", b"\0" * 70_000, bytes(range(256)) * 4096])
def test_a_message_arrives(pair: Pair, payload: bytes) -> None:
    sender = threading.Thread(target=channel.send, args=(pair[1], Kind.BUILD, payload))
    sender.start()
    assert channel.receive(pair[0]) == (Kind.BUILD, payload)
    sender.join()


def test_messages_keep_their_borders(pair: Pair) -> None:
    for number in range(5):
        channel.send(pair[1], Kind.LOAD, bytes([number]) * number)
    assert [channel.receive(pair[0])[1] for _ in range(5)] == [bytes([n]) * n for n in range(5)]


def test_a_message_may_come_byte_by_byte(pair: Pair) -> None:
    data = message(Kind.READY, b"abc")
    received: list[tuple[Kind, bytes]] = []
    receiver = threading.Thread(target=lambda: received.append(channel.receive(pair[0])))
    receiver.start()
    for position in range(len(data)):
        pair[1].send(data[position : position + 1])
    receiver.join()
    assert received == [(Kind.READY, b"abc")]


@pytest.mark.parametrize("length", range(len(message(Kind.READY, b"abc"))))
def test_closed_at_any_byte_is_closed(pair: Pair, length: int) -> None:
    pair[1].sendall(message(Kind.READY, b"abc")[:length])
    pair[1].close()
    with pytest.raises(ChannelClosed):
        channel.receive(pair[0])


def test_a_reset_is_closed_too(pair: Pair) -> None:
    pair[0].send(b"unread")  # closing a socket with unread data resets the connection
    pair[1].close()
    with pytest.raises(ChannelClosed):
        channel.receive(pair[0])
    with pytest.raises(ChannelClosed):
        channel.send(pair[0], Kind.LOAD, b"x")


@pytest.mark.parametrize("kind", [0, 7, 99, 255])
def test_an_unknown_kind_is_refused(pair: Pair, kind: int) -> None:
    pair[1].sendall(message(kind, b""))
    with pytest.raises(BadMessage, match=f"kind {kind}"):
        channel.receive(pair[0])


@pytest.mark.parametrize("size", [channel.MAX_PAYLOAD + 1, 1 << 31, (1 << 32) - 1])
def test_a_message_that_is_too_long_is_refused_before_it_is_read(pair: Pair, size: int) -> None:
    pair[1].sendall(struct.pack("=BI", Kind.BUILD, size))
    with pytest.raises(BadMessage, match=f"{size} bytes"):
        channel.receive(pair[0])


def test_silence_is_a_timeout(pair: Pair) -> None:
    pair[0].settimeout(0.02)
    with pytest.raises(TimeoutError):
        channel.receive(pair[0])
    pair[1].sendall(message(Kind.READY, b"abc")[:6])
    with pytest.raises(TimeoutError):
        channel.receive(pair[0])


def test_a_timeout_holds_for_the_whole_message(pair: Pair) -> None:
    """Stops: a worker that keeps its judge waiting for hours by sending a byte now and then."""
    stop = threading.Event()
    pair[1].sendall(struct.pack("=BI", Kind.BUILD, 1_000_000))

    def drip() -> None:
        while not stop.wait(0.01):
            pair[1].send(b"x")

    dripping = threading.Thread(target=drip)
    dripping.start()
    pair[0].settimeout(0.1)
    started = time.monotonic()
    try:
        with pytest.raises(TimeoutError):
            channel.receive(pair[0])
    finally:
        stop.set()
        dripping.join()
    assert time.monotonic() - started < 5.0
    assert pair[0].gettimeout() == 0.1
