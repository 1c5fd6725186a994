"""Prompts: Jinja templates in `agents/prompts/`, one per section, composed in the order that a strategy names.

Static sections come first and are byte-identical over a run, so that a provider's prompt cache can keep them.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.errors import AgentError, suggestion
from harness.llm import Message

if TYPE_CHECKING:
    from jinja2 import Environment

SUFFIX = ".md.jinja"


@dataclass(frozen=True)
class Prompt:
    """What is sent to a model."""

    system: str
    """The same for every task of a run."""
    messages: tuple[Message, ...]
    """The conversation."""

    def to_bytes(self) -> bytes:
        """Return the artefact: JSON with the whole text."""
        messages = [{"role": message.role, "text": message.text} for message in self.messages]
        return json.dumps({"system": self.system, "messages": messages}, indent=1, ensure_ascii=False).encode()


class PromptLibrary:
    """The templates of one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

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
        )

    def check(self, sections: Sequence[str], language: str) -> None:
        """Raise AgentError unless there is a template for each of `sections` in `language`."""
        for section in sections:
            self._template_name(section, language)

    def compose(
        self, system: Sequence[str], user: Sequence[str], language: str, variables: Mapping[str, Any]
    ) -> Prompt:
        """Render the sections; one that renders to nothing is left out.

        Raises:
            AgentError: a template is missing or wrong; the message names it.
        """
        return Prompt(
            system=self._render(system, language, variables),
            messages=(Message("user", self._render(user, language, variables)),),
        )

    def _render(self, sections: Sequence[str], language: str, variables: Mapping[str, Any]) -> str:
        from jinja2 import TemplateError

        parts = []
        for section in sections:
            name = self._template_name(section, language)
            try:
                parts.append(self._environment.get_template(name).render(variables).strip())
            except TemplateError as error:
                line = getattr(error, "lineno", None)
                place = f"{self._folder / name}" + (f" line {line}" if line else "")
                raise AgentError(f"{place}: {error.message or type(error).__name__}") from None
        return "\n\n".join(part for part in parts if part) + "\n"

    def _template_name(self, section: str, language: str) -> str:
        """Return the template of `section`: the language's own one, or the common one."""
        for name in (f"{language}/{section}{SUFFIX}", f"{section}{SUFFIX}"):
            if (self._folder / name).is_file():
                return name
        known = sorted({path.name.removesuffix(SUFFIX) for path in self._folder.rglob(f"*{SUFFIX}")})
        raise AgentError(
            f"no template for prompt section '{section}' in {language}{suggestion(section, known)} ({self._folder})"
        )

    @staticmethod
    def _read(path: Path) -> bytes:
        try:
            return path.read_bytes()
        except OSError as error:
            raise AgentError(f"{path}: cannot be read: {error.strerror}") from None
