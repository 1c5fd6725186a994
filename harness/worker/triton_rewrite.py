"""Rewrites a kernel's source so that Python runs it with the meaning that Triton's compiler gives it.

Python and the compiler read some constructs differently. `a and b` over two blocks is elementwise to the compiler and
`b` to Python; a number that is assigned becomes a tensor; a loop's index is a tensor; a block cannot be a condition.
Upstream's interpreter leaves most of these to Python, which lets wrong kernels pass and right ones fail. Line numbers
stay the candidate's.
"""

import ast
import builtins
import copy
import linecache
import types
from collections.abc import Callable, Iterator
from typing import Any

from harness.worker.triton_api import Refused, api
from harness.worker.triton_memory import current
from harness.worker.triton_schedule import running

HELPERS = "__harness__"
"""The one name that is added to a kernel's scope, as a variable of an enclosing function."""
_parsed: dict[str, tuple[str, ast.Module]] = {}


def rewrite(fn: types.FunctionType) -> Callable[..., Any]:
    """Return `fn` rewritten.

    Raises:
        Refused: its source is unknown, or holds what the compiler rejects.
    """
    node = copy.deepcopy(_definition(fn))
    where = fn.__code__.co_filename
    node.decorator_list = []
    node.returns = None
    arguments = node.args
    for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs):
        argument.annotation = None
    arguments.defaults = []
    arguments.kw_defaults = [None] * len(arguments.kwonlyargs)
    node.body = [_Rewriter(where).visit(statement) for statement in node.body]
    outer_names = [HELPERS, *fn.__code__.co_freevars]
    outer = ast.FunctionDef(
        name="outer",
        args=ast.arguments([], [ast.arg(name) for name in outer_names], None, [], [], None, []),
        body=[node, ast.Return(ast.Name(node.name, ast.Load()))],
        decorator_list=[],
    )
    if "type_params" in ast.FunctionDef._fields:  # Python 3.12
        outer.type_params = []  # type: ignore[attr-defined]
    module = ast.fix_missing_locations(ast.Module([outer], []))
    made: dict[str, Any] = {}
    exec(compile(module, where, "exec"), fn.__globals__, made)
    captured = [cell.cell_contents for cell in fn.__closure__ or ()]
    new: types.FunctionType = made["outer"](helpers, *captured)
    new.__defaults__, new.__kwdefaults__ = fn.__defaults__, fn.__kwdefaults__
    return new


def _definition(fn: types.FunctionType) -> ast.FunctionDef:
    code = fn.__code__
    text = "".join(linecache.getlines(code.co_filename))
    if not text:
        raise Refused(f"kernel {fn.__name__} has no source file: Triton reads a kernel's source, which exec() hides")
    known = _parsed.get(code.co_filename)
    if known is None or known[0] != text:
        known = _parsed[code.co_filename] = (text, ast.parse(text))
    for node in ast.walk(known[1]):
        if isinstance(node, ast.FunctionDef) and node.name == code.co_name:
            first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
            if first <= code.co_firstlineno <= node.lineno:
                return node
    raise Refused(f"the source of kernel {fn.__name__} cannot be found at {code.co_filename}:{code.co_firstlineno}")


class _Rewriter(ast.NodeTransformer):
    """The changes, one construct at a time."""

    def __init__(self, where: str) -> None:
        self._where = where

    def _reject(self, node: ast.stmt | ast.expr, what: str) -> Refused:
        return Refused(f"{self._where}:{node.lineno}: {what}, which Triton's compiler rejects")

    def visit_Assign(self, node: ast.Assign) -> ast.AST:
        if len(node.targets) != 1:
            raise self._reject(node, "the kernel assigns to several names at once (a = b = ...)")
        self.generic_visit(node)
        node.value = _call("assigned", node.value)
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        self.generic_visit(node)
        if node.value is not None and "constexpr" not in ast.unparse(node.annotation):
            node.value = _call("assigned", node.value)
        return node

    def visit_For(self, node: ast.For) -> ast.AST:
        if isinstance(node.iter, ast.Call) and isinstance(node.iter.func, ast.Name) and node.iter.func.id == "range":
            node.iter.func = _helper("loop")
        self.generic_visit(node)
        return node

    def visit_If(self, node: ast.If) -> ast.AST:
        self.generic_visit(node)
        node.test = _call("truth", node.test)
        return node

    def visit_While(self, node: ast.While) -> ast.AST:
        self.generic_visit(node)
        node.test = _call("turn", node.test)
        return node

    def visit_IfExp(self, node: ast.IfExp) -> ast.AST:
        self.generic_visit(node)
        node.test = _call("truth", node.test)
        return node

    def visit_Assert(self, node: ast.Assert) -> ast.AST:
        """To the compiler this is `device_assert`, off unless debugging, or static where it can be evaluated."""
        self.generic_visit(node)
        message = [node.msg] if node.msg is not None else []
        return ast.copy_location(ast.Expr(_call("asserted", node.test, *message)), node)

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.AST:
        self.generic_visit(node)
        none = ast.arguments([], [], None, [], [], None, [])
        name = "logical_and" if isinstance(node.op, ast.And) else "logical_or"
        return ast.copy_location(_call(name, *(ast.Lambda(none, value) for value in node.values)), node)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.AST:
        self.generic_visit(node)
        return ast.copy_location(_call("negated", node.operand), node) if isinstance(node.op, ast.Not) else node

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        if len(node.ops) != 1:
            raise self._reject(node, "the kernel chains comparisons (a < b < c)")
        self.generic_visit(node)
        if isinstance(node.ops[0], ast.Is | ast.IsNot):
            node.left = _call("plain", node.left)
            node.comparators = [_call("plain", node.comparators[0])]
        return node

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        self.generic_visit(node)
        if node.attr == "value" and isinstance(node.ctx, ast.Load):  # a constexpr's; here it is the value itself
            return ast.copy_location(_call("plain", node.value), node)
        return node

    def visit_Expr(self, node: ast.Expr) -> ast.AST:
        """An atomic operation whose result nobody takes cannot tell its program that another one is done."""
        self.generic_visit(node)
        call = node.value
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr.startswith("atomic_"):
            none = ast.arguments([], [], None, [], [], None, [])
            node.value = ast.copy_location(_call("discarded", ast.copy_location(ast.Lambda(none, call), call)), call)
        return node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.func, ast.Name) and node.func.id in {"min", "max", "print"}:
            lookup = ast.Constant(node.func.id)
            node.func = ast.copy_location(_call("builtin", lookup, node.func), node.func)
        return node


