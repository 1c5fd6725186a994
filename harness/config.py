"""Every option, in one schema: flags override `HARNESS_*` variables override a file override the defaults.

The file is `harness.toml` in the working directory, or else `kernel-harness/config.toml` in `$XDG_CONFIG_HOME`
(`~/.config`). This is the only module that reads the environment.
"""

import os
import tomllib
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, ClassVar, Literal

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, InitSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict

from harness.errors import UsageError, suggestion
from harness.models import EvalOptions
from harness.suite.content import checkout

PREFIX = "HARNESS_"
"""What the name of an environment variable starts with; the rest is the setting's name in capitals."""

PROVIDER_KEYS = {"openai": "OPENAI_API_KEY", "anthropic": "ANTHROPIC_API_KEY"}
"""Provider -> the variable that holds its key. Another provider's is its name in capitals and `_API_KEY`."""

BASE_URLS = {"openai": "OPENAI_BASE_URL", "anthropic": "ANTHROPIC_BASE_URL", "compatible": "OPENAI_BASE_URL"}
"""Provider -> the variable that names its server, where `base_url` does not."""

COMMAND_ENVIRONMENT = ("PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LANGUAGE", "TZ", "TERM", "SSL_CERT_FILE")
"""Variables that a command which answers prompts gets; besides them `LC_*`, `XDG_*` and those that were asked for."""

Source = Literal["flag", "environment", "file", "default"]
"""Where a setting's value came from."""


def _home(variable: str, fallback: str) -> Path:
    """Return an XDG base folder; the standard says to ignore a relative one."""
    value = os.environ.get(variable, "")
    return Path(value) if value.startswith("/") else Path.home() / fallback


def _cache_dir() -> Path:
    return _home("XDG_CACHE_HOME", ".cache") / "kernel-harness"


def _runs_dir() -> Path:
    return (checkout() or Path.cwd()) / "results" / "runs"


def _baselines_dir() -> Path:
    return (checkout() or Path.cwd()) / "results" / "baselines"


def _recordings_dir() -> Path:
    return (checkout() or Path.cwd()) / "agents" / "recorded"


