"""The recorded Triton replies and the list of those that are wrong on purpose belong together."""

import ast
import tomllib
from pathlib import Path

from harness.llm.extract import last_code_block
from harness.models import Status
from harness.models.kernel import FindingKind
from harness.suite import load_problem, select

ROOT = Path(__file__).parents[2]
REPLIES = ROOT / "agents" / "recorded" / "triton"
SEEDED = tomllib.loads((Path(__file__).parent / "seeded_triton.toml").read_text())["seeded"]
DISCLAIMER = "<!-- recorded for kernel-harness: written for this project, not the output of any model -->"
WORDS = {
    "compile_error", "exception", "wrong_value", "wrong_shape", "wrong_dtype", "low_precision", "uninitialised_global",
}  # fmt: skip


def attempts() -> dict[str, list[int]]:
    """Numbers of the recorded attempts, by problem."""
    found: dict[str, list[int]] = {}
    for path in REPLIES.glob("level*/*/*.md"):
        found.setdefault(f"{path.parts[-3]}/{int(path.parts[-2])}", []).append(int(path.stem))
    return found


def code_of(problem: str, attempt: int) -> str:
    """The candidate in a reply."""
    level, number = problem.split("/")
    text = (REPLIES / level / f"{int(number):03d}" / f"{attempt}.md").read_text()
    assert text.startswith(DISCLAIMER + "\n"), (problem, attempt)
    code = last_code_block(text)
    assert code is not None, (problem, attempt)
    return code


def test_every_problem_of_the_quickstart_is_recorded_and_attempts_have_no_gaps() -> None:
    recorded = attempts()
    assert {problem.id for problem in select("quickstart")} <= set(recorded)
    for problem, numbers in recorded.items():
        assert sorted(numbers) == list(range(1, len(numbers) + 1)), problem


def test_the_last_attempt_is_right_and_every_seeded_one_exists() -> None:
    recorded = attempts()
    seeded = [(seed["problem"], seed["attempt"]) for seed in SEEDED]
    assert len(set(seeded)) == len(seeded)
    for problem, attempt in seeded:
        assert attempt in recorded[problem]
        assert attempt < max(recorded[problem]), f"{problem}: nothing repairs attempt {attempt}"


def test_expectations_use_the_names_of_verdicts_and_findings() -> None:
    for seed in SEEDED:
        assert Status.CORRECT not in {Status(name) for name in seed["status"]}
        assert seed["cause"] in WORDS | set(FindingKind)
        assert seed["what"]


def test_a_reply_has_a_triton_kernel_and_takes_the_constructor_arguments_of_its_problem() -> None:
    for problem, numbers in attempts().items():
        wanted = parameters(load_problem(problem).source, "Model")
        for number in numbers:
            source = code_of(problem, number)
            assert "@triton.jit" in source, (problem, number)
            assert parameters(source, "ModelNew") == wanted, (problem, number)


def parameters(source: str, name: str) -> list[str]:
    """Names of the constructor's parameters; none where a class has no constructor."""
    made = next(node for node in ast.parse(source).body if isinstance(node, ast.ClassDef) and node.name == name)
    for node in made.body:
        if isinstance(node, ast.FunctionDef) and node.name == "__init__":
            return [argument.arg for argument in node.args.args[1:]]
    return []
