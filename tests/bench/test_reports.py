"""The benchmarks' own arithmetic: what they conclude from times and events is worked out here by hand. Nothing is timed."""

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from harness.models import Attempt, Event, EventType, Measurement, Status
from harness.suite import load_problem, select
from tests.bench import __main__ as bench
from tests.bench import aa, planted, share, stopping
from tests.fakes import make_verdict


def recorded(ratio: float, noise: float, pairs: int = 100) -> Measurement:
    """A hundred pairs in blocks of five, each time off by `noise`."""
    random = np.random.default_rng(3)
    reference, candidate = (1e7 * np.exp(random.normal(0, noise, pairs)) for _ in range(2))
    return Measurement(
        candidate_ns=(candidate / ratio).astype(int).tolist(),
        reference_ns=reference.astype(int).tolist(),
        candidate_worker_ns=[0] * pairs,
        block=[i // 5 for i in range(pairs)],
        doorbell_ns=1,
        threads=1,
    )


def test_quiet_times_stop_at_the_fewest_pairs() -> None:
    found = stopping.replay(recorded(1.2, 0.001), stopping.REPLAY)
    assert (found["pairs"], found["reason"], found["share"]) == (20, "interval", 0.2)  # four blocks of five
    assert found["width"] <= 0.15
    assert found["fixed_median"] == pytest.approx(1.2, rel=0.01)


def test_noisy_times_take_all_of_them() -> None:
    found = stopping.replay(recorded(1.0, 0.4), stopping.REPLAY)
    assert (found["pairs"], found["reason"]) == (100, "trials")
    assert found["width"] == found["fixed_width"] > 0.05


def test_a_replay_stops_between_blocks_only() -> None:
    found = stopping.replay(recorded(1.0, 0.03), stopping.REPLAY)
    assert 20 < found["pairs"] < 100
    assert found["pairs"] % 5 == 0
    assert found["pairs_to_fixed_width"] >= found["pairs"]


def test_the_shipped_replies_are_candidates_as_well() -> None:
    found = dict(stopping.candidates(load_problem("level1/23")))
    assert found["reference"].entry == "Model"
    assert "load_inline" in found["reply"].source


def test_a_line_through_times_is_found_beside_outliers() -> None:
    points = [(passes, 1000.0 * passes + 500) for passes in (32, 40, 42, 48, 80)]
    assert planted.fit(points) == {"pass_ns": 1000.0, "call_ns": 500.0}
    fitted = planted.fit([*points, (40, 9e6)])
    assert fitted is not None
    assert fitted["pass_ns"] == pytest.approx(1000.0, rel=0.1)
    assert planted.fit(points[:1]) is None


def test_what_is_planted_is_right_whatever_the_passes() -> None:
    torch = pytest.importorskip("torch")
    outputs = []
    for name, source in (("Model", planted.problem(3).source), ("ModelNew", planted.kernel(2).source)):
        space: dict[str, Any] = {}
        exec(source, space)
        outputs.append(space[name]()(torch.arange(planted.SIZE**2, dtype=torch.float32).view(planted.SIZE, -1)))
    assert torch.equal(*outputs)


def test_the_shares_of_a_run_add_up() -> None:
    second = 1_000_000_000
    stages = {
        "reference": 1,
        "load": 4,
        "oracle": 1,
        "judge": 6,
        "build": 3,
        "candidate_calls": 2,
        "reference_calls": 2,
    }
    verdict = make_verdict(Status.CORRECT, 1.5).model_copy(
        update={"stage_ns": {k: v * second for k, v in stages.items()}}
    )
    attempt = Attempt(
        node="a", problem_id="level1/23", sample=0, turn=0, prompt_sha256="p", reply_sha256="r", verdict=verdict
    )
    events = [
        Event(type=EventType.NODE_RESERVED, time_unix_ns=12 * second),
        Event(type=EventType.NODE_COMMITTED, attempt=attempt),
        Event(type=EventType.NODE_COMMITTED, attempt=attempt.model_copy(update={"duplicate_of": "a"})),
    ]
    found = share.account(events, 10 * second, 20.0)
    assert found["attempts"] == 1
    assert found["own_share"] == pytest.approx((20 - 7) / 20)
    assert found["own_share_of_verdicts"] == pytest.approx((12 - 7) / 12)
    assert found["seconds"]["start"] == pytest.approx(2)
    assert found["seconds"]["between verdicts"] == pytest.approx(20 - 2 - 12)


def test_twenty_problems_are_asked() -> None:
    assert len(select(aa.PROBLEMS)) == 20


def test_a_neighbour_ends_with_its_block() -> None:
    with aa.neighbour():
        pass  # it is killed and waited for: a process that is left would make this hang


class Growing:
    """A benchmark of two steps that dies in the second unless it may go on from the first."""

    NAME, REPEATS = "growing", 1

    @staticmethod
    def measure(repeats: int, *, done: dict[str, Any] | None, keep: Any) -> dict[str, Any]:
        found = [*(done or {"rows": []})["rows"], repeats]
        keep({"rows": found})
        if len(found) < 2:
            raise RuntimeError("cut short")
        return {"rows": found}

    @staticmethod
    def rows(result: dict[str, Any]) -> list[tuple[str, ...]]:
        return [("growing",), *((str(row),) for row in result["rows"])]


def test_a_report_that_was_cut_short_is_gone_on_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench, "ROOT", tmp_path)
    monkeypatch.setattr(bench, "BENCHMARKS", {"growing": Growing})
    monkeypatch.setattr(sys, "argv", ["bench"])
    assert bench.main() == 3
    (path,) = (tmp_path / "results" / "bench").iterdir()
    assert json.loads(path.read_text())["growing"] == {"rows": [1], "failed": "RuntimeError: cut short"}
    monkeypatch.setattr(sys, "argv", ["bench", "--resume", str(path), "--repeats", "2"])
    assert bench.main() == 0
    assert json.loads(path.read_text())["growing"] == {"rows": [1, 2]}
