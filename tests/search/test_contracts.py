"""Output contracts: what is taken from a reply, and what is said of one that breaks its contract."""

import pytest

from harness.search.contracts import accepted, first_json, prose, texts, written_code, written_edit

BLOCK = "<<<<<<< SEARCH\na\n=======\nb\n>>>>>>> REPLACE\n"
BASE = "import torch\n\na = 1\nb = 1\n\nclass ModelNew: ...\n"


def block(search: str, replace: str) -> str:
    return f"<<<<<<< SEARCH\n{search}=======\n{replace}>>>>>>> REPLACE\n"


def test_edits_are_applied_in_order():
    first, second = block("a = 1\n", "a = 2\n"), block("a = 2\n", "a = 3\n")
    reply = f"First.\n{first}Then, on what is there now:\n```\n{second}```\n"
    assert written_edit(reply, BASE).code == BASE.replace("a = 1", "a = 3")


def test_an_edit_may_delete_and_insert():
    assert written_edit(block("b = 1\n", ""), BASE).code == BASE.replace("b = 1\n", "")
    assert written_edit(block("b = 1\n", "b = 1\nc = 1\n"), BASE).code == BASE.replace("b = 1\n", "b = 1\nc = 1\n")


@pytest.mark.parametrize(
    ("reply", "what"),
    [
        ("no block at all", "no complete search/replace block"),
        ("<<<<<<< SEARCH\na = 1\n=======\n", "no complete search/replace block"),
        (block("c = 1\n", ""), "block 1 of 1 has a search text that matches 0 places"),
        (block(" = 1\n", ""), "block 1 of 1 has a search text that matches 2 places"),
        (block("a  = 1\n", ""), "matches 0 places"),
        (block("\n", "x\n"), "an empty search text"),
        (block("a = 1\n", "") + block("a = 1\n", ""), "block 2 of 2 has a search text that matches 0 places"),
        (block(BASE, ""), "nothing is left"),
    ],
)
def test_an_edit_that_does_not_fit_is_none(reply: str, what: str):
    written = written_edit(reply, BASE)
    assert written.code is None
    assert written.what.startswith("bad_edit: ")
    assert what in written.what


def test_the_block_that_does_not_fit_is_quoted():
    assert written_edit(block("c = 1\n", ""), BASE).got == "c = 1\n"


def test_code_is_the_last_complete_fence():
    assert written_code("```\ndraft\n```\n```python\nfinal\n```\n").code == "final\n"
    for reply, got in (("```python\ncut", "never closed"), ("Only words.", "no fence at all"), ("```\n```", "empty")):
        assert "no complete fenced code block" in written_code(reply).what
        assert got in written_code(reply).got


@pytest.mark.parametrize(
    ("reply", "value"),
    [
        ('{"a": 1}', {"a": 1}),
        ('Well {this} is it: {"a": {"b": "}"}} and {"c": 2}', {"a": {"b": "}"}}),
        ('```json\n{"a": [1, 2]}\n```', {"a": [1, 2]}),
        ('{"a": 1', None),
        ("[1, 2]", None),
        ("", None),
        ("{" * 5_000, None),
    ],
)
def test_the_first_balanced_object(reply: str, value: object):
    assert first_json(reply) == value


def test_prose_is_what_stands_outside_of_code():
    assert prose(f"I tile it.\n\n```python\nx = 1\n```\n{BLOCK}Done.") == "I tile it. Done."
    assert len(prose("word " * 1_000)) <= 400


def test_lists_and_votes_that_are_none():
    assert texts(["a  b", 3, "", None, "c"]) == ["a b", "c"]
    assert texts("a") == []
    assert accepted({"passes": True})
    assert not accepted({"passes": "yes"})
    assert not accepted(None)
