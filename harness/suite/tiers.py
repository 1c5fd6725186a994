"""The sizes of a problem file, read and replaced without executing it.

A size is a module-level constant whose value is written out: a number, a string, a tuple, or arithmetic on those.
`TIERS` and `UNSEEN` are literals that name other values for them. Only the characters of a value are ever replaced,
so that everything else in the file, comments and layout included, stays as it was written.
"""

import ast
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import TypeAdapter, ValidationError

from harness.errors import ProblemError, suggestion
from harness.models import Sizes, Tier
from harness.models.problem import SizeLiteral

Tiers = tuple[dict[Tier, Sizes], list[Sizes]]
"""Sizes by tier, and unseen sizes."""

LITERALS = ("TIERS", "UNSEEN")
"""Names of the two optional literals; they never reach a model."""

_SIZES: TypeAdapter[Sizes] = TypeAdapter(Sizes)
_NEWLINE = re.compile(rb"\r\n|\r|\n")


@dataclass
class Layout:
    """What stands where at the top level of a module."""

    source: str
    """The text."""
    values: dict[str, list[ast.expr | None]] = field(default_factory=dict)
    """Name -> the expressions assigned to it, in order; None where it is bound in a way that cannot be resized."""
    statements: dict[str, list[ast.stmt]] = field(default_factory=dict)
    """Name -> the statements that assign it."""
    bound: set[str] = field(default_factory=set)
    """Every name that the module binds at its top level: classes, functions, imports and constants."""
    starts: list[int] = field(default_factory=list)
    """Byte offset of each line."""

    def bind(self, name: str, value: ast.expr | None, statement: ast.stmt) -> None:
        """Record that `statement` assigns `value` to `name`."""
        self.bound.add(name)
        self.values.setdefault(name, []).append(value)
        self.statements.setdefault(name, []).append(statement)

    def span(self, node: ast.expr | ast.stmt) -> tuple[int, int]:
        """Return the byte offsets of `node` in the UTF-8 text."""
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        start = self.starts[node.lineno - 1] + node.col_offset
        return start, self.starts[node.end_lineno - 1] + node.end_col_offset

    def text(self, node: ast.expr) -> str:
        """Return the text of `node`."""
        start, end = self.span(node)
        return self.source.encode()[start:end].decode()


def parse(source: str) -> Layout:
    """Find the module-level names of `source`.

    Raises:
        ProblemError: it is not Python; the message has the line.
    """
    try:
        tree = ast.parse(source)
    except SyntaxError as error:
        raise ProblemError(f"line {error.lineno}: {error.msg}") from None
    except (ValueError, RecursionError, MemoryError) as error:
        raise ProblemError(f"not Python source: {error or type(error).__name__}") from None
    starts = [0, *(match.end() for match in _NEWLINE.finditer(source.encode()))]
    layout = Layout(source, starts=starts)
    for statement in tree.body:
        _note(layout, statement)
    return layout


def _note(layout: Layout, statement: ast.stmt) -> None:
    """Record what one top-level statement binds."""
    match statement:
        case ast.ClassDef(name=name) | ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
            layout.bound.add(name)
        case ast.Import(names=names) | ast.ImportFrom(names=names):
            layout.bound.update(alias.asname or alias.name.split(".")[0] for alias in names)
        case ast.AnnAssign(target=ast.Name(id=name), value=value):
            if value is not None:
                layout.bind(name, value, statement)
        case ast.Assign(targets=[ast.Name(id=name)], value=value):
            layout.bind(name, value, statement)
        case _:
            # Unpacking, chains, `+=`, loops and branches: such names are known, but cannot be resized.
            for part in ast.walk(statement):
                if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
                    layout.bind(part.id, None, statement)
                elif isinstance(part, (ast.ClassDef, ast.FunctionDef)):
                    layout.bound.add(part.name)


