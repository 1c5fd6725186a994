"""Arithmetic of interpreted kernels against torch's, value by value, where upstream's interpreter errs or might."""

import math
from collections.abc import Callable
from typing import Any

import pytest
import torch

from harness.worker.triton_api import Refused
from tests.worker.triton_support import load

HEAD = "import torch\nimport triton\nimport triton.language as tl\nfrom triton.language.extra import libdevice\n\n"
ELEMENTWISE = """@triton.jit
def k(x_ptr, y_ptr, o_ptr, s, N: tl.constexpr):
    i = tl.arange(0, N)
    x = tl.load(x_ptr + i)
    y = tl.load(y_ptr + i)
    tl.store(o_ptr + i, {expression})
"""


def compute(
    expression: str, x: torch.Tensor, y: torch.Tensor | None = None, out: torch.dtype | None = None, s: Any = 1
) -> torch.Tensor:
    """Evaluate an expression of x, y and s in a kernel."""
    module = load(HEAD + ELEMENTWISE.format(expression=expression))
    result = torch.empty(x.shape, dtype=out or x.dtype)
    module.k[(1,)](x, x if y is None else y, result, s, N=x.numel())
    return result


def values(dtype: torch.dtype, seed: int = 0, scale: float = 4.0) -> torch.Tensor:
    torch.manual_seed(seed)
    return (torch.randn(64) * scale).to(dtype)


FLOATS = [torch.float32, torch.float16, torch.bfloat16, torch.float64]


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize(
    "expression", ["x + y", "x - y", "x * y", "-x", "tl.abs(x)", "tl.where(x > y, x, y)", "x * 0.1", "tl.maximum(x, y)"]
)
def test_arithmetic_rounds_as_torch_does(expression: str, dtype: torch.dtype) -> None:
    x, y = values(dtype), values(dtype, 1)
    same: dict[str, Callable[[], torch.Tensor]] = {
        "x + y": lambda: x + y, "x - y": lambda: x - y, "x * y": lambda: x * y, "-x": lambda: -x, "tl.abs(x)": x.abs,
        "tl.where(x > y, x, y)": lambda: torch.where(x > y, x, y), "tl.maximum(x, y)": lambda: torch.maximum(x, y),
        # a literal takes the block's type, so that 0.1 itself is rounded first
        "x * 0.1": lambda: x * torch.tensor(0.1, dtype=dtype),
    }  # fmt: skip
    assert torch.equal(compute(expression, x, y), same[expression]())


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_a_half_is_divided_in_float32(dtype: torch.dtype) -> None:
    x, y = values(dtype), values(dtype, 1)
    assert torch.equal(compute("x / y", x, y, torch.float32), x.float() / y.float())


def test_a_float_argument_is_float32_and_widens_half() -> None:
    """Python's numbers do not widen; an argument of the kernel is a float32 scalar and does."""
    x = values(torch.float16)
    assert torch.equal(compute("x + s", x, out=torch.float32, s=1e-4), x.float() + torch.tensor(1e-4))
    assert torch.equal(compute("x + 1e-4", x, out=torch.float32), (x + torch.tensor(1e-4).half()).float())


@pytest.mark.parametrize("source", [*FLOATS, torch.int32, torch.int8, torch.uint8, torch.int64, torch.bool])
@pytest.mark.parametrize("target", [*FLOATS, torch.int32, torch.int8, torch.int64])
def test_conversions(source: torch.dtype, target: torch.dtype) -> None:
    names = {torch.float32: "float32", torch.float16: "float16", torch.bfloat16: "bfloat16", torch.float64: "float64"}
    names |= {torch.int32: "int32", torch.int8: "int8", torch.int64: "int64"}
    x = (
        values(source, scale=30.0)
        if source.is_floating_point
        else torch.randint(0, 2 if source is torch.bool else 100, (64,)).to(source)
    )
    assert torch.equal(compute(f"x.to(tl.{names[target]})", x, out=target), x.to(target))


def test_rounding_to_bfloat16_is_to_nearest_even_with_subnormals_and_the_ends() -> None:
    bits = torch.randint(-(2**31), 2**31, (4096,), dtype=torch.int64).to(torch.int32)
    x = torch.cat(
        [
            bits.view(torch.float32),
            torch.tensor([math.inf, -math.inf, math.nan, 3.4e38, 1e-40, 0.0, -0.0] + [0.0] * 4089),
        ]
    )
    got, wanted = compute("x.to(tl.bfloat16)", x, out=torch.bfloat16), x.to(torch.bfloat16)
    assert torch.equal(got.isnan(), wanted.isnan())
    assert torch.equal(got.view(torch.int16)[~wanted.isnan()], wanted.view(torch.int16)[~wanted.isnan()])


