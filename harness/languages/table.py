"""The languages by name, and where each of them runs here."""

from collections.abc import Iterator

from harness.errors import UsageError
from harness.languages.language import Language
from harness.registry import Registry

LANGUAGES: Registry[Language] = Registry(
    "languages", {name: f"harness.languages.{name}:LANGUAGE" for name in ("cpp", "cuda", "triton")}
)


def require_runnable(name: str) -> None:
    """Refuse a language that no device of this machine runs.

    Raises:
        UsageError: it is unknown, or it runs nowhere here; says why and what to do instead.
    """
    language = LANGUAGES.get(name)
    found = [language.availability(device) for device in language.devices]
    if not any(each.runs for each in found):
        missing = found[0]
        raise UsageError(f"language '{name}' is unavailable: {missing.reason} - {missing.remedy}")


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
