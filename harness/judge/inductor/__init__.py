"""torch.compile's own kernels as an ordinary candidate: captured in a trusted process, written out as a `ModelNew`.

A worker may start no compiler, which torch.compile does at run time. So the generated code is taken out where it is made and
goes through the same build, sandbox, comparison and clock as anybody's kernel.
"""

from harness.judge.inductor.captured import Captured, GraphInput, NotExpressible
from harness.judge.inductor.source import MODES, candidate_source

__all__ = ["MODES", "Captured", "GraphInput", "NotExpressible", "candidate_source"]
