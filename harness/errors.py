"""One page of errors, each named after the boundary that was crossed.

A candidate that fails is not an error: it gets a `Verdict`. These are for everything else, and each message says what
was wrong, where, and what to do. Only `harness.cli` turns them into an exit code.
"""

from collections.abc import Iterable
from difflib import get_close_matches


class HarnessError(Exception):
    """Something that a person can mend. The message is one line; `exit_code` is the command's."""

    exit_code = 3


class UsageError(HarnessError):
    """The request is wrong: an unknown name, a missing file, an impossible option."""

    exit_code = 2


class ProblemError(UsageError):
    """A problem file cannot be used as one."""


class AgentError(UsageError):
    """A strategy file, a prompt template or a recorded reply cannot be used."""


class ProviderError(HarnessError):
    """A model could not be reached or refused to answer."""


class StoreError(HarnessError):
    """A run folder cannot be read or written."""


class SandboxError(HarnessError):
    """Confinement, or a process in it, could not be started."""


class ToolchainError(HarnessError):
    """The compiler is missing or does not work."""


class JudgeError(HarnessError):
    """The trusted side failed: the reference itself raised, or a worker of ours died."""


def suggestion(name: str, known: Iterable[str]) -> str:
    """Return ` - did you mean 'x'?` for the closest of `known`, or nothing."""
    close = get_close_matches(name, list(known), n=1, cutoff=0.5)
    return f" - did you mean '{close[0]}'?" if close else ""
