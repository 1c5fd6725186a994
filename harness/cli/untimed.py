"""What a device that times nothing means for a command: its sizes where nobody named any, and no bound on a speedup."""

from typing import TYPE_CHECKING

from harness.models import TIMED_DEVICES, Tier

if TYPE_CHECKING:
    from harness.config import Settings


def fitting(settings: "Settings") -> "Settings":
    """Return `settings` with tier `ci` where kernels are emulated or interpreted and no tier was asked for.

    A language that runs nowhere here keeps its settings: whoever judges says what is missing.
    """
    from harness.errors import UsageError
    from harness.languages import device_for

    if "tier" in settings.model_fields_set:
        return settings
    try:
        timed = device_for(settings.language) in TIMED_DEVICES
    except UsageError:
        return settings
    return settings if timed else settings.model_copy(update={"tier": Tier.CI})


def require_speedup(device: str, fail_under: float | None) -> None:
    """Refuse a bound on the speedup where nothing is timed.

    Raises:
        UsageError: `fail_under` is given and `device` times nothing.
    """
    from harness.errors import UsageError

    if fail_under is not None and device not in TIMED_DEVICES:
        raise UsageError(f"--fail-under needs a speedup, and nothing is timed on device {device} - leave it out")
