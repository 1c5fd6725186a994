"""One problem at one tier, run in this process with the judge's own reference, budgets and comparison."""

import copy
import dataclasses
import statistics
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch

from harness.errors import ProblemError
from harness.judge.oracle import PUBLISHED_PROBES, ask, published_budgets, published_noise
from harness.judge.reference import Reference, outputs_of, seed_everything
from harness.judge.tolerance import Budget, Comparison, compare
from harness.models import Workload

Outputs = list[torch.Tensor]
TIMED_CALLS = 3


@dataclasses.dataclass(frozen=True)
class Draw:
    """One set of inputs as published, with what the judge would know of it."""

    inputs: list[Any]
    outputs: Outputs
    """The float32 reference's."""
    budgets: list[Budget]
    """What the judge allows, per output."""

    def replaced(self, index: int, output: torch.Tensor) -> Outputs:
        """Return the right outputs with another in place of one."""
        return [*self.outputs[:index], output, *self.outputs[index + 1 :]]


class Subject:
    """A reference that can be asked again and again. The seeds come from the workload's text: a lint repeats."""

    def __init__(self, work: Workload) -> None:
        """Build the model, draw inputs and evaluate them in float32 and float64.

        Raises:
            ProblemError: the file, its functions or its model raise, or return something that is no tensor.
        """
        self.work = work
        self.seed = int(work.sha256[:15], 16)
        self.reference = Reference(work, weights_seed=self.seed)
        self.model = self.reference.model
        self.unused = copy.deepcopy(self.model)
        """The model as it was built; never called, copies of it are."""
        self.anchored = True
        """Whether the model can be evaluated in float64; if not, its own float32 output is the anchor."""
        asked = []
        for number in range(PUBLISHED_PROBES):
            inputs = self.reference.inputs(self.seed + number)
            asked.append((inputs, ask(self.reference, inputs, self.run(inputs), again=number > 0)))
            self.anchored &= asked[-1][1].anchored
        answers = [answer for _, answer in asked]
        budgets = published_budgets(answers, published_noise(answers))
        self.draws = [
            Draw(inputs, outputs.narrow, allowed) for (inputs, outputs), allowed in zip(asked, budgets, strict=True)
        ]

    @property
    def parameters(self) -> list[tuple[str, torch.nn.Parameter]]:
        """Return the model's parameters by name, shared ones once."""
        return list(self.model.named_parameters())

    def next(self, draw: Draw) -> Draw:
        """Return another draw than `draw`."""
        place = next(index for index, known in enumerate(self.draws) if known is draw)
        return self.draws[(place + 1) % len(self.draws)]

    def run(self, inputs: Sequence[Any], watch: AbstractContextManager[Any] | None = None) -> Outputs:
        """Return the outputs of the float32 model, which gets copies of `inputs`; `watch` sees its operations.

        Raises:
            ProblemError: the model raises, or returns something other than tensors.
        """
        own = [value.clone() if isinstance(value, torch.Tensor) else value for value in inputs]
        with self.reference.blame("forward()"), torch.no_grad(), watch or nullcontext():
            outputs = outputs_of(self.model(*own))[1]
        return [output.detach().clone(memory_format=torch.contiguous_format) for output in outputs]

    def forward_ns(self) -> int:
        """Return the median time of the forward."""
        times = []
        for _ in range(TIMED_CALLS):
            start = time.perf_counter_ns()
            with torch.no_grad():
                self.model(*self.draws[0].inputs)
            times.append(time.perf_counter_ns() - start)
        return int(statistics.median(times))

    def reseed(self, number: int) -> None:
        """Seed torch with one of this problem's own seeds."""
        seed_everything(self.seed ^ number)

    def judge(self, outputs: Sequence[torch.Tensor], draw: Draw) -> Comparison:
        """Compare with the judge's comparison; the worst over the outputs."""
        found = []
        for output, budget in zip(outputs, draw.budgets, strict=True):
            if output.shape != budget.expected.shape:
                found.append(Comparison(float("inf"), float("inf"), output.numel() or 1, None))
            else:
                found.append(compare(output, budget.expected, budget.allowed))
        return max(found, key=lambda comparison: (comparison.wrong > 0, comparison.worst_ratio))

    def try_run(self, inputs: Sequence[Any], watch: AbstractContextManager[Any] | None = None) -> Outputs | None:
        """Like `run`, for changed inputs or operations: None where the model cannot take them."""
        try:
            return self.run(inputs, watch)
        except ProblemError:
            return None
