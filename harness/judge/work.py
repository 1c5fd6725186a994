"""What one call of a workload has to do at least: operations counted on paper, bytes from shapes."""

from collections.abc import Iterable
from functools import lru_cache

import torch

from harness.errors import ProblemError
from harness.judge.reference import Layout, Reference, span
from harness.models import Workload
from harness.score.roofline_cpu import Work
from harness.suite.known import known_facts

LOOKED_UP = (torch.nn.Embedding, torch.nn.EmbeddingBag)
"""Modules that read a few rows of their parameter: which ones is for the inputs to say."""
WORKLOADS_KEPT = 16


def work_of(reference: Reference, layouts: Iterable[Layout]) -> Work:
    """Return the least work of one call: every input and parameter read once, every output (`layouts`) written once."""
    layouts = list(layouts)
    inputs = tensors(reference)
    floats = [dtype for dtype in (*(v.dtype for v in inputs), *(o.dtype for o in layouts)) if dtype.is_floating_point]
    return Work(
        flops=counted_flops(reference.workload),
        read_bytes=sum(map(bytes_of, (*inputs, *_parameters(reference.model)))),
        written_bytes=_written(layouts),
        dtype=str(max(floats, key=lambda dtype: dtype.itemsize, default=torch.float32)).removeprefix("torch."),
    )


def compulsory_bytes(reference: Reference, layouts: Iterable[Layout]) -> int:
    """Return the bytes that must move whatever a kernel leaves out: all outputs, half of the inputs."""
    return _written(layouts) + sum(span(v) * v.element_size() for v in tensors(reference)) // 2


@lru_cache(maxsize=WORKLOADS_KEPT)
def counted_flops(workload: Workload) -> int | None:
    """Return the operations of products, convolutions and attention, a multiply-add counted as two.

    Those of the suite are known; a file of somebody else's is counted, which takes a recurrent network seconds.
    None where the problem does not run on the `meta` device, where nothing of its size is allocated.
    """
    if known := known_facts().get(workload.sha256):
        return known.flops
    from torch.utils.flop_counter import FlopCounterMode  # a tenth of a second, for other people's problems alone

    try:
        with torch.device("meta"):
            reference = Reference(workload, weights_seed=0)
        with (
            reference.blame("forward() on the meta device"),
            torch.no_grad(),
            FlopCounterMode(display=False) as counter,
        ):
            reference.model(*reference.example)
    except ProblemError:
        return None
    return int(counter.get_total_flops())


def _written(layouts: Iterable[Layout]) -> int:
    return sum(torch.Size(layout.sizes).numel() * layout.dtype.itemsize for layout in layouts)


def tensors(reference: Reference) -> list[torch.Tensor]:
    """Return the tensors among a workload's inputs."""
    return [value for value in reference.example if isinstance(value, torch.Tensor)]


def bytes_of(tensor: torch.Tensor) -> int:
    """Return the bytes that a tensor holds; those of an expanded one are there once."""
    return min(tensor.numel(), span(tensor)) * tensor.element_size()


def _parameters(model: torch.nn.Module) -> list[torch.Tensor]:
    """Return parameters and buffers that every call reads in full, shared ones once."""
    found = {
        id(tensor): tensor
        for module in model.modules()
        if not isinstance(module, LOOKED_UP)
        for tensor in (*module.parameters(recurse=False), *module.buffers(recurse=False))
    }
    return list(found.values())
