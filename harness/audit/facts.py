"""What a workload computes and moves, found on the `meta` device: shapes without memory, whatever the size."""

import dataclasses
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch
from torch.utils._pytree import tree_leaves
from torch.utils.flop_counter import flop_registry

from harness.judge.reference import Reference
from harness.judge.tape import Op, Tape
from harness.models import Workload
from harness.models.audit import Facts, TensorFacts

TAGS: dict[str, tuple[str, ...]] = {
    "gemm": ("mm", "bmm", "addmm", "baddbmm", "addbmm", "mv", "addmv", "dot", "linear"),
    "norm": ("native_batch_norm", "native_layer_norm", "native_group_norm", "linalg_vector_norm", "norm"),
    "pooling": ("max_pool2d_with_indices", "max_pool3d_with_indices", "avg_pool2d", "avg_pool3d"),
    "reduction": ("sum", "mean", "max", "min", "amax", "amin", "argmax", "argmin", "prod", "var", "logsumexp"),
    "softmax": ("_softmax", "_log_softmax", "_safe_softmax"),
    "scan": ("cumsum", "cumprod", "_cumsum_helper"),
    "loss": ("mse_loss", "nll_loss_forward", "smooth_l1_loss", "huber_loss", "xlogy"),
    "activation": (
        *("relu", "relu_", "leaky_relu", "sigmoid", "sigmoid_", "tanh", "tanh_", "gelu", "elu", "hardsigmoid"),
        *(
            "softplus",
            "hardtanh",
            "hardtanh_",
            "hardswish",
            "hardswish_",
            "silu",
            "silu_",
            "mish",
            "clamp",
            "clamp_min",
        ),
    ),
    "embedding": ("embedding",),
}
"""Family -> the operations that show it. Convolutions are told apart by their arguments."""
ATTENTION = ("gemm", "softmax", "gemm")
"""A composite operation is seen as its parts: attention is a softmax between two products."""
_TAG_OF = {name: tag for tag, names in TAGS.items() for name in names}


def facts(work: Workload) -> Facts:
    """Find out what `work` computes; nothing of its size is allocated.

    Raises:
        ProblemError: the problem raises, or cannot run on the `meta` device.
    """
    seen: list[str] = []
    flops = 0

    def on_op(op: Op) -> Any:
        nonlocal flops
        result = op.run()
        seen.extend(_tags(op))
        formula = flop_registry.get(op.function.overloadpacket)
        if formula is not None:
            flops += formula(*op.args, **op.kwargs, out_val=result)
        return result

    ran = on_meta(work, Tape(on_op))
    moved = [*ran.inputs, *ran.outputs, *ran.model.parameters(), *ran.model.buffers()]
    return Facts(
        sha256=work.sha256,
        inputs=tuple(map(_tensor, ran.inputs)),
        outputs=tuple(map(_tensor, ran.outputs)),
        parameters=sum(parameter.numel() for parameter in ran.model.parameters()),
        flops=int(flops),
        bytes=sum(tensor.numel() * tensor.element_size() for tensor in moved),
        tags=tuple(sorted(set(seen) | _composite(seen, ran.model))),
    )


@dataclasses.dataclass(frozen=True)
class MetaRun:
    """One forward on `meta`: every tensor has a shape and no memory."""

    model: torch.nn.Module
    inputs: list[torch.Tensor]
    outputs: list[torch.Tensor]


def on_meta(work: Workload, watch: AbstractContextManager[Any] | None = None) -> MetaRun:
    """Build and run `work` on the `meta` device; `watch` sees its operations.

    Raises:
        ProblemError: the problem raises, or cannot run on the `meta` device.
    """
    with torch.device("meta"):
        reference = Reference(work, weights_seed=0)
    with reference.blame("forward() on the meta device"), torch.no_grad(), watch or nullcontext():
        returned = reference.model(*reference.example)
    inputs, outputs = (
        [t for t in tree_leaves(of) if isinstance(t, torch.Tensor)] for of in (reference.example, returned)
    )
    return MetaRun(reference.model, inputs, outputs)


def _tensor(tensor: torch.Tensor) -> TensorFacts:
    return TensorFacts(shape=tuple(tensor.shape), dtype=str(tensor.dtype).removeprefix("torch."))


def _composite(seen: list[str], model: torch.nn.Module) -> set[str]:
    """Return the families that only several operations together, or a module, show."""
    relevant = [tag for tag in seen if tag in ATTENTION]
    windows = zip(relevant, relevant[1:], relevant[2:], strict=False)
    found = {"attention"} if ATTENTION in windows else set()
    return found | ({"rnn"} if any(isinstance(m, torch.nn.RNNBase) for m in model.modules()) else set())


def _tags(op: Op) -> set[str]:
    """Return the families that an operation shows."""
    if op.name != "convolution":
        return {_TAG_OF[op.name]} if op.name in _TAG_OF else set()
    transposed, groups = bool(op.args[6]), int(op.args[8])
    found = {"conv_transpose" if transposed else "conv"}
    return found | ({"grouped"} if groups > 1 else set())
