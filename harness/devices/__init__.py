"""One file per device: probe, clock, cache flush, memory, peaks."""

from harness.devices.table import DEVICES

__all__ = ["DEVICES"]
