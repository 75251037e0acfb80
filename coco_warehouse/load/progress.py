"""How far a load is."""

from types import TracebackType

from rich import progress as rich_progress
from rich.console import Console


class Progress:
    """Hears how far a load is; this one keeps it to itself."""

    def begin(self, stage: str, total_bytes: int = 0) -> None:
        """Hear that a stage begins, of so many bytes where that is known."""

    def advance(self, byte_count: int) -> None:
        """Hear that so many bytes more are done."""


class ConsoleProgress(Progress):
    """Shows the stages of a load: a bar on a terminal, a line a stage elsewhere."""

    def __init__(self, console: Console) -> None:
        """Show on a console, as soon as the first stage begins."""
        self._console = console
        self._bar = rich_progress.Progress(
            rich_progress.TextColumn("{task.description}"),
            rich_progress.BarColumn(),
            rich_progress.DownloadColumn(),
            rich_progress.TimeElapsedColumn(),
            console=console,
            transient=True,
        )
        self._task = self._bar.add_task("", total=None, visible=False)

    def __enter__(self) -> "ConsoleProgress":
        """Start to show."""
        if self._console.is_terminal:
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Clear the bar away."""
        self._bar.stop()

    def begin(self, stage: str, total_bytes: int = 0) -> None:
        """Show that a stage begins."""
        if self._console.is_terminal:
            self._bar.reset(self._task, description=stage, total=total_bytes or None, visible=True)
        else:
            self._console.print(f"{stage} …", highlight=False)

    def advance(self, byte_count: int) -> None:
        """Show that so many bytes more are done."""
        self._bar.advance(self._task, byte_count)
