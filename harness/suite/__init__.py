"""Finds and loads the problems: native files, KernelBench files and rows, tiers and selections. Nothing is executed."""

from harness.suite.content import checkout, content_root
from harness.suite.loader import load_problem, problem_ids
from harness.suite.selections import Selection, named_selections, select, survey
from harness.suite.tiers import apply_sizes
from harness.suite.workload import unseen_workloads, workload

__all__ = [
    "Selection",
    "apply_sizes",
    "checkout",
    "content_root",
    "load_problem",
    "named_selections",
    "problem_ids",
    "select",
    "survey",
    "unseen_workloads",
    "workload",
]
