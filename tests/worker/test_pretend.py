"""CPU tensors that pass for CUDA tensors. In a process of its own: what is pretended stays so."""

import subprocess
import sys

PRELUDE = """
import torch
from harness.devices import emulated
from harness.worker import pretend
mode = pretend.install(emulated.properties())
"""


def run(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", PRELUDE + code], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_tensors_say_that_they_are_on_the_gpu_and_work_as_before():
    run("""
with mode, torch.no_grad():
    x = torch.randn(3, 4)
    assert x.is_cuda and not x.is_cpu and str(x.device) == "cuda:0" and x.get_device() == 0
    for y in (x.cuda(), x.to("cuda"), x.to(x.device), x.to(torch.device("cuda:0"), torch.float16), x.cuda(0),
              torch.zeros(3, device="cuda"), torch.tensor([1.0], device=0), x.new_empty(3, device="cuda"),
              torch.empty_like(x, device=x.device), torch.rand(2, device="cuda", pin_memory=False)):
        assert y.is_cuda and type(y) is torch.Tensor
    with torch.device("cuda"):
        assert torch.ones(3).is_cuda
    layer = torch.nn.Linear(4, 4, device="cuda").cuda().to("cuda")
    torch.testing.assert_close(layer(x).cpu().numpy(), (x @ layer.weight.T + layer.bias).numpy())
    torch.nn.LSTM(4, 4).cuda()(x)
    torch.nn.MultiheadAttention(4, 1).cuda()(x[None], x[None], x[None])
    torch.randn(3, generator=torch.Generator(device="cuda").manual_seed(1), device="cuda")
    with torch.autocast("cuda", dtype=torch.float16):
        assert layer(x).dtype is torch.float16
assert x.device.type == "cpu" and not x.is_cuda
""")


def test_the_device_answers_as_an_h100():
    run("""
assert torch.cuda.is_available() and torch.cuda.device_count() == 1
properties = torch.cuda.get_device_properties(0)
assert (properties.major, properties.multi_processor_count, properties.warp_size) == (9, 132, 32)
assert torch.cuda.get_device_capability() == (9, 0) and "H100" in torch.cuda.get_device_name()
start, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
start.record(); end.record(); torch.cuda.synchronize()
assert start.elapsed_time(end) > 0
stream = torch.cuda.Stream()
with torch.cuda.stream(stream), torch.cuda.device(0), torch.cuda.nvtx.range("x"):
    stream.wait_stream(torch.cuda.current_stream())
torch.cuda.empty_cache(); torch.cuda.manual_seed_all(0)
assert torch.cuda.memory_allocated() == 0
""")


def test_what_has_no_counterpart_is_refused_by_name():
    said = run("""
try:
    torch.cuda.CUDAGraph()
except RuntimeError as error:
    print(error)
""")
    assert said == "uses CUDA graphs, which the emulation does not have\n"
