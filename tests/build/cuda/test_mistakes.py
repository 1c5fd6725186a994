"""Every planted mistake is found, at its line; what is right beside it is not."""

from collections.abc import Callable

import pytest
import torch

from harness.models import FindingKind as Kind
from tests.build.cuda.conftest import HERE, Kernels, marked_lines

SOURCE = "mistakes.cpp"
LINES = marked_lines(HERE / SOURCE)

PLANTED = {
    "global_write": Kind.OUT_OF_BOUNDS,
    "global_read": Kind.OUT_OF_BOUNDS,
    "null_write": Kind.OUT_OF_BOUNDS,
    "shared_write": Kind.OUT_OF_BOUNDS,
    "dynamic_write": Kind.OUT_OF_BOUNDS,
    "no_barrier_before": Kind.RACE,
    "no_barrier_inside": Kind.RACE,
    "no_barrier_after_use": Kind.RACE,
    "warp_synchronous": Kind.RACE,
    "half_masks": Kind.RACE,
    "accumulate": Kind.RACE,
    "halo": Kind.RACE,
    "atomic_then_read": Kind.RACE,
    "reset_beside_atomic": Kind.RACE,
    "unfenced_last_block": Kind.RACE,
    "byte_race": Kind.RACE,
    "divergent_barrier": Kind.DIVERGENT_BARRIER,
    "uninitialised": Kind.UNINITIALISED_SHARED,
    "misaligned": Kind.MISALIGNED,
    "early_return": Kind.WARP_MASK,
    "outside_mask": Kind.WARP_MASK,
}
RIGHT = ("ok_reduce", "ok_rounds", "ok_warp_synchronous", "ok_exited", "ok_accumulate", "ok_last_block")

Load = Callable[[str, bool], Kernels]


def inputs(name: str) -> tuple[torch.Tensor, torch.Tensor]:
    """1,000 elements where the last block is to be a part of one, else four blocks of 256."""
    n = 1000 if name in {"global_write", "ok_exited"} else 1024
    x = torch.arange(n, dtype=torch.float32) % 7
    return x, torch.zeros_like(x)


@pytest.fixture(scope="session")
def checked(kernels: Load) -> Kernels:
    return kernels(SOURCE, True)


@pytest.fixture(scope="session")
def plain(kernels: Load) -> Kernels:
    return kernels(SOURCE, False)


@pytest.mark.parametrize("order", range(3))
@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_mistake_is_found_at_its_line(checked: Kernels, name: str, order: int):
    checked.run(name, *inputs(name), order=order, seed=3)
    found = [f for f in checked.findings() if f.kind is PLANTED[name]]
    assert found, [f.what for f in checked.findings()]
    sides = [side for f in found for side in (f.where, f.other_where) if side]
    places = {int(side.split(":")[1]) for side in sides}
    assert places & LINES[name], (places, LINES[name])
    assert {f.kernel for f in found} == {name}
    assert all(f.block is not None and f.thread is not None for f in found)


@pytest.mark.parametrize("name", [name for name, kind in PLANTED.items() if kind is Kind.RACE])
def test_a_race_names_both_sides(checked: Kernels, name: str):
    checked.run(name, *inputs(name))
    for race in (f for f in checked.findings() if f.kind is Kind.RACE):
        assert race.other_where is not None
        assert (race.block, race.thread) != (race.other_block, race.other_thread)


@pytest.mark.parametrize("order", range(3))
@pytest.mark.parametrize("name", RIGHT)
def test_the_same_without_the_mistake_is_not_accused(checked: Kernels, name: str, order: int):
    x, y = inputs(name)
    checked.run(name, x, y, order=order, seed=5)
    assert checked.findings() == []
    assert y.abs().sum() > 0, "it did something"


def test_an_access_out_of_bounds_is_not_made(checked: Kernels):
    """24 threads lie beyond 1,000 elements; the memory behind is another tensor's, or the heap's own."""
    x, _ = inputs("global_write")
    room = torch.full((1024,), -1.0)
    exact = torch.zeros(1000)
    checked.run("global_write", x, exact)
    [found] = checked.findings()
    assert found.count == 24
    assert found.what == "4-byte write 0 bytes past the end of 4000 bytes"
    assert found.block == (3, 0, 0)
    assert found.thread == (232, 0, 0), "256 * 3 + 232 is the first index past 1,000"
    assert torch.equal(exact, x + 1), "everything within bounds was done"
    checked.run("global_write", x, room[:1000])
    assert checked.findings() == [], "a view of a larger tensor has that tensor's room"


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("too_many_threads", "2048 threads"),
        ("empty_grid", "is empty"),
        ("too_much_shared", "65536 bytes of dynamic shared memory, and 49152 are allowed"),
    ],
)
def test_a_launch_that_a_gpu_refuses_is_not_run(plain: Kernels, name: str, says: str):
    x, y = inputs(name)
    plain.run(name, x, y)
    [found] = plain.findings()
    assert found.kind is Kind.INVALID_LAUNCH
    assert says in found.what
    assert not y.any()


def test_a_launch_beyond_the_limit_says_both_numbers(plain: Kernels):
    x, y = inputs("ok_reduce")
    with pytest.raises(RuntimeError, match=r"1024 threads.* 1000 "):
        plain.run("ok_reduce", x, y, max_threads_per_launch=1000)


@pytest.mark.parametrize("build", ["plain", "checked"])
def test_a_deadlock_says_who_waits_where(request: pytest.FixtureRequest, build: str):
    library: Kernels = request.getfixturevalue(build)
    with pytest.raises(RuntimeError, match=r"48 at __syncthreads\(\).* 16 in a warp operation"):
        library.run("lost_lanes", *inputs("lost_lanes"))
    assert [f.kind for f in library.findings()] == [Kind.DEADLOCK]


def test_a_spin_that_nobody_can_end_is_a_deadlock(plain: Kernels):
    with pytest.raises(RuntimeError, match="polling memory that nobody changes"):
        plain.run("endless_spin", *inputs("endless_spin"))


def test_after_a_failed_launch_the_next_one_runs(plain: Kernels):
    with pytest.raises(RuntimeError, match="deadlock"):
        plain.run("lost_lanes", *inputs("lost_lanes"))
    x, y = inputs("ok_reduce")
    plain.run("ok_reduce", x, y)
    assert torch.equal(y.view(4, 256)[:, 0], x.view(4, 256).sum(1))


def test_checking_stops_at_its_budget_and_says_how_far_it_came(checked: Kernels):
    checked.run("accumulate", *inputs("accumulate"), max_accesses=3)
    assert [f for f in checked.findings() if f.kind is Kind.RACE] == [], "the first three accesses are thread 0's own"
    assert checked.page.accesses > 3


def test_without_checks_nothing_is_reported(checked: Kernels):
    x, y = inputs("ok_reduce")
    checked.run("no_barrier_inside", x, y, check=0)
    assert checked.findings() == []


@pytest.mark.parametrize("name", ["no_barrier_before", "no_barrier_inside", "no_barrier_after_use"])
def test_without_instrumentation_a_missing_barrier_shows_in_the_values(plain: Kernels, name: str):
    """Of the three orders at least one goes wrong or they disagree: that is what the judge's schedules are for."""
    results = []
    for order in range(3):
        x, y = inputs(name)
        plain.run(name, x, y, order=order, seed=1)
        results.append(y)
    right = name.replace("no_barrier_after_use", "ok_rounds").replace("no_barrier_before", "ok_reduce")
    x, expected = inputs(name)
    plain.run(right.replace("no_barrier_inside", "ok_reduce"), x, expected)
    assert not all(torch.equal(result, expected) for result in results)
