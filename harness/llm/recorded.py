"""Replies that ship with the harness: they make a run possible without a key, a network or a bill.

They were written for this project, to exercise it; they are nobody's score.
"""

import re
from collections.abc import Sequence
from pathlib import Path

from harness.errors import AgentError, suggestion
from harness.llm.base import NoMoreReplies, Reply, Request

SETS = ("quickstart",)
"""Recordings that exist: the part after `recorded/` of a model string."""


class RecordedProvider:
    """Reads reply `n` to a problem from `agents/recorded/{language}/{problem}/{n}.md`."""

    def __init__(self, name: str, content_root: Path) -> None:
        if name not in SETS:
            raise AgentError(f"unknown recording 'recorded/{name}'{suggestion(name, SETS)} (known: {', '.join(SETS)})")
        self._root = content_root / "agents" / "recorded"

    def check(self, problem_ids: Sequence[str], language: str) -> None:
        """Raise AgentError unless each of `problem_ids` has a first reply in `language`."""
        missing = [name for name in problem_ids if not self._path(language, name, 1).is_file()]
        if missing:
            known = sorted(path.name for path in self._root.iterdir()) if self._root.is_dir() else []
            advice = (
                "ask a model with --model openai/<name> or --model anthropic/<name>"
                if language in known or not known
                else f"recorded languages: {', '.join(known)}"
            )
            more = f" and {len(missing) - 3} more" if len(missing) > 3 else ""
            raise AgentError(f"no recorded {language} reply for {', '.join(missing[:3])}{more} - {advice}")

    async def complete(self, request: Request) -> Reply:
        """Return the recorded reply number `request.attempt`.

        Raises:
            NoMoreReplies: there are fewer recorded replies; none is repeated.
            AgentError: the file is there and cannot be read.
        """
        path = self._path(request.language, request.problem_id, request.attempt)
        try:
            return Reply(text=path.read_text(encoding="utf-8"), cost_usd=0.0)
        except FileNotFoundError:
            raise NoMoreReplies(f"all {request.attempt - 1} recorded replies are used") from None
        except (OSError, UnicodeDecodeError) as error:
            raise AgentError(f"{path}: cannot be read: {error}") from None

    async def aclose(self) -> None:
        """Nothing is open."""

    def _path(self, language: str, problem_id: str, attempt: int) -> Path:
        return self._root / language / _folder(problem_id) / f"{attempt}.md"


def _folder(problem_id: str) -> str:
    """Return the folder of a problem: `level1/23` is `level1/023`, as its file is; other ids stand for themselves."""
    numbered = re.fullmatch(r"(level\d+)/(\d+)", problem_id)
    return f"{numbered[1]}/{int(numbered[2]):03d}" if numbered else problem_id
