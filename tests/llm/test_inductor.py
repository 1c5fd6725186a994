"""`inductor/`: a provider that asks nobody. What it takes, and what it says where there is no kernel."""

import asyncio
from pathlib import Path

import pytest

from harness.config import Settings
from harness.errors import AgentError, UsageError
from harness.llm import Message, Request, last_code_block, make_provider
from harness.llm.prices import PriceTable
from harness.runs import make_config, prepare


def request(text: str) -> Request:
    """What the agent asks with this prompt."""
    return Request(system="", messages=(Message("user", text),), problem_id="own/1", language="cpp", attempt=1)


def test_an_unknown_mode_names_the_closest(tmp_path: Path):
    with pytest.raises(UsageError, match="unknown mode 'inductor/compil' - did you mean 'compile'"):
        make_provider("inductor/compil", tmp_path)


def test_it_answers_in_cpp_alone(tmp_path: Path):
    provider = make_provider("inductor/compile", tmp_path)
    provider.check(["level1/23"], "cpp")
    with pytest.raises(UsageError, match="answers in cpp, not in triton"):
        provider.check(["level1/23"], "triton")


def test_another_agents_prompt_is_refused(tmp_path: Path):
    with pytest.raises(AgentError, match="--agent inductor"):
        asyncio.run(make_provider("inductor/compile", tmp_path).complete(request("Write a kernel.")))


def test_it_costs_nothing(tmp_path: Path):
    price = PriceTable({}).of("inductor/compile")
    assert price is not None
    assert price.bound_usd(10_000, 10_000) == 0


def test_what_cannot_be_compiled_is_a_reply_without_code(tmp_path: Path):
    """A text that defines no `Model`: the compiling process ends on it, and the search goes on."""
    asked = request("threads: 1\n\n`````python\nx = 1\n`````")
    reply = asyncio.run(make_provider("inductor/compile", tmp_path).complete(asked))
    assert last_code_block(reply.text) is None
    assert "No kernels of torch.compile can be handed in" in reply.text
    assert "KeyError: 'Model'" in reply.text
    assert (reply.cost_usd, reply.calls) == (0.0, 0)


def test_the_agent_names_whom_it_asks_unless_somebody_else_does():
    settings = Settings.load(agent="inductor", tier="ci")
    assert make_config("level1/23", settings).model == "inductor/compile"
    assert make_config("level1/23", Settings.load(agent="one_shot")).model == "recorded/quickstart"
    other = Settings.load(agent="inductor", model="inductor/max-autotune")
    assert make_config("level1/23", other).model == "inductor/max-autotune"


def test_its_prompt_is_what_the_provider_reads():
    """The whole text of the problem at the sizes that are graded, and the threads."""
    prepared = prepare(make_config("level1/23", Settings.load(agent="inductor", tier="ci", threads=2)))
    work = prepared.workloads["level1/23"]
    plan = prepared.strategy.prompt
    variables = {"workload": work, "device": dict(prepared.device)}
    text = prepared.prompts.compose(plan.system, plan.user, "cpp", variables).messages[0].text
    assert last_code_block(text) == work.source.strip() + "\n"
    assert "threads: 2\n" in text
