"""How fast CUDA kernels run in the emulation, and what the checks cost per access of memory.

Six kernels as language models write them (`emulated.cu`), built by the harness's own builder, at the sizes of the `ci` tier.
Every result is held against torch before its time counts. Checked runs look at a sixteenth of the rows.
"""

import ctypes
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from harness.build import BuildCache, Builder, BuildRequest, toolchain
from harness.build.native import compile_trusted
from harness.config import Settings
from harness.sandbox import ForkServer
from harness.worker import kernel_page
from harness.worker.doorbell import ALLOCATOR_SOURCE
from tests.bench.process import ROOT, Failed, timed

NAME = "emulation"
REPEATS = 5
SOURCE = Path(__file__).with_name("emulated.cu")
ARGUMENTS = {"gelu": 1, "softmax": 1, "matmul": 2, "layernorm": 3, "conv2d": 3, "histogram": 1}
THREADS = 2
WANTED_CHECK_US = 0.3
"""A checked access is to cost at most this."""


def measure(repeats: int) -> dict[str, Any]:
    """Return milliseconds of each kernel, and microseconds of a checked access."""
    with tempfile.TemporaryDirectory(prefix="harness-bench-") as name:
        built = {checked: _build(Path(name), checked) for checked in (False, True)}
        command = [
            sys.executable,
            "-m",
            "tests.bench.emulation",
            *(str(built[c][0]) for c in (False, True)),
            str(repeats),
        ]
        _, out = timed(command, ROOT, {})
    kernels: dict[str, Any] = json.loads(out)
    return {
        "threads": THREADS,
        "build_s": {("checked" if c else "plain"): seconds for c, (_, seconds) in built.items()},
        "kernels": kernels,
        "wanted_check_us": WANTED_CHECK_US,
    }


def rows(result: dict[str, Any]) -> list[tuple[str, ...]]:
    """Return the table of a result."""
    table = [("emulated kernel", "shape", "ms", "us per checked access")]
    for name, found in result["kernels"].items():
        table.append((name, found["shape"], f"{found['ms']:.1f}", f"{found['check_us']:.3f}"))
    for variant, seconds in result["build_s"].items():
        table.append((f"build of all six, {variant}", "", f"{seconds * 1e3:.0f}", ""))
    return table


def _build(folder: Path, checked: bool) -> tuple[Path, float]:
    """Compile the six with the builder, whose precompiled headers are the machine's; return the library and seconds."""
    shared = BuildCache(Settings.load().cache_dir)
    scratch = folder / "scratch"
    scratch.mkdir(exist_ok=True)
    for path in (folder, scratch):
        path.chmod(0o755)
    functions = tuple((f"{name}_forward", name) for name in ARGUMENTS)
    declared = "\n".join(
        f"torch::Tensor {name}_forward({', '.join(['torch::Tensor'] * n)});" for name, n in ARGUMENTS.items()
    )
    request = BuildRequest("six", (declared,), functions, cuda_sources=(SOURCE.read_text(),))
    server = ForkServer(["harness.sandbox.exec_program"])
    try:
        result = Builder(shared, server, scratch, timeout_s=300.0).build(request, "", emulate=True, checked=checked)
    finally:
        server.close()
    if result.library is None:
        raise Failed(f"the kernels do not build: {result.first_error}")
    return Path(result.library), result.elapsed_ns / 1e9


def _run(plain: str, checked: str, repeats: int) -> dict[str, Any]:
    """Time both libraries in this process."""
    import torch

    from harness.worker.extension import _import

    torch.set_num_threads(THREADS)
    torch.manual_seed(0)
    allocator = _allocator()
    page = kernel_page.Page()
    cases = _cases()
    found: dict[str, Any] = {}
    for path, is_checked in ((plain, False), (checked, True)):
        kernel_page.attach(ctypes.CDLL(path), page, allocator)
        module = _import("six", path)
        for name, (inputs, expected) in cases.items():
            arguments = [x[: max(1, len(x) // 16)] if is_checked and i == 0 else x for i, x in enumerate(inputs)]
            call: Callable[..., torch.Tensor] = getattr(module, f"{name}_forward")
            seconds, accesses = _time(call, arguments, page, repeats, expected, is_checked)
            entry = found.setdefault(name, {"shape": "x".join(map(str, inputs[0].shape))})
            if is_checked:
                entry["check_us"] = seconds * 1e6 / accesses
                entry["accesses"] = accesses
            else:
                entry["ms"] = seconds * 1e3
    return found


def _time(
    call: Callable[..., Any],
    arguments: list[Any],
    page: kernel_page.Page,
    repeats: int,
    expected: Callable[..., Any],
    is_checked: bool,
) -> tuple[float, int]:
    import torch

    clock = time.process_time if is_checked else time.perf_counter  # checked launches run on one thread
    samples = []
    for _ in range(repeats + 1):  # the first is for pages and stacks
        kernel_page.clear(page)
        kernel_page.set_options(page, threads=THREADS)
        started = clock()
        result = call(*arguments)
        samples.append(clock() - started)
        if page.findings or not torch.allclose(result.double(), expected(*arguments).double(), atol=1e-3, rtol=1e-3):
            raise Failed(f"wrong, or {page.findings} findings: {page.finding[0].detail!r}")
    return statistics.median(samples[1:]), page.accesses


def _allocator() -> ctypes.CDLL:
    tools = toolchain()
    include = [f"-I{path}" for path in tools.torch_include]
    link = [*include, f"-L{tools.torch_lib}", "-lc10", f"-Wl,-rpath,{tools.torch_lib}"]
    library = ctypes.CDLL(str(compile_trusted(ALLOCATOR_SOURCE, BuildCache(Settings.load().cache_dir), link)))
    library.install_caching_allocator()
    library.harness_track(1)
    return library


def _cases() -> dict[str, tuple[list[Any], Callable[..., Any]]]:
    import torch
    import torch.nn.functional as F

    return {
        "gelu": ([torch.randn(1024, 1024)], F.gelu),
        "softmax": ([torch.randn(256, 1000)], lambda x: torch.softmax(x, 1)),
        "matmul": ([torch.randn(256, 250), torch.randn(250, 260)], torch.matmul),
        "layernorm": (
            [torch.randn(256, 768), torch.randn(768), torch.randn(768)],
            lambda x, w, b: F.layer_norm(x, (768,), w, b),
        ),
        "conv2d": (
            [torch.randn(4, 16, 32, 32), torch.randn(32, 16, 3, 3), torch.randn(32)],
            lambda x, w, b: F.conv2d(x, w, b, 1, 1),
        ),
        "histogram": (
            [torch.randint(0, 256, (1 << 20,), dtype=torch.int32)],
            lambda x: torch.bincount(x, minlength=256),
        ),
    }


if __name__ == "__main__":
    print(json.dumps(_run(sys.argv[1], sys.argv[2], int(sys.argv[3]))))
