"""Static facts about a candidate, binned: the dimensions of grids and the coordinates of clusters.

Read from the text alone, so that they cost nothing and are the same on every machine. What a text does not say is in
no bin of its own making: archives put it under `unknown`.
"""

import re

_PARALLEL = (
    ("threads", re.compile(r"#\s*pragma\s+omp\s+parallel|at::parallel_for|std::thread|pthread_create")),
    ("blocks", re.compile(r"<<<|tl\.program_id|blockIdx")),
)
_VECTOR = (
    ("matrix units", re.compile(r"\bwmma::|mma\.sync|tl\.dot|_tile_\w+|__mfma")),
    ("intrinsics", re.compile(r"_mm\d{3}_\w+|\bv(?:add|mul|fma)q?_f32|float4\b|at::vec::")),
    ("hinted", re.compile(r"#\s*pragma\s+(?:omp\s+simd|GCC\s+ivdep|unroll)|tl\.load")),
)
_SHARED = re.compile(r"__shared__|alignas\(\d+\)\s+float\s+\w+\[|thread_local")
_CONSTANT = re.compile(r"(?:constexpr[^=;]*=|#define\s+\w+|tl\.constexpr\s*=|\b[A-Z][A-Z_0-9]*\s*=)\s*(\d{1,5})\b")
_LAUNCH = re.compile(r"<<<|\w+\[grid\]\(|\[\([^)]*\)\]\(|#\s*pragma\s+omp\s+parallel|at::parallel_for")


def features(source: str) -> dict[str, str]:
    """Return the facts about a candidate's source by name."""
    constants = [int(number) for number in _CONSTANT.findall(source)]
    tiles = [number for number in constants if 4 <= number <= 4096 and number & (number - 1) == 0]
    return {
        "parallel": _first(_PARALLEL, source, "serial"),
        "vector": _first(_VECTOR, source, "plain"),
        "scratch": "yes" if _SHARED.search(source) else "no",
        "launches": str(min(len(_LAUNCH.findall(source)), 4)),
        "tile": str(max(tiles)) if tiles else "none",
        "lines": str(sum(bool(line.strip()) for line in source.splitlines())),
    }


def coordinates(found: dict[str, str], log_fitness: float) -> tuple[float, ...]:
    """Return features as numbers of about one unit each, for clustering."""
    parallel = _position(("serial", "threads", "blocks"), found.get("parallel"))
    vector = _position(("plain", "hinted", "intrinsics", "matrix units"), found.get("vector"))
    tile = found.get("tile", "none")
    return (
        log_fitness,
        parallel / 2,
        vector / 3,
        1.0 if found.get("scratch") == "yes" else 0.0,
        (int(tile).bit_length() / 12) if tile.isdigit() else 0.0,
        float(found.get("launches", "0")) / 4,
    )


def _first(rules: tuple[tuple[str, re.Pattern[str]], ...], source: str, otherwise: str) -> str:
    return next((name for name, pattern in rules if pattern.search(source)), otherwise)


def _position(order: tuple[str, ...], value: str | None) -> int:
    return order.index(value) if value in order else 0
