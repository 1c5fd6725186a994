"""What a candidate of the corpus, or a recorded reply, should come to, and whether a verdict agrees.

    # problem: level1/23                     an id, or a file below the repository's root
    # kind: honest                           or buggy
    # expected: correct                      statuses that are fair, separated by commas
    # cause: race: the barrier is missing    a kind of finding or a word, and what is wrong; buggy ones only
    # sizes: unseen                          it is wrong at sizes that were never shown: judged with --strict-shapes

A verdict agrees when its status is among the expected ones and, where the cause is a kind of finding, one of its findings
is of that kind. An honest candidate may also be refused by the name of a feature; that is no agreement, and not wrong.
"""

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

from harness.models import Status, Verdict
from harness.models.kernel import FindingKind

ROOT = Path(__file__).parents[2]
CORPUS = Path(__file__).parent / "cuda"
RECORDED = ROOT / "agents" / "recorded" / "cuda"
SEEDED = RECORDED / "SEEDED.toml"
_FIELD = re.compile(r"^# (problem|kind|expected|cause|sizes): (.+)$", re.M)
_FENCE = re.compile(r"^```python\n(.*?)^```", re.M | re.S)
_REFUSED = "which the emulation does not have"


@dataclass(frozen=True)
class Expectation:
    """One candidate with what is expected of it."""

    name: str
    """Shown in tables."""
    problem: str
    """Id or path of its problem."""
    source: str
    """The module."""
    honest: bool
    """Whether it is right."""
    statuses: frozenset[Status]
    """Verdicts that are fair."""
    causes: frozenset[FindingKind] = frozenset()
    """One of these must be among the findings; empty where none is asked for."""
    unseen: bool = False
    """Whether it is to be judged at unseen sizes as well."""

    def agreement(self, verdict: Verdict) -> str:
        """Return `agrees`, `refused`, `no cause` (the right status for no stated reason) or `wrong`."""
        stopped = verdict.status in {Status.BUILD_ERROR, Status.RUNTIME_ERROR}
        if self.honest and stopped and _REFUSED in verdict.evidence.model_dump_json():
            return "refused"
        if verdict.status not in self.statuses:
            return "wrong"
        if self.causes and not self.causes & {finding.kind for finding in verdict.findings}:
            return "no cause"
        return "agrees"


def from_corpus(path: Path) -> Expectation:
    """Read a file of the corpus.

    Raises:
        ValueError: its header lacks a field or names an unknown status.
    """
    source = path.read_text()
    fields = dict(_FIELD.findall(source))
    missing = {"problem", "kind", "expected"} - set(fields)
    if missing or fields["kind"] not in {"honest", "buggy"} or (fields["kind"] == "buggy") != ("cause" in fields):
        raise ValueError(f"{path.name}: the header needs problem, kind, expected and, if buggy, cause")
    statuses = frozenset(Status(name.strip()) for name in fields["expected"].split(","))
    word = fields.get("cause", "").partition(":")[0]
    causes = _kinds([word] if word else [])
    unseen = fields.get("sizes") == "unseen"
    return Expectation(path.stem, fields["problem"], source, fields["kind"] == "honest", statuses, causes, unseen)


def corpus() -> list[Expectation]:
    """Return all candidates of the corpus, by name."""
    return [from_corpus(path) for path in sorted(CORPUS.glob("*.py"))]


def recorded() -> list[Expectation]:
    """Return all recorded CUDA replies: as `SEEDED.toml` has it, or correct.

    Raises:
        ValueError: a seeded attempt is not recorded, or a reply holds no code.
    """
    seeded = {(s["problem"], s["attempt"]): s for s in tomllib.loads(SEEDED.read_text())["seeded"]}
    found: list[Expectation] = []
    for path in sorted(RECORDED.glob("*/*/*.md")):
        level, number = path.parts[-3:-1]
        problem, attempt = f"{level}/{int(number)}", int(path.stem)
        blocks = _FENCE.findall(path.read_text())
        if not blocks:
            raise ValueError(f"{path}: no python block")
        seed = seeded.pop((problem, attempt), None)
        statuses = frozenset({Status.CORRECT}) if seed is None else frozenset(map(Status, seed["status"]))
        causes = _kinds([seed["cause"], *seed.get("also", [])]) if seed else frozenset()
        found.append(Expectation(f"{problem}#{attempt}", problem, blocks[-1], seed is None, statuses, causes))
    if seeded:
        raise ValueError(f"{SEEDED.name}: no such attempts: {sorted(seeded)}")
    return found


def _kinds(words: list[str]) -> frozenset[FindingKind]:
    return frozenset(FindingKind(word) for word in words if word in list(FindingKind))
