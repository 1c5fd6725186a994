"""Strategy files: what they say, and what is said of mistakes in them."""

from pathlib import Path

import pytest

from harness.errors import AgentError
from harness.search import list_strategies, load_strategy
from harness.search.policies import Expansion, Independent, Last
from harness.search.state import SearchState
from harness.suite import content_root

AGENTS = content_root() / "agents"
GOOD = 'description = "d"\n[select]\npolicy = "last"\n[stop]\nmax_nodes = 3\n'


@pytest.mark.parametrize("name", list_strategies(AGENTS))
def test_shipped_strategies_load(name: str):
    strategy = load_strategy(name, AGENTS)
    assert strategy.name == name
    assert strategy.description.endswith(".")


def test_what_the_issue_names_is_there():
    assert {"one_shot", "best_of_n", "refine"} <= set(list_strategies(AGENTS))
    assert isinstance(load_strategy("best_of_n", AGENTS).select, Independent)
    assert load_strategy("best_of_n", AGENTS).select.n == 4
    assert load_strategy("refine", AGENTS).stop.max_nodes == 4


def test_a_path_names_a_strategy_too(tmp_path: Path):
    (tmp_path / "mine.toml").write_text(GOOD)
    strategy = load_strategy(str(tmp_path / "mine.toml"), AGENTS)
    assert (strategy.name, strategy.policy, strategy.stop.max_nodes) == ("mine", "last", 3)
    assert strategy.text == GOOD


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (GOOD.replace("max_nodes", "max_node"), "unknown key 'stop.max_node' - did you mean 'max_nodes'?"),
        (GOOD.replace('"last"', '"lst"'), "select.policy: unknown policy 'lst' - did you mean 'last'?"),
        (GOOD.replace('"last"', '"none"\nnn = 2'), "unknown key 'select.nn' - did you mean 'n'?"),
        (GOOD.replace('"last"', '"last"\nn = 2'), "unknown key 'select.n' (known: policy)"),
        (GOOD + "[promt]\n", "unknown key 'promt' - did you mean 'prompt'?"),
        (GOOD.replace("= 3", '= "three"'), "stop.max_nodes: Input should be a valid integer"),
        (GOOD.replace("= 3", "= 0"), "stop.max_nodes: Input should be greater than or equal to 1"),
        (GOOD.replace("[stop]", "[stop"), "not TOML"),
        (GOOD.replace('policy = "last"', ""), "[select] needs a policy (known: bandit, beam, best, "),
        (GOOD.replace('description = "d"', ""), "description: Field required"),
        ('name = "x"\n' + GOOD, "key 'name' has no place there"),
        (GOOD + '[archive]\nkind = "topp"\n', "archive.kind: unknown archive 'topp' - did you mean 'topk'?"),
        (GOOD + '[archive]\nkind = "topk"\nkk = 2\n', "line 8: unknown key 'archive.kk' - did you mean 'k'?"),
        (GOOD + "[loop]\nlane = 2\n", "line 7: unknown key 'loop.lane' - did you mean 'lanes'?"),
        (GOOD + '[loop]\nsync = "rounds"\n', "loop.sync: Input should be 'none', 'batch' or 'round'"),
        (
            GOOD + '[[route]]\nwhen = "any"\noperator = "refin"\n',
            "line 8: route.0.operator: unknown operator 'refin' - did you mean 'refine'? (known: draft, refine)",
        ),
        (
            GOOD + '[[operators.mine]]\nrole = "coder"\nfan = 2\n',
            "line 8: unknown key 'operators.mine.0.fan' - did you mean 'fan_out'?",
        ),
        (GOOD + '[[operators.mine]]\nrole = "judge"\ncontract = "json"\n', "no step has the contract code or edit"),
        (GOOD + "[[operators.mine]]\nfilter = true\n", "a filter's contract is json, with a field passes = true"),
        (
            GOOD + '[directives]\ntile = "t"\n[diversity]\ndirectives = ["tle"]\n',
            "line 9: diversity.directives: unknown directive 'tle' - did you mean 'tile'?",
        ),
        (
            GOOD + '[[operators.mine]]\nsections = ["task", "history:tabel"]\n',
            "line 7: operators.mine.0.sections: unknown history policy 'tabel' - did you mean 'table'?",
        ),
        (GOOD + "[stop.plateau]\nrounds = 0\n", "stop.plateau.rounds: Input should be greater than or equal to 1"),
    ],
)
def test_mistakes_name_the_file_the_key_and_the_closest_one(tmp_path: Path, text: str, message: str):
    path = tmp_path / "mine.toml"
    path.write_text(text)
    with pytest.raises(AgentError) as caught:
        load_strategy(str(path), AGENTS)
    assert str(caught.value).startswith(f"{path}: ")
    assert message in str(caught.value)


def test_an_unknown_agent():
    with pytest.raises(AgentError, match=r"unknown agent 'refin' - did you mean 'refine'\? \(harness agents list\)"):
        load_strategy("refin", AGENTS)
    with pytest.raises(AgentError, match=r"gone.toml: cannot be read: No such file"):
        load_strategy("/nowhere/gone.toml", AGENTS)


def test_policies_choose_from_the_state_alone():
    empty = SearchState("t#0")
    assert Independent(n=3).select(empty, want=5) == [Expansion()] * 3
    assert Independent(n=3).select(empty, want=1) == [Expansion()]
    assert Last().select(empty, want=1) == [Expansion(parent=None)]
