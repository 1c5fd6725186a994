"""A search that begins with a kernel of an earlier run: it is judged, nobody is asked, and a crash changes nothing."""

import pytest

from harness.search.experience import Experience, Memory, Prior
from tests.fakes import Crash, MemoryArtifacts, MemoryLog
from tests.search.support import Search, picture, preset


def warm(name: str, log: MemoryLog | None = None, artifacts: MemoryArtifacts | None = None) -> Search:
    strategy = preset(name, nodes=6, experience=Experience(warm_start=True))
    search = Search(strategy, log=log, artifacts=artifacts)
    graded = search.engine.context.workload
    prior = Prior("level1/23", graded.sha256, "cpp", 1.4, "# correct 1.5\nclass ModelNew: ...", "earlier")
    search.engine.context.memory = Memory(priors=(prior,))  # type: ignore[misc]
    search.engine.__post_init__()
    return search


@pytest.mark.parametrize("name", ["refine", "mcts", "beam", "islands", "keep_revert"])
def test_it_begins_with_it_whatever_becomes_of_the_process(name: str):
    whole = warm(name)
    expected = picture(whole.run())
    first = whole.state.attempts[0]
    assert (first.operator, first.calls, first.verdict.speedup.median) == ("warm_start", 0, 1.5)
    assert whole.state.spent["llm_calls"] == len(whole.model.requests)
    assert len(whole.state.judged) <= whole.strategy.stop.max_nodes  # it is one of them
    for die_before in range(len(whole.log.all)):
        artifacts, log = MemoryArtifacts(), MemoryLog(die_before=die_before)
        with pytest.raises(Crash):
            warm(name, log, artifacts).run()
        assert picture(warm(name, MemoryLog(log.all), artifacts).run()) == expected
