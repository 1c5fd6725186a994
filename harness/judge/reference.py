"""The reference as the judge knows it: its inputs, weights and a float64 evaluation. Trusted source, judge's process."""

import copy
import dataclasses
import random
import secrets
import threading
import traceback
import types
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

import numpy as np
import torch

from harness.errors import ProblemError
from harness.judge.rewrites import SEQUENTIAL, Rewriter
from harness.judge.tape import Roundings
from harness.models import Workload
from harness.worker.doorbell import Structure
from harness.worker.program import DTYPES

SEED_BITS = 62
HALF_ULP = 2.0**-24
"""Relative error of rounding to float32."""
SHAKEN_SEED = 20
EXTRAS = {"transformers": "models"}
"""Package that a problem may import -> the extra that installs it."""


def fresh_seed() -> int:
    """Return a seed that nobody can guess; it never leaves this process."""
    return secrets.randbits(SEED_BITS)


def seed_everything(seed: int) -> None:
    """Seed every generator that a problem file may draw from."""
    torch.manual_seed(seed)
    random.seed(seed)
    np.random.seed(seed % (1 << 32))


@contextmanager
def drawing(seed: int) -> Iterator[None]:
    """Seed every generator and have them to oneself: they are the process's, and several candidates are judged at once."""
    with _DRAWING:
        seed_everything(seed)
        yield


