"""The executor of this machine: a judge, started when the run starts."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from harness.models import Candidate, EvalOptions, Problem, Verdict

if TYPE_CHECKING:
    from harness.judge import Judge


class LocalExecutor:
    """Judges on this machine. A context manager; leaving it ends the judge's processes."""

    def __init__(self, options: EvalOptions, cache_dir: Path, language: str = "cpp") -> None:
        self._options = options
        self._language = language
        self._cache_dir = cache_dir
        self._judge: Judge | None = None

    def __enter__(self) -> "LocalExecutor":
        from harness.judge import Judge

        self._judge = Judge(self._options, self._cache_dir, self._language)
        self._judge.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        if self._judge is not None:
            self._judge.__exit__(None, None, None)
            self._judge = None

    def evaluate(
        self, problem: Problem, candidate: Candidate, progress: Callable[[str], None] | None = None
    ) -> Verdict:
        """Return the judge's verdict on `candidate`."""
        if self._judge is None:
            raise RuntimeError("LocalExecutor is used outside its with block")
        return self._judge.evaluate(problem, candidate, progress)
