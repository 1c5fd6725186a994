"""`__shared__` variables: each becomes a reference into the block's shared memory.

`__shared__ float a[N][M], b;` becomes `typedef float A[N][M], B;` followed by references of these types. A typedef takes
the very declarators of a variable, so that only the names have to be found.
"""

from dataclasses import dataclass

from harness.build.cuda.captures import capture
from harness.build.cuda.region import Region, split
from harness.build.cuda.scopes import Scopes
from harness.build.cuda.tokens import Kind, TranslationError

_ALIGNMENTS = {"alignas", "__align__", "__builtin_align__"}
_DROPPED = {"static", "extern"}


@dataclass(frozen=True)
class _Variable:
    name: str
    declared: int
    """Index of its name in its region."""
    ends: int
    """Index of the bracket that ends its scope."""


class SharedVariables:
    """Rewrites the declarations of one build; numbers its variables."""

    def __init__(self) -> None:
        self._count = 0
        self._outside: dict[str, tuple[int, str]] = {}
        """Variables declared in no function: offset behind which they are known, and what stands for them."""

    def rewrite(self, regions: list[Region], scopes: list[Scopes]) -> None:
        """Rewrite the declarations in the regions of one source, and what has to change where they are used.

        Raises:
            TranslationError: a declaration is not one that CUDA has.
        """
        self._outside = {}
        local: list[list[_Variable]] = []
        for region, scope in zip(regions, scopes, strict=True):
            local.append([])
            index = 0
            while index < len(region.tokens):
                if region.text(index) == "__shared__" and region.is_word(index):
                    index = self._declaration(region, scope, index, local[-1])
                index += 1
        for region, variables in zip(regions, local, strict=True):
            if self._outside:
                self._replace_uses(region, variables)
        if local[0]:
            capture(regions[0], [(v.name, v.declared, v.ends) for v in local[0]])

    def _declaration(self, region: Region, scopes: Scopes, index: int, local: list[_Variable]) -> int:
        begin, end = _specifiers_begin(region, index), _declaration_end(region, index)
        dynamic = any(region.text(i) == "extern" for i in range(begin, end))
        alignment = _take_specifiers(region, begin, end)
        region.edits.replace(region.tokens[index].start, region.tokens[index].end, "typedef")
        outside = not region.in_macro and scopes.in_namespace(index)
        text = ""
        for first, last in split(region, index + 1, end):
            name = _name(region, first, last)
            self._count += 1
            token = region.tokens[name]
            alias = f"harness_shared_{self._count}_{token.text}"
            region.edits.replace(token.start, token.end, alias)
            tag, place = self._place(region, alias, dynamic, alignment)
            if outside:
                self._outside[token.text] = (region.tokens[min(end, len(region.tokens) - 1)].end, f"({place})")
                text += f" {tag}"
            else:
                text += f" {tag}{alias}& {token.text} = {place};"
                local.append(_Variable(token.text, name, region.close(scopes.enclosing[index])))
        if end < len(region.tokens):
            region.edits.insert(region.tokens[end].end, text)
        else:  # the `;` stands where the macro is used
            region.edits.insert(region.tokens[end - 1].end, ";" + text.removesuffix(";"))
        return end

    def _place(self, region: Region, alias: str, dynamic: bool, alignment: str) -> tuple[str, str]:
        """Return what has to be declared first, and the expression of the variable."""
        if dynamic:
            return "", f"*({alias}*)::harness_cuda::dynamic_shared<unsigned char>()"
        # A macro may be used twice in one scope, so that a name would not do there.
        tag = "decltype([] {})" if region.in_macro else f"harness_tag_{self._count}"
        declared = "" if region.in_macro else f"struct {tag}; "
        if alignment:
            aligned = f"::harness_cuda::Aligned<{alias}, {alignment}>"
            return declared, f"::harness_cuda::shared_variable<{aligned}, {tag}>().value"
        return declared, f"::harness_cuda::shared_variable<{alias}, {tag}>()"

    def _replace_uses(self, region: Region, local: list[_Variable]) -> None:
        """Put the expression of a variable that is declared in no function wherever its name is used."""
        hidden = sorted((v.declared, v.ends) for v in local if v.name in self._outside)
        ends, position = -1, 0
        for index, token in enumerate(region.tokens):
            if token.text not in self._outside or token.kind is not Kind.WORD:
                continue
            while position < len(hidden) and hidden[position][0] <= index:
                ends, position = max(ends, hidden[position][1]), position + 1
            known, place = self._outside[token.text]
            if index <= ends or token.start < known or region.text(index - 1) in {".", "->", "::"}:
                continue
            region.edits.replace(token.start, token.end, place)


