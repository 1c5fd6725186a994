"""Right kernels, made mechanically: the same mathematics in another order, which every tolerance has to let pass.

Each kind rewrites the operations of a reference as people who write kernels do. A rewritten operation computes in float32;
only `wide accumulators` keeps sums in float64, as C++ kernels often do. What a kind does not know runs as it is.
"""

import dataclasses
import math
from collections.abc import Callable
from typing import Any

import torch
from torch.nn.functional import unfold

from harness.audit.normal import moments, reversed_two_pass, welford
from harness.judge.rewrites import SEQUENTIAL, Rewrite, Rewriter, norms, sums

BLOCK = 32
"""Terms of a partial sum: the tile of a tiled product, the width of a warp."""
ULPS = 2
"""Error of an approximated function, in units in the last place: the largest that CUDA's guide names for `expf`, `tanhf`,
`erff` and `tanf`'s kin (CUDA C++ Programming Guide, Mathematical Functions) without `-use_fast_math`."""
LOG2_E = 1 / math.log(2.0)


@dataclasses.dataclass
class Variant(Rewriter):
    """One way to compute differently, and how often it found something to rewrite."""

    kind: str = ""


def variants() -> list[Variant]:
    """Return every kind, unused."""
    return [
        Variant(_BLOCKED, kind="blocked sums"),
        Variant(dict(SEQUENTIAL), kind="sums one term after another"),
        Variant(_REVERSED, kind="reversed sums"),
        Variant(_WIDE, kind="wide accumulators"),
        Variant(_FORMULAS, kind="other formulas"),
    ]


# ---- products: how the sum over k is taken is all that differs ----

Product = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]


