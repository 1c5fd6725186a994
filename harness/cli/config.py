"""`harness config`: the settings in force and where each comes from."""

from harness.cli.output import JsonFlag, emit_json, emit_rows


def config(as_json: JsonFlag = False) -> None:
    """Print the settings in force and where they come from.

    Flags of a command override HARNESS_* variables, which override harness.toml (or kernel-harness/config.toml in
    $XDG_CONFIG_HOME), which overrides the defaults.
    """
    from harness.config import PREFIX, Settings, config_file

    settings = Settings.load()
    values = settings.model_dump(mode="json")
    if as_json:
        emit_json(values)
        return
    sources = settings.sources()
    rows = []
    for name, value in values.items():
        place = {"environment": PREFIX + name.upper(), "file": str(config_file())}.get(sources[name], "default")
        rows.append((name, str(value), place))
    emit_rows(("setting", "value", "from"), rows)
