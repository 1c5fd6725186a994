"""What the answers should be: probes with float64 values, and how far the reference itself is from them.

Made once per workload from secret seeds, with a reference worker and no candidate in sight, and kept in the judge's memory:
a candidate lives in a throw-away sandbox, so that the next one knows nothing of what the last one was asked.
"""

import dataclasses
from collections.abc import Sequence
from typing import Any

import torch

from harness.errors import JudgeError
from harness.judge.outcome import Decided
from harness.judge.reference import Layout, Reference, drawing, fresh_seed
from harness.judge.session import Session
from harness.judge.tolerance import SEQUENTIAL_K, Budget, K, budget, reference_budget, reference_error, widened
from harness.judge.variations import VARIATIONS, vary
from harness.models import Stage
from harness.worker import doorbell
from harness.worker.doorbell import Structure

PUBLISHED = "as published"
PUBLISHED_PROBES = 3
ILL_CONDITIONED = 3e-5
"""Inputs on which the float32 reference errs by more than this share of its largest value ask nothing fair: one rounding
more or less then moves an output by more than the budget (attention over logits in the hundreds)."""
KEPT_BYTES = 1 << 30
CALL_TIMEOUT_S = 120.0


@dataclasses.dataclass(frozen=True)
class Probe:
    """One question with its answer."""

    name: str
    """`as published` or the variation."""
    seed: int
    """Secret: from it come the inputs, and the variation's own draws."""
    budgets: list[Budget]
    """Per output."""


@dataclasses.dataclass(frozen=True)
class Asked:
    """What the reference says on one set of inputs."""

    wide: list[torch.Tensor]
    """In float64."""
    narrow: list[torch.Tensor]
    """In float32, as a candidate computes."""
    shaken: list[torch.Tensor] | None = None
    """In float64, inputs and results off by a rounding each; None where it was not asked."""
    sequential: list[torch.Tensor] | None = None
    """In float32, with every sum taken one term after another; None where it was not asked or sums nothing."""
    anchored: bool = True
    """Whether `wide` is a float64 evaluation, and not the float32 outputs in its place."""

    def outputs(self) -> list[tuple[torch.Tensor, torch.Tensor, torch.Tensor | None, torch.Tensor | None]]:
        """Return (wide, narrow, shaken, sequential) per output."""
        shaken: Sequence[torch.Tensor | None] = self.shaken or [None] * len(self.wide)
        sequential: Sequence[torch.Tensor | None] = self.sequential or [None] * len(self.wide)
        return list(zip(self.wide, self.narrow, shaken, sequential, strict=True))


def ask(reference: Reference, inputs: list[Any], narrow: list[torch.Tensor], *, again: bool = False) -> Asked:
    """Return what the reference says on `inputs`, given its own outputs on them.

    Another draw of the same kind (`again`) is not asked what roundings do to it: they do the same.
    """
    wide, is_wide = anchored(reference.evaluate64(inputs), narrow)
    if not is_wide:
        return Asked(wide, narrow, anchored=False)
    if again:
        return Asked(wide, narrow)
    return Asked(wide, narrow, reference.shaken64(inputs), reference.sequential32(inputs))


class Oracle:
    """Probes and error envelopes of one workload."""

    def __init__(self, reference: Reference, session: Session) -> None:
        """Ask the reference worker and float64; `session` is loaded with the reference.

        Raises:
            JudgeError: the reference fails on its own inputs.
        """
        self.reference = reference
        self.probes: list[Probe] = []
        self.layouts: list[Layout] = []
        self.structure = Structure.TENSOR
        self.names = b""
        self.noise: list[torch.Tensor] = []
        self.reference_ns = 0
        self.anchor = "float64"
        self.reference_aliases = False
        self._session = session
        try:
            self._published()
            self._varied()
        except Decided as failure:
            evidence = failure.evidence
            words = " ".join(filter(None, (evidence.what, evidence.where, (evidence.log or "")[:600])))
            raise JudgeError(f"the reference itself failed: {failure.status}: {words}") from failure
        del self._session
        reference.layouts = self.layouts

    def inputs(self, probe: Probe) -> list[Any]:
        """Return the inputs of `probe`."""
        return self._inputs(probe.name, probe.seed)

    def _inputs(self, name: str, seed: int) -> list[Any]:
        inputs = self.reference.inputs(seed)
        if name == PUBLISHED:
            return inputs
        with drawing(seed ^ 1):
            return vary(inputs, name)

    def _ask(self, name: str, seed: int, *, again: bool = False) -> Asked:
        """Ask for the outputs on one set of inputs."""
        inputs = self._inputs(name, seed)
        answer = self._session.call(inputs, self.layouts or None, Stage.CORRECTNESS, CALL_TIMEOUT_S)
        self.structure = Structure(self._session.page.structure)
        self.names = names_of(self._session.page)
        self.layouts = [Layout(tuple(o.shape), o.dtype) for o in answer.outputs]
        self.reference_ns = answer.elapsed_ns
        self.reference_aliases |= answer.aliases_input
        asked = ask(self.reference, inputs, answer.outputs, again=again)
        if not asked.anchored:
            self.anchor = "float32"
        return asked

    def _published(self) -> None:
        seeds = [fresh_seed() for _ in range(PUBLISHED_PROBES)]
        asked = [self._ask(PUBLISHED, seed, again=number > 0) for number, seed in enumerate(seeds)]
        self.noise = published_noise(asked)
        for seed, budgets in zip(seeds, published_budgets(asked, self.noise), strict=True):
            self._keep(Probe(PUBLISHED, seed, budgets))

    def _varied(self) -> None:
        for name in VARIATIONS:
            if self._kept_bytes() > KEPT_BYTES:
                return
            seed = fresh_seed()
            try:
                asked = self._ask(name, seed)
            except Decided:
                continue  # the reference rejects such inputs: nothing to ask
            if not fair(asked):
                continue
            exact = name == "small integers" and is_exact(asked)
            self._keep(Probe(name, seed, [output_budget(*of, exact=exact) for of in asked.outputs()]))

    def _keep(self, probe: Probe) -> None:
        self.probes.append(probe)

    def _kept_bytes(self) -> int:
        return sum(b.expected.numel() * b.expected.element_size() for p in self.probes for b in p.budgets)

    def budgets_for(self, inputs: list[Any], outputs: list[torch.Tensor]) -> list[Budget] | None:
        """Return the budgets for inputs that no probe has, given the reference worker's outputs on them.

        None without a float64 evaluation.
        """
        if self.anchor != "float64":
            return None
        asked = ask(self.reference, inputs, outputs)
        if not fair(asked):
            return [Budget(w, torch.full((), float("inf"), dtype=torch.float64), 0.0) for w in asked.wide]
        return [output_budget(*of) for of in asked.outputs()]

    def allowed_against_reference(self, index: int, reference: torch.Tensor) -> torch.Tensor:
        """Budget for an output whose only anchor is the reference's own float32 output on the same inputs."""
        if not reference.dtype.is_floating_point:
            return torch.zeros(())
        return reference_budget(reference, self.noise[index])


