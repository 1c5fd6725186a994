"""Static rules over the candidate's syntax tree: advice and a tripwire, never the defence.

What is refused has no honest use in a kernel: rebinding attributes of somebody else's module, and text that two readers
would read differently. What is merely not a kernel (a library call, `torch.compile`) is noted.
"""

import ast
import dataclasses
import re

_COOKIE = re.compile(r"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f\x85\u2028\u2029]|\r(?!\n)")
_MAY_SET = ("torch.backends.", "torch._dynamo.config.", "torch._inductor.config.")
_GUARDED = {
    "torch",
    "time",
    "builtins",
    "sys",
    "gc",
    "inspect",
    "os",
    "ctypes",
    "numpy",
    "math",
    "statistics",
    "threading",
}


@dataclasses.dataclass(frozen=True)
class Broken:
    """A rule that the candidate breaks."""

    what: str
    """The rule, in a sentence."""
    line: int
    """Line of the candidate."""
    code: str
    """The line itself."""


def check_rules(source: str, tree: ast.Module) -> tuple[Broken | None, list[str]]:
    """Return the first broken rule, if any, and notes."""
    lines = source.splitlines()
    for number, line in enumerate(lines[:2], 1):
        cookie = _COOKIE.match(line)
        if cookie and cookie[1].lower().replace("_", "-") not in {"utf-8", "utf8"}:
            return Broken(f"the source declares the encoding {cookie[1]}; only UTF-8 is read", number, line.strip()), []
    if control := _CONTROL.search(source):
        number = source.count("\n", 0, control.start()) + 1
        return Broken(
            "the source holds a control character that hides text from a reader", number, repr(control[0])
        ), []
    modules = _imported_modules(tree)
    notes: list[str] = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.stmt | ast.expr):
            continue
        if target := _rebinds(node, modules):
            code = lines[node.lineno - 1].strip() if node.lineno <= len(lines) else ""
            return Broken(f"it rebinds {target}, which belongs to somebody else's module", node.lineno, code), notes
        if isinstance(node, ast.Call) and _dotted(node.func, modules) == "torch.compile":
            notes.append(f"candidate.py:{node.lineno}: calls torch.compile, which is not a kernel of its own")
    return None, notes


def _imported_modules(tree: ast.Module) -> dict[str, str]:
    """Local name -> dotted module, for modules that matter here."""
    found: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                top = alias.name.partition(".")[0]
                if top in _GUARDED:
                    found[alias.asname or top] = alias.name if alias.asname else top
        elif isinstance(node, ast.ImportFrom) and node.module and node.module.partition(".")[0] in _GUARDED:
            for alias in node.names:
                found[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    return found


def _dotted(node: ast.expr, modules: dict[str, str]) -> str | None:
    """The full dotted name of an expression that begins at an imported name."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if isinstance(node, ast.Name) and node.id in modules:
        return ".".join([modules[node.id], *reversed(parts)])
    return None


def _rebinds(node: ast.stmt | ast.expr, modules: dict[str, str]) -> str | None:
    """The attribute of an imported module that this node assigns, deletes or sets, in whatever kind of statement."""
    name = None
    if isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load):
        name = _dotted(node, modules)
    elif isinstance(node, ast.Subscript) and not isinstance(node.ctx, ast.Load):
        holder = _dotted(node.value, modules)
        name = holder if holder and holder.endswith(".__dict__") else None
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"setattr", "delattr"}:
        owner = _dotted(node.args[0], modules) if node.args else None
        name = f"{owner}." if owner else None
    if name is None or name.startswith(_MAY_SET):
        return None
    return f"an attribute of {name[:-1]}" if name.endswith(".") else name
