"""The rules of the lint: each says what about a problem makes it an unfair question, or nothing."""

import ast
import copy
from collections.abc import Callable, Iterator
from typing import Any

import torch

from harness.audit.subject import Subject
from harness.errors import ProblemError
from harness.judge.oracle import ILL_CONDITIONED
from harness.judge.reference import Reference, outputs_of
from harness.judge.tape import Op, Tape, first_tensor, is_float, is_guard
from harness.models import Problem, Tier
from harness.models.audit import Facts, Finding, Severity
from harness.suite import unseen_workloads

Findings = Iterator[Finding]

CI_ELEMENTS = 1_500_000
"""Most elements that the inputs, the outputs or the parameters of the `ci` tier may have."""
CI_FORWARD_NS = 20_000_000
"""What the forward of the `ci` tier should take at most; a slow machine is no fault of the problem, so this is a note."""
MIN_UNSEEN = 2
TINY_SPREAD = 1e-3
"""Outputs whose standard deviation is below this share of the largest are as good as constant."""
SATURATED_SHARE = 0.95
SATURATED_WIDTH = 1e-3
"""A value within this share of an activation's range of one limit counts as being there."""
UPSTREAM_TOLERANCES = (1e-4, 1e-2)
"""KernelBench's atol and rtol: today's for float32, and the paper's, which is today's for half precision."""

ACTIVATIONS = ("relu", "clamp", "hardtanh", "sigmoid", "tanh", "gelu", "softplus", "mish", "hardswish", "elu", "silu")

TWO_SIDED = ("tanh", "sigmoid")
"""Those with a limit on either side; `hardtanh` and `hardsigmoid` too."""


def failure(rule: str, message: str) -> Finding:
    """Return a finding that fails the lint."""
    return Finding(rule=rule, severity=Severity.FAILURE, message=message)


def note(rule: str, message: str) -> Finding:
    """Return a finding that does not."""
    return Finding(rule=rule, severity=Severity.NOTE, message=message)


# What the file says.


def unused_constants(problem: Problem) -> Findings:
    """A tier sets a constant that nothing in the file reads: the tier is not the size that it claims."""
    read = {
        node.id
        for node in ast.walk(ast.parse(problem.source))
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    }
    named = {f"TIERS['{tier}']": sizes for tier, sizes in problem.tiers.items()}
    named |= {f"UNSEEN[{index}]": sizes for index, sizes in enumerate(problem.unseen)}
    for where, sizes in named.items():
        for name in sizes:
            if name not in read:
                yield failure(
                    "unused-constant", f"{where} sets '{name}', which the file never reads: use it or drop it"
                )


def missing_sizes(problem: Problem) -> Findings:
    """A problem without small tiers or unseen sizes; upstream's files have none, an overlay can add them."""
    missing = [tier for tier in (Tier.CPU, Tier.CI) if tier not in problem.tiers]
    if missing:
        yield note("missing-tier", f"no tier {' or '.join(missing)}: add them in TIERS or by an overlay")
    if len(problem.unseen) < MIN_UNSEEN:
        yield note("missing-unseen", f"{len(problem.unseen)} unseen sizes; at least {MIN_UNSEEN} show who generalises")


def unseen_sizes(problem: Problem) -> Findings:
    """An unseen size on which the reference itself fails."""
    for sizes, work in zip(problem.unseen, unseen_workloads(problem), strict=True):
        named = ", ".join(f"{name}={value}" for name, value in sizes.items())
        try:
            reference = Reference(work)
            with reference.blame("forward()"), torch.no_grad():
                outputs = outputs_of(reference.model(*reference.example))[1]
        except ProblemError as error:
            yield failure("unseen-fails", f"unseen sizes ({named}): {error}")
            continue
        if any(is_float(output) and not bool(torch.isfinite(output).all()) for output in outputs):
            yield failure("unseen-fails", f"unseen sizes ({named}): the output is not finite")


def memory(gpu: Facts, budget_bytes: int) -> Findings:
    """The `gpu` tier moves more than the card is assumed to hold."""
    if gpu.bytes > budget_bytes:
        yield failure(
            "gpu-memory",
            f"inputs, parameters and outputs of the gpu tier are {gpu.bytes / 2**30:.1f} GiB, over the budget of "
            f"{budget_bytes / 2**30:.0f} GiB: make them smaller, or raise --memory-budget-gib",
        )


