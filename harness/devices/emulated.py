"""A GPU that is not there: CUDA kernels run in the emulation on the CPU, which answers as one chip's data sheet says.

The chip is an H100, which most published kernels are written for. Its times mean nothing and are never reported.
"""

from harness.devices.chips import Chip, chip

ARCH = "sm_90"
"""What the emulation says that it is."""
ARCHS = ("sm_80", "sm_90", "sm_100")
"""Chips that kernels are compiled for where nobody names others."""


def played() -> Chip:
    """Return the chip that the emulation plays."""
    return chip(ARCH)


def properties() -> dict[str, int | str]:
    """Return what `torch.cuda.get_device_properties(0)` says to a candidate; sizes in bytes."""
    facts = played()
    capability = int(facts.arch.removeprefix("sm_"))
    return {
        "name": f"NVIDIA {facts.name}",
        "major": capability // 10,
        "minor": capability % 10,
        "total_memory": facts.memory_bytes,
        "multi_processor_count": facts.multiprocessors,
        "warp_size": facts.warp_size,
        "max_threads_per_multi_processor": facts.max_threads_per_sm,
        "max_threads_per_block": facts.max_threads_per_block,
        "regs_per_multiprocessor": facts.registers_per_sm,
        "shared_memory_per_block": facts.shared_bytes_per_block,
        "shared_memory_per_block_optin": facts.shared_optin_bytes_per_block,
        "shared_memory_per_multiprocessor": facts.shared_bytes_per_sm,
        "L2_cache_size": facts.l2_bytes,
        "is_integrated": 0,
        "is_multi_gpu_board": 0,
        "gcnArchName": "",
    }


def facts() -> dict[str, str]:
    """Return what a kernel's author may know: the chip that is emulated, and that nothing is timed."""
    known = played()
    return {
        "gpu": f"NVIDIA {known.name} ({known.arch}), emulated: correctness is checked, nothing is timed",
        "multiprocessors": str(known.multiprocessors),
        "memory_bandwidth": f"{known.bandwidth_bytes_per_s / 1e12:.2f} TB/s",
        "l2_cache": f"{known.l2_bytes >> 20} MiB",
        "threads_per_block": str(known.max_threads_per_block),
        "registers": f"{known.registers_per_sm} per multiprocessor, {known.max_registers_per_thread} per thread",
        "shared_memory_per_block": f"{known.shared_bytes_per_block >> 10} KiB, "
        f"{known.shared_optin_bytes_per_block >> 10} KiB if asked for",
        **{f"peak_{kind}": f"{rate / 1e12:g} TFLOP/s" for kind, rate in known.peaks.items()},
    }
