"""`harness doctor`: what this machine can run, and how to mend the rest."""

import os
import platform
import shutil
import tempfile
from collections.abc import Callable, Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Annotated

import typer
from pydantic import Field

from harness.cli.measure import PROBLEMS, REPEATS, kept, measure
from harness.cli.output import JsonFlag, emit_json, emit_rows
from harness.errors import HarnessError
from harness.models import AAReport, Isolation, Record

LOW_DISK_BYTES = 2 << 30
"""Free space under which compiling may fail: a precompiled torch header takes a few hundred MiB."""


class Check(Record):
    """One thing that was looked at."""

    name: str
    """What was looked at."""
    ok: bool
    """Whether it is as it should be."""
    found: str
    """What is there."""
    mend: str | None = None
    """What to do where it is not as it should be."""


class Support(Record):
    """Whether one kernel language can be judged on one device of this machine."""

    language: str
    """Name of the language."""
    device: str
    """Name of the device."""
    runs: bool
    """Whether candidates run here."""
    reason: str | None = None
    """Why not."""
    mend: str | None = None
    """The command that would change it."""


class Report(Record):
    """Everything that `harness doctor` found."""

    ok: bool
    """Whether the quickstart can run."""
    checks: list[Check]
    """Interpreter, libraries, compiler, folders, confinement."""
    isolation: Isolation | None = None
    """What confines candidates here; null where no confined process could be started."""
    languages: list[Support] = Field(default_factory=list)
    """Every language on every device it knows."""
    aa: AAReport | None = None
    """The last A/A test that was made here; null where `--measure` never came to its end."""
    aa_line: str = ""
    """What it says, with its date; or how to make one."""
    provider_keys: dict[str, bool] = Field(default_factory=dict)
    """Provider -> whether its key is set."""


def doctor(
    measure_it: Annotated[
        bool, typer.Option("--measure", help="Run the A/A test: how small a difference can this machine tell?")
    ] = False,
    problems: Annotated[str, typer.Option("--problems", help="With --measure: problems, as for `run`.")] = PROBLEMS,
    repeats: Annotated[int, typer.Option("--repeats", min=1, help="With --measure: rounds.")] = REPEATS,
    as_json: JsonFlag = False,
) -> int:
    """Say what this machine can run, and how to mend the rest. Exit code 3 where the quickstart cannot run.

    With --measure, references are judged as their own candidates instead: how far these speedups are from 1, and how wide
    their intervals, is what the machine's times are worth. It takes some minutes, and the result is kept in the cache.
    """
    if measure_it:
        return measure(problems, repeats, as_json=as_json)
    report = examine()
    if as_json:
        emit_json(report)
    else:
        _print(report)
    return 0 if report.ok else 3


def examine() -> Report:
    """Look at this machine. Only the cache folder is written to."""
    from harness.config import Settings, present_keys

    aa, line = kept(Settings.load())
    isolation, confinement = _confinement()
    checks = [*_interpreter(), _compiler(), _chip_compilers(), _cores(), *_peaks(), *_folders(), confinement]
    return Report(
        ok=all(check.ok for check in checks),
        checks=checks,
        isolation=isolation,
        languages=list(_languages()),
        aa=aa,
        aa_line=line,
        provider_keys=present_keys(),
    )


def _interpreter() -> Iterator[Check]:
    yield Check(
        name="python", ok=True, found=f"{platform.python_version()} on {platform.system()} {platform.machine()}"
    )
    for package in ("torch", "triton"):
        try:
            yield Check(name=package, ok=True, found=version(package))
        except PackageNotFoundError:
            # Triton has wheels for few platforms, and only its own language needs it.
            needed = package == "torch"
            yield Check(name=package, ok=not needed, found="not installed", mend=f"pip install {package}")


def _compiler() -> Check:
    return _attempt("compiler", _describe_compiler, "apt-get install g++, or set CXX")


def _describe_compiler() -> str:
    from harness.build import toolchain

    try:
        found = toolchain()
    except (ImportError, OSError) as error:
        raise HarnessError(f"torch cannot be imported ({error}), and its headers are needed") from None
    return f"{found.compiler} ({found.version})"


