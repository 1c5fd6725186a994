"""The map of the house holds: data flows one way, and what is heavy is imported where it is needed.

The order of the rooms is the one of README's map.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import harness

PACKAGE = Path(harness.__file__).parent

ROOMS = (
    *("models", "suite", "languages", "devices", "sandbox", "build", "worker", "score"),
    *("judge", "audit", "store", "llm", "search", "runs", "report", "cli"),
)
"""From the ground up. A room may import those before it."""

COMMON = {"errors", "registry", "__init__"}
"""Modules of the package itself that every room but `models` and `worker` may import."""

HEAVY = {"torch", "triton", "openai", "anthropic", "ray", "duckdb", "matplotlib"}
HEAVY_ROOMS = {"judge", "worker", "audit"}
"""Rooms that run only where torch is loaded anyway."""

MODULES = sorted(PACKAGE.rglob("*.py"))


def room_of(path: Path) -> str:
    """`judge` for harness/judge/timing.py, `config` for harness/config.py."""
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


def imports(tree: ast.AST) -> Iterator[str]:
    """Yield the dotted name of everything imported anywhere under `tree`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def at_import_time(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the parts of a module that run when it is imported: not functions, not `if TYPE_CHECKING`."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            continue
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            continue
        yield child
        yield from at_import_time(child)


def ours(name: str) -> str | None:
    """Return the room or module of `harness` that a dotted name lies in, or None for other packages."""
    package, _, rest = name.partition(".")
    if package != "harness":
        return None
    first = rest.split(".")[0] or "__init__"
    return first if (PACKAGE / first).is_dir() or (PACKAGE / f"{first}.py").is_file() else "__init__"


def allowed(room: str) -> set[str]:
    """Return what a room may import of ours."""
    if room in {"models", "errors"}:
        return {room}
    if room == "worker":
        return {"models", "worker"}
    if room == "registry":
        return {"errors"}
    if room == "config":
        return {"errors", "models", "suite"}
    if room in ROOMS:
        below = set(ROOMS[: ROOMS.index(room) + 1]) | COMMON
        return below | ({"config"} if ROOMS.index(room) > ROOMS.index("suite") else set())
    return {*ROOMS, *COMMON, "config"}


def test_every_folder_is_a_room_of_the_map():
    folders = {path.relative_to(PACKAGE).parts[0] for path in MODULES if path.parent != PACKAGE}
    assert folders - {"_content"} <= set(ROOMS)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_imports_only_rooms_above_it(path: Path):
    used = {target for name in imports(ast.parse(path.read_text())) if (target := ours(name)) is not None}
    assert used <= allowed(room_of(path))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_heavy_imports_happen_inside_functions(path: Path):
    if room_of(path) in HEAVY_ROOMS:
        return
    found = {
        name.split(".")[0]
        for node in at_import_time(ast.parse(path.read_text()))
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for name in imports(node)
    }
    assert not found & HEAVY


def test_only_config_reads_settings_from_the_environment():
    """`HARNESS_*` is spelt in `config` and in advice to people, never looked up elsewhere."""
    for path in MODULES:
        if room_of(path) == "config":
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, (ast.Subscript, ast.Call)) and "environ" in ast.unparse(node):
                assert "HARNESS_" not in ast.unparse(node), f"{path}:{node.lineno}"


@pytest.mark.parametrize("room", [room for room in ROOMS if (PACKAGE / room / "__init__.py").is_file()])
def test_a_rooms_init_only_re_exports(room: str):
    tree = ast.parse((PACKAGE / room / "__init__.py").read_text())
    for node in tree.body:
        assert isinstance(node, (ast.Import, ast.ImportFrom, ast.Assign, ast.Expr)), ast.unparse(node)
        if isinstance(node, ast.Assign):
            assert [ast.unparse(target) for target in node.targets] == ["__all__"]


def test_the_public_names_are_the_lazy_ones():
    assert set(harness.__all__) == {*harness._PUBLIC, "__version__"}
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = harness.nonsense


@pytest.mark.parametrize("name", sorted(harness._PUBLIC))
def test_every_public_name_resolves(name: str):
    assert getattr(harness, name).__name__ == name


def test_content_imports_nothing_of_ours():
    for path in (PACKAGE.parent / "problems").rglob("*.py"):
        assert not [name for name in imports(ast.parse(path.read_text())) if ours(name)]
