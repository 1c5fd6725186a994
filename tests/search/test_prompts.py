"""Prompts: what a model is shown, and what is said of mistakes in a template."""

from pathlib import Path
from typing import Any

import pytest

from harness.errors import AgentError
from harness.models import Tier
from harness.search import PromptLibrary
from harness.suite import content_root, load_problem, workload

FOLDER = content_root() / "agents" / "prompts"


def variables(**changes: Any) -> dict[str, Any]:
    found = workload(load_problem("level1/23"), Tier.CPU)
    values = {"language": "cpp", "device": {"caches": "L1 <32> KiB"}, "workload": found, "best": None, "parent": None}
    return values | {"attempt": {"number": 1, "total": 4}} | changes


def test_a_draft_shows_the_graded_text_the_contract_and_the_machine():
    shown = variables()
    prompt = PromptLibrary(FOLDER).compose(
        ("system", "guide", "example"), ("device", "task", "feedback", "ask"), "cpp", shown
    )
    assert shown["workload"].source.strip() in prompt.messages[0].text
    assert "L1 <32> KiB" in prompt.messages[0].text  # not HTML
    for term in ("ModelNew", "load_inline", "last\ncomplete fenced block", "constructor"):
        assert term in prompt.system
    assert "TIERS" not in prompt.messages[0].text
    assert "UNSEEN" not in prompt.messages[0].text
    assert "\n\n\n\n" not in prompt.messages[0].text


def test_the_worked_example_is_no_problem_of_the_suite():
    example = (FOLDER / "cpp" / "example.md.jinja").read_text()
    for path in (content_root() / "problems").glob("level*/*.py"):
        forward = path.read_text().split("def forward", 1)[1].split("\n\n", 1)[0]
        assert forward not in example, path


def test_a_template_is_no_program(tmp_path: Path):
    (tmp_path / "a.md.jinja").write_text("{{ ''.__class__.__mro__ }}")
    with pytest.raises(AgentError, match=r"a\.md\.jinja"):
        PromptLibrary(tmp_path).compose(("a",), (), "cpp", {})


@pytest.mark.parametrize(
    ("text", "message"),
    [("{{ wrkload }}", "'wrkload' is undefined"), ("one\n{% if %}", "line 2: ")],
)
def test_mistakes_in_a_template(tmp_path: Path, text: str, message: str):
    (tmp_path / "a.md.jinja").write_text(text)
    with pytest.raises(AgentError) as caught:
        PromptLibrary(tmp_path).compose(("a",), (), "cpp", {})
    assert str(tmp_path / "a.md.jinja") in str(caught.value)
    assert message in str(caught.value)


def test_an_unknown_section():
    with pytest.raises(AgentError, match="no template for prompt section 'tsk' in cpp - did you mean 'task'"):
        PromptLibrary(FOLDER).check(("system", "tsk"), "cpp")
    with pytest.raises(AgentError, match="no template for prompt section 'guide' in cobol"):
        PromptLibrary(FOLDER).check(("guide",), "cobol")


def test_the_digest_covers_names_and_contents(tmp_path: Path):
    digests = []
    for name, text in (("a", "x"), ("a", "y"), ("b", "y")):
        folder = tmp_path / f"{name}{text}" / "cpp"
        folder.mkdir(parents=True)
        (folder / f"{name}.md.jinja").write_text(text)
        digests.append(PromptLibrary(folder.parent).digest)
    assert len(set(digests)) == 3
