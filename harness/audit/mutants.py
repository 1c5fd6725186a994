"""Wrong kernels, made mechanically: what the kill score is a score of.

Each kind is a mistake or a shortcut that generated kernels really make (README, "How a problem is proven fair"). A kind
that needs something the problem lacks, such as a second dimension, is not tried on it; nothing else is left out, so a
wrong kernel that happens to equal the reference survives and fails the lint: that is what a survivor means.
"""

import dataclasses
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import torch

from harness.audit.subject import Draw, Outputs, Subject
from harness.judge.reference import outputs_of
from harness.judge.tape import (
    CONTRACTIONS,
    Op,
    Tape,
    first_tensor,
    is_float,
    is_guard,
    passes_through,
    rounding,
    skipping,
    truncating,
)

SAMPLED_PARAMETERS = 24
"""Of a model with more parameters, those on which the output depends least are tried, and some at random."""
SAMPLED_OPERATIONS = 16
"""Of a model with more operations, the last and some at random are skipped."""
IGNORED_AS = {"parameter taken for 0": 0.0, "parameter taken for 1": 1.0}
"""Kind -> the value of a parameter that is left out."""
TILE = 8
"""A dropped tile is this fraction of a dimension, at least one element."""


@dataclasses.dataclass(frozen=True)
class Target:
    """What a wrong kernel leaves out, where algebra may make that right: one of these."""

    parameter: str | None = None
    operation: int | None = None
    tail: tuple[int, int] | None = None
    """Input and dimension."""


@dataclasses.dataclass(frozen=True)
class Wrong:
    """A wrong kernel."""

    kind: str
    detail: str
    answer: Callable[[Draw], Outputs | None]
    """What it returns on a draw; None where it cannot be made to run."""
    target: Target | None = None


def wrong_kernels(subject: Subject) -> Iterator[Wrong]:
    """Make every wrong kernel that applies to the problem."""
    yield from _wrong_answers(subject)
    yield from _wrong_inputs(subject)
    yield from _wrong_parameters(subject)
    skippable, has_products = _operations(subject)
    yield from _skipped_operations(subject, skippable)
    yield from _low_precision(subject, has_products)


# Mistakes that show in what is returned.

Distortion = Callable[[torch.Tensor], torch.Tensor]


def _wrong_answers(subject: Subject) -> Iterator[Wrong]:
    first = subject.draws[0]
    for index, right in enumerate(first.outputs):
        where = f"output {index}" if len(first.outputs) > 1 else ""
        for kind, detail, distort in _distortions(right):
            yield Wrong(kind, ", ".join(filter(None, (where, detail))), _distorted(index, distort))
        yield Wrong("stale output", where, _stale(subject, index))
        for number, value in enumerate(first.inputs):
            if isinstance(value, torch.Tensor) and value.shape == right.shape and value.dtype == right.dtype:
                yield Wrong("input returned", f"input {number}", _returned(index, number))


def _distorted(index: int, distort: Distortion) -> Callable[[Draw], Outputs]:
    def answer(draw: Draw) -> Outputs:
        right = draw.outputs[index]
        return draw.replaced(index, distort(right).to(right.dtype).reshape(right.shape))

    return answer


def _stale(subject: Subject, index: int) -> Callable[[Draw], Outputs]:
    return lambda draw: draw.replaced(index, subject.next(draw).outputs[index])


def _returned(index: int, number: int) -> Callable[[Draw], Outputs]:
    return lambda draw: draw.replaced(index, draw.inputs[number])


