"""CPU tensors that pass for CUDA tensors, so that a candidate for a GPU runs unmodified where its kernels are emulated.

What the candidate asks is answered as on a GPU: `x.is_cuda` is true, `x.device` is `cuda:0`, `device="cuda"` and `.cuda()`
work, `torch.cuda` has one device. Tensors stay where they are, on the CPU; torch's own Python code keeps seeing the truth.
What has no counterpart is refused by name.
"""

import contextlib
import sys
import time
import types
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch.overrides import TorchFunctionMode

CUDA_VERSION = "13.0"
_OURS = ("torch", "harness")
_TENSOR_TYPES = {"torch.cuda.FloatTensor": torch.float32, "torch.cuda.HalfTensor": torch.float16}


class Unsupported(RuntimeError):
    """The candidate uses something that has no counterpart without a GPU."""

    def __init__(self, feature: str) -> None:
        super().__init__(f"uses {feature}, which the emulation does not have")


class PretendCuda(TorchFunctionMode):
    """While it is active, CUDA devices stand for the CPU."""

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        answer = _ANSWERS.get(func)
        if answer is not None:
            # Only the candidate (and the libraries it brings) is answered so: torch's own code branches on the truth.
            if not _asked_by_torch():
                return answer(*args)
            return func(*args, **(kwargs or {}))
        if func in _HOST_ONLY:
            return args[0]
        if func is torch.Tensor.type and len(args) > 1 and args[1] in _TENSOR_TYPES:
            args = (args[0], _TENSOR_TYPES[args[1]])
        named = dict(kwargs or {})
        if "device" in named:
            named["device"] = on_cpu(named["device"])
        named.pop("pin_memory", None)
        if func is torch.Tensor.to and len(args) > 1:
            args = (args[0], on_cpu(args[1]), *args[2:])
        return func(*(_plain(value) for value in args), **named)


def on_cpu(device: Any) -> Any:
    """Return the CPU where `device` names a CUDA device, in any of the ways that torch takes; else what was given."""
    if isinstance(device, torch.device):
        return torch.device("cpu") if device.type == "cuda" else device
    if isinstance(device, str):
        return "cpu" if device == "cuda" or device.startswith("cuda:") else device
    if isinstance(device, int) and not isinstance(device, bool):
        return torch.device("cpu")  # a bare number is a CUDA device
    return device


def _plain(value: Any) -> Any:
    return on_cpu(value) if isinstance(value, torch.device) else value


def _asked_by_torch() -> bool:
    """Whether the attribute was looked up by torch's own Python code."""
    frame: types.FrameType | None = sys._getframe(2)
    while frame is not None and frame.f_globals.get("__name__") == "torch.utils._device":
        frame = frame.f_back  # `with torch.device(...)` stands between the candidate and this mode
    module = str(frame.f_globals.get("__name__", "")) if frame is not None else ""
    return module.partition(".")[0] in _OURS


def _device(tensor: torch.Tensor) -> torch.device:
    found = tensor.device
    return torch.device("cuda", 0) if found.type == "cpu" else found


_ANSWERS: dict[Any, Callable[..., Any]] = {
    torch.Tensor.is_cuda.__get__: lambda tensor, *_: True,  # type: ignore[attr-defined]
    torch.Tensor.is_cpu.__get__: lambda tensor, *_: False,  # type: ignore[attr-defined]
    torch.Tensor.device.__get__: lambda tensor, *_: _device(tensor),
    torch.Tensor.get_device: lambda tensor, *_: 0,
    torch.Tensor.record_stream: lambda tensor, *_: None,
    torch.Tensor.is_pinned: lambda tensor, *_: False,
}
_HOST_ONLY = {torch.Tensor.cuda, torch.Tensor.pin_memory}
"""Functions that only move a tensor: it stays where it is."""


class Stream:
    """One after the other is a legal order of all streams' work, and the only one here."""

    cuda_stream = 0
    device = torch.device("cuda", 0)

    def __init__(self, *_: Any, **__: Any) -> None:
        """Take whatever a real stream takes."""

    def synchronize(self) -> None:
        """Everything has been done already."""

    def query(self) -> bool:
        """Return that everything has been done."""
        return True

    def wait_stream(self, stream: object) -> None:
        """Everything before has been done already."""

    def wait_event(self, event: object) -> None:
        """Everything before has been done already."""

    def record_event(self, event: "Event | None" = None) -> "Event":
        """Return an event of this moment."""
        event = event or Event()
        event.record(self)
        return event

    def __enter__(self) -> "Stream":
        return self

    def __exit__(self, *_: object) -> None:
        pass


