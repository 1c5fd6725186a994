"""How a worker comes up: its first message, what it is told to load, the builds that it asks for meanwhile.

Everything that comes over the channel after the first message is the candidate's word; a build request is parsed and
bounded by `BuildRequest.from_untrusted`, and whatever else comes is a forged message.
"""

import contextlib
import ctypes
import json
import select
import socket
import threading
import time
from collections.abc import Callable
from typing import Any

from harness.build import BadRequest, BuildRequest, BuildResult
from harness.errors import HarnessError, JudgeError
from harness.judge.failures import diagnostics_text, load_failure
from harness.judge.outcome import Decided
from harness.models import Isolation, Stage, Status
from harness.sandbox import Confined, isolation
from harness.worker import channel
from harness.worker.channel import Kind, Weights

BuildCall = Callable[[BuildRequest], BuildResult]
HELLO_TIMEOUT_S = 30.0


class Loader:
    """The judge's end of one worker's channel."""

    def __init__(self) -> None:
        self._channel, self.theirs = socket.socketpair()
        self._channel.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        self.built: list[BuildResult] = []
        """What the worker had built, in order."""
        self.error: HarnessError | None = None
        """What failed on our side while a build was served beside a call."""

    def hello(self, process: Confined) -> tuple[int, Isolation]:
        """Receive the first message: the sender's pid as the kernel knows it, and what confines it.

        Raises:
            JudgeError: the worker was not even born.
        """
        self.theirs.close()
        self._channel.settimeout(HELLO_TIMEOUT_S)
        size = channel.HEADER.size
        try:
            data, ancillary, _, _ = self._channel.recvmsg(size, socket.CMSG_SPACE(12))
        except TimeoutError:
            data, ancillary = b"", []
        if len(data) != size:
            ended = process.wait(1.0)
            how = ended.describe() if ended else "did not answer"
            raise JudgeError(f"a worker {how} before it loaded anything: {process.log.text(0.2).strip()[-300:]}")
        pid = 0
        for level, kind, payload in ancillary:
            if level == socket.SOL_SOCKET and kind == socket.SCM_CREDENTIALS:
                pid = int.from_bytes(payload[:4], "little")
        self._channel.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 0)
        _, length = channel.HEADER.unpack(data)
        confinement = b""
        while len(confinement) < length:
            confinement += self._channel.recv(length - len(confinement))
        if not pid:
            raise JudgeError("the worker's pid is unknown")
        return pid, isolation(**json.loads(confinement))

    def load(self, task: dict[str, Any], timeout_s: float, build: BuildCall | None, process: Confined) -> Weights:
        """Have the worker load its module; return how its weights came.

        Raises:
            Decided: the module failed to build, import, construct or answer in time, or sent what nobody asked for.
            channel.ChannelClosed: the worker is gone.
        """
        channel.send(self._channel, Kind.LOAD, json.dumps(task).encode())
        try:
            return self._serve(timeout_s, build, process)
        except channel.BadMessage as error:
            raise Decided(
                Status.INTEGRITY_VIOLATION, Stage.LOAD, "the worker's channel carried a forged message", got=str(error)
            ) from None

    def _serve(self, left_s: float, build: BuildCall | None, process: Confined) -> Weights:
        limit_s = left_s
        while True:
            started = time.monotonic()
            self._channel.settimeout(max(0.01, left_s))
            try:
                kind, payload = channel.receive(self._channel)
            except TimeoutError:
                raise Decided(
                    Status.TIMEOUT,
                    Stage.LOAD,
                    f"importing and constructing took longer than {limit_s:g} s",
                    log=process.log.text(),
                ) from None
            left_s -= time.monotonic() - started
            if kind is Kind.BUILD:
                self._build(payload, build)
            elif kind is Kind.READY and payload and payload[0] in Weights._value2member_map_:
                return Weights(payload[0])
            elif kind is Kind.FAILED and payload:
                raise load_failure(payload, self.failed_build())
            else:
                raise channel.BadMessage(f"unexpected {kind.name}")

    def _build(self, payload: bytes, build: BuildCall | None) -> None:
        """Have a request built and answer with a path or the compiler's words."""
        if build is None:
            reply = {"error": "this module may not build extensions"}
        else:
            try:
                result = build(BuildRequest.from_untrusted(payload))
                self.built.append(result)
                reply = {"library": result.library} if result.library else {"error": diagnostics_text(result)}
            except BadRequest as error:
                reply = {"error": str(error)}
        channel.send(self._channel, Kind.BUILT, json.dumps(reply).encode())

    def serve_beside_call(self, build: BuildCall, building_ns: ctypes.c_int64) -> threading.Event:
        """Serve build requests on a thread while a first call runs; set the event to end it.

        The call's time-out does not run while the harness compiles: `building_ns` holds what that takes.
        """
        done = threading.Event()

        def serve() -> None:
            while not done.is_set():
                if select.select([self._channel], [], [], 0.01)[0] and not done.is_set():
                    try:
                        self._channel.settimeout(1.0)
                        kind, payload = channel.receive(self._channel)
                        if kind is not Kind.BUILD:
                            return
                        before, started = building_ns.value, time.monotonic_ns()
                        building_ns.value = 1 << 60
                        try:
                            self._build(payload, build)
                        finally:
                            building_ns.value = before + time.monotonic_ns() - started
                    except (channel.ChannelClosed, channel.BadMessage, TimeoutError):
                        return
                    except HarnessError as error:  # ours, not the candidate's: raised again by the session
                        self.error = error
                        return

        threading.Thread(target=serve, daemon=True).start()
        return done

    def failed_build(self) -> BuildResult | None:
        """Return the last build that failed, if any."""
        return next((result for result in reversed(self.built) if result.failure), None)

    def libraries(self) -> list[str]:
        """Return the paths of what was built, in the order in which the worker numbers them."""
        return [result.library for result in self.built if result.library]

    def stray_message(self) -> bool:
        """Whether anything came that nobody asked for."""
        with contextlib.suppress(OSError):
            return bool(select.select([self._channel], [], [], 0)[0]) and bool(self._channel.recv(1, socket.MSG_PEEK))
        return False

    def close(self) -> None:
        """Close the judge's end."""
        self._channel.close()