def tier_limits(subject: Subject, forward_ns: int) -> Findings:
    """The `ci` tier is larger than an interpreter or an emulator can take."""
    if subject.work.tier is not Tier.CI:
        return
    draw = subject.draws[0]
    inputs = sum(value.numel() for value in draw.inputs if isinstance(value, torch.Tensor))
    counts = {
        "inputs": inputs,
        "outputs": sum(output.numel() for output in draw.outputs),
        "parameters": sum(parameter.numel() for _, parameter in subject.parameters),
    }
    for what, count in counts.items():
        if count > CI_ELEMENTS:
            yield failure(
                "tier-too-large", f"{count:,} elements of {what} at ci, over {CI_ELEMENTS:,}: shrink the tier"
            )
    if forward_ns > CI_FORWARD_NS:
        yield note("tier-slow", f"forward takes {forward_ns / 1e6:.0f} ms at ci; {CI_FORWARD_NS / 1e6:.0f} is the aim")


# What the model does.


def shared_storage(subject: Subject) -> Findings:
    """Two inputs, or an input and itself, lie in the same memory: an in-place kernel would be wrong for no fault."""
    seen: dict[int, int] = {}
    for index, value in enumerate(subject.draws[0].inputs):
        if not isinstance(value, torch.Tensor) or not value.numel():
            continue
        where = value.untyped_storage().data_ptr()
        if where in seen:
            yield failure("shared-storage", f"inputs {seen[where]} and {index} share storage: clone one of them")
        seen[where] = index
        if any(stride == 0 and size > 1 for stride, size in zip(value.stride(), value.shape, strict=True)):
            yield failure("shared-storage", f"input {index} is expanded, its elements overlap: make it contiguous")


def nonfinite(subject: Subject) -> Findings:
    """NaN or infinity in the output: nothing can be compared there."""
    for index, output in enumerate(subject.draws[0].outputs):
        if is_float(output) and not bool(torch.isfinite(output).all()):
            bad = int((~torch.isfinite(output)).sum())
            yield failure(
                "nonfinite", f"output {index} has {bad} NaN or infinite elements: change inputs or parameters"
            )


def repeatable(subject: Subject) -> Findings:
    """The output depends on the random state or on what was computed before: no kernel can reproduce it."""
    first, second = subject.draws[0], subject.draws[1]

    def ask(model: torch.nn.Module, inputs: list[Any], seed: int) -> list[torch.Tensor]:
        subject.reseed(seed)
        kept, subject.model = subject.model, model
        try:
            return subject.run(inputs)
        finally:
            subject.model = kept

    again, used = copy.deepcopy(subject.unused), copy.deepcopy(subject.unused)
    base = ask(copy.deepcopy(subject.unused), first.inputs, 1)
    if _differ(base, ask(again, first.inputs, 2)):
        yield failure("non-deterministic", "two calls on equal inputs differ: nothing may be drawn in forward()")
        return
    ask(used, second.inputs, 1)
    if _differ(base, ask(used, first.inputs, 1)):
        yield failure("hidden-state", "a call on other inputs changes the next one: forward() may not keep state")


def _differ(one: list[torch.Tensor], other: list[torch.Tensor]) -> bool:
    """Whether two answers differ by more than another order of summation explains.

    Not by the budget: that comes from calls of the very model that is in doubt.
    """
    for a, b in zip(one, other, strict=True):
        if a.shape != b.shape or (not is_float(a) and not torch.equal(a, b)):
            return True
        if is_float(a) and a.numel() and not torch.allclose(a, b, rtol=0.0, atol=_repeats_to(a), equal_nan=True):
            return True
    return False


def _repeats_to(output: torch.Tensor) -> float:
    largest = float(torch.nan_to_num(output.double(), 0.0, 0.0, 0.0).abs().max())
    return 16 * torch.finfo(output.dtype).eps * largest


