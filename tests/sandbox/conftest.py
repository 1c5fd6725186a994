"""One fork server for all tests of the sandbox, started by a process whose environment holds a key."""

from collections.abc import Iterator

import pytest

from harness.sandbox import ForkServer
from tests.sandbox.machines import FAKE_KEY
from tests.sandbox.support import MODULES, Cell


@pytest.fixture(scope="session")
def cell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cell]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OPENAI_API_KEY", FAKE_KEY)
        server = ForkServer(MODULES)
    folder = tmp_path_factory.mktemp("cell")
    for parent in (folder, *folder.parents[:2]):
        parent.chmod(0o755)
    try:
        yield Cell(server, folder)
    finally:
        server.close()