def read_literals(layout: Layout) -> Tiers:
    """Return the `TIERS` (with `gpu`, which changes nothing) and `UNSEEN` of a module.

    Raises:
        ProblemError: one of them is not a literal, has the wrong form, or names a tier or constant that is not there.
    """
    tiers = _literal(layout, "TIERS")
    unseen = _literal(layout, "UNSEEN")
    try:
        return check_sizes(layout, {} if tiers is None else tiers, [] if unseen is None else unseen)
    except ProblemError as error:
        line = next((layout.statements[name][0].lineno for name in LITERALS if str(error).startswith(name)), 0)
        raise ProblemError(f"line {line}: {error}") from None


def check_sizes(layout: Layout, tiers: object, unseen: object) -> Tiers:
    """Validate the plain values of `TIERS` and `UNSEEN`, wherever they came from, against a module.

    Raises:
        ProblemError: see `read_literals`.
    """
    if not isinstance(tiers, Mapping):
        raise ProblemError('TIERS must be a dict of dicts, as in {"cpu": {"N": 64}}')
    if not isinstance(unseen, (list, tuple)):
        raise ProblemError('UNSEEN must be a list of dicts, as in [{"N": 7}]')
    named: dict[Tier, Sizes] = {Tier.GPU: {}}
    allowed = [tier.value for tier in Tier if tier is not Tier.GPU]
    for name, sizes in tiers.items():
        if name == Tier.GPU:
            raise ProblemError("TIERS must not hold 'gpu': that tier is the file's own constants")
        if name not in allowed:
            raise ProblemError(
                f"TIERS: unknown tier {name!r}{suggestion(str(name), allowed)} (known: {', '.join(allowed)})"
            )
        named[Tier(name)] = _sizes(layout, f"TIERS[{name!r}]", sizes)
    return named, [_sizes(layout, f"UNSEEN[{i}]", sizes) for i, sizes in enumerate(unseen)]


def _literal(layout: Layout, name: str) -> object:
    values = layout.values.get(name)
    if values is None:
        return None
    if len(values) > 1 or values[0] is None:
        raise ProblemError(f"{name} must be assigned once, as a plain literal")
    try:
        found: object = ast.literal_eval(values[0])
    except (ValueError, TypeError, SyntaxError, RecursionError):
        raise ProblemError(
            f"line {values[0].lineno}: {name} must be a literal: the file is not executed to read it"
        ) from None
    return found


def _sizes(layout: Layout, where: str, value: object) -> Sizes:
    """Validate one dict of sizes; tuples count as lists."""
    if not isinstance(value, Mapping):
        raise ProblemError(f'{where} must be a dict of constants, as in {{"N": 64}}')
    plain = {key: list(item) if isinstance(item, tuple) else item for key, item in value.items()}
    try:
        sizes = _SIZES.validate_python(plain, strict=True)
    except ValidationError as error:
        place = error.errors()[0]["loc"]
        raise ProblemError(
            f"{where}: {place[0]!r} must be a number, string, bool, None or a flat list of them"
        ) from None
    for name, item in sizes.items():
        try:
            _slot(layout, name, item)
        except ProblemError as error:
            raise ProblemError(f"{where}: {error}") from None
    return sizes


def apply_sizes(source: str, sizes: Mapping[str, SizeLiteral]) -> str:
    """Return `source` with `sizes` in place of its constants' values and without `TIERS` and `UNSEEN`.

    The rest of the text is kept to the byte. Constants that are computed from others follow by themselves when the
    file runs. A list takes the bracket that the file uses.

    Raises:
        ProblemError: `source` is not Python, or a name is not a constant of it that can be resized.
    """
    layout = parse(source)
    edits: list[tuple[int, int, bytes]] = []
    for name, value in sizes.items():
        node = _slot(layout, name, value)
        edits.append((*layout.span(node), _render(value, isinstance(node, ast.Tuple)).encode()))
    text = source.encode()
    for name in LITERALS:
        edits += [(*_removal(text, *layout.span(statement)), b"") for statement in layout.statements.get(name, [])]
    if not edits:
        return source
    for start, end, replacement in sorted(edits, reverse=True):
        text = text[:start] + replacement + text[end:]
        if not replacement and not text[start:].strip():
            text = text[:start].rstrip() + (b"\r\n" if b"\r\n" in text else b"\n")
    return text.decode()


