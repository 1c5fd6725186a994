"""The sizes that a command grades at where nobody named any: those that the language's device is fit for."""

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