def _distortions(right: torch.Tensor) -> Iterator[tuple[str, str, Distortion]]:
    """Yield kind, detail and function for an output that looks like `right`."""
    if not right.numel():
        return
    yield "zeros", "", torch.zeros_like
    if is_float(right):
        yield "off by 0.1 %", "", lambda y: y * 1.001
        yield "negated", "", torch.neg
        yield "NaN in one element", "", lambda y: _bumped(y, float("nan"))
        yield "one element off by 1 %", "", lambda y: _bumped(y, 0.01 * float(y.abs().max()))
    if right.numel() > 1:
        yield "constant", "", lambda y: torch.full_like(y, y.double().mean().item())
        yield "last tile dropped", "", _without_last
    for dim, size in enumerate(right.shape):
        if size > 1:
            yield "off by one", f"dim {dim}", partial(torch.roll, shifts=1, dims=dim)
            yield "uniform along a dimension", f"dim {dim}", partial(_uniform, dim)
            yield "first slice repeated", f"dim {dim}", partial(_repeated, dim)
    if right.dim() >= 2 and right.shape[-1] > 1 and right.shape[-2] > 1:
        yield "transposed", "", lambda y: y.mT.contiguous()


def _uniform(dim: int, right: torch.Tensor) -> torch.Tensor:
    return right.double().mean(dim, keepdim=True).expand(right.shape)


def _repeated(dim: int, right: torch.Tensor) -> torch.Tensor:
    return right.narrow(dim, 0, 1).expand(right.shape)


