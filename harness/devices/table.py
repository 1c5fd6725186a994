"""The devices by name."""

from collections.abc import Callable

from harness.registry import Registry

DEVICES: Registry[Callable[[], dict[str, str]]] = Registry("devices", {"cpu": "harness.devices.cpu:facts"})
"""Device name -> function that returns what a kernel's author may know of it."""
