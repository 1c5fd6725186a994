"""What one run teaches the next: pairs out of its folder, held back where they would tell the answer."""

import json
from pathlib import Path

import pytest

from harness.models import Event, EventType, Tier
from harness.runs.remembering import remember
from harness.search.experience import Experience, Item, diff, keep
from harness.store import RunFolder, read_events, read_lock
from harness.suite import workload
from tests.fakes import FakeJudge
from tests.runs.support import PROBLEMS, REPLIES, make_content, make_request
from tests.runs.test_execution import go, new_run

STRATEGY = """description = "refine, with what earlier runs have taught"
[select]
policy = "last"
[prompt]
user = ["task", "experience", "feedback", "ask"]
[stop]
max_nodes = 4
[experience]
items = 2
{more}
"""
GAIN = 1.6 / 0.7
"""The replies of a recording: a failure, 0.7 times the reference's speed, 1.6 times."""


class Named(FakeJudge):
    """Says which question it was asked, as a judge does."""

    def evaluate(self, problem, candidate, progress=None):
        verdict = super().evaluate(problem, candidate, progress)
        return verdict.model_copy(update={"workload_sha256": workload(problem, Tier.CPU).sha256})


@pytest.fixture
def content(tmp_path: Path) -> Path:
    content = make_content(tmp_path / "content")
    (content / "agents" / "mine.toml").write_text(STRATEGY.format(more=""))
    (content / "agents" / "warm.toml").write_text(STRATEGY.format(more="warm_start = true"))
    return content


@pytest.fixture
def earlier(tmp_path: Path, content: Path) -> RunFolder:
    """A run of the first problem."""
    config = make_request(suite=PROBLEMS[0], problems=[PROBLEMS[0]])
    folder = new_run(tmp_path, content, config)
    assert go(content, folder, FakeJudge(), config=config).finished
    return folder


def prompts(folder: RunFolder, events: list[Event]) -> dict[str, list[str]]:
    """The messages that each problem's model was sent."""
    found: dict[str, list[str]] = {}
    for event in events:
        if event.type is EventType.REPLY_RECEIVED and event.prompt_sha256 and event.task:
            sent = json.loads(folder.artifact(event.prompt_sha256).read_bytes())["messages"][0]["text"]
            found.setdefault(event.task.partition("#")[0], []).append(sent)
    return found


def test_a_pair_is_a_gain_that_is_beyond_both_intervals(earlier: RunFolder):
    (item,) = remember(earlier.path.parent, Experience(items=1)).items
    assert item.problem_id == PROBLEMS[0]
    assert item.ratio == pytest.approx(GAIN, abs=1e-3)
    assert item.run == earlier.id
    assert f"-{REPLIES[1]}" in item.change
    assert f"+{REPLIES[2]}" in item.change
    assert remember(earlier.path.parent, Experience(items=1, min_ratio=GAIN + 0.1)).items == ()
    assert remember(earlier.path.parent, Experience()).items == ()  # nobody asked


def test_another_task_is_shown_it_and_the_same_one_is_not(tmp_path: Path, content: Path, earlier: RunFolder):
    config = make_request(agent="mine")
    folder = new_run(tmp_path, content, config)
    assert go(content, folder, FakeJudge(), config=config).finished
    shown = prompts(folder, read_events(folder.events))
    assert all("What made other kernels faster" not in text for text in shown[PROBLEMS[0]])
    for problem in PROBLEMS[1:]:
        assert len(shown[problem]) == 3
        assert all(f"+{REPLIES[2]}" in text for text in shown[problem])


def test_what_a_run_took_over_is_fixed_when_it_begins(tmp_path: Path, content: Path, earlier: RunFolder):
    config = make_request(agent="mine", suite=PROBLEMS[1], problems=[PROBLEMS[1]])
    folder = new_run(tmp_path, content, config)
    assert read_lock(folder.lock).experience_sha256
    earlier.events.unlink()
    (tmp_path / "runs" / "20990101-000000-later-0000").mkdir()
    assert go(content, folder, FakeJudge(), config=config).finished
    shown = prompts(folder, read_events(folder.events))
    assert all(f"+{REPLIES[2]}" in text for text in shown[PROBLEMS[1]])


def test_a_damaged_run_teaches_nothing(earlier: RunFolder):
    earlier.events.write_bytes(b"{}\n" + earlier.events.read_bytes())
    assert remember(earlier.path.parent, Experience(items=1)).items == ()


def test_a_warm_start_begins_with_the_best_kernel_of_the_same_question(
    tmp_path: Path, content: Path, earlier: RunFolder
):
    one = {"suite": PROBLEMS[0], "problems": [PROBLEMS[0]]}
    config = make_request(agent="warm", **one)
    # The earlier run says of its kernels that they answer another text than the one that is asked now.
    unlike = new_run(tmp_path, content, config)
    assert go(content, unlike, FakeJudge(), config=config).finished
    assert all(event.operator != "warm_start" for event in read_events(unlike.events))
    plain = make_request(**one)
    earlier = new_run(tmp_path, content, plain)
    assert go(content, earlier, Named(), config=plain).finished
    folder, judge = new_run(tmp_path, content, config), Named()
    assert go(content, folder, judge, config=config).finished
    events = read_events(folder.events)
    same = next(event.attempt for event in events if event.attempt)
    assert same.operator == "warm_start"
    assert (same.calls, same.cost_usd) == (0, 0.0)
    assert same.verdict.speedup is not None
    assert same.verdict.speedup.median == 1.6
    assert earlier.id in same.note
    assert any(source.startswith(REPLIES[2]) and PROBLEMS[0] in source for source in judge.judged)  # it is judged anew
    replies = [e for e in events if e.type is EventType.REPLY_RECEIVED and e.task == f"{PROBLEMS[0]}#0"]
    assert len(replies) == 2  # the recording's second and third, for attempts 2 and 3
    assert REPLIES[2] in prompts(folder, events)[PROBLEMS[0]][0]


def test_the_newest_pairs_stay_and_none_is_kept_twice():
    items: list[Item] = []
    for number in [*range(5), 4]:
        item = Item("p", "0" * 64, "cpp", 2.0, "s", f"change {number}", "run")
        items = keep(items, item, 3)
    assert [item.change for item in items] == ["change 2", "change 3", "change 4"]


def test_a_long_change_is_shortened():
    text = diff("a\nb", "\n".join(map(str, range(200))))
    assert text.count("\n") == 60
    assert text.endswith("more lines]")
