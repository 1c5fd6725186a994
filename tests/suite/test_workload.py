"""The text that is shown is the text that is graded: a plain KernelBench file at the sizes of a tier."""

import ast
from collections.abc import Callable

import pytest
import torch

from harness.errors import ProblemError
from harness.models import Problem, Tier
from harness.suite import load_problem, named_selections, unseen_workloads, workload


def run(source: str) -> tuple[torch.nn.Module, list, torch.Tensor]:
    namespace: dict = {}
    exec(compile(source, "workload.py", "exec"), namespace)
    model: Callable = namespace["Model"](*namespace["get_init_inputs"]())
    inputs = namespace["get_inputs"]()
    return model, inputs, model(*inputs)


@pytest.mark.parametrize("problem_id", named_selections()["quickstart"].problems)
def test_a_workload_is_a_plain_file_that_runs(problem_id: str):
    problem = load_problem(problem_id)
    sized = workload(problem, Tier.CI)
    assert "TIERS" not in sized.source
    assert "UNSEEN" not in sized.source
    model, inputs, output = run(sized.source)
    assert torch.isfinite(output).all()
    tensors = [value for value in (*inputs, *model.parameters(), output) if isinstance(value, torch.Tensor)]
    # `ci` is fit for interpreters: about a million elements.
    assert sum(tensor.numel() for tensor in tensors) < 2_000_000


@pytest.mark.parametrize("problem_id", named_selections()["quickstart"].problems)
def test_unseen_sizes_run_and_differ_from_every_tier(problem_id: str):
    problem = load_problem(problem_id)
    shown = {workload(problem, tier).sha256 for tier in problem.tiers}
    for sized in unseen_workloads(problem):
        assert sized.sha256 not in shown
        run(sized.source)


@pytest.mark.parametrize("tier", list(Tier))
def test_only_the_constants_differ_between_tiers(tier: Tier):
    problem = load_problem("level1/23")
    graded, upstream = workload(problem, tier).source, workload(problem, Tier.GPU).source
    differing = [name for name, other in zip(graded.splitlines(), upstream.splitlines(), strict=True) if name != other]
    assert [line.split(" = ")[0] for line in differing] == list(problem.tiers[tier])


def test_a_missing_tier_names_those_there_are():
    problem = load_problem("level1/23")
    bare = Problem(id="x", name="x", source=problem.source, sha256=problem.sha256)
    with pytest.raises(ProblemError, match=r"x has no tier 'cpu' \(it has: gpu\)"):
        workload(bare, Tier.CPU)


def test_the_digest_is_of_the_graded_text():
    problem = load_problem("level1/23")
    assert len({workload(problem, tier).sha256 for tier in Tier}) == 3
    assert workload(problem, Tier.CI) == workload(problem, "ci")
    assert ast.parse(workload(problem, Tier.CI).source)
