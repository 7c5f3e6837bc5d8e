"""Progress bars: on stderr, and only where that is a terminal. What draws them is loaded there alone."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from rich.progress import TaskID


class Tick(Protocol):
    """Is told how much is done, and of how much where that is known."""

    def __call__(self, done: int, total: int | None = None) -> None: ...


@contextmanager
def progress(what: str) -> Iterator[Tick]:
    """A bar called `what`, as long as the block lasts."""
    if not sys.stderr.isatty():
        yield _keep_silent
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=None)

        def tick(done: int, total: int | None = None) -> None:
            bar.update(task, completed=done, total=total)

        yield tick


class Phases(Protocol):
    """Is told which phase is at work, how much of it is done, and of how much."""

    def __call__(self, phase: str, done: int, total: int) -> None: ...


@contextmanager
def phases() -> Iterator[Phases]:
    """A bar for each phase with its rate and the time it will still take, as long as the block lasts.

    It draws when it is told something, so that it needs no thread: a process with one thread can be forked.
    """
    if not sys.stderr.isatty():
        yield lambda phase, done, total: None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True, auto_refresh=False) as bar:
        tasks: dict[str, TaskID] = {}

        def tell(phase: str, done: int, total: int) -> None:
            if phase not in tasks:
                tasks[phase] = bar.add_task(phase, total=total, rate="")
            speed = bar.tasks[tasks[phase]].speed
            bar.update(tasks[phase], completed=done, total=total, rate=f"{speed:,.0f}/s" if speed else "", refresh=True)

        yield tell


def _keep_silent(done: int, total: int | None = None) -> None:
    """Where nobody watches."""
