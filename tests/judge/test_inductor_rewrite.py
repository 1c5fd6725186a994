"""From inductor's wrapper to a candidate: what is kept, what is replaced, and what is refused in one line."""

import ast
import dataclasses

import pytest

from harness.judge.inductor.captured import Captured, GraphInput, NotExpressible
from harness.judge.inductor.rewrite import module_source

KERNEL = """
#include <torch/csrc/inductor/cpp_prefix.h>
extern "C"  void  kernel(const float* in_ptr0, float* out_ptr0, const int64_t n) { out_ptr0[0] = in_ptr0[n]; }
"""


def wrapper(body: str, kernels: str = "") -> str:
    """A module in the form that inductor writes, whose `call` has this body."""
    lines = "\n".join(f"        {line}" for line in body.strip().splitlines())
    return (
        "from torch._inductor.async_compile import AsyncCompile\n"
        "empty_strided_cpu = torch._C._dynamo.guards._empty_strided_cpu\n"
        f"{kernels}\n"
        f"class Runner:\n    def call(self, args):\n        arg0_1, arg1_1 = args\n        args.clear()\n{lines}\n"
    )


ONE = f"cpp_fused_0 = async_compile.cpp_pybinding(['const float*', 'float*', 'const int64_t'], r'''{KERNEL}''')"
PRODUCT = """
assert_size_stride(arg0_1, (2, 2), (2, 1), 'input')
buf0 = empty_strided_cpu((2, 2), (2, 1), torch.float32)
extern_kernels.mm(arg0_1, arg1_1, out=buf0)
cpp_fused_0(buf0, buf0, 1)
return (buf0, )
"""


def captured(code: str, **changes: object) -> Captured:
    """One compilation of a product with a weight that lies in an `nn.Sequential`."""
    made = Captured(
        code=code,
        inputs=(GraphInput("input", "", 0, (2, 2), (2, 1)), GraphInput("state", "layers.0.weight", 0, (2, 2), (2, 1))),
        state={"layers.0.weight": ("torch.float32", [2, 2], [2, 1])},
        parameters=("layers.0.weight",),
        constants={},
        structure="tensor",
        outputs=1,
        cflags=("-O3",),
        mode="compile",
        threads=1,
        torch_version="2.13.0",
    )
    return dataclasses.replace(made, **changes)


def test_kernels_and_calls_are_kept_and_inductor_is_not_needed():
    source = module_source(captured(wrapper(PRODUCT, ONE)), "Product")
    ast.parse(source)
    assert "torch.mm(arg0_1, arg1_1, out=buf0)" in source
    assert "cpp_fused_0_::kernel((const float*)a0.data_ptr(), (float*)a1.data_ptr(), (const int64_t)a2);" in source
    assert "return buf0" in source
    assert "_inductor." not in source
    assert 'extern "C"' not in source  # two kernels would be one function
    assert 'getattr(self.layers, "0").weight' in source
    assert "assert_size_stride" not in source  # `forward` has brought the arguments into that layout


def test_a_model_without_kernels_builds_nothing():
    body = PRODUCT.replace("cpp_fused_0(buf0, buf0, 1)\n", "")
    assert "load_inline" not in module_source(captured(wrapper(body)), "Product")


def test_constants_are_written_out():
    constants = {"_tensor_constant0": ("torch.float32", [2], [1.5, float("inf")])}
    body = "return (_tensor_constant0, )"
    source = module_source(captured(wrapper(body), constants=constants), "Constant")
    assert "torch.tensor([1.5, float('inf')], dtype=torch.float32).reshape((2,))" in source


def test_several_outputs_keep_their_structure():
    source = module_source(captured(wrapper("return (arg0_1, arg1_1, )"), outputs=2, structure="list"), "Two")
    assert "return [arg0_1, arg1_1]" in source


@pytest.mark.parametrize(
    ("body", "kernels", "message"),
    [
        ("extern_kernels._int_mm(arg0_1, arg1_1)\nreturn (arg0_1, )", "", "extern_kernels._int_mm, which has no equal"),
        ("return (arg0_1, )", "k = async_compile.triton('k', 'text')", "made by async_compile.triton, not in C++"),
        ("buf0 = torch.ops.inductor.other(arg0_1)\nreturn (buf0, )", "", "torch.ops.inductor.other"),
        ("buf0 = alloc_from_pool(arg0_1)\nreturn (buf0, )", "", "uses alloc_from_pool"),
        ("inductor_seeds = 1\nreturn (arg0_1, )", "", "draws random numbers"),
        ("return (arg0_1, arg1_1, )", "", "the graph returns 2 tensors, forward 1"),
    ],
)
def test_what_has_no_equal_is_refused_in_one_line(body: str, kernels: str, message: str):
    with pytest.raises(NotExpressible, match=message) as refused:
        module_source(captured(wrapper(body, kernels)), "Refused")
    assert len(str(refused.value).splitlines()) == 1
