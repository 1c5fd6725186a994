"""A verdict: what the judge decided on one candidate, and why."""

from enum import StrEnum

from pydantic import Field, model_validator

from harness.models.base import SCHEMA_VERSION, Record
from harness.models.kernel import Finding, KernelProfile, RooflineEstimate, StaticFacts
from harness.models.measurement import Measurement, Speedup
from harness.models.problem import Tier
from harness.models.profile import ProfileReport
from harness.models.roofline import Roofline

TIMED_DEVICES = frozenset({"cpu", "cuda", "rocm"})
"""Devices whose times are a kernel's own."""


class Status(StrEnum):
    """The outcome of judging. Exactly one of these is success."""

    NO_CODE = "no_code"
    """There was no complete code block, or it was empty."""
    RULE_VIOLATION = "rule_violation"
    """A static rule says that this is not a kernel."""
    BUILD_ERROR = "build_error"
    """The Python or C++ source does not compile."""
    LOAD_ERROR = "load_error"
    """Importing the module, constructing `ModelNew` or loading the weights failed."""
    RUNTIME_ERROR = "runtime_error"
    """A call raised, or the process died."""
    TIMEOUT = "timeout"
    """Build, load or a call ran past its wall-clock limit."""
    OUT_OF_MEMORY = "out_of_memory"
    """It asked for more memory than its limit."""
    SHAPE_MISMATCH = "shape_mismatch"
    """Structure or shape of the output differs."""
    DTYPE_MISMATCH = "dtype_mismatch"
    """The output has another dtype."""
    NONFINITE = "nonfinite"
    """NaN or infinity where the reference has a number, or the other way round."""
    VALUE_MISMATCH = "value_mismatch"
    """A value is further from float64 than the tolerance allows."""
    NONDETERMINISTIC = "nondeterministic"
    """The same inputs gave a right and a wrong output."""
    INPUT_MUTATED = "input_mutated"
    """It wrote to its inputs."""
    INTEGRITY_VIOLATION = "integrity_violation"
    """It broke the protocol: late or stale outputs, forged messages, impossible times."""
    CORRECT = "correct"
    """Every output of every call was right."""
    INCONCLUSIVE = "inconclusive"
    """Right, but this machine could not time it within budget."""
    INFRA_ERROR = "infra_error"
    """The harness or the machine failed. Never charged to the candidate."""


class Stage(StrEnum):
    """How far judging came. The verdict's status says what ended it."""

    PARSE = "parse"
    """Reading the source."""
    BUILD = "build"
    """Compiling."""
    LOAD = "load"
    """Importing, constructing, loading weights."""
    CORRECTNESS = "correctness"
    """Calls whose outputs were compared, before the first counted pair."""
    TIMING = "timing"
    """Calls that were timed; their outputs were compared too."""
    DONE = "done"
    """Everything ran."""


class Cause(StrEnum):
    """Why a value is further from float64 than the tolerance allows."""

    PRECISION = "precision"
    """The errors are those of bfloat16, float16 or TF32 where the problem computes in float32."""
    WRONG = "wrong"
    """Anything else: another answer."""


class Evidence(Record):
    """Why the verdict is what it is, in words and numbers that can be checked."""

    what: str
    """One sentence: what was found."""
    where: str | None = None
    """Place: a line of the candidate, an output and index, a call."""
    expected: str | None = None
    """What should have been there."""
    got: str | None = None
    """What was there."""
    cause: Cause | None = None
    """Of a `value_mismatch`: what kind of error it is."""
    log: str | None = None
    """Bounded tail of compiler output, traceback or standard streams. Never parsed."""


class Grade(StrEnum):
    """Strength of the confinement that the candidate ran in."""

    A = "A"
    """All namespaces, own uid, minimal read-only root, landlock, seccomp, limits."""
    B = "B"
    """As A, under the user's own uid (an unprivileged user)."""
    C = "C"
    """Landlock and seccomp, no namespaces."""
    D = "D"
    """One of landlock and seccomp."""
    F = "F"
    """Limits only."""


class Isolation(Record):
    """What confined the candidate."""

    grade: Grade
    """The grade as a letter."""
    layers: list[str]
    """The layers that were applied, for example `seccomp`."""
    missing: list[str] = Field(default_factory=list)
    """Layers that this machine did not offer, each with the reason."""