class Settings(BaseSettings, EvalOptions):
    """The settings of one command. Every option of judging (`EvalOptions`) is one of them, under the same name."""

    model_config: ClassVar[SettingsConfigDict] = SettingsConfigDict(
        env_prefix=PREFIX, frozen=True, extra="forbid", use_attribute_docstrings=True, env_ignore_empty=True
    )

    cache_dir: Path = Field(default_factory=_cache_dir)
    """Folder of compiled kernels and precompiled headers; safe to delete."""
    runs_dir: Path = Field(default_factory=_runs_dir)
    """Folder that holds the run folders."""
    baselines_dir: Path = Field(default_factory=_baselines_dir)
    """Folder of measured baselines, one folder per machine."""
    language: str = "cpp"
    """Kernel language to ask for."""
    agent: str = "refine"
    """Strategy: the stem of a TOML file in `agents/`."""
    model: str = "recorded/quickstart"
    """`provider/model`."""
    samples: int = Field(default=1, ge=1)
    """Independent searches per problem."""
    seed: int = 0
    """Seed of the search's random choices; the judge's own seeds are secret and have nothing to do with it."""
    max_cost_usd: float | None = Field(default=None, ge=0)
    """Most that a run's models may cost; a call that might lead past it is not made."""
    max_workers: int = Field(default=2, ge=1)
    """Tasks in flight at once. Timing is never shared: only one candidate is judged at a time on one device."""
    base_url: str | None = None
    """Server that answers instead of the vendor's own, such as `http://localhost:8000/v1`; `compatible/` needs one."""
    max_requests: int = Field(default=8, ge=1, le=1000)
    """Questions to the model in flight at once."""
    reply_deadline_s: float = Field(default=1800.0, gt=0)
    """Wall time of one question to the model, its further tries and the waits between them included."""
    cache_replies: bool = False
    """Whether replies are kept in `cache_dir`, so that the same question is answered again without a bill."""
    prices: Path | None = None
    """TOML file of prices that come before those of `agents/prices.toml`."""
    command_env: str = ""
    """Variables, joined by commas, that the executable of `command/` is given besides PATH, HOME and the language."""
    recordings_dir: Path = Field(default_factory=_recordings_dir)
    """Folder that holds recordings: `recorded/NAME` is its folder NAME."""

    @field_validator("cache_dir", "runs_dir", "baselines_dir", "recordings_dir", "prices")
    @classmethod
    def _expand(cls, value: Path | None) -> Path | None:
        return None if value is None else Path.cwd() / value.expanduser()

    @field_validator("base_url")
    @classmethod
    def _is_address(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith(("http://", "https://")):
            raise ValueError("it has to begin with http:// or https://, such as http://localhost:8000/v1")
        return value

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Order the sources: flags, environment, file."""
        del dotenv_settings, file_secret_settings
        return init_settings, env_settings, InitSettingsSource(settings_cls, _read_file(config_file()))

    @classmethod
    def load(cls, **flags: Any) -> "Settings":
        """Return the settings in force, where a flag that is None was not given.

        Raises:
            UsageError: a value is not allowed, or a name is unknown; the message says what, where it came from and
                what is allowed.
        """
        given = {name: value for name, value in flags.items() if value is not None}
        _refuse_misspelt_variables(cls.model_fields)
        try:
            return cls(**given)
        except ValidationError as error:
            raise UsageError(_explain(cls, error, given)) from None

    def eval_options(self) -> EvalOptions:
        """Return the part that the judge takes."""
        return EvalOptions(**{name: getattr(self, name) for name in EvalOptions.model_fields})

    def sources(self, **flags: Any) -> dict[str, Source]:
        """Return for each setting where its value came from, given the flags that `load` was called with."""
        given = {name for name, value in flags.items() if value is not None}
        in_file = _read_file(config_file())
        return {name: _source(name, given, in_file) for name in type(self).model_fields}


def config_file() -> Path | None:
    """Return the file of settings that is read, or None where there is none."""
    places = (Path("harness.toml"), _home("XDG_CONFIG_HOME", ".config") / "kernel-harness" / "config.toml")
    return next((path for path in places if path.is_file()), None)


def present_keys() -> dict[str, bool]:
    """Return for each provider whether its key is set. Never the key."""
    return {provider: bool(os.environ.get(variable)) for provider, variable in PROVIDER_KEYS.items()}


def api_key(provider: str) -> SecretStr | None:
    """Return a provider's key, wrapped so that it cannot be printed by accident, or None where it is not set."""
    value = os.environ.get(PROVIDER_KEYS.get(provider, f"{provider.upper()}_API_KEY"))
    return SecretStr(value) if value else None


def vendor_base_url(provider: str) -> str | None:
    """Return the server that the vendor's own variable names, or None."""
    return os.environ.get(BASE_URLS.get(provider, "")) or None


def command_environment(asked: str) -> dict[str, str]:
    """Return the environment of an executable that answers prompts: no key is in it unless `asked` names it.

    Raises:
        UsageError: a variable that `asked` (names, joined by commas) names is not set.
    """
    names = [name.strip() for name in asked.split(",") if name.strip()]
    for name in names:
        if name not in os.environ:
            raise UsageError(f"command_env asks for {name}, which is not set")
    return {
        name: value
        for name, value in os.environ.items()
        if name in names or name in COMMAND_ENVIRONMENT or name.startswith(("LC_", "XDG_"))
    }


def _read_file(path: Path | None) -> dict[str, Any]:
    if path is None:
        return {}
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"{path}: {error}") from None


def _refuse_misspelt_variables(known: Mapping[str, object]) -> None:
    """Refuse `HARNESS_THREAD` and the like, but not the unrelated `HARNESS_*` variables that a CI system may set."""
    names = [PREFIX + name.upper() for name in known]
    for variable in sorted(os.environ):
        if variable.startswith(PREFIX) and variable not in names:
            close = get_close_matches(variable, names, n=1, cutoff=0.9)
            if close:
                raise UsageError(f"unknown setting {variable} in the environment - did you mean '{close[0]}'?")


def _source(name: str, flags: "set[str] | Mapping[str, object]", in_file: Mapping[str, object]) -> Source:
    if name in flags:
        return "flag"
    if any(value and variable.upper() == PREFIX + name.upper() for variable, value in os.environ.items()):
        return "environment"
    return "file" if name in in_file else "default"


def _explain(settings: type[Settings], error: ValidationError, flags: Mapping[str, object]) -> str:
    """Turn pydantic's first complaint into one line: what, where it came from, what is allowed."""
    first = error.errors()[0]
    name = str(first["loc"][0]) if first["loc"] else ""
    path = config_file()
    source = _source(name, flags, _read_file(path))
    place = {
        "flag": f"--{name.replace('_', '-')}",
        "environment": f"{PREFIX}{name.upper()} in the environment",
        "file": f"'{name}' in {path}",
        "default": f"'{name}'",
    }[source]
    if first["type"] == "extra_forbidden":
        return f"unknown setting {place}{suggestion(name, settings.model_fields)} (harness config)"
    reason = first["msg"].removeprefix("Value error, ")
    return f"bad value {first['input']!r} for {place}: {reason[0].lower()}{reason[1:]}"
