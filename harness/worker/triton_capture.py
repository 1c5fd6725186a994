"""Finds out which specialisations of its kernels a Triton candidate launches, and compiles those. Runs nothing.

The program of a sandbox of its own, which may start programs (ptxas). The candidate is executed on inputs of the real
layout; a stand-in for the driver lets Triton specialise each launch as on a GPU (alignment, ones, constants, the
configuration that tuning would begin with) and launches nothing. One forked process per chip then compiles; one that
crashes takes only itself along.

    task.json    what to do        capture.json, <arch>.json    what came of it; the candidate's word, like everything here
"""

import contextlib
import json
import linecache
import os
import subprocess
import sys
import time
import traceback
import types
from pathlib import Path
from typing import Any

import torch

from harness.worker import pretend, triton_driver
from harness.worker.triton_api import Refused
from harness.worker.triton_compile import compile_one

CANDIDATE_FILE = "candidate.py"
MOST_KERNELS = 24
"""Specialisations that are compiled; what is more is told."""
STEP_S = 20.0


def main(fds: dict[str, int], arguments: dict[str, Any], confinement: dict[str, list[str]]) -> None:
    """Entry point for the fork server: works in `arguments["folder"]`."""
    folder = Path(arguments["folder"])
    os.chdir(folder)
    os.environ["TRITON_CACHE_DIR"] = str(folder / "cache")
    os.environ.pop("TRITON_INTERPRET", None)
    task = json.loads((folder / "task.json").read_text())
    torch.set_num_threads(1)
    launches, note = _capture(task)
    kept = list(launches.values())[:MOST_KERNELS]
    notes = [note] if note else []
    if len(launches) > MOST_KERNELS:
        notes.append(f"{len(launches)} specialisations were launched; the first {MOST_KERNELS} are compiled")
    summary = {"launches": [launch.summary() for launch in kept], "notes": notes}
    (folder / "capture.json").write_text(json.dumps(summary))
    _compile_all(kept, task, folder)


class Launch:
    """One specialisation of a kernel, with the grids that it was launched over."""

    def __init__(self, function: Any, signature: Any, constants: Any, attributes: Any, options: Any) -> None:
        self.function, self.signature, self.constants = function, signature, constants
        self.attributes, self.options = attributes, options
        self.grids: list[tuple[int, ...]] = []
        self.count = 0
        self.tuned = triton_driver.tuning[-1]

    def summary(self) -> dict[str, Any]:
        """Return what is told of it."""
        return {
            "kernel": self.name, "constants": self.named_constants(), "grids": self.grids[:4], "launches": self.count,
            "tuned": self.tuned,
        }  # fmt: skip

    @property
    def name(self) -> str:
        """The kernel's name."""
        return str(self.function.__name__)

    def named_constants(self) -> dict[str, str]:
        """Return the compile-time choices by name."""
        names = [parameter.name for parameter in self.function.params]
        found = {
            names[path[0]]: _shown(value)
            for path, value in self.constants.items()
            if len(path) == 1 and self.function.params[path[0]].is_constexpr
        }
        return found | {"num_warps": str(self.options.num_warps), "num_stages": str(self.options.num_stages)}


def _shown(value: Any) -> str:
    value = getattr(value, "value", value)
    return str(getattr(value, "__name__", None) or value)[:80]


class _Kernel:
    """What a captured launch has for a compiled kernel."""

    n_regs = 32
    n_spills = 0
    function = packed_metadata = module = 0

    def __init__(self, launch: Launch) -> None:
        self._launch = launch
        self.metadata = types.SimpleNamespace(
            shared=1024, num_warps=launch.options.num_warps, num_stages=launch.options.num_stages, name=launch.name
        )

    def _init_handles(self) -> None:
        pass

    def launch_metadata(self, *arguments: Any) -> None:
        return None

    def run(self, x: Any, y: Any, z: Any, *arguments: Any) -> None:
        grid = (int(x), int(y), int(z))
        self._launch.count += 1
        if grid not in self._launch.grids:
            self._launch.grids.append(grid)


