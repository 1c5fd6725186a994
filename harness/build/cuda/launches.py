"""Kernel launches: `name<types><<<grid, block, shared, stream>>>(arguments)` becomes a call of the emulation's `launch`.

The arguments are evaluated once, where they stand, as captures of the function that each thread calls. They and the
configuration keep their places in the text, so that the compiler's messages name the right lines; only the kernel's name
moves behind them.
"""

from harness.build.cuda.region import Region, split
from harness.build.cuda.tokens import Kind

OPEN = "<<<"
_ACCESS = {"::", ".", "->"}
_STOPS = {";", "{", "}", OPEN}
_NOT_NAMES = {"return", "else", "do", "co_return", "throw"}
_IN_PLACE = {"NULL", "nullptr", "0", "true", "false"}
"""Literals stay literals: only as one is `0` or `NULL` a pointer."""


def rewrite_launches(region: Region) -> None:
    """Rewrite all launches of `region`.

    Raises:
        TranslationError: a launch is not complete.
    """
    for index, token in enumerate(region.tokens):
        if token.text == OPEN and token.kind is Kind.PUNCTUATION and region.text(index - 1) != "operator":
            _rewrite(region, index)


def _rewrite(region: Region, index: int) -> None:
    begin = _kernel_begin(region, index)
    if begin == index:
        raise region.error("no kernel's name stands before <<<", index)
    close = _configuration_end(region, index)
    kernel = region.words(begin, index)
    tokens, edits = region.tokens, region.edits
    name = _name(region, begin, index)
    edits.replace(
        tokens[begin].start, tokens[index].end, f"::harness_cuda::launch({name}, ::harness_cuda::Configuration("
    )
    edits.replace(tokens[close].start, tokens[close + 2].end, "), ")
    opening = close + 3
    if region.text(opening) != "(":  # a macro's parameter that brings its own brackets
        _pass_tuple(region, kernel, opening, opening)
        return
    closing = region.close(opening)
    if closing < 0:
        raise region.error(f"the arguments of {kernel}<<<...>>> are not closed", opening)
    pieces = split(region, opening + 1, closing)
    if region.in_macro and any(_may_be_several(region, first, last) for first, last in pieces):
        _pass_tuple(region, kernel, opening, closing)
        return
    _capture(region, kernel, opening, closing, pieces)


def _capture(region: Region, kernel: str, opening: int, closing: int, pieces: list[tuple[int, int]]) -> None:
    """Write `[&, a0 = (x), a1 = (y)] { kernel(a0, a1); })` around the arguments."""
    tokens, edits = region.tokens, region.edits
    edits.replace(tokens[opening].start, tokens[opening].end, "[&")
    passed = []
    for number, (first, last) in enumerate(pieces):
        if first == last:
            raise region.error(f"an argument of {kernel}<<<...>>> is missing", first)
        capture = f"harness_argument_{number}"
        before = tokens[first - 1]
        in_place = last == first + 1 and tokens[first].text in _IN_PLACE
        if in_place or tokens[first].text == "{":
            passed.append(region.words(first, last))
            edits.replace(before.end, tokens[last - 1].end, "")
            if number:
                edits.replace(before.start, before.end, "")
            continue
        pack = region.text(last - 1) == "..."
        start = f", ...{capture} = (" if pack else f", {capture} = ("
        passed.append(capture + ("..." if pack else ""))
        if number:
            edits.replace(before.start, before.end, start)
        else:
            edits.insert(tokens[first].start, start)
        if pack:
            edits.replace(tokens[last - 1].start, tokens[last - 1].end, ")")
        else:
            edits.insert(tokens[last - 1].end, ")")
    edits.replace(tokens[closing].start, tokens[closing].end, f"] {{ {kernel}({', '.join(passed)}); }})")


def _pass_tuple(region: Region, kernel: str, opening: int, closing: int) -> None:
    """Where a macro's parameter may stand for several arguments, a tuple takes however many there are."""
    tokens, edits = region.tokens, region.edits
    if opening >= len(tokens):
        raise region.error(f"{kernel}<<<...>>> has no arguments", opening)
    edits.insert(tokens[opening].start, "[&, harness_arguments = ::std::make_tuple ")
    edits.insert(
        tokens[closing].end,
        f"] {{ ::std::apply([&](auto... harness_argument) {{ {kernel}(harness_argument...); }}, harness_arguments); }})",
    )


