"""Stands in for the GPU's driver, for benchmarks and for autotuning, where there is none of them.

Times mean nothing under an interpreter: `do_bench` runs a function once and answers with one fixed number, and
`@triton.autotune` takes the first configuration that its own pruning leaves and that runs. It runs that one twice at
its first use, as tuning does, so that a kernel which accumulates into its output without `reset_to_zero` shows.
"""

from collections.abc import Callable
from typing import Any

from harness.worker.triton_api import Refused
from harness.worker.triton_settings import settings

PRETENDED_MS = 1.0
PROPERTIES = {
    "max_shared_mem": 232448,
    "max_num_regs": 65536,
    "multiprocessor_count": 132,
    "warpSize": 32,
    "sm_clock_rate": 1980000,
    "mem_clock_rate": 2619000,
    "mem_bus_width": 5120,
}
"""Of an H100 SXM, in the driver's units (bytes, kHz, bits); NVIDIA H100 data sheet and CUDA's device query."""


class _Utils:
    """`triton.runtime.driver.active.utils`."""

    @staticmethod
    def get_device_properties(device: int = 0) -> dict[str, int]:
        """Return the properties of the chip that the judge names."""
        found = dict(PROPERTIES)
        if count := settings.option("sm_count", 0):
            found["multiprocessor_count"] = count
        if shared := settings.option("shared_optin_bytes", 0):
            found["max_shared_mem"] = shared
        return found


class _Event:
    """A CUDA event that always measures the same."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        pass

    def record(self, *arguments: Any) -> None:
        """Do nothing: everything has run already."""

    def synchronize(self) -> None:
        """Do nothing."""

    def wait(self, *arguments: Any) -> None:
        """Do nothing."""

    def query(self) -> bool:
        """Return that it has happened."""
        return True

    def elapsed_time(self, other: Any) -> float:
        """Return a fixed time in milliseconds."""
        return PRETENDED_MS


class _DeviceInterface:
    """What `get_device_interface` gives: the part of `torch.cuda` that benchmarks use."""

    Event = _Event

    @staticmethod
    def synchronize(*arguments: Any) -> None:
        """Do nothing."""

    @staticmethod
    def current_device() -> int:
        """Return the only device's number."""
        return 0


class Driver:
    """`triton.runtime.driver.active`."""

    utils = _Utils()
    launcher_cls = None

    def get_current_device(self) -> int:
        """Return the only device's number."""
        return 0

    def set_current_device(self, device: int) -> None:
        """Do nothing."""

    def get_current_stream(self, device: int = 0) -> int:
        """Return the default stream."""
        return 0

    def get_current_target(self) -> Any:
        """Return the chip that the judge names."""
        from triton.backends.compiler import GPUTarget

        arch = settings.option("arch_major", 9) * 10 + settings.option("arch_minor", 0)
        return GPUTarget("cuda", arch or 90, 32)

    def get_active_torch_device(self) -> Any:
        """Return torch's name of it."""
        import torch

        return torch.device("cuda", 0)

    def get_device_interface(self) -> Any:
        """Return a stand-in for `torch.cuda`."""
        return _DeviceInterface

    def get_benchmarker(self) -> Callable[..., Any]:
        """Return the stand-in for `do_bench`."""
        return do_bench

    def get_empty_cache_for_benchmark(self) -> Any:
        """Return a small buffer."""
        import torch

        return torch.empty(1, dtype=torch.int32)

    def clear_cache(self, cache: Any) -> None:
        """Do nothing."""


def do_bench(
    fn: Callable[[], Any], warmup: Any = 25, rep: Any = 100, grad_to_none: Any = None, quantiles: Any = None,
    return_mode: str = "mean", **ignored: Any,
) -> Any:  # fmt: skip
    """Run `fn` once and answer in the form of `triton.testing.do_bench`, with a fixed time."""
    fn()
    if quantiles is not None:
        times = [PRETENDED_MS] * len(quantiles)
        return times[0] if len(times) == 1 else times
    return [PRETENDED_MS] if return_mode == "all" else PRETENDED_MS


def _tuned_run(self: Any, *arguments: Any, **options: Any) -> Any:
    """`Autotuner.run`: choose once per key, then launch."""
    self.nargs = dict(zip(self.arg_names, arguments, strict=False))
    config = self.configs[0]
    if len(self.configs) > 1:
        known = {**self.nargs, **options}
        known = {name: value for name, value in known.items() if name in self.arg_names}
        key = tuple(known[name] for name in self.keys if name in known)
        key += tuple(str(value.dtype) for value in known.values() if hasattr(value, "dtype"))
        if key not in self.cache:
            self.cache[key] = _first_that_runs(self, arguments, options)
        config = self.cache[key]
    self.best_config = config
    if config.pre_hook is not None:
        config.pre_hook({**self.nargs, **options, **config.all_kwargs()})
    tuning.append(len(self.configs) > 1)
    try:
        return self.fn.run(*arguments, **options, **config.all_kwargs())
    finally:
        tuning.pop()
        self.nargs = None


tuning = [False]
"""Whether the launch that runs was given its configuration by tuning, of which there are others."""


def _first_that_runs(self: Any, arguments: tuple[Any, ...], options: dict[str, Any]) -> Any:
    """Return the first configuration that runs.

    Raises:
        Refused: none does; the first one's reason.
        ValueError: a tuned parameter is passed as well, in Triton's words.
    """
    failure: Exception | None = None
    for config in self.prune_configs(options):
        if conflicts := options.keys() & config.kwargs.keys():
            raise ValueError(f"Conflicting meta-parameters: {', '.join(conflicts)}: they are auto-tuned already.")
        current = {**options, **config.all_kwargs()}
        names = {**self.nargs, **current}
        try:
            if config.pre_hook is not None:
                config.pre_hook(names)
            self.pre_hook(names)
            self.fn.run(*arguments, **current)
        except Refused as error:
            self.post_hook(names, exception=error)
            failure = failure or error
            continue
        self.post_hook(names, exception=None)
        self.configs_timings = {config: [PRETENDED_MS] * 3}
        self.bench_time = 0.0
        self.pre_hook({**self.nargs, **options, **config.all_kwargs()}, reset_only=True)
        return config
    raise failure or Refused("no configuration is left to tune")


def install(triton: Any) -> None:
    """Put the stand-ins in place."""
    import triton.runtime.autotuner as autotuner
    import triton.testing as testing

    triton.runtime.driver.set_active(Driver())
    testing.do_bench = testing.do_bench_cudagraph = do_bench
    autotuner.Autotuner.run = _tuned_run
