"""The cells of a sheet as they are written there, before anything is made of them."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from portfolio.call.headings import Find
from portfolio.call.parse import filled
from portfolio.call.sheet import Sheet
from portfolio.call.sql_words import spelled
from portfolio.call.typed import plain


def as_written(sheet: Sheet, place: int) -> pl.Series:
    """Return a column as texts, whole numbers as their digits; as days if the file has nothing else."""
    cells = plain(sheet.select([pl.col(str(place))]).to_series())
    if cells.dtype == pl.Date:
        return cells
    return spelled(cells).cast(pl.String).to_frame(str(place)).select(filled(str(place))).to_series()


def quoted(problems: pl.DataFrame, sheet: Sheet, places: Mapping[str, int], find: Find) -> pl.DataFrame:
    """Return the problems with unknown words as they stand in the file, and not as they were compared.

    Parameters
    ----------
    places
        Of the columns of the sheet, by our names.
    """
    for name in problems["column"].unique():
        column = find(name)
        if column is not None and column.choices and name in places:
            cells = as_written(sheet, places[name]).cast(pl.String).gather(problems["row"] - sheet.first_row)
            other = (problems["column"] != name) | cells.is_null()
            problems = problems.with_columns(value=problems["value"].zip_with(other, cells))
    return problems
