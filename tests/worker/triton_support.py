"""Loads a Triton candidate as the worker does, in this process, with the interpreter installed."""

import importlib.util
import linecache
import sys
import types
from pathlib import Path
from typing import Any

import torch

from harness.worker import triton_interpreter
from harness.worker.triton_settings import settings

KERNELS = Path(__file__).parent / "triton_kernels"


class Options:
    """The page's options that the interpreter reads."""

    def __init__(self, **values: int) -> None:
        self.order = self.seed = self.check = 0
        for name, value in values.items():
            setattr(self, name, value)


def load(source: str, **options: int) -> types.ModuleType:
    """Execute a candidate under the interpreter."""
    triton_interpreter.install(Options(**options), None)
    linecache.cache["candidate.py"] = (len(source), None, source.splitlines(keepends=True), "candidate.py")
    module = types.ModuleType("candidate")
    module.__file__ = "candidate.py"
    sys.modules["candidate"] = module
    exec(compile(source, "candidate.py", "exec"), module.__dict__)
    return module


def findings() -> list[dict[str, Any]]:
    """What was found since `load`."""
    return settings.recorder.findings


def kernel_source(name: str) -> str:
    """A fixture's text."""
    return (KERNELS / f"{name}.py").read_text()


def error(got: Any, wanted: Any) -> float:
    """The largest difference, relative to the largest value."""
    if isinstance(wanted, tuple | list):
        return max(error(g, w) for g, w in zip(got, wanted, strict=True))
    assert got.shape == wanted.shape
    assert got.dtype == wanted.dtype
    difference = (got.double() - wanted.double()).abs().max().item() if got.numel() else 0.0
    return float(difference / max(1.0, wanted.double().abs().max().item()))


__all__ = ["KERNELS", "Options", "error", "findings", "importlib", "kernel_source", "load", "torch"]
