"""The report: the same numbers in the table and in the JSON, honest about what is slower, failed or not done."""

import io
import json
from pathlib import Path

import pytest
from rich.console import Console

from harness.models import Attempt, Event, EventType, RunConfig, Status, Usage, Verdict
from harness.report import RunReport, show, summarise
from harness.store import Artifacts, EventLog, RunFolder, write_config
from tests.fakes import make_roofline, make_verdict

NAMES = {"level1/23": "Softmax", "level1/36": "RMSNorm", "level2/86": "Matmul_Divide_GELU", "level3/1": "MLP"}


def write_run(runs_dir: Path, tasks: dict[str, list[Verdict]], unfinished: int = 0, **config: object) -> RunFolder:
    """A run whose tasks got those verdicts; the last `unfinished` ones never ended."""
    folder = RunFolder.create(runs_dir, "test")
    request = RunConfig(suite=",".join(tasks), problems=list(tasks)).model_copy(update=config)
    write_config(folder.config, request)
    artifacts = Artifacts(folder.artifacts)
    with EventLog(folder.events) as log:
        log.append(Event(type=EventType.RUN_STARTED))
        for index, (problem, verdicts) in enumerate(tasks.items()):
            task = f"{problem}#0"
            for turn, verdict in enumerate(verdicts):
                node, digest = f"{task}.{turn}", artifacts.put(f"{problem} {turn}".encode())
                log.append(Event(type=EventType.NODE_RESERVED, task=task, node=node))
                log.append(
                    Event(
                        type=EventType.REPLY_RECEIVED,
                        task=task,
                        node=node,
                        prompt_sha256="p",
                        reply_sha256="r",
                        usage=Usage(input_uncached=1_000, output=100),
                        cost_usd=0.5,
                    )
                )
                attempt = Attempt(
                    node=node,
                    problem_id=problem,
                    sample=0,
                    turn=turn,
                    prompt_sha256="p",
                    reply_sha256="r",
                    candidate_sha256=digest,
                    verdict=verdict.model_copy(update={"problem_id": problem}),
                )
                log.append(Event(type=EventType.NODE_COMMITTED, task=task, node=node, attempt=attempt))
            if index < len(tasks) - unfinished:
                log.append(Event(type=EventType.TASK_FINISHED, task=task, reason="done"))
    return folder


def text_of(report: RunReport, width: int = 160) -> str:
    file = io.StringIO()
    show(report, Console(file=file, width=width))
    return file.getvalue()


def cells(text: str, row: str) -> list[str]:
    """The cells of a row of the scores."""
    (line,) = [line for line in text.splitlines() if line.strip().startswith(row)]
    return line.partition(row)[2].split()


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    return write_run(
        tmp_path,
        {
            "level1/23": [make_verdict(Status.BUILD_ERROR), make_verdict(speed=1.5), make_verdict(speed=1.2)],
            "level1/36": [make_verdict(speed=0.4)],
            "level2/86": [make_verdict(Status.VALUE_MISMATCH)],
            "level3/1": [make_verdict(speed=1.01, low=0.97, high=1.06)],
        },
    )


def test_the_table_says_what_happened(folder: RunFolder):
    lines = text_of(summarise(folder, NAMES)).splitlines()
    row = {problem: next(line for line in lines if problem in line and "│" in line) for problem in NAMES}
    assert "1.50 [1.42, 1.58]" in row["level1/23"]
    assert "faster than eager (build_error > correct > correct)" in row["level1/23"]
    assert "0.40 [0.38, 0.42]" in row["level1/36"]
    assert "slower than eager" in row["level1/36"]
    assert "line 2: it is value_mismatch" in row["level2/86"]
    assert "no difference to eager" in row["level3/1"]


def test_scores_caption_and_next_command(folder: RunFolder):
    text = text_of(summarise(folder, NAMES))
    #                        p = 0   0.5    0.8    1      1.5 (strictly above) 2
    assert cells(text, "fast_p: correct, speedup above p") == ["0.75", "0.50", "0.50", "0.50", "0.00", "0.00"]
    assert cells(text, "tasks with the whole interval above p") == ["3", "2", "2", "1", "0", "0"]
    # Resampled, 3 of 4 tasks are 1 to 4 of them in 19 of 20 draws; Wilson's interval of none of 4 goes up to 0.49.
    ends = cells(text, "95 % interval of fast_p")
    assert (ends[0], ends[1], ends[5]) == ("0.25-1.00", "0.00-1.00", "0.00-0.49")
    assert "3 of 4 correct; geometric mean speedup of the correct ones 0.85" in text  # (1.5 * 0.4 * 1.01) ** (1/3)
    caption = " ".join(text.split())
    assert "tier cpu, 1 thread, against eager PyTorch, cold cache, isolation B, doorbell 7 µs" in caption
    assert "no model's score" in text
    assert f"run   {folder.path}\n" in text


def test_the_next_command_is_whole_on_a_narrow_terminal(folder: RunFolder):
    report = summarise(folder, NAMES)
    best = report.rows[0].best
    assert best is not None
    command = f"next  harness eval level1/23 {folder.artifact(best.candidate_sha256 or '')} --tier cpu\n"
    assert command in text_of(report, width=60)
    assert folder.artifact(best.candidate_sha256 or "").read_text() == "level1/23 1"


