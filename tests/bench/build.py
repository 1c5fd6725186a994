"""A C++ candidate that was never built, from source to verdict: the plain way and ours, in turns.

The candidate is tests/candidates.py's softmax, compiled with -O3 on either side. Ours runs ten probes with float64 answers
in a sandbox; with timing, at least 15 pairs of interleaved calls in four pairs of processes on top.
"""

import json
import secrets
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from harness.build import BuildCache, precompiled, toolchain
from harness.judge import Judge
from harness.models import EvalOptions
from harness.suite import load_problem, workload
from tests.bench.process import Failed, timed
from tests.candidates import KERNEL

NAME = "build"
REPEATS = 2
PROBLEM, TIER = "level1/23", "ci"
FLAGS = 'extra_cflags=["-O3", "-march=native", "-fopenmp"], extra_ldflags=["-fopenmp"]'
WANTED_RATIO = 1 / 3
"""Ours, untimed, is to take at most this share of the plain way's time."""


def measure(repeats: int) -> dict[str, Any]:
    """Return seconds of each way, per round."""
    with tempfile.TemporaryDirectory(prefix="harness-bench-") as name:
        folder = Path(name)
        header_s, header_bytes = _fill(folder / "cache")
        rounds = [_round(folder / str(number), folder / "cache") for number in range(repeats)]
    result: dict[str, Any] = {
        "problem": PROBLEM,
        "tier": TIER,
        "precompiled_header_s": header_s,
        "precompiled_header_bytes": header_bytes,
        "rounds": rounds,
        "plain": None if _have_ninja() else "skipped: needs ninja",
        "wanted_ratio": WANTED_RATIO,
    }
    for way in ("untimed", "timed"):
        ratios = [r[f"ours_{way}_s"] / r["plain_s"] for r in rounds if r["plain_s"] is not None]
        result[f"ratio_{way}"] = statistics.median(ratios) if ratios else None
    return result


def rows(result: dict[str, Any]) -> list[tuple[str, ...]]:
    """Return the table of a result."""
    table: list[tuple[str, ...]] = [("cold C++ candidate", "wall s", "of it compiling", "of the plain way")]
    size = f"{result['precompiled_header_bytes'] >> 20} MiB"
    table.append(("header, once per machine", f"{result['precompiled_header_s']:.1f}", size, ""))
    for number, found in enumerate(result["rounds"], start=1):
        plain = found["plain_s"]
        if plain is None:
            table.append((f"plain way, round {number}", result["plain"], "", ""))
        else:
            table.append((f"plain way, round {number}", f"{plain:.1f}", f"{found['plain_build_s']:.1f}", "1"))
        for way, label in (("untimed", "ours, --no-time"), ("timed", "ours, with timing")):
            ours, compiling = found[f"ours_{way}_s"], found[f"ours_{way}_build_s"]
            share = "" if plain is None else f"{ours / plain:.2f}"
            table.append((f"{label}, round {number}", f"{ours:.1f}", f"{compiling:.1f}", share))
    if result["ratio_untimed"] is not None:
        for way in ("untimed", "timed"):
            table.append((f"median, {way}", "", "", f"{result[f'ratio_{way}']:.2f}"))
    return table


def _fill(cache: Path) -> tuple[float, int]:
    """Put into a new cache what is built once per machine; return seconds and bytes of the precompiled header."""
    tools = toolchain()
    started = time.monotonic()
    folder = precompiled(tools, BuildCache(cache))
    elapsed_s = time.monotonic() - started
    with Judge(EvalOptions(), cache):  # starting one compiles our C helpers, some 1 s
        pass
    return elapsed_s, sum(path.stat().st_size for path in folder.iterdir())


def _round(folder: Path, cache: Path) -> dict[str, Any]:
    """Run the plain way, then ours twice, each on a source of its own."""
    folder.mkdir()
    problem = folder / "problem.py"
    problem.write_text(workload(load_problem(PROBLEM), TIER).source)
    found: dict[str, Any] = {"plain_s": None, "plain_build_s": None}
    if _have_ninja():
        command = [sys.executable, "-m", "tests.bench.plain", str(problem), str(_fresh_source(folder / "plain.py"))]
        found["plain_s"], out = timed(command, folder, {"TORCH_EXTENSIONS_DIR": str(folder / "extensions")})
        said = json.loads(out)
        if not said["correct"]:
            raise Failed("the plain way found the kernel wrong")
        found["plain_build_s"] = said["build_s"]
    for way, flag in (("untimed", "--no-time"), ("timed", "--time")):
        source = _fresh_source(folder / f"{way}.py")
        command = [sys.executable, "-m", "harness", "eval", PROBLEM, str(source), "--tier", TIER, "--json", flag]
        found[f"ours_{way}_s"], out = timed(command, folder, {"HARNESS_CACHE_DIR": str(cache)})
        verdict = json.loads(out)
        found[f"ours_{way}_build_s"] = verdict["stage_ns"]["build"] / 1e9
        found[f"ours_{way}_calls"] = verdict["calls_compared"]
    return found


def _fresh_source(path: Path) -> Path:
    """Write the candidate with C++ that nobody has compiled before."""
    unique = f"// {secrets.token_hex(16)}\nstatic const long build_number = {secrets.randbits(60)};\n"
    first = "#include <torch/extension.h>\n"
    source = KERNEL.replace(first, first + unique).replace('"softmax_rows"]', f'"softmax_rows"], {FLAGS}')
    assert unique in source
    assert FLAGS in source
    path.write_text(source)
    return path


def _have_ninja() -> bool:
    return shutil.which("ninja") is not None or (Path(sys.executable).parent / "ninja").exists()
