"""Replies from a folder: those that ship with the harness, and those that a run of one's own was told to keep.

The ones that ship make a run possible without a key, a network or a bill. They were written for this project, to exercise
it; they are nobody's score.

    {language}/{problem}/{attempt}.md             the coder's reply to one attempt
    {language}/{problem}/{attempt}.{role}.md      that of another step: judge, planner, ...
    {language}/{problem}/{attempt}.{role}.{n}.md  the n-th further one of the same step, from 1
    {language}/{problem}/{...}.again.md           what was said when the step was asked once more
    {language}/{problem}/{role}@{parent}.md       that of a step which is shown attempt {parent}, whichever attempt it is for
    {language}/{problem}/sample{k}/...            those of search number k, where they are not those of search 0

What was said of one attempt is true of no other, and which attempt a search goes on from may depend on measured times. So
replies that are written by hand go by what is shown (`analyst@2.md`); the first form comes first where there are both.
"""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from harness.errors import AgentError, UsageError, suggestion
from harness.llm.base import NoMoreReplies, Provider, Reply, Request
from harness.llm.options import ProviderOptions
from harness.store.config import toml_text
from harness.store.files import store_errors, write_atomically

SHIPPED = "quickstart"
"""The recording that ships: `recorded/quickstart`."""
WRITTEN = frozenset({SHIPPED, "strategies"})
"""Recordings that ship and that no model is behind."""
ABOUT = "recording.toml"
"""File at the top of every other recording: which model answered, and when."""
CODER = "coder"

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")


def recorded_provider(name: str, options: ProviderOptions) -> Provider:
    """Return the recording `name`.

    Raises:
        AgentError: there is none; names the closest one.
    """
    shipped = options.content_root / "agents" / "recorded"
    if name == SHIPPED:
        return RecordedProvider(shipped)
    known = {SHIPPED: shipped}
    for folder in (options.recordings, shipped):
        if folder is not None and folder.is_dir():
            known |= {path.parent.name: path.parent for path in folder.glob(f"*/{ABOUT}")}
    if name not in known:
        listed = ", ".join(sorted(known))
        raise AgentError(f"unknown recording 'recorded/{name}'{suggestion(name, known)} (known: {listed})")
    return RecordedProvider(known[name])


