"""A worker without a model: answers the doorbell, dies, keeps silent or computes on. Run as a script by test_doorbell."""

import ctypes
import mmap
import os
import signal
import sys
import threading
from collections.abc import Callable

from harness.worker import doorbell

BYTES = 600_000
"""More than two of the chunks that the doorbell compares at a time."""


UINT8 = 8
"""Position of uint8 among the program's dtypes."""


def forge(page: doorbell.Page, number: int) -> None:
    """Answer with what no honest worker says, another lie each time."""
    out = page.out[0]
    lies: dict[int, Callable[[], None]] = {
        1: lambda: setattr(page, "outputs", 1 << 31),
        2: lambda: setattr(out, "dtype", 1 << 30),
        3: lambda: setattr(out, "dtype", -1),
        4: lambda: setattr(out, "dims", 1 << 30),
        5: lambda: setattr(out, "dims", -1),
        6: lambda: out.sizes.__setitem__(0, -5),
        7: lambda: out.sizes.__setitem__(0, 1 << 62),
        8: lambda: out.strides.__setitem__(0, 1 << 62),
        9: lambda: setattr(out, "address", 8),
        10: lambda: setattr(page, "status", 99),
    }
    lies[number]()


LIES = 10


def spin(counter: ctypes.c_int64) -> None:
    """Count for ever."""
    while True:
        counter.value += 1


def main() -> None:
    """Say hello with what there is to read, then do as the mode says."""
    mode, library, page_fd, hello_fd = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    lib = doorbell.load(library)
    view = mmap.mmap(page_fd, doorbell.PAGE_BYTES)
    page = doorbell.Page.from_buffer(view)
    data = ctypes.create_string_buffer(bytes(i % 251 for i in range(BYTES)), BYTES)
    ends = mmap.mmap(-1, 2 * mmap.PAGESIZE)
    edge = ctypes.addressof(ctypes.c_char.from_buffer(ends)) + mmap.PAGESIZE
    assert ctypes.CDLL(None).mprotect(ctypes.c_void_p(edge), mmap.PAGESIZE, 0) == 0
    counter = ctypes.c_int64(0)
    count = {"spins": 1, "spins in threads": 3}.get(mode, 0)
    for _ in range(count):
        threading.Thread(target=spin, args=(counter,), daemon=True).start()
    os.write(hello_fd, f"{ctypes.addressof(data)} {edge} {ctypes.addressof(counter)}\n".encode())
    number = 0
    while mode != "never answers":
        number = lib.await_ring(ctypes.byref(page), number)
        if mode == "dies":
            os.kill(os.getpid(), signal.SIGKILL)
        if mode == "exits":
            os._exit(0)
        page.status = doorbell.AnswerStatus.OK
        page.outputs = 1
        out = page.out[0]
        out.address, out.dtype, out.dims = ctypes.addressof(data), UINT8, 1
        out.sizes[0], out.strides[0] = BYTES, 1
        if mode == "forges":
            forge(page, number)
        lib.answer(ctypes.byref(page), number + 5 if mode == "answers another number" else number)
    while True:
        signal.pause()


if __name__ == "__main__":
    main()
