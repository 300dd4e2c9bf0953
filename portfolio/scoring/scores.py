"""`Scores`: what is known of every proposal, how surely, and which piece of evidence moved it how far."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import polars as pl

from portfolio.call.sheet import Source
from portfolio.errors import DataError, Issue, each_nearest
from portfolio.scoring.estimate import BASE, Estimate, Floats, combine, shares
from portfolio.scoring.known import without_middles
from portfolio.shown import with_table

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """One part of a score: a piece of evidence, or a row of the table that is itself made of parts."""

    name: str
    weight: float
    estimate: Estimate
    row: str | None = None
    parts: tuple[Part, ...] = ()


def total(parts: Sequence[Part], length: int) -> Estimate:
    """Combine parts into the estimate of the whole."""
    return combine([part.estimate for part in parts], [part.weight for part in parts], length)


# What a reader wants to see first; the rest are intervals and their sources.
_FIRST = ("id", "merit", "risk", "horizon_years", "basicness", "quadrant", "early_career")


@dataclass(frozen=True, slots=True, eq=False)
class Scores:
    """Scores of a call, one row per proposal in the order of the call.

    Parameters
    ----------
    frame
        Columns id, merit (with _sd, _low, _high), merit_mean (the plain mean, where merits are calibrated),
        n_reviews, basicness, paradigm, risk, ambiguity, horizon, horizon_years (each with _low, _high), quadrant,
        conflicts, early_career, and interdisciplinarity if the call has `fields`. Merit is in the funder's own range,
        higher is better; horizon_years is in years; basicness, risk, ambiguity, horizon and interdisciplinarity are
        in [0, 1].
    parts
        Returns, for some rows, the evidence that each score is made of; read it with `contributions`. It is put
        together when somebody asks, since it is larger than the call.
    sources
        The files that were read besides the call: a text model.
    notes
        What a reader must know of the scores, in sentences; empty where nothing is out of the ordinary.
    silent
        Where there is no evidence of risk, ambiguity, horizon, horizon_years and basicness, so that the frame has the
        middle of everything there: columns of booleans.
    """

    frame: pl.DataFrame
    parts: Callable[[npt.NDArray[np.int64]], Mapping[str, tuple[Part, ...]]] = field(repr=False)
    sources: tuple[Source, ...] = ()
    notes: tuple[str, ...] = ()
    silent: pl.DataFrame = field(default_factory=pl.DataFrame, repr=False)

    def __len__(self) -> int:
        return self.frame.height

    def __repr__(self) -> str:
        frame = self.known
        known = ", ".join(
            f"{name} of {frame[name].count():,}" for name in ("merit", "risk", "horizon", "basicness")
        )
        notes = "".join(f"\n  {note}" for note in self.notes)
        return f"<Scores of {len(self):,} proposals: {known} known{notes}>"

    @property
    def known(self) -> pl.DataFrame:
        """The frame as policies see it: a score is null where there is no evidence of it."""
        return without_middles(self.frame, self.silent)

    def _repr_html_(self) -> str:
        return with_table(self, self.frame.select(_FIRST))

    def contributions(self, *ids: str) -> pl.DataFrame:
        """Return how each piece of evidence moved each score of some proposals (none named: of all).

        Columns id, score, row, evidence, position, weight and contribution, one row per piece that is
        present. A score is 0.5 plus the sum of its contributions, each of them ``weight * (position - 0.5)``;
        `weight` is the share of the piece in all the evidence that is present.

        Raises
        ------
        DataError
            If an id is not in the call.
        """
        names = self.frame.get_column("id")
        rows = np.arange(names.len()) if not ids else self.rows(*ids)
        chosen = names.gather(rows)
        tables = [
            table
            for score, parts in self.parts(rows).items()
            for table in _tables(chosen, score, parts, np.ones(rows.size), None)
        ]
        order = pl.Series(np.concatenate([np.arange(rows.size)] * len(tables)))
        whole = pl.concat(tables).with_columns(order.alias("order"))
        return whole.filter(pl.col("position").is_not_nan()).sort("order", maintain_order=True).drop("order")

    def to_pandas(self) -> pd.DataFrame:
        """Return the frame as a pandas DataFrame."""
        return self.frame.to_pandas()

    def rows(self, *ids: str) -> npt.NDArray[np.int64]:
        """Return where some proposals stand; raise DataError, with the nearest, for ids that are not there."""
        names = self.frame.get_column("id")
        place = {name: row for row, name in enumerate(names)} if len(ids) > 1 else {}
        rows = [place.get(name) if place else _row(names, name) for name in ids]
        unknown = [name for name, row in zip(ids, rows, strict=True) if row is None]
        if unknown:
            raise DataError(
                [
                    Issue("is not a proposal of this call", hint, value=str(name))
                    for name, hint in zip(unknown, each_nearest(unknown, names), strict=True)
                ]
            )
        return np.array(rows, dtype=np.int64)


def _row(names: pl.Series, name: object) -> int | None:
    # A text that is no id is not found; a number could not be looked for.
    return names.index_of(name) if isinstance(name, str) else None


def _tables(
    ids: pl.Series, score: str, parts: Sequence[Part], above: Floats, row: str | None
) -> list[pl.DataFrame]:
    """Return a table per leaf; `above` is the share of the branch that the parts hang on."""
    mine = shares([part.estimate for part in parts], [part.weight for part in parts])
    tables = []
    for part, share in zip(parts, mine, strict=True):
        place = part.row or row
        if part.parts:
            tables += _tables(ids, score, part.parts, above * share, place)
        else:
            tables.append(_leaf(ids, score, place, part, above * share))
    return tables


def _leaf(ids: pl.Series, score: str, row: str | None, part: Part, weight: Floats) -> pl.DataFrame:
    position = np.where(weight > 0, part.estimate.position, np.nan)
    return pl.DataFrame({"id": ids, "position": position, "weight": weight}).select(
        "id",
        pl.lit(score).alias("score"),
        pl.lit(row, pl.String).alias("row"),
        pl.lit(part.name).alias("evidence"),
        "position",
        "weight",
        (pl.col("weight") * (pl.col("position") - BASE)).alias("contribution"),
    )