class ErrorStats(Record):
    """Distance of an output from the float64 evaluation, and what was allowed."""

    max_abs: float
    """Largest absolute error over all compared values."""
    worst_ratio: float
    """Largest error divided by its budget; above 1 is a mismatch."""
    reference_max_abs: float
    """Largest absolute error of the float32 reference itself."""


class Verdict(Record):
    """The judge's decision on one candidate."""

    schema_version: int = SCHEMA_VERSION
    """Version of this record."""
    status: Status
    """The outcome."""
    stage: Stage
    """How far it came."""
    problem_id: str
    """Problem that was answered."""
    tier: Tier
    """Sizes that it was graded on."""
    language: str = "cpp"
    """Kernel language of the candidate."""
    device: str = "cpu"
    """Where it ran: `cpu` and `cuda` are timed; `emulated` (CUDA) and `interpreter` (Triton) tell only right from wrong."""
    candidate_sha256: str
    """Digest of the candidate's source."""
    workload_sha256: str
    """Digest of the graded problem text."""
    evidence: Evidence
    """Why."""
    speedup: Speedup | None = None
    """Against the baseline; only a correct candidate has one."""
    baseline: str = "eager"
    """What the speedup is relative to."""
    measurement: Measurement | None = None
    """Raw times behind the speedup."""
    roofline: Roofline | None = None
    """How far candidate and baseline are from what this machine can do; null where peaks or times are not known."""
    upstream_correct: bool | None = None
    """KernelBench's own rule on the same outputs (allclose, 1e-4 for float32); null if no output was compared."""
    upstream_v0_correct: bool | None = None
    """KernelBench's rule until November 2025 (allclose, 1e-2), on the same outputs."""
    error: ErrorStats | None = None
    """Numerical distance, over all compared calls."""
    weights: str = "none"
    """`loaded` (the reference's state was copied), `seeded` (names or shapes differ), or `none` (no state)."""
    calls_compared: int = 0
    """Calls whose outputs were compared in full."""
    unseen: dict[str, Status] = Field(default_factory=dict)
    """Sizes that were never shown -> what the same candidate came to on them; asked only with `strict_shapes`."""
    isolation: Isolation | None = None
    """Confinement of the candidate."""
    findings: list[Finding] = Field(default_factory=list)
    """Mistakes that hardware would not report, seen by the emulation's or interpreter's checks."""
    kernels: list[KernelProfile] = Field(default_factory=list)
    """Kernels as launched by one call, with counters where they were taken."""
    static: list[StaticFacts] = Field(default_factory=list)
    """What named chips' compilers decided; empty without their toolchain."""
    estimates: list[RooflineEstimate] = Field(default_factory=list)
    """What named GPUs could do at best, from the counters. Estimates, never a score."""
    profile: ProfileReport | None = None
    """Where the time goes, where that was asked for. Decides nothing."""
    environment: dict[str, str] = Field(default_factory=dict)
    """Fingerprint: CPU, torch, compiler, harness, threads."""
    stage_ns: dict[str, int] = Field(default_factory=dict)
    """Wall time of each stage, for finding where time goes."""
    notes: list[str] = Field(default_factory=list)
    """Advice that does not decide: static rules, dropped log bytes."""

    @property
    def correct(self) -> bool:
        """Whether the candidate does the problem's work."""
        return self.status is Status.CORRECT

    @property
    def timed_device(self) -> bool:
        """Whether times on its device mean anything. `fast_p` counts nothing else."""
        return self.device in TIMED_DEVICES

    @property
    def outcome(self) -> str:
        """The status for people; a correct kernel that did not run on its own hardware says so: `correct (emulated)`."""
        shown = {"emulated": "emulated", "interpreter": "interpreted"}.get(self.device)
        return f"{self.status} ({shown})" if shown and self.correct else str(self.status)

    @model_validator(mode="after")
    def _status_needs_its_evidence(self) -> "Verdict":
        if self.speedup is not None and not self.timed_device:
            raise ValueError(f"a verdict from device {self.device} cannot carry a speedup")
        if self.roofline is not None and self.speedup is None:
            raise ValueError("a roofline says how fast something is: without a speedup there is none")
        if self.speedup is not None and self.status is not Status.CORRECT:
            raise ValueError(f"a verdict of {self.status} cannot carry a speedup")
        if (self.speedup is None) != (self.measurement is None) and self.status is Status.CORRECT:
            raise ValueError("a speedup needs its measurement, and a measurement gives a speedup")
        return self
