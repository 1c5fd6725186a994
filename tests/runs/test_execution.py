"""A run from its folder to its end: with retries, interrupted, killed, and gone on with."""

import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from harness.errors import JudgeError, ProviderError, ToolchainError
from harness.models import Event, EventType, RunConfig, Status
from harness.runs import LocalExecutor, execute, make_plan
from harness.runs.execution import begin
from harness.search import SearchState
from harness.store import Artifacts, EventLog, RunFolder, read_events
from tests.fakes import FakeJudge, make_problem
from tests.runs.support import PROBLEMS, REPLIES, make_content, make_request, prepared_for

ROOT = Path(__file__).parents[2]


class Silent:
    """A monitor that only counts."""

    def __init__(self) -> None:
        self.seen: Counter[str] = Counter()

    def started(self, task: str) -> None:
        self.seen[f"started {task}"] += 1

    def stage(self, task: str, text: str) -> None:
        self.seen[text] += 1

    def finished(self, task: str, state: SearchState) -> None:
        self.seen[f"finished {task}"] += 1

    def stopping(self) -> None:
        self.seen["stopping"] += 1


@pytest.fixture
def content(tmp_path: Path) -> Path:
    return make_content(tmp_path / "content")


def new_run(tmp_path: Path, content: Path, config: RunConfig | None = None) -> RunFolder:
    folder = RunFolder.create(tmp_path / "runs", "test")
    begin(prepared_for(content, config), folder)
    return folder


def go(content: Path, folder: RunFolder, judge: FakeJudge, workers: int = 2, config: RunConfig | None = None):
    return execute(prepared_for(content, config), folder, judge, Silent(), workers)


def verdicts(events: list[Event]) -> set[tuple[str, str, str]]:
    """What was decided, without when and in which order."""
    attempts = [event.attempt for event in events if event.attempt]
    return {(attempt.node, attempt.verdict.status.value, attempt.candidate_sha256 or "") for attempt in attempts}


@pytest.fixture
def expected(tmp_path: Path, content: Path) -> set[tuple[str, str, str]]:
    """The verdicts of a run that nothing disturbs."""
    folder = new_run(tmp_path, content)
    assert go(content, folder, FakeJudge()).finished
    return verdicts(read_events(folder.events))


def test_a_run_does_all_tasks_and_logs_them(tmp_path: Path, content: Path):
    folder, judge = new_run(tmp_path, content), FakeJudge()
    outcome = go(content, folder, judge)
    assert outcome.finished
    events = read_events(folder.events)
    assert (events[0].type, events[-1].type) == (EventType.RUN_STARTED, EventType.RUN_FINISHED)
    for problem in PROBLEMS:
        state = SearchState.replay(f"{problem}#0", [event for event in events if event.task == f"{problem}#0"])
        assert [attempt.verdict.status for attempt in state.attempts] == ["build_error", "correct", "correct"]
        assert state.finished == "all 3 recorded replies are used"
    for digest in {attempt for *_, attempt in verdicts(events)}:
        assert Artifacts(folder.artifacts).get(digest).startswith(b"# ")
    assert len(judge.judged) == len(PROBLEMS) * len(REPLIES)


def test_width_changes_no_verdict(tmp_path: Path, content: Path, expected: set[tuple[str, str, str]]):
    for workers in (1, 3, 8):
        folder = new_run(tmp_path, content)
        go(content, folder, FakeJudge(), workers=workers)
        assert verdicts(read_events(folder.events)) == expected


def test_a_finished_run_is_left_alone(tmp_path: Path, content: Path):
    folder, judge = new_run(tmp_path, content), FakeJudge()
    go(content, folder, FakeJudge())
    before = folder.events.read_bytes()
    assert go(content, folder, judge).finished
    assert folder.events.read_bytes() == before
    assert judge.judged == []


class Failing(FakeJudge):
    """Raises `error` at the evaluations whose numbers are in `at`."""

    def __init__(self, error: Exception, at: set[int]) -> None:
        super().__init__()
        self.error, self.at = error, at

    def evaluate(self, problem, candidate, progress=None):
        verdict = super().evaluate(problem, candidate, progress)
        if len(self.judged) in self.at:
            raise self.error
        return verdict


def test_an_error_of_the_harness_is_tried_once_more(tmp_path: Path, content: Path, expected: set[tuple[str, str, str]]):
    folder = new_run(tmp_path, content)
    assert go(content, folder, Failing(JudgeError("a worker died"), at={1, 5}), workers=1).finished
    assert verdicts(read_events(folder.events)) == expected


def test_an_error_that_stays_is_recorded_and_the_run_goes_on(tmp_path: Path, content: Path):
    folder = new_run(tmp_path, content)
    assert go(content, folder, Failing(JudgeError("the reference raised"), at={1, 2}), workers=1).finished
    attempts = [event.attempt for event in read_events(folder.events) if event.attempt]
    assert len(attempts) == len(PROBLEMS) * len(REPLIES)
    (failed,) = [attempt for attempt in attempts if attempt.verdict.status is Status.INFRA_ERROR]
    assert failed.verdict.evidence.what == "the reference raised"


def test_a_missing_compiler_stops_the_run_which_goes_on_later(
    tmp_path: Path, content: Path, expected: set[tuple[str, str, str]]
):
    folder = new_run(tmp_path, content)
    outcome = go(content, folder, Failing(ToolchainError("no g++"), at={3}), workers=1)
    assert str(outcome.failure) == "no g++"
    assert not outcome.finished
    assert read_events(folder.events)[-1].type is not EventType.RUN_FINISHED
    judge = FakeJudge()
    assert go(content, folder, judge).finished
    assert verdicts(read_events(folder.events)) == expected
    assert len(judge.judged) == len(expected) - 2


