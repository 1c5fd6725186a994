"""Policies that follow one line each: `none`, `last`, `best`, `beam`, `reflection_topk`.

`none` is repeated sampling, `last` the loop of KernelBench's iterative refinement (Ouyang et al., ICML 2025, section
5.1) and of Kevin, `best` greedy hill climbing, `reflection_topk` the prompt of GEAK and robust-kbench.
"""

from pydantic import Field

from harness.search.policies.base import Expansion, Policy, ascending, free_lanes, lane_of_next, parents, start
from harness.search.state import SearchState


class Independent(Policy):
    """`none`: fresh drafts, until there are `n`."""

    n: int = Field(default=1, ge=1)
    """Drafts in all."""

    def select(self, state: SearchState, want: int) -> list[Expansion]:
        """Return drafts."""
        left = max(0, min(want, self.n - state.charged))
        return [Expansion(lane=lane_of_next(state, offset)) for offset in range(left)]

    def round_size(self, lanes: int) -> int:
        """Return `n`: they know nothing of one another."""
        return self.n


class Last(Policy):
    """`last`: a draft, then each lane's most recent node again and again, whether it passed or not."""

    def select(self, state: SearchState, want: int) -> list[Expansion]:
        """Return the newest node of each lane; a chain has one end."""
        chosen = [(lane.newest, number) for number, lane in free_lanes(state)]
        return [Expansion(node.id if node else None, lane=number) for node, number in chosen][:want]


class Best(Policy):
    """`best`: the best node of each lane; while none passes, the one that came furthest, and of equal ones the newest."""

    def select(self, state: SearchState, want: int) -> list[Expansion]:
        """Return the best node of each lane."""
        chosen = [(lane.best, number) for number, lane in free_lanes(state)]
        return [Expansion(node.id if node else None, lane=number) for node, number in chosen][:want]


class Beam(Policy):
    """`beam`: each of the best B of the archive."""

    b: int = Field(default=2, ge=1)
    """Width of the beam."""
    children: int = Field(default=1, ge=1)
    """Expansions of each of them in a round."""
    per_lineage: int | None = Field(default=None, ge=1)
    """Most of them with the same parent; null for no limit."""

    def select(self, state: SearchState, want: int) -> list[Expansion]:
        """Return the beam, every node `children` times, going around it once for each child."""
        seen: dict[str, int] = {}
        beam = []
        for node in parents(state):
            line = node.parent or node.id
            seen[line] = seen.get(line, 0) + 1
            if self.per_lineage is None or seen[line] <= self.per_lineage:
                beam.append(node)
            if len(beam) == self.b:
                break
        if not beam:
            return start(state, want)
        wave = [Expansion(node.id, lane=node.lane) for _ in range(self.children) for node in beam]
        busy = sum(node.open_children for node in beam)
        return wave[busy:][:want]

    def round_size(self, lanes: int) -> int:
        """Return the children of a whole beam."""
        return self.b * self.children


class ReflectionTopK(Policy):
    """`reflection_topk`: the best of the archive, with the top k beside it, worst first; a failing lane is mended first."""

    k: int = Field(default=5, ge=1)
    """How many earlier kernels are shown."""
    mend: bool = True
    """Whether a lane whose newest node fails goes on with that one; routing decides when to give it up."""

    def select(self, state: SearchState, want: int) -> list[Expansion]:
        """Return one expansion for each lane."""
        ranked = parents(state)
        if not ranked:
            return start(state, want)
        top = [node for node in ranked[: self.k] if node.passed]
        found = []
        for number, lane in free_lanes(state):
            newest = lane.newest
            parent = newest if self.mend and newest and newest.failed and newest.counted else ranked[0]
            shown = ascending(node for node in top if node is not parent)
            found.append(Expansion(parent.id, lane=number, inspirations=shown))
        return found[:want]
