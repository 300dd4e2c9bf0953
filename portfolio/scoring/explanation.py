"""One proposal on the paradigm table: where it stands on each row, what put it there, and how surely."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import polars as pl

from portfolio.scoring.columns import Scorable
from portfolio.scoring.estimate import Estimate, rounded, shares
from portfolio.scoring.paradigm import PARADIGM, Row
from portfolio.scoring.scores import Part, Scores

SCORES = ("basicness", "risk", "ambiguity", "horizon", "horizon_years")


@dataclass(frozen=True, slots=True)
class Placed:
    """A value in its 90% interval; None and the whole scale where there is no evidence."""

    position: float | None
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece of evidence.

    Parameters
    ----------
    name, stated
        The column, and what stands in it (None: nothing, or a rating of the reviewers).
    placed
        Where it places the proposal on its row.
    weight
        Its share in the evidence of the row that is there; 0 where it is missing.
    """

    name: str
    stated: str | None
    placed: Placed
    weight: float


@dataclass(frozen=True, slots=True)
class PlacedRow:
    """One row of the table with the proposal on it; `weight` is the share of the row in basicness."""

    row: Row
    placed: Placed
    weight: float
    evidence: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """All that the scores of one proposal rest on.

    Parameters
    ----------
    id, title
        The proposal.
    scores
        Basicness, risk, ambiguity, horizon and horizon_years, each in its interval.
    paradigm, quadrant
        Its labels; None where nothing speaks to them.
    rows
        The rows of the paradigm table.
    conflicts
        Pairs of rows that contradict each other, in words: questions for the panel.
    """

    id: str
    title: str | None
    scores: dict[str, Placed]
    paradigm: str | None
    quadrant: str | None
    rows: tuple[PlacedRow, ...]
    conflicts: tuple[str, ...]

    def as_record(self) -> dict[str, Any]:
        """Return the explanation as plain dictionaries and lists, ready for JSON."""
        return asdict(self)


def explain_score(call: Scorable, scores: Scores, name: str) -> Explanation:
    """Return what the scores of one proposal rest on.

    Parameters
    ----------
    call, scores
        A call and its scores.
    name
        The id of the proposal.

    Raises
    ------
    DataError
        If the call has no such proposal; the nearest id is named.
    """
    rows = scores.rows(name)
    found = scores.known[rows].row(0, named=True)
    own = call.frame[rows]
    parts = scores.parts(rows)["basicness"]
    placed = {score: Placed(found[score], found[f"{score}_low"], found[f"{score}_high"]) for score in SCORES}
    return Explanation(
        name,
        _stated(own, "title"),
        placed,
        found["paradigm"],
        found["quadrant"],
        tuple(
            PlacedRow(PARADIGM[part.name], _placed(part.estimate), weight, _pieces(own, part.parts))
            for part, weight in zip(parts, _weights(parts), strict=True)
        ),
        tuple((found["conflicts"] or "").split("; ")) if found["conflicts"] else (),
    )


def _pieces(own: pl.DataFrame, parts: tuple[Part, ...]) -> tuple[Piece, ...]:
    return tuple(
        Piece(part.name, _stated(own, part.name), _placed(part.estimate), weight)
        for part, weight in zip(parts, _weights(parts), strict=True)
    )


def _weights(parts: tuple[Part, ...]) -> list[float]:
    return [float(share[0]) for share in shares([p.estimate for p in parts], [p.weight for p in parts])]


def _placed(estimate: Estimate) -> Placed:
    low, high = (float(rounded(end)[0]) for end in (estimate.low, estimate.high))
    return Placed(None if estimate.missing[0] else float(rounded(estimate.position)[0]), low, high)


def _stated(own: pl.DataFrame, column: str) -> str | None:
    """Return a cell as it would be written; lists joined by semicolons."""
    if column not in own.columns:
        return None
    cell = own[column][0]
    if cell is None:
        return None
    return "; ".join(map(str, cell)) or None if isinstance(cell, pl.Series) else str(cell)
