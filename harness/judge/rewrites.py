"""The operations of a reference computed in another way, as people who write kernels do, and sums taken naively above all.

A float32 sum may be taken one term after another, which errs most where one term stands far above the rest: each of the
others is then rounded at its size. What that does to an answer no kernel can be blamed for.
"""

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

import torch

from harness.judge.tape import Op, Tape

Rewrite = Callable[..., torch.Tensor | None]
"""Takes an operation's arguments; returns its (first) result, or None where the rewrite does not apply."""
Sum = Callable[[torch.Tensor], torch.Tensor]
"""Sums the last dimension."""
Statistics = Callable[[torch.Tensor], tuple[torch.Tensor, torch.Tensor]]
"""Returns mean and (biased) variance of the last dimension, which is kept with size 1."""


@dataclasses.dataclass
class Rewriter:
    """Rewrites operations, and counts how often it found one."""

    rewrites: dict[str, Rewrite]
    rewritten: int = 0

    def tape(self) -> Tape:
        """Return a tape that rewrites."""
        return Tape(self._on_op)

    def _on_op(self, op: Op) -> Any:
        name = op.name
        in_place = name.endswith("_")
        rewrite = self.rewrites.get(name.rstrip("_"))
        if rewrite is None or not all(operand.dtype == torch.float32 for operand in op.operands()):
            return op.run()
        made = rewrite(*op.args, **op.kwargs)
        if made is None:
            return op.run()
        self.rewritten += 1
        if in_place:
            return op.args[0].copy_(made)
        result = op.run()  # for what else it returns, its layout, and the statistics that it keeps
        (result[0] if isinstance(result, tuple | list) else result).copy_(made)
        return result


def sums(add: Sum) -> dict[str, Rewrite]:
    """Return the operations that sum, with `add` for the sum itself."""

    def rows(x: torch.Tensor, dim: Any) -> tuple[torch.Tensor, list[int]]:
        dims = [d % x.dim() for d in ([dim] if isinstance(dim, int) else dim or range(x.dim()))]
        kept = [d for d in range(x.dim()) if d not in dims]
        return x.permute(*kept, *dims).flatten(len(kept)) if dims else x.unsqueeze(-1), dims

    def reduced(x: torch.Tensor, dim: Any, keepdim: bool, of: Callable[[torch.Tensor], torch.Tensor]) -> torch.Tensor:
        laid, dims = rows(x, dim)
        found = of(laid)
        for d in sorted(dims) if keepdim else []:
            found = found.unsqueeze(d)
        return found

    def total(x: Any, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> torch.Tensor | None:
        return None if dtype else reduced(x, dim, keepdim, add)

    def mean(x: Any, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> torch.Tensor | None:
        return None if dtype else reduced(x, dim, keepdim, lambda rows: add(rows) * (1 / rows.shape[-1]))

    def norm(x: Any, order: float = 2, dim: Any = None, keepdim: bool = False, **_: Any) -> torch.Tensor | None:
        return reduced(x, dim, keepdim, lambda rows: add(rows * rows).sqrt()) if order == 2 else None

    def logsumexp(x: Any, dim: Any, keepdim: bool = False) -> torch.Tensor:
        def of(rows: torch.Tensor) -> torch.Tensor:
            top = rows.amax(-1, keepdim=True)
            return torch.log(add(torch.exp(rows - top))) + top.squeeze(-1)

        return reduced(x, dim, keepdim, of)

    def softmax(x: Any, dim: int, half_to_float: bool) -> torch.Tensor:
        powers = torch.exp(x - x.amax(dim, keepdim=True))
        return powers * (1 / reduced(powers, dim, True, add))

    def log_softmax(x: Any, dim: int, half_to_float: bool) -> torch.Tensor:
        return x - logsumexp(x, dim, True)  # type: ignore[no-any-return]

    return {"sum": total, "mean": mean, "linalg_vector_norm": norm, "logsumexp": logsumexp,
            "_softmax": softmax, "_log_softmax": log_softmax}  # fmt: skip


def norms(statistics: Statistics) -> dict[str, Rewrite]:
    """Return the normalisations, with `statistics` for their mean and variance."""

    def batch(x: Any, w: Any, b: Any, mean: Any, var: Any, training: bool, momentum: float, eps: float) -> torch.Tensor:
        shape = [1, -1, *[1] * (x.dim() - 2)]
        rows = x.transpose(0, 1).flatten(1)
        found = statistics(rows) if training else (mean[:, None], var[:, None])
        centre, spread = (value.view(shape) for value in found)
        return normalised(x, centre, spread, w, b, eps, shape)

    def layer(x: Any, sizes: Any, w: Any, b: Any, eps: float) -> torch.Tensor:
        lead = x.dim() - len(sizes)
        mean, var = (v.view(*x.shape[:lead], *[1] * len(sizes)) for v in statistics(x.flatten(lead)))
        return normalised(x, mean, var, w, b, eps, [1] * lead + list(sizes))

    def group(x: Any, w: Any, b: Any, n: int, c: int, hw: int, groups: int, eps: float) -> torch.Tensor:
        mean, var = (v.view(n, groups, 1) for v in statistics(x.reshape(n, groups, -1)))
        mean, var = (v.expand(n, groups, c // groups).reshape(n, c, *[1] * (x.dim() - 2)) for v in (mean, var))
        return normalised(x, mean, var, w, b, eps, [1, c, *[1] * (x.dim() - 2)])

    return {"native_batch_norm": batch, "native_layer_norm": layer, "native_group_norm": group}


def normalised(
    x: torch.Tensor,
    mean: torch.Tensor,
    variance: torch.Tensor,
    weight: Any,
    bias: Any,
    eps: float,
    shape: Sequence[int],
) -> torch.Tensor:
    """Return (x - mean) / sqrt(variance + eps), scaled and shifted: the scale is folded into one factor beforehand."""
    factor = torch.rsqrt(variance + eps)
    if weight is not None:
        factor = factor * weight.view(shape)
    y = (x - mean) * factor
    return y if bias is None else y + bias.view(shape)


def sequential_sum(x: torch.Tensor) -> torch.Tensor:
    """Sum the last dimension one term after another in float32: numpy accumulates in the type of its argument."""
    if not x.shape[-1]:
        return x.sum(-1)
    return torch.from_numpy(x.numpy().cumsum(-1)[..., -1].copy())


def _sequential_moments(x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    mean = sequential_sum(x).unsqueeze(-1) * (1 / x.shape[-1])
    return mean, sequential_sum((x - mean) * (x - mean)).unsqueeze(-1) * (1 / x.shape[-1])


SEQUENTIAL: dict[str, Rewrite] = {**sums(sequential_sum), **norms(_sequential_moments)}
"""Every sum one term after another."""
