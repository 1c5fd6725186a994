"""Compiling untrusted sources in the sandbox: precompiled headers, a cache by content, diagnostics by line."""

from harness.build.builder import Builder
from harness.build.cache import BuildCache
from harness.build.native import compile_trusted
from harness.build.pch import precompiled
from harness.build.request import BadRequest, BuildRequest, BuildResult, Diagnostic
from harness.build.toolchain import Toolchain, toolchain

__all__ = [
    "BadRequest",
    "BuildCache",
    "BuildRequest",
    "BuildResult",
    "Builder",
    "Diagnostic",
    "Toolchain",
    "compile_trusted",
    "precompiled",
    "toolchain",
]
