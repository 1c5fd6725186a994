"""One worker as the judge sees it: started, loaded, then rung call by call and frozen in between.

Stops: forged results, replies and timers (only bytes at an address are read, out of a frozen process), lazy tensors, work
after the answer, inputs known before the window (they are written while the worker is frozen).
"""

import contextlib
import ctypes
import dataclasses
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from harness.errors import JudgeError
from harness.judge.failures import died, mutated, refused
from harness.judge.kernels import KernelPage, Locate, Operations, Report
from harness.judge.loading import BuildCall, Loader
from harness.judge.outcome import Decided
from harness.judge.readout import Answer, Reader
from harness.judge.reference import Layout
from harness.judge.regions import InputSlots, State, new_page, same_bytes
from harness.models import Isolation, Stage, Status
from harness.sandbox import Confined, ForkServer, Profile
from harness.worker import channel, doorbell
from harness.worker.channel import Weights
from harness.worker.doorbell import AnswerStatus
from harness.worker.program import DTYPES

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
    device: str = "cpu"
    """Where the module's kernels run."""
    properties: dict[str, int | str] = dataclasses.field(default_factory=dict)
    """What `torch.cuda` answers on an emulated device."""
    check: bool = False
    """Whether an emulated device checks each access."""


class Session:
    """A worker process and the protocol with it. Not thread-safe."""

    def __init__(
        self,
        server: ForkServer,
        lib: ctypes.CDLL,
        library_path: str,
        allocator: str,
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
        self._loader = Loader()
        self.kernels = KernelPage(task.threads, check=task.check) if task.device != "cpu" else None
        fds = {
            "channel": self._loader.theirs.fileno(),
            "page": self._page_memory.fd,
            "inputs": self.slots.memory.fd,
            "state": state.memory.fd,
        }
        if self.kernels is not None:
            fds["kernels"] = self.kernels.memory.fd
        arguments = {"doorbell": library_path, "allocator": allocator}
        self.process: Confined = server.start("harness.worker.program:main", arguments, profile, fds)
        self._state = state
        self.pid = 0
        self.weights = Weights.NONE
        self.isolation: Isolation | None = None
        self._input_range = (0, 0)
        self._calls = 0

    # ---- loading ----

    def load(self, build: BuildCall | None) -> None:
        """Wait for the worker, have it load its module, and serve its build requests meanwhile.

        Raises:
            Decided: the module failed to build, import, construct or answer in time.
            JudgeError: the worker was not even born.
        """
        self.pid, self.isolation = self._loader.hello(self.process)
        self.reader = Reader(self._lib, self.pid)
        task = self.task
        message = {
            "source": task.source,
            "entry": task.entry,
            "module": task.module,
            "seed": task.seed,
            "threads": task.threads,
            "device": task.device,
            "properties": task.properties,
            "check": task.check,
            "init": self._state.init,
            "state": self._state.manifest,
            "inputs": self.slots.layouts,
            "slot_bytes": self.slots.slot_bytes,
            "slots": InputSlots.SLOTS,
            "output_bytes": list(task.output_bytes),
        }
        try:
            self.weights = self._loader.load(message, task.load_timeout_s, build, self.process)
        except channel.ChannelClosed:
            raise self._death(Stage.LOAD) from None
        if self._lib.freeze(self.pid):
            raise self._death(Stage.LOAD)
        self._input_range = self._mapped("harness-inputs")
        self._check_readable()

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
        serving = self._loader.serve_beside_call(build, building_ns) if build else None
        if self.kernels is not None:
            self.kernels.prepare()
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
        if self._loader.error is not None:
            raise self._loader.error
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

    def _read(self, layouts: list[Layout] | None, stage: Stage, result: doorbell.RingResult) -> Answer:
        page = doorbell.Page.from_buffer_copy(self.page)  # one copy: what is checked is what is used
        if page.status != AnswerStatus.OK:
            raise refused(page, stage, self._where(), self._loader.failed_build())
        outputs, addresses = self.reader.outputs(page, result, layouts, stage)
        low, high = self._input_range
        aliases = any(size and address < high and address + size > low for address, size in addresses)
        late = max(0, result.cpu_ns - result.elapsed_ns * self.task.threads)
        away = result.elapsed_ns - result.cpu_ns
        preempted = self.task.threads == 1 and away > max(PREEMPTED_SHARE * result.elapsed_ns, PREEMPTED_NS)
        return Answer(outputs, addresses, aliases, result.elapsed_ns, page.worker_ns, preempted, late)

    def report(self, locate: Locate, operations: Operations | None = None) -> Report:
        """Return what the kernels of the last call reported; nothing where kernels are not emulated."""
        return self.kernels.report(locate, operations) if self.kernels is not None else Report([], [], [])

    def let_run(self, seconds: float) -> None:
        """Thaw the worker without ringing, and freeze it again: whatever then runs is not honest work."""
        self._lib.thaw(self.pid)
        self.process.wait(seconds)
        self._lib.freeze(self.pid)

    def stray_message(self) -> bool:
        """Whether anything came over the channel that nobody asked for."""
        return self._loader.stray_message()

    def libraries(self) -> list[str]:
        """Return the paths of the libraries that were built for this worker, in the order of their numbers."""
        return self._loader.libraries()

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
        self._loader.close()
        if self.kernels is not None:
            self.kernels.close()
        if self._page_memory.fd >= 0:
            self._page_memory.close()
            self.slots.memory.close()
            self._page_memory.fd = -1

    def __enter__(self) -> "Session":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
