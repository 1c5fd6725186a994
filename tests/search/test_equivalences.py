"""Strategies that have to be the same search by different names, and policies against plain accounts of their rules."""

from collections import Counter

import pytest

from harness.search import SearchState, Strategy
from harness.search.archives import BeamArchive, Islands, TopK
from harness.search.policies import Beam, Best, Independent
from harness.search.policies.sampling import IslandsPolicy, Power, Weighted
from harness.search.policies.tree import EpsilonTree, Uct
from harness.search.strategy import Bootstrap, Loop
from tests.search.support import Model, Search, picture, preset

SALTS = range(6)


def like(policy, archive=None, nodes: int = 20, lanes: int = 1, bootstrap: int = 0) -> Strategy:
    """`refine` with another policy: one draft, then one node at a time."""
    changes = {"archive": archive} if archive is not None else {}
    return preset("refine", nodes=nodes).model_copy(
        update={
            "select": policy,
            "loop": Loop(lanes=lanes, per_round=1),
            "bootstrap": Bootstrap(n=bootstrap),
            **changes,
            "stop": preset("refine").stop.model_copy(update={"max_nodes": nodes}),
        }
    )


def course(strategy: Strategy, salt: int) -> tuple[SearchState, list[tuple[str, str | None, str | None]]]:
    """What was expanded from what, and with which result."""
    state = Search(strategy, Model(salt)).run()
    return state, [(a.node, a.parent, a.candidate_sha256) for a in state.attempts]


@pytest.mark.parametrize("salt", SALTS)
def test_a_beam_of_one_is_best(salt: int):
    beam = like(Beam(b=1), BeamArchive(b=1))
    assert course(beam, salt)[1] == course(like(Best()), salt)[1]


@pytest.mark.parametrize("salt", SALTS)
def test_one_sample_is_one_shot(salt: int):
    sampled = preset("best_of_n", nodes=1).model_copy(update={"select": Independent(n=1)})
    assert picture(Search(sampled, Model(salt)).run()) == picture(Search(preset("one_shot"), Model(salt)).run())


@pytest.mark.parametrize("salt", SALTS)
def test_uct_without_exploration_is_greedy(salt: int):
    # The target is beyond every speed, so that no two rewards are equal by being cut off at 1.
    uct = Uct(c=0, backup="max", target=1e6, widen="own")
    assert course(like(uct), salt)[1] == course(like(Best()), salt)[1]


@pytest.mark.parametrize("salt", SALTS)
def test_one_island_that_only_exploits_is_hill_climbing(salt: int):
    island = like(IslandsPolicy(explore=0, exploit=1), Islands(n=1, dims=()))
    assert course(island, salt)[1] == course(like(Best(), TopK(k=1)), salt)[1]


@pytest.mark.parametrize("salt", SALTS)
def test_an_epsilon_tree_without_chance_and_pruning_is_best(salt: int):
    tree = EpsilonTree(epsilon=0, root_children=1, max_failing=1000)
    assert course(like(tree), salt)[1] == course(like(Best()), salt)[1]


@pytest.mark.parametrize("salt", SALTS)
def test_a_sharp_power_law_is_best(salt: int):
    assert course(like(Power(alpha=1e3)), salt)[1] == course(like(Best()), salt)[1]


def test_uct_walks_to_the_greatest_score():
    """Against the rule written out: W/N + c sqrt(ln N_parent / N), down to a node that may widen."""
    import math

    strategy = like(Uct(c=1.4, backup="mean", target=4), nodes=40, bootstrap=4)
    state, _ = course(strategy, 3)
    replayed = SearchState("level1/23#0", strategy.rules())
    search = Search(strategy, Model(3))
    search.run()
    checked = 0
    for event in search.log.all:
        if event.type == "node_reserved" and event.seq > 0 and len(replayed.judged) >= 4 and not replayed.pending:
            assert event.parent == _walk(replayed, math)
            checked += 1
        replayed.apply(event)
    assert checked >= 30
    assert len(state.judged) == 40


def _walk(state: SearchState, math) -> str | None:
    def below(node):
        return [node] + [found for child in node.children for found in below(child)]

    def reward(node):
        return min(1, math.log(1 + node.fitness) / math.log(5)) if node.passed else 0

    everyone = [found for draft in state.drafts for found in below(draft)]
    at, tree, children = None, everyone, state.drafts
    while True:
        candidates = [child for child in children if child.counted]
        if len(children) < math.ceil(max(len(tree), 1) ** 0.5) or not candidates:
            return at.id if at else None

        def score(child, visits=tree):
            nodes = below(child)
            value = sum(map(reward, nodes)) / len(nodes)
            ranks = max(found.rank for found in nodes if found.counted)
            return value + 1.4 * math.sqrt(math.log(len(visits)) / len(nodes)), ranks

        at = max(candidates, key=score)
        tree, children = below(at), at.children


def test_weighted_prefers_the_fit_and_the_rarely_expanded():
    state = Search(like(Best(), nodes=20), Model(1)).run()
    nodes = sorted((node for node in state.judged if node.passed), key=lambda node: node.fitness)
    for node in nodes:
        node.children = []
    weights = Weighted().weights(nodes)
    assert weights == sorted(weights)
    nodes[-1].children = [nodes[0]] * 3
    assert Weighted().weights(nodes)[-1] == pytest.approx(weights[-1] / 4)


def test_selection_does_not_change_the_state():
    for name in ("mcts", "bandit", "islands", "pareto", "epsilon_tree", "shinka", "reflect_opt", "beam"):
        strategy = preset(name, nodes=12)
        search = Search(strategy)
        state = search.run()
        before = picture(state)
        assert strategy.select.select(state, 3) == strategy.select.select(state, 3)
        assert picture(state) == before


def test_migration_loses_and_doubles_nothing():
    strategy = preset("islands", nodes=60).model_copy(
        update={"archive": Islands(n=3, migrate_every=5, rate=0.3), "novelty": None}
    )
    state = Search(strategy, Model(2)).run()
    members = Counter(node.id for node in state.members())
    assert max(members.values()) == 1
    best = max(state.judged, key=lambda node: node.rank)
    assert best.id in members
    shelf = state.shelf
    homes = [island for island in shelf.islands if best in island.members()]  # type: ignore[attr-defined]
    assert len(homes) >= 2  # it has moved on, and stayed


def test_a_node_that_fails_again_and_again_is_given_up_and_the_root_is_throttled():
    tree = EpsilonTree(epsilon=0.5, root_children=3, max_failing=2)
    state = Search(like(tree, nodes=80), Model(4)).run()
    assert len(state.drafts) <= 3
    assert max(node.failed_children for node in state.judged) == 2


def test_a_line_that_keeps_failing_is_given_up():
    strategy = preset("reflect_opt", nodes=40)

    class Hopeless(Model):
        def _line(self, key, parent):
            return f"# build_error {len(self.requests)}"

    state = Search(strategy, Hopeless()).run()
    assert max(node.debug_depth for node in state.judged) == 5
    assert len(state.drafts) > 1
