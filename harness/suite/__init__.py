"""Finds and loads the problems: native files, upstream KernelBench files, tiers and selections. Nothing is executed."""

from harness.suite.content import checkout, content_root
from harness.suite.loader import QUICKSTART, load_problem, problem_ids, select
from harness.suite.tiers import apply_sizes
from harness.suite.workload import unseen_workloads, workload

__all__ = [
    "QUICKSTART",
    "apply_sizes",
    "checkout",
    "content_root",
    "load_problem",
    "problem_ids",
    "select",
    "unseen_workloads",
    "workload",
]
