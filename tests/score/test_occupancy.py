"""Occupancy against values worked out by hand, and against the vendor's own calculator where a toolkit is installed."""

import itertools
import shutil
import subprocess
from pathlib import Path

import pytest

from harness.build.nvcc import cuda_tools, missing_tools
from harness.devices.chips import Chip, chip, chips
from harness.models import FindingKind, KernelProfile, StaticFacts
from harness.score.occupancy import occupancy, resource_findings, with_occupancy


@pytest.mark.parametrize(
    ("gpu", "threads", "registers", "shared", "blocks", "share", "limited_by"),
    [
        ("H100 SXM", 256, 32, 0, 8, 1.0, "threads"),  # 2048 threads / 256
        (
            "H100 SXM",
            256,
            64,
            0,
            4,
            0.5,
            "registers",
        ),  # a warp takes 2048 of a partition's 16384: 8 x 4 warps, 4 blocks
        ("H100 SXM", 256, 168, 0, 1, 0.125, "registers"),  # 5376: 3 x 4 = 12 warps, one block of 8
        ("H100 SXM", 128, 33, 0, 12, 0.75, "registers"),  # 1056 becomes 1280: 12 x 4 = 48 warps
        ("H100 SXM", 1024, 64, 0, 1, 0.5, "registers"),  # exactly 65536 registers
        ("A100 SXM 80GB", 128, 32, 48 << 10, 3, 12 / 64, "shared memory"),  # (48 + 1) KiB into 164 KiB
        ("A100 SXM 80GB", 128, 32, 163 << 10, 1, 4 / 64, "shared memory"),  # all of it
        ("A100 SXM 80GB", 32, 16, 0, 32, 0.5, "blocks"),  # 32 blocks of one warp
        ("RTX 3090", 64, 16, 0, 16, 32 / 48, "blocks"),
        ("RTX 4090", 1024, 40, 0, 1, 32 / 48, "threads"),  # 1536 / 1024
        ("RTX 4090", 96, 255, 0, 2, 6 / 48, "registers"),  # 8160 becomes 8192: 2 x 4 = 8 warps, 2 blocks of 3
        ("B200", 512, 128, 64 << 10, 1, 16 / 64, "registers"),  # 4096: 4 x 4 = 16 warps
        ("MI300X", 256, 128, 0, 4, 0.5, "registers"),  # 4 waves per SIMD of 512 registers
        ("MI300X", 256, 64, 32 << 10, 2, 8 / 32, "shared memory"),  # 64 KiB
        ("MI300X", 128, 32, 0, 16, 1.0, "threads"),
    ],
)
def test_what_fits(gpu: str, threads: int, registers: int, shared: int, blocks: int, share: float, limited_by: str):
    found = occupancy(threads, registers, shared, chip(gpu))
    assert (found.blocks_per_sm, found.share, found.limited_by) == (blocks, share, limited_by)
    assert found.warps_per_sm == round(share * chip(gpu).warps_per_sm)


@pytest.mark.parametrize(
    ("threads", "registers", "shared", "reason"),
    [
        (1025, 16, 0, "1025 threads per block; H100 SXM takes 1024"),
        (0, 16, 0, "a block of 0 threads"),
        (1024, 65, 0, "65 registers x 1024 threads are 73728 registers"),  # 2080 per warp become 2304
        (32, 300, 0, "300 registers per thread; H100 SXM has 255"),
        (32, 16, (227 << 10) + 1, "232449 bytes of shared memory per block; H100 SXM has 232448"),
    ],
)
def test_what_cannot_run(threads: int, registers: int, shared: int, reason: str):
    found = occupancy(threads, registers, shared, chip("H100 SXM"))
    assert (found.blocks_per_sm, found.share) == (0, 0.0)
    assert reason in found.limited_by


PROGRAM = r"""
#include <climits>
#include <cstdio>
#include "cuda_occupancy.h"
int main() {
  int major, minor, threads_sm, threads, registers, total, optin, shared;
  while (scanf("%d %d %d %d %d %d %d %d", &major, &minor, &threads_sm, &total, &optin, &threads, &registers, &shared) == 8) {
    cudaOccDeviceProp chip;
    chip.computeMajor = major; chip.computeMinor = minor; chip.maxThreadsPerBlock = 1024; chip.warpSize = 32;
    chip.maxThreadsPerMultiprocessor = threads_sm; chip.regsPerBlock = chip.regsPerMultiprocessor = 65536;
    chip.sharedMemPerBlock = 49152; chip.sharedMemPerMultiprocessor = total; chip.sharedMemPerBlockOptin = optin;
    chip.reservedSharedMemPerBlock = 1024; chip.numSms = 1;
    cudaOccFuncAttributes kernel;
    kernel.maxThreadsPerBlock = INT_MAX; kernel.numRegs = registers; kernel.sharedSizeBytes = 0;
    kernel.shmemLimitConfig = FUNC_SHMEM_LIMIT_OPTIN; kernel.maxDynamicSharedSizeBytes = shared;
    cudaOccDeviceState state;
    cudaOccResult result;
    int failed = cudaOccMaxActiveBlocksPerMultiprocessor(&result, &chip, &kernel, &state, threads, shared);
    printf("%d\n", failed ? -1 : result.activeBlocksPerMultiprocessor);
  }
}
"""


