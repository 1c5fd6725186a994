"""A profile in words: the same for every device, the most useful first, and nothing where nothing is known."""

from harness.models import (
    Counter,
    Finding,
    FindingKind,
    FunctionFacts,
    KernelProfile,
    Operator,
    ProfileReport,
    Remark,
    RemarkKind,
    RooflineEstimate,
    StaticFacts,
)
from harness.score import profile, wording
from tests.fakes import make_verdict

KERNEL = KernelProfile(
    kernel="k",
    launches=2,
    grid=(4, 1, 1),
    block=(64, 1, 1),
    counters={"global_load_bytes": 96, "barriers": 3, "fp32": 7},
)
FACTS = StaticFacts(kernel="k(float*)", arch="sm_90", registers=32, spill_store_bytes=8)
MISSED = Remark(file="candidate.py", line=9, kind=RemarkKind.MISSED, reason="its body branches")
REPORT = ProfileReport(
    source="samples",
    operators=[Operator(name="candidate.py:9", share=0.7), Operator(name="libm.so.6", share=0.3)],
    remarks=[
        Remark(file="candidate.py", line=3, kind=RemarkKind.VECTORISED, vector_bytes=32),
        Remark(file="candidate.py", line=5, kind=RemarkKind.MISSED, reason="it strides"),
        MISSED,
    ],
    functions=[
        FunctionFacts(name="checks()", size_bytes=900, instructions={"load": 4}),
        FunctionFacts(
            name="body()",
            where="candidate.py:8",
            size_bytes=100,
            instructions={"packed_fma": 2, "scalar_float": 1, "load": 5, "store": 1},
            vector_bytes=32,
            library_calls={"expf": 1},
            stack_stores=2,
        ),
    ],
    counters=[
        Counter(name="cycles", value=200, unit="cycles"),
        Counter(name="instructions", value=300, unit="instructions"),
        Counter(name="cache-misses", unit="events", reason="not here"),
        Counter(name="branch-misses", unit="events", reason="not here"),
    ],
    notes=["only 5 samples"],
)


def test_where_the_time_goes_decides_which_loop_comes_first():
    told = profile.facts(REPORT)
    assert told[:3] == [
        ("loop at candidate.py:9", "not vectorised: its body branches"),
        ("loop at candidate.py:5", "not vectorised: it strides"),
        ("loop at candidate.py:3", "vectorised, 32 bytes at a time"),
    ]
    assert profile.operators(REPORT) == [("candidate.py:9", 0.7), ("libm.so.6", 0.3)]


def test_code_that_computes_is_told_and_code_that_checks_where_there_is_nothing_else():
    ((body, mix),) = [fact for fact in profile.facts(REPORT) if fact[0].startswith("code of")]
    assert body == "code of body() (candidate.py:8)"
    assert mix == (
        "100 bytes, 2 packed floating-point instructions on vectors of 32 bytes (2 FMA), 1 scalar ones (0 FMA), "
        "5 loads and 1 stores, 2 stores to and 0 loads from the stack (spilled registers or local arrays), calls expf"
    )
    whole_numbers = REPORT.model_copy(update={"functions": REPORT.functions[:1]})
    assert ("code of checks()", "900 bytes, 4 loads and 0 stores") in profile.facts(whole_numbers)


def test_counters_that_are_missing_are_named_with_the_reason():
    told = dict(profile.facts(REPORT))
    assert told["instructions per cycle"] == "1.50"
    assert told["not counted"] == "cache-misses, branch-misses: not here"
    assert told["note"] == "only 5 samples"


def test_a_long_list_of_loops_is_cut():
    many = REPORT.model_copy(update={"remarks": [MISSED.model_copy(update={"line": n}) for n in range(20)]})
    loops = [text for label, text in profile.facts(many) if label.startswith("loop")]
    assert len(loops) == profile.MOST_REMARKS + 1
    assert loops[-1] == "12 more"


def test_emulated_kernels_are_told_by_the_same_words():
    estimates = [
        RooflineEstimate(gpu=gpu, memory_ns=ns, compute_ns=1, bound="memory", efficiency_notes=["uncoalesced"])
        for gpu, ns in (("A100", 4000), ("H100 SXM", 2000))
    ]
    other = FACTS.model_copy(update={"arch": "sm_80"})
    verdict = make_verdict().model_copy(update={"kernels": [KERNEL], "static": [FACTS, other], "estimates": estimates})
    report = profile.whole(verdict)
    assert report is not None
    assert profile.facts(report, ("sm_90",)) == [
        (
            "launch of k",
            "4x1x1 blocks of 64x1x1 threads, 96 bytes of global traffic asked for, 7 float operations, 3 barrier waits, "
            "2 times",
        ),
        ("k(float*) on sm_90", "32 registers, 8 bytes of spills"),
        ("least time on H100 SXM", "2 us, bound by memory (an estimate, not a time)"),
        ("waste 1", "uncoalesced"),
    ]
    assert len(profile.facts(report)) == 5  # both chips


def test_nothing_known_is_no_profile():
    assert profile.whole(make_verdict()) is None


def test_a_finding_has_one_wording():
    race = Finding(
        kind=FindingKind.RACE,
        what="both write",
        kernel="k",
        where="candidate.py:5",
        block=(1, 0, 0),
        thread=(2, 0, 0),
        other_where="candidate.py:6",
        other_block=(1, 0, 0),
        other_thread=(3, 0, 0),
    )
    assert wording.finding(race) == (
        "race in kernel k: both write at candidate.py:5 (block 1,0,0, thread 2,0,0; the other: block 1,0,0, thread 3,0,0, "
        "candidate.py:6)"
    )
    bare = Finding(kind=FindingKind.RESOURCE_LIMIT, what="too many registers", kernel="k")
    assert wording.finding(bare) == "resource limit in kernel k: too many registers"
