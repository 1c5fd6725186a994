"""The judge: owns the fork server, the builder and the machine's quiet, and turns candidates into verdicts.

torch is imported here only once the fork server is on its way, which imports it too: the two take 2 s side by side.
"""

import ctypes
import dataclasses
import os
import platform
import shutil
import tempfile
import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

from harness.build import BuildCache, Builder, compile_trusted, precompiled, toolchain
from harness.build.cuda.variants import emulation
from harness.build.triton_aot import CAPTURE_MODULE
from harness.devices import cpu
from harness.judge.machine import TIMING_LOCK, Machine
from harness.languages import device_for
from harness.models import Candidate, EvalOptions, Problem, Status, Tier, Verdict, Workload
from harness.sandbox import ForkServer
from harness.suite import unseen_workloads
from harness.suite import workload as make_workload
from harness.worker import doorbell

if TYPE_CHECKING:
    from harness.judge.oracle import Oracle
    from harness.judge.reference import Reference
    from harness.judge.roof import Roof

WORKER_MODULES = ("harness.worker.program", "harness.sandbox.exec_program")
TRITON_MODULES = ("harness.worker.triton_interpreter", CAPTURE_MODULE)
SUBJECTS_KEPT = 3
FOLDER_PREFIX = "harness-judge-"


def _sweep(temporary: Path) -> None:
    """Remove the folders of judges that were killed before they could."""
    for folder in temporary.glob(f"{FOLDER_PREFIX}*-*"):
        owner = folder.name.removeprefix(FOLDER_PREFIX).partition("-")[0]
        if owner.isdigit() and not Path(f"/proc/{owner}").exists():
            shutil.rmtree(folder, ignore_errors=True)


@dataclasses.dataclass
class Subject:
    """A reference, and its oracle once somebody needed it."""

    reference: "Reference"
    oracle: "Oracle | None" = None
    lock: threading.Lock = dataclasses.field(default_factory=threading.Lock)
    """Held while the oracle is made."""


