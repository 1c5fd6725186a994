"""Runs the capture in a process of its own and returns the candidate."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from harness.build import toolchain
from harness.judge.inductor.captured import Captured, GraphInput, NotExpressible
from harness.judge.inductor.rewrite import module_source
from harness.judge.machine import TIMING_LOCK, timing_lock
from harness.sandbox.tree import end_tree

MODES = ("compile", "max-autotune")
"""What torch.compile is asked for: its default, or that it compares implementations by their time."""
TIMEOUT_S = 300.0
"""Wall time of one capture. Most take 10 to 20 s on two busy cores; whole models of level 3 take minutes."""
_START = (
    f"import sys; sys.path.insert(0, {str(Path(__file__).resolve().parents[3])!r}); "
    "from harness.judge.inductor.capture import main; main(*sys.argv[1:])"
)


def candidate_source(source: str, name: str, threads: int, mode: str, timeout_s: float = TIMEOUT_S) -> str:
    """Return the module that torch.compile comes to for the problem text `source`.

    `threads` is what its kernels are generated for. Which vector units there are inductor keeps in the folder of caches.

    Raises:
        NotExpressible: torch.compile refuses the model, or its code cannot be handed in; one line says why.
        ToolchainError: there is no C++ compiler.
    """
    from harness.config import Settings

    tools = toolchain()
    cache_dir = Settings.load().cache_dir
    environment = {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "CXX": tools.compiler,
        "TORCHINDUCTOR_CACHE_DIR": str(cache_dir / "inductor"),
        "TORCHINDUCTOR_COMPILE_THREADS": "1",
        "OMP_NUM_THREADS": str(threads),
    }
    with tempfile.TemporaryDirectory(prefix="harness-inductor-") as folder:
        request, answer = Path(folder) / "request.json", Path(folder) / "answer.json"
        request.write_text(json.dumps({"source": source, "threads": threads, "mode": mode}), "utf-8")
        with timing_lock(cache_dir / TIMING_LOCK):
            ended = _run([str(request), str(answer)], folder, environment, timeout_s)
        if not answer.exists():
            raise NotExpressible(f"torch.compile ended without an answer: {ended}")
        found = json.loads(answer.read_text("utf-8"))
    if "refused" in found:
        raise NotExpressible(found["refused"])
    inputs = tuple(
        GraphInput(**{**each, "sizes": tuple(each["sizes"]), "strides": tuple(each["strides"])})
        for each in found["inputs"]
    )
    return module_source(Captured(**{**found, "inputs": inputs}), name)


def _run(arguments: list[str], folder: str, environment: dict[str, str], timeout_s: float) -> str:
    """Run the capture and return how it ended and what it said last.

    Raises:
        NotExpressible: it took too long; nothing of it is left running.
    """
    process = subprocess.Popen(
        [sys.executable, "-I", "-c", _START, *arguments],
        cwd=folder,
        env={**environment, "HOME": folder},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
    )
    try:
        _, said = process.communicate(timeout=timeout_s)
    except BaseException as error:
        end_tree(process.pid)
        process.communicate()
        if isinstance(error, subprocess.TimeoutExpired):
            raise NotExpressible(f"torch.compile took longer than {timeout_s:g} s") from None
        raise
    return f"exit code {process.returncode}: {said.strip().rpartition(chr(10))[2][:300]}"
