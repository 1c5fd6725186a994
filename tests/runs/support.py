"""Content for runs: real strategies and prompts, and replies recorded for the fake judge."""

import shutil
from pathlib import Path

from harness.models import RunConfig, Tier
from harness.runs.preparation import Prepared, prepare
from harness.search import PromptLibrary, load_strategy
from harness.suite import content_root, workload
from tests.fakes import make_problem, reply_text

PROBLEMS = ("level1/23", "level1/36", "level2/86")
REPLIES = ("# build_error", "# correct 0.7", "# correct 1.6")
"""What each problem's recording holds, one after another; the fake judge obeys the first line."""


def make_content(root: Path) -> Path:
    """Fill `root` with `agents/` and `problems/` for a run of `PROBLEMS`."""
    shutil.copytree(content_root() / "agents" / "prompts", root / "agents" / "prompts")
    shutil.copytree(content_root() / "problems", root / "problems")
    for path in (content_root() / "agents").glob("*.toml"):
        shutil.copy(path, root / "agents")
    for problem in PROBLEMS:
        level, number = problem.split("/")
        folder = root / "agents" / "recorded" / "cpp" / level / f"{int(number):03d}"
        folder.mkdir(parents=True)
        for turn, text in enumerate(REPLIES, start=1):
            (folder / f"{turn}.md").write_text(reply_text(f"{text}\n# {problem}"))
    return root


def make_request(**changes: object) -> RunConfig:
    """A request for `PROBLEMS`."""
    return RunConfig(suite=",".join(PROBLEMS), problems=list(PROBLEMS), tier=Tier.CPU).model_copy(update=changes)


def prepared_for(content: Path, config: RunConfig | None = None) -> Prepared:
    """A run of `PROBLEMS` with the content of `make_content`."""
    config = config or make_request()
    problems = tuple(make_problem(name) for name in config.problems)
    return Prepared(
        config=config,
        problems=problems,
        workloads={problem.id: workload(problem, config.tier) for problem in problems},
        strategy=load_strategy(config.agent, content / "agents"),
        prompts=PromptLibrary(content / "agents" / "prompts"),
        device={"processor": "a test"},
        content=content,
    )


__all__ = ["PROBLEMS", "REPLIES", "make_content", "make_request", "prepare", "prepared_for"]
