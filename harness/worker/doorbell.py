"""ctypes view of `doorbell.c`: the shared page, and the calls of both sides."""

import ctypes
from enum import IntEnum
from pathlib import Path

MAX_TENSORS, MAX_DIMS, TEXT_BYTES = 32, 12, 16384
SAMPLES, SAMPLE_BYTES = 32, 4
SOURCE = Path(__file__).with_name("doorbell.c")
ALLOCATOR_SOURCE = Path(__file__).with_name("allocator.cpp")


class AnswerStatus(IntEnum):
    """What a worker says of one call. Any other number is a forged answer."""

    OK = 0
    RAISED = 1
    OUT_OF_MEMORY = 2
    NOT_A_PLAIN_TENSOR = 3
    UNSUPPORTED = 4
    BUILD_FAILED = 5


class Structure(IntEnum):
    """What `forward` returned."""

    TENSOR = 0
    TUPLE = 1
    LIST = 2
    DICT = 3
    """Of tensors, in the order of their names, which the page's text then holds as JSON."""


class Tensor(ctypes.Structure):
    """Where one output lies in the worker's memory, and its claimed layout."""

    _fields_ = [
        ("address", ctypes.c_uint64),
        ("dtype", ctypes.c_int32),
        ("dims", ctypes.c_int32),
        ("sizes", ctypes.c_int64 * MAX_DIMS),
        ("strides", ctypes.c_int64 * MAX_DIMS),
    ]


class Page(ctypes.Structure):
    """The shared page block."""

    _fields_ = [
        ("go", ctypes.c_uint32),
        ("done", ctypes.c_uint32),
        ("slot", ctypes.c_uint32),
        ("inputs", ctypes.c_uint32),
        ("offsets", ctypes.c_uint64 * MAX_TENSORS),
        ("status", ctypes.c_uint32),
        ("structure", ctypes.c_uint32),
        ("outputs", ctypes.c_uint32),
        ("text_bytes", ctypes.c_uint32),
        ("worker_ns", ctypes.c_int64),
        ("out", Tensor * MAX_TENSORS),
        ("text", ctypes.c_char * TEXT_BYTES),
    ]


class RingResult(ctypes.Structure):
    """One window as the judge's clock saw it."""

    _fields_ = [
        ("elapsed_ns", ctypes.c_int64),
        ("freeze_ns", ctypes.c_int64),
        ("cpu_ns", ctypes.c_int64),
        ("outcome", ctypes.c_int32),
        ("frozen", ctypes.c_int32),
        ("samples", ctypes.c_int32),
        ("sample_output", ctypes.c_uint32 * SAMPLES),
        ("sample_offset", ctypes.c_uint64 * SAMPLES),
        ("sample", (ctypes.c_ubyte * SAMPLE_BYTES) * SAMPLES),
    ]


PAGE_BYTES = (ctypes.sizeof(Page) + 4095) // 4096 * 4096


def load(library: str) -> ctypes.CDLL:
    """Load the compiled doorbell and declare its functions.

    Raises:
        OSError: it cannot be loaded, or was compiled from another source.
    """
    lib = ctypes.CDLL(library)
    page, number = ctypes.POINTER(Page), ctypes.c_int64
    lib.page_bytes.restype = ctypes.c_size_t
    lib.await_ring.argtypes, lib.await_ring.restype = [page, ctypes.c_uint32], ctypes.c_uint32
    lib.answer.argtypes, lib.answer.restype = [page, ctypes.c_uint32], None
    lib.freeze.argtypes = lib.thaw.argtypes = [ctypes.c_int]
    lib.process_cpu_ns.argtypes, lib.process_cpu_ns.restype = [ctypes.c_int], number
    extra = ctypes.POINTER(ctypes.c_int64)
    sizes, result = ctypes.POINTER(ctypes.c_int32), ctypes.POINTER(RingResult)
    lib.ring.argtypes = [page, ctypes.c_int, ctypes.c_int, number, extra, number, sizes, ctypes.c_uint64, result]
    lib.ring.restype = None
    lib.read_memory.argtypes = [ctypes.c_int, ctypes.c_uint64, ctypes.c_void_p, ctypes.c_uint64]
    lib.read_memory.restype = number
    lib.same_memory.argtypes = [ctypes.c_int, ctypes.c_uint64, ctypes.c_void_p, ctypes.c_uint64]
    lib.sweep.argtypes, lib.sweep.restype = [ctypes.c_void_p, ctypes.c_uint64], None
    lib.read_bandwidth.argtypes = [ctypes.c_void_p, ctypes.c_uint64, ctypes.c_int]
    lib.read_bandwidth.restype = ctypes.c_double
    if lib.page_bytes() != ctypes.sizeof(Page):
        raise OSError(f"{library} does not fit this version: clear the cache folder")
    return lib
