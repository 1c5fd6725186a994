"""One file per device: probe, clock, cache flush, memory, peaks."""

from harness.registry import Registry

DEVICES: Registry[object] = Registry("devices", {"cpu": "harness.devices.cpu:facts"})
"""Device name -> function that returns its facts."""

__all__ = ["DEVICES"]
