"""What a candidate's `load_inline` and `load` ask the judge for, and what it hears where that fails."""

import json
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.build import BuildRequest
from harness.worker import channel
from harness.worker.extension import BuildFailed, ExtensionServer

Ask = Callable[[Callable[[ExtensionServer], Any]], BuildRequest]


@pytest.fixture
def ask() -> Ask:
    """Let a call ask, answer that it failed, and return what it asked for."""

    def run(call: Callable[[ExtensionServer], Any]) -> BuildRequest:
        ours, theirs = socket.socketpair()
        heard: list[bytes] = []

        def answer() -> None:
            heard.append(channel.receive(ours)[1])
            channel.send(ours, channel.Kind.BUILT, json.dumps({"error": "the reason"}).encode())

        thread = threading.Thread(target=answer)
        thread.start()
        server = ExtensionServer(theirs)
        with ours, theirs, pytest.raises(BuildFailed, match="Error building extension 'ext':\nthe reason"):
            call(server)
        thread.join()
        assert server.failed
        return BuildRequest.from_untrusted(heard[0])

    return run


def test_load_inline_sends_all_that_is_compiled(ask: Ask) -> None:
    request = ask(
        lambda server: server.load_inline(
            name="ext",
            cpp_sources="void f();",
            cuda_sources=["a", "b"],
            functions=["f", "g"],
            extra_cflags=["-O3"],
            extra_cuda_cflags=["-O2", "--use_fast_math"],
            extra_ldflags=["-lm"],
            verbose=True,
            with_cuda=True,
            use_pch=False,
            keep_intermediates=False,
        )
    )
    assert request == BuildRequest(
        "ext",
        ("void f();",),
        (("f", "f"), ("g", "g")),
        ("-O3",),
        ("-lm",),
        ("a", "b"),
        ("-O2", "--use_fast_math"),
    )


@pytest.mark.parametrize("functions", ["f", ["f"], ("f",), {"f": "f"}])
def test_functions_in_each_form(ask: Ask, functions: Any) -> None:
    request = ask(lambda server: server.load_inline("ext", "", "text", None, functions))
    assert request.functions == (("f", "f"),)
    assert request.sources == ("",)
    assert request.cuda_sources == ("text",)


def test_load_tells_cuda_files_by_their_names(ask: Ask, tmp_path: Path) -> None:
    (tmp_path / "a.cu").write_text("cuda")
    (tmp_path / "b.cpp").write_text("cpp")
    paths = [str(tmp_path / "a.cu"), str(tmp_path / "b.cpp")]
    request = ask(lambda server: server.load("ext", paths, extra_cuda_cflags=["-O3"]))
    assert (request.sources, request.cuda_sources, request.cuda_flags) == (("cpp",), ("cuda",), ("-O3",))
    assert request.functions == ()


def test_sycl_is_refused() -> None:
    with pytest.raises(BuildFailed, match="sycl_sources"):
        ExtensionServer(socket.socket()).load_inline("ext", "", sycl_sources=["x"])
