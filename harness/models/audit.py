"""What is known about a problem without a candidate: its facts on paper, and whether it is a fair question."""

from enum import StrEnum

from harness.models.base import Record
from harness.models.problem import Tier


class TensorFacts(Record):
    """Shape and type of one tensor."""

    shape: tuple[int, ...]
    """Sizes; empty for a scalar."""
    dtype: str
    """torch's name without the prefix: `float32`."""


class Facts(Record):
    """What one workload computes and moves, found on the `meta` device: nothing is allocated."""

    sha256: str
    """Digest of the workload's text."""
    inputs: tuple[TensorFacts, ...]
    """Tensors that `get_inputs` returns; Python scalars are left out."""
    outputs: tuple[TensorFacts, ...]
    """Tensors that `forward` returns."""
    parameters: int
    """Numbers in the model's parameters, shared ones once."""
    flops: int
    """Floating-point operations of matrix products, convolutions and attention, a multiply-add counted as two
    (`torch.utils.flop_counter`); elementwise work is not counted."""
    bytes: int
    """Least traffic: every input, parameter, buffer and output moved once."""
    tags: tuple[str, ...]
    """Families of operations that it runs, such as `gemm` or `norm`."""


class Severity(StrEnum):
    """What a finding means."""

    FAILURE = "failure"
    """The problem is not a fair question."""
    NOTE = "note"
    """Worth knowing; the judge copes."""


class Finding(Record):
    """One thing that a rule of the lint has to say."""

    rule: str
    """Name of the rule: `input-ignored`, `redundant-operation` ..."""
    severity: Severity
    """Whether it fails the lint."""
    message: str
    """What was found, where, and what to do."""


class Mutant(Record):
    """A mechanically made wrong kernel, and what the judge's comparison made of it."""

    kind: str
    """How it was made wrong: `zeros`, `transposed` ..."""
    detail: str = ""
    """Which dimension, input, parameter or operation, where the kind leaves that open."""
    killed: bool
    """Whether it was rejected on inputs as published."""
    margin: float
    """Its worst error over the budget; above 1 is a rejection, infinite where equality was asked."""


class LintReport(Record):
    """Whether one problem is a fair question at one tier."""

    problem_id: str
    """Id of the problem."""
    origin: str
    """Where the problem was found."""
    tier: Tier
    """The sizes that were tried."""
    findings: tuple[Finding, ...]
    """Everything that the rules have to say."""
    mutants: tuple[Mutant, ...] = ()
    """The wrong kernels that were tried."""
    forward_ns: int = 0
    """Median time of the reference's forward, one thread."""
    elapsed_ns: int = 0
    """Time that the lint of this problem took."""

    @property
    def ok(self) -> bool:
        """Whether no rule failed."""
        return all(finding.severity is not Severity.FAILURE for finding in self.findings)

    @property
    def survivors(self) -> tuple[Mutant, ...]:
        """The wrong kernels that the judge would have taken for right."""
        return tuple(mutant for mutant in self.mutants if not mutant.killed)

    @property
    def kill_score(self) -> float | None:
        """Share of the wrong kernels that were rejected; None where none could be made."""
        if not self.mutants:
            return None
        return 1 - len(self.survivors) / len(self.mutants)
