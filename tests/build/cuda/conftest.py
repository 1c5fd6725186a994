"""Compiles a file of kernels, plain and checked, and runs what is in it with a page of its own."""

import ctypes
import re
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import torch

from harness.build import BuildCache, toolchain
from harness.build.arithmetic import blocks
from harness.build.cuda.runtime import CHECKED_CFLAGS, INCLUDE, runtime_object
from harness.build.native import compile_trusted
from harness.config import Settings
from harness.models import Finding, KernelProfile
from harness.worker import kernel_page
from harness.worker.doorbell import ALLOCATOR_SOURCE

HERE = Path(__file__).parent


@dataclass
class Kernels:
    """A loaded library and its page."""

    library: ctypes.CDLL
    page: kernel_page.Page
    path: Path

    def run(self, function: str, x: torch.Tensor, y: torch.Tensor, n: int | None = None, **options: int) -> None:
        """Call one of the file's functions after a fresh page was set up."""
        kernel_page.clear(self.page)
        kernel_page.set_options(self.page, **options)
        call = getattr(self.library, function)
        call.restype = ctypes.c_char_p
        said = call(ctypes.c_void_p(x.data_ptr()), ctypes.c_void_p(y.data_ptr()), x.numel() if n is None else n)
        if said:
            raise RuntimeError(said.decode())

    def findings(self) -> list[Finding]:
        """What the last run found, with lines of the source."""
        return kernel_page.findings(kernel_page.copied(bytes(self.page)), self.line)

    def profiles(self) -> list[KernelProfile]:
        """What the last run launched."""
        return kernel_page.profiles(kernel_page.copied(bytes(self.page)))

    def arithmetic(self) -> Counter[str]:
        """What all launches of the last run computed, by type."""
        argv = ["objdump", "-d", "--no-show-raw-insn", str(self.path)]
        known = dict(blocks(subprocess.run(argv, capture_output=True, text=True, check=True).stdout))
        total: Counter[str] = Counter()
        for executed in kernel_page.executed(kernel_page.copied(bytes(self.page))).values():
            for (_, offset), lanes in executed.items():
                total.update({kind: amount * lanes for kind, amount in known[offset].items()})
        return total

    def line(self, library: int, offset: int) -> str | None:
        """The innermost line of the test's own source."""
        argv = ["addr2line", "-i", "-e", str(self.path), hex(offset)]
        places = subprocess.run(argv, capture_output=True, text=True, check=True).stdout.split("\n")
        own = [Path(p.split(" ")[0]).name for p in places if Path(p.split(":")[0]).parent == HERE]
        return own[0] if own else None


@pytest.fixture(scope="session")
def allocator() -> Iterator[ctypes.CDLL]:
    """The worker's allocator, which knows what belongs to which tensor."""
    tools = toolchain()
    include = [f"-I{path}" for path in tools.torch_include]
    link = [*include, f"-L{tools.torch_lib}", "-lc10", f"-Wl,-rpath,{tools.torch_lib}"]
    library = ctypes.CDLL(str(compile_trusted(ALLOCATOR_SOURCE, BuildCache(Settings.load().cache_dir), link)))
    library.install_caching_allocator()
    library.harness_track(1)
    yield library
    library.harness_track(0)


@pytest.fixture(scope="session")
def kernels(allocator: ctypes.CDLL, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, bool], Kernels]:
    """Compile a file of this folder, once per variant."""
    folder = tmp_path_factory.mktemp("kernels")
    made: dict[tuple[str, bool], Kernels] = {}

    def load(name: str, checked: bool) -> Kernels:
        if (name, checked) not in made:
            path = folder / f"{Path(name).stem}-{'checked' if checked else 'plain'}.so"
            compile_kernels(HERE / name, path, checked)
            library, page = ctypes.CDLL(str(path)), kernel_page.Page()
            assert kernel_page.attach(library, page, allocator)
            made[name, checked] = Kernels(library, page, path)
        return made[name, checked]

    return load


def compile_kernels(source: Path, target: Path, checked: bool) -> None:
    """Compile and link as the builder does, without torch."""
    tools = toolchain()
    runtime = runtime_object(tools, BuildCache(Settings.load().cache_dir), checked=checked)
    flags = ["-O3", "-march=native", "-std=c++20", "-fPIC", "-w", f"-I{INCLUDE}"]
    unit = target.with_suffix(".o")
    variant = CHECKED_CFLAGS if checked else ("-g1",)
    for argv in (
        [tools.compiler, *flags, *variant, "-c", str(source), "-o", str(unit)],
        [tools.compiler, "-shared", str(unit), str(runtime), "-o", str(target), "-pthread"],
    ):
        done = subprocess.run(argv, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr[-3000:]


def marked_lines(source: Path) -> dict[str, set[int]]:
    """Name of a mistake -> the lines that its comments mark."""
    found: dict[str, set[int]] = {}
    for number, line in enumerate(source.read_text().splitlines(), start=1):
        for name in re.findall(r"MISTAKE (\w+)", line):
            found.setdefault(name, set()).add(number)
    return found
