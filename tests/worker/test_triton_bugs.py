"""Planted bugs: each is found, by kind, kernel, line and count; the same kernels without them are in test_triton_kernels."""

from typing import Any

import pytest
import torch

from harness.worker.triton_settings import settings
from tests.worker.triton_support import findings, kernel_source, load

HEAD = "import torch\nimport triton\nimport triton.language as tl\n\n@triton.jit\n"


def mutated(name: str, before: str, after: str) -> str:
    source = kernel_source(name)
    assert source.count(before) == 1
    return source.replace(before, after)


def run(source: str, **options: int) -> tuple[Any, Any]:
    module = load(source, **options)
    torch.manual_seed(0)
    inputs = module.inputs()
    with torch.no_grad():
        return module.ModelNew()(*(value.clone() for value in inputs)), module.expected(*inputs)


def kinds() -> list[tuple[str, str, bool]]:
    return [(found["kind"], found["kernel"], found["write"]) for found in findings()]


def line_of(source: str, text: str) -> int:
    return source[: source.index(text)].count("\n") + 1


def test_a_missing_mask_is_a_load_past_the_end() -> None:
    source = mutated("add", "x = tl.load(x_ptr + offsets, mask=mask)", "x = tl.load(x_ptr + offsets)")
    run(source)
    assert kinds() == [("out_of_bounds", "add_kernel", False)]
    found = findings()[0]
    assert found["line"] == line_of(source, "x = tl.load(x_ptr + offsets)")
    assert found["block"] == (12, 0, 0), "the last of ceil(13 * 1003 / 1024) = 13 programs"
    assert found["count"] == 13 * 1024 - 13 * 1003
    assert "past the end of x_ptr" in found["what"]


def test_a_store_past_the_end_is_not_made_and_is_told() -> None:
    source = mutated("add", "tl.store(out_ptr + offsets, x + y, mask=mask)", "tl.store(out_ptr + offsets, x + y)")
    run(source)
    assert kinds() == [("out_of_bounds", "add_kernel", True)]


def test_a_mask_off_by_one() -> None:
    run(mutated("add", "mask = offsets < n_elements", "mask = offsets <= n_elements"))
    loads_and_store = [("out_of_bounds", "add_kernel", write) for write in (False, False, True)]
    assert kinds() == loads_and_store
    assert [found["count"] for found in findings()] == [1, 1, 1], "one lane of x, of y and of out"


def test_a_wrong_stride_leaves_the_tensor() -> None:
    run(mutated("layernorm", "    X += row * stride\n", "    X += row * stride * 2\n"))
    assert ("out_of_bounds", "_layer_norm_fwd_fused", False) in kinds()


def test_a_grid_that_is_too_large_leaves_the_tensor() -> None:
    run(mutated("layernorm", "_layer_norm_fwd_fused[(M,)]", "_layer_norm_fwd_fused[(M + 1,)]"))
    assert ("out_of_bounds", "_layer_norm_fwd_fused", True) in kinds()


SUM = (
    HEAD
    + """def total(x, y, BLOCK: tl.constexpr):
    value = tl.sum(tl.load(x + tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)))
    tl.store(y, tl.load(y) + value)
"""
)


def test_accumulating_without_an_atomic_is_a_race_between_programs() -> None:
    module = load(SUM, check=1)
    y = torch.zeros(1)
    module.total[(4,)](torch.ones(256), y, BLOCK=64)
    assert {found["kind"] for found in findings()} == {"race"}
    first = findings()[0]
    assert first["kernel"] == "total"
    assert first["block"] == (1, 0, 0)
    assert first["other_block"] == (0, 0, 0)
    assert first["line"] == first["other_line"] == line_of(SUM, "tl.store(y")


def test_an_atomic_instead_is_no_race() -> None:
    module = load(SUM.replace("tl.store(y, tl.load(y) + value)", "tl.atomic_add(y, value)"), check=1)
    y = torch.zeros(1)
    module.total[(4,)](torch.ones(256), y, BLOCK=64)
    assert y.item() == 256
    assert findings() == []


def test_two_programs_that_store_different_values_race_and_equal_ones_do_not() -> None:
    source = HEAD + "def same(y, value):\n    tl.store(y, value)\n"
    module = load(source, check=1)
    module.same[(3,)](torch.zeros(1), 5)
    assert findings() == []
    module = load(source.replace("tl.store(y, value)", "tl.store(y, value + tl.program_id(0))"), check=1)
    module.same[(3,)](torch.zeros(1), 5)
    assert [found["kind"] for found in findings()] == ["race"]


STENCIL = (
    HEAD
    + """def shift(x, n, BLOCK: tl.constexpr):
    at = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    tl.store(x + at, tl.load(x + at + 1, mask=at + 1 < n, other=0.0), mask=at < n)
"""
)


