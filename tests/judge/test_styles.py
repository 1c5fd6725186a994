"""Kernels as people and models write them, with other parts of torch's C++ interface, run unmodified."""

from collections.abc import Callable

import pytest

from harness.models import Status, Verdict

ROW = r"""
#include <torch/extension.h>
#include <ATen/Parallel.h>
#include <immintrin.h>
#include <omp.h>
#include <cmath>
#include <thread>
#include <vector>

template <typename T>
static void row(const T* a, T* b, int64_t n) {
  T top = a[0];
  for (int64_t i = 1; i < n; ++i) top = std::max(top, a[i]);
  double sum = 0;
  for (int64_t i = 0; i < n; ++i) { b[i] = std::exp(a[i] - top); sum += b[i]; }
  for (int64_t i = 0; i < n; ++i) b[i] /= sum;
}

static torch::Tensor plain(const torch::Tensor& x) {
  auto y = torch::empty_like(x);
  for (int64_t r = 0; r < x.size(0); ++r) {
    row(x.data_ptr<float>() + r * x.size(1), y.data_ptr<float>() + r * x.size(1), x.size(1));
  }
  return y;
}
"""
PARALLEL_FOR = r"""
torch::Tensor f(torch::Tensor x) {
  auto y = torch::empty_like(x);
  const int64_t n = x.size(1);
  AT_DISPATCH_FLOATING_TYPES(x.scalar_type(), "f", ([&] {
    const scalar_t* a = x.data_ptr<scalar_t>();
    scalar_t* b = y.data_ptr<scalar_t>();
    at::parallel_for(0, x.size(0), 1, [&](int64_t from, int64_t to) {
      for (int64_t r = from; r < to; ++r) row(a + r * n, b + r * n, n);
    });
  }));
  return y;
}
"""
THREADS = r"""
torch::Tensor f(const torch::Tensor& x) {
  auto y = torch::empty(x.sizes(), x.options());
  const int64_t n = x.size(1), rows = x.size(0);
  const float* a = x.data_ptr<float>();
  float* b = y.data_ptr<float>();
  std::vector<std::thread> team;
  for (int k = 0; k < 4; ++k) team.emplace_back([=] { for (int64_t r = k; r < rows; r += 4) row(a + r * n, b + r * n, n); });
  for (auto& member : team) member.join();
  return y;
}
"""
OPENMP = r"""
torch::Tensor f(torch::Tensor x) {
  TORCH_CHECK(x.device().is_cpu() && x.dtype() == torch::kFloat32);
  auto y = torch::empty_like(x);
  #pragma omp parallel for num_threads(omp_get_max_threads()) schedule(dynamic)
  for (int64_t r = 0; r < x.size(0); ++r) {
    row(x.data_ptr<float>() + r * x.size(1), y.data_ptr<float>() + r * x.size(1), x.size(1));
  }
  return y;
}
"""
OWN_BINDING = r"""
namespace py = pybind11;
PYBIND11_MODULE(TORCH_EXTENSION_NAME, m) {
  m.doc() = "softmax";
  m.def("f", &plain, "softmax", py::arg("x"), py::call_guard<py::gil_scoped_release>());
}
"""
LIBRARY = r"""
TORCH_LIBRARY(harness_test_softmax, m) {
  m.def("f(Tensor x) -> Tensor");
  m.impl("f", c10::DispatchKey::CPU, TORCH_FN(plain));
}
"""
STYLES = {
    "at::parallel_for and AT_DISPATCH": (PARALLEL_FOR, 'functions=["f"]', "self.module.f(x)"),
    "std::thread": (THREADS, 'functions=["f"]', "self.module.f(x)"),
    "OpenMP with flags of its own": (
        OPENMP,
        'functions=["f"], extra_cflags=["-O3", "-fopenmp", "-mavx2", "-std=c++17", "-g"], extra_ldflags=["-lgomp"]',
        "self.module.f(x)",
    ),
    "PYBIND11_MODULE": (OWN_BINDING, "functions=None, verbose=True, with_cuda=False", "self.module.f(x=x)"),
    "TORCH_LIBRARY": (LIBRARY, "is_python_module=False", "torch.ops.harness_test_softmax.f(x)"),
}


@pytest.mark.parametrize("style", STYLES)
def test_it_runs_unmodified(style: str, judged: Callable[..., Verdict]) -> None:
    code, options, call = STYLES[style]
    source = (
        "import torch\nimport torch.nn as nn\nfrom torch.utils.cpp_extension import load_inline\n\n"
        f'source = r"""{ROW}{code}"""\n\n\nclass ModelNew(nn.Module):\n    def __init__(self):\n        super().__init__()\n'
        f'        self.module = load_inline(name="style", cpp_sources=[source], {options})\n\n'
        f"    def forward(self, x):\n        return {call}\n"
    )
    verdict = judged(source)
    assert verdict.status is Status.CORRECT, verdict.evidence
