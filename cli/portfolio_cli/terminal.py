"""What the terminal shows: messages to stderr, data to stdout, progress only where somebody looks."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NoReturn

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from portfolio.optimize.figures import at_most
from portfolio.shown import visible

if TYPE_CHECKING:
    from portfolio.call import Call

# A table that goes into a file or a pipe is not folded to the width of a terminal.
_WIDE = 160
# Relative gaps up to this are the solver's rounding: it calls them optimal.
_ROUNDING = 1e-9


class Screen(Console):
    """A console on which no id, title or path can move the cursor or turn the direction of writing."""

    def print(self, *objects: Any, **options: Any) -> None:
        """Print; texts come out as they are, control characters as they would be written in Python."""
        super().print(*(inert(one) if isinstance(one, str) else one for one in objects), **options)

    def on_broken_pipe(self) -> NoReturn:
        """Leave it to the command how it ends when nobody reads on."""
        raise BrokenPipeError


def inert(text: str) -> str:
    """Return a text of one or several lines that a terminal only shows."""
    return visible(text, keep="\n")


def out() -> Screen:
    """Return the console for data."""
    return Screen(highlight=False, width=None if sys.stdout.isatty() else _WIDE, soft_wrap=False)


def say(message: str, *, quiet: bool = False) -> None:
    """Write a message to stderr, as it is: titles and ids are never markup."""
    if not quiet:
        Screen(stderr=True, highlight=False, soft_wrap=True).print(Text(inert(message)))


def noted(call: Call) -> Call:
    """Say what should be looked at in the files of a call, and return it."""
    for note in call.notes:
        say(f"Note: {note}")
    return call


def complain(message: str) -> None:
    """Write an error to stderr."""
    Screen(stderr=True, highlight=False, soft_wrap=True).print(
        Text("Error: ", style="bold red"), Text(inert(message)), sep=""
    )


class Steps:
    """Steps of a longer piece of work, shown on a terminal while they run."""

    def __init__(self, progress: Progress | None) -> None:
        self._progress = progress
        self._task = progress.add_task("", total=None) if progress else None

    def __call__(self, name: str) -> None:
        """Show what is being done now."""
        if self._progress is not None and self._task is not None:
            self._progress.update(self._task, description=visible(name))


@contextmanager
def steps(*, quiet: bool) -> Iterator[Steps]:
    """Show the steps of a piece of work on stderr if it is a terminal; they vanish when the work is done."""
    console = Screen(stderr=True)
    if quiet or not console.is_terminal:
        yield Steps(None)
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        yield Steps(progress)


def table(title: str, *columns: str, numbers: tuple[str, ...] = ()) -> Table:
    """Make a table; the columns named in `numbers` are set flush right."""
    made = Table(title=Text(visible(title)), title_justify="left", header_style="bold")
    for column in columns:
        made.add_column(
            Text(visible(column)), justify="right" if column in numbers else "left", overflow="fold"
        )
    return made


def add_row(to: Table, *cells: str) -> None:
    """Add a row whose cells are shown as they are, never as markup."""
    to.add_row(*(Text(visible(cell)) for cell in cells))


def gap_cell(gap: float | None) -> str:
    """Return a proven gap as a cell of a table; what is less than rounding, by which `optimal` is told, is 0%."""
    return "" if gap is None else f"{at_most(100 * (gap if gap > _ROUNDING else 0.0), 2)}%"


def grade(merit: float | None) -> str:
    """Return a merit as a cell of a table, empty where it is not known."""
    return "" if merit is None or math.isnan(merit) else f"{merit:.2f}"