@pytest.fixture(scope="session")
def vendors_calculator(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The calculator that the toolkit's header holds, as a program."""
    if lacking := missing_tools():
        pytest.skip(str(lacking[0]))
    compiler = shutil.which("g++")
    folders = [Path(cuda_tools().root) / sub for sub in ("include", "targets/x86_64-linux/include")]
    header = next((folder for folder in folders if (folder / "cuda_occupancy.h").is_file()), None)
    if header is None or compiler is None:
        pytest.skip("this toolkit has no cuda_occupancy.h, or there is no g++")
    folder = tmp_path_factory.mktemp("occupancy")
    (folder / "main.cpp").write_text(PROGRAM)
    subprocess.run([compiler, "-O1", "-I", str(header), "main.cpp", "-o", "calculator"], cwd=folder, check=True)
    return folder / "calculator"


def test_the_vendors_calculator_agrees(vendors_calculator: Path):
    threads = (1, 32, 33, 64, 96, 128, 160, 192, 256, 320, 384, 512, 544, 640, 768, 1000, 1024, 1056)
    registers = (8, 16, 24, 32, 33, 40, 41, 48, 64, 72, 80, 96, 128, 160, 168, 200, 224, 255)
    shared = (0, 1, 127, 1024, 8192, 16384, 33000, 49152, 65536, 98304, 101376, 166912, 232448, 232449)
    cases = list(itertools.product(threads, registers, shared))
    for gpu in (found for found in chips().values() if found.arch.startswith("sm_")):
        capability = int(gpu.arch.removeprefix("sm_"))
        head = (
            *divmod(capability, 10),
            gpu.max_threads_per_sm,
            gpu.shared_bytes_per_sm,
            gpu.shared_optin_bytes_per_block,
        )
        lines = "\n".join(" ".join(map(str, (*head, *case))) for case in cases)
        said = subprocess.run(
            [vendors_calculator], input=lines, capture_output=True, text=True, check=True
        ).stdout.split()
        ours = [occupancy(*case, gpu).blocks_per_sm for case in cases]
        assert [int(word) for word in said] == ours, gpu.name


def launch(kernel: str, threads: int, dynamic: int = 0, **constants: str) -> KernelProfile:
    return KernelProfile(
        kernel=kernel,
        launches=1,
        grid=(1, 1, 1),
        block=(threads, 1, 1),
        dynamic_shared_bytes=dynamic,
        constants=constants,
    )


def compiled(kernel: str, registers: int, arch: str = "sm_90", shared: int = 0, **constants: str) -> StaticFacts:
    return StaticFacts(kernel=kernel, arch=arch, registers=registers, shared_bytes=shared, constants=constants)


def test_facts_get_the_occupancy_of_their_launch():
    facts = [compiled("k<float, 256>", 64), compiled("k<Half, 256>", 64), compiled("other", 32, "gfx942")]
    done, unlaunched, other = with_occupancy(
        facts, [launch("k<float>", 128), launch("k<float>", 256, 1024), launch("x", 32)]
    )
    assert done.threads_per_block == 256
    assert done.occupancy is not None
    assert (done.occupancy.blocks_per_sm, done.occupancy.limited_by) == (4, "registers")
    assert (unlaunched.threads_per_block, unlaunched.occupancy) == (None, None)
    assert other.occupancy is None


def test_a_launch_that_the_chip_refuses_is_a_finding():
    gpu = chip("H100 SXM")
    kernels = [launch("big", 1024), launch("wide", 256, 200 << 10), launch("fine", 256)]
    facts = [
        compiled("big", 80),
        compiled("wide", 32, shared=40 << 10),
        compiled("fine", 80),
        compiled("big", 80, "sm_80"),
    ]
    big, wide = resource_findings(facts, kernels, gpu)
    assert (big.kernel, big.kind) == ("big", FindingKind.RESOURCE_LIMIT)
    assert big.what.startswith("cannot be launched on H100 SXM (sm_90): 80 registers x 1024 threads")
    assert "245760 bytes of shared memory" in wide.what
    assert resource_findings(facts[2:3], kernels, gpu) == []


def test_every_chips_limits_are_possible_launches():
    gpu: Chip
    for gpu in chips().values():
        full = occupancy(gpu.max_threads_per_block, 32, 0, gpu)
        assert full.blocks_per_sm >= 1, gpu.name
        assert occupancy(32, 32, gpu.shared_optin_bytes_per_block, gpu).blocks_per_sm == 1, gpu.name
