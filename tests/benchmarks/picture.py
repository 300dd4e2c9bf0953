"""Seconds against size, both logarithmic; the same figures give the same bytes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import matplotlib as mpl
from matplotlib.figure import Figure

# Okabe & Ito's colours, which people with any colour vision can tell apart.
_COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#D55E00", "#56B4E9")
_MARKERS = "osD^vP"


class Point(NamedTuple):
    """One method at one size, and whether it proved the gap in time."""

    method: str
    n: int
    seconds: float
    done: bool


def draw(path: Path, title: str, points: Sequence[Point], limit: float) -> None:
    """Draw one line per method as SVG; a method that was not done in time ends in a cross."""
    with mpl.rc_context({"svg.hashsalt": "portfolio", "svg.fonttype": "none", "font.family": "sans-serif"}):
        figure = Figure(figsize=(7, 4.2), layout="constrained")
        axes = figure.subplots()
        for index, method in enumerate(dict.fromkeys(point.method for point in points)):
            style = {"color": _COLOURS[index % 6]}
            mine = [point for point in points if point.method == method]
            axes.plot([p.n for p in mine], [p.seconds for p in mine], **style)
            for done, marker in ((True, _MARKERS[index % 6]), (False, "x")):
                some = [p for p in mine if p.done is done]
                axes.plot([p.n for p in some], [p.seconds for p in some], marker, ls="", **style)
            axes.plot([], [], _MARKERS[index % 6] + "-", label=method, **style)
        axes.axhline(limit, color="grey", ls=":", label=f"limit of {limit:g} s; a cross: not done in time")
        axes.set(xscale="log", yscale="log", xlabel="proposals", ylabel="seconds", title=title)
        axes.grid(which="major", color="0.9")
        axes.legend(fontsize="small", frameon=False)
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path, format="svg", metadata={"Date": None, "Creator": None})