def _may_be_several(region: Region, first: int, last: int) -> bool:
    return last == first + 1 and region.text(first) in (region.parameters or ())


def _configuration_end(region: Region, index: int) -> int:
    """Return the index of the first `>` of the `>>>` that ends the configuration begun at `index`."""
    position = index + 1
    while position < len(region.tokens):
        text = region.text(position)
        if text == ">" and region.text(position + 1) == region.text(position + 2) == ">":
            starts = [region.tokens[position + i].start for i in range(3)]
            behind = region.text(position + 3)
            if starts[2] == starts[0] + 2 and (behind == "(" or region.in_macro) and behind != ">":
                if position == index + 1:
                    raise region.error("a launch <<<>>> without grid and block", index)
                return position
        elif text in _STOPS and text != "{":
            break
        position = region.skip(position) + 1
    raise region.error("a launch <<< has no >>>(", index)


def _kernel_begin(region: Region, index: int) -> int:
    """Return the index where the kernel's expression begins that ends before `index`."""
    position = index
    while True:
        position = _operand_begin(region, position)
        if position > 0 and region.text(position - 1) == "template":
            position -= 1
        if position > 0 and region.text(position - 1) in _ACCESS:
            position -= 1
            if region.text(position) == "::" and not _names_scope(region, position - 1):
                return position  # from the global namespace
            continue
        return position


def _names_scope(region: Region, index: int) -> bool:
    """Whether what ends at `index` can stand before `::`."""
    if region.is_word(index):
        return region.text(index) not in _NOT_NAMES
    return region.text(index) == ">"


def _operand_begin(region: Region, end: int) -> int:
    """Return where the operand begins whose last token stands before `end`: a name, a call, an index, brackets."""
    position = end
    while position > 0:
        text = region.text(position - 1)
        if region.is_word(position - 1):
            return position if text in _NOT_NAMES else position - 1
        if text in {")", "]"} and region.partner[position - 1] >= 0:
            position = region.partner[position - 1]
            if text == ")" and not (region.is_word(position - 1) or region.text(position - 1) in {">", "]"}):
                return position
            if region.text(position - 1) in _NOT_NAMES | {"if", "while", "for", "switch"}:
                return position
        elif text == ">":
            opening = _angle_open(region, position - 1)
            if opening < 0:
                return position
            position = opening
        else:
            return position
    return position


def _angle_open(region: Region, index: int) -> int:
    """Return the index of the `<` whose `>` stands at `index`, or -1."""
    depth, position = 0, index
    while position >= 0:
        text = region.text(position)
        if text == ">":
            depth += 1
        elif text == "<":
            depth -= 1
            if depth == 0:
                return position
        elif text == "<<":
            depth -= 2
            if depth <= 0:
                return -1
        elif text in {")", "]", "}"} and region.partner[position] >= 0:
            position = region.partner[position]
        elif text in _STOPS:
            return -1
        position -= 1
    return -1


def _name(region: Region, begin: int, end: int) -> str:
    """Return C++ that gives the kernel's name for reports: its template arguments are told by the compiler."""
    while region.text(begin) == "(" and region.close(begin) == end - 1:
        begin, end = begin + 1, end - 1
    if region.text(begin) in {"&", "*", "::"}:
        begin += 1
    angle = next((i for i in range(begin, end) if region.text(i) == "<"), end)
    if angle >= end - 2 or region.text(end - 1) != ">":  # none, or `<>`
        word = region.words(begin, end)
        return f"#{word}" if word in (region.parameters or ()) else _literal(word)
    arguments = [
        f"::harness_cuda::argument_name<{region.words(first, last)}>()"
        for first, last in split(region, angle + 1, end - 1)
        if first < last
    ]
    base = region.words(begin, angle)
    base = f"#{base}" if base in (region.parameters or ()) else _literal(base)
    return f"::harness_cuda::kernel_name({', '.join([base, *arguments])}).c_str()"


def _literal(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
