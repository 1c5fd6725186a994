"""The devices by name."""

from collections.abc import Callable

from harness.registry import Registry

DEVICES: Registry[Callable[[], dict[str, str]]] = Registry(
    "devices", {name: f"harness.devices.{name}:facts" for name in ("cpu", "emulated", "interpreter")}
)
"""Device name -> function that returns what a kernel's author may know of it."""