def _helper(name: str) -> ast.expr:
    return ast.Attribute(ast.Name(HELPERS, ast.Load()), name, ast.Load())


def _call(name: str, *arguments: ast.expr) -> ast.expr:
    call = ast.Call(_helper(name), list(arguments), [])
    return ast.copy_location(call, arguments[0]) if hasattr(arguments[0], "lineno") else call


class _Helpers:
    """What rewritten kernels call."""

    @staticmethod
    def plain(value: Any) -> Any:
        """Return the value of a constexpr, anything else as it is."""
        return value.value if isinstance(value, api.tl.constexpr) else value

    @classmethod
    def assigned(cls, value: Any) -> Any:
        """Return what a name holds after an assignment: numbers become tensors, in tuples too."""
        value = cls.plain(value)
        if type(value) is tuple:
            return tuple(cls.assigned(v) for v in value)
        return api.semantic.to_tensor(value) if isinstance(value, int | float) else value

    @classmethod
    def loop(cls, *bounds: Any, **options: Any) -> Iterator[Any]:
        """Yield the indices of `range` and `tl.range` as scalars, which have `.to` and the like."""
        limits = [cls.plain(bound) for bound in bounds]
        if "step" in options:
            limits = [*(limits if len(limits) > 1 else [0, *limits]), cls.plain(options["step"])]
        for index in range(*limits):
            yield api.semantic.to_tensor(index)

    @classmethod
    def truth(cls, value: Any) -> bool:
        """Return a condition as Python's bool.

        Raises:
            BlockCondition: it is a block, which is no condition.
        """
        value = cls.plain(value)
        if isinstance(value, api.tl.tensor) and value.type.is_block() and value.handle.data.size != 1:
            raise BlockCondition("a block is no condition: use tl.where, or reduce it to a scalar first")
        return bool(value)

    @classmethod
    def turn(cls, value: Any) -> bool:
        """The condition of a `while`, at each of its turns: a program that waits for another lets it run."""
        goes_on = cls.truth(value)
        if goes_on:
            running[-1].turn(current[-1].polls, current[-1].changes)
        return goes_on

    @classmethod
    def asserted(cls, condition: Any, message: Any = "") -> None:
        """As the compiler: a constant must hold, a tensor is not looked at."""
        value = cls.plain(condition)
        if not isinstance(value, api.tl.tensor) and not value:
            raise Refused(f"a static assertion fails: {message}")

    @classmethod
    def negated(cls, value: Any) -> Any:
        """`not value`."""
        value = cls.plain(value)
        return value.__not__() if isinstance(value, api.tl.tensor) else not value

    @classmethod
    def logical_and(cls, *operands: Callable[[], Any]) -> Any:
        """`a and b ...`, elementwise over tensors."""
        return cls._logical("logical_and", False, operands)

    @classmethod
    def logical_or(cls, *operands: Callable[[], Any]) -> Any:
        """`a or b ...`, elementwise over tensors."""
        return cls._logical("logical_or", True, operands)

    @classmethod
    def _logical(cls, method: str, decides: bool, operands: tuple[Callable[[], Any], ...]) -> Any:
        tensors: list[Any] = []
        value: Any = None
        for operand in operands:
            value = cls.plain(operand())
            if isinstance(value, api.tl.tensor):
                tensors.append(value)
            elif bool(value) is decides:
                return value
        if not tensors:
            return value
        result = tensors[0]
        for tensor in tensors[1:]:
            result = getattr(result, method)(tensor)
        return result

    @staticmethod
    def discarded(operation: Callable[[], Any]) -> None:
        """Run an atomic operation whose result is not used."""
        current[-1].discarding = True
        try:
            operation()
        finally:
            current[-1].discarding = False

    @staticmethod
    def builtin(name: str, found: Any) -> Any:
        """Return what the compiler takes for Python's `min`, `max` and `print` unless the module has its own."""
        if found is not getattr(builtins, name):
            return found
        core = api.tl.core
        return {"min": core.builtin_min, "max": core.builtin_max, "print": api.tl.device_print}[name]


class BlockCondition(Refused):
    """A block of more than one element was used as a condition."""


helpers = _Helpers()
