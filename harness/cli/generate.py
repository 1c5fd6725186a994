"""`harness generate`: one prompt, or one reply to it; nothing is judged and nothing is kept."""

import asyncio
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from harness.cli.output import JsonFlag, console, emit_json, emit_text
from harness.cli.untimed import fitting

if TYPE_CHECKING:
    from harness.config import Settings
    from harness.llm import Reply, Request
    from harness.search.prompts import Prompt

NO_CODE = 1


@dataclass(frozen=True)
class _Asked:
    """A question, ready to be put."""

    prompt: "Prompt"
    """The whole text."""
    request: "Request"
    """The same, as a provider takes it."""


def generate(
    problem: Annotated[str, typer.Argument(help="An id such as level1/23, or a path to a KernelBench file.")],
    agent: Annotated[str | None, typer.Option("--agent", help="Strategy (harness agents list).")] = None,
    model: Annotated[str | None, typer.Option("--model", help="provider/model.")] = None,
    language: Annotated[str | None, typer.Option("--language", help="Kernel language to ask for.")] = None,
    tier: Annotated[str | None, typer.Option("--tier", help="Sizes: gpu, cpu or ci.")] = None,
    attempt: Annotated[
        int, typer.Option("--attempt", min=1, help="Number of the attempt: which reply a recorded model gives.")
    ] = 1,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the prompt and its length, ask nobody.")] = False,
    as_json: JsonFlag = False,
) -> int:
    """Ask a model once for a kernel and print its code; with --dry-run, print exactly what it would be asked.

    The prompt is that of a first attempt, which knows of no other. Text goes to stdout, lengths and costs to stderr.
    Exits with 1 where the reply holds no code.
    """
    from harness.config import Settings
    from harness.runs.preparation import asked_model
    from harness.suite import content_root

    settings = fitting(Settings.load(agent=agent, model=model, language=language, tier=tier))
    settings = settings.model_copy(update={"model": asked_model(settings, content_root())})
    asked = _first_question(problem, settings, attempt)
    if dry_run:
        emit_json(_question(asked, settings)) if as_json else _print_question(asked, settings)
        return 0
    reply = asyncio.run(_ask(asked, settings))
    return _print_reply(asked, reply, settings, as_json)


def _first_question(problem: str, settings: "Settings", attempt: int) -> _Asked:
    """Return what the strategy asks at the beginning of a search.

    Raises:
        UsageError: problem, tier, agent, language or a prompt section of it does not exist.
    """
    from harness.languages import LANGUAGES
    from harness.llm import Request
    from harness.models import Event, EventType
    from harness.runs.preparation import device_facts
    from harness.search import PromptLibrary, SearchState, load_strategy, task_id
    from harness.search.context import ContextBuilder
    from harness.search.parts import node_id
    from harness.search.policies.base import Expansion
    from harness.search.routing import route
    from harness.suite import content_root, load_problem, workload

    wanted = LANGUAGES.get(settings.language)
    asked = load_problem(problem)
    agents = content_root() / "agents"
    strategy = load_strategy(settings.agent, agents)
    builder = ContextBuilder(
        workload=workload(asked, settings.tier),
        language=wanted.name,
        strategy=strategy,
        prompts=PromptLibrary(agents / "prompts"),
        device=device_facts(settings.threads, wanted.name),
        artifacts=_Nothing(),
    )
    task = task_id(asked.id, 0)
    state = SearchState.replay(task, [], strategy.rules())
    first = strategy.bootstrap.operator or route(state, Expansion(), strategy.route, strategy.inspirations, 0).operator
    step = strategy.pipelines[first or "draft"][0]
    reserved = Event(
        type=EventType.NODE_RESERVED,
        task=task,
        node=node_id(task, 0),
        operator=first,
        directive=strategy.diversity.pick(state, Expansion(), 0),
    )
    state.apply(reserved)
    prompt = builder.build(state, state.pending[0], strategy.recipe(step))
    request = Request(
        system=prompt.system,
        messages=prompt.messages,
        problem_id=asked.id,
        language=wanted.name,
        attempt=attempt,
        max_output_tokens=strategy.request.max_output_tokens,
        timeout_s=strategy.request.timeout_s,
        role=step.role,
        json_schema=step.json_schema(),
    )
    return _Asked(prompt, request)


