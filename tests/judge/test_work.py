"""What a call has to do at least, against the suite's facts and shapes worked out by hand."""

import pytest
import torch

from harness.judge import work as work_module
from harness.judge.reference import Layout, Reference
from harness.judge.work import counted_flops, work_of
from harness.models import Tier, Workload, sha256_hex
from harness.suite import load_problem, workload
from harness.suite.known import known_facts


def made(model: str, inputs: str) -> Workload:
    source = f"""import torch
import torch.nn as nn


class Model(nn.Module):
{model}


def get_inputs():
    return [{inputs}]


def get_init_inputs():
    return []
"""
    return Workload(problem_id="mine", name="mine", tier=Tier.CI, source=source, sha256=sha256_hex(source))


LINEAR = """
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(30, 50)
        self.register_buffer("scale", torch.ones(7, dtype=torch.float64))

    def forward(self, x):
        return self.linear(x)
"""
LOOKUP = """
    def __init__(self):
        super().__init__()
        self.table = nn.Embedding(1000, 16)
        self.tied = nn.Embedding(1000, 16)
        self.head = nn.Linear(16, 1000, bias=False)
        self.head.weight = self.tied.weight

    def forward(self, x):
        return self.head(self.table(x) + self.tied(x))
"""


@pytest.mark.parametrize("problem", ["level1/1", "level1/50", "level1/23", "level1/97", "level2/1", "level3/1"])
def test_counted_operations_are_those_of_the_suites_facts(problem: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Products, a convolution, none at all, attention, two fused problems and a network: two counters agree on each."""
    sized = workload(load_problem(problem), Tier.CPU)
    expected = known_facts()[sized.sha256].flops
    monkeypatch.setattr(work_module, "known_facts", dict)
    counted_flops.cache_clear()
    assert counted_flops(sized) == expected
    assert (expected == 0) == (problem == "level1/23")
    counted_flops.cache_clear()


def test_every_input_parameter_and_output_moves_once() -> None:
    found = work_of(Reference(made(LINEAR, "torch.randn(20, 30)"), 0), [Layout((20, 50), torch.float32)])
    assert found.flops == 2 * 20 * 30 * 50
    assert found.read_bytes == 4 * (20 * 30 + 30 * 50 + 50) + 8 * 7
    assert found.written_bytes == 4 * 20 * 50
    assert found.dtype == "float32"


def test_an_expanded_input_is_read_once_and_a_strided_one_in_its_own_elements() -> None:
    model = "    def forward(self, x, y):\n        return x + y"
    inputs = "torch.randn(1, 30).expand(20, 30), torch.randn(20, 60)[:, ::2]"
    found = work_of(Reference(made(model, inputs), 0), [])
    assert found.read_bytes == 4 * 30 + 4 * 20 * 30


def test_of_a_table_few_rows_are_read_unless_a_product_reads_them_all() -> None:
    found = work_of(Reference(made(LOOKUP, "torch.randint(1000, (4,))"), 0), [Layout((4, 1000), torch.float32)])
    assert found.read_bytes == 8 * 4 + 4 * 1000 * 16  # the indices and the tied table
    assert found.dtype == "float32"


def test_what_cannot_run_without_memory_is_not_counted() -> None:
    model = "    def forward(self, x):\n        return x * float(x.sum())"
    assert counted_flops(made(model, "torch.randn(3)")) is None
