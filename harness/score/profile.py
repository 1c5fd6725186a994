"""A profile as labelled facts, the most useful first: the same for every device, for people and for prompts.

Pure. Each fact is worded so that the author of a kernel can act on it.
"""

from collections.abc import Iterator, Sequence

from harness.models import (
    Counter,
    FunctionFacts,
    KernelProfile,
    ProfileReport,
    Remark,
    RemarkKind,
    StaticFacts,
    Verdict,
)
from harness.score import wording

EMULATED_SOURCE = "counters of the emulation and the chips' compilers; estimates, not times"
TOP_OPERATORS = 5
"""Longest list of places: three to five decisive numbers do better than a whole profile."""
MOST_REMARKS = 8
MOST_FUNCTIONS = 4
NOT_COUNTED = "not counted"
"""Label of what the machine does not give; of no use to a model."""
Fact = tuple[str, str]
"""Label and text."""


def whole(verdict: Verdict) -> ProfileReport | None:
    """Return the profile of a verdict together with what it knows of kernels; None where nothing is known."""
    report = verdict.profile
    if report is None and not (verdict.kernels or verdict.static or verdict.estimates):
        return None
    joined = {"kernels": verdict.kernels, "static": verdict.static, "estimates": verdict.estimates}
    return (report or ProfileReport(source=EMULATED_SOURCE)).model_copy(update=joined)


def facts(report: ProfileReport, archs: Sequence[str] | None = None) -> list[Fact]:
    """Return everything that is worth telling but the operators, in order; of chips only `archs`, where they are given."""
    return [
        *_loops(report),
        *_functions(report.functions),
        *_counters(report.counters),
        *_kernels(report.kernels),
        *_compiled(report.static, archs),
        *_estimates(report),
        *(("note", note) for note in report.notes),
    ]


def operators(report: ProfileReport) -> list[tuple[str, float]]:
    """Return the places that take the most time, with their shares."""
    return [(each.name, each.share) for each in report.operators[:TOP_OPERATORS]]


def _loops(report: ProfileReport) -> Iterator[Fact]:
    """Yield the compiler's remarks: first the loops that stayed scalar, by the time spent on their lines."""
    shares = {each.name: each.share for each in report.operators}

    def rank(remark: Remark) -> tuple[bool, float, int]:
        return remark.kind is RemarkKind.VECTORISED, -shares.get(f"{remark.file}:{remark.line}", 0.0), remark.line

    for remark in sorted(report.remarks, key=rank)[:MOST_REMARKS]:
        label = f"loop at {remark.file}:{remark.line}"
        if remark.kind is RemarkKind.VECTORISED:
            yield label, f"vectorised, {remark.vector_bytes} bytes at a time"
        else:
            yield label, f"not vectorised: {remark.reason}"
    if len(report.remarks) > MOST_REMARKS:
        yield "loops", f"{len(report.remarks) - MOST_REMARKS} more"


def _functions(functions: Sequence[FunctionFacts]) -> Iterator[Fact]:
    """Yield the functions that compute in floating point, most first: the rest is checks of arguments, unless it is all."""
    computing = [each for each in functions if sum(_floats(each))] or functions
    for function in sorted(computing, key=lambda each: -sum(_floats(each)))[:MOST_FUNCTIONS]:
        place = f" ({function.where})" if function.where else ""
        yield f"code of {function.name}{place}", _code(function)


def _code(function: FunctionFacts) -> str:
    mix = function.instructions
    packed, scalar = _floats(function)
    words = [f"{function.size_bytes} bytes"]
    if packed or scalar:
        width = f" on vectors of {function.vector_bytes} bytes" if function.vector_bytes else ""
        words.append(f"{packed} packed floating-point instructions{width} ({mix.get('packed_fma', 0)} FMA)")
        words.append(f"{scalar} scalar ones ({mix.get('scalar_fma', 0)} FMA)")
    if mix.get("divide_or_sqrt"):
        words.append(f"{mix['divide_or_sqrt']} divisions or square roots")
    if mix.get("gather"):
        words.append(f"{mix['gather']} gathers")
    words.append(f"{mix.get('load', 0)} loads and {mix.get('store', 0)} stores")
    if function.stack_stores or function.stack_loads:
        moved = f"{function.stack_stores} stores to and {function.stack_loads} loads from the stack"
        words.append(f"{moved} (spilled registers or local arrays)")
    if function.library_calls:
        words.append("calls " + ", ".join(function.library_calls))
    return ", ".join(words)


def _floats(function: FunctionFacts) -> tuple[int, int]:
    """Return its packed and its scalar floating-point instructions."""
    mix = function.instructions
    packed = mix.get("packed_float", 0) + mix.get("packed_fma", 0)
    return packed, mix.get("scalar_float", 0) + mix.get("scalar_fma", 0)


def _counters(counters: Sequence[Counter]) -> Iterator[Fact]:
    known = {each.name: each.value for each in counters if each.value is not None}
    cycles, instructions = known.get("cycles"), known.get("instructions")
    if cycles and instructions:
        yield "instructions per cycle", f"{instructions / cycles:.2f}"
    for name in ("cache-misses", "branch-misses", "page-faults"):
        if known.get(name):
            yield name, f"{known[name]:.0f}"
    reasons: dict[str, list[str]] = {}
    for each in counters:
        if each.value is None:
            reasons.setdefault(each.reason or "no reason is known", []).append(each.name)
    for reason, names in reasons.items():
        yield NOT_COUNTED, f"{', '.join(names)}: {reason}"


def _kernels(kernels: Sequence[KernelProfile]) -> Iterator[Fact]:
    yield from ((f"launch of {kernel.kernel}", wording.launch(kernel)) for kernel in kernels)


def _compiled(static: Sequence[StaticFacts], archs: Sequence[str] | None) -> Iterator[Fact]:
    for each in static:
        if archs is None or each.arch in archs:
            yield f"{each.kernel} on {each.arch}", wording.compiled(each)


def _estimates(report: ProfileReport) -> Iterator[Fact]:
    """Yield the estimate for one chip: an H100 where it is among them, as it is the one that is emulated."""
    if report.estimates:
        h100 = [each for each in report.estimates if each.gpu.startswith("H100")]
        estimate = (h100 or report.estimates)[0]
        yield f"least time on {estimate.gpu}", wording.least_time(estimate)
        yield from ((f"waste {number}", note) for number, note in enumerate(estimate.efficiency_notes, 1))