class _Nothing:
    """The artefacts of a search that has not begun."""

    def put(self, data: bytes) -> str:
        """Refuse: a question writes nothing."""
        raise AssertionError("building a prompt keeps nothing")

    def get(self, digest: str) -> bytes:
        """Refuse: there is nothing to show yet."""
        raise AssertionError(f"a first attempt has no earlier text {digest}")


async def _ask(asked: _Asked, settings: "Settings") -> "Reply":
    from harness.llm import make_provider
    from harness.suite import content_root

    provider = make_provider(settings.model, content_root())
    try:
        provider.check([asked.request.problem_id], asked.request.language)
        with console().status(f"asking {settings.model}"):
            return await provider.complete(asked.request)
    finally:
        await provider.aclose()


def _question(asked: _Asked, settings: "Settings") -> dict[str, Any]:
    from harness.search.tokens import exact_tokens

    prompt = asked.prompt
    texts = [prompt.system, *(message.text for message in prompt.messages)]
    counts = [exact_tokens(text, settings.model) for text in texts]
    return {
        "problem": asked.request.problem_id,
        "language": asked.request.language,
        "agent": settings.agent,
        "model": settings.model,
        "attempt": asked.request.attempt,
        "role": asked.request.role,
        "messages": [
            {"role": "system", "text": prompt.system},
            *({"role": message.role, "text": message.text} for message in prompt.messages),
        ],
        "sections": [section.manifest() for section in prompt.sections],
        "estimated_tokens": prompt.tokens,
        "exact_tokens": None if None in counts else sum(count or 0 for count in counts),
        "max_output_tokens": asked.request.max_output_tokens,
    }


def _print_question(asked: _Asked, settings: "Settings") -> None:
    """Write the texts to stdout exactly, and to stderr whose they are and how long each section is."""
    question = _question(asked, settings)
    for message in question["messages"]:
        print(f"--- {message['role']} ---", file=sys.stderr, flush=True)
        emit_text(message["text"])
        sys.stdout.flush()
    rows = [
        (section["part"], section["name"], f"{section['tokens']:,}", _outcome(section))
        for section in question["sections"]
        if section["outcome"] != "empty"
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    lines = [
        f"{part:{widths[0]}}  {name:{widths[1]}}  {tokens:>{widths[2]}}  {outcome}".rstrip()
        for part, name, tokens, outcome in rows
    ]
    exact = question["exact_tokens"]
    total = f"about {question['estimated_tokens']:,} tokens" + (f", exactly {exact:,}" if exact is not None else "")
    print("---", *lines, total, sep="\n", file=sys.stderr)


def _outcome(section: dict[str, Any]) -> str:
    if section["outcome"] == "whole":
        return ""
    return str(section["outcome"]) + (f" to {section['entries']} of {section['of']}" if "of" in section else "")


def _print_reply(asked: _Asked, reply: "Reply", settings: "Settings", as_json: bool) -> int:
    from harness.llm import last_code_block

    code = last_code_block(reply.text)
    if as_json:
        answer = {"reply": reply.text, "code": code, "stop": reply.stop.value, "usage": reply.usage.model_dump()}
        emit_json(_question(asked, settings) | answer | {"cost_usd": reply.cost_usd})
    elif code is not None:
        emit_text(code)
    cost = "unknown" if reply.cost_usd is None else f"${reply.cost_usd:.4f}"
    usage = reply.usage
    prompt_tokens = usage.input_uncached + usage.input_cached + usage.input_cache_write
    said = f"{prompt_tokens:,} prompt and {usage.output:,} output tokens, cost {cost}, ended with {reply.stop.value}"
    console().print(said, style="dim", markup=False)
    if code is None:
        console().print("the reply has no complete fenced code block", style="red", markup=False)
        return NO_CODE
    return 0
