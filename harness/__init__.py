"""Judge kernels that language models write, with numbers that can be believed.

The names below are the public API; each is imported when it is first used, so that `import harness` costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from harness.config import Settings
    from harness.errors import HarnessError
    from harness.judge import Judge, evaluate
    from harness.models import (
        Attempt,
        Candidate,
        EvalOptions,
        Measurement,
        Problem,
        RunConfig,
        Speedup,
        Status,
        Tier,
        Verdict,
        Workload,
    )
    from harness.suite import load_problem, select, workload

__version__ = "0.1.0"

_PUBLIC = {
    "Attempt": "harness.models",
    "Candidate": "harness.models",
    "EvalOptions": "harness.models",
    "HarnessError": "harness.errors",
    "Judge": "harness.judge",
    "Measurement": "harness.models",
    "Problem": "harness.models",
    "RunConfig": "harness.models",
    "Settings": "harness.config",
    "Speedup": "harness.models",
    "Status": "harness.models",
    "Tier": "harness.models",
    "Verdict": "harness.models",
    "Workload": "harness.models",
    "evaluate": "harness.judge",
    "load_problem": "harness.suite",
    "select": "harness.suite",
    "workload": "harness.suite",
}

__all__ = [
    "Attempt",
    "Candidate",
    "EvalOptions",
    "HarnessError",
    "Judge",
    "Measurement",
    "Problem",
    "RunConfig",
    "Settings",
    "Speedup",
    "Status",
    "Tier",
    "Verdict",
    "Workload",
    "__version__",
    "evaluate",
    "load_problem",
    "select",
    "workload",
]


def __getattr__(name: str) -> Any:
    if name not in _PUBLIC:
        raise AttributeError(f"module 'harness' has no attribute '{name}'")
    value = getattr(import_module(_PUBLIC[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
