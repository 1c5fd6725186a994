"""Lambdas that use shared variables.

In CUDA a shared variable is static, so any lambda may use it without capturing it; here it is a reference, which a lambda
has to capture, and by reference.
"""

import bisect

from harness.build.cuda.region import Region
from harness.build.cuda.tokens import Kind

MAX_PAIRS = 200_000
"""Lambdas times variables; no kernel comes near it, and beyond it nothing is changed."""
_BEHIND = {"(", "{", "<", "mutable", "__device__", "__host__", "->"}


def capture(region: Region, variables: list[tuple[str, int, int]]) -> None:
    """Add captures by reference to the lambdas of `region`.

    `variables` are names with the indices where each is declared and where its scope ends.
    """
    lambdas = [index for index in range(len(region.tokens)) if _is_lambda(region, index)]
    if not lambdas or len(lambdas) * len(variables) > MAX_PAIRS:
        return
    used: dict[str, list[int]] = {name: [] for name, _, _ in variables}
    for index, token in enumerate(region.tokens):
        if token.kind is Kind.WORD and token.text in used:
            used[token.text].append(index)
    for opening in lambdas:
        closing = region.close(opening)
        if region.text(opening + 1) == "&" and region.text(opening + 2) in {"]", ","}:
            continue
        end = _body_end(region, closing)
        names = {
            name
            for name, declared, ends in variables
            if declared < opening and (opening < ends or ends < 0) and _within(used[name], opening, end)
        }
        explicit = {region.text(index) for index in range(opening, closing)}
        added = ", ".join(f"&{name}" for name in sorted(names - explicit))
        if added:
            region.edits.insert(region.tokens[closing].start, (", " if closing > opening + 1 else "") + added)


def _is_lambda(region: Region, index: int) -> bool:
    if region.text(index) != "[" or region.close(index) < 0 or region.text(region.close(index) + 1) not in _BEHIND:
        return False
    before = region.text(index - 1)
    if region.is_word(index - 1):
        return before == "return"
    return before not in {")", "]", "[", ">"} and region.text(index + 1) != "["


def _body_end(region: Region, closing: int) -> int:
    index = closing + 1
    while index < len(region.tokens) and region.text(index) not in {"{", ";", "}", ")"}:
        index = region.skip(index) + 1
    return region.skip(index) if index < len(region.tokens) else index


def _within(places: list[int], first: int, last: int) -> bool:
    found = bisect.bisect_left(places, first)
    return found < len(places) and places[found] <= last
