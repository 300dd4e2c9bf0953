"""One proposal on the paradigm table, for a terminal."""

from __future__ import annotations

from rich.console import Console

from portfolio.scoring.explanation import Explanation, Piece, Placed
from portfolio_cli.terminal import add_row, table

_WIDTH = 21


def show(found: Explanation, console: Console) -> None:
    """Print the scores, the table with the evidence on each row, and the contradictions."""
    heading = f"{found.id}: {found.title}" if found.title else found.id
    console.print(visible(heading), markup=False, soft_wrap=True)
    _show_scores(found, console)
    _show_rows(found, console)
    labels = f"Paradigm: {found.paradigm or 'not known'}. Quadrant (Stokes): {found.quadrant or 'not known'}."
    console.print(labels, markup=False, soft_wrap=True)
    if not found.conflicts:
        console.print("No two rows contradict each other.", markup=False)
    for conflict in found.conflicts:
        console.print(f"A question for the panel: {conflict}.", markup=False, soft_wrap=True)


def _show_scores(found: Explanation, console: Console) -> None:
    shown = table("Scores", "score", "value", "90% interval", numbers=("value", "90% interval"))
    for name, placed in found.scores.items():
        add_row(shown, name, _number(placed.position), f"{placed.low:.2f} to {placed.high:.2f}")
    console.print(shown)


def _show_rows(found: Explanation, console: Console) -> None:
    heads = ("feature", "applied research (0)", "", "basic research (1)", "position", "evidence")
    shown = table("The paradigm table", *heads, numbers=("position",))
    for one in found.rows:
        position = f"{_number(one.placed.position)} ({one.placed.low:.2f} to {one.placed.high:.2f})"
        evidence = "\n".join(_said(piece) for piece in one.evidence)
        name = one.row.name.replace("_", " ")
        add_row(shown, name, one.row.applied, _ruler(one.placed), one.row.basic, position, evidence)
    console.print(shown)


def _said(piece: Piece) -> str:
    if piece.placed.position is None:
        return f"{piece.name}: not given"
    stated = f" = {visible(piece.stated)}" if piece.stated else ""
    return f"{piece.name}{stated}: {piece.placed.position:.2f}, weight {100 * piece.weight:.0f}%"


def _ruler(placed: Placed) -> str:
    """Draw the interval and the position on the way from pole to pole."""
    cells = ["─"] * _WIDTH
    last = _WIDTH - 1
    if placed.position is None:
        return "?" * _WIDTH
    for cell in range(round(placed.low * last), round(placed.high * last) + 1):
        cells[cell] = "━"
    cells[round(placed.position * last)] = "●"
    return "".join(cells)


def _number(value: float | None) -> str:
    return "not known" if value is None else f"{value:.2f}"


def visible(text: str) -> str:
    """Leave out what a terminal would obey instead of show."""
    return "".join(letter if letter.isprintable() else " " for letter in text)