def test_a_missing_key_is_found_before_anything_is_written(tmp_path: Path, content: Path, monkeypatch):
    for variable in ("OPENAI_API_KEY", "OPENAI_ADMIN_KEY"):
        monkeypatch.delenv(variable, raising=False)
    config = make_request(model="openai/some-model")
    with pytest.raises(ProviderError, match="OPENAI_API_KEY"):
        prepared_for(content, config).provider()


def driver(folder: Path, content: Path, workers: int = 1) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "tests.runs.driver", folder, content, str(workers)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def read_until(process: "subprocess.Popen[str]", text: str) -> str:
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith(text):
            return line
    raise AssertionError(f"the run ended before it said {text!r}")


def say(process: "subprocess.Popen[str]", text: str) -> None:
    assert process.stdin is not None
    process.stdin.write(f"{text}\n")
    process.stdin.flush()


@pytest.mark.parametrize("kill_at", [1, 2, 4])
@pytest.mark.parametrize("workers", [1, 2])
def test_killed_and_gone_on_with(
    tmp_path: Path, content: Path, expected: set[tuple[str, str, str]], kill_at: int, workers: int
):
    folder = RunFolder(tmp_path / "killed")
    with driver(folder.path, content, workers) as process:
        for evaluation in range(1, kill_at + 1):
            read_until(process, f"judging {evaluation}" if workers == 1 else "judging")
            if evaluation < kill_at:
                say(process, "next")
        process.kill()
    committed = verdicts(read_events(folder.events))
    bought = [event for event in read_events(folder.events) if event.type is EventType.REPLY_RECEIVED]
    judge = FakeJudge()
    assert go(content, folder, judge).finished
    events = read_events(folder.events)
    assert verdicts(events) == expected
    assert len(judge.judged) == len(expected) - len(committed)
    nodes = Counter(event.node for event in events if event.type is EventType.REPLY_RECEIVED)
    assert set(nodes.values()) == {1}
    assert len(nodes) == len(expected)
    assert all(nodes[event.node] == 1 for event in bought)


def test_ctrl_c_finishes_what_is_being_judged(tmp_path: Path, content: Path, expected: set[tuple[str, str, str]]):
    folder = RunFolder(tmp_path / "interrupted")
    with driver(folder.path, content) as process:
        read_until(process, "judging 1")
        process.send_signal(signal.SIGINT)
        read_until(process, "stopping")
        say(process, "next")
        assert read_until(process, "outcome") == "outcome interrupted=True failure=None\n"
    assert process.returncode == 0
    assert len(verdicts(read_events(folder.events))) == 1
    with driver(folder.path, content) as process:
        read_until(process, "judging 1")
        say(process, "go")
        read_until(process, "outcome interrupted=False")
    assert verdicts(read_events(folder.events)) == expected
    assert Counter(e.type for e in read_events(folder.events))[EventType.RUN_RESUMED] == 1


def test_a_second_ctrl_c_ends_at_once(tmp_path: Path, content: Path):
    folder = RunFolder(tmp_path / "interrupted")
    with driver(folder.path, content) as process:
        read_until(process, "judging 1")
        process.send_signal(signal.SIGINT)
        read_until(process, "stopping")
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) == -signal.SIGINT
    read_events(folder.events)


def test_two_processes_do_not_write_one_run(tmp_path: Path, content: Path):
    folder = new_run(tmp_path, content)
    with EventLog(folder.events), pytest.raises(Exception, match="is being written by another process"):
        go(content, folder, FakeJudge())


def test_a_plan_counts_at_most(content: Path):
    prepared = prepared_for(content, make_request(samples=2))
    chars = dict.fromkeys(PROBLEMS, 4_000)
    plan = make_plan(prepared.config, prepared.problems, prepared.strategy, chars)
    assert [task.id for task in plan.tasks[:4]] == ["level1/23#0", "level1/36#0", "level2/86#0", "level1/23#1"]
    assert plan.max_calls == 6 * 4  # refine has four turns
    assert plan.input_tokens == 24 * 1_000
    assert plan.max_output_tokens == 24 * 16_384
    assert plan.max_cost_usd == 0
    unknown = prepared.config.model_copy(update={"model": "openai/x"})
    assert make_plan(unknown, [make_problem()], prepared.strategy, chars).max_cost_usd is None


def test_the_local_executor_is_a_context():
    with pytest.raises(RuntimeError):
        LocalExecutor(make_request().eval_options(), Path(os.devnull)).evaluate(make_problem(), None)  # type: ignore[arg-type]


def test_a_strategy_that_names_its_models_asks_them_and_not_the_runs_own(tmp_path: Path, content: Path):
    refine = (content / "agents" / "refine.toml").read_text()
    (content / "agents" / "routed.toml").write_text(refine + '\n[router]\nmodels = ["recorded/quickstart"]\n')
    # The run's own model has no key: nobody may find that out.
    config = make_request(agent="routed", model="openai/nobody", suite=PROBLEMS[0], problems=[PROBLEMS[0]])
    folder = new_run(tmp_path, content, config)
    assert go(content, folder, FakeJudge(), config=config).finished
    attempts = [event.attempt for event in read_events(folder.events) if event.attempt]
    assert [attempt.model for attempt in attempts] == ["recorded/quickstart"] * len(REPLIES)
    assert prepared_for(content, config).plan().max_cost_usd == 0
