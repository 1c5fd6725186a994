"""Serves `torch.utils.cpp_extension.load_inline` and `load` inside a worker: the build happens elsewhere.

The worker sends the sources to the judge, whose builder compiles them in a sandbox of their own; what comes back is the
path of a read-only shared object.
"""

import ctypes
import importlib.util
import json
import socket
import sys
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from harness.worker import channel

CUDA_SUFFIXES = {".cu", ".cuh"}


class BuildFailed(RuntimeError):
    """The extension did not compile. A RuntimeError, as torch raises."""


class ExtensionServer:
    """Stands in for torch's two functions."""

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock
        self.failed = False
        self.loaded: Callable[[str], None] = lambda path: None
        """Is told the path of each library, once it is loaded and before anything of it is called."""

    def install(self) -> None:
        """Replace torch's functions in this process."""
        import torch.utils.cpp_extension as extension

        extension.load_inline = self.load_inline  # type: ignore[assignment]
        extension.load = self.load  # type: ignore[assignment]

    def load_inline(
        self,
        name: str,
        cpp_sources: str | list[str] | tuple[str, ...] = (),
        cuda_sources: str | list[str] | None = None,
        sycl_sources: str | list[str] | None = None,
        functions: str | list[str] | dict[str, str] | None = None,
        extra_cflags: list[str] | None = None,
        extra_cuda_cflags: list[str] | None = None,
        extra_sycl_cflags: list[str] | None = None,
        extra_ldflags: list[str] | None = None,
        extra_include_paths: list[str] | None = None,
        is_python_module: bool = True,
        **ignored: Any,
    ) -> types.ModuleType | None:
        """As torch's `load_inline`; build folder, verbosity and headers are the harness's."""
        if any(_texts(sycl_sources)):
            raise BuildFailed("sycl_sources need a GPU of Intel's; no device here runs them")
        request = {
            "name": name,
            "sources": _texts(cpp_sources),
            "cuda_sources": _texts(cuda_sources),
            "functions": _pairs(functions),
            "cflags": list(extra_cflags or []),
            "cuda_flags": list(extra_cuda_cflags or []),
            "ldflags": list(extra_ldflags or []),
        }
        return self._build(request, is_python_module)

    def load(
        self,
        name: str,
        sources: str | list[str],
        extra_cflags: list[str] | None = None,
        extra_cuda_cflags: list[str] | None = None,
        extra_sycl_cflags: list[str] | None = None,
        extra_ldflags: list[str] | None = None,
        extra_include_paths: list[str] | None = None,
        is_python_module: bool = True,
        **ignored: Any,
    ) -> types.ModuleType | None:
        """As torch's `load`: the files are read here, in the candidate's own scratch folder."""
        texts: dict[bool, list[str]] = {False: [], True: []}
        for path in _texts(sources):
            texts[Path(path).suffix in CUDA_SUFFIXES].append(Path(path).read_text())
        request = {
            "name": name,
            "sources": texts[False],
            "cuda_sources": texts[True],
            "functions": [],
            "cflags": list(extra_cflags or []),
            "cuda_flags": list(extra_cuda_cflags or []),
            "ldflags": list(extra_ldflags or []),
        }
        return self._build(request, is_python_module)

    def _build(self, request: dict[str, Any], is_python_module: bool) -> types.ModuleType | None:
        name = request["name"]
        channel.send(self._socket, channel.Kind.BUILD, json.dumps(request).encode())
        kind, payload = channel.receive(self._socket)
        reply = json.loads(payload)
        if kind is not channel.Kind.BUILT or "error" in reply:
            self.failed = True
            raise BuildFailed(f"Error building extension '{name}':\n{reply.get('error', '')}")
        if not is_python_module:  # it registers its operators with torch when it is loaded
            torch.ops.load_library(reply["library"])  # type: ignore[no-untyped-call]
            self.loaded(reply["library"])
            return None
        module = _import(name, reply["library"])
        self.loaded(reply["library"])
        sys.modules[name] = module
        return module


def _pairs(functions: str | list[str] | tuple[str, ...] | dict[str, str] | None) -> list[tuple[str, str]]:
    """Return names with docstrings; a name is its own docstring, as torch has it."""
    if isinstance(functions, dict):
        return list(functions.items())
    return [(name, name) for name in _texts(functions)]


def _texts(value: str | list[str] | tuple[str, ...] | None) -> list[str]:
    if value is None:
        return []
    return [value] if isinstance(value, str) else [str(v) for v in value]


def _import(name: str, path: str) -> types.ModuleType:
    """Load a shared object: one bound by our light header, or an ordinary extension module."""
    library = ctypes.PyDLL(path)
    try:
        functions: Callable[[], dict[str, Any]] = library.harness_functions
    except AttributeError:
        spec = importlib.util.spec_from_file_location(name, path)
        if spec is None or spec.loader is None:
            raise ImportError(f"cannot load {name}") from None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module
    functions.restype = ctypes.py_object  # type: ignore[attr-defined]
    module = types.ModuleType(name)
    module.__file__ = path
    module.__dict__.update(functions())
    return module
