"""The language construct by construct, against torch; and what the compiler rejects is rejected here too."""

import pytest
import torch

from harness.worker.triton_api import Refused
from tests.worker.triton_kernels_zoo import CASES, HEAD, START, source
from tests.worker.triton_support import findings, load

X = torch.linspace(-2, 2, 64)


@pytest.mark.parametrize("name", CASES)
def test_a_construct_means_what_the_compiler_makes_of_it(name: str) -> None:
    y = torch.full((64,), 7.0)
    load(source(name), check=1).k[(1,)](X.clone(), y, 64, 0.25, B=64)
    assert torch.allclose(y, CASES[name][1](X), atol=1e-6), name
    assert findings() == []


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("tl.store(y + i, tl.arange(0, 48))", "power of 2"),
        ("tl.store(y + i, tl.zeros([48], tl.float32))", "power of 2"),
        ("tl.store(y + i, tl.where(0 <= i < n, 1.0, 0.0))", "chains comparisons"),
        ("a = b = 1.0\ntl.store(y + i, a)", "assigns to several names"),
        ("if i > 3:\n    tl.store(y + i, 1.0)", "a block is no condition"),
        ("tl.store(y + i, tl.exp(tl.load(x + i).to(tl.float16)))", "Expected dtype"),
        ("tl.store(y + i, libdevice.tanh(tl.load(x + i).to(tl.bfloat16)))", "KeyError: .*bfloat16"),
        ("tl.store(y + i, tl.dot(tl.zeros([8, 8], tl.float16), tl.zeros([8, 8], tl.float16)))", "K >= 16"),
        ("tl.store(y + i, tl.load(x + tl.arange(0, 32)))", "incompatible"),
        ("tl.store(y + i, np.sin(1.0))", "name 'np' is not defined"),
        ("tl.store(y + i, tl.tanh(tl.load(x + i)))", "no attribute 'tanh'"),
        ("tl.static_assert(B == 1, 'one')\ntl.store(y + i, 1.0)", "a static assertion fails: one"),
        ("m = n\ntl.store(y + tl.arange(0, m), 1.0)", "must be of type tl.constexpr"),
    ],
)
def test_what_the_compiler_rejects_is_rejected(body: str, message: str) -> None:
    text = HEAD + START + "\n".join("    " + line for line in body.splitlines()) + "\n"
    module = load(text)
    with pytest.raises(Refused, match=message):
        module.k[(1,)](X.clone(), torch.zeros(64), 64, 0.25, B=64)


def test_arguments_and_options_are_taken_as_triton_takes_them() -> None:
    module = load(source("an argument of float type"))
    y = torch.zeros(64)
    with pytest.raises(KeyError, match="waves_per_eu was specified but unrecognised"):
        module.k[(1,)](X, y, 64, 0.25, B=64, waves_per_eu=2)
    with pytest.raises(TypeError, match="missing a required argument"):
        module.k[(1,)](X, y, 64, B=64)
    with pytest.raises(TypeError, match="it takes integers"):
        module.k[(64 / 64,)](X, y, 64, 0.25, B=64)
    with pytest.raises(Refused, match="num_warps=3"):
        module.k[(1,)](X, y, 64, 0.25, B=64, num_warps=3)
    with pytest.raises(RuntimeError, match="outside of the scope of a kernel"):
        module.square(1)
    with pytest.raises(RuntimeError, match="invalid argument"):
        module.k[(1, 70000)](X, y, 64, 0.25, B=64)
    assert [found["kind"] for found in findings()] == ["invalid_launch"]


def test_a_grid_of_no_programs_runs_nothing() -> None:
    y = torch.zeros(64)
    load(source("64-bit offsets")).k[(0,)](X, y, 64, 0.25, B=64)
    assert y.sum().item() == 0


def test_too_many_programs_are_refused_at_once() -> None:
    module = load(source("64-bit offsets"))
    with pytest.raises(Refused, match="threads; at most"):
        module.k[(1_000_000_000,)](X, torch.zeros(64), 64, 0.25, B=64)


def test_a_kernel_within_a_function_sees_its_surroundings() -> None:
    text = (
        "import triton\nimport triton.language as tl\n\ndef make(scale):\n    @triton.jit\n"
        "    def k(x, y, B: tl.constexpr):\n        i = tl.arange(0, B)\n"
        "        tl.store(y + i, tl.load(x + i) * scale)\n    return k\n"
    )
    module = load(text)
    y = torch.zeros(64)
    module.make(module.tl.constexpr(5))[(1,)](X, y, B=64)
    assert torch.equal(y, X * 5)


def test_a_kernel_of_a_string_has_no_source() -> None:
    text = "import triton\nimport triton.language as tl\nscope = {'triton': triton, 'tl': tl}\n"
    text += "exec('@triton.jit\\ndef k(x):\\n    tl.store(x, 1.0)\\n', scope)\nk = scope['k']\n"
    with pytest.raises(Refused, match="has no source file"):
        load(text).k[(1,)](torch.zeros(1))