def names_of(page: doorbell.Page) -> bytes:
    """Return the names of a dict's tensors as a worker wrote them, to be compared and never parsed; else nothing."""
    return bytes(page.text) if page.structure == Structure.DICT else b""


def anchored(wide: list[torch.Tensor] | None, narrow: list[torch.Tensor]) -> tuple[list[torch.Tensor], bool]:
    """Return the float64 outputs and True; where the model cannot be evaluated wider, its own outputs and False."""
    if wide is not None and [w.shape for w in wide] == [n.shape for n in narrow]:
        return wide, True
    return [n.double() if n.dtype.is_floating_point else n for n in narrow], False


def published_noise(asked: Sequence[Asked]) -> list[torch.Tensor]:
    """Return, per output, the envelope of float32's error; 0 for integers. One draw may be lucky: all of them count."""
    noise = []
    for outputs in zip(*(ask.outputs() for ask in asked), strict=True):
        largest = torch.zeros((), dtype=torch.float64)
        for wide, *others in outputs:
            if wide.dtype.is_floating_point:
                largest = torch.maximum(largest, output_noise(wide, *others))
        noise.append(largest)
    return noise


def published_budgets(asked: Sequence[Asked], noise: Sequence[torch.Tensor]) -> list[list[Budget]]:
    """Return, per draw of inputs as published, the budget of every output; `noise` is `published_noise` of all draws."""
    return [[output_budget(*of, noise=e) for of, e in zip(ask.outputs(), noise, strict=True)] for ask in asked]


def output_noise(
    wide: torch.Tensor, narrow: torch.Tensor, shaken: torch.Tensor | None = None, sequential: torch.Tensor | None = None
) -> torch.Tensor:
    """Return the envelope of what float32 has to err by: the reference's own error, that of roundings and of naive sums."""
    others = [(shaken, 1.0), (sequential, SEQUENTIAL_K / K)]
    own = reference_error(wide, narrow)
    return widened(wide, own, [(other, share) for other, share in others if other is not None])


def output_budget(
    wide: torch.Tensor,
    narrow: torch.Tensor,
    shaken: torch.Tensor | None = None,
    sequential: torch.Tensor | None = None,
    *,
    exact: bool = False,
    noise: torch.Tensor | None = None,
) -> Budget:
    """Return the budget of one output of any dtype; integers and booleans must be equal."""
    if not wide.dtype.is_floating_point:
        return Budget(wide.to(narrow.dtype), torch.zeros(()), 0.0)
    if noise is None:
        noise = output_noise(wide, narrow, shaken, sequential)
    return budget(wide, narrow, exact=exact, noise=noise)


def is_exact(asked: Asked) -> bool:
    """Whether float32 gives the very values of float64."""
    return all(bool(torch.equal(w.to(n.dtype), n)) for w, n in zip(asked.wide, asked.narrow, strict=True))


def fair(asked: Asked) -> bool:
    """Whether float32 is finite wherever float64 is, and well-conditioned, in every output and however sums are taken."""
    return all(map(_fair, asked.wide, asked.narrow)) and all(map(_fair, asked.wide, asked.sequential or asked.narrow))


def _fair(wide: torch.Tensor, narrow: torch.Tensor) -> bool:
    if not wide.dtype.is_floating_point:
        return bool(torch.equal(wide.to(narrow.dtype), narrow))
    if not bool(torch.isfinite(wide.sum() + narrow.sum())):
        return False
    scale = float(wide.abs().max()) if wide.numel() else 0.0
    error = float((wide - narrow).abs().max()) if wide.numel() else 0.0
    return scale == 0.0 or error <= ILL_CONDITIONED * scale
