"""The doorbell between two real processes: its layout, the window, freezing, and reading a frozen process."""

import contextlib
import ctypes
import dataclasses
import errno
import mmap
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.build import BuildCache, compile_trusted
from harness.config import Settings
from harness.languages.compiler import find_compiler
from harness.worker import doorbell
from tests.worker.answerer import BYTES, LIES

REPOSITORY = Path(__file__).parents[2]
SECOND = 1_000_000_000
ANSWERED, TIMEOUT, ENDED = 0, 1, 2


@pytest.fixture(scope="session")
def library() -> str:
    return str(compile_trusted(doorbell.SOURCE, BuildCache(Settings.load().cache_dir)))


@pytest.fixture(scope="session")
def lib(library: str) -> ctypes.CDLL:
    return doorbell.load(library)


@dataclasses.dataclass
class Worker:
    """The judge's view of a started answerer."""

    lib: ctypes.CDLL
    pid: int
    page: doorbell.Page
    status_fd: int
    data: int
    edge: int
    counter: int

    def ring(
        self, timeout_s: float = 10.0, spin_s: float = 0.0, extra_ns: int = 0, seed: int = 1
    ) -> doorbell.RingResult:
        result = doorbell.RingResult()
        extra = ctypes.c_int64(extra_ns)
        self.lib.ring(
            ctypes.byref(self.page),
            self.pid,
            self.status_fd,
            int(timeout_s * SECOND),
            ctypes.byref(extra),
            int(spin_s * SECOND),
            (ctypes.c_int32 * 12)(*[1] * 12),
            seed,
            ctypes.byref(result),
        )
        return result

    def read(self, address: int, size: int) -> tuple[int, bytes]:
        buffer = ctypes.create_string_buffer(size)
        return int(self.lib.read_memory(self.pid, address, buffer, size)), buffer.raw

    def count(self) -> int:
        return int.from_bytes(self.read(self.counter, 8)[1], "little")

    def states(self) -> set[str]:
        """State of every thread, as the kernel has it."""
        tasks = Path(f"/proc/{self.pid}/task")
        return {(t / "stat").read_text().rpartition(")")[2].split()[0] for t in tasks.iterdir()}


@contextlib.contextmanager
def worker(lib: ctypes.CDLL, library: str, mode: str) -> Iterator[Worker]:
    """Start an answerer; its end of the status pipe closes when it dies."""
    page_fd = os.memfd_create("page")
    os.ftruncate(page_fd, doorbell.PAGE_BYTES)
    view = mmap.mmap(page_fd, doorbell.PAGE_BYTES)
    hello_r, hello_w = os.pipe()
    argv = [sys.executable, "-m", "tests.worker.answerer", mode, library, str(page_fd), str(hello_w)]
    with subprocess.Popen(argv, pass_fds=[page_fd, hello_w], cwd=REPOSITORY) as process:
        os.close(hello_w)
        try:
            with os.fdopen(os.dup(hello_r)) as hello:
                data, edge, counter = map(int, hello.readline().split())
            page = doorbell.Page.from_buffer(view)
            yield Worker(lib, process.pid, page, hello_r, data, edge, counter)
        finally:
            process.kill()
            os.close(hello_r)
            os.close(page_fd)


def eventually(condition: object, timeout_s: float = 10.0) -> bool:
    deadline = time.monotonic() + timeout_s
    while not condition():  # type: ignore[operator]
        if time.monotonic() > deadline:
            return False
        os.sched_yield()
    return True


