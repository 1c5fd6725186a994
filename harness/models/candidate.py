"""A candidate: the source that claims to do a problem's work faster."""

from harness.models.base import Record


class Candidate(Record):
    """One answer to a problem: a KernelBench-style module that defines `ModelNew`."""

    source: str
    """Python source of the module; C++ stands in it as strings."""
    sha256: str
    """Digest of `source`."""
    language: str = "cpp"
    """Name of the kernel language, a key of `harness.languages`."""
    origin: str = ""
    """Where it came from, for people: a path, or `provider/model`."""
    entry: str = "ModelNew"
    """Class to be judged. `Model` only where the reference is judged against itself (A/A)."""
