"""How close to the machine's limit a kernel is: every node carries it, the model is told, and a search may end by it."""

import pytest

from harness.models import Status
from harness.search import SearchState
from harness.search.speed import features
from harness.search.terminators import Stop
from tests.fakes import make_roofline, make_verdict, reply_text
from tests.search.test_engine import make_strategy, search

STOP = '[select]\npolicy = "last"\n[stop]\nmax_nodes = 9\nroofline = 0.9\n'


def script(*lines: str) -> list[str]:
    return [reply_text(f"# {line}\nclass ModelNew: ...") for line in lines]


def test_a_search_ends_at_the_roofline(tmp_path):
    lines = script("correct 0.5 0.2", "build_error", "correct 1.5 0.6", "correct 2.3 0.92", "correct 2.4 0.96")
    state, provider, judge, log = search(make_strategy(tmp_path, STOP), lines)
    assert state.finished == "90% of the roofline reached"
    assert len(judge.judged) == 4
    shares = [attempt.features.get("roofline") for attempt in state.attempts]
    assert shares == ["0.200", None, "0.600", "0.920"]
    assert state.best is not None
    assert state.best.verdict.roofline is not None
    # What the log says is enough: a search that is resumed knows where it stands.
    again = SearchState.replay(state.task, log.events(state.task))
    assert again.best is not None
    assert again.best.features["roofline"] == "0.920"
    asked = [request.messages[0].text for request in provider.requests]
    assert "roofline" not in asked[0]
    assert "memory allows 0.200 ms; you reach 20% of that, the reference 40%" in asked[1]
    assert "you reach 60% of that, the reference 40%" in asked[3]


def test_without_the_rule_a_search_goes_on(tmp_path):
    text = STOP.replace("roofline = 0.9\n", "").replace("9", "2")
    state, _, judge, _ = search(make_strategy(tmp_path, text), script("correct 2.3 0.99", "correct 1.0 0.4"))
    assert state.finished == "2 of 2 attempts used"
    assert len(judge.judged) == 2


@pytest.mark.parametrize(
    ("speed", "share", "told"),
    [
        (1.0, 0.5, {"roofline": "0.500"}),
        (2.0, 1.05, {"roofline": "1.050"}),  # inexact, and as good as there
        (2.0, 3.0, {}),  # beyond the bound: fewer operations than counted, and who knows how many fewer
        (0.5, 0.7, {}),  # the reference is at 140 %
    ],
)
def test_a_bound_that_was_beaten_ends_no_search(speed: float, share: float, told: dict[str, str]):
    roofline = make_roofline(speed, round(share * 1_000_000))
    assert features(make_verdict(Status.CORRECT, speed).model_copy(update={"roofline": roofline})) == told


def test_without_a_roofline_the_rule_never_holds(tmp_path):
    assert features(make_verdict(Status.CORRECT, 2.0)) == {}
    state, *_ = search(make_strategy(tmp_path, STOP.replace("9\n", "1\n", 1)), script("correct 5.0"))
    assert state.finished == "1 of 1 attempts used"
    assert Stop(roofline=0.1).urgent(state) is None