def _specifiers_begin(region: Region, index: int) -> int:
    """Return where the declaration begins that `__shared__` at `index` stands in."""
    begin = index
    while begin > 0:
        text = region.text(begin - 1)
        if (region.is_word(begin - 1) and text not in {"else", "do", "return"}) or (
            text in {">", "::", "<", ","} and _continues(region, begin - 1)
        ):
            begin -= 1
        elif text == ")" and region.text(region.partner[begin - 1] - 1) in _ALIGNMENTS:
            begin = region.partner[begin - 1] - 1
        else:
            break
    return begin


def _continues(region: Region, index: int) -> bool:
    """Whether the punctuation at `index` is part of a type before `__shared__`, as in `ns::T __shared__ x`."""
    return region.text(index) == "::" and region.is_word(index - 1)


def _declaration_end(region: Region, index: int) -> int:
    """Return the index of the `;`, or behind the region for a macro that leaves it to its user."""
    position = index + 1
    while position < len(region.tokens):
        text = region.text(position)
        if text == ";":
            return position
        if text in {")", "}", "]"}:
            raise region.error("a __shared__ declaration has no ;", index)
        position = region.skip(position) + 1
    if region.in_macro and position > index + 1:
        return len(region.tokens)
    raise region.error("a __shared__ declaration has no ;", index)


def _take_specifiers(region: Region, begin: int, end: int) -> str:
    """Take out what a typedef may not have; returns the alignment that was asked for."""
    alignments = []
    index = begin
    while index < end:
        text = region.text(index)
        if text in _DROPPED:
            region.remove(index, index)
        elif text in _ALIGNMENTS and region.text(index + 1) == "(" and region.close(index + 1) > 0:
            close = region.close(index + 1)
            inner = region.words(index + 2, close)
            alignments.append(f"alignof({inner})" if _is_type(region, index + 2, close) else f"({inner})")
            region.remove(index, close)
            index = close
        index = max(region.skip(index), index) + 1
    return alignments[-1] if alignments else ""


_TYPES = {"float", "double", "int", "char", "short", "long", "half", "float2", "float4", "int4", "uint4", "double2"}


def _is_type(region: Region, first: int, last: int) -> bool:
    return region.text(first) in _TYPES | {"unsigned", "signed", "const"}


def _name(region: Region, first: int, last: int) -> int:
    """Return the index of the name that the declarator in `first` to `last` declares."""
    found, index = -1, first
    while index < last:
        text = region.text(index)
        if text == "[" or (text in {"=", ":"} and found >= 0):
            break
        if text == "<" and region.is_word(index - 1):
            index = _angle_end(region, index, last)
        elif text == "(" and region.text(index + 1) in {"*", "&"}:
            inner = [i for i in range(index, region.skip(index)) if region.is_word(i)]
            return inner[-1] if inner else index
        elif region.is_word(index) and region.text(index) not in _ALIGNMENTS | {"typename", "const", "volatile"}:
            found = index
        elif text == "__attribute__":
            index += 1
        index = max(region.skip(index), index) + 1
    if found < 0:
        raise region.error("a __shared__ declaration without a name", first)
    for position in range(found + 1, last):
        if region.text(position) == "=" or (region.text(position) in {"{", "("} and position == found + 1):
            raise TranslationError(
                f"the __shared__ variable {region.text(found)} has an initialiser, which CUDA does not allow",
                region.source.line(region.tokens[found].start),
            )
    return found


def _angle_end(region: Region, index: int, last: int) -> int:
    depth = 0
    while index < last:
        depth += (region.text(index) == "<") - (region.text(index) == ">")
        if depth == 0:
            return index
        index = region.skip(index) + 1
    return last
