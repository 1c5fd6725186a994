"""The persisted types. They import nothing of ours and mean the same in every room."""

from harness.models.aa import AAReading, AAReport, AASummary
from harness.models.base import SCHEMA_VERSION, Record
from harness.models.baseline import Baseline, BaselineConditions, BaselineForm
from harness.models.candidate import Candidate
from harness.models.digest import sha256_hex
from harness.models.kernel import Finding, FindingKind, KernelProfile, Occupancy, RooflineEstimate, StaticFacts
from harness.models.measurement import Conditions, Measurement, Speedup, WarmReading
from harness.models.options import EvalOptions
from harness.models.problem import Problem, Sizes, Tier, Workload
from harness.models.profile import Counter, FunctionFacts, Operator, ProfileReport, Remark, RemarkKind
from harness.models.roofline import Roofline
from harness.models.run import Attempt, Event, EventType, Lock, RunConfig, Usage
from harness.models.text import printable
from harness.models.verdict import TIMED_DEVICES, Cause, ErrorStats, Evidence, Grade, Isolation, Stage, Status, Verdict

__all__ = [
    "SCHEMA_VERSION",
    "TIMED_DEVICES",
    "AAReading",
    "AAReport",
    "AASummary",
    "Attempt",
    "Baseline",
    "BaselineConditions",
    "BaselineForm",
    "Candidate",
    "Cause",
    "Conditions",
    "Counter",
    "ErrorStats",
    "EvalOptions",
    "Event",
    "EventType",
    "Evidence",
    "Finding",
    "FindingKind",
    "FunctionFacts",
    "Grade",
    "Isolation",
    "KernelProfile",
    "Lock",
    "Measurement",
    "Occupancy",
    "Operator",
    "Problem",
    "ProfileReport",
    "Record",
    "Remark",
    "RemarkKind",
    "Roofline",
    "RooflineEstimate",
    "RunConfig",
    "Sizes",
    "Speedup",
    "Stage",
    "StaticFacts",
    "Status",
    "Tier",
    "Usage",
    "Verdict",
    "WarmReading",
    "Workload",
    "printable",
    "sha256_hex",
]
