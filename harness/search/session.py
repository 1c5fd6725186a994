"""A session with tools: the model asks for one thing at a time in plain text, until it submits or its turns are used up.

Tools are spoken of in replies and not in a vendor's protocol, so that any provider will do, recorded ones included. Each
reply is an event, and so is each verdict on a draft: a session that is resumed hears the same again and pays for nothing
twice.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from harness.llm import Message, last_code_block
from harness.models import Verdict
from harness.score import better
from harness.search.asking import Asker, Question
from harness.search.contracts import Written, first_json
from harness.search.ledger import Ledger
from harness.search.nodes import LoggedReply, Node, ReplyKey
from harness.search.operators import Step
from harness.search.state import SearchState

JudgeDraft = Callable[[int, int, str], Awaitable[Verdict]]
"""(step, call, source) -> its verdict, out of the log where it is there."""

HOW = """Reply with one JSON object, and a fenced block with the whole module where it takes one:
{"tool": "evaluate"} and the module: have it built, checked and timed
{"tool": "feedback"}: hear once more what was found about the newest module that was judged
{"tool": "read", "document": "<id>"}: open a document of the index
{"tool": "submit"} and the module: hand it in; without a module the best one that was evaluated"""
TOOLS = ("evaluate", "feedback", "read", "submit")


@dataclass(frozen=True)
class Handed:
    """How a session ended."""

    written: Written
    """What was handed in."""
    reply: LoggedReply
    """The reply that it comes from, or the last one."""
    said: str
    """The text of the last reply."""
    keys: tuple[ReplyKey, ...]
    """All replies."""


@dataclass
class Session:
    """One session. Used once."""

    asker: Asker
    state: SearchState
    node: Node
    step: Step
    number: int
    """Position of the step."""
    first: int
    """Number of its first call."""
    draw: int
    """Number of its first call among those of its role."""
    ledger: Ledger
    judge: JudgeDraft
    _best: tuple[Verdict, str, LoggedReply] | None = field(default=None, init=False)
    _newest: tuple[Verdict, str] | None = field(default=None, init=False)
    _drafts: int = field(default=0, init=False)

    async def run(self, notes: dict[str, Any]) -> Handed:
        """Answer the model's requests until it submits.

        Raises:
            Ended, Left, ProviderError: as `Asker.ask`.
        """
        talk: tuple[Message, ...] = ()
        keys: list[ReplyKey] = []
        for turn in range(self.step.turns):
            question = Question(self.number, self.first + turn, self.draw + turn, talk=talk)
            reply = await self.asker.ask(self.state, self.node, self.step, question, notes, self.ledger)
            keys.append((question.step, question.call, False))
            said = self.asker.text(reply)
            wish = first_json(said) or {}
            code = last_code_block(said)
            tool = wish.get("tool", "submit" if code else None)
            if tool == "submit" and (code or self._best):
                handed = (Written(code), reply) if code else self._best_so_far(reply)
                return Handed(*handed, said, tuple(keys))
            answer = await self._answer(tool, wish, code, question.call, reply)
            left = self.step.turns - turn - 1
            ends = f"{left} more {'reply' if left == 1 else 'replies'}; the last one has to submit."
            talk = (*talk, Message("assistant", said or "(no text)"), Message("user", f"{answer}\n\n{ends}\n\n{HOW}"))
        return Handed(*self._best_so_far(reply), said, tuple(keys))

    def _best_so_far(self, last: LoggedReply) -> tuple[Written, LoggedReply]:
        if self._best is None:
            return Written(None, "the session ended without a module", "a module that is submitted or evaluated"), last
        return Written(self._best[1]), self._best[2]

    async def _answer(self, tool: Any, wish: dict[str, Any], code: str | None, call: int, reply: LoggedReply) -> str:
        """Return what the model is told."""
        if tool == "evaluate":
            return await self._evaluate(code, call, reply)
        if tool == "read":
            return self.asker.context.document(str(wish.get("document", "")))
        if tool == "feedback":
            if self._newest is not None:
                return self.asker.context.tell(*self._newest)
            parent = self.state.nodes.get(self.node.parent or "")
            attempt = parent.attempt if parent else None
            return self.asker.context.recount(self.state, attempt) if attempt else "Nothing was judged yet."
        if tool == "submit":
            return "There is no module in that reply, and none was evaluated."
        return f"There is no tool {tool!r}; there are {', '.join(TOOLS)}." if tool else "That asks for nothing."

    async def _evaluate(self, code: str | None, call: int, reply: LoggedReply) -> str:
        if not code:
            return "There is no complete fenced block with a module in that reply."
        if self._drafts >= self.step.drafts:
            return "No evaluation is left: submit."
        self._drafts += 1
        verdict = await self.judge(self.number, call, code)
        self._newest = verdict, code
        if self._best is None or better(verdict, self._best[0]):
            self._best = verdict, code, reply
        return self.asker.context.tell(verdict, code)
