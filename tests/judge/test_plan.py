"""The order of calls: complete, balanced, and not to be guessed."""

import random
from collections import Counter

import pytest

from harness.judge.plan import FIRST_WARM_UPS, PAIRS_PER_BLOCK, WARM_UPS, Call, CallKind, block


def plan(seed: int, probes: int = 6, pairs: int = PAIRS_PER_BLOCK, first: bool = True) -> list[Call]:
    return block(random.Random(seed), list(range(probes)), pairs, first=first)


@pytest.mark.parametrize("seed", range(5))
def test_every_call_is_there_once(seed: int) -> None:
    calls = plan(seed)
    kinds = Counter(call.kind for call in calls)
    assert kinds == {
        CallKind.WARM_UP: FIRST_WARM_UPS,
        CallKind.PROBE: 6,
        CallKind.TIMED: PAIRS_PER_BLOCK,
        CallKind.ONE_ELEMENT: 1,
    }
    assert sorted(call.probe for call in calls if call.kind is CallKind.PROBE) == list(range(6))
    assert all(call.probe == -1 for call in calls if call.kind is not CallKind.PROBE)


def test_the_warm_up_comes_first_and_nothing_else_is_warm_up() -> None:
    for seed in range(20):
        kinds = [call.kind for call in plan(seed)]
        assert kinds[:FIRST_WARM_UPS] == [CallKind.WARM_UP] * FIRST_WARM_UPS
        assert CallKind.WARM_UP not in kinds[FIRST_WARM_UPS:]


def test_no_place_tells_what_a_call_is_for() -> None:
    """Each kind appears at each place after the warm-up (stops: being right only while it is checked)."""
    seen: dict[int, set[CallKind]] = {}
    for seed in range(400):
        for place, call in enumerate(plan(seed)[FIRST_WARM_UPS:]):
            seen.setdefault(place, set()).add(call.kind)
    assert set(map(frozenset, seen.values())) == {frozenset({CallKind.PROBE, CallKind.TIMED, CallKind.ONE_ELEMENT})}


def test_a_changed_element_may_follow_any_kind_of_call() -> None:
    before = set()
    for seed in range(200):
        calls = plan(seed)
        at = next(i for i, call in enumerate(calls) if call.kind is CallKind.ONE_ELEMENT)
        before.add(calls[at - 1].kind)
    assert before == {CallKind.WARM_UP, CallKind.PROBE, CallKind.TIMED}


@pytest.mark.parametrize("pairs", [1, 4, 5, 20])
def test_either_side_goes_first_equally_often(pairs: int) -> None:
    totals = Counter[bool]()
    for seed in range(200):
        timed = [call.reference_first for call in plan(seed, pairs=pairs) if call.kind is CallKind.TIMED]
        assert abs(2 * sum(timed) - len(timed)) <= 1, "a drift of the machine favours neither"
        totals.update(timed)
    share = totals[True] / (200 * pairs)
    assert 0.4 < share < 0.6


def test_later_blocks_have_one_probe_or_none_and_no_changed_element() -> None:
    for probes in (0, 1):
        kinds = Counter(call.kind for call in plan(1, probes=probes, first=False))
        assert kinds[CallKind.PROBE] == probes
        assert kinds[CallKind.ONE_ELEMENT] == 0
        assert kinds[CallKind.WARM_UP] == WARM_UPS


def test_a_plan_is_a_function_of_its_seed() -> None:
    assert plan(3) == plan(3)
    assert plan(3) != plan(4)
