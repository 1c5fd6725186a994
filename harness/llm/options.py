"""What a provider is made with: the part of the settings that concerns models."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from harness.llm.retry import RetryPolicy

if TYPE_CHECKING:
    from harness.config import Settings


@dataclass(frozen=True)
class ProviderOptions:
    """How a model is reached. The defaults are those of the settings."""

    content_root: Path
    """Folder that holds `agents/`."""
    base_url: str | None = None
    """Server that answers instead of the vendor's own."""
    max_requests: int = 8
    """Questions in flight at once."""
    retry: RetryPolicy = field(default_factory=RetryPolicy)
    """How often and how patiently a question is tried."""
    prices: Path | None = None
    """File of prices that come before those of the content."""
    reply_cache: Path | None = None
    """Folder of replies that were bought before; null for none."""
    command_env: str = ""
    """Variables, joined by commas, that the executable of `command/` is given besides the harmless ones."""
    recordings: Path | None = None
    """Folder that holds recordings, besides `agents/recorded` of the content."""

    def recording(self, name: str) -> Path:
        """Return the folder of a recording of one's own."""
        return (self.recordings or self.content_root / "agents" / "recorded") / name

    @classmethod
    def of(cls, settings: "Settings", content_root: Path) -> "ProviderOptions":
        """Return what `settings` say."""
        return cls(
            content_root=content_root,
            base_url=settings.base_url,
            max_requests=settings.max_requests,
            retry=RetryPolicy(deadline_s=settings.reply_deadline_s),
            prices=settings.prices,
            reply_cache=settings.cache_dir / "replies" if settings.cache_replies else None,
            command_env=settings.command_env,
            recordings=settings.recordings_dir,
        )
