"""What chips' compilers make of a Triton candidate's kernels: static facts, and why one would not build.

    facts, notes, errors = static_facts(bench, source, entry, init, inputs, archs)

`bench` is a `Workbench` whose fork server was started with `CAPTURE_MODULE` among its modules; `init` and `inputs` are
the constructor's arguments and the call's, of which only types, shapes, dtypes and strides matter. A sandbox executes
the candidate without running a kernel, catches the specialisations that it launches, and compiles exactly these for
each chip (`harness.worker.triton_capture`). An error is a kernel that no NVIDIA chip's compiler takes, which would not
run on a GPU whatever the interpreter made of it; what only some chips refuse, or what only could not be found out, is a
note. Every word of it comes from the candidate's sandbox.
"""

import json
import tempfile
import time
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from harness.build.cache import writing
from harness.build.nvcc.binary import assemble, facts_of_amdgcn
from harness.build.nvcc.toolchain import disassembler
from harness.build.nvcc.workbench import Workbench, _read
from harness.build.request import Diagnostic
from harness.errors import ToolchainError
from harness.models import StaticFacts, sha256_hex
from harness.sandbox import Profile, interpreter_paths, own_package

CAPTURE_MODULE = "harness.worker.triton_capture"
"""To be among the modules of the bench's fork server."""
ARCHS = ("sm_80", "sm_90", "sm_100", "gfx942")
"""Chips that are asked about where nobody names others: A100, H100, B200, MI300X."""
FORMAT = "1"
"""Changes with what is kept."""
MEMORY_BYTES = 8 << 30
OVERHEAD_S = 10.0
"""Allowed on top of the compilers' time: starting, importing torch and triton, executing the candidate."""
WARP, WAVE = 32, 64
MOST_TEXTS = 64

Facts = tuple[list[StaticFacts], list[str], list[Diagnostic]]


def static_facts(
    bench: Workbench, source: str, entry: str, init: Sequence[Any], inputs: Sequence[Any], archs: Sequence[str] = ARCHS
) -> Facts:
    """Return facts per kernel and chip, notes, and the errors that make the candidate one that does not build.

    Takes about 0.1 to 1.5 s per kernel and chip, two chips at a time; kept by content.

    Raises:
        SandboxError: no process could be started.
        StoreError: the cache cannot be written.
    """
    tools, notes = _tools()
    task = {
        "source": source, "entry": entry, "init": [_described(v) for v in init], "inputs": [_described(v) for v in inputs],
        "archs": list(archs), "timeout_s": bench.timeout_s, "tools": tools,
    }  # fmt: skip
    key = sha256_hex(json.dumps([FORMAT, _triton_version(), task], sort_keys=True))
    path = None if bench.cache is None else bench.cache.root / "triton" / key[:2] / f"{key}.json"
    if path is not None and (kept := _load(path)) is not None:
        return kept
    answers, ended = _run(bench, task)
    facts, more, errors, complete = _read_answers(answers, archs, source)
    found = (facts, [*notes, *more, *([ended] if ended else [])], errors)
    if path is not None and complete and not ended:
        _store(path, found)
    return found


def _tools() -> tuple[dict[str, str], list[str]]:
    try:
        reader = disassembler()
    except ToolchainError as error:
        return {}, [f"registers are not known: {error}"]
    return {"cuobjdump": reader.cuobjdump, "nvdisasm": reader.nvdisasm}, []


def _triton_version() -> str:
    try:
        return version("triton")
    except PackageNotFoundError:
        return ""


def _described(value: Any) -> Any:
    """Describe an argument for the sandbox: plain values as they are, tensors by their layout."""
    if hasattr(value, "untyped_storage"):
        dtype = str(value.dtype).removeprefix("torch.")
        return {"tensor": {"dtype": dtype, "sizes": list(value.shape), "strides": list(value.stride())}}
    if isinstance(value, Mapping):
        return {"dict": {str(name): _described(v) for name, v in value.items()}}
    if isinstance(value, tuple):
        return {"tuple": [_described(v) for v in value]}
    if isinstance(value, list):
        return [_described(v) for v in value]
    return value if isinstance(value, str | int | float | bool) or value is None else None


