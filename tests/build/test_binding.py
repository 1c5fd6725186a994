"""The light binding header against what people bind: one library, loaded in a process of its own."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.build import BuildResult

SOURCE = r"""
#include <torch/extension.h>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

torch::Tensor scaled(torch::Tensor x, double factor, int64_t shift) {
  TORCH_CHECK(x.dim() == 1, "expected a vector, got ", x.dim(), " dimensions");
  return x * factor + shift;
}
torch::Tensor total(const std::vector<torch::Tensor>& parts) {
  torch::Tensor sum = torch::zeros_like(parts.at(0));
  for (const auto& part : parts) sum += part;
  return sum;
}
torch::Tensor shifted(const torch::Tensor& x, const std::optional<torch::Tensor>& bias) { return bias ? x + *bias : x; }
std::tuple<torch::Tensor, int64_t, bool> several(torch::Tensor x) { return {x + 1, x.numel(), x.is_contiguous()}; }
std::vector<int64_t> sizes(at::IntArrayRef shape) { return {shape.rbegin(), shape.rend()}; }
std::string joined(const std::string& a, std::string b) { return a + "/" + b; }
double halved(float x) { return x / 2; }
bool negated(bool x) { return !x; }
void nothing(torch::Tensor x) { x.add_(1); }
std::optional<int64_t> perhaps(int64_t x) { return x > 0 ? std::optional<int64_t>(x) : std::nullopt; }
std::pair<int64_t, double> pair() { return {1, 0.5}; }
int64_t out_of_range() { return std::vector<int64_t>{1}.at(5); }
torch::Tensor bad_index(torch::Tensor x) { return x.select(0, 99); }
int64_t no_memory() { throw std::bad_alloc(); }

PYBIND11_MODULE(TORCH_EXTENSION_NAME, m) {
  m.doc() = "test";
  m.def("scaled", &scaled, "scale", py::arg("x"), py::arg("factor") = 2.0, py::arg("shift") = 0);
  m.def("total", &total);
  m.def("shifted", &shifted, py::arg("x"), py::arg("bias") = std::nullopt);
  m.def("several", &several);
  m.def("sizes", &sizes);
  m.def("joined", &joined, "join", py::arg("a"), py::arg("b") = "end");
  m.def("halved", halved);
  m.def("negated", negated);
  m.def("nothing", nothing);
  m.def("perhaps", perhaps);
  m.def("pair", pair);
  m.def("out_of_range", out_of_range);
  m.def("bad_index", bad_index);
  m.def("no_memory", no_memory);
  m.def("tripled", [](int64_t x) { return 3 * x; }, py::call_guard<py::gil_scoped_release>());
}
"""

CALLER = """
import json, sys
import torch
from harness.worker.extension import _import

m = _import("ext", sys.argv[1])
x = torch.arange(3.0)
answers = []
for text in json.loads(sys.argv[2]):
    try:
        value = eval(text)
        answers.append(["value", value.tolist() if isinstance(value, torch.Tensor) else repr(value)])
    except Exception as error:
        answers.append([type(error).__name__, str(error)])
print(json.dumps(answers))
"""

CALLS: dict[str, list[object]] = {
    "m.scaled(x)": ["value", [0.0, 2.0, 4.0]],
    "m.scaled(x, 3)": ["value", [0.0, 3.0, 6.0]],
    "m.scaled(x, shift=1)": ["value", [1.0, 3.0, 5.0]],
    "m.scaled(shift=1, factor=0.5, x=x)": ["value", [1.0, 1.5, 2.0]],
    "m.scaled(torch.nn.Parameter(x)).requires_grad": ["value", "True"],
    "m.total([x, x])": ["value", [0.0, 2.0, 4.0]],
    "m.total((x, x, x))": ["value", [0.0, 3.0, 6.0]],
    "m.shifted(x)": ["value", [0.0, 1.0, 2.0]],
    "m.shifted(x, None)": ["value", [0.0, 1.0, 2.0]],
    "m.shifted(x, x)": ["value", [0.0, 2.0, 4.0]],
    "[type(m.several(x)).__name__, m.several(x)[0].tolist(), *m.several(x)[1:]]": [
        "value",
        "['tuple', [1.0, 2.0, 3.0], 3, True]",
    ],
    "m.sizes([1, 2, 3])": ["value", "[3, 2, 1]"],
    "m.sizes(torch.zeros(4, 5).shape)": ["value", "[5, 4]"],
    "m.joined('a')": ["value", "'a/end'"],
    "m.joined('ä\\0b', b='')": ["value", "'ä\\x00b/'"],
    "m.halved(3)": ["value", "1.5"],
    "m.negated(True)": ["value", "False"],
    "[m.nothing(y := x.clone()), y.tolist()]": ["value", "[None, [1.0, 2.0, 3.0]]"],
    "[m.perhaps(4), m.perhaps(-4)]": ["value", "[4, None]"],
    "m.pair()": ["value", "(1, 0.5)"],
    "m.tripled(2)": ["value", "6"],
    "m.scaled(x.view(1, 3))": ["RuntimeError", "expected a vector, got 2 dimensions"],
    "m.out_of_range()": ["RuntimeError", ""],
    "m.bad_index(x)": ["IndexError", ""],
    "m.no_memory()": ["MemoryError", "std::bad_alloc"],
    "m.scaled(3)": ["TypeError", "scaled(): expected a Tensor"],
    "m.scaled([1.0])": ["TypeError", "scaled(): expected a Tensor"],
    "m.scaled(None)": ["TypeError", "scaled(): expected a Tensor"],
    "m.scaled()": ["TypeError", "scaled(): takes 3 arguments, number 1 is missing"],
    "m.scaled(x, 1, 2, 3)": ["TypeError", "scaled(): takes 3 arguments, 4 given"],
    "m.scaled(x, wrong=1)": ["TypeError", "scaled(): got an unexpected keyword"],
    "m.scaled(x, x=x)": ["TypeError", "scaled(): got an unexpected keyword"],
    "m.scaled(x, 'a')": ["TypeError", ""],
    "m.scaled(x, 1.0, 1.5)": ["TypeError", ""],
    "m.scaled(x, 1.0, 1 << 70)": ["OverflowError", ""],
    "m.total(x.tolist())": ["TypeError", "total(): expected a Tensor"],
    "m.total(3)": ["TypeError", "total(): expected a list or tuple"],
    "m.joined(3)": ["TypeError", ""],
    "m.joined(b'a')": ["TypeError", ""],
    "m.sizes('ab')": ["TypeError", ""],
}
"""Expression -> what it gives; for an exception its type and how its message begins."""


@pytest.fixture(scope="session")
def answers(build: Callable[..., BuildResult]) -> dict[str, list[object]]:
    result = build(SOURCE, candidate=f'source = r"""{SOURCE}"""\n')
    assert result.failure == "", result.diagnostics
    assert result.light
    done = subprocess.run(
        [sys.executable, "-c", CALLER, str(result.library), json.dumps(list(CALLS))],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[2],
        timeout=60,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return dict(zip(CALLS, json.loads(done.stdout), strict=True))


@pytest.mark.parametrize("call", CALLS)
def test_a_call_does_as_with_pybind11(answers: dict[str, list[object]], call: str) -> None:
    kind, what = answers[call]
    expected_kind, expected = CALLS[call]
    assert kind == expected_kind, what
    if kind == "value":
        assert what == expected
    else:
        assert str(what).startswith(str(expected))
        assert what, "an exception says something"
        assert "Exception raised from" not in str(what), "no C++ backtrace"
