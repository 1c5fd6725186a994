"""The plain way to judge a kernel, in a process of its own: what `tests.bench.build` compares ours with.

    python -m tests.bench.plain PROBLEM.py CANDIDATE.py

It does what a first script does: import torch, let `load_inline` compile as torch ships it, compare once with allclose,
time 20 calls of either side. Untrusted code runs unconfined in the process that judges it, on one input.
"""

import importlib.util
import json
import statistics
import sys
import time
from collections.abc import Callable
from types import ModuleType
from typing import Any

CALLS = 20


def load(name: str, path: str) -> ModuleType:
    """Import the file at `path`."""
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def median_ns(call: Callable[[], Any]) -> int:
    """Return the median time of `CALLS` calls."""
    times = []
    for _ in range(CALLS):
        started = time.perf_counter_ns()
        call()
        times.append(time.perf_counter_ns() - started)
    return int(statistics.median(times))


def main(problem_path: str, candidate_path: str) -> None:
    """Print one JSON object: whether it is right, both medians, and the seconds that compiling took."""
    import torch

    problem = load("problem", problem_path)
    started = time.monotonic()
    candidate = load("candidate", candidate_path)
    build_s = time.monotonic() - started
    inputs = problem.get_inputs()
    reference, kernel = problem.Model(*problem.get_init_inputs()), candidate.ModelNew(*problem.get_init_inputs())
    with torch.no_grad():
        right = torch.allclose(kernel(*inputs), reference(*inputs), atol=1e-4, rtol=1e-4)
        times = {
            "reference_ns": median_ns(lambda: reference(*inputs)),
            "candidate_ns": median_ns(lambda: kernel(*inputs)),
        }
    print(json.dumps({"correct": right, "build_s": build_s, **times}))


if __name__ == "__main__":
    main(*sys.argv[1:])