def test_both_languages_mean_the_same_bytes(tmp_path: Path) -> None:
    """Every field of the C structs against its ctypes twin, as this machine's compiler lays them out."""
    structs = {"page": doorbell.Page, "tensor": doorbell.Tensor, "ring_result": doorbell.RingResult}
    lines = [f'#include "{doorbell.SOURCE}"', "#include <stddef.h>", "int main(void) {"]
    expected = []
    for name, twin in structs.items():
        lines.append(f'printf("{name} %zu\\n", sizeof(struct {name}));')
        expected.append(f"{name} {ctypes.sizeof(twin)}")
        for field, *_ in twin._fields_:
            lines.append(
                f'printf("{name}.{field} %zu %zu\\n", offsetof(struct {name}, {field}), '
                f"sizeof(((struct {name} *)0)->{field}));"
            )
            place = getattr(twin, field)
            expected.append(f"{name}.{field} {place.offset} {place.size}")
    (tmp_path / "layout.c").write_text("\n".join([*lines, "return 0; }"]))
    subprocess.run(
        [find_compiler(), "-x", "c", "-std=gnu11", "-o", tmp_path / "layout", tmp_path / "layout.c"],
        check=True,
        timeout=60,
    )
    said = subprocess.run([tmp_path / "layout"], capture_output=True, text=True, check=True, timeout=10).stdout
    assert said.splitlines() == expected


def test_a_library_of_another_version_is_refused(tmp_path: Path) -> None:
    other = tmp_path / "doorbell.c"
    other.write_text(doorbell.SOURCE.read_text().replace("#define MAX_TENSORS 32", "#define MAX_TENSORS 16"))
    built = compile_trusted(other, BuildCache(tmp_path))
    with pytest.raises(OSError, match="clear the cache folder"):
        doorbell.load(str(built))


def test_a_ring_is_answered_and_the_worker_frozen(lib: ctypes.CDLL, library: str) -> None:
    with worker(lib, library, "answers") as started:
        for _ in range(3):
            result = started.ring(spin_s=0.1)
            assert (result.outcome, result.frozen) == (ANSWERED, 1)
            assert started.page.outputs == 1
            assert 0 < result.elapsed_ns < 5 * SECOND
            assert 0 <= started.page.worker_ns <= result.elapsed_ns
            assert result.cpu_ns > 0
            assert started.states() == {"T"}


def test_random_places_of_the_output_are_seen_at_the_moment_of_the_answer(lib: ctypes.CDLL, library: str) -> None:
    with worker(lib, library, "answers") as started:
        places = []
        for seed in (1, 2, 2):
            result = started.ring(seed=seed)
            assert result.samples == doorbell.SAMPLES
            offsets = list(result.sample_offset)
            assert all(offset + doorbell.SAMPLE_BYTES <= BYTES for offset in offsets)
            for offset, sample in zip(offsets, result.sample, strict=True):
                assert bytes(sample) == bytes(i % 251 for i in range(offset, offset + doorbell.SAMPLE_BYTES))
            places.append(offsets)
        assert places[0] != places[1]
        assert places[1] == places[2], "the seed, which only the judge knows, decides"


def test_forged_answers_are_survived(lib: ctypes.CDLL, library: str) -> None:
    """Stops: sizes, dtypes and addresses that would lead the judge out of its own memory."""
    with worker(lib, library, "forges") as started:
        for _ in range(LIES):
            result = started.ring()
            assert (result.outcome, result.frozen, result.samples) == (ANSWERED, 1, 0)


def test_the_windows_time_is_the_judges(lib: ctypes.CDLL, library: str) -> None:
    with worker(lib, library, "answers") as started:
        before = time.monotonic_ns()
        result = started.ring()
        assert result.elapsed_ns + result.freeze_ns <= time.monotonic_ns() - before


@pytest.mark.parametrize("mode", ["dies", "exits"])
@pytest.mark.parametrize("spin_s", [0.0, 0.05])
def test_a_worker_that_dies_in_the_window_is_noticed_at_once(
    lib: ctypes.CDLL, library: str, mode: str, spin_s: float
) -> None:
    with worker(lib, library, mode) as started:
        result = started.ring(timeout_s=60.0, spin_s=spin_s)
        assert result.outcome == ENDED
        assert result.elapsed_ns < 10 * SECOND


@pytest.mark.parametrize("mode", ["never answers", "answers another number"])
def test_a_worker_that_does_not_answer_times_out_and_is_frozen(lib: ctypes.CDLL, library: str, mode: str) -> None:
    """An answer with another number is none (stops: answering the next ring in advance)."""
    with worker(lib, library, mode) as started:
        result = started.ring(timeout_s=0.1)
        assert (result.outcome, result.frozen) == (TIMEOUT, 1)
        assert 0.1 * SECOND <= result.elapsed_ns < 5 * SECOND
        assert started.states() == {"T"}


