"""A build request is the candidate's word from the first byte on."""

import json
from typing import Any

import pytest

from harness.build import BadRequest, BuildRequest, BuildResult, Diagnostic
from harness.build.request import MAX_SOURCE_BYTES

GOOD: dict[str, Any] = {
    "name": "ext",
    "sources": ["int f() { return 1; }"],
    "functions": [["f", "doc"]],
    "cflags": ["-O3"],
    "ldflags": [],
}


def encoded(**changes: Any) -> bytes:
    return json.dumps(GOOD | changes).encode()


def test_a_good_request_is_read() -> None:
    assert BuildRequest.from_untrusted(encoded()) == BuildRequest(
        "ext", ("int f() { return 1; }",), (("f", "doc"),), ("-O3",), ()
    )


def test_cuda_sources_are_read_as_well() -> None:
    request = BuildRequest.from_untrusted(encoded(cuda_sources=["a", "b"], cuda_flags=["-O3"]))
    assert (request.cuda_sources, request.cuda_flags) == (("a", "b"), ("-O3",))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xfe",
        b"not json",
        b"null",
        b"[]",
        b"3",
        b'"name"',
        b"{}",
        b"[" * 200_000,
        b'{"a":' * 200_000,
        b'{"name": ' + b"9" * 10_000 + b"}",
        json.dumps({k: v for k, v in GOOD.items() if k != "cflags"}).encode(),
        encoded(name=None),
        encoded(name=3),
        encoded(name=["ext"]),
        encoded(sources="int f();"),
        encoded(sources=None),
        encoded(sources=[1]),
        encoded(sources=[["int f();"]]),
        encoded(sources={"a": "b"}),
        encoded(functions={"f": "doc"}),
        encoded(functions=["ff"]),
        encoded(functions=[["f"]]),
        encoded(functions=[["f", "doc", "more"]]),
        encoded(functions=[["f", None]]),
        encoded(functions=[[["f"], "doc"]]),
        encoded(cflags="-O3"),
        encoded(cflags=[None]),
        encoded(ldflags=[{}]),
        encoded(cuda_sources="__global__"),
        encoded(cuda_sources=[1]),
        encoded(cuda_flags=None),
        encoded(cuda_flags=[["-O3"]]),
    ],
    ids=range(33),
)
def test_what_is_malformed_is_refused_in_one_line(data: bytes) -> None:
    with pytest.raises(BadRequest) as refused:
        BuildRequest.from_untrusted(data)
    assert "\n" not in str(refused.value)
    assert len(str(refused.value)) < 300


@pytest.mark.parametrize(
    "name",
    ["", "a-b", "a.b", "a b", "../x", "/etc/passwd", "1a", "a;b", "a\n", "a" * 101, 'a"', "a\n#include <x>", "a\0"],
)
def test_a_name_is_an_identifier(name: str) -> None:
    with pytest.raises(BadRequest, match="not an identifier"):
        BuildRequest.from_untrusted(encoded(name=name))


@pytest.mark.parametrize("function", ["", "f()", "f;", 'f", g', "a b", "f\n", "-f", "f" * 300, "f/*", "f<int>"])
def test_a_function_is_a_name(function: str) -> None:
    with pytest.raises(BadRequest, match=r"not a C\+\+ name"):
        BuildRequest.from_untrusted(encoded(functions=[[function, "doc"]]))


def test_functions_may_be_qualified() -> None:
    assert BuildRequest.from_untrusted(encoded(functions=[["ns::f", ""]])).functions == (("ns::f", ""),)


def test_what_no_file_can_hold_is_refused() -> None:
    """Half a surrogate pair passes through JSON and would end the judge when it is written (stops: infra_error at will)."""
    with pytest.raises(BadRequest, match="surrogate"):
        BuildRequest.from_untrusted(encoded(sources=["// \ud800"]))


def test_size_is_bounded() -> None:
    with pytest.raises(BadRequest, match="larger than 4 MiB"):
        BuildRequest.from_untrusted(encoded(sources=["x" * MAX_SOURCE_BYTES]))


def test_the_key_depends_on_everything() -> None:
    base = BuildRequest("ext", ("a", "b"), (("f", ""),), ("-O3",), ("-lm",))
    others = [
        BuildRequest("ext2", ("a", "b"), (("f", ""),), ("-O3",), ("-lm",)),
        BuildRequest("ext", ("ab",), (("f", ""),), ("-O3",), ("-lm",)),
        BuildRequest("ext", ("a", "b"), (("g", ""),), ("-O3",), ("-lm",)),
        BuildRequest("ext", ("a", "b"), (("f", ""),), ("-O2",), ("-lm",)),
        BuildRequest("ext", ("a", "b"), (("f", ""),), ("-lm",), ("-O3",)),
        BuildRequest("ext", ("a",), (("f", ""),), ("-O3",), ("-lm",), ("b",)),
        BuildRequest("ext", ("a", "b"), (("f", ""),), ("-O3",), ("-lm",), (), ("-O3",)),
    ]
    keys = {request.digest("tools") for request in (base, *others)} | {
        base.digest("other tools"),
        base.digest("t", "ools"),
    }
    assert len(keys) == len(others) + 3
    assert base.digest("tools") == BuildRequest("ext", ("a", "b"), (("f", ""),), ("-O3",), ("-lm",)).digest("tools")


def test_the_first_error_is_the_cause() -> None:
    warning, error = Diagnostic("warning", "w"), Diagnostic("fatal error", "e", "candidate.py", 3, "  int x")
    assert BuildResult("k", None, (warning, error), "error").first_error is error
    assert BuildResult("k", None, (warning,)).first_error is None
    assert str(error) == "candidate.py:3: fatal error: e\n    int x"
    assert str(warning) == "warning: w"