class RecordedProvider:
    """Reads replies from `root`."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def check(self, problem_ids: Sequence[str], language: str) -> None:
        """Raise AgentError unless each of `problem_ids` has a first reply in `language`."""
        missing = [name for name in problem_ids if not self._has_any(language, name)]
        if missing:
            known = [path.name for path in sorted(self._root.iterdir()) if path.is_dir()] if self._root.is_dir() else []
            known = [name for name in known if not (self._root / name / ABOUT).is_file()]
            advice = (
                "ask a model with --model openai/<name> or --model anthropic/<name>"
                if language in known or not known
                else f"recorded languages: {', '.join(known)}"
            )
            raise AgentError(
                f"no recorded {language} reply for {_listed(missing)} - {advice}{self._recorded(language)}"
            )

    async def complete(self, request: Request) -> Reply:
        """Return the reply that was recorded for this attempt, role and sample.

        Raises:
            NoMoreReplies: there is none; none is given twice.
            AgentError: the file is there and cannot be read.
        """
        own = problem_folder(self._root, request.language, request.problem_id) / f"sample{request.sample}"
        path = reply_path(self._root, request, own_folder=own.is_dir())
        shown = path.with_name(f"{_name(request, f'{_role(request)}@{request.parent}')}.md")
        for kept in (path, shown):
            try:
                return Reply(text=kept.read_bytes().decode(), cost_usd=0.0)
            except FileNotFoundError:
                continue
            except (OSError, UnicodeDecodeError) as error:
                raise AgentError(f"{kept}: cannot be read: {error}") from None
        if request.role == CODER and not request.draw:
            raise NoMoreReplies(f"all {request.attempt - 1} recorded replies are used")
        names = path.name if request.parent is None else f"{path.name} or {shown.name}"
        raise NoMoreReplies(f"no reply of the {request.role} at attempt {request.attempt} is recorded ({names})")

    async def aclose(self) -> None:
        """Nothing is open."""

    def _recorded(self, language: str) -> str:
        """Return what is recorded in `language`, for the end of a message."""
        found = {path.parent for path in (self._root / language).rglob("1*.md") if re.match(r"1\.", path.name)}
        names = sorted(re.sub(r"/0+", "/", str(path.relative_to(self._root / language))) for path in found)
        return f" (recorded: {_listed(names, 4)})" if names else ""

    def _has_any(self, language: str, problem_id: str) -> bool:
        folder = problem_folder(self._root, language, problem_id)
        return any(folder.glob("1.md")) or any(folder.glob("1.*.md"))


def _listed(names: Sequence[str], shown: int = 3) -> str:
    return ", ".join(names[:shown]) + (f" and {len(names) - shown} more" if len(names) > shown else "")


class Recording:
    """Keeps every reply of `provider` in `folder`, from where `recorded/<name of the folder>` gives them again."""

    def __init__(self, provider: Provider, folder: Path, model: str) -> None:
        self._provider = provider
        self._folder = folder
        self._model = model

    def check(self, problem_ids: Sequence[str], language: str) -> None:
        """Find out whether these problems can be asked; see `harness.llm.Provider`."""
        self._provider.check(problem_ids, language)

    async def complete(self, request: Request) -> Reply:
        """Answer `request`, and keep the reply. An attempt that is made again, after a crash, replaces the first.

        Raises:
            StoreError: the reply cannot be written.
        """
        reply = await self._provider.complete(request)
        about = self._folder / ABOUT
        path = reply_path(self._folder, request, own_folder=request.sample > 0)
        with store_errors(path.parent, "created"):
            path.parent.mkdir(parents=True, exist_ok=True)
        if not about.exists():
            table = {"model": self._model, "begun": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"}
            write_atomically(about, toml_text(table).encode())
        write_atomically(path, reply.text.encode("utf-8", "replace"))
        return reply

    async def aclose(self) -> None:
        """Close what the provider has open."""
        await self._provider.aclose()


def about_replies(model: str) -> str | None:
    """Return what a reader of numbers has to know of the replies behind them; null where a model answered."""
    provider, _, name = model.partition("/")
    if provider == "inductor":
        return f"Kernels are torch.compile's own ({name}); no model was asked."
    if provider != "recorded":
        return None
    if name in WRITTEN:
        return "Replies were recorded to exercise the harness; these numbers are no model's score."
    return f"Replies were given again from the recording {name}."


def check_new_recording(name: str, options: ProviderOptions) -> None:
    """Find out whether a run can be recorded as `name`.

    Raises:
        UsageError: it is not a plain name, or something of that name is there.
    """
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"bad name {name!r} for a recording: letters, digits, '.', '_' and '-', a letter or digit first"
        )
    folder = options.recording(name)
    ships = name == SHIPPED or (options.content_root / "agents" / "recorded" / name / ABOUT).is_file()
    if ships or folder.exists():
        raise UsageError(f"there is a recording '{name}' already ({folder}): choose another name, or remove it")


def problem_folder(root: Path, language: str, problem_id: str) -> Path:
    """Return the folder of a problem: `level1/23` is `level1/023`, as its file is; other ids stand for themselves."""
    numbered = re.fullmatch(r"(level\d+)/(\d+)", problem_id)
    if numbered:
        return root / language / numbered[1] / f"{int(numbered[2]):03d}"
    parts = [part for part in problem_id.split("/") if part not in {"", ".", ".."}]
    return root.joinpath(language, *parts)


def reply_path(root: Path, request: Request, *, own_folder: bool) -> Path:
    """Return where the reply to `request` is; `own_folder` says whether its sample has a folder of its own."""
    folder = problem_folder(root, request.language, request.problem_id)
    first = str(request.attempt)
    if request.role != CODER or request.draw:
        first += f".{_role(request)}"
    return (folder / f"sample{request.sample}" if own_folder else folder) / f"{_name(request, first)}.md"


def _role(request: Request) -> str:
    return re.sub(r"[^A-Za-z0-9_-]", "_", request.role)


def _name(request: Request, first: str) -> str:
    """Return the name of a reply that begins with `first`."""
    return first + (f".{request.draw}" if request.draw else "") + (".again" if request.again else "")
