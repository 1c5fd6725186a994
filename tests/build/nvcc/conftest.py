"""A workbench of its own for the tools, and one Triton kernel compiled for real chips."""

from collections.abc import Iterator

import pytest

from harness.build import BuildCache
from harness.build.nvcc import Workbench, missing_tools
from harness.sandbox import ForkServer


@pytest.fixture(scope="session")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workbench]:
    """Where the tools work; skipped where triton's wheel, which carries the disassembler, is not for this machine."""
    lacking = [tool for tool in missing_tools() if tool.name != "nvcc"]
    if lacking:
        pytest.skip(str(lacking[0]))
    folder = tmp_path_factory.mktemp("nvcc")
    for parent in (folder, *folder.parents[:2]):
        parent.chmod(0o755)
    scratch = folder / "scratch"
    scratch.mkdir()
    server = ForkServer(["harness.sandbox.exec_program"])
    yield Workbench(server, scratch, 120.0, BuildCache(folder / "cache"))
    server.close()
    assert list(scratch.iterdir()) == [], "a tool leaves nothing behind"


@pytest.fixture(scope="session")
def needs_nvcc() -> None:
    """Skip where there is no CUDA compiler."""
    if lacking := missing_tools():
        pytest.skip(str(lacking[0]))


@pytest.fixture(scope="session")
def triton_kernel(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """A matrix product compiled by Triton: architecture -> cubin, or assembly text for gfx942."""
    pytest.importorskip("triton", reason="no triton here")
    from tests.build.nvcc.triton_kernel import compile_product

    return compile_product(tmp_path_factory.mktemp("triton"))