def test_time_spent_compiling_extends_the_window(lib: ctypes.CDLL, library: str) -> None:
    with worker(lib, library, "never answers") as started:
        result = started.ring(timeout_s=0.05, extra_ns=SECOND // 10)
        assert result.outcome == TIMEOUT
        assert result.elapsed_ns >= 0.15 * SECOND


@pytest.mark.parametrize("mode", ["spins", "spins in threads"])
def test_a_frozen_process_stands_still_and_a_thawed_one_goes_on(lib: ctypes.CDLL, library: str, mode: str) -> None:
    with worker(lib, library, mode) as started:
        assert eventually(lambda: started.count() > 0)
        assert lib.freeze(started.pid) == 0
        assert started.states() == {"T"}
        cpu, count = lib.process_cpu_ns(started.pid), started.count()
        for _ in range(1000):
            os.sched_yield()
        assert (lib.process_cpu_ns(started.pid), started.count()) == (cpu, count)
        assert lib.thaw(started.pid) == 0
        assert eventually(lambda: started.count() > count)
        assert lib.process_cpu_ns(started.pid) > cpu


def test_what_is_gone_cannot_be_frozen(lib: ctypes.CDLL, library: str) -> None:
    with worker(lib, library, "answers") as started:
        pid = started.pid
    assert lib.freeze(pid) == -1
    assert lib.thaw(pid) == -1
    assert lib.read_memory(pid, 4096, ctypes.create_string_buffer(8), 8) == -errno.ESRCH


def test_memory_is_read_out_of_a_frozen_process(lib: ctypes.CDLL, library: str) -> None:
    with worker(lib, library, "answers") as started:
        assert lib.freeze(started.pid) == 0
        size, read = started.read(started.data, BYTES)
        assert size == BYTES
        assert read == bytes(i % 251 for i in range(BYTES))
        assert started.read(started.data + 7, 5) == (5, bytes([7, 8, 9, 10, 11]))
        assert started.read(started.data, 0)[0] == 0


def test_an_address_that_is_not_there_is_not_read(lib: ctypes.CDLL, library: str) -> None:
    """Stops: an answer that points anywhere."""
    with worker(lib, library, "answers") as started:
        for address in (0, 8, started.edge, (1 << 64) - 4096, 1 << 63):
            assert started.read(address, 64)[0] == -errno.EFAULT, hex(address)
        assert started.read(started.edge - 100, 200)[0] in {100, -errno.EFAULT}, "what lies beyond the edge is not read"


def test_the_second_look_sees_a_single_byte(lib: ctypes.CDLL, library: str) -> None:
    with worker(lib, library, "answers") as started:
        assert lib.freeze(started.pid) == 0
        seen = bytearray(started.read(started.data, BYTES)[1])

        def same(size: int = BYTES, address: int = started.data) -> int:
            return int(lib.same_memory(started.pid, address, (ctypes.c_char * BYTES).from_buffer(seen), size))

        assert same() == 1
        assert same(size=0) == 1
        for at in (0, (1 << 18) - 1, 1 << 18, BYTES - 1):
            seen[at] ^= 1
            assert same() == 0, at
            seen[at] ^= 1
        assert same(address=started.edge) == 0, "what cannot be read is not the same"
        assert same(address=8) == 0


def test_sweeping_touches_every_line(lib: ctypes.CDLL) -> None:
    buffer = ctypes.create_string_buffer(1 << 16)
    lib.sweep(buffer, 1 << 16)
    assert set(buffer.raw[::64]) == {1}
    assert buffer.raw.count(1) == 1024


def test_bandwidth_is_of_this_world(lib: ctypes.CDLL) -> None:
    size = 16 << 10
    measured = lib.read_bandwidth(ctypes.create_string_buffer(size), size, 500)
    assert 1e8 < measured < 1e13, "bytes per second; a slow core under load reads 10 GB/s out of its L1 cache"
