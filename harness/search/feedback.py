"""What a model is told about its last attempt: one bounded record per class of failure.

Sent is what helps to mend the kernel. Never sent: seeds, sizes that are not shown, values that only the judge draws,
tolerances, and how a violation was detected. So the judge's sentences are passed on only where they speak of the candidate;
for the rest the record has its own.
"""

import re
from dataclasses import dataclass

from harness.models import Status, Verdict
from harness.score import wording
from harness.search import kernel_facts, mismatch, speed
from harness.search.speed import Measured, Profile
from harness.search.tokens import BYTES_PER_TOKEN, clip

LOG_CHARS = 4_000
"""Longest log excerpt, about 1,000 tokens."""
FACT_CHARS = 600
"""Longest single fact."""
MAX_TOKENS = 2_000
"""Longest record."""
OWN_CHARS = 700
"""What the template and the advice say themselves, and the remarks on what was cut."""

_ADVICE = {
    Status.NO_CODE: "End the reply with one complete fenced code block that holds the whole module.",
    Status.RULE_VIOLATION: "Do the work in a kernel of your own; renaming what is not allowed does not make it allowed.",
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
_HEADLINES = {
    Status.INFRA_ERROR: "The attempt could not be judged, by no fault of the kernel.",
    Status.INCONCLUSIVE: "Every output was right; the machine was too noisy to time it.",
    Status.INPUT_MUTATED: "The call wrote to one of its inputs.",
    Status.NONDETERMINISTIC: "The same inputs gave a wrong and then a right output.",
    Status.NONFINITE: "NaN or infinity does not stand where the reference has it.",
}
"""Where the judge's own sentence says more than a model may know, or less."""
_WITH_LOG = frozenset(
    {Status.BUILD_ERROR, Status.LOAD_ERROR, Status.RUNTIME_ERROR, Status.TIMEOUT, Status.OUT_OF_MEMORY}
)
_SHOWN_AS_FOUND = _WITH_LOG | {Status.NO_CODE, Status.RULE_VIOLATION, Status.SHAPE_MISMATCH, Status.DTYPE_MISMATCH}
"""Statuses whose place, expected and got values speak of the candidate alone."""
_COMPARED = frozenset({Status.VALUE_MISMATCH, Status.NONFINITE, Status.NONDETERMINISTIC})

_LINE = re.compile(r"(?:\bline |\bcandidate\.py:)(\d+)")
_CALL = re.compile(r",? ?\b(?:in )?call \d+\b")
"""Which of the judge's calls it was, which tells an author nothing."""
_OWN = re.compile(r"^_\w+: ", re.MULTILINE)
"""A private exception of the worker's in front of its message."""
_RAISED = "The call raised: mend what the message names, and check that arguments match the function that is bound."
_BINDINGS = (
    "bindings.cpp is made from functions=[...]: each name has to be a function of the source, in the global namespace."
)
_PATH = re.compile(r"(?<![\w.])(?:/[\w.+@-]+){2,}/(?=[\w.+-])")
_NOISE = re.compile(r"^.*(?:required from|In instantiation of|In file included from|Invoked with:).*\n?", re.MULTILINE)


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
    operations: tuple[str, ...] = ()
    """What takes the time, longest first, and static facts of the kernel; empty where nothing was profiled."""
    profile_source: str = ""
    """Which tool found `operations`."""


def feedback(verdict: Verdict, source: str, measured: Measured | None = None, max_tokens: int = MAX_TOKENS) -> Feedback:
    """Return what to tell the author of `source` about `verdict`, in about `max_tokens` at most.

    `measured` is what is known besides the verdict: shapes, traffic, a profile, the attempts to compare with.
    """
    measured = measured or Measured()
    status = verdict.status
    hidden = _only_unseen(verdict)
    budget = int(max_tokens * BYTES_PER_TOKEN)
    fact_chars = min(FACT_CHARS, budget // 10)
    facts = () if hidden else tuple((k, clip(v, fact_chars)) for k, v in _facts(verdict, measured) if v)
    headline = clip(_hidden_headline(status) if hidden else _headline(verdict), fact_chars)
    excerpt = "" if hidden else _excerpt(source, verdict)
    excerpt = excerpt if len(excerpt) <= 2 * fact_chars else clip(excerpt, 2 * fact_chars)
    used = len(headline) + len(excerpt) + sum(len(name) + len(value) for name, value in facts)
    room = budget - used - OWN_CHARS
    told = [headline, *(value for _, value in facts)]
    log = _news(clean(verdict.evidence.log or ""), told) if status in _WITH_LOG and not hidden else ""
    profile = None if measured.profile_apart else profile_of(verdict, measured)
    return Feedback(
        status=status.value,
        headline=headline,
        facts=facts,
        excerpt=excerpt,
        log=clip(log, max(200, min(LOG_CHARS, room))),
        advice=_advice(verdict, facts, measured),
        operations=profile.lines(fact_chars) if profile else (),
        profile_source=profile.source if profile else "",
    )


def profile_of(verdict: Verdict, measured: Measured) -> Profile | None:
    """Return where the time of a correct candidate goes, as far as anybody knows; nothing of one that is not."""
    return (measured.profile or kernel_facts.profile(verdict)) if verdict.status is Status.CORRECT else None


def clean(log: str) -> str:
    """Return compiler output or a traceback without what tells its reader nothing.

    That is: where a header lies on this machine, how a template came to be instantiated, and the arguments of a binding,
    which may be whole tensors.
    """
    return _OWN.sub("", _PATH.sub("", _NOISE.sub("", log))).strip()


def _news(log: str, told: list[str]) -> str:
    """Return `log`, or nothing where all of its lines are told already."""
    lines = (re.sub(r"^(?:candidate\.py:\d+: )?(?:fatal )?(?:error: )?", "", line.strip()) for line in log.splitlines())
    return log if any(line and not any(line in text for text in told) for line in lines) else ""


def _advice(verdict: Verdict, facts: tuple[tuple[str, str], ...], measured: Measured) -> str:
    """Return what to look at; what the evidence points at comes before what such failures usually are."""
    if verdict.status is Status.CORRECT:
        return speed.advice(verdict) if verdict.timed_device else kernel_facts.UNTIMED_ADVICE
    if verdict.findings and verdict.status is not Status.BUILD_ERROR:
        return kernel_facts.ADVICE[verdict.findings[0].kind]
    if (verdict.evidence.where or "").startswith("bindings.cpp") and verdict.status is Status.BUILD_ERROR:
        return _BINDINGS
    if verdict.status is Status.RUNTIME_ERROR and "killed by" not in verdict.evidence.what:
        return _RAISED
    if verdict.status is Status.VALUE_MISMATCH and any(value == mismatch.PRECISION for _, value in facts):
        return mismatch.PRECISION_ADVICE
    return _ADVICE[verdict.status]


def _only_unseen(verdict: Verdict) -> bool:
    """Whether the candidate was right on the sizes that it was shown, and failed on others."""
    return verdict.status is not Status.CORRECT and any(
        found is not Status.CORRECT for found in verdict.unseen.values()
    )


def _hidden_headline(status: Status) -> str:
    kind = status.value.replace("_", " ")
    return f"Right at the sizes that you were shown, and a {kind} at other sizes of the same contract."


def _headline(verdict: Verdict) -> str:
    status = verdict.status
    if status is Status.CORRECT:
        return speed.headline(verdict)
    if verdict.findings and status in {Status.NONDETERMINISTIC, Status.RUNTIME_ERROR}:
        return wording.finding(verdict.findings[0])
    if status is Status.VALUE_MISMATCH:
        return mismatch.headline(verdict)
    return _HEADLINES.get(status) or _OWN.sub("", _CALL.sub("", _PATH.sub("", verdict.evidence.what)))


def _facts(verdict: Verdict, measured: Measured) -> list[tuple[str, str]]:
    """Return what is told besides the headline, in order."""
    status, evidence = verdict.status, verdict.evidence
    facts: list[tuple[str, str]] = []
    if status is Status.CORRECT:
        facts += speed.facts(verdict, measured)
    elif status in _COMPARED:
        facts += mismatch.facts(verdict, measured.output_shapes)
    elif status is Status.INPUT_MUTATED:
        facts += [("where", mismatch.place(evidence.where or "", r"input \d+"))]
        facts += [("expected", evidence.expected or ""), ("got", evidence.got or "")]
    elif status in _SHOWN_AS_FOUND:
        facts += [("where", _CALL.sub("", mismatch.without_call(evidence.where or "")))]
        facts += [("expected", evidence.expected or ""), ("got", evidence.got or "")]
    facts += kernel_facts.causes(verdict)
    facts += [("note", note) for note in verdict.notes if note.startswith(("candidate.py:", "nvcc: "))]
    if measured.same_as is not None:
        facts.append(("note", f"this is attempt {measured.same_as} again, to the letter: its verdict is the same"))
    return facts


def _excerpt(source: str, verdict: Verdict, around: int = 2) -> str:
    """Return the lines around the one that the verdict names, numbered."""
    places = [finding.where for finding in verdict.findings[:1]]
    places += [verdict.evidence.where] if verdict.status in _SHOWN_AS_FOUND else []
    named = next((found for place in places if (found := _LINE.search(place or ""))), None)
    lines = source.splitlines()
    if not named or not 1 <= int(named[1]) <= len(lines):
        return ""
    number = int(named[1])
    shown = range(max(1, number - around), min(len(lines), number + around) + 1)
    return "\n".join(f"{'>' if i == number else ' '} {i:4d} | {lines[i - 1][:200]}".rstrip() for i in shown)


def as_record(told: Feedback) -> str:
    """Return a record as text, for an answer in a conversation."""
    facts = [f"* {name}: {value}" for name, value in told.facts]
    quoted = [f"```text\n{text}\n```" for text in (told.excerpt, told.log) if text]
    return "\n".join([f"{told.status}: {told.headline}", *facts, *quoted, told.advice])
