"""What the person at the terminal sees: steps with counts, notices, one banner."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape
from rich.panel import Panel
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

_WIDE = None if sys.stdout.isatty() else 120  # a log file has no edge

console = Console(highlight=False, soft_wrap=True, width=_WIDE)
_errors = Console(stderr=True, highlight=False, soft_wrap=True)


class Step:
    """One step of the set-up. Its words replace each other on a terminal; a log gets the lasting ones."""

    def __init__(self, title: str, progress: Progress | None, task: TaskID | None) -> None:
        self.title = title
        self._progress = progress
        self._task = task

    def count(self, done: int, total: int | None, note: str) -> None:
        """How far it is."""
        if self._progress is not None and self._task is not None:
            text = escape(f"{self.title}：{note}")
            self._progress.update(self._task, completed=done, total=total, description=text)

    def say(self, note: str) -> None:
        """A lasting word."""
        if self._progress is not None and self._task is not None:
            self._progress.update(self._task, description=escape(note))
        else:
            console.print(escape(f"  {note}"))


@contextmanager
def step(title: str) -> Iterator[Step]:
    """Show a step while it lasts, and one line when it is done."""
    began = time.monotonic()
    if console.is_terminal:
        columns = (TextColumn("  {task.description}"), BarColumn(bar_width=24), TimeElapsedColumn())
        with Progress(*columns, console=console, transient=True) as progress:
            yield Step(title, progress, progress.add_task(title, total=None))
    else:
        yield Step(title, None, None)
    console.print(f"[green]✓[/green] {escape(title)} [dim]{time.monotonic() - began:.1f} 秒[/dim]")


def say(text: str) -> None:
    console.print(escape(text))


def notice(text: str) -> None:
    """Something went wrong and is being mended."""
    console.print(f"[yellow]![/yellow] {time.strftime('%H:%M:%S')} {escape(text)}")


def trouble(text: str) -> None:
    _errors.print(f"[red]✗[/red] {escape(text)}")
    sys.stderr.flush()


def banner(title: str, rows: list[tuple[str, str, str]], footer: str) -> None:
    table = Table.grid(padding=(0, 2))
    for _ in range(3):
        table.add_column(overflow="fold")
    for row in rows:
        table.add_row(*(escape(cell) for cell in row))
    body = Table.grid()
    body.add_row(table)
    body.add_row("")
    body.add_row(escape(footer))
    console.print(Panel(body, title=escape(title), border_style="green", expand=False))
