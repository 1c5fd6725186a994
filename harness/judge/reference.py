"""The reference as the judge knows it: its inputs, weights and a float64 evaluation. Trusted source, judge's process."""

import copy
import dataclasses
import random
import secrets
import types
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from harness.errors import ProblemError
from harness.models import Workload
from harness.worker.doorbell import Structure
from harness.worker.program import DTYPES

SEED_BITS = 62


def fresh_seed() -> int:
    """Return a seed that nobody can guess; it never leaves this process."""
    return secrets.randbits(SEED_BITS)


def seed_everything(seed: int) -> None:
    """Seed every generator that a problem file may draw from."""
    torch.manual_seed(seed)
    random.seed(seed)
    np.random.seed(seed % (1 << 32))


def span(tensor: torch.Tensor) -> int:
    """Return the number of elements from the tensor's first to its last in memory; 0 if it is empty."""
    if tensor.numel() == 0:
        return 0
    return 1 + sum((size - 1) * stride for size, stride in zip(tensor.shape, tensor.stride(), strict=True))


def flat(tensor: torch.Tensor) -> torch.Tensor:
    """Return the tensor's memory from first to last element as a one-dimensional view."""
    return torch.as_strided(tensor, (span(tensor),), (1,), tensor.storage_offset())


@dataclasses.dataclass(frozen=True)
class Layout:
    """What an output must look like."""

    sizes: tuple[int, ...]
    dtype: torch.dtype


class Reference:
    """A workload's `Model` with one secret set of weights."""

    def __init__(self, workload: Workload) -> None:
        """Execute the problem file and build its model.

        Raises:
            ProblemError: the file or its functions raise, or it needs something that cannot be sent to a worker.
        """
        self.workload = workload
        self.weights_seed = fresh_seed()
        self.layouts: list[Layout] = []
        """What its outputs look like; known once it has run."""
        module = types.ModuleType(f"problem_{workload.sha256[:8]}")
        try:
            exec(compile(workload.source, workload.problem_id, "exec"), module.__dict__)
            self._get_inputs: Callable[[], list[Any]] = module.__dict__["get_inputs"]
            seed_everything(self.weights_seed)
            self.init = list(module.__dict__.get("get_init_inputs", list)())
            seed_everything(self.weights_seed)
            self.model: torch.nn.Module = module.__dict__["Model"](*self.init)
            self._model64: torch.nn.Module | None = None
            self.example = self.inputs(fresh_seed())
        except (KeyboardInterrupt, MemoryError):
            raise
        except Exception as error:  # a problem file is foreign code: whatever it raises is its fault
            raise ProblemError(f"problem {workload.problem_id}: {type(error).__name__}: {error}") from error
        for value in self.example:
            if not isinstance(value, torch.Tensor | int | float | bool | str | None):
                raise ProblemError(
                    f"problem {workload.problem_id}: an input of type {type(value).__name__} is not supported"
                )
            if isinstance(value, torch.Tensor) and value.dtype not in DTYPES:
                raise ProblemError(f"problem {workload.problem_id}: an input of dtype {value.dtype} is not supported")

    def inputs(self, seed: int) -> list[Any]:
        """Return fresh inputs, as the problem publishes them."""
        seed_everything(seed)
        return list(self._get_inputs())

    def evaluate64(self, inputs: list[Any]) -> list[torch.Tensor] | None:
        """Evaluate in float64; None where the model cannot be (a dtype fixed in its code)."""
        if self._model64 is None:
            self._model64 = copy.deepcopy(self.model).double()
        wide = [v.double() if isinstance(v, torch.Tensor) and v.dtype.is_floating_point else v for v in inputs]
        wide = [v.clone() if isinstance(v, torch.Tensor) else v for v in wide]
        try:
            with torch.no_grad():
                return outputs_of(self._model64(*wide))[1]
        except RuntimeError:
            return None

    def state(self) -> dict[str, torch.Tensor]:
        """Return the weights that both sides are to compute with."""
        return {name: tensor.detach() for name, tensor in self.model.state_dict().items()}


def outputs_of(value: Any) -> tuple[Structure, list[torch.Tensor]]:
    """Split what a reference returned into structure and tensors.

    Raises:
        ProblemError: it is neither a tensor nor a tuple or list of tensors.
    """
    if isinstance(value, torch.Tensor):
        return Structure.TENSOR, [value]
    if isinstance(value, tuple | list) and value and all(isinstance(v, torch.Tensor) for v in value):
        return (Structure.TUPLE if isinstance(value, tuple) else Structure.LIST), list(value)
    raise ProblemError(f"a reference must return a tensor or a tuple of tensors, not {type(value).__name__}")
