"""A chart as a value: how to draw it, and what it says in words."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING

from portfolio.call.files import atomic_write
from portfolio.errors import PortfolioError
from portfolio.report.charts.svg import tidied
from portfolio.report.charts.theme import INK, MUTED, said, themed

if TYPE_CHECKING:
    from matplotlib.figure import Figure

WIDTH, NARROWEST = 720, 300
_PIXELS_PER_INCH = 96
# Pixels that a letter takes on average, on the safe side.
_TITLE_LETTER, _CAPTION_LETTER = 10.0, 6.1
# Without these, a file holds the second in which it was made.
_NO_DATE = {"svg": {"Date": None}, "pdf": {"CreationDate": None}, "png": {}}


@dataclass(frozen=True, eq=False)
class Chart:
    """A picture that shows itself in a notebook, and is the same bytes each time it is drawn.

    Attributes
    ----------
    title
        What it is about.
    caption
        What has to be known to read it, in sentences; it stands below the picture, and is what a screen reader says.
    height
        In CSS pixels, of a chart of a given width.
    draw
        Draws into an empty matplotlib figure.
    """

    title: str
    caption: str
    height: Callable[[float], float]
    draw: Callable[[Figure], None]

    def figure(self, width: float = WIDTH) -> Figure:
        """Return a new matplotlib figure, to be changed as you like; `width` is in CSS pixels.

        Raises
        ------
        PortfolioError
            If matplotlib is not installed, or the chart would be too narrow to be read.
        """
        with themed():
            return self._figure(width)

    def svg(self, width: float = WIDTH) -> str:
        """Return the chart as an SVG element, for a page or a file of its own.

        It holds no script, no style sheet and no reference to anything outside, whatever the titles in it say, and
        letters stay letters. `width` is in CSS pixels: what is drawn for a narrow screen stays readable there.

        Raises
        ------
        PortfolioError
            As for `figure`.
        """
        written = io.StringIO()
        with themed():
            self._figure(width).savefig(written, format="svg", metadata=_NO_DATE["svg"])
        return tidied(written.getvalue(), width, said(self.title, 200), said(self.caption, 2000))

    def save(self, path: str | Path, width: float = WIDTH) -> Path:
        """Write the chart to a .svg, .png or .pdf file, whole or not at all.

        Raises
        ------
        PortfolioError
            As for `figure`, or if the file would be of another kind.
        OSError
            If the file cannot be written.
        """
        target = Path(path)
        kind = target.suffix.lower().removeprefix(".")
        if kind not in _NO_DATE:
            raise PortfolioError(f"{target.name}: charts are written as .svg, .png or .pdf")
        with atomic_write(target) as temporary:
            if kind == "svg":
                temporary.write_bytes(self.svg(width).encode())
            else:
                with themed():
                    self._figure(width).savefig(temporary, format=kind, metadata=_NO_DATE[kind])
        return target

    def _figure(self, width: float) -> Figure:
        if not width >= NARROWEST:
            raise PortfolioError(f"a chart is at least {NARROWEST} pixels wide, not {width:g}")
        from matplotlib.figure import Figure

        title = wrap(said(self.title, 200), int(width / _TITLE_LETTER))
        caption = wrap(said(self.caption, 2000), int(width / _CAPTION_LETTER))
        high = self.height(width) + 20 * len(title) + 14 * len(caption)
        figure = Figure(figsize=(width / _PIXELS_PER_INCH, high / _PIXELS_PER_INCH), layout="constrained")
        self.draw(figure)
        figure.suptitle("\n".join(title), x=0.008, ha="left", fontsize=11, fontweight="bold", color=INK)
        figure.supxlabel("\n".join(caption), x=0.008, ha="left", fontsize=8, color=MUTED)
        return figure

    def _repr_svg_(self) -> str:
        return self.svg()

    def __repr__(self) -> str:
        return f"<Chart: {said(self.title, 200)}. {said(self.caption, 2000)}>"
