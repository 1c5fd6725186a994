"""Correct kernels give right values in every order, and none of them is accused."""

from collections.abc import Callable

import pytest
import torch

from tests.build.cuda.conftest import Kernels

N = 1024


def x_values() -> torch.Tensor:
    return torch.arange(N, dtype=torch.float32) % 7


def by_blocks(x: torch.Tensor) -> torch.Tensor:
    return x.view(-1, 256)


def padded(values: torch.Tensor) -> torch.Tensor:
    return torch.cat([values.flatten().float(), torch.zeros(N - values.numel())])


def scanned(x: torch.Tensor) -> torch.Tensor:
    return by_blocks(x).cumsum(1).flatten()


def tiles(x: torch.Tensor) -> torch.Tensor:
    return (x.view(32, 32) @ x.view(32, 32)).flatten()


def widths(x: torch.Tensor) -> torch.Tensor:
    v = x[:256]
    pairs = v.view(128, 2)[64:].flip(0).sum(1)
    return padded(torch.stack([v[192:].flip(0), pairs], 1))


def union_of_bytes(x: torch.Tensor) -> torch.Tensor:
    rows = torch.stack([x[(torch.arange(64) * 4 + i + 1) % 256] for i in range(4)]).sum(0)
    return padded(rows.flip(0))


def small_types(x: torch.Tensor) -> torch.Tensor:
    t = 63 - torch.arange(64)
    return padded(x[t] + x[64 + t] + x[t] + t)


def counted(x: torch.Tensor) -> torch.Tensor:
    return padded(torch.full((256,), float((x[:256] > 3).sum() * 100 + 10)))


def two_ways(x: torch.Tensor) -> torch.Tensor:
    s = torch.where(torch.arange(64) < 13, x[:64] + 1, x[:64] * 2)
    return padded(s.flip(0))


EXPECTED: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
    "tiles": tiles,
    "double_buffer": lambda x: padded(x.view(4, 256).flip(1).sum(0)),
    "block_sum_by_warps": lambda x: by_blocks(x).sum(1, keepdim=True).expand(-1, 256).flatten(),
    "volatile_warp": lambda x: padded(by_blocks(x).sum(1)),
    "scan": scanned,
    "histogram": lambda x: torch.bincount(x.int(), minlength=N).int().view(torch.float32),
    "cas_loop": lambda x: padded(x.max()[None]),
    "chain": lambda x: x[:16].cumsum(0),
    "lock": lambda x: padded(x[:16].sum()[None]),
    "shared_lock": lambda x: padded(x[:64].sum()[None]),
    "widths": widths,
    "union_of_bytes": union_of_bytes,
    "small_types": small_types,
    "named_barriers": lambda x: padded(x[:192].view(3, 64).flip(1)),
    "tile_shuffle": lambda x: x.view(-1, 8).sum(1, keepdim=True).expand(-1, 8).flatten(),
    "grid_wide": lambda x: x.flip(0) * 2 + 1,
    "home_made_grid": lambda x: torch.cat([x[:512] * 2, x[:512].flip(0) * 2]),
    "counted_barrier": counted,
    "two_ways": two_ways,
}
SPECIAL = ("aggregated", "last_block", "same_value")
"""Their outputs are looked at by tests of their own."""


@pytest.fixture(scope="session", params=["plain", "checked"])
def idioms(request: pytest.FixtureRequest, kernels: Callable[[str, bool], Kernels]) -> Kernels:
    return kernels("idioms.cpp", request.param == "checked")


def run(idioms: Kernels, name: str, order: int) -> tuple[torch.Tensor, torch.Tensor]:
    x, y = x_values(), torch.zeros(N)
    idioms.run(name, x, y, order=order, seed=order + 11)
    assert [f"{f.kind} {f.where} {f.what}" for f in idioms.findings()] == []
    return x, y


@pytest.mark.parametrize("order", range(3))
@pytest.mark.parametrize("name", EXPECTED)
def test_the_values_are_right_and_nothing_is_found(idioms: Kernels, name: str, order: int):
    x, y = run(idioms, name, order)
    expected = EXPECTED[name](x)
    assert torch.equal(y[: len(expected)], expected)


@pytest.mark.parametrize("order", range(3))
def test_warp_aggregated_atomics_keep_every_element_once(idioms: Kernels, order: int):
    x, y = run(idioms, "aggregated", order)
    kept = int(y[-1:].view(torch.int32))
    assert kept == int((x > 3).sum())
    assert torch.equal(y[:kept].sort().values, x[x > 3].sort().values)


@pytest.mark.parametrize("order", range(3))
def test_the_last_block_sees_what_all_wrote(idioms: Kernels, order: int):
    x, y = run(idioms, "last_block", order)
    assert y[0] == x.sum()


@pytest.mark.parametrize("order", range(3))
def test_writing_the_same_value_is_no_race(idioms: Kernels, order: int):
    _, y = run(idioms, "same_value", order)
    assert torch.equal(y[:128], torch.ones(128))
    assert y[-1] == 7