def _blocked_product(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    total = a[..., :BLOCK] @ b[..., :BLOCK, :]
    for start in range(BLOCK, a.shape[-1], BLOCK):
        total = total + a[..., start : start + BLOCK] @ b[..., start : start + BLOCK, :]
    return total


def _reversed_product(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    return a.flip(-1) @ b.flip(-2)


def _wide_product(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    return (a.double() @ b.double()).float()


def _products(product: Product) -> dict[str, Rewrite]:
    def addmm(c: Any, a: Any, b: Any, *, beta: float = 1, alpha: float = 1) -> torch.Tensor | None:
        return product(a, b) + c if beta == 1 and alpha == 1 else None

    return {"mm": product, "bmm": product, "addmm": addmm, _ATTENTION: _attention(product)}


_ATTENTION = "_scaled_dot_product_flash_attention_for_cpu"


def _attention(product: Product) -> Rewrite:
    """Attention that keeps its matrix of scores and normalises at the end."""

    def rewrite(
        q: Any, k: Any, v: Any, dropout: float = 0.0, causal: bool = False, *, attn_mask: Any = None, scale: Any = None
    ) -> torch.Tensor:
        scores = product(q, k.mT) * (scale or 1 / math.sqrt(q.shape[-1]))
        if causal:
            scores = scores.masked_fill(torch.ones(scores.shape[-2:], dtype=torch.bool).triu(1), -math.inf)
        if attn_mask is not None:
            scores = scores + attn_mask
        weights = torch.exp(scores - scores.amax(-1, keepdim=True))
        return product(weights, v) / weights.sum(-1, keepdim=True)

    return rewrite


# ---- convolutions ----


def _convolve(x: Any, w: Any, bias: Any, stride: Any, padding: Any, dilation: Any, *rest: Any) -> torch.Tensor:
    return torch.ops.aten.convolution(x, w, bias, stride, padding, dilation, *rest)  # type: ignore[no-any-return]


def _blocked_convolution(x: Any, w: Any, bias: Any, *rest: Any) -> torch.Tensor | None:
    """Sum over input channels, a few at a time, the bias last."""
    channels, transposed, groups = x.shape[1], rest[3], rest[5]
    if groups != 1 or channels == 1:
        return None
    axis, step = (0 if transposed else 1), max(1, min(4, channels // 2))
    parts = (
        _convolve(x.narrow(1, at, size), w.narrow(axis, at, size), None, *rest)
        for at in range(0, channels, step)
        for size in [min(step, channels - at)]
    )
    total = next(parts)
    for part in parts:
        total = total + part
    return _biased(total, bias)


def _reversed_convolution(x: Any, w: Any, bias: Any, *rest: Any) -> torch.Tensor | None:
    axis = 0 if rest[3] else 1
    return _biased(_convolve(x.flip(1), w.flip(axis), None, *rest), bias) if rest[5] == 1 else None


def _wide_convolution(x: Any, w: Any, bias: Any, *rest: Any) -> torch.Tensor:
    return _biased(_convolve(x.double(), w.double(), None, *rest), None if bias is None else bias.double()).float()


def _columns(x: Any, w: Any, bias: Any, stride: Any, padding: Any, dilation: Any, *rest: Any) -> torch.Tensor | None:
    """im2col: patches as columns, and one product."""
    transposed, _, groups = rest
    if transposed or groups != 1 or x.dim() != 4:
        return None
    patches = unfold(x, w.shape[2:], tuple(dilation), tuple(padding), tuple(stride))
    sizes = [
        (x.shape[2 + d] + 2 * padding[d] - dilation[d] * (w.shape[2 + d] - 1) - 1) // stride[d] + 1 for d in range(2)
    ]
    return _biased((w.flatten(1) @ patches).view(x.shape[0], w.shape[0], *sizes), bias)


def _biased(y: torch.Tensor, bias: Any) -> torch.Tensor:
    return y if bias is None else y + bias.view(-1, *[1] * (y.dim() - 2))


# ---- sums ----


def _blocked_sum(x: torch.Tensor) -> torch.Tensor:
    total = torch.zeros(x.shape[:-1])
    for part in torch.split(x, BLOCK, -1):
        total = total + part.sum(-1)
    return total


def _pairwise_sum(x: torch.Tensor) -> torch.Tensor:
    while x.shape[-1] > 1:
        half = x.shape[-1] // 2
        x = torch.cat([x[..., :half] + x[..., half : 2 * half], x[..., 2 * half :]], -1)
    return x.squeeze(-1)


def _wide_sum(x: torch.Tensor) -> torch.Tensor:
    return x.double().sum(-1).float()


def _blocked_scan(x: Any, dim: int, *, dtype: Any = None) -> torch.Tensor:
    """A prefix sum as a GPU takes it: within blocks, then the blocks' totals."""
    carried: Any = 0.0
    parts = []
    for part in torch.split(x, BLOCK, dim):
        parts.append(part.cumsum(dim) + carried)
        carried = parts[-1].narrow(dim, -1, 1)
    return torch.cat(parts, dim)


# ---- functions by other formulas, each off by a few units in the last place ----


def _near(y: torch.Tensor) -> torch.Tensor:
    """Return what a library of another vendor might: every value off by up to `ULPS`, at random."""
    return y * (1 + (2 * torch.rand(y.shape) - 1) * (ULPS * 2.0**-23))


def _exp2(x: torch.Tensor) -> torch.Tensor:
    """Exponential as the hardware has it, for base 2: rounding the argument costs |x| half-ulps."""
    return _near(torch.exp2(x * LOG2_E))


def _sigmoid(x: torch.Tensor) -> torch.Tensor:
    return 1 / (1 + _exp2(-x))


def _tanh(x: torch.Tensor) -> torch.Tensor:
    """By exp(x) - 1, which keeps its digits near 0, as 2 * sigmoid(2 x) - 1 does not."""
    less = _near(torch.expm1(-2 * x.abs()))
    return torch.copysign(-less / (less + 2), x)


def _gelu(x: torch.Tensor, *, approximate: str = "none") -> torch.Tensor:
    if approximate == "tanh":
        return x * _sigmoid(2 * math.sqrt(2 / math.pi) * (x + 0.044715 * x * x * x))
    return 0.5 * x * _near(torch.erfc(-x * math.sqrt(0.5)))


def _softmax2(x: torch.Tensor, dim: int, half_to_float: bool) -> torch.Tensor:
    """Online softmax in base 2: the sum is rescaled whenever a block brings a higher maximum."""
    top: torch.Tensor | None = None
    total = torch.zeros(())
    for part in torch.split(x, BLOCK, dim):
        higher = part.amax(dim, keepdim=True) if top is None else torch.maximum(top, part.amax(dim, keepdim=True))
        kept = total * _exp2(top - higher) if top is not None else total
        total = kept + _exp2(part - higher).sum(dim, keepdim=True)
        top = higher
    return total if top is None else _exp2(x - top) / total


_FORMULAS: dict[str, Rewrite] = {
    "exp": _exp2,
    "sigmoid": _sigmoid,
    "tanh": _tanh,
    "gelu": _gelu,
    "silu": lambda x: x * _sigmoid(x),
    "mish": lambda x: x * _tanh(torch.where(x > 20, x, torch.log1p(_exp2(x)))),
    "softplus": lambda x, beta=1, threshold=20: torch.clamp_min(x, 0) + _near(torch.log1p(_exp2(-(beta * x).abs()))) / beta,
    "elu": lambda x, alpha=1, scale=1, input_scale=1: (
        torch.where(x > 0, x * scale, _near(torch.expm1(x * input_scale)) * (alpha * scale))
    ),
    "_softmax": _softmax2,
    "_log_softmax": lambda x, dim, half_to_float: (
        (x - x.amax(dim, keepdim=True)) - _near(torch.log(_exp2(x - x.amax(dim, keepdim=True)).sum(dim, keepdim=True)))
    ),
    "hardswish": lambda x: x * (torch.clamp(x + 3, 0, 6) * (1 / 6)),
    "div": lambda a, b: a * (1 / b) if isinstance(b, torch.Tensor) or b else None,
    "sqrt": lambda x: _near(torch.sqrt(x)),
    "convolution": _columns,
    **norms(moments),
}  # fmt: skip
_BLOCKED: dict[str, Rewrite] = {
    **_products(_blocked_product), **sums(_blocked_sum), **norms(welford),
    "convolution": _blocked_convolution, "cumsum": _blocked_scan,
}  # fmt: skip
_REVERSED: dict[str, Rewrite] = {
    **_products(_reversed_product), **sums(lambda x: _pairwise_sum(x.flip(-1))), **norms(reversed_two_pass),
    "convolution": _reversed_convolution,
}  # fmt: skip
_WIDE: dict[str, Rewrite] = {
    **_products(_wide_product), **sums(_wide_sum), **norms(lambda x: _double(x)),
    "convolution": _wide_convolution,
    "cumsum": lambda x, dim, *, dtype=None: x.double().cumsum(dim).float(),
    "add": lambda a, b, *, alpha=1: (a.double() + alpha * b).float() if isinstance(a, torch.Tensor) else None,
}  # fmt: skip


def _double(x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    mean, variance = moments(x.double())
    return mean.float(), variance.float()
