"""A roofline in words."""

from collections.abc import Iterator

from harness.models import Roofline


def explain(found: Roofline, baseline: str) -> Iterator[str]:
    """Yield what the machine allows and from which peak, then what candidate and baseline make of it."""
    moved = found.read_bytes + found.written_bytes
    if found.bound == "memory":
        why = f"{moved / 1e6:.3g} MB at {found.bytes_per_s / 1e9:.3g} GB/s of {found.memory}"
    else:
        why = (
            f"{(found.flops or 0) / 1e9:.3g} GFLOP at {(found.flop_per_s or 0) / 1e9:.3g} GFLOP/s of {found.arithmetic}"
        )
    yield f"roofline: {found.bound} allows {found.sol_ns / 1e6:.3g} ms ({why}, measured here)"
    reached = f"reaches {found.candidate_share:.0%} of that speed, {baseline} {found.reference_share:.0%}"
    score = "no SOL score" if found.disproved else f"SOL score {found.sol_score:.2f}"
    if found.holds:
        yield f"{reached}; at most {max(1.0, found.headroom):.2g} times as fast is possible; {score}"
    else:
        yield f"{reached}: beyond the bound, so less was to be done than is counted, or it lay in a cache; {score}"
