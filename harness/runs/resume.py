"""Going on with a run: the same request, on the same questions, or not at all."""

from dataclasses import dataclass

from harness.errors import StoreError, UsageError
from harness.runs.locking import changes, make_lock, moved
from harness.runs.preparation import Prepared, prepare
from harness.store import RunFolder, read_config, read_lock


@dataclass(frozen=True)
class Reopened:
    """A run that can go on."""

    prepared: Prepared
    """What to run."""
    warnings: tuple[str, ...]
    """What of the machine has changed since it began."""


def reopen(folder: RunFolder) -> Reopened:
    """Load the run in `folder`.

    Raises:
        StoreError: it is damaged, or a problem, the agent or the prompts are no longer those that it began with.
    """
    config = read_config(folder.config)
    lock = read_lock(folder.lock)
    try:
        prepared = prepare(config)
    except UsageError as error:
        raise StoreError(f"run {folder.id} cannot go on: {error}") from None
    now = make_lock(prepared)
    changed = changes(lock, now)
    if changed:
        shown = ", ".join(changed[:5]) + (f" and {len(changed) - 5} more" if len(changed) > 5 else "")
        raise StoreError(
            f"run {folder.id} cannot go on: changed since it began: {shown} - restore them, or start a new run"
        )
    return Reopened(prepared, tuple(moved(lock, now)))
