"""One worker as the judge sees it: started, loaded, then rung call by call and frozen in between.

Stops: forged results, replies and timers (only bytes at an address are read, out of a frozen process), lazy tensors, work
after the answer, inputs known before the window (they are written while the worker is frozen).
"""

import contextlib
import ctypes
import dataclasses
import json
import os
import secrets
import select
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from harness.build import BadRequest, BuildRequest, BuildResult
from harness.errors import HarnessError, JudgeError
from harness.judge.failures import diagnostics_text, died, load_failure, mutated, refused
from harness.judge.outcome import Decided
from harness.judge.readout import Answer, Reader
from harness.judge.reference import Layout
from harness.judge.regions import InputSlots, State, new_page, same_bytes
from harness.models import Isolation, Stage, Status
from harness.sandbox import Confined, ForkServer, Profile, isolation
from harness.worker import channel, doorbell
from harness.worker.channel import Kind, Weights
from harness.worker.doorbell import AnswerStatus
from harness.worker.program import DTYPES

BuildCall = Callable[[BuildRequest], BuildResult]
HELLO_TIMEOUT_S = 30.0
SPIN_NS = 300_000_000
ITEM_BYTES = (ctypes.c_int32 * len(DTYPES))(*(dtype.itemsize for dtype in DTYPES))
PREEMPTED_SHARE, PREEMPTED_NS = 0.1, 200_000


@dataclasses.dataclass(frozen=True)
class Task:
    """What a worker is to load."""

    source: str
    entry: str
    module: str
    seed: int
    threads: int
    load_timeout_s: float
    output_bytes: tuple[int, ...] = ()
    """Sizes of the outputs, where they are known: their buffers are touched before the first call."""


