"""Runs Triton candidates without a GPU: `@triton.jit` gives functions that numpy executes, checked.

    triton_interpreter.install(options, page)

Call it in the worker, confined, before the candidate's source is executed; whatever the candidate imports first, it
finds the interpreter. It needs no new program and no file of the harness (the modules are imported with the worker's
program). `options` are the page's options (`order`, `seed`, `check`, `max_threads_per_launch`, `sm_count`, ...), read
anew at each launch; `page` is the page that findings and launches are written to. Both may be None. `preload` imports
triton (0.3 s) and may be called in the fork server, before forking.

A launch is recorded as `name|CONSTANT=value,...,num_warps=4,num_stages=3` in the page's `kernel` field; its block is 32
times the warps. A finding's `block` is the program; `pc` and `other_pc` are lines,
which `triton_record.symbolise` turns into `candidate.py:N`.

What raises in a kernel raises `Refused`, a `BuildFailed`: where upstream's compiler would have refused it, and, by
name, where the interpreter cannot follow (`uses tl.inline_asm_elementwise, which Triton's interpreter does not have`).
"""

from collections.abc import Callable
from typing import Any

from harness.worker import (
    triton_builder,
    triton_driver,
    triton_language,
    triton_libdevice,
    triton_numbers,
    triton_record,
    triton_speed,
)  # fmt: skip
from harness.worker.triton_api import Refused, api, load
from harness.worker.triton_kernel import InterpretedKernel
from harness.worker.triton_memory import Owner
from harness.worker.triton_settings import settings

_installed = False


def preload() -> None:
    """Import triton without changing it, so that every forked worker has it.

    Raises:
        Refused: the installed triton is not the one that is supported.
    """
    load()


def install(options: Any, page: Any, owner: Owner | None = None) -> None:
    """Turn triton into its checked interpreter in this process, for good. Idempotent; later calls only change the page.

    `owner` finds the allocation that holds an address, as (base, bytes).

    Raises:
        Refused: the installed triton is not the one that is supported.
    """
    global _installed
    settings.options, settings.owner = options, owner
    settings.recorder = triton_record.Recorder(page)
    if _installed:
        return
    load()
    import triton.runtime.jit as jit_module

    api.triton.knobs.runtime.interpret = True
    triton_numbers.install()
    triton_speed.install()
    triton_builder.install()
    triton_language.install()
    triton_libdevice.install()
    triton_driver.install(api.triton)
    api.triton.jit = jit_module.jit = jit
    _installed = True


def jit(fn: Any = None, **options: Any) -> Any:
    """`triton.jit`, with and without arguments."""
    if fn is None:
        make: Callable[[Any], InterpretedKernel] = lambda function: InterpretedKernel(function, **options)  # noqa: E731
        return make
    return fn if isinstance(fn, InterpretedKernel) else InterpretedKernel(fn, **options)


__all__ = ["Refused", "install", "jit", "preload"]
