"""One launch of an interpreted kernel: options and arguments as Triton takes them, the grid, and what is recorded."""

import random
import traceback
from collections.abc import Iterator
from typing import Any

import numpy as np

from harness.worker.triton_api import Refused, api
from harness.worker.triton_memory import Memory, current
from harness.worker.triton_record import WARP
from harness.worker.triton_schedule import Schedule, running
from harness.worker.triton_settings import RANDOM, REVERSE, settings

GRID_LIMITS = (2**31 - 1, 65535, 65535)
"""The most programs along each axis that a GPU launches."""
MAX_WARPS = 32
MOST_PROGRAMS = 1 << 22
"""Programs of one launch that are tried where the judge sets no limit; at some 0.5 ms each they take half an hour."""


def compile_options(options: dict[str, Any]) -> dict[str, Any]:
    """Return the options of a launch with defaults.

    Raises:
        KeyError: Triton does not know an option, in its words.
        Refused: a value that the compiler rejects.
    """
    from triton.backends.nvidia.compiler import CUDAOptions

    known = CUDAOptions.__dataclass_fields__
    for name in options:
        if name not in known and name not in {"debug", "instrumentation_mode"}:
            raise KeyError(f"Keyword argument {name} was specified but unrecognised")
    asked = {"num_warps": 4, "num_stages": 3, "num_ctas": 1, **options}
    warps = asked["num_warps"]
    if not isinstance(warps, int) or warps < 1 or warps & (warps - 1) or warps > MAX_WARPS:
        raise Refused(f"num_warps={warps}: it must be a power of two up to {MAX_WARPS}")
    return asked


def launch(kernel: Any, arguments: dict[str, Any], grid: Any, options: dict[str, Any]) -> None:
    """Run every program of the grid.

    Raises:
        Refused: the kernel would not compile, cannot be interpreted, or is too large for it.
        RuntimeError: a GPU would refuse the launch.
    """
    recorder = settings.recorder
    recorder.kernel = kernel.__name__
    recorder.fresh_call()
    shape = _grid(kernel, grid(arguments) if callable(grid) else grid, options)
    memory = memory_for_launch()
    constants = {name: _shown(value) for name, value in arguments.items() if kernel.is_constant(name)}
    constants |= {"num_warps": str(options["num_warps"]), "num_stages": str(options["num_stages"])}
    programs = shape[0] * shape[1] * shape[2]
    if not programs:
        return
    try:
        current.append(memory)
        with np.errstate(all="ignore"):
            values = {name: _argument(kernel, memory, name, value) for name, value in arguments.items()}
            _run(kernel, values, shape, programs)
    finally:
        current.pop()
    counters = {
        "global_load_bytes": memory.load_bytes,
        "global_store_bytes": memory.store_bytes,
        "atomics": memory.atomics,
    }
    recorder.launch(kernel.__name__, constants, shape, warps_of(options), counters)


def _run(kernel: Any, values: dict[str, Any], shape: tuple[int, int, int], programs: int) -> None:
    body, builder, memory = kernel.body, api.builder, current[-1]
    builder.grid_dim = shape

    def enter(number: int) -> None:
        program = (number // (shape[1] * shape[2]), number // shape[2] % shape[1], number % shape[2])
        builder.grid_idx = memory.program = program
        memory.discarding = False

    order = order_of(programs, settings.option("order", 0), settings.option("seed", 0))
    running.append(Schedule(order, enter, lambda: body(**values)))
    try:
        running[-1].run()
    except (Refused, MemoryError):
        raise
    except Exception as error:  # whatever a kernel's code raises, the compiler would have raised
        frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename == kernel.fn.__code__.co_filename]
        where = f"{frames[-1].filename}:{frames[-1].lineno}: " if frames else ""
        raise Refused(f"{where}kernel {kernel.__name__} does not compile: {type(error).__name__}: {error}") from error
    finally:
        running.pop()