def _capture(task: dict[str, Any]) -> tuple[dict[Any, Launch], str]:
    """Execute the candidate once; return its specialisations, and what stopped it if something did."""
    import triton
    from triton.runtime.jit import JITFunction

    launches: dict[Any, Launch] = {}

    def record(
        self: Any, key: Any, signature: Any, device: Any, constants: Any, options: Any, attributes: Any, warmup: bool
    ) -> Any:
        launch = launches.setdefault((id(self), key), Launch(self, signature, constants, attributes, options))
        kernel = self.device_caches[device][0][key] = _Kernel(launch)
        return kernel

    JITFunction._do_compile = record
    triton_driver.install(triton)
    source = task["source"]
    linecache.cache[CANDIDATE_FILE] = (len(source), None, source.splitlines(keepends=True), CANDIDATE_FILE)
    try:
        with pretend.install(_properties()), torch.no_grad():
            module = types.ModuleType("candidate")
            module.__file__ = CANDIDATE_FILE
            sys.modules["candidate"] = module
            torch.manual_seed(0)
            exec(compile(source, CANDIDATE_FILE, "exec"), module.__dict__)
            model = module.__dict__[task["entry"]](*(_value(v) for v in task["init"]))
            model(*(_value(v) for v in task["inputs"]))
    except BaseException as error:  # the candidate's: whatever was launched before counts
        frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename == CANDIDATE_FILE]
        where = f"{CANDIDATE_FILE}:{frames[-1].lineno}: " if frames else ""
        return launches, f"launches are known only up to an error: {where}{type(error).__name__}: {str(error)[:300]}"
    return launches, ""


def _properties() -> dict[str, Any]:
    chip = triton_driver.PROPERTIES
    return {
        "name": "NVIDIA H100 80GB HBM3", "major": 9, "minor": 0, "multi_processor_count": chip["multiprocessor_count"],
        "total_memory": 80 << 30, "max_threads_per_multi_processor": 2048, "warp_size": 32,
        "regs_per_multiprocessor": 65536, "shared_memory_per_block": 49152,
        "shared_memory_per_block_optin": chip["max_shared_mem"], "shared_memory_per_multiprocessor": 233472,
        "L2_cache_size": 50 << 20,
    }  # fmt: skip


def _value(described: Any) -> Any:
    """Make a value from its description; tensors hold ones, in the layout described."""
    if isinstance(described, dict) and "tensor" in described:
        layout = described["tensor"]
        span = 1 + sum((size - 1) * stride for size, stride in zip(layout["sizes"], layout["strides"], strict=True))
        empty = 0 in layout["sizes"]
        flat = torch.ones(0 if empty else span, dtype=getattr(torch, layout["dtype"]))
        return flat.as_strided(layout["sizes"], layout["strides"])
    if isinstance(described, dict) and "tuple" in described:
        return tuple(_value(v) for v in described["tuple"])
    if isinstance(described, dict):
        return {name: _value(v) for name, v in described["dict"].items()}
    return [_value(v) for v in described] if isinstance(described, list) else described


def _compile_all(launches: list[Launch], task: dict[str, Any], folder: Path) -> None:
    """Compile for all chips, two at a time, each group of chips in a process of its own."""
    import triton.runtime.cache as cache

    cache.triton_key = lambda: "captured"  # hashing triton's libraries takes a second
    deadline = time.monotonic() + task["timeout_s"]
    waiting, running = list(task["archs"]), set[int]()
    while waiting or running:
        while waiting and len(running) < 2:
            arch = waiting.pop(0)
            pid = os.fork()
            if not pid:
                with contextlib.suppress(BaseException):
                    _compile_for(arch, launches, task, folder, deadline)
                os._exit(0)
            running.add(pid)
        pid, _ = os.wait()
        running.discard(pid)


def _compile_for(arch: str, launches: list[Launch], task: dict[str, Any], folder: Path, deadline: float) -> None:
    """Compile every specialisation for one chip; the file is rewritten after each, so that a crash costs only the rest."""
    found: list[dict[str, Any]] = []
    target = folder / f"{arch}.json"
    for index, launch in enumerate(launches):
        target.write_text(json.dumps({"kernels": found, "at": index, "complete": False}))
        if time.monotonic() > deadline:
            break
        one = compile_one(launch, arch)
        if "cubin" in one:
            one |= _disassembled(one.pop("cubin"), folder / f"{arch}.{index}.cubin", task["tools"])
        found.append({"launch": index, **one})
    target.write_text(json.dumps({"kernels": found, "at": len(found), "complete": len(found) == len(launches)}))


def _disassembled(cubin: bytes, path: Path, tools: dict[str, str]) -> dict[str, str]:
    """Return what the vendor's tools say of a binary."""
    if not tools:
        return {}
    path.write_bytes(cubin)
    commands = {
        "usage": [tools["cuobjdump"], "--dump-resource-usage", str(path)],
        "code": [tools["nvdisasm"], "--print-code", "--no-dataflow", str(path)],
    }
    started = {
        name: subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        for name, argv in commands.items()
    }
    texts = {name: _output(process) for name, process in started.items()}
    path.unlink()
    return texts


def _output(process: "subprocess.Popen[bytes]") -> str:
    try:
        return process.communicate(timeout=STEP_S)[0].decode(errors="replace")
    except subprocess.TimeoutExpired:
        process.kill()
        return ""


__all__ = ["Launch", "Refused", "main"]
