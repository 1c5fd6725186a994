"""Launches find their compiled kernels, though two compilers name them."""

import pytest

from harness.models import KernelProfile, StaticFacts
from harness.score.kernels import launches_of, same_kernel


@pytest.mark.parametrize(
    ("launched", "compiled"),
    [
        ("add", "add"),
        ("k<float, 256>", "k<float, 256>"),
        ("k<float>", "k<float, 256>"),  # the rest is the default's
        ("k", "k<float, 256>"),  # deduced
        ("ns::k<c10::Half>", "k<Half, (int)4>"),
        ("k<long int, 256u>", "k<long, 256u>"),
        ("k<int64_t>", "k<long>"),
        ("k<__half>", "k<__half>"),
        ("k<main()::<lambda(float)>>", "k<{lambda(float)#1}>"),
        ("k<std::pair<int, float>, 2>", "k<pair<int, float>, 2>"),
    ],
)
def test_the_same_kernel(launched: str, compiled: str):
    assert same_kernel(launched, compiled)


@pytest.mark.parametrize(
    ("launched", "compiled"),
    [("add", "sub"), ("k<float>", "k<double>"), ("k<float, 256>", "k<float, 128>"), ("k<1, 2>", "k<1>"), ("ad", "add")],
)
def test_another_kernel(launched: str, compiled: str):
    assert not same_kernel(launched, compiled)


def test_constants_tell_specialisations_apart():
    def profile(**constants: str) -> KernelProfile:
        return KernelProfile(kernel="k", launches=1, grid=(1, 1, 1), block=(128, 1, 1), constants=constants)

    small, large, plain = profile(BLOCK="64"), profile(BLOCK="128"), profile()
    fact = StaticFacts(kernel="k", arch="sm_90", registers=1, constants={"BLOCK": "64", "num_warps": "4"})
    assert launches_of(fact, [small, large, plain]) == [small, plain]
