"""Kernels in the style of language models, each of a family, run in the interpreter against torch."""

from typing import Any

import pytest
import torch

from tests.worker.triton_support import KERNELS, error, findings, kernel_source, load

TOLERANCE = {"attention": 2e-3, "matmul": 2e-3}
"""Relative to the largest value. Half-precision outputs are one or two steps of 1/1024 apart; float32 is much closer."""
NAMES = sorted(path.stem for path in KERNELS.glob("*.py"))
FORWARD, REVERSE, RANDOM = 0, 1, 2


def run(source: str, **options: int) -> tuple[Any, Any]:
    """Output of a fixture and what it should be."""
    module = load(source, **options)
    torch.manual_seed(0)
    inputs = module.inputs()
    with torch.no_grad():
        model = module.ModelNew()
        got = model(*(value.clone() for value in inputs))
        return got, module.expected(*inputs)


@pytest.mark.parametrize("name", NAMES)
def test_a_correct_kernel_agrees_with_torch_and_nothing_is_found_in_it(name: str) -> None:
    got, wanted = run(kernel_source(name), order=RANDOM, seed=3, check=1)
    assert error(got, wanted) < TOLERANCE.get(name, 1e-5)
    assert findings() == []


@pytest.mark.parametrize("name", ["softmax", "matmul"])
def test_the_order_of_programs_does_not_matter(name: str) -> None:
    outputs = [run(kernel_source(name), order=order, seed=1)[0] for order in (FORWARD, REVERSE, RANDOM)]
    for other in outputs[1:]:
        assert error(other, outputs[0]) == 0.0
