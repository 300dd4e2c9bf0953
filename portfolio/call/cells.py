"""From a sheet to typed columns: everything streams once; columns with unusual cells are read again, patiently."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import polars as pl

from portfolio.call import typed
from portfolio.call.amounts import Mark, patient_money
from portfolio.call.columns import Column
from portfolio.call.currencies import TEXTS, as_codes, as_fractions, as_shown, shown_otherwise
from portfolio.call.issues import lines_of
from portfolio.call.marks import Marks, guess
from portfolio.call.money import exponent
from portfolio.call.parse import (
    A_DAY,
    DAY_OF_A_CODE,
    complaint,
    decimals,
    hints,
    inferred,
    narrowed,
    padded,
    patient,
    quick,
    quick_foreign,
    spelled_twice,
    stripped,
)
from portfolio.call.plain import composed, plain_texts
from portfolio.call.sheet import Sheet
from portfolio.call.value import VISIBLE
from portfolio.call.words import is_missing
from portfolio.errors import DataError, Issue

_SAMPLE = 1000
# How programs write a time of day that a spreadsheet has made of a code.
_A_TIME = r"^[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?$"
_FILLED = "filled "
_SPELLED = "spelled "
_DECIMALS = "decimals "


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be read from a sheet.

    Parameters
    ----------
    known
        Place in the sheet of each known column, and the column.
    foreign
        Places of the columns of which only the sheet knows the type.
    texts
        Places of those that hold what people see.
    """

    known: Mapping[int, Column]
    foreign: Sequence[int]
    currency: str
    decimal_mark: str
    texts: frozenset[int] = frozenset()


@dataclass(slots=True)
class Cells:
    """Typed columns by place, and one line per cell that could not be read (see `issues.PROBLEMS`, without id).

    `mark` is the decimal mark that the policy or the known columns tell.
    """

    columns: dict[int, pl.Series] = field(default_factory=dict)
    problems: list[pl.DataFrame] = field(default_factory=list)
    mark: Mark | None = None


def read_cells(sheet: Sheet, request: Request) -> Cells:
    """Read the requested columns of a sheet.

    Raises
    ------
    DataError
        If the file's money cannot be given one decimal mark.
    """
    wanted = [*request.known, *request.foreign]
    if any(dtype != pl.String for dtype in sheet.schema.values()):
        sheet = _plain(sheet, wanted, request)
    texts = [place for place in wanted if sheet.schema[str(place)] == pl.String]
    others = [place for place in wanted if place not in texts]
    cells = Cells()
    for place in others:
        _read_typed(sheet.select([pl.col(str(place))]).to_series(), place, sheet, request, cells)
    if texts:
        _read_texts(sheet, request, texts, cells)
    for place in sheet.shown.keys() & request.known.keys():
        column, series = request.known[place], sheet.select([pl.col(str(place))]).to_series()
        shown = shown_otherwise(column, series, sheet.rows(len(series)), sheet.shown[place], request.currency)
        # A cell keeps the first problem: that it was withdrawn is more than how it is written.
        cells.problems = [*shown, *cells.problems]
        cells.columns[place] = as_shown(column, cells.columns[place], series, sheet.shown[place])
    for place in sheet.shown.keys() & set(request.foreign):
        series, every = sheet.select([pl.col(str(place))]).to_series(), place in request.texts
        value = as_fractions(cells.columns[place], sheet.shown[place])
        cells.columns[place] = as_codes(value, series, sheet.shown[place], every=every)
    for place, series in cells.columns.items():
        cells.columns[place] = (composed if _is_name(request.known.get(place)) else plain_texts)(series)
    return cells


def _is_name(column: Column | None) -> bool:
    return column is not None and column.pattern == VISIBLE


def _plain(sheet: Sheet, places: Sequence[int], request: Request) -> Sheet:
    frame = sheet.select(pl.col(str(place)) for place in places)
    issues = [
        Issue(
            what, "keep it as text, numbers or days", file=sheet.name, column=sheet.headings[int(series.name)]
        )
        for series in frame
        if (what := typed.objection(series)) is not None
    ]
    if issues:
        raise DataError(issues)
    frame = pl.DataFrame([_reduced(series, request) for series in frame])
    return replace(sheet, schema=frame.schema, batches=lambda _: iter([frame]), at_hand=True)


def _reduced(series: pl.Series, request: Request) -> pl.Series:
    column = request.known.get(int(series.name))
    kind = column.kind if column else ""
    made = typed.plain(series, exponent(request.currency)) if kind == "money" else typed.plain(series)
    # A time of day that becomes a text of ours stands in no file: it stays, and is refused as days are.
    spelled = isinstance(series.dtype, pl.Datetime) and made.dtype == pl.String
    return series if spelled and kind in TEXTS else made