def _run(bench: Workbench, task: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
    """Run the capture; return the files that it left, by name, and how it ended if not well."""
    with tempfile.TemporaryDirectory(prefix="triton-", dir=bench.folder) as name:
        folder = Path(name)
        folder.chmod(0o777)
        (folder / "task.json").write_text(json.dumps(task))
        folders = interpreter_paths()
        beside = [t for t in task["tools"].values() if not any(Path(t).is_relative_to(f) for f in folders)]
        profile = Profile(
            readable=(*folders, *beside),
            writable=(name,),
            hidden=(own_package(),),
            root=str(bench.folder),
            may_exec=True,
            extra_address_space_bytes=MEMORY_BYTES,
            cpu_s=int(2 * bench.timeout_s + OVERHEAD_S),
        )
        with bench.server.start(f"{CAPTURE_MODULE}:main", {"folder": name}, profile) as process:
            exited = process.wait(bench.timeout_s + OVERHEAD_S)
            log = process.log.text(1.0 if exited else 0.0)
        names = ["capture.json", *(f"{arch}.json" for arch in task["archs"])]
        answers = {file: found for file in names if (found := _json(folder / file)) is not None}
    if exited is None:
        return answers, f"compiling for {', '.join(task['archs'])} took longer than {bench.timeout_s:g} s"
    if exited.code != 0:
        last = (log.strip().splitlines() or [""])[-1][:300]
        return answers, f"compiling ahead of time {exited.describe()}{': ' if last else ''}{last}"
    return answers, ""


def _json(path: Path) -> Any:
    data = _read(path)
    try:
        return None if data is None else json.loads(data)
    except (ValueError, RecursionError):
        return None


def _read_answers(
    answers: Mapping[str, Any], archs: Sequence[str], source: str
) -> tuple[list[StaticFacts], list[str], list[Diagnostic], bool]:
    """Read what the sandbox left; whatever is not of the expected form counts as missing."""
    summary: Any = answers.get("capture.json")
    try:
        launches = [dict(launch) for launch in summary["launches"]][:MOST_TEXTS]
        notes = [str(note)[:600] for note in summary["notes"]][:MOST_TEXTS]
        facts: list[StaticFacts] = []
        failed: dict[int, dict[str, dict[str, Any]]] = {}
        complete = True
        for arch in archs:
            answer = answers.get(f"{arch}.json", {"kernels": [], "at": 0, "complete": False})
            if not answer["complete"]:
                complete = False
                at = int(answer["at"])
                name = launches[at]["kernel"] if at < len(launches) else "a kernel"
                notes.append(f"{arch}: the compiler did not get past {name}")
            for one in answer["kernels"][:MOST_TEXTS]:
                launch = launches[int(one["launch"])]
                if "error" in one:
                    failed.setdefault(int(one["launch"]), {})[arch] = one
                    continue
                facts += _facts(one, launch, arch)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError):
        return [], ["the kernels' ahead-of-time compilation left nothing that can be read"], [], False
    errors: list[Diagnostic] = []
    for index, per_arch in failed.items():
        _judge_failures(launches[index], per_arch, archs, source, notes, errors)
    faults = any(one.get("fault") for per_arch in failed.values() for one in per_arch.values())
    return facts, notes, errors, complete and not faults


def _facts(one: Mapping[str, Any], launch: Mapping[str, Any], arch: str) -> list[StaticFacts]:
    """Return the record of one compiled specialisation."""
    constants = {str(name): str(value) for name, value in dict(launch["constants"]).items()}
    if "amdgcn" in one:
        made = facts_of_amdgcn(str(one["amdgcn"]), arch).facts
    else:
        made = assemble(str(one.get("usage", "")), "", str(one.get("code", "")), "", arch).facts
    threads = int(one["warps"]) * (WAVE if arch.startswith("gfx") else WARP)
    update = {
        "kernel": str(launch["kernel"])[:300], "constants": constants, "threads_per_block": threads,
        "shared_bytes": int(one["shared"]),
    }  # fmt: skip
    return [fact.model_copy(update=update) for fact in made[:1]]


def _judge_failures(
    launch: Mapping[str, Any], failed: Mapping[str, Mapping[str, Any]], archs: Sequence[str], source: str,
    notes: list[str], errors: list[Diagnostic],
) -> None:  # fmt: skip
    """Sort a kernel's failures into errors (no NVIDIA chip takes it) and notes."""
    deciding = [arch for arch in archs if arch.startswith("sm_")] or list(archs)
    first = next(iter(failed.values()))
    words, line = f"kernel {launch['kernel']}: {first['error']}"[:800], int(first.get("line", 0))
    everywhere = all(arch in failed for arch in deciding)
    faults = any(one.get("fault") for one in failed.values())  # a machine's failure accuses nobody
    forgiven = bool(launch.get("tuned")) and bool(first.get("resource"))  # tuning would pass over such a configuration
    if everywhere and not forgiven and not faults:
        lines = source.splitlines()
        text = lines[line - 1] if 0 < line <= len(lines) else ""
        errors.append(Diagnostic("error", words, "candidate.py" if line else "", line, text))
        return
    for arch, one in failed.items():
        place = f"candidate.py:{one['line']}: " if one.get("line") else ""
        notes.append(f"{place}{arch}: kernel {launch['kernel']}: {one['error']}"[:900])


def _load(path: Path) -> Facts | None:
    try:
        raw = json.loads(path.read_text())
        facts = [StaticFacts.model_validate(f) for f in raw["facts"]]
        return facts, list(raw["notes"]), [Diagnostic(**d) for d in raw["errors"]]
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _store(path: Path, found: Facts) -> None:
    facts, notes, errors = found
    text = json.dumps(
        {
            "facts": [f.model_dump() for f in facts],
            "notes": notes,
            "errors": [vars(e) for e in errors],
            "at": time.time(),
        }
    )
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False) as file:
            file.write(text)
        Path(file.name).replace(path)
