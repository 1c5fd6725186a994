"""One build sandbox for all tests here, with a cache of its own that borrows the machine's precompiled header."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from harness.build import BuildCache, Builder, BuildRequest, BuildResult, precompiled, toolchain
from harness.config import Settings
from harness.sandbox import ForkServer

Build = Callable[..., BuildResult]


@pytest.fixture(scope="session")
def make_builder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[float], Builder]]:
    """Make builders with a time limit, over one cache and one fork server."""
    shared = BuildCache(Settings.load().cache_dir)
    precompiled(toolchain(), shared)
    folder = tmp_path_factory.mktemp("builds")
    for parent in (folder, *folder.parents[:2]):
        parent.chmod(0o755)
    cache = BuildCache(folder / "cache")
    cache.root.mkdir()
    cache.pch.symlink_to(shared.pch)
    scratch = folder / "scratch"
    scratch.mkdir()
    server = ForkServer(["harness.sandbox.exec_program"])
    yield lambda timeout_s: Builder(cache, server, scratch, timeout_s=timeout_s)
    server.close()
    assert list(scratch.iterdir()) == [], "a build leaves nothing behind"


@pytest.fixture(scope="session")
def build(make_builder: Callable[[float], Builder]) -> Build:
    """Build one source as `load_inline` would."""
    builder = make_builder(120.0)

    def run(
        source: str,
        functions: tuple[str, ...] = (),
        candidate: str = "",
        name: str = "ext",
        cflags: tuple[str, ...] = (),
    ) -> BuildResult:
        request = BuildRequest(name, (source,), tuple((f, f) for f in functions), cflags)
        return builder.build(request, candidate or source)

    return run


@pytest.fixture
def scratch(make_builder: Callable[[float], Builder]) -> Path:
    """The folder that builds work in."""
    return make_builder(1.0)._folder
