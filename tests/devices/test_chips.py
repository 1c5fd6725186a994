"""The table of GPUs: complete, consistent with itself, and found by name or architecture."""

import pytest

from harness.devices.chips import chip, chip_of_arch, chips
from harness.errors import UsageError

ARCHS = {"sm_80", "sm_86", "sm_89", "sm_90", "sm_100", "sm_120", "gfx942"}
LANES = {"sm_80": 64, "sm_86": 128, "sm_89": 128, "sm_90": 128, "sm_100": 128, "sm_120": 128, "gfx942": 128}
"""Single-precision units of a multiprocessor (gfx942: 64 that issue two). Source: the vendors' architecture papers."""


def test_every_architecture_has_one_usual_gpu():
    assert {found.arch for found in chips().values()} == ARCHS
    usual = [found.arch for found in chips().values() if found.default]
    assert sorted(usual) == sorted(ARCHS)


@pytest.mark.parametrize("name", chips())
def test_a_gpus_figures_agree_with_each_other(name: str):
    found = chip(name)
    peak = 2 * LANES[found.arch] * found.multiprocessors * found.clock_hz
    assert found.peaks["fp32"] == pytest.approx(peak, rel=0.01)
    assert found.peaks["fp64"] < found.peaks["fp32"] < found.peaks["fp16_tensor"]
    assert found.peaks["tf32_tensor"] <= found.peaks["bf16_tensor"] <= found.peaks["int8_tensor"]
    assert found.max_threads_per_sm % found.warp_size == 0
    assert found.shared_bytes_per_block <= found.shared_optin_bytes_per_block
    assert found.shared_optin_bytes_per_block + found.shared_reserved_bytes == found.shared_bytes_per_sm
    assert found.source.startswith("vendor ")
    assert 0.5e12 < found.bandwidth_bytes_per_s < 10e12


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("H100 SXM", "H100 SXM"), ("h100-sxm", "H100 SXM"), ("sm_90", "H100 SXM"), ("sm_90a", "H100 SXM"),
        ("rtx4090", "RTX 4090"), ("gfx942", "MI300X"), ("h200", "H200"), ("sm_80", "A100 SXM 80GB"),
    ],
)  # fmt: skip
def test_a_gpu_is_found_by_name_and_architecture(name: str, expected: str):
    assert chip(name).name == expected


def test_an_unknown_gpu_is_one_line():
    with pytest.raises(UsageError, match=r"unknown GPU 'H100 SMX' - did you mean 'H100 SXM'\? \(known: A100"):
        chip("H100 SMX")
    assert chip_of_arch("sm_75") is None
