"""Candidates for the tests: one softmax kernel in C++, and ways to go wrong with it."""

from harness.models import Candidate, sha256_hex

SOFTMAX_CPP = r"""
#include <torch/extension.h>
#include <algorithm>
#include <cmath>

torch::Tensor softmax_rows(torch::Tensor x) {
  TORCH_CHECK(x.is_contiguous() && x.dim() == 2, "expected a contiguous matrix");
  auto y = torch::empty_like(x);
  const int64_t rows = x.size(0), cols = x.size(1);
  const float* in = x.data_ptr<float>();
  float* out = y.data_ptr<float>();
  #pragma omp parallel for
  for (int64_t r = 0; r < rows; ++r) {
    const float* a = in + r * cols;
    float* b = out + r * cols;
    float top = a[0];
    for (int64_t c = 1; c < cols; ++c) top = std::max(top, a[c]);
    double sum = 0;
    for (int64_t c = 0; c < cols; ++c) { b[c] = std::exp(a[c] - top); sum += b[c]; }
    const float scale = (float)(1.0 / sum);
    for (int64_t c = 0; c < cols; ++c) b[c] *= scale;
  }
  return y;
}
"""

KERNEL = f'''import torch
import torch.nn as nn
from torch.utils.cpp_extension import load_inline

source = r"""{SOFTMAX_CPP}"""
module = load_inline(name="softmax_rows_ext", cpp_sources=source, functions=["softmax_rows"])


class ModelNew(nn.Module):
    def forward(self, x):
        return module.softmax_rows(x)
'''


def python(forward: str, before: str = "", init: str = "") -> str:
    """Return a module whose `forward(self, x)` has this body."""
    body = "\n".join(f"        {line}" for line in forward.strip().splitlines())
    start = "\n".join(f"        {line}" for line in init.strip().splitlines())
    constructor = f"    def __init__(self):\n        super().__init__()\n{start}\n\n" if init else ""
    return (
        f"import torch\nimport torch.nn as nn\n\n{before.strip()}\n\n\nclass ModelNew(nn.Module):\n"
        f"{constructor}    def forward(self, x):\n{body}\n"
    )


def candidate(source: str, entry: str = "ModelNew") -> Candidate:
    """Wrap a source."""
    return Candidate(source=source, sha256=sha256_hex(source), entry=entry)
