"""Imported by the server that audit processes are forked from, so that each starts with everything loaded.

The first operation on `meta` imports sympy and torch's decompositions, which takes over a second.
"""

import torch

import harness.audit.lint  # noqa: F401 - loaded for the processes to come

torch.set_num_threads(1)  # a pool of threads would not survive the fork
with torch.no_grad(), torch.device("meta"):
    torch.nn.functional.softmax(torch.empty(2, 2) @ torch.empty(2, 2), dim=1)
