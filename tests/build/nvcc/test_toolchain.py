"""Where the tools are found, and what is said where they are not."""

import sys
from pathlib import Path

import pytest

from harness.build.nvcc import CudaTools, cuda_tools, missing_tools, resolve_arch, toolchain
from harness.build.nvcc.toolchain import Disassembler
from harness.errors import ToolchainError, UsageError

TOOLS = CudaTools("/x/bin/nvcc", "/x", "13.0", ("sm_75", "sm_80", "sm_90", "sm_100"), Disassembler("/c", "/n", "id"))


@pytest.fixture
def nothing_installed(monkeypatch: pytest.MonkeyPatch):
    """An empty PATH, and no wheel that carries a tool."""
    monkeypatch.setenv("PATH", "")
    for name in ("nvidia", "triton"):
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.setattr(toolchain, "find_spec", lambda name: None)


@pytest.mark.usefixtures("nothing_installed")
def test_a_missing_toolchain_is_one_line_per_tool_with_its_remedy():
    lines = [str(tool) for tool in missing_tools()]
    assert [line.split(":")[0] for line in lines] == ["no nvcc", "no cuobjdump", "no nvdisasm"]
    assert "pip install 'kernel-harness[cuda]'" in lines[0]
    assert "pip install triton" in lines[2]
    with pytest.raises(ToolchainError, match=r"no nvcc: pip install"):
        cuda_tools()


def test_a_tool_on_path_is_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setattr(toolchain, "find_spec", lambda name: None)
    for name in ("cuobjdump", "nvdisasm"):
        (tmp_path / name).write_text("#!/bin/sh\n")
        (tmp_path / name).chmod(0o755)
    (tmp_path / "nvcc").write_text("not executable")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert [tool.name for tool in missing_tools()] == ["nvcc"]
    assert toolchain.disassembler().nvdisasm == str(tmp_path / "nvdisasm")


def test_what_is_not_nvcc_is_said_to_be_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setattr(toolchain, "find_spec", lambda name: None)
    for name in ("cuobjdump", "nvdisasm", "nvcc"):
        (tmp_path / name).write_text("#!/bin/sh\necho hello\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ToolchainError, match="does not answer as nvcc does"):
        cuda_tools()


def test_the_machines_nvcc_knows_its_architectures():
    if lacking := missing_tools():
        pytest.skip(str(lacking[0]))
    tools = cuda_tools()
    assert {"sm_80", "sm_90", "sm_100"} <= set(tools.archs)
    assert Path(tools.nvcc).read_bytes()[:4] == b"\x7fELF"  # not a script that calls it


@pytest.mark.parametrize("name", ["sm_90", "90", "sm90", "SM_90", "compute_90", " sm_90 "])
def test_spellings_of_an_architecture(name: str):
    assert resolve_arch(name, TOOLS) == "sm_90"


def test_variants_of_an_architecture():
    assert resolve_arch("sm_90a", TOOLS) == "sm_90a"


@pytest.mark.parametrize("name", ["sm_91", "hopper", "", "sm_9000"])
def test_an_unknown_architecture_is_one_line(name: str):
    with pytest.raises(UsageError, match=r"unknown architecture .*knows sm_75, sm_80, sm_90, sm_100\)$") as caught:
        resolve_arch(name, TOOLS)
    assert "\n" not in str(caught.value)
