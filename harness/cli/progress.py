"""What a run shows on stderr while it goes on: one line per running task with its stage."""

from types import TracebackType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import TaskID

    from harness.search import SearchState


class RunProgress:
    """A `harness.runs.Monitor` on a terminal. A context manager; into a file it prints a line per finished task."""

    def __init__(self, total: int) -> None:
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

        from harness.cli.output import console

        self._console = console()
        self._progress = Progress(
            TextColumn("{task.description}", table_column=None),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[stage]}"),
            console=self._console,
            transient=True,
            disable=not self._console.is_terminal,
        )
        self._all = self._progress.add_task("all tasks", total=total, stage="")
        self._lines: dict[str, TaskID] = {}

    def __enter__(self) -> "RunProgress":
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def started(self, task: str) -> None:
        """Add a line for `task`."""
        self._lines[task] = self._progress.add_task(task, total=None, stage="")

    def stage(self, task: str, text: str) -> None:
        """Show what `task` is doing."""
        if task in self._lines:
            self._progress.update(self._lines[task], stage=" ".join(text.split())[:100])

    def finished(self, task: str, state: "SearchState") -> None:
        """Replace the line of `task` by its result."""
        if task in self._lines:
            self._progress.remove_task(self._lines.pop(task))
        if state.finished is None:
            return
        self._progress.advance(self._all)
        best = state.best.verdict if state.best else None
        result = "no attempt" if best is None else best.status.value
        if best is not None and best.speedup is not None:
            result += f" {best.speedup.median:.2f} [{best.speedup.low:.2f}, {best.speedup.high:.2f}]"
        self._console.print(f"{task}  {result}", markup=False)

    def stopping(self) -> None:
        """Say what the first Ctrl-C does."""
        self._console.show_cursor()
        self._console.print("stopping after the evaluations in flight; Ctrl-C again ends at once")
