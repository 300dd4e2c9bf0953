"""The money bar: the budget and what is awarded of it, and each reserve beside what was held back for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from portfolio.call.money import exponent
from portfolio.report.charts.chart import Chart
from portfolio.report.charts.tables import decimal, records_of
from portfolio.report.charts.theme import BLUE, INK, PALE, VERMILLION, legend_above, letters, said
from portfolio.report.charts.units import Unit, unit_for

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_NEEDED = ("trait", "required", "delivered", "eligible")
_MONEY = _NEEDED[1:]
_NOT_ENOUGH: dict[str, Any] = {"facecolor": "white", "edgecolor": VERMILLION, "hatch": "////"}
# Pixels per bar with its line of words, and around all of them.
_ROW, _AROUND = 46, 86


def plot_money(reserves: Any, *, budget: Any, spent: Any, currency: str, rounds: bool = False) -> Chart:
    """Draw the money: the budget and the awards, and for each reserve what is required, delivered and asked for.

    Parameters
    ----------
    reserves
        `Portfolio.reserves`, the list of ``reserves`` in ``portfolio.json``, or a table with their columns: trait,
        required, delivered and eligible, in units of the currency. Empty if there are no reserves. Where eligible is
        None, what was asked for is not drawn.
    budget, spent
        In units of the currency; over all years.
    currency
        ISO 4217 code.
    rounds
        Whether the reserves are over and above: each is then the money of a round of its own, not a least amount, and
        what is left of it is not missing.

    Returns
    -------
    Chart
        Whether a reserve is met is decided on the exact amounts, and what is missing is written exactly.

    Raises
    ------
    DataError
        If `reserves` are no such values.
    """
    whole = {"trait": "", "required": decimal(budget), "delivered": decimal(spent), "eligible": Decimal(0)}
    held = [
        {"trait": row["trait"]} | {name: None if row[name] is None else decimal(row[name]) for name in _MONEY}
        for row in records_of(reserves, "reserves", _NEEDED)
    ]
    currency = said(currency, 12)
    unit = unit_for(
        [row[name] for row in [whole, *held] for name in _MONEY if row[name] is not None], currency
    )
    missing = [] if rounds else [row for row in held if row["delivered"] < row["required"]]

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        for place, row in enumerate([whole, *held]):
            _bar(axes, place, row, unit, letters(figure, 1.0, 90), enough=row not in missing)
        axes.set_ylim(len(held) + 0.55, -0.75)
        axes.set_xlim(left=0)
        axes.set(yticks=[], xlabel=unit.words)
        axes.spines["left"].set_visible(False)
        axes.grid(visible=False, axis="y")
        legend_above(axes, list(_handles(held, missing)))

    return Chart(
        "The budget and the reserves" if held else "The budget",
        _caption(whole, held, missing, currency, rounds=rounds),
        lambda width: _AROUND + _ROW * (len(held) + 1),
        draw,
    )


def _bar(axes: Axes, place: int, row: Mapping[str, Any], unit: Unit, room: int, *, enough: bool) -> None:
    required, delivered = unit.of(row["required"]), unit.of(row["delivered"])
    whole = not row["trait"]
    if row["eligible"]:
        axes.barh(place, unit.of(row["eligible"]), 0.34, color=PALE)
    filled: dict[str, Any] = {"color": BLUE} if enough else _NOT_ENOUGH
    axes.barh(place, delivered, 0.34, linewidth=1, **filled)
    axes.plot([required, required], [place - 0.27, place + 0.27], color=INK, linewidth=2.4, clip_on=False)
    # Almost all of the budget must not read as all of it.
    places = unit.places(row["delivered"], row["required"])
    of = "awarded of" if whole else "delivered of"
    words = f": {unit.figure(row['delivered'], places)} {of} {unit.figure(row['required'], places)}"
    name = said(row["trait"], max(8, min(40, room - len(words)))) if row["trait"] else "Available"
    if not whole and row["eligible"] is not None:
        asked = f", asked for {unit.figure(row['eligible'])}"
        # Where the page is too narrow for all of it, the pale bar says what was asked for.
        words += asked if len(name + words + asked) <= room else ""
    axes.text(0, place - 0.33, f"{name}{words}", va="bottom", ha="left", color=INK)


def _handles(held: Sequence[Any], missing: Sequence[Any]) -> Iterator[Any]:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    yield Patch(color=BLUE, label="awarded")
    if missing:
        yield Patch(label="awarded, not enough", **_NOT_ENOUGH)
    line: dict[str, Any] = {
        "color": INK,
        "marker": "|",
        "linestyle": "",
        "markersize": 11,
        "markeredgewidth": 2.4,
    }
    yield Line2D([], [], label="available or held back" if held else "available", **line)
    if any(row["eligible"] is not None for row in held):
        yield Patch(color=PALE, label="asked for")


def _caption(
    whole: Mapping[str, Any], held: Sequence[Any], missing: Sequence[Any], currency: str, *, rounds: bool
) -> str:
    spent, budget = whole["delivered"], whole["required"]
    form = f",.{exponent(currency)}f"
    words = [f"{currency} {spent:{form}} of {budget:{form}} are awarded, {budget - spent:{form}} are left."]
    if spent > budget:
        over = f"{spent - budget:{form}} more than the {budget:{form}} that are available"
        words = [f"{currency} {spent:{form}} are awarded, {over}."]
    if held and rounds:
        words.append("Each reserve is spent in a round of its own, on those whom the rounds before it left.")
    elif held and not missing:
        words.append("Every reserve is met.")
    for row in missing:
        words.append(f"{said(row['trait'], 40)}: {row['required'] - row['delivered']:{form}} are missing.")
    if len(held) > 1 and not rounds:
        words.append("Reserves need not add up to the budget.")
    return " ".join(words)