class Judge:
    """Judges candidates on this machine. A context manager; `evaluate` is thread-safe.

    No candidate code is ever imported in this process.
    """

    def __init__(self, options: EvalOptions, cache_dir: Path, language: str = "cpp") -> None:
        """Start the fork server, and import torch here while it does the same.

        `language` is what most candidates will be written in: its server is started at once. Others are judged as well.

        Raises:
            ToolchainError: there is no C++ compiler.
            StoreError: the cache folder cannot be written.
            SandboxError: no process can be started.
        """
        self.options = options
        self._language = language
        self._lock = threading.RLock()
        self.cache = BuildCache(cache_dir)
        self.library_path = str(compile_trusted(doorbell.SOURCE, self.cache))
        self.lib: ctypes.CDLL = doorbell.load(self.library_path)
        tools = toolchain()
        link = (*(f"-isystem{path}" for path in tools.torch_include), f"-L{tools.torch_lib}", "-lc10")
        self.allocator_path = str(compile_trusted(doorbell.ALLOCATOR_SOURCE, self.cache, link))
        self._servers: dict[bool, ForkServer] = {}
        self.server = self._start_server(with_triton=language == "triton")
        _sweep(Path(tempfile.gettempdir()))
        self._folder = tempfile.TemporaryDirectory(prefix=f"{FOLDER_PREFIX}{os.getpid()}-")
        self.folder = Path(self._folder.name)
        self.folder.chmod(0o755)
        self.machine = Machine(options.threads, self.cache.root / TIMING_LOCK)
        self.builder = Builder(self.cache, self.server, self.folder, timeout_s=options.build_timeout_s)
        self.flush: Callable[[], None] = cpu.CacheFlusher(self.lib) if options.cold_cache else (lambda: None)
        self._subjects: OrderedDict[str, Subject] = OrderedDict()
        self._doorbell_ns: int | None = None
        self._roof: Roof | None = None
        import_module("torch")
        ctypes.CDLL(self.allocator_path).install_caching_allocator()

    def prepare(self, progress: Callable[[str], None] | None = None) -> None:
        """Precompile the headers and wait for the fork server, so that the first verdict does not.

        Raises:
            ToolchainError: there is no working C++ compiler.
            StoreError: the cache folder cannot be written.
            SandboxError: the fork server did not start.
        """
        device = device_for(self._language)
        if device == "cpu":
            precompiled(toolchain(), self.cache, progress)
        elif device == "emulated":
            wanted = [emulation(checked=checked) for checked in ((False, True) if self.options.sanitize else (False,))]
            with ThreadPoolExecutor(len(wanted)) as pool:
                list(pool.map(lambda variant: precompiled(toolchain(), self.cache, progress, variant), wanted))
        self.server.wait_ready()

    def server_for(self, device: str) -> ForkServer:
        """Return the fork server for a device's workers, started on first use.

        Raises:
            SandboxError: it does not start.
        """
        with self._lock:
            return self._start_server(with_triton=device == "interpreter")

    def _start_server(self, *, with_triton: bool) -> ForkServer:
        """Start a server that has what its children need; one that has triton serves everybody."""
        if with_triton in self._servers or True in self._servers:
            return self._servers.get(with_triton) or self._servers[True]
        modules = (*WORKER_MODULES, *(TRITON_MODULES if with_triton else ()))
        warm_up = (self.allocator_path, *(("triton",) if with_triton else ()))
        made = self._servers[with_triton] = ForkServer(modules, threads=self.options.threads, warm_up=warm_up)
        return made

    def evaluate(
        self,
        problem: Problem,
        candidate: Candidate,
        progress: Callable[[str], None] | None = None,
        *,
        tier: Tier | None = None,
    ) -> Verdict:
        """Judge one candidate. A candidate's failure is a verdict; so is a failure of ours (`infra_error`).

        Raises:
            ProblemError: the problem cannot be used.
            UsageError: the language runs nowhere here, or a chip is unknown.
            ToolchainError, StoreError: the machine lacks what judging needs.
        """
        from harness.judge.evaluation import Evaluation
        from harness.judge.static import check_archs

        say = progress or (lambda stage: None)
        options = self.options
        device = device_for(candidate.language)
        check_archs(device, options.archs)
        work = make_workload(problem, tier or options.tier)
        verdict = Evaluation(self, options, work, candidate, device, say).run()
        if options.strict_shapes and verdict.correct:
            return self._strict(problem, candidate, verdict, say)
        return verdict

    def _strict(
        self, problem: Problem, candidate: Candidate, verdict: Verdict, progress: Callable[[str], None]
    ) -> Verdict:
        """Judge a correct candidate on the problem's unseen sizes too; the first failure is the verdict."""
        from harness.judge.evaluation import Evaluation

        untimed = self.options.model_copy(update={"time_it": False, "profile": False})
        unseen: dict[str, Status] = {}
        for sizes, work in zip(problem.unseen, unseen_workloads(problem), strict=True):
            found = Evaluation(self, untimed, work, candidate, verdict.device, progress).run()
            name = ", ".join(f"{constant}={value}" for constant, value in sizes.items())
            unseen[name] = found.status
            if not found.correct:
                evidence = found.evidence.model_copy(update={"what": f"wrong at unseen sizes: {found.evidence.what}"})
                return found.model_copy(update={"evidence": evidence, "unseen": unseen, "tier": verdict.tier})
        return verdict.model_copy(update={"unseen": unseen})

    def subject(self, work: Workload) -> "Subject":
        """Return the reference of a workload with its secrets, made once; the least recently used go first.

        Raises:
            ProblemError: the problem file raises.
        """
        from harness.judge.reference import Reference

        with self._lock:
            if work.sha256 in self._subjects:
                self._subjects.move_to_end(work.sha256)
                return self._subjects[work.sha256]
            made = self._subjects[work.sha256] = Subject(Reference(work))
            while len(self._subjects) > SUBJECTS_KEPT:
                self._subjects.popitem(last=False)
            return made

    def doorbell_ns(self) -> int:
        """Return the cost of a call that computes nothing, measured once. Call it only in the machine's quiet."""
        from harness.judge.calibrate import doorbell_cost_ns

        if self._doorbell_ns is None:
            self._doorbell_ns = doorbell_cost_ns(self)
        return self._doorbell_ns

    def roof(self) -> "Roof":
        """Return what times are held against."""
        from harness.judge.roof import Roof

        if self._roof is None:
            self._roof = Roof(self.cache, self.machine.timing_cores)
        return self._roof

    def environment(self) -> dict[str, str]:
        """Return the fingerprint that every verdict carries."""
        return environment(self.options.threads)

    def close(self) -> None:
        """End every process of this judge and remove its folder."""
        for server in self._servers.values():
            server.close()
        self._folder.cleanup()

    def __enter__(self) -> "Judge":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def environment(threads: int) -> dict[str, str]:
    """Return the fingerprint of this machine and its software, for kernels that may use `threads` threads.

    Raises:
        ToolchainError: there is no C++ compiler.
    """
    tools = toolchain()
    return {
        **cpu.facts(),
        "harness": harness_version(),
        "torch": tools.torch_version,
        "python": platform.python_version(),
        "compiler": tools.version,
        "kernel": platform.release(),
        "threads": str(threads),
        "load_1m": f"{os.getloadavg()[0]:.2f}",
    }


def harness_version() -> str:
    """Return the installed version of this package."""
    try:
        return version("kernel-harness")
    except PackageNotFoundError:
        return "0+unknown"


def evaluate(
    problem: Problem, candidate: Candidate, options: EvalOptions | None = None, cache_dir: Path | None = None
) -> Verdict:
    """Judge one candidate with a judge of its own. For many, keep one `Judge`: it starts only once.

    Raises:
        ProblemError, ToolchainError, StoreError, SandboxError: see `Judge`.
    """
    from harness.config import Settings

    settings = Settings.load()
    with Judge(options or settings.eval_options(), cache_dir or settings.cache_dir, candidate.language) as judge:
        return judge.evaluate(problem, candidate)
