"""Inputs that the contract allows and a shortcut does not expect. Each keeps shapes, strides, dtypes and integer inputs.

A variation is used only where the reference itself, in float32 and float64, gives finite and well-conditioned values on
it, so that a problem over probabilities is never asked about negative ones.
"""

from collections.abc import Callable
from typing import Any

import torch

Variation = Callable[[torch.Tensor], torch.Tensor]


def _scaled_up(x: torch.Tensor) -> torch.Tensor:
    return x * 30.0


def _scaled_down(x: torch.Tensor) -> torch.Tensor:
    """Not further: 2 * sigmoid(2 x) - 1 is an honest tanh, and loses a digit of float32 with each factor of ten."""
    return x * 1e-2


def _shifted(x: torch.Tensor) -> torch.Tensor:
    return x + 5.0


def _negated(x: torch.Tensor) -> torch.Tensor:
    return -x


def _heavy_tailed(x: torch.Tensor) -> torch.Tensor:
    return x * torch.exp(torch.randn_like(x))


def _outliers(x: torch.Tensor) -> torch.Tensor:
    """A handful of large values at random places: a sample of the input does not see them."""
    out = x.clone(memory_format=torch.contiguous_format)
    if out.numel():
        count = max(1, x.numel() // 100_000)
        planted = 100.0 * (1.0 + torch.rand(count))
        out.view(-1)[torch.randint(out.numel(), (count,))] = planted.to(x.dtype)
    return out


def _integers(x: torch.Tensor) -> torch.Tensor:
    """Small integers: float32 sums of them are exact in any order, and half precision is not."""
    return torch.randint(-8, 9, x.shape).to(x.dtype)


VARIATIONS: dict[str, Variation] = {
    "scaled up": _scaled_up,
    "scaled down": _scaled_down,
    "shifted": _shifted,
    "negated": _negated,
    "heavy-tailed": _heavy_tailed,
    "with outliers": _outliers,
    "small integers": _integers,
}


def vary(inputs: list[Any], name: str) -> list[Any]:
    """Apply the variation `name` to every floating-point tensor, keeping its strides. Uses torch's current seed."""
    change = VARIATIONS[name]
    out: list[Any] = []
    for value in inputs:
        if isinstance(value, torch.Tensor) and value.dtype.is_floating_point:
            out.append(_changed(value, change))
        else:
            out.append(value)
    return out


def _changed(value: torch.Tensor, change: Variation) -> torch.Tensor:
    """Apply a change and keep the strides. What is expanded (stride 0) holds one value there, and still does."""
    core = value
    for dim, stride in enumerate(value.stride()):
        if stride == 0 and value.shape[dim] > 1:
            core = core.narrow(dim, 0, 1)
    kept = torch.empty_strided(core.shape, core.stride(), dtype=value.dtype)
    kept.copy_(change(core))
    return kept.expand(value.shape)


def change_one_element(inputs: list[Any]) -> list[Any]:
    """Return the inputs with one element of one floating-point tensor changed by a few times the tensor's scale."""
    places = [
        i for i, v in enumerate(inputs) if isinstance(v, torch.Tensor) and v.dtype.is_floating_point and v.numel()
    ]
    out = list(inputs)
    if places:
        index = places[int(torch.randint(len(places), ()))]
        changed = _changed(inputs[index], torch.clone)
        at = tuple(int(torch.randint(size, ())) for size in changed.shape)
        changed[at] += 4.0 * float(changed.abs().mean()) + 0.1
        out[index] = changed
    return out
