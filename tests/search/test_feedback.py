"""Feedback: every class of verdict has one, it is bounded, and it keeps what must stay secret."""

import re

import pytest

from harness.judge import tolerance
from harness.judge.integrity import LATE_CPU_NS
from harness.judge.variations import VARIATIONS
from harness.models import ErrorStats, Evidence, Stage, Status, Verdict
from harness.search import PromptLibrary, mismatch
from harness.search.feedback import FACT_CHARS, LOG_CHARS, Feedback, clean, feedback
from harness.search.sections import arrange
from harness.search.speed import Measured, Profile
from harness.search.tokens import clip, estimate_tokens
from harness.suite import content_root, load_problem, unseen_workloads
from tests.fakes import make_roofline, make_verdict

SOURCE = "\n".join(f"line {number} of the kernel" for number in range(1, 40))
LIBRARY = PromptLibrary(content_root() / "agents" / "prompts")


def with_evidence(status: Status, **fields: str) -> Verdict:
    return make_verdict(status).model_copy(update={"evidence": Evidence(**{"what": "something", **fields})})


def rendered(told: Feedback) -> str:
    """The section as a model reads it."""
    variables = {"feedback": told, "parent": {"number": "1", "source": SOURCE}}
    return LIBRARY.render(arrange(("feedback",)), "cpp", variables).messages[0].text


def texts(told: Feedback) -> list[str]:
    return [told.headline, told.log, told.excerpt, told.advice, *(value for _, value in told.facts)]


@pytest.mark.parametrize("status", list(Status))
def test_every_status_has_bounded_feedback(status: Status):
    long = "x" * 100_000
    verdict = with_evidence(status, what=long, where=long, expected=long, got=long, log=long)
    told = feedback(verdict, SOURCE)
    assert told.advice
    # Each cut leaves a remark of some 40 characters behind.
    assert sum(map(len, texts(told))) <= LOG_CHARS + 4 * FACT_CHARS + 400


@pytest.mark.parametrize("status", list(Status))
@pytest.mark.parametrize("limit", [500, 1000, 2000])
def test_a_record_keeps_to_its_tokens(status: Status, limit: int):
    long = "candidate.py:3: error: some words, " * 1000
    verdict = with_evidence(status, what=long, where=long, expected=long, got=long, log=long)
    assert estimate_tokens(rendered(feedback(verdict, SOURCE, None, limit))) <= limit


SECRET = {
    "seed": "seed 8675309",
    "threshold": "12.7 times the tolerance",
    "budget": f"within {tolerance.K:g} times the budget",
    "detector": f"under {LATE_CPU_NS / 1e6:g} ms of CPU time after the answer",
    "isolation": "the worker's own clock claims 0.1 ms where the judge's saw 3.2 ms",
}
FORBIDDEN = re.compile(r"\bseed|toleran|\bunseen\b|held.out|8675309|12\.7|CPU time|own clock|\bprobe", re.IGNORECASE)


def as_the_judge_says_it(status: Status, variation: str) -> Verdict:
    """A verdict whose evidence holds everything that the judge may write down about such a failure."""
    place = f"output 0, index [3, 996]; 12 of 2991 elements; inputs {variation}"
    words = {
        "what": f"the largest error is 0.31, {SECRET['threshold']} ({SECRET['seed']})",
        "where": place,
        "expected": f"{SECRET['budget']}; {SECRET['detector']}",
        "got": SECRET["isolation"],
        "log": "",
    }
    if status is Status.CORRECT:
        words["what"] = f"46 calls; the worst used 12.7% of its tolerance (inputs as published, {variation})"
    if status is Status.INPUT_MUTATED:
        words |= {"where": f"input 1, element 9 in memory, call 7, inputs {variation}", "expected": "1.0", "got": "2.0"}
    if status in (Status.VALUE_MISMATCH, Status.NONFINITE, Status.NONDETERMINISTIC):
        words |= {"expected": "0.25", "got": "0.5"}
    verdict = make_verdict(status).model_copy(update={"evidence": Evidence(**words), "notes": [SECRET["isolation"]]})
    return verdict.model_copy(update={"error": ErrorStats(max_abs=0.31, worst_ratio=12.7, reference_max_abs=1e-7)})


@pytest.mark.parametrize("variation", sorted(VARIATIONS))
@pytest.mark.parametrize(
    "status",
    [
        *(Status.VALUE_MISMATCH, Status.NONFINITE, Status.NONDETERMINISTIC, Status.INPUT_MUTATED),
        *(Status.INCONCLUSIVE, Status.INFRA_ERROR, Status.CORRECT),
    ],
)
def test_seeds_thresholds_and_what_the_judge_draws_are_not_told(status: Status, variation: str):
    text = rendered(feedback(as_the_judge_says_it(status, variation), SOURCE))
    assert not FORBIDDEN.search(text), text
    assert variation not in text


