"""The languages by name, and where each of them runs here."""

from collections.abc import Iterator

from harness.errors import UsageError
from harness.languages.language import Language
from harness.registry import Registry

LANGUAGES: Registry[Language] = Registry(
    "languages", {name: f"harness.languages.{name}:LANGUAGE" for name in ("cpp", "cuda", "triton")}
)


def device_for(name: str) -> str:
    """Return the device that judges a language here: the first of the language's own that works.

    Raises:
        UsageError: it is unknown, or it runs nowhere here; says why and what to do instead.
    """
    language = LANGUAGES.get(name)
    found = {device: language.availability(device) for device in language.devices}
    for device, each in found.items():
        if each.runs:
            return device
    missing = list(found.values())[-1]  # the one that asks least of a machine
    raise UsageError(f"language '{name}' is unavailable: {missing.reason} - {missing.remedy}")


def is_timed(name: str) -> bool:
    """Whether a language's kernels are timed on the device that judges it here; False where none does."""
    language = LANGUAGES.get(name)
    found = [language.availability(device) for device in language.devices]
    return next((each.timed for each in found if each.runs), False)


def support() -> Iterator[dict[str, str | bool | None]]:
    """Yield, for every language on every device it knows, whether candidates can be judged there and what is missing."""
    for name in LANGUAGES:
        language = LANGUAGES.get(name)
        for device in language.devices:
            found = language.availability(device)
            yield {
                "language": name,
                "device": device,
                "runs": found.runs,
                "reason": found.reason or None,
                "mend": found.remedy or None,
            }
