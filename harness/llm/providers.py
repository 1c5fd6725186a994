"""Model strings, the table of providers behind them, and what is put around every one of them."""

from collections.abc import Callable
from pathlib import Path

from harness.config import Settings, vendor_base_url
from harness.errors import UsageError
from harness.llm.base import Provider
from harness.llm.cache import CachedProvider
from harness.llm.options import ProviderOptions
from harness.llm.recorded import Recording
from harness.registry import Registry

PROVIDERS: Registry[Callable[[str, ProviderOptions], Provider]] = Registry(
    "provider",
    {
        "anthropic": "harness.llm.anthropic:anthropic_provider",
        "command": "harness.llm.command:command_provider",
        "compatible": "harness.llm.chat:compatible_provider",
        "inductor": "harness.llm.inductor:inductor_provider",
        "openai": "harness.llm.openai:openai_provider",
        "recorded": "harness.llm.recorded:recorded_provider",
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


def provider_options(content_root: Path) -> ProviderOptions:
    """Return what the settings in force say of models."""
    return ProviderOptions.of(Settings.load(), content_root)


def make_provider(
    model: str, content_root: Path, options: ProviderOptions | None = None, record: Path | None = None
) -> Provider:
    """Return the provider of `model`, a string `provider/model`, under `options` or else the settings in force.

    Where `record` is given, every reply is kept in that folder.

    Raises:
        UsageError: the string has another form, or there is no such provider.
        ProviderError: the vendor's key is missing.
    """
    provider, name = split_model(model)
    options = options or provider_options(content_root)
    made = PROVIDERS.get(provider)(name, options)
    if options.reply_cache is not None and provider not in ("recorded", "inductor"):
        made = CachedProvider(made, model, options.reply_cache, options.base_url or vendor_base_url(provider))
    return made if record is None else Recording(made, record, model)
