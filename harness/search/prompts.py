"""Prompts: Jinja templates in `agents/prompts/`, one per section, composed in the order that a recipe names.

Static sections come first and are byte-identical over a run, so that a provider's prompt cache can keep them. Which
variables a template may use stands in `agents/prompts/README.md`.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.errors import AgentError, suggestion
from harness.llm import Message
from harness.search.fitting import Filled, fit
from harness.search.sections import MAX_TOKENS, SHORTHANDS, Part, Placed, Wanted, arrange

if TYPE_CHECKING:
    from jinja2 import Environment

SUFFIX = ".md.jinja"

DEFAULTS: dict[str, Any] = {
    **dict.fromkeys(("parent", "best", "feedback", "facts", "directive", "kb_index", "proposal", "profile")),
    **{name: {} for name in ("device", "baselines", "notes")},
    **dict.fromkeys(("history", "inspirations", "co_parents", "kb_docs", "lessons", "experience"), ()),
}
"""What a variable is where the caller has nothing to say. Any other name in a template is a mistake."""


@dataclass(frozen=True)
class Prompt:
    """What is sent to a model."""

    system: str
    """The same for every task of a run."""
    messages: tuple[Message, ...]
    """The conversation."""
    sections: tuple[Filled, ...] = ()
    """What it is made of, in order; those that were dropped included."""

    @property
    def tokens(self) -> int:
        """Estimated length."""
        return sum(section.tokens for section in self.sections)

    def to_bytes(self) -> bytes:
        """Return the artefact: JSON with the whole text and the context manifest."""
        messages = [{"role": message.role, "text": message.text} for message in self.messages]
        context = [section.manifest() for section in self.sections]
        whole = {"system": self.system, "messages": messages, "context": context}
        return json.dumps(whole, indent=1, ensure_ascii=False).encode("utf-8", "replace")


@dataclass(frozen=True)
class _Plan:
    """A recipe as two lists of sections."""

    system: Sequence[Wanted]
    user: Sequence[Wanted]


class PromptLibrary:
    """The templates of one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def agents_dir(self) -> Path:
        """The folder that the templates' folder lies in."""
        return self._folder.parent

    @cached_property
    def digest(self) -> str:
        """SHA-256 over the names and contents of all templates."""
        total = sha256()
        for path in sorted(self._folder.rglob(f"*{SUFFIX}")):
            total.update(f"{path.relative_to(self._folder).as_posix()}\0".encode())
            total.update(sha256(self._read(path)).digest())
        return total.hexdigest()

    @cached_property
    def _environment(self) -> "Environment":
        from jinja2 import FileSystemLoader, StrictUndefined
        from jinja2.sandbox import SandboxedEnvironment

        return SandboxedEnvironment(
            loader=FileSystemLoader(self._folder),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            autoescape=False,
            auto_reload=False,
        )

    @cached_property
    def names(self) -> frozenset[str]:
        """Names of all sections that have a template."""
        return frozenset(path.name.removesuffix(SUFFIX) for path in self._folder.rglob(f"*{SUFFIX}"))

    def check(self, sections: Iterable[Wanted], language: str) -> None:
        """Raise AgentError unless there is a template for each of `sections` in `language`."""
        for placed in arrange(tuple(sections), self.names):
            self._template_name(placed.name, language)

    def compose(
        self,
        system: Sequence[Wanted],
        user: Sequence[Wanted],
        language: str,
        variables: Mapping[str, Any],
        max_tokens: int = MAX_TOKENS,
    ) -> Prompt:
        """Render the sections of a `[prompt]` table; one that renders to nothing is left out.

        Raises:
            AgentError: a template is missing or wrong; the message names it.
        """
        return self.render(arrange(_Plan(system, user), self.names), language, variables, max_tokens)

    def render(
        self, sections: Iterable[Placed], language: str, variables: Mapping[str, Any], max_tokens: int = MAX_TOKENS
    ) -> Prompt:
        """Render `sections` in their order, within their limits and that of the whole prompt.

        Raises:
            AgentError: a template is missing or wrong; the message names it.
        """
        filled = fit(
            sections, lambda name, given: self._section(name, language, given), {**DEFAULTS, **variables}, max_tokens
        )
        texts = {part: "\n\n".join(each.text for each in filled if each.text and each.part is part) for part in Part}
        return Prompt(
            system=texts[Part.SYSTEM] + "\n", messages=(Message("user", texts[Part.USER] + "\n"),), sections=filled
        )

    def _section(self, section: str, language: str, variables: Mapping[str, Any]) -> str:
        from jinja2 import TemplateError

        name = self._template_name(section, language)
        try:
            return self._environment.get_template(name).render(variables).strip()
        except (TemplateError, TypeError, ValueError) as error:
            line = getattr(error, "lineno", None)
            place = f"{self._folder / name}" + (f" line {line}" if line else "")
            raise AgentError(f"{place}: {error or type(error).__name__}") from None

    def _template_name(self, section: str, language: str) -> str:
        """Return the template of `section`: the language's own one, or the common one."""
        for name in (f"{language}/{section}{SUFFIX}", f"{section}{SUFFIX}"):
            if name in self._files:
                return name
        here = (Path(name) for name in self._files if Path(name).parts[0] in (language, Path(name).name))
        short = {name for name, stands_for in SHORTHANDS.items() if section not in stands_for}
        known = sorted({path.name.removesuffix(SUFFIX) for path in here} | short)
        raise AgentError(
            f"no template for prompt section '{section}' in {language}{suggestion(section, known)} ({self._folder})"
        )

    @cached_property
    def _files(self) -> frozenset[str]:
        return frozenset(path.relative_to(self._folder).as_posix() for path in self._folder.rglob(f"*{SUFFIX}"))

    @staticmethod
    def _read(path: Path) -> bytes:
        try:
            return path.read_bytes()
        except OSError as error:
            raise AgentError(f"{path}: cannot be read: {error.strerror}") from None