def _bumped(right: torch.Tensor, by: float) -> torch.Tensor:
    made = right.clone().view(-1)
    made[made.numel() // 2] += by
    return made


def _without_last(right: torch.Tensor) -> torch.Tensor:
    made = right.clone().view(-1)
    made[-max(1, made.numel() // TILE) :] = 0
    return made


# Mistakes in what is read.


def _wrong_inputs(subject: Subject) -> Iterator[Wrong]:
    for index, value in enumerate(subject.draws[0].inputs):
        if not isinstance(value, torch.Tensor):
            continue
        where = f"input {index}"
        ask = partial(_asked, subject, index)
        yield Wrong("input ignored", where, partial(ask, lambda draw, i=index: subject.next(draw).inputs[i]))
        if not is_float(value):
            continue
        for dim, size in enumerate(value.shape):
            if size > 1:
                change = partial(_of_input, index, partial(without_tail, dim))
                yield Wrong("last tile unread", f"{where}, dim {dim}", partial(ask, change), Target(tail=(index, dim)))
        if value.numel() > 1:
            yield Wrong("half of the data read", where, partial(ask, partial(_of_input, index, _halved)))


def _asked(subject: Subject, index: int, change: Callable[[Draw], torch.Tensor], draw: Draw) -> Outputs | None:
    """Ask the reference with another tensor in place of one input."""
    return subject.try_run([*draw.inputs[:index], change(draw), *draw.inputs[index + 1 :]])


def _of_input(index: int, distort: Distortion, draw: Draw) -> torch.Tensor:
    return distort(draw.inputs[index])


def without_tail(dim: int, value: torch.Tensor) -> torch.Tensor:
    """Return `value` with zeros in the last tile of `dim`."""
    made = value.clone()
    tile = max(1, -(-value.shape[dim] // TILE))
    made.narrow(dim, value.shape[dim] - tile, tile).zero_()
    return made


def _halved(value: torch.Tensor) -> torch.Tensor:
    """Return `value` with the second half of its largest dimension replaced by the first: a statistic of a subsample."""
    dim = max(range(value.dim()), key=lambda d: value.shape[d])
    half = value.shape[dim] // 2
    made = value.clone()
    made.narrow(dim, value.shape[dim] - half, half).copy_(value.narrow(dim, 0, half))
    return made


def _wrong_parameters(subject: Subject) -> Iterator[Wrong]:
    """A kernel that leaves a parameter out: it takes it for all zeros, as for a bias, or for all ones, as for a weight."""

    def answer(parameter: torch.nn.Parameter, value: float, draw: Draw) -> Outputs | None:
        with replaced(parameter, torch.full_like(parameter, value)):
            return subject.try_run(draw.inputs)

    for name, parameter in _parameters_to_try(subject):
        for kind, value in IGNORED_AS.items():
            yield Wrong(kind, name, partial(answer, parameter, value), Target(parameter=name))


@contextmanager
def replaced(parameter: torch.nn.Parameter, value: torch.Tensor) -> Iterator[None]:
    """Give a parameter another value for a while."""
    kept = parameter.detach().clone()
    with torch.no_grad():
        parameter.copy_(value)
    try:
        yield
    finally:
        with torch.no_grad():
            parameter.copy_(kept)


def _parameters_to_try(subject: Subject) -> list[tuple[str, torch.nn.Parameter]]:
    """Return all parameters, or of many those with the least influence and as many at random."""
    named = subject.parameters
    if len(named) <= SAMPLED_PARAMETERS:
        return named
    influence = _influence(subject)
    ranked = sorted(named, key=lambda pair: influence.get(pair[0], 0.0))
    half = SAMPLED_PARAMETERS // 2
    chosen = {name for name, _ in ranked[:half]}
    rest = [name for name, _ in ranked[half:]]
    chosen |= set(random.Random(subject.seed).sample(rest, SAMPLED_PARAMETERS - half))
    return [(name, parameter) for name, parameter in named if name in chosen]


def _influence(subject: Subject) -> dict[str, float]:
    """Return |gradient * value| per parameter for a random weighting of the outputs; nothing where there is no gradient."""
    inputs = [v.clone() if isinstance(v, torch.Tensor) else v for v in subject.draws[0].inputs]
    named = subject.parameters
    subject.reseed(4)
    try:
        outputs = [o for o in outputs_of(subject.model(*inputs))[1] if o.requires_grad]
        total = torch.stack([(o * torch.randn_like(o)).sum() for o in outputs]).sum()
        gradients = torch.autograd.grad(total, [parameter for _, parameter in named], allow_unused=True)
    except RuntimeError:
        return {}
    return {
        name: 0.0 if gradient is None else float((gradient * parameter.detach()).norm())
        for (name, parameter), gradient in zip(named, gradients, strict=True)
    }


# Mistakes in what is computed.


def _skipped_operations(subject: Subject, candidates: list[tuple[int, str]]) -> Iterator[Wrong]:
    def answer(index: int, draw: Draw) -> Outputs | None:
        return subject.try_run(draw.inputs, skipping(index))

    if len(candidates) > SAMPLED_OPERATIONS:
        chosen = random.Random(subject.seed).sample(candidates[:-2], SAMPLED_OPERATIONS - 2)
        candidates = sorted({*chosen, *candidates[-2:]})
    for index, name in candidates:
        yield Wrong("operation skipped", f"{name} (operation {index})", partial(answer, index), Target(operation=index))


def _operations(subject: Subject) -> tuple[list[tuple[int, str]], bool]:
    """Return the operations that an operand could stand for, guards left out, and whether there is a product."""
    found: list[tuple[int, str]] = []
    products = False

    def on_op(op: Op) -> Any:
        nonlocal products
        products |= op.name in CONTRACTIONS
        operands = op.operands()
        result = op.run()
        made = first_tensor(result)
        if op.computes and not is_guard(op) and made is not None and passes_through(operands, made) is not None:
            found.append((op.index, op.name))
        return result

    subject.run(subject.draws[0].inputs, Tape(on_op))
    return found, products


def _low_precision(subject: Subject, has_products: bool) -> Iterator[Wrong]:
    """Half-precision accumulation where the reference is float32, and TF32 products; only where the output is real."""
    if not all(is_float(output) for output in subject.draws[0].outputs):
        return

    def answer(watch: Callable[[], Tape], draw: Draw) -> Outputs | None:
        return subject.try_run(draw.inputs, watch())

    kinds = {
        "accumulated in bfloat16": partial(rounding, torch.bfloat16),
        "accumulated in float16": partial(rounding, torch.float16),
    }
    if has_products:
        kinds["products in TF32"] = partial(truncating)
    for kind, watch in kinds.items():
        yield Wrong(kind, "", partial(answer, watch))
