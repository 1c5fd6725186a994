"""Has a candidate's kernels compiled for chips that are not here: static facts, and what no chip's compiler takes."""

import dataclasses
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from harness.build import BuildRequest, Diagnostic, nvcc, triton_aot
from harness.build.nvcc.workbench import Workbench
from harness.devices import emulated, interpreter
from harness.devices.chips import chip_of_arch, chips
from harness.errors import ToolchainError, UsageError, suggestion
from harness.models import Candidate, Finding, KernelProfile, RooflineEstimate, StaticFacts
from harness.score.occupancy import resource_findings, with_occupancy
from harness.score.roofline import roofline

if TYPE_CHECKING:
    from harness.judge.judge import Judge


@dataclasses.dataclass(frozen=True)
class StaticReport:
    """What the chips' compilers said."""

    facts: Sequence[StaticFacts] = ()
    """Per kernel and chip."""
    notes: Sequence[str] = ()
    """What could not be had, and what only some chips refuse."""
    errors: Sequence[Diagnostic] = ()
    """For which no chip's compiler takes the candidate."""

    def with_launches(self, kernels: Sequence[KernelProfile]) -> list[StaticFacts]:
        """Return the facts with the occupancy of each kernel as it was launched."""
        return with_occupancy(self.facts, kernels)

    def impossible(self, kernels: Sequence[KernelProfile]) -> tuple[list[Finding], bool]:
        """Return the launches that a chip would refuse, and whether each of the chips refuses one."""
        found = [
            resource_findings(self.facts, kernels, chip)
            for arch in dict.fromkeys(fact.arch for fact in self.facts)
            if (chip := chip_of_arch(arch)) is not None
        ]
        return [finding for each in found for finding in each], bool(found) and all(found)

    def estimates(self, kernels: Sequence[KernelProfile]) -> list[RooflineEstimate]:
        """Return what each chip could do at best, from the counters; for the emulated chip where none was compiled for."""
        archs = list(dict.fromkeys(fact.arch for fact in self.facts)) or [emulated.ARCH]
        named = [chip for arch in archs if (chip := chip_of_arch(arch)) is not None]
        made = [roofline(kernels, chip, self.with_launches(kernels)) for chip in named]
        return [estimate for estimate in made if estimate is not None]


def check_archs(device: str, archs: Sequence[str]) -> None:
    """Find out whether chips that were asked for exist.

    Raises:
        UsageError: one does not; names the closest.
    """
    if not archs:
        return
    if device not in ("emulated", "interpreter"):
        raise UsageError(f"--arch names chips, and kernels for device {device} are not compiled for any")
    known = sorted({chip.arch for chip in chips().values()})
    for arch in archs:
        if device == "emulated":
            if arch.startswith("gfx"):
                raise UsageError(f"{arch} is no chip of NVIDIA's, and CUDA sources are compiled for no other")
            try:
                nvcc.resolve_arch(arch, nvcc.cuda_tools())
                continue
            except ToolchainError:  # said in the verdict; the name can be checked all the same
                pass
        if chip_of_arch(arch) is None:
            raise UsageError(f"unknown architecture {arch!r}{suggestion(arch, known)} (known: {', '.join(known)})")


def workbench(judge: "Judge", device: str) -> Workbench:
    """Return where tools that read or compile a candidate work: in the build sandbox."""
    return Workbench(judge.server_for(device), judge.folder, judge.options.build_timeout_s, judge.cache)


def gather(
    judge: "Judge",
    device: str,
    candidate: Candidate,
    requests: Sequence[BuildRequest],
    arguments: Callable[[], tuple[Sequence[Any], Sequence[Any]]],
) -> StaticReport:
    """Compile for the chips of `judge.options`; `arguments` gives constructor and call arguments, for their shapes.

    Raises:
        SandboxError: no process could be started.
        StoreError: the cache cannot be written.
    """
    bench = workbench(judge, device)
    if device == "interpreter":
        init, inputs = arguments()
        archs = judge.options.archs or interpreter.ARCHS
        facts, notes, errors = triton_aot.static_facts(bench, candidate.source, candidate.entry, init, inputs, archs)
        return StaticReport(facts, notes, errors)
    found: list[StaticFacts] = []
    said: list[str] = []
    try:
        for request in requests:
            if request.cuda_sources:
                archs = judge.options.archs or emulated.ARCHS
                made = nvcc.static_facts(
                    request.cuda_sources, candidate.source, archs, bench, cflags=request.cuda_flags
                )
                found += made.facts
                said += [*made.notes, *(f"nvcc: {message}" for message in made.diagnostics)]
    except ToolchainError as error:
        said.append(f"no static facts: {error}")
    return StaticReport(found, said)
