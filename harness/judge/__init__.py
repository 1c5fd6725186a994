"""The trusted side: inputs, oracle, tolerance, integrity, timing plan, and from them the verdict."""

import os

# Before torch: threads of the judge's own arithmetic are to sleep, not spin, when a worker is timed beside them.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

from harness.judge.judge import Judge, evaluate

__all__ = ["Judge", "evaluate"]