@pytest.mark.parametrize("order", [0, 1], ids=["forward", "reverse"])
def test_a_stencil_in_place_races_whatever_the_order(order: int) -> None:
    module = load(STENCIL, check=1, order=order)
    module.shift[(4,)](torch.arange(256.0), 256, BLOCK=64)
    assert [found["kind"] for found in findings()] == ["race"]


LOCK = (
    HEAD
    + """def add_locked(lock, y, n):
    while tl.atomic_cas(lock, 0, 1) == 1:
        pass
    tl.store(y, tl.load(y) + 1.0)
    tl.atomic_xchg(lock, 0)
"""
)


def test_a_lock_orders_what_it_guards() -> None:
    module = load(LOCK, check=1)
    y = torch.zeros(1)
    module.add_locked[(5,)](torch.zeros(1, dtype=torch.int32), y, 5)
    assert y.item() == 5
    assert findings() == []


def test_lanes_of_one_store_that_differ_at_one_place_race() -> None:
    source = HEAD + "def scatter(y, BLOCK: tl.constexpr):\n    i = tl.arange(0, BLOCK)\n    tl.store(y + i // 2, i)\n"
    module = load(source, check=1)
    module.scatter[(1,)](torch.zeros(32, dtype=torch.int32), BLOCK=64)
    assert [(found["kind"], found["count"]) for found in findings()] == [("race", 32)]


def test_a_zeroing_store_beside_atomics_of_other_programs_races() -> None:
    source = (
        HEAD
        + """def count(y, n):
    if tl.program_id(0) == 0:
        tl.store(y, 0)
    tl.atomic_add(y, 1)
"""
    )
    module = load(source, check=1)
    module.count[(3,)](torch.zeros(1, dtype=torch.int32), 1)
    assert "race" in {found["kind"] for found in findings()}


def test_a_misaligned_pointer_is_told() -> None:
    source = HEAD + "def bits(x, y):\n    tl.store(y, tl.load((x + 1).to(tl.pointer_type(tl.int32))))\n"
    module = load(source)
    module.bits[(1,)](torch.zeros(8, dtype=torch.int8), torch.zeros(1, dtype=torch.int32))
    assert [found["kind"] for found in findings()] == ["misaligned"]


def test_tuning_shows_an_output_that_is_not_reset() -> None:
    """On a GPU every configuration is tried on the real output, so that the first call's sum is too large."""
    configs = "configs=[triton.Config({'BLOCK': 64}), triton.Config({'BLOCK': 128})], key=['n']"
    text = SUM.replace("@triton.jit\n", f"@triton.autotune({configs})\n@triton.jit\n")
    text = text.replace("(x, y, BLOCK", "(x, y, n, BLOCK")
    text = text.replace("tl.store(y, tl.load(y) + value)", "tl.atomic_add(y, value)")
    y = torch.zeros(1)
    load(text).total[lambda meta: (256 // meta["BLOCK"],)](torch.ones(256), y, 256)
    assert y.item() == 512
    mended = text.replace("key=['n']", "key=['n'], reset_to_zero=['y']")
    y = torch.zeros(1)
    load(mended).total[lambda meta: (256 // meta["BLOCK"],)](torch.ones(256), y, 256)
    assert y.item() == 256


TABLE = (
    HEAD
    + """def gathered(table, y, BLOCK: tl.constexpr):
    pid = tl.program_id(0)
    source = tl.load(table + pid).to(tl.pointer_type(tl.float32))
    i = tl.arange(0, BLOCK)
    tl.store(y + pid * BLOCK + i, tl.load(source + i))
"""
)


@pytest.mark.parametrize("owned", [False, True])
def test_a_table_of_pointers_is_followed(owned: bool) -> None:
    """As in grouped matrix products; without the allocator's word nothing can be said of such an address."""
    parts = [torch.full((16,), float(n)) for n in range(3)]
    spans = [(part.data_ptr(), 64) for part in parts]
    table, y = torch.tensor([part.data_ptr() for part in parts]), torch.zeros(48)
    module = load(TABLE, check=1)
    if owned:
        settings.owner = lambda address: next(((b, n) for b, n in spans if b <= address < b + n), None)
    module.gathered[(3,)](table, y, BLOCK=16)
    assert torch.equal(y, torch.cat(parts))
    assert findings() == []


def test_a_wild_pointer_is_told_where_the_allocator_is_asked() -> None:
    module = load(TABLE, check=1)
    settings.owner = lambda address: None
    y = torch.ones(16)
    module.gathered[(1,)](torch.tensor([4096]), y, BLOCK=16)
    assert [found["kind"] for found in findings()] == ["out_of_bounds"]
    assert "belongs to no tensor" in findings()[0]["what"]
    assert y.sum().item() == 0
