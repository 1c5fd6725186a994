"""One question to the model: the prompt, the budget, the call, the log. What is logged already is not bought again."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from harness.llm import CallFailed, FailedTry, Message, NoMoreReplies, Provider, Reply, Request
from harness.models import Event, EventType
from harness.search.context import ContextBuilder
from harness.search.ledger import Ledger, Reservation, call_amounts
from harness.search.nodes import LoggedReply, Node
from harness.search.operators import Step, describe
from harness.search.parts import ArtifactStore
from harness.search.prompts import Prompt
from harness.search.state import SearchState
from harness.search.strategy import Strategy
from harness.search.tries import Most, Tries

Bound = Callable[[int, int], float | None]
"""(prompt tokens, output tokens) -> the most that a call can cost in US dollars; None where no price is known."""


@dataclass(frozen=True)
class Answers:
    """One model."""

    provider: Provider
    """Who answers."""
    bound_usd: Bound = lambda prompt, output: None
    """Most that a call can cost."""


class Ended(Exception):
    """Nothing more can be asked: the search ends normally, for this reason. Never leaves this room."""


class Left(Exception):
    """Someone asked the search to stop: it stays where it is. Never leaves this room."""


@dataclass(frozen=True)
class Question:
    """Where in an expansion a question stands."""

    step: int
    """Position in the pipeline."""
    call: int
    """Number of the call within its step."""
    draw: int
    """Number of the call among those of its role."""
    again: str | None = None
    """The reply that could not be read, where it is asked once more."""
    talk: tuple[Message, ...] = ()
    """What was said in the same session before."""


@dataclass
class Asker:
    """Asks on behalf of one search."""

    strategy: Strategy
    context: ContextBuilder
    answers: Answers
    artifacts: ArtifactStore
    problem_id: str
    sample: int
    append: Callable[[SearchState, Event], None]
    stopped: Callable[[], bool]
    routed: Mapping[str, Answers] = field(default_factory=dict)
    """Who is asked where the node names its model."""
    holds: dict[str, Reservation] = field(default_factory=dict)
    """What is reserved for the expansions under way, by node."""

    async def ask(
        self, state: SearchState, node: Node, step: Step, question: Question, notes: dict[str, Any], ledger: Ledger
    ) -> LoggedReply:
        """Return the reply to a question of `node`, from the log or from the model.

        Raises:
            Ended: the provider has no more replies, or the budget does not allow the call.
            Left: the search was stopped.
            ProviderError: the model cannot be reached. What that cost is logged.
        """
        key = (question.step, question.call, question.again is not None)
        if key in node.replies:
            return node.replies[key]
        if self.stopped():
            raise Left
        request, prompt = self._request(state, node, step, question, notes)
        text = len(request.system.encode()) + sum(len(message.text.encode()) for message in request.messages)
        asked = self.routed[node.model] if node.model is not None else self.answers
        most = Most(text, request.max_output_tokens, asked.bound_usd(text, request.max_output_tokens))
        while key not in node.replies:
            held = await ledger.acquire(most.amounts)
            if isinstance(held, str):
                raise Ended(held)
            tries = Tries(partial(self._log_failure, state, node, step, question), held, most)
            try:
                if self.stopped():
                    raise Left
                reply = await asked.provider.complete(replace(request, failed=tries.failed))
                self._log_reply(state, node, step, question, prompt, reply, most)
            except NoMoreReplies as end:
                raise Ended(str(end)) from None
            except CallFailed:
                if tries.refusal is not None:
                    raise Ended(tries.refusal) from None
                if not tries.waits:
                    raise
            finally:
                if key in node.replies:
                    amounts = call_amounts(node.replies[key].usage, node.replies[key].cost_usd)
                    self.holds[node.id].settle({"llm_calls": amounts.pop("llm_calls")})
                    held.settle(amounts)
                held.release()
        return node.replies[key]

    def _log_reply(
        self, state: SearchState, node: Node, step: Step, question: Question, prompt: Prompt, reply: Reply, most: Most
    ) -> None:
        estimated = reply.cost_usd is None and most.cost_usd is not None
        event = Event(
            type=EventType.REPLY_RECEIVED,
            task=state.task,
            node=node.id,
            role=step.role,
            step=question.step,
            call=question.call,
            again=True if question.again is not None else None,
            prompt_sha256=self.artifacts.put(prompt.to_bytes()),
            reply_sha256=self.artifacts.put(reply.text.encode("utf-8", "replace")),
            usage=reply.usage,
            cost_usd=most.cost_usd if estimated else reply.cost_usd,
            estimated=True if estimated else None,
            stop_reason=reply.stop.value,
        )
        self.append(state, event)

    def _log_failure(
        self, state: SearchState, node: Node, step: Step, question: Question, tried: FailedTry, estimated: bool
    ) -> None:
        event = Event(
            type=EventType.CALL_FAILED,
            task=state.task,
            node=node.id,
            role=step.role,
            step=question.step,
            call=question.call,
            again=True if question.again is not None else None,
            usage=tried.usage,
            cost_usd=tried.cost_usd,
            estimated=True if estimated else None,
            reason=tried.message,
        )
        self.append(state, event)

    def text(self, reply: LoggedReply) -> str:
        """Return what was answered."""
        return self.artifacts.get(reply.reply_sha256).decode("utf-8", "replace")

    def _request(
        self, state: SearchState, node: Node, step: Step, question: Question, notes: dict[str, Any]
    ) -> tuple[Request, Prompt]:
        directive = self.strategy.directives.get(node.directive or "")
        shown = replace(node, notes=notes, directive=directive)
        prompt = self.context.build(state, shown, self.strategy.recipe(step))
        if question.talk:
            prompt = replace(prompt, messages=(*prompt.messages, *question.talk))
        if question.again is not None:
            wanted = f"That holds no complete JSON object. Reply with nothing but {describe(step.json_schema())}"
            more = (Message("assistant", question.again or "(no text)"), Message("user", wanted))
            prompt = replace(prompt, messages=(*prompt.messages, *more))
        request = Request(
            system=prompt.system,
            messages=prompt.messages,
            problem_id=self.problem_id,
            language=self.context.language,
            attempt=node.turn + 1,
            max_output_tokens=self.strategy.request.max_output_tokens,
            timeout_s=self.strategy.request.timeout_s,
            role=step.role,
            json_schema=step.json_schema(),
            sample=self.sample,
            draw=question.draw,
            parent=state.nodes[node.parent].turn + 1 if node.parent else 0,
            again=question.again is not None,
        )
        return request, prompt