def test_rounding_towards_zero() -> None:
    x = values(torch.float32)
    got = compute('x.to(tl.bfloat16, fp_downcast_rounding="rtz")', x, out=torch.bfloat16)
    assert torch.equal(got.view(torch.int16), (x.view(torch.int32) >> 16).to(torch.int16))
    half = compute('x.to(tl.float16, fp_downcast_rounding="rtz")', x, out=torch.float16).float()
    assert bool((half.abs() <= x.abs()).all())
    assert bool(((x - half).abs() <= 2**-10 * x.abs()).all()), "one step of float16 is at most 2**-10 of a value"


@pytest.mark.parametrize(("name", "dtype"), [("float8e5", torch.float8_e5m2), ("float8e4nv", torch.float8_e4m3fn)])
def test_fp8_comes_and_goes_as_in_torch_and_saturates(name: str, dtype: torch.dtype) -> None:
    x = values(torch.float32)
    stored = torch.empty(64, dtype=dtype)
    text = HEAD + "@triton.jit\ndef k(x, o, N: tl.constexpr):\n    i = tl.arange(0, N)\n"
    source = f"{text}    tl.store(o + i, tl.load(x + i).to(tl.{name}))\n"
    load(source).k[(1,)](x, stored, N=64)
    assert torch.equal(stored.view(torch.uint8), x.to(dtype).view(torch.uint8))
    back = f"{text}    tl.store(o + i, tl.load(x + i).to(tl.float32))\n"
    out = torch.empty(64)
    load(back).k[(1,)](stored, out, N=64)
    assert torch.equal(out, stored.float())
    load(source).k[(1,)](torch.full((64,), 1e6), stored, N=64)
    assert stored.float().max().item() == torch.finfo(dtype).max


@pytest.mark.parametrize("dtype", [torch.int32, torch.int64, torch.int8])
def test_integer_division_goes_towards_zero_and_the_remainder_keeps_the_sign(dtype: torch.dtype) -> None:
    """As C's, which differs from Python's and torch's `//` and `%` on negative numbers."""
    x = torch.tensor([7, -7, 7, -7, 6, -6, 0, 1] * 8).to(dtype)
    y = torch.tensor([2, 2, -2, -2, 3, 3, 5, -1] * 8).to(dtype)
    assert torch.equal(compute("x // y", x, y), torch.div(x, y, rounding_mode="trunc"))
    assert torch.equal(compute("x % y", x, y), torch.fmod(x, y))


def test_int32_wraps() -> None:
    x = torch.full((64,), 2**31 - 1, dtype=torch.int32)
    assert compute("x + 1", x)[0].item() == -(2**31)
    assert compute("x * 2", x)[0].item() == -2
    assert compute("x.to(tl.int64) + 1", x, out=torch.int64)[0].item() == 2**31


def test_shifts_keep_the_sign_of_signed_values_and_their_operands() -> None:
    x = torch.tensor([-8, 8] * 32, dtype=torch.int32)
    assert compute("(x >> 1) + x", x)[:2].tolist() == [-12, 12]
    assert compute("(x << 2) | 1", x)[:2].tolist() == [-31, 33]


def test_an_out_of_range_float_becomes_the_end_of_the_integers() -> None:
    """PTX's cvt.rzi saturates; NaN becomes 0."""
    x = torch.tensor([1e20, -1e20, math.nan, 1.9, -1.9, math.inf, 2147483520.0, 0.5] * 8)
    assert compute("x.to(tl.int32)", x, out=torch.int32)[:8].tolist() == [
        2**31 - 1,
        -(2**31),
        0,
        1,
        -1,
        2**31 - 1,
        2147483520,
        0,
    ]


def test_nan_in_minimum_maximum_and_where() -> None:
    x, y = torch.tensor([math.nan, 1.0] * 32), torch.tensor([2.0, math.nan] * 32)
    assert compute("tl.maximum(x, y)", x, y)[:2].tolist() == [2.0, 1.0]
    assert compute("tl.maximum(x, y, propagate_nan=tl.PropagateNan.ALL)", x, y).isnan().all()
    assert compute("tl.where(x == x, x, -1.0)", x)[:2].tolist() == [-1.0, 1.0]
    assert compute("tl.clamp(x, 0.0, 3.0)", x)[:2].tolist() == [0.0, 1.0]


