"""The program beside untrusted code. It loads one module, rings back once per call, and decides nothing.

Candidate and reference run under this same program. Whatever a candidate does to this process (it can do anything), the
judge sees only raw bytes at an address, its own clock, and how the process ended.
"""

import ctypes
import gc
import json
import linecache
import mmap
import os
import socket
import sys
import traceback
import types
from typing import Any

import torch
import torch.utils.cpp_extension

from harness.worker import channel, doorbell, emulated
from harness.worker.channel import Failure, Kind, Weights
from harness.worker.doorbell import AnswerStatus, Structure
from harness.worker.extension import BuildFailed, ExtensionServer

CANDIDATE_FILE = "candidate.py"
OUTPUTS_KEPT = 2
"""Earlier outputs that are kept for the judge's second look."""
DTYPES: tuple[torch.dtype, ...] = (
    torch.float32, torch.float64, torch.float16, torch.bfloat16, torch.int64, torch.int32, torch.int16, torch.int8,
    torch.uint8, torch.bool, torch.complex64, torch.complex128,
)  # fmt: skip
"""A dtype travels as its position here."""


def warm_up(allocator: str, *packages: str) -> None:
    """Called once in the fork server: set up what every child would otherwise set up for itself. Starts no thread.

    `triton` among `packages` imports that as well.
    """
    if "triton" in packages:
        sys.modules["harness.worker.triton_interpreter"].preload()
    ctypes.CDLL(allocator).install_caching_allocator()
    torch.set_num_threads(torch.get_num_threads())
    with torch.no_grad():
        torch.nn.functional.linear(torch.ones(2, 2), torch.ones(2, 2)).sum().item()
    gc.collect()
    gc.freeze()


def main(fds: dict[str, int], arguments: dict[str, Any], confinement: dict[str, list[str]]) -> None:
    """Entry point for the fork server."""
    sock = socket.socket(fileno=fds["channel"])
    lib = doorbell.load(arguments["doorbell"])
    page_map = mmap.mmap(fds["page"], doorbell.PAGE_BYTES)
    page = doorbell.Page.from_buffer(page_map)
    channel.send(sock, Kind.HELLO, json.dumps(confinement).encode())
    kind, payload = channel.receive(sock)
    if kind is not Kind.LOAD:
        raise channel.BadMessage("expected LOAD")
    task = json.loads(payload)
    torch.set_num_threads(task["threads"])
    torch.set_num_interop_threads(1)
    extensions = ExtensionServer(sock)
    extensions.install()
    try:
        device = emulated.enter(task, fds, arguments["allocator"])
        extensions.loaded = device.attach
        with device.mode:
            model, weights = _load(task, fds)
    except BaseException as error:  # the process boundary: whatever happens while loading becomes one message
        channel.send(sock, Kind.FAILED, bytes([_failure(error, extensions)]) + _describe(error).encode()[:TEXT])
        os._exit(1)
    size = task["slot_bytes"] * task["slots"]
    slots = mmap.mmap(fds["inputs"], size, flags=mmap.MAP_SHARED | mmap.MAP_POPULATE) if size else None
    _touch(task["output_bytes"])
    gc.freeze()
    channel.send(sock, Kind.READY, bytes([weights]))
    with device.mode:
        _serve(model, lib, page, slots, task, device)


TEXT = doorbell.TEXT_BYTES - 1


def _touch(sizes: list[int]) -> None:
    """Have as many buffers of the outputs' sizes mapped as are in use in turn, so that no call pays for the first touch."""
    buffers = [torch.zeros(size, dtype=torch.uint8) for size in sizes for _ in range(OUTPUTS_KEPT + 1)]
    buffers.clear()


def _failure(error: BaseException, extensions: ExtensionServer) -> Failure:
    if isinstance(error, MemoryError) or "allocate memory" in str(error):
        return Failure.OUT_OF_MEMORY
    if isinstance(error, BuildFailed) or extensions.failed:
        return Failure.BUILD
    return Failure.NO_CLASS if isinstance(error, _NoClass) else Failure.LOAD


class _NoClass(Exception):
    """The module does not define the class that is judged."""


def _describe(error: BaseException) -> str:
    """The exception and the frames inside the candidate, most recent last."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename == CANDIDATE_FILE]
    lines = [f"{CANDIDATE_FILE}:{f.lineno} in {f.name}: {f.line}" for f in frames[-4:]]
    return "\n".join([f"{type(error).__name__}: {str(error)[:4000]}", *lines])


def _load(task: dict[str, Any], fds: dict[str, int]) -> tuple[torch.nn.Module, Weights]:
    source = task["source"]
    linecache.cache[CANDIDATE_FILE] = (len(source), None, source.splitlines(keepends=True), CANDIDATE_FILE)
    module = types.ModuleType(task["module"])
    module.__file__ = CANDIDATE_FILE
    sys.modules[task["module"]] = module
    torch.manual_seed(task["seed"])
    exec(compile(source, CANDIDATE_FILE, "exec"), module.__dict__)
    entry = module.__dict__.get(task["entry"])
    if not isinstance(entry, type):
        raise _NoClass(f"the module does not define a class {task['entry']}")
    init = [_decode(value, fds) for value in task["init"]]
    torch.manual_seed(task["seed"])
    model = entry(*init)
    return model, _load_weights(model, task["state"], fds)


def _decode(value: Any, fds: dict[str, int]) -> Any:
    """Turn a constructor argument from JSON into what `get_init_inputs` gave."""
    if isinstance(value, dict):
        if "tuple" in value:
            return tuple(_decode(v, fds) for v in value["tuple"])
        if "tensor" in value:
            return _tensor(fds["state"], value["tensor"])
        return {k: _decode(v, fds) for k, v in value["dict"].items()}
    return [_decode(v, fds) for v in value] if isinstance(value, list) else value


def _tensor(fd: int, layout: dict[str, Any]) -> torch.Tensor:
    """Return a private copy of a tensor that the judge wrote."""
    dtype, size = DTYPES[layout["dtype"]], layout["bytes"]
    if not size:
        return torch.empty(layout["sizes"], dtype=dtype)
    raw = bytearray(os.pread(fd, size, layout["offset"]))
    while len(raw) < size:
        raw += os.pread(fd, size - len(raw), layout["offset"] + len(raw))
    return torch.frombuffer(raw, dtype=dtype).view(layout["sizes"]).clone()


def _load_weights(model: torch.nn.Module, state: dict[str, Any], fds: dict[str, int]) -> Weights:
    """Copy the reference's state where names and shapes agree; else the common seed has to do."""
    if not isinstance(model, torch.nn.Module):
        return Weights.SEEDED if state else Weights.NONE
    own = model.state_dict()
    if not own and not state:
        return Weights.NONE
    if own.keys() != state.keys() or any(list(own[k].shape) != state[k]["sizes"] for k in own):
        return Weights.SEEDED
    with torch.no_grad():
        for name, target in own.items():
            target.copy_(_tensor(fds["state"], state[name]))
    return Weights.LOADED


