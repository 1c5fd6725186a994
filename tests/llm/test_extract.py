"""Which block of a reply is the candidate."""

import pytest

from harness.llm import last_code_block


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        ("no code at all", None),
        ("", None),
        ("```python\nx = 1\n```", "x = 1\n"),
        ("draft:\n```\na\n```\nfinal:\n```py\nb\n```\nthanks", "b\n"),
        ("```python\nx = 1\n", None),
        ("```python\nx = 1\n```\nbetter:\n```python\ny = ", None),
        ("```python\nx = 1\n```\n```\n", "x = 1\n"),
        ("```python\n\n   \n```", None),
        ("````\n```\ninner\n```\n````", "```\ninner\n```\n"),
        ("~~~\nx\n~~~", "x\n"),
        ("```x``` is inline\n```\ny\n```", "y\n"),
        ("```python\r\nx = 1\r\n```\r\n", "x = 1\n"),
        ("```\n  indented\n\n  twice\n```", "  indented\n\n  twice\n"),
        ("    ```\n    not a fence\n    ```", None),
    ],
)
def test_last_complete_block(reply: str, code: str | None):
    assert last_code_block(reply) == code
