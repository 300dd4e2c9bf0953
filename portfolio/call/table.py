"""The call: proposals and reviews in columns, every value checked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import polars as pl

from portfolio.call.amounts import Mark
from portfolio.call.columns import columns_of, year_columns
from portfolio.call.frames import from_any, of_proposals, proposal_of
from portfolio.call.issues import SET_ASIDE
from portfolio.call.money import exponent, format_money, in_units, total
from portfolio.call.proposal import Proposal, Review
from portfolio.call.rules import ReadingRules
from portfolio.call.sheet import Source
from portfolio.errors import PortfolioError, nearest
from portfolio.shown import with_table

# What a reader wants to see first of a call that may have dozens of columns.
_FIRST = ("id", "title", "amount", "investigator", "institution", "field", "merit")
REVIEWS = pl.Schema({name: column.dtype for name, column in columns_of(Review).items()})


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Call:
    """An immutable table of proposals, ids unique, every value checked.

    Calls are made by `read_call`, `Call.from_frame` and `Call.from_proposals`, not by hand.

    Parameters
    ----------
    frame
        One row per proposal. Money is Int64 in minor units of the currency, lists are lists of text; columns that
        are not ours follow their headings.
    reviews
        proposal, reviewer, criterion, score, confidence, panel; None without reviews.
    currency
        ISO 4217 code.
    rows
        Row of each proposal in its file, as a spreadsheet shows it.
    set_aside
        file, row, id, column, reason: one line per reason why a row is not in the call.
    sources
        The files that were read.
    decimal_mark
        Of numbers in the texts of the proposals; None if neither the policy nor the file tells it.
    notes
        What somebody should look at who knows the files: an encoding that was guessed.
    """

    frame: pl.DataFrame
    reviews: pl.DataFrame | None = None
    currency: str = "EUR"
    rows: pl.Series = field(default_factory=lambda: pl.Series("row", [], dtype=pl.Int64))
    set_aside: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=SET_ASIDE))
    sources: tuple[Source, ...] = ()
    decimal_mark: Mark | None = None
    notes: tuple[str, ...] = ()

    @classmethod
    def from_frame(cls, frame: Any, *, reviews: Any | None = None, rules: Any | None = None) -> Call:
        """Make a call of any data frame that narwhals knows: pandas, polars, pyarrow.

        Parameters
        ----------
        frame, reviews
            Columns as in a file; money in units of the currency.
        rules
            As for `read_call`.

        Raises
        ------
        DataError, PolicyError
            As for `read_call`.
        """
        from portfolio.call.reader import assemble
        from portfolio.call.rules import reading_rules

        sheets = from_any(frame, "proposals"), None if reviews is None else from_any(reviews, "reviews")
        return assemble(*sheets, reading_rules(rules))

    @classmethod
    def from_proposals(
        cls, proposals: Iterable[Proposal], reviews: Iterable[Review] = (), *, currency: str = "EUR"
    ) -> Call:
        """Make a call of typed proposals and reviews."""
        graded = [review.model_dump() for review in reviews]
        table = pl.DataFrame(graded, schema=REVIEWS) if graded else None
        return cls.from_frame(of_proposals(proposals), reviews=table, rules=ReadingRules(currency=currency))

    @property
    def ids(self) -> pl.Series:
        """The ids of the proposals."""
        return self.frame["id"]

    @property
    def years(self) -> int:
        """How many yearly amounts the call has."""
        return len(year_columns(self.frame.columns))

    @property
    def requested(self) -> int:
        """All the money asked for, in minor units."""
        return total(self.frame["amount"].to_numpy())

    def sorted(self) -> Call:
        """Return the call in the order of its ids, by code point."""
        if self.frame["id"].is_sorted():
            return self
        order = self.frame["id"].arg_sort()
        return replace(self, frame=self.frame[order], rows=self.rows.gather(order))

    def table(self) -> pl.DataFrame:
        """Return the columns for conditions: money as numbers in units of the currency."""
        return self.frame.with_columns(in_units(self.frame[name], self.currency) for name in self.money)

    def to_polars(self) -> pl.DataFrame:
        """Return the proposals with money as exact decimals in units of the currency."""
        places = exponent(self.currency)
        major = (pl.col(name).cast(pl.Decimal(38, 9)) / 10**places for name in self.money)
        return self.frame.with_columns(expr.cast(pl.Decimal(38, places)) for expr in major)

    def to_pandas(self) -> Any:
        """Return the proposals as a pandas frame, money as numbers in units of the currency.

        Raises
        ------
        PortfolioError
            If pandas is not installed.
        """
        try:
            import pandas as pd
        except ImportError:
            raise PortfolioError("pandas is not installed: pip install 'grant-portfolio[pandas]'") from None
        return pd.DataFrame({name: _cells(column) for name, column in self.table().to_dict().items()})

    def write(self, path: str | Path) -> tuple[Path, ...]:
        """Write the call to a .csv, .xlsx, .parquet or .json file, and the reviews beside it.

        Returns
        -------
        tuple of Path
            The proposals, and ``NAME.reviews.EXT`` if there are reviews: ``read_call(*call.write(path))`` gives an
            equal call, read with the same currency; days of the funder's own are texts in .csv and .json.
        """
        from portfolio.call.writer import write_call

        return write_call(self, Path(path))

    @property
    def money(self) -> list[str]:
        """The names of the columns that hold money."""
        from portfolio.call.columns import proposal_column

        found = ((name, proposal_column(name)) for name in self.frame.columns)
        return [name for name, column in found if column is not None and column.kind == "money"]

    def __len__(self) -> int:
        return self.frame.height

    def __iter__(self) -> Iterator[Proposal]:
        return (proposal_of(row, self.currency) for row in self.frame.iter_rows(named=True))

    def __getitem__(self, id: str) -> Proposal:
        if id not in self:
            raise KeyError(f"no proposal {id!r} in the call; {nearest(id, self.ids)}")
        found = self.frame.filter(pl.col("id") == id)
        return proposal_of(found.row(0, named=True), self.currency)

    def __contains__(self, id: object) -> bool:
        return isinstance(id, str) and bool((self.ids == id).any())

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Call):
            return NotImplemented
        graded = (self.reviews, other.reviews)
        same = graded[0] is graded[1] or (
            graded[0] is not None and graded[1] is not None and graded[0].equals(graded[1])
        )
        return self.currency == other.currency and _same(self.frame, other.frame) and same

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        graded = "no reviews" if self.reviews is None else f"{self.reviews.height:,} reviews"
        aside = self.set_aside["row"].n_unique()
        asked = format_money(self.requested, self.currency)
        more = f", {aside:,} row{'' if aside == 1 else 's'} set aside" if aside else ""
        notes = "".join(f"\n  Note: {note}" for note in self.notes)
        return f"Call: {len(self):,} proposals asking for {asked}, {graded}{more}{notes}"

    def __rich__(self) -> str:
        return repr(self)

    def _repr_html_(self) -> str:
        first = [name for name in _FIRST if name in self.frame.columns]
        return with_table(self, self.to_polars().select(first))


def _same(one: pl.DataFrame, other: pl.DataFrame) -> bool:
    return one.schema == other.schema and one.equals(other)


def _cells(column: pl.Series) -> Any:
    """Return numpy values where nothing is missing, else a list: pandas needs no pyarrow for either."""
    plain = column.dtype.is_numeric() or column.dtype == pl.Boolean
    return column.to_numpy() if plain and not column.null_count() else column.to_list()
