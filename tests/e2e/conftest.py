"""A cache that holds what is built once per machine, so that no test waits for it twice."""

from collections.abc import Callable
from pathlib import Path

import pytest

from harness.build import BuildCache, precompiled, toolchain
from harness.config import Settings


@pytest.fixture(scope="session")
def warm_cache() -> Path:
    """The cache folder of this user, with the precompiled header in it."""
    folder = Settings.load().cache_dir
    precompiled(toolchain(), BuildCache(folder))
    return folder


@pytest.fixture
def cold_cache(warm_cache: Path, tmp_path: Path) -> Callable[[], Path]:
    """Make a cache folder that has the precompiled header and no kernel."""

    def make() -> Path:
        folder = tmp_path / "cache"
        folder.mkdir()
        (folder / "pch").symlink_to(warm_cache / "pch")
        return folder

    return make
