"""`harness agents list|show`: who answers."""

from typing import Annotated

import typer

from harness.cli.output import JsonFlag, emit_json, emit_rows, emit_text


def list_(as_json: JsonFlag = False) -> None:
    """List the agents: the strategy files in `agents/`."""
    from harness.search import list_strategies, load_strategy
    from harness.suite import content_root

    folder = content_root() / "agents"
    found = [load_strategy(name, folder) for name in list_strategies(folder)]
    if as_json:
        emit_json([{"name": agent.name, "description": agent.description} for agent in found])
    else:
        emit_rows(("agent", "description"), [(agent.name, agent.description) for agent in found])


def show(
    agent: Annotated[str, typer.Argument(help="Name of an agent, or a path to a strategy file (.toml).")],
    as_json: JsonFlag = False,
) -> None:
    """Print an agent's definition."""
    from harness.search import load_strategy
    from harness.suite import content_root

    found = load_strategy(agent, content_root() / "agents")
    if as_json:
        # As `Policy` is a base class, its own fields are dumped only when the value's type decides.
        emit_json(found.model_dump(mode="json", exclude={"text"}, serialize_as_any=True))
    else:
        emit_text(found.text)