def _serve(
    model: torch.nn.Module,
    lib: ctypes.CDLL,
    page: doorbell.Page,
    slots: mmap.mmap | None,
    task: dict[str, Any],
    device: emulated.Device,
) -> None:
    """Answer rings until the judge ends this process. Each output is kept until the next call has been judged."""
    layouts = task["inputs"]
    plain, data_ptr = torch.Tensor, torch.Tensor.data_ptr
    await_ring, ring_back, reference = lib.await_ring, lib.answer, ctypes.byref(page)
    number, held, older = 0, None, None
    inputs: list[Any] = []
    watches = device.watches_inputs
    with torch.no_grad():
        while True:
            number = await_ring(reference, number)
            output = None
            try:
                inputs = _inputs(slots, page, layouts)
                if watches:
                    device.received(inputs)
                output = model(*inputs)
                page.status = _write_answer(page, output, plain, data_ptr)
            except BaseException as error:  # the process boundary: any exception is an answer
                memory = isinstance(error, MemoryError) or "allocate memory" in str(error)
                page.status = AnswerStatus.OUT_OF_MEMORY if memory else AnswerStatus.RAISED
                if isinstance(error, BuildFailed):
                    page.status = AnswerStatus.BUILD_FAILED
                _write_text(page, _describe(error))
            ring_back(reference, number)
            older, held = held, output  # noqa: F841 - what went before the previous output is let go here
            inputs, output = [], None


def _inputs(slots: mmap.mmap | None, page: doorbell.Page, layouts: list[dict[str, Any]]) -> list[Any]:
    """Fresh tensor objects over the bytes that the judge has just revealed."""
    values: list[Any] = []
    for index, layout in enumerate(layouts):
        if "value" in layout:
            values.append(layout["value"])
            continue
        dtype, sizes = DTYPES[layout["dtype"]], layout["sizes"]
        if not layout["count"] or slots is None:
            values.append(torch.empty(sizes, dtype=dtype))
            continue
        flat = torch.frombuffer(slots, dtype=dtype, count=layout["count"], offset=page.offsets[index])
        values.append(flat.as_strided(sizes, layout["strides"]))
    return values


def _write_answer(page: doorbell.Page, output: Any, plain: type[torch.Tensor], data_ptr: Any) -> AnswerStatus:
    """Say where the output lies. Only exact tensors count: a subclass could compute when it is looked at."""
    if type(output) in (tuple, list):
        tensors: list[Any] = list(output)
        page.structure = Structure.TUPLE if type(output) is tuple else Structure.LIST
    elif type(output) is dict and all(type(name) is str for name in output):
        names = sorted(output)
        tensors = [output[name] for name in names]
        page.structure = Structure.DICT
        _write_text(page, json.dumps(names))
    else:
        tensors = [output]
        page.structure = Structure.TENSOR
    if len(tensors) > doorbell.MAX_TENSORS:
        _write_text(page, f"{len(tensors)} outputs")
        return AnswerStatus.UNSUPPORTED
    for index, tensor in enumerate(tensors):
        if type(tensor) is not plain:
            kind = type(tensor)
            _write_text(page, f"{kind.__module__}.{kind.__qualname__}")
            return AnswerStatus.NOT_A_PLAIN_TENSOR if isinstance(tensor, plain) else AnswerStatus.UNSUPPORTED
        if tensor.device.type != "cpu" or tensor.layout is not torch.strided or tensor.dim() > doorbell.MAX_DIMS:
            _write_text(page, f"a tensor on {tensor.device}, layout {tensor.layout}, {tensor.dim()} dimensions")
            return AnswerStatus.UNSUPPORTED
        if tensor.is_conj() or tensor.is_neg():
            tensor = tensor.resolve_conj().resolve_neg()
            tensors[index] = tensor
        out = page.out[index]
        out.address = data_ptr(tensor)
        out.dtype = DTYPES.index(tensor.dtype) if tensor.dtype in DTYPES else -1
        out.dims = tensor.dim()
        for d, (size, stride) in enumerate(zip(tensor.shape, tensor.stride(), strict=True)):
            out.sizes[d] = size
            out.strides[d] = stride
    page.outputs = len(tensors)
    return AnswerStatus.OK


def _write_text(page: doorbell.Page, text: str) -> None:
    data = text.encode(errors="replace")[:TEXT]
    page.text = data
    page.text_bytes = len(data)