@pytest.mark.parametrize(
    "name", ["exp", "exp2", "log", "log2", "sin", "cos", "sqrt", "rsqrt", "erf", "floor", "ceil", "sigmoid"]
)
def test_math(name: str) -> None:
    x = values(torch.float32).abs() + 0.1
    assert torch.allclose(compute(f"tl.{name}(x)", x), getattr(torch, name)(x), rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize(
    "name",
    [
        "tanh",
        "erf",
        "log1p",
        "expm1",
        "rsqrt",
        "atan",
        "sinh",
        "cosh",
        "asinh",
        "exp2",
        "round",
        "trunc",
        "floor",
        "lgamma",
        "cos",
    ],
)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_libdevice(name: str, dtype: torch.dtype) -> None:
    x = values(dtype).abs() + 0.1
    wanted = {"lgamma": torch.lgamma}.get(name, getattr(torch, name))(x)
    assert torch.allclose(compute(f"libdevice.{name}(x)", x), wanted, rtol=1e-6, atol=1e-7)


def test_libdevice_of_two_and_three_arguments_and_by_intrinsic_name() -> None:
    x, y = values(torch.float32).abs() + 0.1, values(torch.float32, 1)
    assert torch.allclose(compute("libdevice.pow(x, y)", x, y), torch.pow(x, y))
    assert torch.allclose(compute("libdevice.fma(x, y, x)", x, y), x * y + x, rtol=1e-6, atol=1e-6)
    assert torch.allclose(compute("libdevice.fast_expf(x)", x), torch.exp(x))
    assert compute("libdevice.isnan(x).to(tl.float32)", torch.full((64,), math.nan))[0].item() == 1.0


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bfloat16])
@pytest.mark.parametrize("name", ["sum", "max", "min"])
def test_reductions(name: str, dtype: torch.dtype) -> None:
    x = values(dtype, scale=1.0)
    source = (
        HEAD + f"@triton.jit\ndef k(x, o, N: tl.constexpr):\n    tl.store(o, tl.{name}(tl.load(x + tl.arange(0, N))))\n"
    )
    out = torch.empty(1, dtype=dtype)
    load(source).k[(1,)](x, out, N=64)
    wanted = getattr(x.double(), name)().item()
    steps = 0 if name != "sum" else 7  # 6 levels of a tree over 64 values, and the store
    assert abs(out.item() - wanted) <= steps * torch.finfo(dtype).eps * x.double().abs().sum().item() / 2


def test_two_dimensional_reductions_and_broadcasts() -> None:
    source = (
        HEAD
        + """@triton.jit
def k(x, o, p, M: tl.constexpr, N: tl.constexpr):
    at = tl.arange(0, M)[:, None] * N + tl.arange(0, N)[None, :]
    v = tl.load(x + at)
    e = tl.exp(v - tl.max(v, axis=1, keep_dims=True))
    tl.store(o + at, e / tl.sum(e, axis=1)[:, None])
    tl.store(p + tl.arange(0, N), tl.sum(v, 0))
"""
    )
    x, o, p = torch.randn(8, 16), torch.empty(8, 16), torch.empty(16)
    load(source).k[(1,)](x, o, p, M=8, N=16)
    assert torch.allclose(o, torch.softmax(x, 1), atol=1e-6)
    assert torch.allclose(p, x.sum(0), atol=1e-5)


DOT = (
    HEAD
    + """@triton.jit
def k(a, b, c, N: tl.constexpr, P: tl.constexpr):
    i = tl.arange(0, N)
    at = i[:, None] * N + i[None, :]
    tl.store(c + at, tl.dot(tl.load(a + at), tl.load(b + at), input_precision=P))
"""
)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bfloat16])
def test_dot(dtype: torch.dtype) -> None:
    a, b, c = torch.randn(32, 32).to(dtype), torch.randn(32, 32).to(dtype), torch.empty(32, 32)
    load(DOT).k[(1,)](a, b, c, N=32, P="ieee")
    assert torch.allclose(c, a.float() @ b.float(), atol=1e-4)