class Session:
    """A worker process and the protocol with it. Not thread-safe."""

    def __init__(
        self,
        server: ForkServer,
        lib: ctypes.CDLL,
        library_path: str,
        profile: Profile,
        task: Task,
        state: State,
        example: list[Any],
        core: int | None,
    ) -> None:
        """Start the process. `core` is the judge's own to wait on; without one it does not wait actively."""
        self._lib = lib
        self._core = core
        self._spin_ns = SPIN_NS if core is not None else 0
        self.task = task
        self.slots = InputSlots(example)
        self._page_memory, self.page = new_page()
        self._channel, theirs = socket.socketpair()
        self._channel.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        fds = {
            "channel": theirs.fileno(),
            "page": self._page_memory.fd,
            "inputs": self.slots.memory.fd,
            "state": state.memory.fd,
        }
        self.process: Confined = server.start("harness.worker.program:main", {"doorbell": library_path}, profile, fds)
        theirs.close()
        self._state = state
        self.pid = 0
        self.weights = Weights.NONE
        self.isolation: Isolation | None = None
        self.build_results: list[BuildResult] = []
        self._input_range = (0, 0)
        self._calls = 0
        self._build_error: HarnessError | None = None

    # ---- loading ----

    def load(self, build: BuildCall | None) -> None:
        """Wait for the worker, have it load its module, and serve its build requests meanwhile.

        Raises:
            Decided: the module failed to build, import, construct or answer in time.
            JudgeError: the worker was not even born.
        """
        self._hello()
        task = self.task
        message = {
            "source": task.source,
            "entry": task.entry,
            "module": task.module,
            "seed": task.seed,
            "threads": task.threads,
            "init": self._state.init,
            "state": self._state.manifest,
            "inputs": self.slots.layouts,
            "slot_bytes": self.slots.slot_bytes,
            "slots": InputSlots.SLOTS,
            "output_bytes": list(task.output_bytes),
        }
        try:
            channel.send(self._channel, Kind.LOAD, json.dumps(message).encode())
            self._serve_load(build)
        except channel.ChannelClosed:
            raise self._death(Stage.LOAD) from None
        except channel.BadMessage as error:
            raise Decided(
                Status.INTEGRITY_VIOLATION, Stage.LOAD, "the worker's channel carried a forged message", got=str(error)
            ) from None
        if self._lib.freeze(self.pid):
            raise self._death(Stage.LOAD)
        self._input_range = self._mapped("harness-inputs")
        self._check_readable()

    def _hello(self) -> None:
        """Receive the first message, with the sender's pid as the kernel knows it."""
        self._channel.settimeout(HELLO_TIMEOUT_S)
        size = channel.HEADER.size
        try:
            data, ancillary, _, _ = self._channel.recvmsg(size, socket.CMSG_SPACE(12))
        except TimeoutError:
            data, ancillary = b"", []
        if len(data) != size:
            ended = self.process.wait(1.0)
            how = ended.describe() if ended else "did not answer"
            raise JudgeError(f"a worker {how} before it loaded anything: {self.process.log.text(0.2).strip()[-300:]}")
        for level, kind, payload in ancillary:
            if level == socket.SOL_SOCKET and kind == socket.SCM_CREDENTIALS:
                self.pid = int.from_bytes(payload[:4], "little")
        self._channel.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 0)
        _, length = channel.HEADER.unpack(data)
        confinement = b""
        while len(confinement) < length:
            confinement += self._channel.recv(length - len(confinement))
        self.isolation = isolation(**json.loads(confinement))
        if not self.pid:
            raise JudgeError("the worker's pid is unknown")
        self.reader = Reader(self._lib, self.pid)

    def _serve_load(self, build: BuildCall | None) -> None:
        left_s = self.task.load_timeout_s
        while True:
            started = time.monotonic()
            self._channel.settimeout(max(0.01, left_s))
            try:
                kind, payload = channel.receive(self._channel)
            except TimeoutError:
                raise Decided(
                    Status.TIMEOUT,
                    Stage.LOAD,
                    f"importing and constructing took longer than {self.task.load_timeout_s:g} s",
                    log=self.process.log.text(),
                ) from None
            left_s -= time.monotonic() - started
            if kind is Kind.BUILD:
                self._serve_build(payload, build)
            elif kind is Kind.READY and payload and payload[0] in Weights._value2member_map_:
                self.weights = Weights(payload[0])
                return
            elif kind is Kind.FAILED and payload:
                raise load_failure(payload, self._failed_build())
            else:
                raise channel.BadMessage(f"unexpected {kind.name}")

    def _serve_build(self, payload: bytes, build: BuildCall | None) -> None:
        """Have a request built and answer with a path or the compiler's words."""
        if build is None:
            reply = {"error": "this module may not build extensions"}
        else:
            try:
                result = build(BuildRequest.from_untrusted(payload))
                self.build_results.append(result)
                reply = {"library": result.library} if result.library else {"error": diagnostics_text(result)}
            except BadRequest as error:
                reply = {"error": str(error)}
        channel.send(self._channel, Kind.BUILT, json.dumps(reply).encode())

    # ---- calling ----

    def call(
        self,
        inputs: list[Any],
        layouts: list[Layout] | None,
        stage: Stage,
        timeout_s: float,
        build: BuildCall | None = None,
    ) -> Answer:
        """Reveal inputs, ring, and read the answer out of the frozen worker.

        With `layouts` the outputs must have exactly these shapes and dtypes; without (the reference) any are taken.
        `build` serves extensions that are built within `forward`, which only a first call may do.

        Raises:
            Decided: the call failed, or what it returned is not an answer.
        """
        pairs = self.slots.write(inputs, self.page)
        result = doorbell.RingResult()
        limit_ns, building_ns = int(timeout_s * 1e9), ctypes.c_int64(0)
        serving = self._serve_lazy_builds(build, building_ns) if build else None
        with self._aside():
            self._lib.ring(
                ctypes.byref(self.page),
                self.pid,
                self.process.status_fd,
                limit_ns,
                ctypes.byref(building_ns),
                self._spin_ns,
                ITEM_BYTES,
                secrets.randbits(64),
                ctypes.byref(result),
            )
        if serving:
            serving.set()
        if self._build_error is not None:
            raise self._build_error
        self._calls += 1
        if result.outcome == 1:
            raise Decided(
                Status.TIMEOUT,
                stage,
                f"a call took longer than {timeout_s:.3g} s",
                where=self._where(),
                log=self.process.log.text(),
            )
        if result.outcome == 2 or not result.frozen:
            raise self._death(stage)
        answer = self._read(layouts, stage, result)
        for index, (shared, own) in enumerate(pairs):
            if not same_bytes(shared, own):
                raise mutated(index, shared, own, stage, self._where())
        return answer

    @contextlib.contextmanager
    def _aside(self) -> Iterator[None]:
        """Keep this thread off the cores that are being timed."""
        if self._core is None:
            yield
            return
        cores = os.sched_getaffinity(0)
        os.sched_setaffinity(0, {self._core})
        try:
            yield
        finally:
            os.sched_setaffinity(0, cores)

    def _serve_lazy_builds(self, build: BuildCall, building_ns: ctypes.c_int64) -> threading.Event:
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
                            self._serve_build(payload, build)
                        finally:
                            building_ns.value = before + time.monotonic_ns() - started
                    except (channel.ChannelClosed, channel.BadMessage, TimeoutError):
                        return
                    except HarnessError as error:  # ours, not the candidate's: raised again by `call`
                        self._build_error = error
                        return

        threading.Thread(target=serve, daemon=True).start()
        return done

    def _read(self, layouts: list[Layout] | None, stage: Stage, result: doorbell.RingResult) -> Answer:
        page = doorbell.Page.from_buffer_copy(self.page)  # one copy: what is checked is what is used
        if page.status != AnswerStatus.OK:
            raise refused(page, stage, self._where(), self._failed_build())
        outputs, addresses = self.reader.outputs(page, result, layouts, stage)
        low, high = self._input_range
        aliases = any(size and address < high and address + size > low for address, size in addresses)
        late = max(0, result.cpu_ns - result.elapsed_ns * self.task.threads)
        away = result.elapsed_ns - result.cpu_ns
        preempted = self.task.threads == 1 and away > max(PREEMPTED_SHARE * result.elapsed_ns, PREEMPTED_NS)
        return Answer(outputs, addresses, aliases, result.elapsed_ns, page.worker_ns, preempted, late)

    def let_run(self, seconds: float) -> None:
        """Thaw the worker without ringing, and freeze it again: whatever then runs is not honest work."""
        self._lib.thaw(self.pid)
        self.process.wait(seconds)
        self._lib.freeze(self.pid)

    def stray_message(self) -> bool:
        """Whether anything came over the channel that nobody asked for."""
        try:
            return bool(select.select([self._channel], [], [], 0)[0]) and bool(self._channel.recv(1, socket.MSG_PEEK))
        except OSError:
            return False

    def _failed_build(self) -> BuildResult | None:
        return next((r for r in reversed(self.build_results) if r.failure), None)

    def _death(self, stage: Stage) -> Decided:
        return died(self.process.wait(2.0), stage, self._where(), self.process.log.text(0.3))

    def _check_readable(self) -> None:
        """Outputs are read out of the frozen worker: say so at once where this machine forbids that.

        Raises:
            JudgeError: it does.
        """
        word = ctypes.c_uint32()
        address, _ = self._mapped("harness-page")
        found = self._lib.read_memory(self.pid, address, ctypes.byref(word), 4) if address else 0
        if found < 0:
            reason = os.strerror(-found)
            raise JudgeError(
                f"this machine forbids reading a worker's memory ({reason}): allow ptrace (CAP_SYS_PTRACE)"
            )

    def _mapped(self, name: str) -> tuple[int, int]:
        """Return where the kernel says that the worker maps `name`."""
        low, high = 0, 0
        try:
            lines = Path(f"/proc/{self.pid}/maps").read_text().splitlines()
        except OSError:
            return 0, 0
        for line in lines:
            if name in line:
                start, _, end = line.split()[0].partition("-")
                low, high = low or int(start, 16), int(end, 16)
        return low, high

    def _where(self) -> str:
        return f"call {self._calls}"

    def close(self) -> None:
        """End the worker and give everything back. Idempotent."""
        self.process.kill()
        self._channel.close()
        if self._page_memory.fd >= 0:
            self._page_memory.close()
            self.slots.memory.close()
            self._page_memory.fd = -1

    def __enter__(self) -> "Session":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
