"""What is kept in order as a search goes on is what one finds by looking at all of its nodes."""

from random import Random

import pytest

from harness.models import Event
from harness.search import SearchState
from harness.search.clustering import Points, distance
from harness.search.novelty import closest, shingles, similarity
from harness.search.policies.bandit import ArmStats
from harness.search.policies.tree import EpsilonTree, Frontier
from harness.search.shelves import measures
from tests.search.support import Model, Search, preset


def states(name: str, nodes: int = 40, **changes):
    """Every state that a search goes through."""
    strategy = preset(name, nodes=nodes, **changes)
    search = Search(strategy, Model(salt=8, kinds=10_000))
    search.run()
    state = SearchState("level1/23#0", strategy.rules())
    for event in search.log.all:
        assert isinstance(event, Event)
        state.apply(event)
        yield strategy, state


@pytest.mark.parametrize("name", ["mcts", "beam", "islands", "pareto", "shinka", "epsilon_tree"])
def test_ranks_rounds_lanes_and_open_children(name: str):
    for _, state in states(name):
        counted = [node for node in state.judged if node.counted]
        assert list(state.ranked) == sorted(counted, key=lambda node: node.rank, reverse=True)
        assert list(state.shelf.ranked()) == sorted(state.members(), key=lambda node: node.rank, reverse=True)
        for number in {node.round for node in state.nodes.values()}:
            assert state.by_round.get(number, []) == [node for node in counted if node.round == number]
        for lane in state.lanes.values():
            assert lane.counted == [node for node in lane.judged if node.counted]
            assert lane.passed == [node for node in lane.counted if node.passed]
        for node in state.nodes.values():
            assert node.open_children == sum(child.attempt is None for child in node.children)


def test_a_front_is_what_nobody_dominates():
    for strategy, state in states("pareto", nodes=60):
        keys = strategy.archive.keys  # type: ignore[attr-defined]
        counted = [node for node in state.judged if node.counted]
        passing = [node for node in counted if node.passed] or counted
        vectors = {node.id: measures(node, keys) for node in passing}

        def beaten(node, vectors=vectors):
            own = vectors[node.id]
            return any(v != own and all(a >= b for a, b in zip(v, own, strict=True)) for v in vectors.values())

        assert state.members() == [node for node in passing if not beaten(node)]


def test_a_frontier_is_what_is_not_pruned():
    tree = EpsilonTree(epsilon=0.5, root_children=3, max_failing=2)
    for _, state in states("epsilon_tree", nodes=60, select=tree):
        frontier = state.observer
        assert isinstance(frontier, Frontier)
        eligible = [node for node in state.judged if node.counted and node.failed_children < 2]
        assert list(frontier.eligible) == eligible
        assert list(frontier.leaves) == [node for node in eligible if not node.children]
        assert list(frontier.ranked) == sorted(eligible, key=lambda node: node.rank, reverse=True)


def test_a_node_is_in_the_cluster_whose_centre_is_nearest():
    anew = set()
    for _, state in states("bandit"):
        stats = state.observer
        assert isinstance(stats, ArmStats)
        anew.add(tuple(stats.centres))
        clusters = stats.clusters(state.shelf.members())
        found = {node.id: number for number, cluster in clusters.items() for node in cluster.members}
        assert sorted(found) == sorted(node.id for node in state.members())
        for number, cluster in clusters.items():
            assert cluster.best is max(cluster.members, key=lambda node: node.rank)
            for node in cluster.members:
                assert stats.cluster(node) == number
                assert node in stats.clusters([node])[number].members
    assert len(anew) == 3  # none, after 10 nodes, after the last of 20


def test_k_means_puts_each_centre_into_the_middle_of_its_own():
    rng, points = Random(7), Points()
    clouds = [(0.0, 0.0), (10.0, 0.0), (0.0, 10.0)]
    placed = [tuple(x + rng.uniform(-1, 1) for x in cloud) for cloud in clouds for _ in range(30)]
    for point in placed:
        points.add(point, True)
    points.add((1000.0, 1000.0), False)  # it is labelled, and decides nothing
    centres = points.k_means(3, Random(1))
    labels = points.nearest(centres)
    assert labels == [min(range(3), key=lambda n: distance(p, centres[n])) for p in [*placed, (1000.0, 1000.0)]]
    assert sorted(labels[::30][:3]) == [0, 1, 2]
    for n, centre in enumerate(centres):
        mine = [point for point, label in zip(placed, labels, strict=False) if label == n]
        assert centre == pytest.approx(tuple(sum(values) / len(mine) for values in zip(*mine, strict=True)))


def test_the_most_similar_one_is_found_without_comparing_all():
    texts = ["".join(f"x{n % k} = {n};\n" for n in range(60)) for k in (3, 3, 5, 7, 60)]
    sets = [(str(n), shingles(text + "y;" * n, 5)) for n, text in enumerate(texts)]
    for mine in (sets[0][1], sets[3][1]):
        for least in (0.0, 0.5, 0.9, 1.0):
            scores = [(name, similarity(mine, theirs)) for name, theirs in sets]
            best = max(scores, key=lambda found: found[1])
            assert closest(mine, sets, least) == (best if best[1] >= least else None)
    assert closest(sets[0][1], sets[2:], 0.99) is None
