"""How one candidate is to be judged: sizes, limits and budgets. Everything that may change a verdict stands here."""

from pydantic import Field

from harness.models.base import Record
from harness.models.problem import Tier


class EvalOptions(Record):
    """Options of one evaluation. The defaults are the ones that scores are reported under."""

    tier: Tier = Tier.CPU
    """Sizes to grade on."""
    threads: int = Field(default=1, ge=1)
    """Threads that candidate and reference may use, and cores that either is pinned to."""
    build_timeout_s: float = Field(default=120.0, gt=0)
    """Wall time of one compilation."""
    load_timeout_s: float = Field(default=60.0, gt=0)
    """Wall time of import, construction and loading weights, compilation excluded."""
    call_timeout_s: float = Field(default=10.0, gt=0)
    """Wall time of one call; raised to 20 times the reference's where that is longer."""
    memory_bytes: int = Field(default=6 << 30, gt=0)
    """Address space that a candidate may add to that of an idle worker."""
    min_pairs: int = Field(default=15, ge=3)
    """Paired calls that are always timed."""
    max_pairs: int = Field(default=60, ge=3)
    """Paired calls after which timing ends."""
    timing_budget_s: float = Field(default=4.0, gt=0)
    """Wall time after which timing ends, once the smallest number of pairs is there."""
    interval_width: float = Field(default=0.05, gt=0)
    """Relative width of the 95 % interval at which timing ends early."""
    time_it: bool = True
    """Whether to measure a speedup; without it only correctness is judged."""
    cold_cache: bool = True
    """Whether the last-level cache is evicted before each call."""
    strict_shapes: bool = False
    """Whether the candidate must also be right on the problem's unseen sizes."""
    sanitize: bool = True
    """Whether kernels that are emulated or interpreted are also run with checks for races, bounds, barriers and the like."""
    archs: tuple[str, ...] = ()
    """Chips to compile for, such as `sm_90`, to report registers, spills and occupancy; empty for those of the language."""
    profile: bool = False
    """Whether a correct candidate is profiled as well: a second build for the compiler's remarks, and sampled calls."""
