"""What a strategy shows decides what is found out about its candidates."""

from harness.config import Settings
from harness.runs import make_config, prepare
from harness.runs.preparation import _profiling
from harness.search.strategy import PromptPlan


def test_candidates_are_profiled_where_the_strategy_shows_it():
    config = make_config("level1/23", Settings.load(agent="refine"))
    prepared = prepare(config)
    assert not prepared.config.options.profile
    plan = PromptPlan(user=("task", "feedback", "profile", "ask"))
    asks = prepared.strategy.model_copy(update={"prompt": plan})
    assert _profiling(config, asks).eval_options().profile
    assert prepare(make_config("level1/23", Settings.load(agent="refine", profile=True))).config.options.profile
