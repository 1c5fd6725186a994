"""Prompts: what a model is shown, what goes when it is too long, and what is said of mistakes in a template."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from harness.errors import AgentError
from harness.models import Tier
from harness.search import PromptLibrary, list_strategies, load_strategy
from harness.search.sections import BY_NAME, SECTIONS, Overflow, Part, arrange
from harness.search.session import HOW, TOOLS
from harness.search.tokens import clip_tokens, estimate_tokens, exact_tokens
from harness.suite import content_root, load_problem, workload

FOLDER = content_root() / "agents" / "prompts"
LANGUAGES = ("cpp", "cuda", "triton")
ALL = tuple(section.name for section in SECTIONS)
CONTRACTS = {name for name in ALL if name.endswith("_contract")}


def variables(**changes: Any) -> dict[str, Any]:
    found = workload(load_problem("level1/23"), Tier.CPU)
    values = {"language": "cpp", "device": {"caches": "L1 <32> KiB"}, "workload": found, "best": None, "parent": None}
    return values | {"attempt": {"number": 1, "total": 4}} | changes


def rows(count: int) -> list[dict[str, Any]]:
    return [
        {"number": n, "parent": n - 1, "change": f"change {n}", "status": "correct", "speedup": "1.00x", "source": ""}
        for n in range(1, count + 1)
    ]


def entries(count: int) -> list[dict[str, Any]]:
    return [{"number": n, "result": "correct", "source": f"# source {n}\n" * 50} for n in range(1, count + 1)]


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


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_section_has_a_template_in_every_language(language: str):
    library = PromptLibrary(FOLDER)
    library.check(ALL, language)
    prompt = library.render(arrange(ALL), language, variables())
    assert {section.name for section in prompt.sections} == set(ALL)
    filled = {section.name for section in prompt.sections if section.text}
    # A first attempt has nothing to say of others, and the knowledge base is asked for by the context builder.
    assert filled >= {"rules", "language_guide", "examples", "hardware", "task", "ask", *CONTRACTS}
    assert not filled & {"history", "candidate", "feedback", "inspirations", "lessons", "notes", "directive", "kb_docs"}


def test_what_is_static_comes_first_whatever_order_a_recipe_has():
    scrambled = arrange(("ask", "history", "task", "rules", "examples", "role_contract", "hardware", "candidate"))
    assert [placed.name for placed in scrambled] == [
        *("role_contract", "rules", "examples", "hardware"),
        *("task", "history", "candidate", "ask"),
    ]
    assert [placed.part for placed in scrambled[:5]] == [Part.SYSTEM] * 4 + [Part.USER]


def test_nodes_of_a_task_share_the_prefix_up_to_what_is_theirs():
    library = PromptLibrary(FOLDER)
    first = library.render(arrange(ALL), "cpp", variables(history=rows(1)))
    second = library.render(arrange(ALL), "cpp", variables(history=rows(9), directive="tiling"))
    assert first.system == second.system
    one, two = first.messages[0].text, second.messages[0].text
    shared = one.partition("# What was tried")[0]
    assert "# The reference" in shared
    assert two.startswith(shared)


def test_a_section_of_ones_own_follows_the_one_before_it(tmp_path: Path):
    for name in ("task", "mine", "ask"):
        (tmp_path / f"{name}.md.jinja").write_text(name)
    prompt = PromptLibrary(tmp_path).render(arrange(("task", "mine", "ask")), "cpp", {})
    assert prompt.messages[0].text == "task\n\nmine\n\nask\n"


def test_a_section_beyond_its_limit_loses_its_oldest_entries():
    library = PromptLibrary(FOLDER)
    whole = library.render(arrange(("task", "history")), "cpp", variables(history=rows(300)))
    limited = library.render(arrange(("task", "history")), "cpp", variables(history=rows(10)))
    assert limited.sections[1].outcome == "whole"
    shown = whole.sections[1]
    assert (shown.outcome, shown.of) == ("shortened", 300)
    assert shown.tokens <= (BY_NAME["history"].max_tokens or 0)
    assert "| 300 | 299 |" in shown.text
    assert "| 1 | 0 |" not in shown.text
    # One more entry would not have fitted: the limit is used.
    kept = shown.entries or 0
    assert len(re.findall(r"change \d", shown.text)) == kept
    assert (
        shown.tokens + estimate_tokens("| 100 | 99 | change 100 | correct | 1.00x |\n") > BY_NAME["history"].max_tokens
    )


def test_a_too_long_prompt_loses_sections_in_the_order_of_the_table():
    library = PromptLibrary(FOLDER)
    given = variables(
        history=rows(20),
        inspirations=entries(3),
        kb_docs=[{"title": f"t{n}", "text": f"# t{n}\n" + "words " * 200} for n in range(3)],
        lessons=[{"kind": "try", "text": "something " * 20}],
    )
    names = ("role_contract", "rules", "language_guide", "examples", "hardware", "task")
    names = (*names, "baselines", "kb_docs", "lessons", "inspirations", "history", "ask")
    placed = arrange(names)
    whole = library.render(placed, "cpp", given)
    assert all(section.outcome in ("whole", "empty") for section in whole.sections)
    order = sorted((s for s in SECTIONS if s.drops), key=lambda s: s.drops or 0)
    assert [section.name for section in order][:4] == ["history", "inspirations", "kb_docs", "examples"]
    gone: list[str] = []
    for limit in range(whole.tokens - 1, 0, -40):
        prompt = library.render(placed, "cpp", given, max_tokens=limit)
        dropped = [section.name for section in prompt.sections if section.outcome == "dropped"]
        assert [section.name for section in order if section.name in dropped] == sorted(
            dropped, key=[s.name for s in order].index
        )
        assert set(gone) <= set(dropped)
        gone = dropped
        kept = [section for section in prompt.sections if section.name not in dropped]
        droppable = [s for s in kept if BY_NAME[s.name].drops and s.tokens]
        assert prompt.tokens <= limit or not droppable
    assert set(gone) == {s.name for s in order if s.name in names} - {"baselines"}  # it had nothing to say
    assert "class Model(nn.Module)" in prompt.messages[0].text  # the task never goes
    assert "ModelNew" in prompt.system


def test_what_was_left_out_is_in_the_artefact():
    prompt = PromptLibrary(FOLDER).render(
        arrange(("task", "history")), "cpp", variables(history=rows(20)), max_tokens=1
    )
    stored = json.loads(prompt.to_bytes())
    assert stored["messages"][0]["text"] == prompt.messages[0].text
    assert stored["context"][1] == {
        "name": "history",
        "part": "user",
        "tokens": 0,
        "outcome": "dropped",
        "entries": 0,
        "of": 20,
    }


@pytest.mark.parametrize("section", [s for s in SECTIONS if s.overflow is Overflow.KEEP], ids=lambda s: s.name)
def test_what_the_question_hangs_on_has_no_limit(section: Any):
    assert section.max_tokens is None
    assert section.drops is None


def test_a_recipe_may_name_limits_and_options(tmp_path: Path):
    class Limited:
        name, tokens = "history:window(3)", 77

    (placed,) = arrange((Limited(),))
    assert (placed.name, placed.option, placed.max_tokens) == ("history", "window(3)", 77)


@pytest.mark.parametrize("name", sorted(CONTRACTS - {"role_contract", "edit_contract", "tool_contract"}))
def test_a_contract_shows_one_json_object(name: str):
    (shown,) = re.findall(r"```json\n(.*?)```", (FOLDER / f"{name}.md.jinja").read_text(), re.DOTALL)
    assert isinstance(json.loads(shown), dict)


def test_the_contract_of_a_session_names_every_tool_as_its_answers_do():
    written = (FOLDER / "tool_contract.md.jinja").read_text()
    for text in (written, HOW):
        requests = [json.loads(found) for found in re.findall(r"\{.*?\}", text)]
        assert [request["tool"] for request in requests] == list(TOOLS)


def contract_steps() -> list[tuple[str, str, set[str]]]:
    """(agent, contract, fields) of every step that asks for JSON by a contract of this folder."""
    agents = content_root() / "agents"
    return [
        (name, section.name, set(step.fields))
        for name in list_strategies(agents)
        for steps in load_strategy(name, agents).pipelines.values()
        for step in steps
        for section in step.system or ()
        if step.fields and section.name in CONTRACTS
    ]


@pytest.mark.parametrize(("agent", "contract", "fields"), contract_steps())
def test_a_presets_schema_is_what_its_contract_shows(agent: str, contract: str, fields: set[str]):
    (shown,) = re.findall(r"```json\n(.*?)```", (FOLDER / f"{contract}.md.jinja").read_text(), re.DOTALL)
    assert set(json.loads(shown)) == fields


def test_the_estimate_counts_bytes():
    assert estimate_tokens("") == 0
    assert estimate_tokens("abcdefg") == 2
    assert estimate_tokens("é" * 7) == 4
    assert exact_tokens("a", "anthropic/x") is None


@pytest.mark.parametrize("text", ["word " * 1000, "ü€" * 1000, "x"], ids=["ascii", "wide", "short"])
@pytest.mark.parametrize("limit", [20, 200, 5000])
def test_clipping_keeps_both_ends_within_the_limit(text: str, limit: int):
    cut = clip_tokens(text, limit)
    assert estimate_tokens(cut) <= max(limit, estimate_tokens("x"))
    assert cut.startswith(text[:1]) or limit == 20
    if estimate_tokens(text) <= limit:
        assert cut == text


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_worked_example_is_no_problem_of_the_suite(language: str):
    example = (FOLDER / language / "examples.md.jinja").read_text()
    for path in (content_root() / "problems").glob("level*/*.py"):
        forward = path.read_text().split("def forward", 1)[1].split("\n\n", 1)[0]
        assert forward not in example, path


def test_a_template_is_no_program(tmp_path: Path):
    (tmp_path / "a.md.jinja").write_text("{{ ''.__class__.__mro__ }}")
    with pytest.raises(AgentError, match=r"a\.md\.jinja"):
        PromptLibrary(tmp_path).compose(("a",), (), "cpp", {})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{{ wrkload }}", "'wrkload' is undefined"),
        ("one\n{% if %}", "line 2: "),
        ("{{ 1 + 'a' }}", "unsupported operand"),
    ],
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
    with pytest.raises(AgentError, match=r"no template for prompt section 'language_guide' in cobol \("):
        PromptLibrary(FOLDER).check(("guide",), "cobol")


def test_every_variable_that_a_template_uses_is_documented():
    from jinja2 import Environment, meta

    documented = set(re.findall(r"^\| `(\w+)", (FOLDER / "README.md").read_text(), re.MULTILINE))
    for path in FOLDER.rglob("*.md.jinja"):
        used = meta.find_undeclared_variables(Environment().parse(path.read_text()))
        assert used <= documented, path


def test_the_digest_covers_names_and_contents(tmp_path: Path):
    digests = []
    for name, text in (("a", "x"), ("a", "y"), ("b", "y")):
        folder = tmp_path / f"{name}{text}" / "cpp"
        folder.mkdir(parents=True)
        (folder / f"{name}.md.jinja").write_text(text)
        digests.append(PromptLibrary(folder.parent).digest)
    assert len(set(digests)) == 3
