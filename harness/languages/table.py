"""The languages by name, and where each of them runs here."""

from collections.abc import Iterator

from harness.languages.language import Language
from harness.registry import Registry

LANGUAGES: Registry[Language] = Registry("languages", {"cpp": "harness.languages.cpp:LANGUAGE"})


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