def _grid(kernel: Any, grid: Any, options: dict[str, Any]) -> tuple[int, int, int]:
    """Return the grid in three dimensions.

    Raises:
        TypeError: it is not up to three integers.
        RuntimeError: a GPU would refuse it.
        Refused: it is more than can be interpreted.
    """
    sizes = tuple(grid) if isinstance(grid, tuple | list) else (grid,)
    if not 1 <= len(sizes) <= 3:
        raise TypeError(f"the grid of kernel {kernel.__name__} has {len(sizes)} dimensions; it takes 1 to 3")
    for size in sizes:
        if not hasattr(size, "__index__"):
            raise TypeError(f"the grid of kernel {kernel.__name__} is {grid!r}; it takes integers")
    x, y, z = (*(int(size) for size in sizes), 1, 1)[:3]
    if min(x, y, z) < 0 or any(size > most for size, most in zip((x, y, z), GRID_LIMITS, strict=True)):
        what = f"grid {(x, y, z)} is outside of what a GPU launches, {GRID_LIMITS}"
        settings.recorder.finding("invalid_launch", (0, 0, 0), 0, False, what, 1)
        raise RuntimeError(f"Triton Error [CUDA]: invalid argument: {what}")
    threads = x * y * z * warps_of(options) * WARP
    most = settings.option("max_threads_per_launch", 0) or MOST_PROGRAMS * WARP * 4
    if threads > most:
        raise Refused(f"kernel {kernel.__name__} is launched with {threads} threads; at most {most} are interpreted")
    return x, y, z


def _shown(value: Any) -> str:
    value = value.value if isinstance(value, api.tl.constexpr) else value
    return getattr(value, "__name__", None) or str(value)


def _argument(kernel: Any, memory: Memory, name: str, value: Any) -> Any:
    """Turn an argument into what the kernel sees of it.

    Raises:
        TypeError: Triton takes no such argument.
    """
    if isinstance(value, api.tl.constexpr):
        return value.value
    if kernel.is_constant(name) or value is None:
        return value
    return _converted(memory, name, value)


def _converted(memory: Memory, name: str, value: Any) -> Any:
    tl = api.tl
    if isinstance(value, bool):
        return _scalar(np.bool_(value), tl.int1)
    if isinstance(value, int):
        return _integer(name, value)
    if isinstance(value, float):
        return _scalar(np.float32(value), tl.float32)
    if isinstance(value, tuple | list):
        return tl.tuple([_converted(memory, name, v) if v is not None else None for v in value])
    if hasattr(value, "block_shape") and hasattr(value, "base"):
        return _descriptor(memory, name, value)
    if hasattr(value, "data_ptr"):
        return _pointer(memory, name, value)
    if isinstance(value, tl.dtype | str) or hasattr(value, "arg_names"):
        return value
    raise TypeError(f"failed to specialize argument of type: {type(value).__name__} (parameter {name})")


def _integer(name: str, value: int) -> Any:
    tl = api.tl
    if -(2**31) <= value < 2**31:
        return _scalar(np.int32(value), tl.int32)
    if -(2**63) <= value < 2**63:
        return _scalar(np.int64(value), tl.int64)
    if value < 2**64:
        return _scalar(np.uint64(value), tl.uint64)
    raise OverflowError(f"parameter {name} is {value}, more than 64 bits hold")


def _scalar(value: Any, dtype: Any) -> Any:
    return api.tl.tensor(api.interp.TensorHandle(np.array([value]), dtype), dtype)


def _pointer(memory: Memory, name: str, value: Any) -> Any:
    from triton.runtime.jit import mangle_type

    kind = api.tl.str_to_ty(mangle_type(value), None)
    handle = api.interp.TensorHandle(np.array([value.data_ptr()], dtype=np.uint64), kind)
    handle.attr["origin"] = memory.region_of(getattr(value, "base", value), name)
    return api.tl.tensor(handle, kind)


def _descriptor(memory: Memory, name: str, value: Any) -> Any:
    tl = api.tl
    strides = [_integer(name, int(s)) for s in value.strides]
    strides[-1] = tl.constexpr(1)
    return api.semantic.make_tensor_descriptor(
        base=_pointer(memory, name, value.base),
        shape=[_integer(name, int(s)) for s in value.shape],
        strides=strides,
        block_shape=[tl.constexpr(b) for b in value.block_shape],
        padding_option=value.padding,
    )


def order_of(programs: int, order: int, seed: int) -> Iterator[int]:
    """Yield the numbers of the programs of one launch in the order that the judge asks for."""
    if order == REVERSE:
        yield from range(programs - 1, -1, -1)
    elif order == RANDOM:
        numbers = np.arange(programs)
        np.random.Generator(np.random.PCG64(random.Random(seed).getrandbits(64))).shuffle(numbers)
        yield from map(int, numbers)
    else:
        yield from range(programs)


def memory_for_launch() -> Memory:
    """Return a fresh memory under the judge's options."""
    return Memory(settings.recorder, settings.owner, bool(settings.option("check", 0)))


def warps_of(options: dict[str, Any]) -> int:
    """Return the threads of one program, in warps of 32."""
    return int(options["num_warps"]) * int(options.get("num_ctas") or 1)
