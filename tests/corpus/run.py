"""Judge the corpus of CUDA candidates, or the recorded replies, and compare with what they should come to.

    python -m tests.corpus.run                   the corpus
    python -m tests.corpus.run --recorded        agents/recorded/cuda against its SEEDED.toml
    python -m tests.corpus.run softmax bug_      those whose name contains one of the words

Every candidate goes through `harness eval` in a process of its own. Exits with 1 if any is judged wrongly.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from harness.models import Verdict
from tests.corpus.expectation import ROOT, Expectation, corpus, recorded

LIMIT_S = 900
"""Only a hang takes this long: builds and calls have limits of their own."""


def judge(item: Expectation, folder: Path) -> Verdict | str:
    """Return the verdict, or what the command said instead of one."""
    candidate = folder / "candidate.py"
    candidate.write_text(item.source)
    command = [sys.executable, "-m", "harness", "eval", item.problem, str(candidate), "--language", "cuda", "--json"]
    command += ["--strict-shapes"] if item.unseen else []
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=LIMIT_S, check=False)
    except subprocess.TimeoutExpired:
        return f"no verdict within {LIMIT_S} s"
    try:
        return Verdict.model_validate_json(done.stdout)
    except ValueError:
        return (done.stderr.strip() or done.stdout.strip() or f"exit {done.returncode}").splitlines()[-1]


def row(item: Expectation, outcome: Verdict | str, elapsed_s: float) -> tuple[str, str]:
    """Return how the outcome compares and a line of the table."""
    if isinstance(outcome, str):
        agreement, got, why = "wrong", "no verdict", outcome
    else:
        agreement, got = item.agreement(outcome), str(outcome.status)
        kinds = Counter(str(finding.kind) for finding in outcome.findings)
        why = ", ".join(kinds) or ("" if outcome.correct else outcome.evidence.what)
    expected = "/".join(sorted(item.statuses)) + (f" ({'/'.join(sorted(item.causes))})" if item.causes else "")
    return agreement, f"{agreement:9} {item.name:38} {expected:60} {got:18} {elapsed_s:6.1f} s  {why[:160]}"


def chosen(items: Iterable[Expectation], words: list[str]) -> list[Expectation]:
    """Return the items whose name contains one of the words, or all if there are none."""
    return [item for item in items if not words or any(word in item.name for word in words)]


def main() -> int:
    """Judge, print a line for each and a summary."""
    parser = argparse.ArgumentParser(description="judge the corpus of CUDA candidates")
    parser.add_argument("words", nargs="*", help="parts of names; all without any")
    parser.add_argument("--recorded", action="store_true", help="the recorded replies instead of the corpus")
    arguments = parser.parse_args()
    items = chosen(recorded() if arguments.recorded else corpus(), arguments.words)
    totals: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        for item in items:
            started = time.monotonic()
            outcome = judge(item, Path(folder))
            agreement, line = row(item, outcome, time.monotonic() - started)
            totals[agreement] += 1
            print(line, flush=True)
    print(f"{len(items)} judged: " + ", ".join(f"{n} {word}" for word, n in totals.most_common()))
    return 1 if totals["wrong"] else 0


if __name__ == "__main__":
    sys.exit(main())
