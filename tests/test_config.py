"""Flags override the environment, that a file, that the defaults; a bad value says where it is."""

import os
from pathlib import Path

import pytest

from harness.config import Settings, api_key, config_file, present_keys
from harness.errors import UsageError
from harness.models import EvalOptions, Tier
from harness.suite import checkout


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An empty working directory and home, and no variable of ours."""
    for variable in [name for name in os.environ if name.startswith(("HARNESS_", "XDG_"))]:
        monkeypatch.delenv(variable)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_defaults_of_judging_are_those_that_scores_are_reported_under():
    assert Settings.load().eval_options() == EvalOptions()


def test_each_source_overrides_the_next(clean: Path, monkeypatch: pytest.MonkeyPatch):
    seen = [Settings.load().threads]
    (clean / "harness.toml").write_text("threads = 2\nsamples = 5\n")
    seen.append(Settings.load().threads)
    monkeypatch.setenv("HARNESS_THREADS", "3")
    seen.append(Settings.load().threads)
    seen.append(Settings.load(threads=4).threads)
    assert seen == [1, 2, 3, 4]
    settings = Settings.load(threads=4)
    sources = settings.sources(threads=4)
    assert (settings.samples, sources["threads"], sources["samples"], sources["tier"]) == (5, "flag", "file", "default")
    assert settings.sources()["threads"] == "environment"


def test_a_flag_that_was_not_given_overrides_nothing(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HARNESS_TIER", "ci")
    assert Settings.load(tier=None).tier is Tier.CI


def test_an_empty_variable_is_one_that_is_not_set(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HARNESS_THREADS", "")
    assert Settings.load().threads == 1
    assert Settings.load().sources()["threads"] == "default"


def test_every_option_of_judging_is_a_setting(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HARNESS_CALL_TIMEOUT_S", "2.5")
    monkeypatch.setenv("HARNESS_COLD_CACHE", "false")
    options = Settings.load(memory_bytes=1 << 30).eval_options()
    assert (options.call_timeout_s, options.cold_cache, options.memory_bytes) == (2.5, False, 1 << 30)


def test_the_file_in_the_working_directory_comes_before_the_users(clean: Path, monkeypatch: pytest.MonkeyPatch):
    users = clean / "xdg" / "kernel-harness" / "config.toml"
    users.parent.mkdir(parents=True)
    users.write_text("threads = 7\n")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(clean / "xdg"))
    assert config_file() == users
    assert Settings.load().threads == 7
    (clean / "harness.toml").write_text("")
    assert Settings.load().threads == 1


def test_folders_follow_the_xdg_standard_and_become_absolute(clean: Path, monkeypatch: pytest.MonkeyPatch):
    assert Settings.load().cache_dir == clean / "home" / ".cache" / "kernel-harness"
    monkeypatch.setenv("XDG_CACHE_HOME", str(clean / "c"))
    assert Settings.load().cache_dir == clean / "c" / "kernel-harness"
    monkeypatch.setenv("XDG_CACHE_HOME", "relative/is/ignored")
    assert Settings.load().cache_dir == clean / "home" / ".cache" / "kernel-harness"
    assert Settings.load(cache_dir=Path("here")).cache_dir == clean / "here"
    assert Settings.load(runs_dir=Path("~/runs")).runs_dir == clean / "home" / "runs"


def test_runs_lie_in_the_checkout_or_the_working_directory(clean: Path, monkeypatch: pytest.MonkeyPatch):
    root = checkout()
    assert root is not None
    assert Settings.load().runs_dir == root / "results" / "runs"
    monkeypatch.setattr("harness.config.checkout", lambda: None)
    assert Settings.load().runs_dir == clean / "results" / "runs"


@pytest.mark.parametrize(
    ("file", "environment", "flags", "message"),
    [
        ("", {}, {"threads": 0}, "bad value 0 for --threads: input should be greater than or equal to 1"),
        ("", {}, {"build_timeout_s": -1}, "for --build-timeout-s: input should be greater than 0"),
        (
            "",
            {"HARNESS_TIER": "cp"},
            {},
            "bad value 'cp' for HARNESS_TIER in the environment: input should be 'gpu', 'cpu'",
        ),
        ("samples = 'x'", {}, {}, "bad value 'x' for 'samples' in harness.toml: input should be a valid integer"),
        ("treads = 1", {}, {}, "unknown setting 'treads' in harness.toml - did you mean 'threads'?"),
        ("threads = ", {}, {}, "harness.toml: Invalid value (at "),
        (
            "",
            {"HARNESS_THREAD": "1"},
            {},
            "unknown setting HARNESS_THREAD in the environment - did you mean 'HARNESS_THREADS'?",
        ),
    ],
)
def test_a_bad_value_says_what_where_and_what_is_allowed(
    clean: Path, monkeypatch: pytest.MonkeyPatch, file: str, environment: dict, flags: dict, message: str
):
    (clean / "harness.toml").write_text(file)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(UsageError) as caught:
        Settings.load(**flags)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_variables_that_are_not_ours_are_left_alone(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HARNESS_ACCOUNT_ID", "set by a CI system of the same name")
    assert Settings.load().threads == 1


def test_settings_cannot_be_changed_afterwards():
    with pytest.raises(ValueError, match="frozen"):
        Settings.load().threads = 2


def test_keys_are_reported_by_presence_and_never_printed(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)
    assert present_keys() == {"openai": True, "anthropic": False}
    key = api_key("openai")
    assert key is not None
    assert key.get_secret_value() == "sk-secret"
    assert "secret" not in f"{key!r} {key}"
    assert api_key("anthropic") is None