def test_json_has_the_tables_numbers(folder: RunFolder):
    data = json.loads(json.dumps(summarise(folder, NAMES).to_json()))
    assert data["score"]["fast_p"] == {"0": 0.75, "0.5": 0.5, "0.8": 0.5, "1": 0.5, "1.5": 0.0, "2": 0.0}
    assert data["score"]["confident"]["1"] == 1
    assert data["score"]["counted_by"] == "median"
    assert all(
        data["score"]["fast_p_interval"][p]["low"] <= share <= data["score"]["fast_p_interval"][p]["high"]
        for p, share in data["score"]["fast_p"].items()
    )
    assert data["score"]["geomean_speedup"] == pytest.approx((1.5 * 0.4 * 1.01) ** (1 / 3))
    assert data["doorbell_ns"] == 7_000
    assert data["isolation"] == "B"
    assert data["usage"]["input_uncached"] == 6_000
    assert data["cost_usd"] == 3.0
    softmax = data["tasks"][0]
    assert (softmax["name"], softmax["status"], softmax["attempts"]) == ("Softmax", "correct", 3)
    assert softmax["speedup"] == pytest.approx({"median": 1.5, "low": 1.425, "high": 1.575})
    assert softmax["statuses"] == ["build_error", "correct", "correct"]
    assert Path(softmax["candidate"]).read_text() == "level1/23 1"
    assert data["tasks"][2]["evidence"]["what"] == "it is value_mismatch"


def test_confident_counts_lower_bounds_only(folder: RunFolder):
    report = summarise(folder, NAMES, confident=True)
    assert report.score.fast_p[1.0] == 0.25  # 1.5 alone: the interval of 1.01 reaches below 1
    text = text_of(report)
    assert cells(text, "fast_p: correct, lower bound of the speedup above p")[3] == "0.25"
    assert report.to_json()["score"]["counted_by"] == "lower bound"


def test_an_unfinished_run_says_so(tmp_path: Path):
    folder = write_run(tmp_path, {"level1/23": [make_verdict(speed=1.5)], "level1/36": []}, unfinished=1)
    report = summarise(folder)
    assert report.interrupted
    assert report.score.tasks == 1
    text = text_of(report)
    assert "none yet" in text
    assert f"1 of 2 tasks are not done: harness resume {folder.path}\n" in text


def test_a_run_without_any_verdict_can_be_shown(tmp_path: Path):
    folder = write_run(tmp_path, {"level1/23": []}, unfinished=1)
    assert "of 0 tasks" in text_of(summarise(folder))
    assert summarise(folder).to_json()["score"]["fast_p"] == {}


def test_what_could_not_be_judged_is_counted_apart(tmp_path: Path):
    folder = write_run(
        tmp_path, {"level1/23": [make_verdict(Status.INFRA_ERROR)], "level1/36": [make_verdict(speed=2)]}
    )
    text = text_of(summarise(folder))
    assert "1 of 1 correct" in text
    assert "1 could not be judged and do not count" in text


def test_a_model_with_a_price_shows_tokens_and_cost(tmp_path: Path):
    folder = write_run(tmp_path, {"level1/23": [make_verdict(speed=2)]}, model="openai/x")
    text = text_of(summarise(folder))
    assert "1,000 prompt and 100 output tokens, cost $0.50" in text
    assert "no model's score" not in text


def test_problems_that_are_gone_have_no_name(tmp_path: Path):
    folder = write_run(tmp_path, {"/gone/mine.py": [make_verdict(speed=2)]})
    assert summarise(folder).rows[0].name == ""


def test_the_roofline_is_a_column_and_the_sol_score_a_line(tmp_path: Path):
    half = make_verdict(speed=1.0).model_copy(update={"roofline": make_roofline(1.0, 500_000)})
    most = make_verdict(speed=2.0).model_copy(update={"roofline": make_roofline(2.0, 1_000_000, "compute")})
    wrong = make_verdict(Status.VALUE_MISMATCH)
    report = summarise(write_run(tmp_path, {"level1/23": [half], "level1/36": [most], "level2/86": [wrong]}), NAMES)
    text = text_of(report)
    assert "of roofline" in text
    assert "50% memory" in text
    assert "100% compute" in text
    assert "mean SOL score 0.50 of 3 tasks" in text  # (0.5 + 1 + 0) / 3
    data = json.loads(json.dumps(report.to_json()))
    assert (data["score"]["sol_score"], data["score"]["sol_tasks"]) == (0.5, 3)
    assert [task["sol_score"] for task in data["tasks"]] == [0.5, 1.0, 0.0]
    assert data["tasks"][0]["roofline"]["candidate_share"] == 0.5
    assert data["tasks"][2]["roofline"] is None


def test_without_peaks_there_is_neither(folder: RunFolder):
    report = summarise(folder, NAMES)
    text = text_of(report)
    assert "roofline" not in text
    assert "SOL" not in text
    assert report.to_json()["score"]["sol_score"] is None
