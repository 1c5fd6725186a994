"""Programs that wait for each other: locks, flags in either direction, a barrier of the whole grid, and a deadlock."""

import pytest
import torch

from harness.worker.triton_api import Refused
from tests.worker.triton_support import findings, load

HEAD = "import torch\nimport triton\nimport triton.language as tl\n\n@triton.jit\n"
FORWARD, REVERSE, RANDOM = 0, 1, 2

CHAIN = (
    HEAD
    + """def chained_scan(x, y, flags, carry, n):
    pid = tl.program_id(0)
    before = 0.0
    if pid > 0:
        while tl.atomic_add(flags + pid - 1, 0) == 0:
            pass
        before = tl.load(carry + pid - 1)
    total = before + tl.load(x + pid)
    tl.store(y + pid, total)
    tl.store(carry + pid, total)
    tl.atomic_xchg(flags + pid, 1)
"""
)


@pytest.mark.parametrize("order", [FORWARD, REVERSE, RANDOM])
def test_a_scan_that_looks_back_works_in_every_order(order: int) -> None:
    x, y = torch.arange(1.0, 31.0), torch.zeros(30)
    load(CHAIN, order=order, seed=5, check=1).chained_scan[(30,)](
        x, y, torch.zeros(30, dtype=torch.int32), torch.zeros(30), 30
    )
    assert torch.equal(y, torch.cumsum(x, 0))
    assert findings() == []


BARRIER = (
    HEAD
    + """def two_phases(x, y, arrived, n):
    pid = tl.program_id(0)
    programs = tl.num_programs(0)
    tl.store(x + pid, pid + 1.0)
    tl.atomic_add(arrived, 1)
    while tl.atomic_add(arrived, 0) < programs:
        pass
    left = tl.load(x + (pid + 1) % programs)
    tl.atomic_add(arrived + 1, 1)
    while tl.load(arrived + 1, volatile=True) < programs:
        pass
    tl.store(y + pid, left)
"""
)


@pytest.mark.parametrize("order", [FORWARD, RANDOM])
def test_a_barrier_of_the_whole_grid(order: int) -> None:
    x, y = torch.zeros(20), torch.zeros(20)
    load(BARRIER, order=order, seed=1, check=1).two_phases[(20,)](x, y, torch.zeros(2, dtype=torch.int32), 20)
    assert torch.equal(y, torch.roll(torch.arange(1.0, 21.0), -1))
    assert findings() == []


def test_a_queue_of_work_is_no_waiting() -> None:
    source = (
        HEAD
        + """def queue(y, counter, n):
    tile = tl.atomic_add(counter, 1)
    while tile < n:
        tl.store(y + tile, 1.0)
        tile = tl.atomic_add(counter, 1)
"""
    )
    y = torch.zeros(3000)
    load(source, check=1).queue[(2,)](y, torch.zeros(1, dtype=torch.int32), 3000)
    assert y.sum().item() == 3000


def test_a_lock_that_nobody_opens_is_a_deadlock() -> None:
    source = (
        HEAD
        + """def locked(lock, y):
    while tl.atomic_cas(lock, 0, 1) == 1:
        pass
    tl.store(y, 1.0)
"""
    )
    with pytest.raises(Refused, match="deadlock"):
        load(source).locked[(3,)](torch.zeros(1, dtype=torch.int32), torch.zeros(1))


def test_an_error_in_one_program_ends_those_that_wait() -> None:
    source = CHAIN.replace("    total = ", "    if pid == 2:\n        tl.static_assert(False, 'third')\n    total = ")
    with pytest.raises(Refused, match="third"):
        load(source, order=REVERSE).chained_scan[(5,)](
            torch.ones(5), torch.zeros(5), torch.zeros(5, dtype=torch.int32), torch.zeros(5), 5
        )
