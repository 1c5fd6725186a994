"""The knowledge base: short documents on kernels in `agents/knowledge/`, listed by an `index.toml` per folder.

Retrieval needs no embedding: a model picks from `index()`, or a query is ranked by BM25. Whatever it is, it goes through
`for_task`, which holds back what was learnt from the very task that is evaluated.
"""

import tomllib
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from harness.errors import AgentError, suggestion
from harness.models import sha256_hex
from harness.search.bm25 import Bm25

FOLDER = "knowledge"
INDEX = "index.toml"
SUFFIX = ".md"
SUMMARY_CHARS = 120
"""Longest summary: a line of the index."""
TEXT_CHARS = 6_000
"""Longest document, about 1,500 tokens: three of them fit a prompt beside the task."""

LANGUAGES = ("cpp", "cuda", "triton", "hip", "cute", "tilelang", "helion", "thunderkittens", "numba", "gluon")
"""Kernel languages that a document may be about; more than can be run everywhere."""
DEVICES = ("cpu", "cpu/x86", "cpu/arm", "cuda", "rocm")
"""Families of devices. A document may name a member that is none of these, such as `cuda/sm_90`."""

_WEIGHTS = {"title": 3, "tags": 3, "summary": 2, "text": 1}
"""A word of the title says more about a document than one of its text."""

_Line = Annotated[str, StringConstraints(min_length=1, pattern=r"^\S[^\n]*\S$|^\S$")]
_Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
_Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
_Task = Annotated[str, StringConstraints(pattern=r"^\S+$")]


class _Table(BaseModel):
    model_config: ClassVar[ConfigDict] = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class _Entry(_Table):
    """`[[document]]` of an `index.toml`; its text is `<id>.md` beside it."""

    id: _Name
    title: Annotated[_Line, StringConstraints(max_length=80)]
    summary: Annotated[_Line, StringConstraints(max_length=SUMMARY_CHARS)]
    tags: tuple[_Line, ...] = Field(min_length=1)
    languages: tuple[str, ...] = ()
    devices: tuple[str, ...] = ()
    derived_from: tuple[_Task, ...] = ()
    reference_sha256: tuple[_Digest, ...] = ()


class _Index(_Table):
    """An `index.toml`."""

    about: Annotated[_Line, StringConstraints(max_length=SUMMARY_CHARS)]
    document: tuple[_Entry, ...] = Field(min_length=1)


@dataclass(frozen=True)
class Document:
    """One document and what its index says of it."""

    id: str
    """Name, unique in the whole tree."""
    folder: str
    """Where it lies: `guidance`."""
    title: str
    """Its heading."""
    summary: str
    """One line, at most `SUMMARY_CHARS`."""
    tags: tuple[str, ...]
    """Words that people would look for."""
    languages: tuple[str, ...]
    """Kernel languages that it is about; none for any."""
    devices: tuple[str, ...]
    """Devices that it is about, as families and members (`cuda`, `cuda/sm_90`); none for any."""
    derived_from: tuple[str, ...]
    """Ids of the tasks that it was learnt from."""
    reference_sha256: tuple[str, ...]
    """Digests of the references that it was learnt from."""
    text: str
    """The Markdown."""

    def about(self, language: str | None = None, device: str | None = None) -> bool:
        """Whether it helps with a language and a device.

        A family takes in its members, both ways: `cuda` finds what is about `cuda/sm_90`, and `cuda/sm_90` finds what is
        about all of `cuda`, but not what is about `cuda/sm_80`.
        """
        return (language is None or not self.languages or language in self.languages) and (
            device is None or not self.devices or any(_related(device, own) for own in self.devices)
        )

    def leaks(self, task: str, references: Collection[str] = ()) -> bool:
        """Whether it was learnt from `task`, or from a reference with one of the digests `references`."""
        return task in self.derived_from or not set(self.reference_sha256).isdisjoint(references)


