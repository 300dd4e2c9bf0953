"""The decimal mark of a file: what settles it, and how the funder's own columns are read by it.

Money settles it, and numbers that are not plain. Numbers that the reader of a workbook or of JSON has spelled are no
evidence, since nobody wrote them so; they follow the mark that is found.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from portfolio.call.amounts import Mark, Texts, anatomy, decide_mark, evidence
from portfolio.call.columns import Column
from portfolio.call.money import exponent
from portfolio.call.parse import EITHER, could_be_numbers, inferred, stripped, undecided
from portfolio.call.sheet import Sheet
from portfolio.call.words import is_missing
from portfolio.errors import DataError, Issue

# Only if every fraction has so many digits, a column could be one of thousands.
_THOUSANDS = 3


@dataclass(frozen=True)
class Marks:
    """What may settle the decimal mark of a sheet.

    Parameters
    ----------
    known
        Place and column of the known columns that are texts.
    doubtful
        Places of those of which some cells are not plain.
    stated
        What the policy says: ``"."``, ``","`` or ``"auto"``.
    """

    sheet: Sheet
    known: Mapping[int, Column]
    doubtful: Sequence[int]
    stated: str
    currency: str

    @cached_property
    def settled(self) -> Mark | None:
        """The mark that the policy states, or that the money and the numbers in doubt agree on.

        Raises
        ------
        DataError
            If the cells contradict each other, or if every one could be read in two ways.
        """
        for mark in (".", ","):
            if self.stated == mark:
                return mark
        numbers = [place for place in self.of_kind("number") if place in self.doubtful]
        if not numbers and not set(self.of_kind("money")) & set(self.doubtful):
            return None
        # One cell that is not plain makes every amount of the file evidence.
        return self._decided(self.of_kind("money"), numbers)

    @cached_property
    def evident(self) -> Mark | None:
        """The settled mark; without one, that of the plain amounts and numbers."""
        return self.settled or self._decided(self.of_kind("money"), self.of_kind("number"))

    def of_column(self, place: int) -> Mark:
        """Return the mark of a column of the call: the point in one of numbers that has it, and no comma, by itself."""
        mark = self.settled or "."
        if mark == "." or self.known[place].kind != "number":
            return mark
        cells = anatomy(self.written(place))
        points, commas = evidence(cells, "."), cells.body.str.contains(",", literal=True)
        return "." if points.any() and not commas.any() else ","

    def told(self, quickly: pl.DataFrame) -> Mark | None:
        """Return the settled mark; without one, the point if amounts or numbers, read quickly, have decimals."""
        for place, column in self.known.items():
            if (
                self.settled is None
                and column.kind in ("money", "number")
                and place not in self.sheet.numbers
            ):
                unit = 10 ** exponent(self.currency) if column.kind == "money" else 1
                if (quickly[str(place)] % unit != 0).any():
                    return "."
        return self.settled

    def of_kind(self, kind: str) -> list[int]:
        """Return the places of the columns of a kind."""
        return [place for place, column in self.known.items() if column.kind == kind]

    def text(self, place: int, mark: Mark | None = None) -> pl.Series:
        """Return the text of a column, with a decimal mark in the numbers that were spelled by a reader."""
        text, spelled = self._stripped(place), self.sheet.numbers.get(place)
        if mark != "," or spelled is None:
            return text
        return text.zip_with(~spelled, text.str.replace(".", ",", literal=True))

    def written(self, place: int) -> pl.Series:
        """Return the text of a column; null where a reader has spelled a number."""
        text, spelled = self._stripped(place), self.sheet.numbers.get(place)
        return text if spelled is None else text.set(spelled, None)

    def matter_to(self, place: int, head: pl.Series, counts: pl.Series | None) -> bool:
        """Whether a column of the funder's own depends on the mark, or on more than its first cells.

        Parameters
        ----------
        head
            The first cells.
        counts
            Decimals of every cell, see `parse.decimals`; None if the first cells are text.
        """
        if place in self.sheet.numbers:
            return True
        if counts is None:
            return could_be_numbers(head)
        found = counts.drop_nulls().abs().unique().to_list()
        return bool(found) if self.settled == "," else self.settled is None and found == [_THOUSANDS]

    def inferred(self, place: int) -> pl.Series:
        """Return a column of the funder's own in the narrowest type; text if it takes a mark that nobody knows."""
        value = self._inferred(place, self.settled)
        if self.settled is None and value.dtype == pl.String:
            other = self._inferred(place, ".")
            return other if other.dtype != pl.String and self.evident == "." else value
        return value

    def _inferred(self, place: int, mark: Mark | None) -> pl.Series:
        value = None if undecided(self.written(place), mark) else inferred(self.text(place, mark), mark)
        return value if value is not None and value.dtype != pl.String else self._shown(place, mark)

    def _shown(self, place: int, mark: Mark | None) -> pl.Series:
        """Return a column that stays text; a number in it that would pass for thousands has the mark of the file."""
        text = self.text(place)
        return text.zip_with(~text.str.contains(EITHER).fill_null(False), self.text(place, mark))

    def _stripped(self, place: int) -> pl.Series:
        return self.sheet.select([stripped(str(place))]).to_series()

    def _decided(self, money: Sequence[int], numbers: Sequence[int]) -> Mark | None:
        places = exponent(self.currency)
        decided = decide_mark(self.sheet.name, self._texts(money), self._texts(numbers), places=places)
        if isinstance(decided, Issue):
            raise DataError([decided])
        return decided

    def _texts(self, places: Sequence[int]) -> list[Texts]:
        return [
            (self.known[place].name, text, self.sheet.rows(len(text)))
            for place in places
            for text in [self.written(place)]
        ]


def guess(head: pl.Series, mark: Mark | None) -> pl.DataType | None:
    """Return the type that the first cells of a column suggest; None if they are empty."""
    series = inferred(head, mark)
    unknown = series.dtype == pl.String and series.to_frame("c").select(is_missing(pl.col("c")).all()).item()
    return None if unknown else series.dtype
