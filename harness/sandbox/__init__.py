"""Confinement: what this machine offers, applying it, limits, and ending the whole tree."""

from harness.sandbox.grade import isolation
from harness.sandbox.probe import probe
from harness.sandbox.process import BoundedLog, Confined, Exit, ForkServer
from harness.sandbox.profile import Profile, interpreter_paths, own_package

__all__ = [
    "BoundedLog",
    "Confined",
    "Exit",
    "ForkServer",
    "Profile",
    "interpreter_paths",
    "isolation",
    "own_package",
    "probe",
]