class KnowledgeBase:
    """The documents that may be shown. Immutable."""

    def __init__(self, documents: Iterable[Document], about: dict[str, str]) -> None:
        self._documents = {document.id: document for document in documents}
        self._about = about

    @classmethod
    def load(cls, agents_dir: Path) -> "KnowledgeBase":
        """Read and check the whole tree under `agents_dir`.

        Raises:
            AgentError: a file is missing, unlisted or malformed; names the file, the entry and what to do.
        """
        root = agents_dir / FOLDER
        if not root.is_dir():
            raise AgentError(f"{root}: there is no knowledge base; create it or use an agent that retrieves nothing")
        documents: dict[str, Document] = {}
        about: dict[str, str] = {}
        for path in sorted(root.rglob(INDEX)):
            folder = path.parent.relative_to(root).as_posix()
            index = _read_index(path)
            about[folder] = index.about
            for number, entry in enumerate(index.document, 1):
                document = _read_document(path, number, entry, folder)
                if other := documents.get(document.id):
                    raise AgentError(f"{path}: id '{entry.id}' is also in {root / other.folder / INDEX}; rename one")
                documents[document.id] = document
        _refuse_unlisted(root, documents.values())
        return cls((documents[name] for name in sorted(documents)), about)

    def __iter__(self) -> Iterator[Document]:
        return iter(self._documents.values())

    def __len__(self) -> int:
        return len(self._documents)

    @cached_property
    def digest(self) -> str:
        """SHA-256 over everything that can be shown or found, for a run's lock."""
        return sha256_hex("\0".join(sha256_hex(repr(document)) for document in self))

    def for_task(self, task: str, references: Collection[str] = (), *, warm_start: bool = False) -> "KnowledgeBase":
        """Return the part that may be shown while `task` is evaluated: the leakage rule.

        What was learnt from the task itself, or from a reference of the same digest, is left out, unless the run is labelled
        `warm_start`. `references` are the digests of the problem's file and of the text that is graded.
        """
        if warm_start:
            return self
        return KnowledgeBase((document for document in self if not document.leaks(task, references)), self._about)

    def index(self, language: str | None = None, device: str | None = None) -> str:
        """Return one line per document (id, title, summary) under a heading per folder: the same text every time."""
        lines: list[str] = []
        for folder, about in sorted(self._about.items()):
            found = [each for each in self if each.folder == folder and each.about(language, device)]
            if found:
                lines += [
                    f"{folder}/ - {about}",
                    *(f"* {each.id}: {each.title} - {each.summary}" for each in found),
                    "",
                ]
        return "\n".join(lines)

    def get(self, name: str) -> Document:
        """Return the document called `name`.

        Raises:
            AgentError: there is none here; names the closest one.
        """
        if found := self._documents.get(name):
            return found
        raise AgentError(f"no document '{name}' in the knowledge base{suggestion(name, self._documents)}")

    def search(
        self, query: str, k: int, language: str | None = None, exclude: Collection[str] = (), device: str | None = None
    ) -> list[Document]:
        """Return up to `k` documents that share a word with `query`, best first by BM25, equal ones by id.

        Left out are the ids in `exclude` and what is about another language or device.
        """
        hits = (self._documents[name] for name, _ in self._ranking.rank(query))
        fit = [hit for hit in hits if hit.id not in exclude and hit.about(language, device)]
        return fit[: max(k, 0)]

    @cached_property
    def _ranking(self) -> Bm25:
        texts = {each.id: (each.title, " ".join(each.tags), each.summary, each.text) for each in self}
        return Bm25({name: list(zip(_WEIGHTS.values(), fields, strict=True)) for name, fields in texts.items()})


def _related(one: str, other: str) -> bool:
    """Whether one of two device names is the other, or a family that the other belongs to."""
    return f"{one}/".startswith(f"{other}/") or f"{other}/".startswith(f"{one}/")


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise AgentError(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise AgentError(f"{path}: not UTF-8 at byte {error.start}") from None


def _read_index(path: Path) -> _Index:
    try:
        table = tomllib.loads(_read(path))
    except tomllib.TOMLDecodeError as error:
        raise AgentError(f"{path}: not TOML: {error}") from None
    try:
        return _Index.model_validate(table)
    except ValidationError as error:
        first = min(
            error.errors(), key=lambda each: each["type"] != "extra_forbidden"
        )  # a typo explains what is missing
        raise AgentError(f"{path}: {_complaint(first, table)}") from None


def _complaint(error: Any, table: dict[str, Any]) -> str:
    """Say which key of which entry is wrong, and the closest known key where it is unknown."""
    location = error["loc"]
    entry = location[0] == "document" and len(location) > 1
    kind: type[_Table] = _Index
    where, key = "", ".".join(map(str, location))
    if entry:
        named = table["document"][location[1]]
        name = named.get("id") if isinstance(named, dict) else None
        kind, where = _Entry, f"document {location[1] + 1}" + (f" ('{name}')" if name else "") + ": "
        key = ".".join(map(str, location[2:])) or "entry"
    if error["type"] == "extra_forbidden":
        known = list(kind.model_fields)
        return f"{where}unknown key '{key}'{suggestion(str(location[-1]), known)} (known: {', '.join(known)})"
    return f"{where}{key}: {error['msg']}"


def _read_document(index: Path, number: int, entry: _Entry, folder: str) -> Document:
    where = f"{index}: document {number} ('{entry.id}')"
    for language in entry.languages:
        if language not in LANGUAGES:
            raise AgentError(f"{where}: unknown language '{language}'{suggestion(language, LANGUAGES)}")
    for device in entry.devices:
        if not any(device == family or device.startswith(f"{family}/") for family in DEVICES):
            raise AgentError(f"{where}: unknown device '{device}'{suggestion(device.split('/')[0], DEVICES)}")
    path = index.parent / f"{entry.id}{SUFFIX}"
    if not path.is_file():
        known = [each.stem for each in index.parent.glob(f"*{SUFFIX}")]
        raise AgentError(f"{where}: there is no {path.name} beside it{suggestion(entry.id, known)}")
    text = _read(path)
    if len(text) > TEXT_CHARS:
        raise AgentError(f"{path}: {len(text)} characters are more than {TEXT_CHARS}; split it")
    if text.partition("\n")[0] != f"# {entry.title}":
        raise AgentError(f"{path}: its first line has to be '# {entry.title}', as {INDEX} says")
    return Document(folder=folder, text=text, **entry.model_dump())


def _refuse_unlisted(root: Path, documents: Iterable[Document]) -> None:
    """Raise AgentError for a Markdown file that no index lists; a README in `root` is for people."""
    listed = {root / document.folder / f"{document.id}{SUFFIX}" for document in documents} | {root / "README.md"}
    for path in sorted(root.rglob(f"*{SUFFIX}")):
        if path not in listed:
            raise AgentError(f"{path}: not listed; add a [[document]] with id '{path.stem}' to {path.parent / INDEX}")