def test_of_a_violation_only_the_invariant_is_told():
    verdict = with_evidence(
        Status.INTEGRITY_VIOLATION,
        what="the worker goes on computing after it has answered",
        where="output 0, index [3]; 1 of 9 elements; inputs with outliers",
        expected=SECRET["detector"],
        got="3.1 ms, in 3 calls",
        log="seed 8675309",
    )
    told = feedback(verdict, SOURCE)
    assert told.headline == "the worker goes on computing after it has answered"
    assert not told.facts
    assert not FORBIDDEN.search(rendered(told))


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.CORRECT])
def test_sizes_that_are_not_shown_stay_hidden(status: Status):
    problem = load_problem("level1/23")
    assert problem.unseen, "the problem has such sizes"
    name = ", ".join(f"{key}={value}" for key, value in problem.unseen[0].items())
    shapes = re.findall(r"\d+", name)
    evidence = Evidence(
        what=f"wrong at unseen sizes: {name}",
        where=f"output 0, index [{shapes[0]}]; 3 of 9 elements; inputs as published",
        expected=f"[{', '.join(shapes)}]",
        got=f"[{', '.join(shapes)}]",
        log=f"candidate.py:4: expected {name}",
    )
    verdict = make_verdict(status, stage=Stage.CORRECTNESS).model_copy(
        update={"evidence": evidence, "unseen": {name: status}}
    )
    told = feedback(verdict, SOURCE)
    assert "other sizes of the same contract" in told.headline
    shown = rendered(told)
    assert name not in shown
    assert "unseen" not in shown
    assert not [size for size in shapes if re.search(rf"\b{size}\b", shown.replace("attempt 1", ""))]
    assert len(unseen_workloads(problem)) == len(problem.unseen)


@pytest.mark.parametrize("where", ["candidate.py:12", "candidate line 12, column 3", "candidate.py:12 in forward"])
def test_a_build_error_shows_the_line_and_both_ends_of_the_log(where: str):
    log = "first error\n" + "noise\n" * 5_000 + "last words"
    told = feedback(with_evidence(Status.BUILD_ERROR, where=where, log=log), SOURCE)
    assert "> " + "  12 | line 12 of the kernel" in told.excerpt
    assert "line 10 of" in told.excerpt
    assert "line 15 of" not in told.excerpt
    assert told.log.startswith("first error")
    assert told.log.endswith("last words")


def test_a_log_is_rid_of_paths_back_traces_and_arguments():
    log = (
        "In file included from /usr/lib/python3/torch/include/ATen/core.h:3,\n"
        "candidate.py:9: error: no matching function\n"
        "    x.at(i)\n"
        "/opt/env/lib/torch/include/ATen/Tensor.h:12: note: candidate expects 2 arguments\n"
        "required from 'void f() [with T = float]'\n"
        "TypeError: f(): incompatible function arguments\n"
        "Invoked with: tensor([[1.0, 2.0]])\n"
    )
    told = clean(log)
    assert "candidate.py:9: error: no matching function\n    x.at(i)" in told
    for noise in ("/opt", "/usr", "required from", "tensor([["):
        assert noise not in told
    assert clean("a / b and x/y stay") == "a / b and x/y stay"


def test_a_mismatch_shows_values_where_and_on_what():
    verdict = with_evidence(
        Status.VALUE_MISMATCH,
        where="output 0, index [3, 7]; 8 of 64 elements; inputs with outliers",
        expected="0.25",
        got="0",
        log="secret",
    )
    verdict = verdict.model_copy(update={"error": ErrorStats(max_abs=0.25, worst_ratio=999.0, reference_max_abs=3e-8)})
    told = feedback(verdict, SOURCE, Measured(output_shapes=((8, 8),)))
    assert (
        told.headline
        == "Values differ from the reference by up to 0.25; float32 arithmetic itself costs the reference 3e-08."
    )
    assert dict(told.facts) == {
        "where": "output 0, worst at index [3, 7]",
        "how much": "8 of 64 elements are wrong (12.5%)",
        "on": "other values of the same contract",
        "expected": "0.25",
        "got": "0",
        "pattern": "as many elements as 1 whole slice along dimension 0; "
        "the worst is the last along dimension 1: a remainder after the last full tile?",
    }
    assert told.log == ""


