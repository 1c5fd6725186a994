"""What the interpreter writes into the page is what the judge reads there."""

import pytest
import torch

from harness.models.kernel import FindingKind
from harness.worker import kernel_page, triton_interpreter, triton_record
from tests.worker.triton_support import kernel_source, load


def test_places_of_kinds_and_counters_are_the_pages() -> None:
    assert tuple(kind.value for kind in kernel_page.KINDS) == triton_record.KINDS
    for name, position in triton_record.COUNTERS.items():
        assert kernel_page.COUNTERS[position] == name


def call(page: kernel_page.Page, source: str) -> None:
    module = load(source)
    triton_interpreter.install(page.options, page)
    module.ModelNew()(*module.inputs())


def test_findings_and_launches_reach_the_judge() -> None:
    page = kernel_page.Page()
    kernel_page.set_options(page, check=1, order=kernel_page.REVERSE)
    call(page, kernel_source("add").replace("y = tl.load(y_ptr + offsets, mask=mask)", "y = tl.load(y_ptr + offsets)"))
    copy = kernel_page.copied(bytes(page))
    (found,) = kernel_page.findings(copy, triton_record.symbolise)
    assert found.kind is FindingKind.OUT_OF_BOUNDS
    assert found.kernel == "add_kernel"
    assert found.where is not None
    assert found.where.startswith("candidate.py:")
    assert found.block == (12, 0, 0)
    assert found.thread is None
    (profile,) = kernel_page.profiles(copy)
    assert profile.kernel == "add_kernel|BLOCK_SIZE=1024,num_warps=4,num_stages=3"
    assert (profile.grid, profile.block, profile.launches) == ((13, 1, 1), (128, 1, 1), 1)
    elements = 13 * 1003
    assert profile.counters["global_store_bytes"] == 4 * elements
    assert profile.counters["global_load_bytes"] == 8 * elements, "x and y; what was out of bounds was not loaded"


def test_a_page_that_the_judge_empties_is_filled_anew() -> None:
    page = kernel_page.Page()
    kernel_page.set_options(page)
    source = kernel_source("add").replace("y = tl.load(y_ptr + offsets, mask=mask)", "y = tl.load(y_ptr + offsets)")
    for _ in range(2):
        kernel_page.clear(page)
        call(page, source)
        copy = kernel_page.copied(bytes(page))
        assert len(kernel_page.findings(copy, triton_record.symbolise)) == 1
        assert [profile.launches for profile in kernel_page.profiles(copy)] == [1]


def test_options_are_read_at_each_launch() -> None:
    page = kernel_page.Page()
    kernel_page.set_options(page, max_threads_per_launch=1)
    module = load(kernel_source("add"))
    triton_interpreter.install(page.options, page)
    with pytest.raises(triton_interpreter.Refused, match="at most 1 are interpreted"):
        module.ModelNew()(*module.inputs())
    kernel_page.set_options(page)
    x, y = torch.ones(4, 4), torch.ones(4, 4)
    assert torch.equal(module.ModelNew()(x, y), x + y)
