"""A/A: references judged as their own candidates. The speedup is 1; an interval should say so, and none that it is more.

With `--load` a neighbour keeps one core busy meanwhile, wherever the kernel lets it run.
"""

import contextlib
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

from harness.audit import aa
from harness.config import Settings
from harness.judge import Judge
from harness.models import AAReading, EvalOptions, Tier
from harness.suite import select

NAME = "aa"
REPEATS = 1
WANTED_COVERAGE, WANTED_FALSE = 0.95, 0.0
PROBLEMS = "quickstart,level1/9,level1/21,level1/26,level1/33,level1/47,level1/57,level2/6,level2/76"
"""Twenty: products, elementwise chains, reductions, norms, scans, convolutions, a loss, attention, whole models."""
NEIGHBOUR = "import os\nparent = os.getppid()\nwhile os.getppid() == parent:\n    sum(range(100_000))\n"


def measure(
    repeats: int,
    *,
    problems: str | None = None,
    load: bool = False,
    done: dict[str, Any] | None = None,
    keep: Callable[[dict[str, Any]], None] = lambda result: None,
) -> dict[str, Any]:
    """Return one reading per problem and round, at the sizes and budgets that scores are reported under.

    `done` is a result to go on from: what is in it is not measured again.
    """
    chosen = select(problems or PROBLEMS)
    found = [AAReading.model_validate(row) for row in (done or {}).get("rows", [])]
    there = {(reading.round, reading.problem_id) for reading in found}
    with neighbour() if load else contextlib.nullcontext(), _judge() as judge:
        for number in range(1, repeats + 1):
            for problem in chosen:
                if (number, problem.id) not in there:
                    found.append(aa.read(judge, problem, number))
                    keep(result(found, load))
    return result(found, load)


@contextlib.contextmanager
def neighbour() -> Iterator[None]:
    """Keep one core busy; it ends with this process, however that ends."""
    busy = subprocess.Popen([sys.executable, "-c", NEIGHBOUR])
    try:
        yield
    finally:
        busy.kill()
        busy.wait()


def _judge() -> Judge:
    return Judge(EvalOptions(tier=Tier.CPU), Settings.load().cache_dir)


def result(found: list[AAReading], load: bool) -> dict[str, Any]:
    """Return readings with what they say together."""
    summary = aa.summarise(found)
    return {
        "wanted_coverage": WANTED_COVERAGE,
        "wanted_false_faster_5": WANTED_FALSE,
        "load": load,
        "load_average": os.getloadavg()[0],
        "summary": summary.model_dump(mode="json") if summary else None,
        "line": aa.in_words(summary),
        "rows": [reading.model_dump(mode="json") for reading in found],
    }


def rows(result: dict[str, Any]) -> list[tuple[str, ...]]:
    """Return the table of a result."""
    name = "A/A beside a load" if result["load"] else "A/A"
    table: list[tuple[str, ...]] = [
        (name, "round", "ratio", "95 % interval", "has 1.0", "warm", "pairs", "stopped by", "eager ms", "wall s")
    ]
    for reading in map(AAReading.model_validate, result["rows"]):
        found = reading.speedup
        table.append(
            (
                reading.problem_id,
                str(reading.round),
                f"{found.median:.3f}" if found else reading.status.value,
                f"[{found.low:.3f}, {found.high:.3f}]" if found else "",
                ("yes" if found.low <= 1 <= found.high else "no") if found else "",
                f"{reading.warm_ratio:.3f}" if reading.warm_ratio else "",
                str(reading.pairs),
                reading.stopped or "",
                f"{reading.reference_ns / 1e6:.2f}",
                f"{reading.elapsed_ns / 1e9:.1f}",
            )
        )
    if summary := result["summary"]:
        wanted = f"wanted {100 * result['wanted_coverage']:g} %"
        answers = summary["readings"] - summary["unanswered"]
        covered = f"{100 * summary['coverage']:.0f} % of {answers}, {wanted}" if answers else "no answer"
        false = f"{100 * summary['false_faster_5']:.1f} % falsely over 5 % faster"
        middle = f"{1 + summary['bias']:.3f}" if answers else ""
        table.append(("all", "", middle, false, covered, "", "", "", "", ""))
    return table
