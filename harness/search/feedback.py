"""What a model is told about its last attempt: one bounded record per class of failure.

Sent is what helps to mend the kernel. Never sent: seeds, unseen sizes, tolerances, and how a violation was detected.
"""

import re
from dataclasses import dataclass
from statistics import median

from harness.models import Status, Verdict

LOG_CHARS = 4_000
"""Longest log excerpt, about 1,000 tokens."""
FACT_CHARS = 600
"""Longest single fact."""

_ADVICE = {
    Status.NO_CODE: "End the reply with one complete fenced code block that holds the whole module.",
    Status.RULE_VIOLATION: "Do the work in a kernel of your own.",
    Status.BUILD_ERROR: "Mend the first error; later ones often follow from it.",
    Status.LOAD_ERROR: "The module has to import, and ModelNew to be constructed with the reference's own arguments.",
    Status.RUNTIME_ERROR: "Check bounds, contiguity and dtypes before raw pointers are used.",
    Status.TIMEOUT: "Look for a loop that does not end, threads that wait for one another, or far too much work.",
    Status.OUT_OF_MEMORY: "Work in tiles; do not materialise large intermediates.",
    Status.SHAPE_MISMATCH: "Return the same structure and shapes as the reference.",
    Status.DTYPE_MISMATCH: "Return the same dtype as the reference.",
    Status.NONFINITE: "Look for overflow (subtract the maximum before exp), division by zero, memory never written.",
    Status.VALUE_MISMATCH: "Check index arithmetic, the remainder after the last full tile, and missing operations.",
    Status.NONDETERMINISTIC: "The same inputs gave different outputs: look for a data race or memory never written.",
    Status.INPUT_MUTATED: "Write only to tensors that you allocated.",
    Status.INTEGRITY_VIOLATION: "Each call has to compute its whole output from its own inputs before it returns.",
    Status.INCONCLUSIVE: "It is right, but could not be timed; keep what it does and try again.",
    Status.INFRA_ERROR: "This says nothing about the kernel; hand in your best version.",
}
_WITH_LOG = frozenset(
    {Status.BUILD_ERROR, Status.LOAD_ERROR, Status.RUNTIME_ERROR, Status.TIMEOUT, Status.OUT_OF_MEMORY}
)
_WITHOUT_DETAILS = frozenset({Status.INTEGRITY_VIOLATION, Status.INFRA_ERROR, Status.INCONCLUSIVE})
_LINE = re.compile(r"\bline (\d+)")


@dataclass(frozen=True)
class Feedback:
    """One verdict, as a model is told it. Every text is bounded."""

    status: str
    """The verdict's status."""
    headline: str
    """One sentence: what was found."""
    facts: tuple[tuple[str, str], ...]
    """Name and value: where, expected, got, times."""
    excerpt: str
    """The lines of the candidate that the verdict names; may be empty."""
    log: str
    """Head and tail of compiler output or traceback; may be empty."""
    advice: str
    """One sentence: what to look at."""


def feedback(verdict: Verdict, source: str) -> Feedback:
    """Return what to tell the author of `source` about `verdict`."""
    status, evidence = verdict.status, verdict.evidence
    facts: list[tuple[str, str | None]] = []
    if status is Status.CORRECT:
        facts += _timing(verdict)
    elif status not in _WITHOUT_DETAILS:
        facts += [("where", evidence.where), ("expected", evidence.expected), ("got", evidence.got)]
    return Feedback(
        status=status.value,
        headline=clip(_headline(verdict), FACT_CHARS),
        facts=tuple((name, clip(value, FACT_CHARS)) for name, value in facts if value),
        excerpt=_excerpt(source, evidence.where) if status not in _WITHOUT_DETAILS else "",
        log=clip(evidence.log or "", LOG_CHARS) if status in _WITH_LOG else "",
        advice=_speed_advice(verdict) if status is Status.CORRECT else _ADVICE[status],
    )


def clip(text: str, limit: int) -> str:
    """Cut `text` to about `limit` characters in its middle: the first error is the cause, the tail is the outcome."""
    text = text.strip()
    if len(text) <= limit:
        return text
    head = limit * 2 // 3
    tail = limit - head
    return f"{text[:head].rstrip()}\n[... {len(text) - limit} characters left out ...]\n{text[-tail:].lstrip()}"


def _headline(verdict: Verdict) -> str:
    speedup = verdict.speedup
    if speedup is None:
        return verdict.evidence.what
    if speedup.low > 1:
        return f"Correct, and {speedup.median:.2f} times as fast as {verdict.baseline} PyTorch."
    if speedup.high < 1:
        return f"Correct, but slower than {verdict.baseline} PyTorch: {speedup.median:.2f} times its speed."
    return f"Correct, and about as fast as {verdict.baseline} PyTorch ({speedup.median:.2f} times its speed)."


def _timing(verdict: Verdict) -> list[tuple[str, str | None]]:
    speedup, measured = verdict.speedup, verdict.measurement
    if speedup is None or measured is None:
        return []
    candidate_ms, reference_ms = median(measured.candidate_ns) / 1e6, median(measured.reference_ns) / 1e6
    return [
        ("speedup", f"{speedup.median:.3f} (95 % interval {speedup.low:.3f} to {speedup.high:.3f})"),
        ("your time", f"{candidate_ms:.3f} ms"),
        ("reference time", f"{reference_ms:.3f} ms"),
    ]


def _speed_advice(verdict: Verdict) -> str:
    if verdict.speedup is not None and verdict.speedup.low > 1:
        return "Keep it correct and make it faster still: change one thing, and say which."
    return "Keep it correct and make it faster: think about what bounds it (memory traffic, arithmetic, one thread)."


def _excerpt(source: str, where: str | None, around: int = 2) -> str:
    """Return the lines around the one that `where` names, numbered."""
    named = _LINE.search(where or "")
    lines = source.splitlines()
    if not named or not 1 <= int(named[1]) <= len(lines):
        return ""
    number = int(named[1])
    shown = range(max(1, number - around), min(len(lines), number + around) + 1)
    return "\n".join(f"{'>' if i == number else ' '} {i:4d} | {clip(lines[i - 1], 200)}" for i in shown)