class Event:
    """A moment on the wall clock. Nothing that the harness reports comes from it."""

    def __init__(self, *_: Any, **__: Any) -> None:
        """Take whatever a real event takes."""
        self._at_ns = 0

    def record(self, stream: object = None) -> None:
        """Note the moment."""
        self._at_ns = time.monotonic_ns()

    def synchronize(self) -> None:
        """It has happened already."""

    def wait(self, stream: object = None) -> None:
        """It has happened already."""

    def query(self) -> bool:
        """Return that it has happened."""
        return True

    def elapsed_time(self, end: "Event") -> float:
        """Return milliseconds until `end`."""
        return max(end._at_ns - self._at_ns, 1000) / 1e6


class _Autocast(torch.autocast):
    """Autocast for CUDA acts on tensors that live on the CPU, in the same precision."""

    def __init__(self, device_type: str, dtype: torch.dtype | None = None, *args: Any, **kwargs: Any) -> None:
        if device_type == "cuda":
            device_type, dtype = "cpu", dtype or torch.float16
        super().__init__(device_type, dtype, *args, **kwargs)


class _CudaAutocast(_Autocast):
    """`torch.cuda.amp.autocast()`."""

    def __init__(self, enabled: bool = True, dtype: torch.dtype = torch.float16, cache_enabled: bool = True) -> None:
        super().__init__("cuda", dtype, enabled, cache_enabled)


class _Generator(torch._C.Generator):
    """`torch.Generator(device="cuda")` draws on the CPU."""

    def __new__(cls, device: Any = "cpu") -> "_Generator":
        return super().__new__(cls, on_cpu(device))  # type: ignore[call-arg]


def install(properties: Mapping[str, Any]) -> PretendCuda:
    """Have `torch.cuda` answer as with one device of these `properties`; return the mode to run the candidate in.

    Changes this process for good: a worker that is about to execute a candidate.
    """
    device = types.SimpleNamespace(**properties)
    stream = Stream()
    answers: dict[str, Any] = {
        "is_available": lambda: True,
        "is_initialized": lambda: True,
        "init": lambda: None,
        "_lazy_init": lambda: None,
        "device_count": lambda: 1,
        "current_device": lambda: 0,
        "set_device": lambda device: None,
        "synchronize": lambda device=None: None,
        "current_stream": lambda device=None: stream,
        "default_stream": lambda device=None: stream,
        "set_stream": lambda stream: None,
        "stream": lambda stream: contextlib.nullcontext(),
        "device": _DeviceContext,
        "device_of": lambda obj: contextlib.nullcontext(),
        "get_device_properties": lambda device_=None: device,
        "get_device_name": lambda device_=None: device.name,
        "get_device_capability": lambda device_=None: (device.major, device.minor),
        "get_arch_list": lambda: [f"sm_{device.major}{device.minor}"],
        "is_bf16_supported": lambda including_emulation=True: True,
        "is_current_stream_capturing": lambda: False,
        "mem_get_info": lambda device_=None: (device.total_memory, device.total_memory),
        "Stream": Stream,
        "Event": Event,
        "ExternalStream": Stream,
        "graph": _refuse("CUDA graphs"),
        "CUDAGraph": _refuse("CUDA graphs"),
        "make_graphed_callables": _refuse("CUDA graphs"),
    }
    silent = (
        *("empty_cache", "ipc_collect", "manual_seed", "manual_seed_all", "seed", "seed_all"),
        *("reset_peak_memory_stats", "reset_max_memory_allocated", "set_per_process_memory_fraction"),
    )
    answers |= dict.fromkeys(silent, lambda *_, **__: None)
    zero = ("memory_allocated", "max_memory_allocated", "memory_reserved", "max_memory_reserved", "utilization")
    answers |= dict.fromkeys(zero, lambda *_, **__: 0)
    for name, value in answers.items():
        setattr(torch.cuda, name, value)
    for name in ("range_push", "range_pop", "mark"):
        setattr(torch.cuda.nvtx, name, lambda *_, **__: None)
    for owner, name, value in (
        (torch.cuda.nvtx, "range", lambda *_, **__: contextlib.nullcontext()),
        (torch.cuda.amp, "autocast", _CudaAutocast),
        (torch, "autocast", _Autocast),
        (torch.amp, "autocast", _Autocast),
        (torch, "Generator", _Generator),
        (torch.version, "cuda", CUDA_VERSION),
        (torch.nn.Module, "cuda", lambda module, device=None: module),
    ):
        setattr(owner, name, value)
    return PretendCuda()


class _DeviceContext:
    """`with torch.cuda.device(x.device):`."""

    def __init__(self, device: Any) -> None:
        self.idx = 0

    def __enter__(self) -> None:
        pass

    def __exit__(self, *_: object) -> None:
        pass


def _refuse(feature: str) -> Callable[..., Any]:
    def refused(*_: Any, **__: Any) -> Any:
        raise Unsupported(feature)

    return refused
