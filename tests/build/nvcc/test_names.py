"""Kernels have names that people can read."""

import pytest

from harness.build.nvcc.names import readable_name


@pytest.mark.parametrize(
    ("name", "readable"),
    [
        ("softmax_kernel<__half, 256>", "softmax_kernel<__half, 256>"),
        ("void ns::softmax_kernel<c10::Half, 256>(c10::Half const*, float*, int)", "softmax_kernel<Half, 256>"),
        ("(anonymous namespace)::add(float*)", "add"),
        ("apply<forward(at::Tensor, std::vector<long>)::{lambda(float)#1}>", "apply<lambda#1>"),
        ("ns::k<std::pair<int, a::B>, (ns::Kind)2>(int)", "k<pair<int, B>, (Kind)2>"),
        ("_Z3add", "_Z3add"),
    ],
)
def test_names_are_readable(name: str, readable: str):
    assert readable_name(name) == readable


@pytest.mark.parametrize("name", ["", "<", ">", "((((", "<" * 5000, "a" * 5000, "k<,>", "::"])
def test_any_text_is_taken(name: str):
    assert len(readable_name(name)) <= 300
