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
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

from harness.build import BuildCache, Builder, compile_trusted, precompiled, toolchain
from harness.devices import cpu
from harness.judge.machine import Machine
from harness.models import Candidate, EvalOptions, Problem, Status, Tier, Verdict, Workload
from harness.sandbox import ForkServer
from harness.suite import unseen_workloads
from harness.suite import workload as make_workload
from harness.worker import doorbell

if TYPE_CHECKING:
    from harness.judge.oracle import Oracle
    from harness.judge.reference import Reference

WORKER_MODULES = ("harness.worker.program", "harness.sandbox.exec_program")
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


class Judge:
    """Judges candidates on this machine. A context manager; `evaluate` is thread-safe.

    No candidate code is ever imported in this process.
    """

    def __init__(self, options: EvalOptions, cache_dir: Path) -> None:
        """Start the fork server, and import torch here while it does the same.

        Raises:
            ToolchainError: there is no C++ compiler.
            StoreError: the cache folder cannot be written.
            SandboxError: no process can be started.
        """
        self.options = options
        self.cache = BuildCache(cache_dir)
        self.library_path = str(compile_trusted(doorbell.SOURCE, self.cache))
        self.lib: ctypes.CDLL = doorbell.load(self.library_path)
        tools = toolchain()
        link = (*(f"-isystem{path}" for path in tools.torch_include), f"-L{tools.torch_lib}", "-lc10")
        allocator = str(compile_trusted(doorbell.ALLOCATOR_SOURCE, self.cache, link))
        self.server = ForkServer(WORKER_MODULES, threads=options.threads, warm_up=(allocator,))
        _sweep(Path(tempfile.gettempdir()))
        self._folder = tempfile.TemporaryDirectory(prefix=f"{FOLDER_PREFIX}{os.getpid()}-")
        self.folder = Path(self._folder.name)
        self.folder.chmod(0o755)
        self.machine = Machine(options.threads, self.cache.root / "timing.lock")
        self.builder = Builder(self.cache, self.server, self.folder, timeout_s=options.build_timeout_s)
        self.flush: Callable[[], None] = cpu.CacheFlusher(self.lib) if options.cold_cache else (lambda: None)
        self._subjects: OrderedDict[str, Subject] = OrderedDict()
        self._lock = threading.Lock()
        self._doorbell_ns: int | None = None
        import_module("torch")
        ctypes.CDLL(allocator).install_caching_allocator()

    def prepare(self, progress: Callable[[str], None] | None = None) -> None:
        """Precompile the headers and wait for the fork server, so that the first verdict does not.

        Raises:
            ToolchainError: there is no working C++ compiler.
            StoreError: the cache folder cannot be written.
            SandboxError: the fork server did not start.
        """
        precompiled(toolchain(), self.cache, progress)
        self.server.wait_ready()

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
            ToolchainError, StoreError: the machine lacks what judging needs.
        """
        from harness.judge.evaluation import Evaluation

        say = progress or (lambda stage: None)
        options = self.options
        verdict = Evaluation(self, options, make_workload(problem, tier or options.tier), candidate, say).run()
        if options.strict_shapes and verdict.correct:
            return self._strict(problem, candidate, verdict, say)
        return verdict

    def _strict(
        self, problem: Problem, candidate: Candidate, verdict: Verdict, progress: Callable[[str], None]
    ) -> Verdict:
        """Judge a correct candidate on the problem's unseen sizes too; the first failure is the verdict."""
        from harness.judge.evaluation import Evaluation

        untimed = self.options.model_copy(update={"time_it": False})
        unseen: dict[str, Status] = {}
        for sizes, work in zip(problem.unseen, unseen_workloads(problem), strict=True):
            found = Evaluation(self, untimed, work, candidate, progress).run()
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

    def environment(self) -> dict[str, str]:
        """Return the fingerprint that every verdict carries."""
        tools = toolchain()
        return {
            **cpu.facts(),
            "harness": harness_version(),
            "torch": tools.torch_version,
            "python": platform.python_version(),
            "compiler": tools.version,
            "kernel": platform.release(),
            "threads": str(self.options.threads),
            "load_1m": f"{os.getloadavg()[0]:.2f}",
        }

    def close(self) -> None:
        """End every process of this judge and remove its folder."""
        self.server.close()
        self._folder.cleanup()

    def __enter__(self) -> "Judge":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


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
    with Judge(options or settings.eval_options(), cache_dir or settings.cache_dir) as judge:
        return judge.evaluate(problem, candidate)
