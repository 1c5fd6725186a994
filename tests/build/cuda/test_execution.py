"""How a launch runs: orders, indices, shared memory between blocks, exceptions, stacks, sleeping helpers."""

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from tests.build.cuda.conftest import HERE, Kernels

FORWARD, REVERSE, RANDOM = range(3)


@pytest.fixture(scope="session")
def plain(kernels: Callable[[str, bool], Kernels]) -> Kernels:
    return kernels("execution.cpp", False)


def run(library: Kernels, name: str, **options: int) -> torch.Tensor:
    y = torch.zeros(1024)
    library.run(name, torch.ones(1024), y, **options)
    return y


def counted(y: torch.Tensor) -> int:
    return int(y[:1].view(torch.int32))


@pytest.mark.parametrize("name", ["ranks", "ranks_after_barrier"])
def test_threads_come_in_the_order_asked_for(plain: Kernels, name: str):
    def order(**options: int) -> list[int]:
        y = run(plain, name, threads=1, **options)
        return y[1 : 1 + counted(y)].int().tolist()

    forward = order(order=FORWARD)
    assert forward == list(range(288 if name == "ranks" else 100)), "12 blocks of 24 threads, or one of 100"
    assert order(order=REVERSE) == forward[::-1]
    shuffled = [order(order=RANDOM, seed=seed) for seed in (1, 2, 1)]
    assert shuffled[0] == shuffled[2], "a seed repeats"
    assert shuffled[0] != shuffled[1]
    for found in shuffled:
        assert sorted(found) == forward
        assert found != forward


def test_every_thread_knows_where_it_is(plain: Kernels):
    assert counted(run(plain, "indices")) == 3 * 80


def test_shared_memory_is_poisoned_for_each_block(plain: Kernels):
    assert counted(run(plain, "poison", threads=1)) == 10 * 64 * 2


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("throws", "thrown by a kernel"),
        ("refuses", "uses texture objects, which the emulation does not have"),
        ("nested", "uses dynamic parallelism, which the emulation does not have"),
    ],
)
def test_an_exception_in_a_kernel_ends_the_launch(plain: Kernels, name: str, says: str):
    for _ in range(3):
        with pytest.raises(RuntimeError, match=says):
            run(plain, name)
    assert counted(run(plain, "indices")) == 3 * 80, "and the next launch is as any other"


def test_a_kernel_may_throw_and_catch(plain: Kernels):
    y = run(plain, "catches")
    assert torch.equal(y[:64], torch.arange(64.0) * (torch.arange(64) % 2))


@pytest.mark.parametrize("order", range(3))
@pytest.mark.parametrize("name", ["waits_for_thread", "waits_for_block"])
def test_a_plain_poll_does_not_keep_others_from_running(plain: Kernels, name: str, order: int):
    y = run(plain, name, order=order, seed=4)
    assert y[1:21].sum() == (1 if name == "waits_for_thread" else 20)


CALLER = """
import ctypes, sys
library = ctypes.CDLL(sys.argv[1])
memory = (ctypes.c_float * 1024)()
getattr(library, sys.argv[2])(memory, memory, 1024)
"""


def test_a_stack_overflow_is_a_crash(plain: Kernels):
    argv = [sys.executable, "-c", CALLER, str(plain.path), "overflow"]
    done = subprocess.run(argv, capture_output=True, timeout=60)
    assert done.returncode == -11, "a segmentation fault: SIGSEGV is 11"


def test_helpers_sleep_between_launches(plain: Kernels):
    """They are woken by a launch of 20 blocks; 0.2 s later the process has used next to no processor time."""
    run(plain, "poison", threads=4)
    run(plain, "indices", threads=4)
    before, started = time.process_time(), time.monotonic()
    while time.monotonic() - started < 0.2:
        time.sleep(0.05)
    assert time.process_time() - before < 0.1, "four spinning threads would have used 0.8 s"


MANY = """
import ctypes, shutil, sys
import torch
from harness.worker import kernel_page
page = kernel_page.Page()
kernel_page.set_options(page)
memory = (ctypes.c_float * 1024)()
for number in range(12):
    copy = f"{sys.argv[2]}/copy{number}.so"
    shutil.copy(sys.argv[1], copy)
    library = ctypes.CDLL(copy)
    assert kernel_page.attach(library, page, None, number)
    assert library.indices(memory, memory, 1024) == 0
print(ctypes.c_int.from_buffer(memory).value)
"""


def test_several_libraries_live_beside_torch(plain: Kernels, tmp_path: Path):
    """Thread-local indices lie in the static block, of which a process has little: 12 libraries must fit."""
    argv = [sys.executable, "-c", MANY, str(plain.path), str(tmp_path)]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=120, cwd=HERE.parents[2])
    assert done.stdout.strip() == str(12 * 240), done.stderr[-500:]
