"""Mean and variance of the last dimension in the ways that kernels take them."""

import torch

CHUNKS = 8
"""Partial results that `welford` merges: those of so many threads or blocks."""


def moments(x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """One pass over values shifted by the first of them: E[(x - s)^2] - E[x - s]^2, which stays exact for a large mean."""
    shift = x[..., :1]
    apart = x - shift
    mean = apart.mean(-1, keepdim=True)
    return mean + shift, ((apart * apart).mean(-1, keepdim=True) - mean * mean).clamp_min(0)


def reversed_two_pass(x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """First the mean, then the mean square distance from it; summed from the end."""
    x = x.flip(-1)
    mean = x.sum(-1, keepdim=True) * (1 / x.shape[-1])
    return mean, ((x - mean) * (x - mean)).sum(-1, keepdim=True) * (1 / x.shape[-1])


def welford(x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Merge the statistics of parts (Chan, Golub, LeVeque 1983), as blocks of threads do."""
    count = 0
    mean, squares = x.new_zeros((*x.shape[:-1], 1)), x.new_zeros((*x.shape[:-1], 1))
    for part in x.chunk(CHUNKS, -1):
        size = part.shape[-1]
        own = part.mean(-1, keepdim=True)
        apart = own - mean
        squares = squares + ((part - own) ** 2).sum(-1, keepdim=True) + apart * apart * (count * size / (count + size))
        mean = mean + apart * (size / (count + size))
        count += size
    return mean, squares / count
