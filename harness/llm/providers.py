"""Model strings, and the table of providers behind them."""

from collections.abc import Callable
from pathlib import Path

from harness.errors import UsageError
from harness.llm.base import Provider
from harness.registry import Registry

PROVIDERS: Registry[Callable[[str, Path], Provider]] = Registry(
    "provider",
    {
        "anthropic": "harness.llm.anthropic:AnthropicProvider",
        "openai": "harness.llm.openai:OpenAIProvider",
        "recorded": "harness.llm.recorded:RecordedProvider",
    },
)


def split_model(model: str) -> tuple[str, str]:
    """Split `provider/model`; the model's own name may contain slashes.

    Raises:
        UsageError: there is no provider or no model in it.
    """
    provider, slash, name = model.partition("/")
    if not slash or not provider or not name:
        raise UsageError(f"model '{model}' is not provider/model (such as recorded/quickstart or openai/<name>)")
    return provider, name


def make_provider(model: str, content_root: Path) -> Provider:
    """Return the provider of `model`, a string `provider/model`.

    Raises:
        UsageError: the string has another form, or there is no such provider.
        ProviderError: the vendor's key is missing.
    """
    provider, name = split_model(model)
    return PROVIDERS.get(provider)(name, content_root)
