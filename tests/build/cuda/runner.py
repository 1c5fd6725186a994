"""Loads a library that was built for the emulation and evaluates expressions with it. Run as a script.

Arguments: the library, and JSON of the expressions, in which `m` is the module and `x` a tensor. Prints JSON: the values,
and the findings and launches of all calls together as the library's page holds them.
"""

import ctypes
import json
import sys

import torch

from harness.build import BuildCache, toolchain
from harness.build.native import compile_trusted
from harness.config import Settings
from harness.worker import kernel_page
from harness.worker.doorbell import ALLOCATOR_SOURCE
from harness.worker.extension import _import


def main() -> None:
    """Evaluate and print."""
    path, expressions = sys.argv[1], json.loads(sys.argv[2])
    tools = toolchain()
    link = [
        *(f"-I{path}" for path in tools.torch_include),
        f"-L{tools.torch_lib}",
        "-lc10",
        f"-Wl,-rpath,{tools.torch_lib}",
    ]
    allocator = ctypes.CDLL(str(compile_trusted(ALLOCATOR_SOURCE, BuildCache(Settings.load().cache_dir), link)))
    allocator.install_caching_allocator()
    allocator.harness_track(1)
    module = _import("ext", path)
    page = kernel_page.Page()
    assert kernel_page.attach(ctypes.CDLL(path), page, allocator)
    kernel_page.set_options(page, threads=1)
    known = {"m": module, "x": torch.arange(64.0), "torch": torch}
    values = []
    for expression in expressions:
        try:
            value = eval(expression, known)
            values.append(value.tolist() if isinstance(value, torch.Tensor) else value)
        except Exception as error:
            values.append(f"{type(error).__name__}: {error}")
    copy = kernel_page.copied(bytes(page))
    findings = kernel_page.findings(copy, lambda library, offset: hex(offset))
    print(
        json.dumps(
            {
                "values": values,
                "findings": [finding.model_dump(mode="json") for finding in findings],
                "kernels": sorted({profile.kernel for profile in kernel_page.profiles(copy)}),
            }
        )
    )


if __name__ == "__main__":
    main()
