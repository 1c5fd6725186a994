"""What the judge asks of the interpreter, and where it reports to; one of each per process."""

from typing import Any

from harness.worker.triton_memory import Owner
from harness.worker.triton_record import Recorder

FORWARD, REVERSE, RANDOM = 0, 1, 2
"""Orders of the programs of a launch, as `kernel_page` numbers them."""


class Settings:
    """What the judge asks of the interpreter, read anew at each launch."""

    def __init__(self) -> None:
        self.options: Any = None
        """The page's options, or None."""
        self.recorder = Recorder()
        """Where launches and findings go."""
        self.owner: Owner | None = None
        """Finds the allocation that holds an address."""

    def option(self, name: str, default: int) -> int:
        """Return one option."""
        return int(getattr(self.options, name, default)) if self.options is not None else default


settings = Settings()
