"""Varied inputs keep what the contract fixes, and change what it leaves open."""

from typing import Any

import pytest
import torch

from harness.judge.variations import VARIATIONS, change_one_element, vary


def layouts() -> dict[str, torch.Tensor]:
    torch.manual_seed(0)
    return {
        "contiguous": torch.randn(12, 34),
        "transposed": torch.randn(34, 12).t(),
        "channels last": torch.randn(2, 3, 4, 5).contiguous(memory_format=torch.channels_last),
        "sliced": torch.randn(12, 70)[:, ::2],
        "expanded": torch.randn(12, 1).expand(12, 34),
        "scalar": torch.randn(()),
        "empty": torch.randn(0, 4),
        "half": torch.randn(64).half(),
        "bfloat16": torch.randn(64).bfloat16(),
        "double": torch.randn(64).double(),
    }


@pytest.mark.parametrize("name", VARIATIONS)
@pytest.mark.parametrize("layout", layouts())
def test_shapes_strides_and_dtypes_are_kept(name: str, layout: str) -> None:
    value = layouts()[layout]
    before = value.clone()
    (varied,) = vary([value], name)
    assert (varied.shape, varied.stride(), varied.dtype) == (value.shape, value.stride(), value.dtype)
    assert torch.equal(value, before), "the original is not touched"
    if value.numel() > 1:
        assert not torch.equal(varied, value)
        assert bool(torch.isfinite(varied.float()).all())


@pytest.mark.parametrize("name", VARIATIONS)
def test_what_is_no_floating_point_tensor_stays(name: str) -> None:
    labels, mask = torch.tensor([3, 1, 2]), torch.tensor([True, False])
    given: list[Any] = [labels, mask, 3, 0.5, None, "text"]
    varied = vary(given, name)
    assert all(one is other for one, other in zip(varied, given, strict=True))


@pytest.mark.parametrize("name", VARIATIONS)
def test_a_variation_is_a_function_of_the_seed(name: str) -> None:
    value = torch.randn(1000, generator=torch.Generator().manual_seed(1))
    torch.manual_seed(5)
    first = vary([value], name)[0]
    torch.manual_seed(5)
    assert torch.equal(vary([value], name)[0], first)


def test_each_variation_does_as_its_name_says() -> None:
    torch.manual_seed(0)
    value = torch.randn(200_000)
    varied = {name: vary([value], name)[0] for name in VARIATIONS}
    assert torch.equal(varied["scaled up"], value * 30)
    assert torch.equal(varied["scaled down"], value * 1e-2)
    assert torch.equal(varied["shifted"], value + 5)
    assert torch.equal(varied["negated"], -value)
    assert torch.equal(varied["heavy-tailed"].sign(), value.sign())
    assert float(varied["heavy-tailed"].abs().max()) > 3 * float(value.abs().max())
    planted = varied["with outliers"] != value
    assert 1 <= int(planted.sum()) <= 2, "so few that a sample does not see them"
    assert bool((varied["with outliers"][planted] >= 100).all())
    integers = varied["small integers"]
    assert torch.equal(integers, integers.round())
    assert (float(integers.min()), float(integers.max())) == (-8.0, 8.0)


@pytest.mark.parametrize("shape", [(3, 50_000), (50_000, 3)])
def test_outliers_are_planted_in_strided_inputs_too(shape: tuple[int, int]) -> None:
    torch.manual_seed(0)
    value = torch.randn(shape).t()
    assert int((vary([value], "with outliers")[0] != value).sum()) >= 1


@pytest.mark.parametrize("layout", [name for name in layouts() if name != "empty"])
def test_one_element_is_changed_and_only_one(layout: str) -> None:
    value = layouts()[layout]
    before = value.clone()
    for seed in range(20):
        torch.manual_seed(seed)
        (changed,) = change_one_element([value])
        assert int((changed != value).sum()) == (34 if layout == "expanded" else 1)
        assert (changed.shape, changed.stride(), changed.dtype) == (value.shape, value.stride(), value.dtype)
    assert torch.equal(value, before)


def test_the_changed_element_is_nowhere_in_particular() -> None:
    inputs = [torch.randn(4, 4), torch.arange(5), torch.randn(8)]
    places = set()
    for seed in range(300):
        torch.manual_seed(seed)
        changed = change_one_element(inputs)
        assert changed[1] is inputs[1]
        for index in (0, 2):
            places |= {(index, int(at)) for at in (changed[index] != inputs[index]).reshape(-1).nonzero()}
    assert len(places) == 16 + 8


def test_where_there_is_nothing_to_change_nothing_is() -> None:
    given: list[Any] = [torch.arange(3), torch.zeros(0), 5]
    assert all(one is other for one, other in zip(change_one_element(given), given, strict=True))
