"""Kernels in the style of language models, each of a family, run in the interpreter against torch."""

from typing import Any

import pytest
import torch

from tests.worker.triton_support import KERNELS, error, findings, kernel_source, load

TOLERANCE = {torch.float16: 2**-10, torch.bfloat16: 2**-7}
"""Of a value relative to the largest: one step of the type. Others are sums of some hundred terms in float32: 1e-5."""
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


def as_tuple(output: Any) -> tuple[torch.Tensor, ...]:
    return output if isinstance(output, tuple) else (output,)


@pytest.mark.parametrize("name", NAMES)
def test_a_correct_kernel_agrees_with_torch_and_nothing_is_found_in_it(name: str) -> None:
    got, wanted = run(kernel_source(name), order=RANDOM, seed=3, check=1)
    for one, other in zip(as_tuple(got), as_tuple(wanted), strict=True):
        assert error(one, other) <= TOLERANCE.get(other.dtype, 1e-5)
    assert findings() == []


@pytest.mark.parametrize("name", ["softmax", "matmul"])
def test_the_order_of_programs_does_not_matter(name: str) -> None:
    outputs = [run(kernel_source(name), order=order, seed=1)[0] for order in (FORWARD, REVERSE, RANDOM)]
    for other in outputs[1:]:
        assert error(other, outputs[0]) == 0.0
