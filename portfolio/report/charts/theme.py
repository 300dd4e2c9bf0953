"""How charts look, in one place: type, colours with the shapes that go with them, and the door to matplotlib."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from threading import RLock
from typing import TYPE_CHECKING, Any

from portfolio.errors import ExtraError
from portfolio.shown import controls

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Colours of Okabe & Ito (2008, Color Universal Design), which people with any colour vision can tell apart; of these
# the ones with a contrast of 3:1 and more on white, as WCAG 2.2 (1.4.11) asks of graphics.
BLUE, VERMILLION, GREEN = "#0072B2", "#D55E00", "#007D5A"
# Text has 4.5:1 and more (WCAG 2.2, 1.4.3).
INK, MUTED, GRID, PALE = "#1A1A1A", "#595959", "#E3E3E3", "#D6E4EE"

# What widths of letters are measured with: it comes with matplotlib, so that a chart is the same on every machine.
MEASURED = "DejaVu Sans"
# What a browser writes them with. Letters of each are narrower, so nothing that fits runs over.
SHOWN = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"

_STYLE: dict[str, Any] = {
    "axes.axisbelow": True,
    "axes.edgecolor": MUTED,
    "axes.grid": True,
    "axes.labelcolor": INK,
    "axes.labelsize": 9,
    "axes.linewidth": 0.8,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.unicode_minus": True,
    "figure.dpi": 72,
    "font.family": [MEASURED],
    "font.size": 9,
    "grid.color": GRID,
    "grid.linewidth": 0.8,
    "legend.borderaxespad": 0,
    "legend.fontsize": 9,
    "legend.frameon": False,
    "legend.handletextpad": 0.4,
    "pdf.fonttype": 42,
    "savefig.dpi": 192,
    "svg.fonttype": "none",
    "svg.hashsalt": "portfolio",
    "text.color": INK,
    # Titles and ids are texts of others: a dollar sign in them is money, not mathematics.
    "text.parse_math": False,
    "xtick.color": MUTED,
    "xtick.labelcolor": INK,
    "xtick.labelsize": 9,
    "ytick.color": MUTED,
    "ytick.labelcolor": INK,
    "ytick.labelsize": 9,
}
# matplotlib keeps its settings in one place for all threads.
_ONE_AT_A_TIME = RLock()
# Points that a letter of 9 points takes on average, on the safe side.
_LETTER = 5.6


@dataclass(frozen=True)
class Mark:
    """How something is shown: in words, by colour, and by a shape for those who do not see the colour."""

    words: str
    colour: str
    shape: str


DECISIONS = {
    "funded": Mark("funded", BLUE, "o"),
    "not_funded": Mark("not funded", VERMILLION, "^"),
    "ineligible": Mark("ineligible", MUTED, "x"),
}


@contextmanager
def themed() -> Iterator[None]:
    """Draw in the theme, whatever style the user has chosen for charts of their own.

    Raises
    ------
    ExtraError
        If matplotlib is not installed.
    """
    try:
        import matplotlib as mpl
    except ImportError:
        raise ExtraError("A chart", "report") from None
    # What belongs to the session and not to the looks is left alone.
    kept = {"backend", "backend_fallback", "interactive"}
    settings: dict[Any, Any] = {
        key: value for key, value in mpl.rcParamsDefault.items() if key not in kept
    } | _STYLE
    with _ONE_AT_A_TIME, warnings.catch_warnings(), mpl.rc_context(settings):
        # Letters that the measuring font lacks are measured as boxes, and written by the browser all the same.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        yield


def said(words: object, most: int = 60) -> str:
    """Make a text of others fit for one line of a chart.

    Control characters, among them those that turn the direction of writing, have no place in XML or would let an id
    look like another one; they become spaces. What is longer than `most` characters ends in an ellipsis.
    """
    plain = "".join(" " if controls(letter) else letter for letter in str(words))
    line = " ".join(plain.split())
    return line if len(line) <= most else f"{line[: most - 1].rstrip()}…"


def letters(figure: Any, part: float = 0.33, most: int = 32) -> int:
    """Return how many letters of a name fit into a part of the width of a figure, at most so many."""
    return min(most, int(part * 72 * figure.get_figwidth() / _LETTER))


def share_ticks(axis: Any) -> None:
    """Write the ticks of an axis of shares as percentages."""
    axis.set_major_formatter(lambda share, _: f"{100 * share:g}%")


def legend_above(axes: Axes, handles: Sequence[Any]) -> None:
    """Put the legend above the axes, where it never hides a point, in as many columns as there is room for."""
    figure = axes.get_figure(root=True)
    if not handles or figure is None:
        return
    longest = max(len(handle.get_label()) for handle in handles)
    room = 72 * figure.get_figwidth() - 40
    columns = max(1, min(len(handles), int(room / (_LETTER * longest + 24))))
    axes.legend(handles=handles, loc="lower left", bbox_to_anchor=(0, 1.01), ncols=columns, columnspacing=1.2)


def mark_handle(mark: Mark) -> Any:
    """Return the entry of a mark in a legend."""
    from matplotlib.lines import Line2D

    return Line2D([], [], marker=mark.shape, linestyle="", color=mark.colour, markersize=7, label=mark.words)
