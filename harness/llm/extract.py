"""Takes the code out of a reply.

Models that reason in the open write drafts first, so the last complete block is the answer (`Output contracts` in the
prompt says the same to the model).
"""

import re

_FENCE = re.compile(r"^ {0,3}(?P<marks>`{3,}|~{3,})(?P<info>.*)$")


def last_code_block(text: str) -> str | None:
    """Return the text inside the last complete fenced block of `text`, or None where there is none.

    Fences follow CommonMark 0.31 section 4.5: a block ends at a line of at least as many of the same marks and nothing
    else, so that ``` inside a ```` block is content. An unterminated last block was cut off; what came before it was a
    draft, and judging a draft would be judging something that the model did not hand in: the result is None. A stray
    opening fence with nothing behind it is not a block.
    """
    last: str | None = None
    opened: str | None = None
    lines: list[str] = []
    for line in text.splitlines():
        fence = _FENCE.match(line)
        if opened is None:
            # A backtick fence's info string has no backticks, otherwise it is inline code: ```x```.
            if fence and not (fence["marks"][0] == "`" and "`" in fence["info"]):
                opened, lines = fence["marks"], []
        elif fence and fence["marks"].startswith(opened) and not fence["info"].strip():
            last, opened = "\n".join(lines), None
        else:
            lines.append(line)
    cut_off = opened is not None and any(line.strip() for line in lines)
    if cut_off or last is None or not last.strip():
        return None
    return last + "\n"