_DRAWING = threading.RLock()


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

    def __init__(self, workload: Workload, weights_seed: int | None = None) -> None:
        """Execute the problem file and build its model, under a secret seed unless one is given.

        Raises:
            ProblemError: the file or its functions raise, or it needs something that cannot be sent to a worker.
        """
        self.workload = workload
        self.weights_seed = fresh_seed() if weights_seed is None else weights_seed
        self.layouts: list[Layout] = []
        """What its outputs look like; known once it has run."""
        module = types.ModuleType(f"problem_{workload.sha256[:8]}")
        with self.blame("the file"):
            exec(compile(workload.source, self._filename, "exec"), module.__dict__)
        self._get_inputs: Callable[[], list[Any]] = module.__dict__["get_inputs"]
        with drawing(self.weights_seed), self.blame("get_init_inputs()"):
            self.init = list(module.__dict__.get("get_init_inputs", list)())
        with drawing(self.weights_seed), self.blame("Model(*get_init_inputs())"):
            self.model: torch.nn.Module = module.__dict__["Model"](*self.init)
        self._model64: torch.nn.Module | None = None
        self._sums: bool | None = None
        """Whether it sums anything, once that is known."""
        self.example = self.inputs(fresh_seed())
        for value in self.example:
            if not isinstance(value, torch.Tensor | int | float | bool | str | None):
                raise ProblemError(
                    f"problem {workload.problem_id}: an input of type {type(value).__name__} is not supported"
                )
            if isinstance(value, torch.Tensor) and value.dtype not in DTYPES:
                raise ProblemError(f"problem {workload.problem_id}: an input of dtype {value.dtype} is not supported")

    @property
    def _filename(self) -> str:
        return f"<problem {self.workload.problem_id}>"

    @contextmanager
    def blame(self, what: str) -> Iterator[None]:
        """Turn whatever the problem's own code raises into a `ProblemError` that names the line.

        A problem file is foreign code: whatever it raises is its fault.
        """
        try:
            yield
        except (KeyboardInterrupt, MemoryError, ProblemError):
            raise
        except Exception as error:
            lines = [f.lineno for f in traceback.extract_tb(error.__traceback__) if f.filename == self._filename]
            where = f"line {lines[-1]}: " if lines else ""
            missing = EXTRAS.get(error.name or "") if isinstance(error, ModuleNotFoundError) else None
            advice = f" - pip install 'kernel-harness[{missing}]'" if missing else ""
            raise ProblemError(
                f"problem {self.workload.problem_id}: {where}{what} raised {type(error).__name__}: {error}{advice}"
            ) from error

    def inputs(self, seed: int) -> list[Any]:
        """Return fresh inputs, as the problem publishes them.

        Raises:
            ProblemError: `get_inputs` raises.
        """
        with drawing(seed), self.blame("get_inputs()"):
            return list(self._get_inputs())

    def evaluate64(
        self, inputs: list[Any], watch: AbstractContextManager[Any] | None = None
    ) -> list[torch.Tensor] | None:
        """Evaluate in float64, `watch` over the operations; None where the model cannot be (a dtype fixed in its code)."""
        if self._model64 is None:
            self._model64 = copy.deepcopy(self.model).double()
        wide = [v.double() if isinstance(v, torch.Tensor) and v.dtype.is_floating_point else v for v in inputs]
        wide = [v.clone() if isinstance(v, torch.Tensor) else v for v in wide]
        try:
            with torch.no_grad(), watch or nullcontext():
                return outputs_of(self._model64(*wide))[1]
        except RuntimeError:
            return None

    def evaluate32(
        self, inputs: list[Any], watch: AbstractContextManager[Any] | None = None
    ) -> list[torch.Tensor] | None:
        """Evaluate a copy of the model as it is, with `watch` over its operations; None where that raises."""
        own = [v.clone() if isinstance(v, torch.Tensor) else v for v in inputs]
        try:
            with torch.no_grad(), watch or nullcontext():
                return outputs_of(copy.deepcopy(self.model)(*own))[1]
        except RuntimeError:
            return None

    def shaken64(self, inputs: list[Any]) -> list[torch.Tensor] | None:
        """Evaluate in float64, inputs and every operation's result off by a rounding to float32; None as `evaluate64`.

        What this moves the answer by is the error that any float32 kernel may make, however it orders its sums (Higham,
        Accuracy and Stability of Numerical Algorithms, 1.5). The draws are always the same, and need not be secret.
        """
        roundings = Roundings(HALF_ULP, SHAKEN_SEED)
        shaken = []
        for value in inputs:
            if isinstance(value, torch.Tensor) and value.dtype.is_floating_point:
                value = value.double() if value.dtype != torch.float64 else value.clone()
                roundings.shake(value)
            shaken.append(value)
        return self.evaluate64(shaken, roundings.tape())

    def sequential32(self, inputs: list[Any]) -> list[torch.Tensor] | None:
        """Evaluate in float32 with every sum taken one term after another, as the plainest kernel does.

        None where the model sums nothing, or raises.
        """
        if self._sums is False:
            return None
        rewriter = Rewriter(SEQUENTIAL)
        outputs = self.evaluate32(inputs, rewriter.tape())
        self._sums = bool(rewriter.rewritten)
        return outputs if self._sums else None

    def state(self) -> dict[str, torch.Tensor]:
        """Return the weights that both sides are to compute with."""
        return {name: tensor.detach() for name, tensor in self.model.state_dict().items()}


def outputs_of(value: Any) -> tuple[Structure, list[torch.Tensor]]:
    """Split what a reference returned into structure and tensors; those of a dict come in the order of their names.

    Raises:
        ProblemError: it is neither a tensor nor a tuple, list or dict (with strings for names) of tensors.
    """
    if isinstance(value, torch.Tensor):
        return Structure.TENSOR, [value]
    if isinstance(value, tuple | list) and value and all(isinstance(v, torch.Tensor) for v in value):
        return (Structure.TUPLE if isinstance(value, tuple) else Structure.LIST), list(value)
    if type(value) is dict and value and all(isinstance(k, str) for k in value):
        named = [value[name] for name in sorted(value)]
        if all(isinstance(v, torch.Tensor) for v in named):
            return Structure.DICT, named
    raise ProblemError(
        f"a reference must return a tensor or a tuple, list or dict of tensors, not {type(value).__name__}"
    )
