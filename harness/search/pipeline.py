"""Runs an operator: asks its steps in order, lets branches fork and be voted on, and hands back the candidates."""

import asyncio
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from harness.llm import StopReason
from harness.search.asking import Asker, Ended, Question
from harness.search.contracts import Written, accepted, first_json, prose, texts, written_code, written_edit
from harness.search.ledger import Ledger
from harness.search.nodes import LoggedReply, Node, ReplyKey
from harness.search.operators import Operator, Step
from harness.search.session import JudgeDraft, Session
from harness.search.state import SearchState

T = TypeVar("T")


@dataclass(frozen=True)
class Branch:
    """One line through a pipeline; at its end a proposed candidate."""

    notes: dict[str, Any] = field(default_factory=dict)
    """What was said on it, by role."""
    written: Written = field(default_factory=lambda: Written(None, "no step has written a candidate"))
    """The newest candidate."""
    by: LoggedReply | None = None
    """The reply that the candidate comes from."""
    keys: tuple[ReplyKey, ...] = ()
    """Replies on this line."""
    lessons_try: tuple[str, ...] = ()
    """What steps concluded is worth trying."""
    lessons_avoid: tuple[str, ...] = ()
    """What steps concluded is to be avoided."""


@dataclass(frozen=True)
class Pipeline:
    """One expansion of one search."""

    asker: Asker
    """Buys replies."""
    state: SearchState
    """Where the search is."""
    node: Node
    """The expansion."""
    ledger: Ledger
    """Budget of its lane."""
    base: str
    """Source of the parent's candidate; empty for a draft."""
    judge: JudgeDraft
    """Judges drafts."""
    parallel: bool = True
    """Whether the calls of a step are made at once."""

    async def run(self, operator: Operator) -> list[Branch]:
        """Return the candidates, best voted first where there was a vote, and never none.

        Raises:
            Ended, Left, ProviderError: as `Asker.ask`.
        """
        branches = [Branch()]
        for number, step in enumerate(operator):
            ask = self._vote if step.filter else self._fork
            branches = await ask(number, step, branches, _draws_before(operator, number))
            branches = branches[: step.keep]
        return branches[: self.node.proposals]

    async def _fork(self, number: int, step: Step, branches: list[Branch], first: int) -> list[Branch]:
        """Return the branches after a step that writes or says something."""
        calls = [
            self._extend(
                number,
                step,
                branch,
                Question(number, call * step.draws, first + call * step.draws),
                call % step.fan_out,
            )
            for call, branch in enumerate(branch for branch in branches for _ in range(step.fan_out))
        ]
        done = await self._all(calls)
        found = [branch for branch in done if isinstance(branch, Branch)]
        if not found:
            raise next(error for error in done if isinstance(error, Ended))
        return found

    async def _extend(self, number: int, step: Step, branch: Branch, question: Question, place: int) -> Branch:
        notes = _spread(branch.notes, step, place)
        if step.contract == "tools":
            return await self._work(number, step, branch, question, notes)
        reply, said, keys = await self._said(step, question, notes)
        branch = replace(branch, keys=(*branch.keys, *keys))
        if step.writes:
            written = _why_cut(self._written(step, said), reply)
            kept = {"code": written.code or "", "text": prose(said)}
            return replace(branch, notes=notes | {step.role: kept}, written=written, by=reply)
        value = first_json(said)
        if value is None:
            return branch
        if step.remember:
            lessons = texts(value.get("try")), texts(value.get("avoid"))
            branch = replace(branch, lessons_try=tuple(lessons[0]), lessons_avoid=tuple(lessons[1]))
        return replace(branch, notes=notes | {step.role: value})

    async def _work(self, number: int, step: Step, branch: Branch, question: Question, notes: dict[str, Any]) -> Branch:
        """Return the branch after a session with tools."""
        session = Session(
            self.asker, self.state, self.node, step, number, question.call, question.draw, self.ledger, self.judge
        )
        handed = await session.run(notes)
        written = _why_cut(handed.written, handed.reply)
        said = notes | {step.role: {"code": written.code or "", "text": prose(handed.said)}}
        return replace(branch, keys=(*branch.keys, *handed.keys), notes=said, written=written, by=handed.reply)

    async def _vote(self, number: int, step: Step, branches: list[Branch], first: int) -> list[Branch]:
        """Return the branches that most critics pass, the most votes first; if there are none, the best voted one."""
        questions = [(branch, n) for n, branch in enumerate(branches) if branch.written.code]
        calls = [
            self._said(step, Question(number, n * step.fan_out + j, first + n * step.fan_out + j), branch.notes)
            for branch, n in questions
            for j in range(step.fan_out)
        ]
        done = await self._all(calls)
        votes: dict[int, int] = {}
        keys: list[ReplyKey] = []
        for place, said in enumerate(done):
            if isinstance(said, Ended):
                continue
            votes[questions[place // step.fan_out][1]] = votes.get(questions[place // step.fan_out][1], 0) + accepted(
                first_json(said[1])
            )
            keys += said[2]
        order = sorted(range(len(branches)), key=lambda n: -votes.get(n, -1))
        passed = [n for n in order if 2 * votes.get(n, 0) > step.fan_out] or order[:1]
        return [branches[n] for n in passed]

    async def _said(
        self, step: Step, question: Question, notes: dict[str, Any]
    ) -> tuple[LoggedReply, str, list[ReplyKey]]:
        """Return the reply to a question, its text, and where it is logged; JSON is asked for once more."""
        asker = self.asker
        reply = await asker.ask(self.state, self.node, step, question, notes, self.ledger)
        said = asker.text(reply)
        keys: list[ReplyKey] = [(question.step, question.call, False)]
        if not step.writes and first_json(said) is None:
            again = replace(question, again=said)
            reply = await asker.ask(self.state, self.node, step, again, notes, self.ledger)
            said = asker.text(reply)
            keys.append((question.step, question.call, True))
        return reply, said, keys

    def _written(self, step: Step, said: str) -> Written:
        if step.contract == "edit" and self.base:
            return written_edit(said, self.base)
        return written_code(said)

    async def _all(self, calls: Sequence[Awaitable[T]]) -> list[T | Ended]:
        """Return what `calls` return, or that they ended; whatever else they raise is raised once all are done."""
        if self.parallel and len(calls) > 1:
            done: list[T | BaseException] = await asyncio.gather(*calls, return_exceptions=True)
        else:
            done = []
            for call in calls:
                try:
                    done.append(await call)
                except Ended as end:
                    done.append(end)
        found: list[T | Ended] = []
        for value in done:
            if isinstance(value, BaseException) and not isinstance(value, Ended):
                raise value
            found.append(value)
        return found


def shares(node: Node, branches: Sequence[Branch]) -> list[list[LoggedReply]]:
    """Return each branch's replies, each reply once: what several share, or none has, is the first one's."""
    claimed: set[ReplyKey] = set()
    found: list[list[LoggedReply]] = []
    for branch in branches:
        own = [key for key in branch.keys if key not in claimed]
        claimed.update(own)
        found.append([node.replies[key] for key in own])
    found[0] += [reply for key, reply in sorted(node.replies.items()) if key not in claimed]
    return found


def _draws_before(operator: Operator, number: int) -> int:
    """Return the most calls that earlier steps of the same role make: the first draw of step `number`."""
    branches, before = 1, 0
    for step in operator[:number]:
        if step.role == operator[number].role:
            before += branches * step.fan_out * step.draws
        branches = branches if step.filter else branches * step.fan_out
        branches = min(branches, step.keep or branches)
    return before


def _spread(notes: dict[str, Any], step: Step, place: int) -> dict[str, Any]:
    """Return the notes for call number `place`: of the list that is spread it sees its own item alone."""
    if step.spread is None:
        return dict(notes)
    role, _, name = step.spread.partition(".")
    said = notes.get(role)
    items = texts(said.get(name), limit=64) if isinstance(said, dict) else []
    return {**notes, role: {name: [items[place % len(items)]]}} if items else dict(notes)


def _why_cut(written: Written, reply: LoggedReply) -> Written:
    """Say of a reply without code why it has none, where the model's stop reason tells."""
    what = {
        StopReason.MAX_TOKENS.value: "the reply was cut off at its token limit before a code block was complete",
        StopReason.REFUSAL.value: "the model declined to answer",
    }.get(reply.stop_reason)
    return written if written.code or what is None else replace(written, what=what)
