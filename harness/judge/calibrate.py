"""What ringing costs: a null candidate in the same sandbox, over the same protocol."""

import statistics
from typing import TYPE_CHECKING

from harness.judge.opening import open_session
from harness.judge.reference import Reference
from harness.models import Stage, Tier, Workload, sha256_hex

if TYPE_CHECKING:
    from harness.judge.judge import Judge

NULL = """import torch


class Model(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.out = torch.zeros(1)

    def forward(self, x):
        return self.out


def get_inputs():
    return [torch.zeros(1)]


def get_init_inputs():
    return []
"""
CALLS = 40


def doorbell_cost_ns(judge: "Judge") -> int:
    """Return the median time of a call that computes nothing, in ns."""
    workload = Workload(problem_id="null", name="null", tier=Tier.CI, source=NULL, sha256=sha256_hex(NULL))
    reference = Reference(workload)
    times = []
    with open_session(judge, reference, NULL, "Model", "reference") as session:
        session.load(None)
        for _ in range(CALLS):
            judge.flush()
            times.append(session.call(reference.example, None, Stage.TIMING, 10.0).elapsed_ns)
    return int(statistics.median(times))