def spread(subject: Subject) -> Findings:
    """The output is constant, or varies so little that a constant is nearly right."""
    for index, output in enumerate(subject.draws[0].outputs):
        if not output.numel():
            yield failure("constant-output", f"output {index} has no elements")
        if not is_float(output) or not output.numel():
            continue
        if output.numel() == 1:
            values = torch.stack([draw.outputs[index].reshape(()) for draw in subject.draws])
            what = f"scalar output {index} over {len(values)} draws"
        else:
            values, what = output, f"output {index}"
        largest, deviation = float(values.abs().max()), float(values.double().std())
        if deviation <= TINY_SPREAD * largest:
            yield failure(
                "constant-output",
                f"{what}: standard deviation {deviation:.2g} where the largest value is {largest:.2g}; "
                "change the scale of inputs or parameters",
            )


def conditioning(subject: Subject) -> Findings:
    """Rounding moves the output so far that the tolerance has to be loose."""
    if not subject.anchored:
        yield note("no-float64", "the model cannot be evaluated in float64 (a dtype fixed in its code)")
    for index, (output, budget) in enumerate(zip(subject.draws[0].outputs, subject.draws[0].budgets, strict=True)):
        if not is_float(output) or not output.numel():
            continue
        largest = float(budget.expected.abs().max())
        if budget.reference_max_abs > ILL_CONDITIONED * largest:
            share = budget.reference_max_abs / largest if largest else float("inf")
            yield failure(
                "ill-conditioned",
                f"output {index}: float32 is off by {share:.1g} of the largest value, over {ILL_CONDITIONED:.0g}: "
                "tame the scale of inputs or parameters",
            )


def saturation(subject: Subject) -> Findings:
    """An activation whose outputs nearly all sit at one limit: the work before it does not show."""
    found: list[Finding] = []

    def on_op(op: Op) -> Any:
        result = op.run()
        made = first_tensor(result)
        acts = any(part in op.name for part in ACTIVATIONS) and not is_guard(op)
        if acts and made is not None and made.numel() > 1:
            share = _at_a_limit(made, any(part in op.name for part in TWO_SIDED))
            if share >= SATURATED_SHARE:
                found.append(
                    failure(
                        "saturated",
                        f"{share:.1%} of the outputs of {op.name} (operation {op.index}) sit at a limit: "
                        "change the scale or offset of what goes in, or its bounds",
                    )
                )
        return result

    subject.run(subject.draws[0].inputs, Tape(on_op))
    yield from found


def _at_a_limit(made: torch.Tensor, two_sided: bool) -> float:
    """Return the share of values that are at the lowest, the highest or zero; or at either end."""
    low, high = made.min(), made.max()
    width = SATURATED_WIDTH * float(high - low)
    shares = [float(((made - limit).abs() <= width).float().mean()) for limit in (low, high, made.new_zeros(()))]
    return min(1.0, shares[0] + shares[1]) if two_sided else max(shares)


def trivial_for_upstream(subject: Subject) -> Findings:
    """An answer without work that KernelBench's own tolerance takes; ours does not, see the kill score."""
    first, other = subject.draws[0], subject.draws[1]
    for index, right in enumerate(first.outputs):
        if not is_float(right) or not right.numel():
            continue
        answers = {"zeros": torch.zeros_like(right), "other inputs' output": other.outputs[index]}
        if right.numel() > 1:
            answers["a constant"] = torch.full_like(right, float(right.double().mean()))
        for number, value in enumerate(first.inputs):
            if is_float(value) and value.shape == right.shape and value.dtype == right.dtype:
                answers[f"input {number}"] = value
        for what, answer in answers.items():
            passed = [t for t in UPSTREAM_TOLERANCES if torch.allclose(answer, right, atol=t, rtol=t)]
            if passed:
                yield note("upstream-trivial", f"{what} would pass KernelBench's allclose at {passed[0]:g}")


MODEL_RULES: tuple[Callable[[Subject], Findings], ...] = (
    shared_storage,
    nonfinite,
    spread,
    conditioning,
    saturation,
    trivial_for_upstream,
)
"""Rules that look at the running model, in order."""
FILE_RULES: tuple[Callable[[Problem], Findings], ...] = (unused_constants, missing_sizes, unseen_sizes)
"""Rules that look at the file and its other sizes."""
