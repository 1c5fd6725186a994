# ruff: noqa: E501
"""One construct of the language per kernel, with what it should give; every kernel here compiles for a real chip."""

from collections.abc import Callable

import torch

HEAD = """import triton
import triton.language as tl
from triton.language.extra import libdevice

FACTOR = tl.constexpr(3)


@triton.jit
def square(x):
    return x * x


"""
START = """@triton.jit
def k(x, y, n, s, B: tl.constexpr):
    i = tl.arange(0, B)
"""
Expected = Callable[[torch.Tensor], torch.Tensor]
LINE = torch.arange(64)

CASES: dict[str, tuple[str, Expected]] = {
    "min and max of Python": ("m = min(n, B)\ntl.store(y + i, max(tl.load(x + i), 0.0) * m)", lambda x: x.clamp(min=0) * 64),
    "a branch over a scalar": (
        "t = tl.sum(tl.load(x + i)) * 0 + 1.0\nif t > 0:\n    t = t + 1\nelse:\n    t = -t\ntl.store(y + i, tl.load(x + i) + t)",
        lambda x: x + 2,
    ),
    "while": ("a = tl.load(x + i)\nj = 0\nwhile j < n // 16:\n    a += j\n    j += 1\ntl.store(y + i, a)", lambda x: x + 6),
    "an early return": ("if n > 1000:\n    return\ntl.store(y + i, tl.load(x + i) + 1)", lambda x: x + 1),
    "a tuple": ("a, b = tl.load(x + i), 2.0\na, b = a + b, a\ntl.store(y + i, a * b)", lambda x: (x + 2) * x),
    "an index that is cast": (
        "a = tl.zeros([B], tl.float32)\nfor j in range(4):\n    a += tl.load(x + i) * j.to(tl.float32)\ntl.store(y + i, a)",
        lambda x: x * 6,
    ),
    "a loop downwards": (
        "a = tl.zeros([B], tl.float32)\nfor j in range(3, -1, -1):\n    a = a * 2 + j\ntl.store(y + i, a)",
        lambda x: torch.full_like(x, 34.0),
    ),
    "an unrolled loop": ("a = tl.load(x + i)\nfor j in tl.static_range(2, 5):\n    a += j\ntl.store(y + i, a)", lambda x: x + 9),
    "a local constant": (
        "H: tl.constexpr = B // 2\nh = tl.arange(0, H)\nfor o in tl.static_range(2):\n    at = h + o * H\n    tl.store(y + at, tl.load(x + at) * FACTOR)",
        lambda x: x * 3,
    ),
    "a constant's value": ("tl.store(y + i, tl.load(x + i) * FACTOR.value)", lambda x: x * 3),
    "and of blocks": ("ok = i >= 5 and i < 9\ntl.store(y + i, tl.where(ok, 1.0, 0.0))", lambda x: ((LINE >= 5) & (LINE < 9)).float()),
    "or of blocks": ("ok = i < 5 or i > 9\ntl.store(y + i, tl.where(ok, 1.0, 0.0))", lambda x: ((LINE < 5) | (LINE > 9)).float()),
    "not of a block": ("tl.store(y + i, tl.where(not (i < 5), 1.0, 0.0))", lambda x: (LINE >= 5).float()),
    "masks with operators": (
        "ok = (i >= 5) & ~(i == 7) | (i == 0)\ntl.store(y + i, tl.load(x + i, mask=ok, other=-1.0))",
        lambda x: torch.where(((LINE >= 5) & (LINE != 7)) | (LINE == 0), x, -1.0),
    ),
    "a conditional expression": ("v = 2.0 if n > 3 else 1.0\ntl.store(y + i, tl.load(x + i) * v)", lambda x: x * 2),
    "a function of the module": ("tl.store(y + i, square(tl.load(x + i)))", lambda x: x * x),
    "methods of blocks": ("v = tl.load(x + i)\ntl.store(y + i, v.exp() + v.abs() + v.max(0) + v.to(tl.float32).sum())", lambda x: x.exp() + x.abs() + x.max() + x.sum()),
    "a transpose": ("tl.store(y + i, tl.reshape(tl.trans(tl.reshape(tl.load(x + i), (8, 8))), (B,)))", lambda x: x.view(8, 8).t().reshape(-1)),
    "the T of a block": ("tl.store(y + i, tl.ravel(tl.reshape(tl.load(x + i), (8, 8)).T))", lambda x: x.view(8, 8).t().reshape(-1)),
    "split and join": ("a, b = tl.split(tl.load(x + i).reshape(32, 2))\ntl.store(y + i, tl.join(b, a).reshape(B))", lambda x: x.view(32, 2).flip(1).reshape(-1)),
    "interleave": ("h = tl.arange(0, 32)\ntl.store(y + i, tl.interleave(tl.load(x + h), tl.load(x + 32 + h)))", lambda x: x.view(2, 32).t().reshape(-1)),
    "a broadcast": ("r = tl.arange(0, 8)\ntl.store(y + r[:, None] * 8 + r[None, :], tl.broadcast_to(tl.load(x + r)[:, None], (8, 8)))", lambda x: x[:8, None].expand(8, 8).reshape(-1)),
    "three dimensions": (
        "r = tl.arange(0, 4)\nv = tl.load(x + r[:, None, None] * 16 + r[None, :, None] * 4 + r[None, None, :])\ntl.store(y + i, 0.0)\ntl.store(y + r[:, None] * 4 + r[None, :], tl.sum(v, axis=2))",
        lambda x: torch.cat([x.view(16, 4).sum(1), torch.zeros(48)]),
    ),
    "a gather": ("tl.store(y + i, tl.gather(tl.load(x + i), B - 1 - i, 0))", lambda x: x.flip(0)),
    "a descending sort": ("tl.store(y + i, tl.sort(tl.load(x + i), descending=True))", lambda x: x.sort(descending=True).values),
    "softmax": ("tl.store(y + i, tl.softmax(tl.load(x + i)))", lambda x: x.softmax(0)),
    "integer operators": (
        "a = i - 32\nb = (a // 3) + (a % 3) * 10 + (a >> 1) + (a << 2) + (a & 7) + (a | 1) + (a ^ 5) - ~a\ntl.store(y + i, b.to(tl.float32))",
        lambda x: _integers(LINE - 32).float(),
    ),
    "unsigned hashing": (
        "h = i.to(tl.uint32) * 2654435761\nh = h ^ (h >> 16)\ntl.store(y + i, (h >> 8).to(tl.float32))",
        lambda x: _hashed(LINE).float(),
    ),
    "pointers that advance": (
        "p = x + tl.arange(0, 16)\nq = y + tl.arange(0, 16)\nfor _ in range(0, B, 16):\n    tl.store(q, tl.load(p) + 1)\n    p += 16\n    q += 16",
        lambda x: x + 1,
    ),
    "scalar loads and stores": ("for j in range(B):\n    tl.store(y + j, tl.load(x + j) * 2)", lambda x: x * 2),
    "64-bit offsets": ("o = tl.program_id(0).to(tl.int64) * B + i\ntl.store(y + o, tl.load(x + o))", lambda x: x),
    "numbers of programs": ("tl.store(y + i, tl.load(x + i) + tl.num_programs(0) + tl.num_programs(axis=1))", lambda x: x + 2),
    "an argument of float type": ("tl.store(y + i, tl.load(x + i) * s)", lambda x: x * 0.25),
    "ceiling division": ("tl.store(y + i, tl.load(x + i) + tl.cdiv(n, 7) + tl.cdiv(B, 3))", lambda x: x + 10 + 22),
    "comparisons as numbers": ("v = tl.load(x + i)\ntl.store(y + i, (v != v).to(tl.float32) + (v > 0))", lambda x: (x > 0).float()),
    "debugging aids": (
        "tl.static_assert(B > 0)\ntl.device_assert(n > 0, 'n')\ntl.debug_barrier()\nif n < 0:\n    tl.device_print('n', n)\ntl.store(y + i, tl.load(x + i))",
        lambda x: x,
    ),
    "quantisation": ("q = tl.clamp(tl.load(x + i) * 50, -128.0, 127.0).to(tl.int8)\ntl.store(y + i, q.to(tl.float32) + libdevice.rint(tl.load(x + i)))", lambda x: (x * 50).trunc() + x.round()),
}  # fmt: skip


def _integers(a: torch.Tensor) -> torch.Tensor:
    divided = torch.div(a, 3, rounding_mode="trunc")
    return divided + torch.fmod(a, 3) * 10 + (a >> 1) + (a << 2) + (a & 7) + (a | 1) + (a ^ 5) - ~a


def _hashed(i: torch.Tensor) -> torch.Tensor:
    h = i * 2654435761 % 2**32
    return (h ^ (h >> 16)) >> 8


def source(name: str) -> str:
    """The module of one case."""
    body = "\n".join("    " + line for line in CASES[name][0].splitlines())
    return f"{HEAD}{START}{body}\n"
