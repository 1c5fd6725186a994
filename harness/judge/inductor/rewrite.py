"""What inductor generated, written out as a module that defines `ModelNew`. Pure: text in, text out.

Inductor's wrapper is Python: kernels as C++ texts, and a function `call` that allocates buffers and calls them, and ATen
for what it does not generate (products, convolutions). Kernels go into one `load_inline`; `call` is kept statement by
statement.
"""

import ast
import builtins
import re
from collections.abc import Iterator

from harness.judge.inductor.captured import Captured, Kernel, NotExpressible
from harness.judge.inductor.module import PRELUDE, module

EXTERN = {
    "mm": "torch.mm",
    "bmm": "torch.bmm",
    "addmm": "torch.addmm",
    "baddbmm": "torch.baddbmm",
    "convolution": "torch.convolution",
    "bias_addmm": "bias_addmm",
}
"""`extern_kernels.<name>` -> the ATen function that it is."""
_REFUSED_OPS = re.compile(r"\btorch\.ops\.inductor\.\w+|\btorch\.ops\.(?:prims|higher_order)\.\w+")
_CHECKS = {"assert_size_stride", "assert_alignment"}
"""Of arguments: `forward` has brought these into the layout that the kernels were generated for."""


def module_source(captured: Captured, problem_name: str) -> str:
    """Return a module that defines `ModelNew`, for `torch.utils.cpp_extension.load_inline`.

    Raises:
        NotExpressible: the wrapper uses what has no equal outside of inductor.
    """
    tree = ast.parse(captured.code)
    kernels = list(_kernels(tree))
    call = _call(tree)
    _check_random(captured.code)
    arguments, body = _body(call, captured)
    names = {node.id for statement in body for node in ast.walk(statement) if isinstance(node, ast.Name)}
    body = [_without_extern(statement) for statement in body]
    bound = {kernel.name for kernel in kernels} | arguments | _assigned(body) | set(captured.constants)
    bound |= {"torch", *dir(builtins)}
    unknown = sorted(names - bound - set(PRELUDE) - {"extern_kernels"})
    if unknown:
        raise NotExpressible(f"the generated code uses {unknown[0]}, which only inductor has")
    text = "\n".join(ast.unparse(ast.fix_missing_locations(s)) for s in body)
    if found := _REFUSED_OPS.search(text):
        raise NotExpressible(f"the generated code uses {found[0]}, which only inductor has")
    used = [name for name in PRELUDE if name in names]
    return module(captured, problem_name, kernels, used, text)


def _kernels(tree: ast.Module) -> Iterator[Kernel]:
    for node in tree.body:
        if not (isinstance(node, ast.Assign) and isinstance(node.value, ast.Call)):
            continue
        called = ast.unparse(node.value.func)
        if called.startswith("async_compile.") and called != "async_compile.cpp_pybinding":
            raise NotExpressible(f"a kernel is made by {called}, not in C++ for the CPU")
        if called == "async_compile.cpp_pybinding":
            target = node.targets[0]
            assert isinstance(target, ast.Name)
            yield Kernel(
                target.id, tuple(ast.literal_eval(node.value.args[0])), str(ast.literal_eval(node.value.args[1]))
            )


def _call(tree: ast.Module) -> ast.FunctionDef:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.name == "call":
            return node
    raise NotExpressible("inductor generated no function to call")


def _check_random(code: str) -> None:
    if (
        "inductor_seed" in code
        or "inductor_random" in code
        or re.search(r"\baten\.(?:rand|bernoulli|native_dropout)", code)
    ):
        raise NotExpressible("the model draws random numbers, which compiled code draws in another order")


def _body(call: ast.FunctionDef, captured: Captured) -> tuple[set[str], list[ast.stmt]]:
    """Return the names of `call`'s arguments, and its statements without the unpacking of them."""
    arguments: set[str] = set()
    body: list[ast.stmt] = []
    for statement in call.body:
        if isinstance(statement, ast.Assign) and ast.unparse(statement.value) == "args":
            target = statement.targets[0]
            elements = target.elts if isinstance(target, ast.Tuple | ast.List) else [target]
            arguments = {element.id for element in elements if isinstance(element, ast.Name)}
            if len(elements) != len(captured.inputs):
                raise NotExpressible(f"the kernels take {len(elements)} tensors, the graph {len(captured.inputs)}")
            body.append(statement)
        elif ast.unparse(statement) == "args.clear()":
            continue
        elif isinstance(statement, ast.Return):
            body.append(_result(statement, captured))
        elif not _checks_argument(statement, arguments):
            body.append(statement)
    return arguments | {"args"}, body


def _checks_argument(statement: ast.stmt, arguments: set[str]) -> bool:
    if not (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call)):
        return False
    called, given = statement.value.func, statement.value.args
    return (
        isinstance(called, ast.Name)
        and called.id in _CHECKS
        and bool(given)
        and isinstance(given[0], ast.Name)
        and given[0].id in arguments
    )


def _result(statement: ast.Return, captured: Captured) -> ast.Return:
    value = statement.value
    if not isinstance(value, ast.Tuple) or len(value.elts) != captured.outputs:
        found = len(value.elts) if isinstance(value, ast.Tuple) else 0
        raise NotExpressible(f"the graph returns {found} tensors, forward {captured.outputs}")
    made: dict[str, ast.expr] = {
        "tensor": value.elts[0],
        "tuple": value,
        "list": ast.List(elts=value.elts, ctx=ast.Load()),
    }
    return ast.Return(value=made[captured.structure])


class _Extern(ast.NodeTransformer):
    """Puts ATen's function where inductor's name for it stands."""

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.value, ast.Name) and node.value.id == "extern_kernels":
            if node.attr not in EXTERN:
                raise NotExpressible(
                    f"the generated code calls extern_kernels.{node.attr}, which has no equal in torch"
                )
            return ast.parse(EXTERN[node.attr], mode="eval").body
        return node


def _without_extern(statement: ast.stmt) -> ast.stmt:
    changed = _Extern().visit(statement)
    assert isinstance(changed, ast.stmt)
    return changed


def _assigned(body: list[ast.stmt]) -> set[str]:
    nodes = (node for statement in body for node in ast.walk(statement))
    return {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
