"""A problem at one choice of sizes: the text that a model is shown, and the very text that is graded."""

from harness.errors import ProblemError
from harness.models import Problem, Sizes, Tier, Workload, sha256_hex
from harness.suite.tiers import apply_sizes


def workload(problem: Problem, tier: Tier | str = Tier.CPU) -> Workload:
    """Return `problem` with the sizes of `tier`: a plain KernelBench file, without `TIERS` and `UNSEEN`.

    Raises:
        ProblemError: the problem has no such tier; the message names those it has.
    """
    if tier not in problem.tiers:
        has = ", ".join(known for known in Tier if known in problem.tiers)
        raise ProblemError(f"{problem.id} has no tier '{tier}' (it has: {has})")
    return sized(problem, Tier(tier), problem.tiers[Tier(tier)])


def unseen_workloads(problem: Problem) -> list[Workload]:
    """Return `problem` at its unseen sizes; constants that they leave out are those of the `ci` tier.

    These are never shown to a model. Their `tier` is `ci`, whose limits they are meant for.
    """
    base = problem.tiers.get(Tier.CI, {})
    return [sized(problem, Tier.CI, base | sizes) for sizes in problem.unseen]


def sized(problem: Problem, tier: Tier, sizes: Sizes) -> Workload:
    """Return `problem` with `sizes` in place of its constants' values, as a workload of `tier`.

    Raises:
        ProblemError: a name is not a constant of the file that can be resized.
    """
    source = apply_sizes(problem.source, sizes)
    digest = sha256_hex(source)
    return Workload(problem_id=problem.id, name=problem.name, tier=tier, source=source, sha256=digest)