def integer_constants(source: str) -> Sizes:
    """Return the constants of `source` that can be resized and are whole numbers, or tuples and lists of them.

    Raises:
        ProblemError: `source` is not Python.
    """
    layout = parse(source)
    found: Sizes = {}
    for name, values in layout.values.items():
        node = values[0]
        if name in LITERALS or len(values) > 1 or node is None or not _written_out(node):
            continue
        value = _value(node)
        whole = [item for item in (value if isinstance(value, list) else [value]) if type(item) is int]
        if whole and (not isinstance(value, list) or len(whole) == len(value)):
            found[name] = value
    return found


def _value(node: ast.expr) -> SizeLiteral:
    """Return the value of a constant that is written out; None where it is neither a number nor a list of some."""
    try:
        value = eval(compile(ast.Expression(node), "<constant>", "eval"), {"__builtins__": {}})
    except (ArithmeticError, TypeError, ValueError):
        return None
    if isinstance(value, tuple | list):
        return list(value)
    return value if isinstance(value, int | float) else None


def _slot(layout: Layout, name: str, value: SizeLiteral) -> ast.expr:
    """Return the expression that holds constant `name`, after checking that `value` may stand there."""
    values = layout.values.get(name)
    if values is None or name in LITERALS:
        constants = [known for known in layout.values if known not in LITERALS]
        known = f" (constants: {', '.join(constants)})" if constants else ""
        raise ProblemError(f"unknown constant '{name}'{suggestion(name, constants)}{known}")
    node = values[0]
    if len(values) > 1:
        raise ProblemError(f"constant '{name}' is assigned more than once; give each size one assignment")
    if node is None:
        raise ProblemError(f"constant '{name}' is not assigned on its own; write '{name} = ...' on a line of its own")
    if not _written_out(node):
        names = sorted({part.id for part in ast.walk(node) if isinstance(part, ast.Name)})
        advice = f"; set {', '.join(names)} instead" if names else ""
        raise ProblemError(f"constant '{name}' is computed ({layout.text(node)}){advice}")
    if isinstance(node, (ast.Tuple, ast.List)) != isinstance(value, list):
        raise ProblemError(f"constant '{name}' is {layout.text(node)} in the file and cannot become {value!r}")
    return node


def _written_out(node: ast.expr) -> bool:
    """Whether an expression names nothing: a literal, or arithmetic on literals such as `1024 * 4`."""
    plain = (ast.Constant, ast.UnaryOp, ast.BinOp, ast.Tuple, ast.List, ast.operator, ast.unaryop, ast.expr_context)
    return all(isinstance(part, plain) for part in ast.walk(node))


def _render(value: SizeLiteral, as_tuple: bool) -> str:
    if isinstance(value, list):
        items = ", ".join(_render(item, as_tuple) for item in value)
        if as_tuple:
            return f"({items},)" if len(value) == 1 else f"({items})"
        return f"[{items}]"
    if isinstance(value, float) and not math.isfinite(value):
        raise ProblemError(f"{value} cannot be a size")
    return repr(value)


def _removal(text: bytes, start: int, end: int) -> tuple[int, int]:
    """Widen a statement to what goes with it: its whole lines, or up to the neighbour that shares its line."""
    line_start = max(text.rfind(b"\n", 0, start), text.rfind(b"\r", 0, start)) + 1
    newline = _NEWLINE.search(text, end)
    line_end = newline.end() if newline else len(text)
    after = text[end:line_end].strip()
    shares_before = bool(text[line_start:start].strip())
    if after.startswith(b";") and after[1:].strip():
        following = end + text[end:line_end].index(b";") + 1
        return start, following + len(text[following:]) - len(text[following:].lstrip(b" \t"))
    if shares_before:
        return text.rindex(b";", line_start, start), newline.start() if newline else len(text)
    return line_start, line_end