def test_a_mismatch_in_the_first_call_of_all_has_its_size():
    what = "the largest error is 2.58, 3.83e+05 times the tolerance"
    told = feedback(with_evidence(Status.VALUE_MISMATCH, what=what), SOURCE)
    assert told.headline == "Values differ from the reference by up to 2.58."


@pytest.mark.parametrize(
    ("shape", "index", "wrong", "said"),
    [
        ((4, 9), (1, 1), 36, "every element"),
        ((4, 9), (1, 1), 1, "a single element"),
        ((4, 9), (3, 2), 9, "1 whole slice along dimension 0; the worst is the last along dimension 0"),
        ((4, 9), (2, 8), 8, "2 whole slices along dimension 1; the worst is the last along dimension 1"),
        ((4, 9), (1, 1), 5, ""),
        ((), (1, 1), 5, ""),
    ],
)
def test_region_patterns(shape: tuple[int, ...], index: tuple[int, ...], wrong: int, said: str):
    found = mismatch.region(shape, index, wrong, 36)
    assert found.startswith(said) if said.startswith(("every", "a single")) else said in found
    assert bool(found) == bool(said)


@pytest.mark.parametrize(
    ("speed", "low", "high", "said"),
    [(1.5, 1.4, 1.6, "1.50 times as fast"), (0.5, 0.4, 0.6, "slower"), (1.02, 0.98, 1.06, "about as fast")],
)
def test_speed_is_told_as_far_as_its_interval_allows(speed: float, low: float, high: float, said: str):
    told = feedback(make_verdict(Status.CORRECT, speed, low, high), SOURCE)
    assert said in told.headline
    assert dict(told.facts)["your time"] == "1.000 ms"


def test_a_slow_kernel_is_told_its_share_of_the_roofline_and_where_the_time_goes():
    measured = Measured(
        traffic_bytes=5_000_000,  # at 1 ms: 5 GB/s
        flops=1_000_000,
        profile=Profile("perf", (("memcpy", 0.1), ("expf", 0.8)), {"registers": "40", "spills": "0 bytes"}),
        parent=("1", 0.25),
        best=("2", 1.0),
    )
    roofline = make_roofline(0.5, 250_000)
    told = feedback(make_verdict(Status.CORRECT, 0.5).model_copy(update={"roofline": roofline}), SOURCE, measured)
    facts = dict(told.facts)
    assert facts["memory"] == "moves 5 MB at least: 5 GB/s at your time"
    assert facts["arithmetic"] == "0.001 GFLOP: 1 GFLOP/s at your time"
    assert facts["roofline"] == "memory allows 0.250 ms; you reach 25% of that, the reference 50%"
    assert facts["against its predecessor"] == "2.00 times as fast as attempt 1"
    assert facts["against the best so far"] == "0.50 times as fast as attempt 2"
    assert told.operations == ("80% expf", "10% memcpy", "registers: 40", "spills: 0 bytes")
    assert "Where the time goes (perf):" in rendered(told)


@pytest.mark.parametrize(
    ("speed", "sol_ns", "is_done"),
    [
        (2.0, 975_000, True),  # 0.975 ms of 1 ms
        (2.0, 900_000, False),
        (2.0, 3_000_000, False),  # it goes far beyond the bound, which says nothing then
        (0.5, 975_000, False),  # eager's 0.5 ms do
    ],
)
def test_at_the_roofline_there_is_nothing_left_to_ask_for(speed: float, sol_ns: int, is_done: bool):
    verdict = make_verdict(Status.CORRECT, speed).model_copy(update={"roofline": make_roofline(speed, sol_ns)})
    told = feedback(verdict, SOURCE)
    assert ("nothing left to gain" in told.advice) == is_done
    assert ("less is to be done" in dict(told.facts)["roofline"]) == (sol_ns > 2_000_000 or speed < 1)
    assert "nothing left" not in feedback(make_verdict(Status.CORRECT, speed), SOURCE).advice


def test_a_repeated_attempt_is_said_to_be_one():
    told = feedback(make_verdict(Status.BUILD_ERROR), SOURCE, Measured(same_as="2"))
    assert dict(told.facts)["note"].startswith("this is attempt 2 again")


def test_notes_of_the_static_rules_are_told_and_those_of_the_clock_are_not():
    notes = ["candidate.py:4: calls torch.compile, which is not a kernel of its own", SECRET["isolation"]]
    told = feedback(make_verdict(Status.CORRECT, 1.1).model_copy(update={"notes": notes}), SOURCE)
    assert [value for name, value in told.facts if name == "note"] == notes[:1]


def test_clip_keeps_short_text():
    assert clip("  short ", 10) == "short"