def _chip_compilers() -> Check:
    """Look for what compiles CUDA for chips that are not here. Only static facts need it: its absence is no fault."""
    from harness.build.nvcc import cuda_tools, missing_tools

    if missing := missing_tools():
        return Check(
            name="nvcc",
            ok=True,
            found=f"no {', '.join(tool.name for tool in missing)}: CUDA kernels run, without registers and occupancy",
            mend=missing[0].remedy,
        )
    tools = cuda_tools()
    return Check(name="nvcc", ok=True, found=f"{tools.version}, compiles for {tools.archs[0]} to {tools.archs[-1]}")


def _attempt(name: str, look: Callable[[], str], mend: str) -> Check:
    """Run one look at the machine; what a person can mend is a finding, not an error."""
    try:
        return Check(name=name, ok=True, found=look())
    except HarnessError as error:
        return Check(name=name, ok=False, found=str(error), mend=mend)


def _cores() -> Check:
    usable, there = len(os.sched_getaffinity(0)), os.cpu_count()
    return Check(name="cores", ok=True, found=f"{usable} usable of {there}")


def _peaks() -> Iterator[Check]:
    """Tell the peaks that timing has measured here already; nothing is measured for this."""
    from harness.config import Settings
    from harness.devices import peaks

    for threads in range(1, len(os.sched_getaffinity(0)) + 1):
        if found := peaks.known(Settings.load().cache_dir, threads):
            yield Check(name="peaks", ok=True, found=peaks.describe(found))


def _folders() -> Iterator[Check]:
    from harness.config import Settings

    settings = Settings.load()
    for name, folder in (("cache_dir", settings.cache_dir), ("runs_dir", settings.runs_dir)):
        yield check_folder(name, folder)


def check_folder(name: str, folder: Path) -> Check:
    """Say whether a folder can be made and written to, and what is free on its disk."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as probe:
            probe.write(b"x")
        free = shutil.disk_usage(folder).free
    except OSError as error:
        mend = f"make it writable, or set HARNESS_{name.upper()} to a folder that is"
        return Check(name=name, ok=False, found=f"{folder}: {error.strerror}", mend=mend)
    found = f"{folder} ({free / 2**30:.1f} GiB free)"
    if free < LOW_DISK_BYTES:
        return Check(name=name, ok=False, found=found, mend=f"free some space, or set HARNESS_{name.upper()}")
    return Check(name=name, ok=True, found=found)


def _confinement() -> tuple[Isolation | None, Check]:
    from harness.sandbox import probe

    try:
        isolation = probe()
    except HarnessError as error:
        return None, Check(name="isolation", ok=False, found=str(error), mend="see the message; nothing can be judged")
    missing = f"; missing: {'; '.join(isolation.missing)}" if isolation.missing else ""
    found = f"grade {isolation.grade} ({', '.join(isolation.layers) or 'limits only'}){missing}"
    return isolation, Check(name="isolation", ok=True, found=found)


def _languages() -> Iterator[Support]:
    """Ask every language about every device; see `harness.languages`."""
    from harness.languages import support

    for row in support():
        yield Support.model_validate(row, from_attributes=True)


def _print(report: Report) -> None:
    for check in report.checks:
        print(f"{'ok' if check.ok else 'NO':4}{check.name:11}{check.found}")
        if check.mend:
            print(f"{'':15}to mend: {check.mend}")
    print(
        f"{'--' if report.aa is None else 'ok' if report.aa.can_tell_5_percent else '!':4}{'timing':11}{report.aa_line}"
    )
    print()
    rows = [
        (row.language, row.device, "yes" if row.runs else "no", row.reason or "", row.mend or "")
        for row in report.languages
    ]
    emit_rows(("language", "device", "runs here", "reason", "to mend"), rows)
    print()
    keys = [(provider, "set" if present else "not set") for provider, present in report.provider_keys.items()]
    emit_rows(("provider", "key"), keys)