def _read_typed(series: pl.Series, place: int, sheet: Sheet, request: Request, cells: Cells) -> None:
    column = request.known.get(place)
    if column is None:
        value = typed.foreign(series)
        cells.columns[place] = inferred(value, ".") if value.dtype == pl.String else value
    else:
        converted = typed.known(column, series, request.currency)
        cells.columns[place] = converted["value"]
        rows = sheet.rows(len(series))
        cells.problems.append(
            lines_of(
                converted["what"].is_not_null(),
                rows,
                column.name,
                series,
                converted["what"],
                converted["hint"],
            )
        )


def _read_texts(sheet: Sheet, request: Request, places: Sequence[int], cells: Cells) -> None:
    known = {place: request.known[place] for place in places if place in request.known}
    heads = sheet.head([place for place in places if place not in known], _SAMPLE)
    guesses = {int(head.name): guess(head, None) for head in heads}
    frame = sheet.select([part for place in places for part in _quick(place, request, guesses)])
    for place in places:
        cells.columns[place] = frame[str(place)] if place in known else narrowed(frame[str(place)])
    doubtful = [place for place in places if _is_doubtful(frame, str(place))]
    for place, column in known.items():
        if column.kind == "text":
            cells.problems.append(_made_of_codes(sheet, place, column, cells.columns[place]))
    marks = Marks(sheet, known, doubtful, request.decimal_mark, request.currency)
    cells.mark = marks.told(frame)
    _again(marks, request, [place for place in doubtful if place in known], cells)
    for place, dtype in guesses.items():
        if place in doubtful or (
            dtype in (pl.String, pl.Float64)
            and marks.matter_to(
                place, heads[str(place)], frame.get_column(f"{_DECIMALS}{place}", default=None)
            )
        ):
            cells.columns[place] = marks.inferred(place)


def _made_of_codes(sheet: Sheet, place: int, column: Column, text: pl.Series) -> pl.DataFrame:
    """Return a line for every cell that is a day, or where the file says that it is no text, a time."""
    made = text.str.contains(A_DAY)
    if place in sheet.numbers:
        made |= sheet.numbers[place] & text.str.contains(_A_TIME)
    return lines_of(made, sheet.rows(len(made)), column.name, text, complaint(column), DAY_OF_A_CODE)


def _is_doubtful(frame: pl.DataFrame, name: str) -> bool:
    """Whether some cell has text and no value, or the word "nan", or numbers are spelled as codes are."""
    if _FILLED + name not in frame.columns:
        return False
    values = frame[name]
    if values.count() < frame[_FILLED + name].sum():
        return True
    if values.dtype != pl.Float64:
        return False
    if _SPELLED + name in frame.columns and (
        spelled_twice(values, frame[_SPELLED + name]) or padded(values, frame[_DECIMALS + name])
    ):
        return True
    return bool(values.is_nan().any())


def _quick(place: int, request: Request, guesses: Mapping[int, pl.DataType | None]) -> Iterable[pl.Expr]:
    name, text = str(place), pl.col(str(place))
    column = request.known.get(place)
    if (column.kind == "text") if column else (guesses[place] == pl.String):
        yield stripped(name)
        return
    # Stripping every cell would double the time; cells with white space around them are in doubt instead.
    yield (text != "").alias(_FILLED + name)
    if column:
        yield quick(column, text, request.currency, request.decimal_mark).alias(name)
    else:
        yield quick_foreign(text, guesses[place] or pl.Null()).alias(name)
        if guesses[place] == pl.Float64:
            yield text.str.strip_prefix("-").hash().alias(_SPELLED + name)
            yield decimals(text).alias(_DECIMALS + name)


def _again(marks: Marks, request: Request, again: Sequence[int], cells: Cells) -> None:
    if marks.settled == ",":
        # What is plain by a point may be thousands.
        again = sorted({*again, *marks.of_kind("number")})
    if marks.settled is not None and any(marks.known[place].kind in ("money", "number") for place in again):
        again = [*marks.of_kind("money"), *(place for place in again if marks.known[place].kind != "money")]
    for place in again:
        column, mark = marks.known[place], marks.of_column(place)
        text = marks.text(place, mark if column.kind in ("money", "number") else None)
        result = _patiently(column, text, request.currency, mark)
        cells.columns[place] = result["value"]
        wrong = result["what"].is_not_null()
        cells.problems.append(
            lines_of(
                wrong,
                marks.sheet.rows(len(text)),
                column.name,
                marks.text(place),
                result["what"],
                result["hint"],
            )
        )


def _patiently(column: Column, text: pl.Series, currency: str, mark: Mark) -> pl.DataFrame:
    """Return `value`, `what` and `hint`; `what` is null where the cell is understood or missing."""
    frame = text.alias("text").to_frame()
    known = pl.when(~is_missing(pl.col("text"))).then("text")
    if column.kind == "money":
        return patient_money(frame.select(known).to_series(), currency, mark)
    value = patient(column, pl.col("text"), mark)
    wrong = known.is_not_null() & value.is_null() & (pl.lit(not column.is_list))
    return frame.select(
        value=value,
        what=pl.when(wrong).then(pl.lit(complaint(column))),
        hint=hints(column, pl.col("text"), mark),
    )