def test_dot_of_floats_loses_what_tf32_loses_unless_it_says_otherwise() -> None:
    """TF32 has ten bits of mantissa: a sum of 32 products is off by about 1e-3 of its terms, as on a GPU."""
    a, b, c = torch.randn(32, 32), torch.randn(32, 32), torch.empty(32, 32)
    load(DOT).k[(1,)](a, b, c, N=32, P="tf32")
    error = float((c - a @ b).abs().max())
    assert 1e-4 < error < 5e-2


UPSTREAM = """
import os, sys, types, linecache
os.environ["TRITON_INTERPRET"] = "1"
import torch
source = sys.stdin.read()
linecache.cache["k.py"] = (len(source), None, source.splitlines(keepends=True), "k.py")
module = types.ModuleType("k")
exec(compile(source, "k.py", "exec"), module.__dict__)
a, b, c = torch.eye(32).bfloat16(), torch.full((32, 32), 3.0).bfloat16(), torch.empty(32, 32)
module.k[(1,)](a, b, c, N=32, P="ieee")
print(c[0, 0].item())
"""


def test_upstreams_bfloat16_dot_is_still_wrong() -> None:
    """Fails when upstream mends it: then the patch of `create_dot` and bfloat16's own representation may go."""
    import subprocess
    import sys

    done = subprocess.run([sys.executable, "-c", UPSTREAM], input=DOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-500:]
    assert float(done.stdout) != 3.0


def test_half_precision_atomics_round_each_addition() -> None:
    source = HEAD + "@triton.jit\ndef k(x, v, N: tl.constexpr):\n    tl.atomic_add(x + tl.arange(0, N) % 2, v)\n"
    for dtype in (torch.bfloat16, torch.float16):
        x = torch.tensor([256.0, 0.0], dtype=dtype)
        load(
            source.replace("def k(x, v,", "def k(x, v,").replace(
                ", v)\n", f", tl.full((N,), 0.5, tl.{str(dtype)[6:]}))\n"
            )
        ).k[(1,)](x, 0, N=16)
        assert x[1].item() == 4.0
        assert x[0].item() == (256.0 if dtype is torch.bfloat16 else 260.0), (
            "0.5 is below half a step of bfloat16 at 256"
        )


@pytest.mark.parametrize(
    ("operation", "wanted"),
    [("add", 10.0), ("max", 4.0), ("min", -3.0), ("xchg", None)],
)
def test_atomics_return_what_was_there(operation: str, wanted: float | None) -> None:
    source = (
        HEAD
        + f"""@triton.jit
def k(x, y, v_ptr, N: tl.constexpr):
    v = tl.load(v_ptr + tl.program_id(0))
    tl.store(y + tl.program_id(0), tl.atomic_{operation}(x, v))
"""
    )
    x, y, v = torch.zeros(1), torch.empty(4), torch.tensor([1.0, 4.0, -3.0, 2.0])
    load(source).k[(4,)](x, y, v if operation != "add" else v.abs(), N=1)
    assert y[0].item() == 0.0
    if wanted is not None:
        assert x.item() == wanted


def test_boolean_tensors_load_and_store() -> None:
    x = torch.tensor([True, False] * 32)
    assert torch.equal(compute("x == 0", x, out=torch.bool), ~x)
    assert torch.equal(compute("tl.where(x, 1.0, 2.0)", x, out=torch.float32), torch.where(x, 1.0, 2.0))


@pytest.mark.parametrize(
    ("expression", "feature"),
    [
        (
            'tl.inline_asm_elementwise("ex2.approx.f32 $0, $1;", "=f,f", [x], dtype=tl.float32, is_pure=True, pack=1)',
            "tl.inline_asm_elementwise",
        ),
        ("libdevice.byte_perm(x.to(tl.int32), x.to(tl.int32), x.to(tl.int32))", "libdevice's byte_perm"),
        ("x.to(tl.float8e4b15)", "the type tl.fp8e4b15"),
        ("(x.to(tl.float8e5) + y.to(tl.float8e5)).to(tl.float32)", "arithmetic on fp8 values"),
    ],
)
def test_what_the_interpreter_lacks_is_refused_by_name(expression: str, feature: str) -> None:
    with pytest.raises(Refused, match=f"uses {feature}, which Triton's interpreter does not have"):
        compute(expression, values(torch.float32))


def test_a_bitcast_of_bfloat16_gives_its_sixteen_bits() -> None:
    x = values(torch.bfloat16)
    assert torch.equal(compute("x.to(tl.int16, bitcast=True)", x, out=torch.int16), x.view(torch.int16))
