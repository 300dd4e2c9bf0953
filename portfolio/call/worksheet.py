"""Walking through the cells of a worksheet, for what readers of Excel do not tell.

They give an empty cell for an error, for a formula that was never computed and for all but one of merged cells, a 1
for TRUE among numbers, and one of two cells of the same place. People see something else there, so each of these is
refused. What is struck through, raised or lowered they give like any text; those judge it who know the column. Among
texts they spell numbers with a point, whatever people see.
"""

from __future__ import annotations

import math
import re
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from portfolio.call.xlsxstyles import LARGE, Looks, Styles, local, looks
from portfolio.errors import Issue

_SHOWN = 5
_PLAIN: Looks = frozenset()
# Excel keeps 15 digits of a number: of those that it is given from here on, the last ones are lost.
_KEPT = 1e15
_LARGE = frozenset({LARGE})
_MOST_ROWS = 1 << 20
_CELL = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")


def _rows() -> defaultdict[int, array[int]]:
    return defaultdict(lambda: array("I"))


@dataclass(slots=True)
class Worksheet:
    """What is seen on the way through a sheet: where cells are, and which of them are not what they show.

    Attributes
    ----------
    styles, looks
        Of the workbook, and of its shared texts by their numbers.
    recomputed
        Whether the workbook asks to be computed when it is opened: libraries that write formulas without computing them
        do so, and put 0 where the value stands. Excel and LibreOffice save what they have computed, and do not ask.
    first
        The first column that holds something, from 1.
    numbers
        By column the rows that hold a number.
    shown
        By column, and by all that stands beside a number, the rows that show it, and those `STRUCK` or `RAISED`.
    """

    styles: Styles
    looks: Mapping[str, Looks]
    recomputed: bool = False
    row: int = 0
    place: int = 0
    rows: int = 0
    places: int = 0
    first: int = 0
    kind: str = ""
    style: str = ""
    inside: str = ""
    is_formula: bool = False
    is_known: bool = True
    is_inline: bool = False
    shared: Counter[str] = field(default_factory=Counter)
    merged: list[str] = field(default_factory=list)
    errors: list[tuple[int, int]] = field(default_factory=list)
    unknown: list[tuple[int, int]] = field(default_factory=list)
    truths: dict[int, list[int]] = field(default_factory=dict)
    numbers: defaultdict[int, array[int]] = field(default_factory=_rows)
    shown: defaultdict[int, dict[frozenset[str], array[int]]] = field(
        default_factory=lambda: defaultdict(dict)
    )

    @property
    def area(self) -> int:
        """The cells of the smallest rectangle from the corner of the sheet that holds every cell."""
        return self.rows * self.places

    def begin(self, tag: str, attributes: dict[str, str]) -> None:
        """Take note of an element that begins."""
        self.inside = tag = local(tag)
        if tag == "c":
            self._cell(attributes)
        elif tag == "f":
            # The text of a formula that gives none is "", and that is known.
            self.is_formula, self.is_known = True, self.kind == "str"
        elif tag in ("v", "is"):
            self.is_inline = tag == "is"
            self.first = min(self.first or self.place, self.place)
        elif tag == "row":
            self._settle()
            row = int(attributes.get("r", self.row + 1))
            if not self.row < row <= _MOST_ROWS:
                raise ValueError(f"row {row} is there twice or in the wrong place")
            self.row, self.place = row, 0
        elif tag == "mergeCell":
            self.merged.append(attributes.get("ref", ""))
        elif tag == "extLst":
            # What follows is how cells look under conditions.
            self.is_inline = False
        elif self.is_inline:
            self._look(looks(tag, attributes))

    def text(self, text: str) -> None:
        """Take note of the value of a cell, or of its text where that stands in the sheet itself."""
        if not text.strip():
            return
        if self.inside == "t" and self.is_inline:
            # Such a cell has no value, and looks like any other: through its pieces (see `begin`), or as a whole.
            self._look(self.styles.looks.get(self.style, _PLAIN))
        if self.inside != "v":
            return
        self.is_known = not (self.is_formula and self.recomputed and self.kind == "n" and _number(text) == 0)
        if self.kind == "s":
            self.shared[text] += 1
        elif self.kind == "n":
            self.numbers[self.place].append(self.row)
            if signs := self.styles.shown.get(self.style):
                self._show(signs)
            if abs(_number(text)) >= _KEPT:
                self._show(_LARGE)
        own = self.looks.get(text, _PLAIN) if self.kind == "s" else _PLAIN
        self._look(own | self.styles.looks.get(self.style, _PLAIN))

    def issues(self) -> Iterator[Issue]:
        """Tell what is not as it looks."""
        self._settle()
        yield from _by_column(
            self.errors, "holds an error, such as #REF! or #N/A", "mend it, or empty the cell"
        )
        never = "holds a formula that was never computed"
        yield from _by_column(self.unknown, never, "open the file in Excel or LibreOffice and save it again")
        for place in sorted(self.truths.keys() & self.numbers.keys()):
            cells = [(place, row) for row in self.truths[place]]
            yield from _by_column(cells, "holds TRUE or FALSE among numbers", "write the one or the other")
        if self.merged:
            what = f"has merged cells: {', '.join(self.merged[:_SHOWN])}"
            hint = "unmerge them and fill in every cell; delete the rows of a title above the table or a note below it"
            yield Issue(what, hint, count=len(self.merged))

    def _look(self, found: Looks) -> None:
        for one in found:
            self._show(frozenset({one}))

    def _show(self, signs: frozenset[str]) -> None:
        # One note a cell, however many words a format or pieces a text has.
        rows = self.shown[self.place].setdefault(signs, array("I"))
        if not rows or rows[-1] != self.row:
            rows.append(self.row)

    def _cell(self, attributes: dict[str, str]) -> None:
        self._settle()
        where = attributes.get("r")
        place, row = (self.place + 1, self.row) if where is None else _place(where)
        if place <= self.place or row != self.row:
            # Of two cells of one place readers keep one and leave the other out.
            raise ValueError(f"cell {where} is there twice or in the wrong place")
        self.place = place
        self.rows, self.places = max(self.rows, self.row), max(self.places, self.place)
        self.kind, self.style = attributes.get("t", "n"), attributes.get("s", "0")
        if self.kind == "e":
            self.errors.append((self.place, self.row))
        elif self.kind == "b":
            self.truths.setdefault(self.place, []).append(self.row)

    def _settle(self) -> None:
        if self.is_formula and not self.is_known:
            self.unknown.append((self.place, self.row))
        self.is_formula, self.is_known = False, True


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan


def _place(where: str) -> tuple[int, int]:
    """Return the numbers of the column and row of a cell such as ``AB12``, from 1."""
    found = _CELL.fullmatch(where)
    if found is None:
        raise ValueError(f"a cell is called {where[:20]!r}")
    number = 0
    for letter in found[1]:
        number = 26 * number + ord(letter) - 64
    return number, int(found[2])


def _letters(place: int) -> str:
    text = ""
    while place:
        place, digit = divmod(place - 1, 26)
        text = chr(65 + digit) + text
    return text


def _by_column(cells: Iterable[tuple[int, int]], what: str, hint: str) -> Iterator[Issue]:
    rows: dict[int, list[int]] = {}
    for place, row in dict.fromkeys(cells):
        rows.setdefault(place, []).append(row)
    for place, found in sorted(rows.items()):
        yield Issue(what, hint, column=_letters(place), rows=tuple(found[:_SHOWN]), count=len(found))
