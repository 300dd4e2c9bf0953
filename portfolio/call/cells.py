"""From a sheet to typed columns: everything streams once; columns with unusual cells are read again, patiently."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import polars as pl

from portfolio.call import typed
from portfolio.call.amounts import Mark, Texts, decide_mark, patient_money
from portfolio.call.columns import Column
from portfolio.call.issues import lines_of
from portfolio.call.parse import (
    complaint,
    hints,
    inferred,
    is_missing,
    narrowed,
    patient,
    quick,
    quick_foreign,
    stripped,
)
from portfolio.call.sheet import Sheet
from portfolio.errors import DataError, Issue

_SAMPLE = 1000
_FILLED = "filled "


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be read from a sheet.

    Parameters
    ----------
    known
        Place in the sheet of each known column, and the column.
    foreign
        Places of the columns of which only the sheet knows the type.
    """

    known: Mapping[int, Column]
    foreign: Sequence[int]
    currency: str
    decimal_mark: str


@dataclass(slots=True)
class Cells:
    """Typed columns by place, and one line per cell that could not be read (see `issues.PROBLEMS`, without id)."""

    columns: dict[int, pl.Series] = field(default_factory=dict)
    problems: list[pl.DataFrame] = field(default_factory=list)


def read_cells(sheet: Sheet, request: Request) -> Cells:
    """Read the requested columns of a sheet.

    Raises
    ------
    DataError
        If the file's money cannot be given one decimal mark.
    """
    wanted = [*request.known, *request.foreign]
    if any(dtype != pl.String for dtype in sheet.schema.values()):
        sheet = _plain(sheet, wanted)
    texts = [place for place in wanted if sheet.schema[str(place)] == pl.String]
    others = [place for place in wanted if place not in texts]
    cells = Cells()
    for place in others:
        _read_typed(sheet.select([pl.col(str(place))]).to_series(), place, sheet, request, cells)
    if texts:
        _read_texts(sheet, request, texts, cells)
    return cells


def _plain(sheet: Sheet, places: Sequence[int]) -> Sheet:
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
    frame = pl.DataFrame([typed.plain(series) for series in frame])
    return replace(sheet, schema=frame.schema, batches=lambda _: iter([frame]), at_hand=True)


def _read_typed(series: pl.Series, place: int, sheet: Sheet, request: Request, cells: Cells) -> None:
    column = request.known.get(place)
    if column is None:
        value = typed.foreign(series)
        cells.columns[place] = inferred(value) if value.dtype == pl.String else value
    else:
        converted = typed.known(column, series, request.currency)
        cells.columns[place] = converted["value"]
        rows = _rows(sheet, len(series))
        cells.problems.append(
            lines_of(converted["what"].is_not_null(), rows, column.name, series, converted["what"])
        )


def _read_texts(sheet: Sheet, request: Request, places: Sequence[int], cells: Cells) -> None:
    guesses = _guesses(sheet, [place for place in places if place not in request.known])
    expressions = [part for place in places for part in _quick(place, request, guesses)]
    frame = sheet.select(expressions)
    for place in places:
        cells.columns[place] = frame[str(place)] if place in request.known else narrowed(frame[str(place)])
    doubtful = [place for place in places if _is_doubtful(frame, str(place))]
    for place in doubtful:
        if place not in request.known:
            cells.columns[place] = inferred(_text(sheet, place))
    again = [place for place in doubtful if place in request.known]
    _again(sheet, request, again, places, cells)


def _is_doubtful(frame: pl.DataFrame, name: str) -> bool:
    """Whether some cell has text and no value, or the word "nan"."""
    if _FILLED + name not in frame.columns:
        return False
    values = frame[name]
    unread = values.count() < frame[_FILLED + name].sum()
    return unread or (values.dtype == pl.Float64 and bool(values.is_nan().any()))


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


def _guesses(sheet: Sheet, places: Sequence[int]) -> dict[int, pl.DataType | None]:
    head = sheet.head(places, _SAMPLE) if places else pl.DataFrame()
    guesses: dict[int, pl.DataType | None] = {}
    for place in places:
        series = inferred(head[str(place)])
        text = series.dtype == pl.String
        unknown = text and series.to_frame("c").select(is_missing(pl.col("c")).all()).item()
        guesses[place] = None if unknown else series.dtype
    return guesses


def _text(sheet: Sheet, place: int) -> pl.Series:
    return sheet.select([stripped(str(place))]).to_series()


def _again(sheet: Sheet, request: Request, again: Sequence[int], places: Sequence[int], cells: Cells) -> None:
    kinds = {place: request.known[place].kind for place in places if place in request.known}
    money = [place for place, kind in kinds.items() if kind == "money"]
    numbers = [place for place in again if kinds[place] == "number"]
    mark: Mark = "."
    if numbers or any(place in money for place in again):
        # One cell that is not plain makes every amount of the file evidence.
        mark = _mark(sheet, request, money, numbers)
        again = [*money, *(place for place in again if place not in money)]
    for place in again:
        column, text = request.known[place], _text(sheet, place)
        result = _patiently(column, text, request.currency, mark)
        cells.columns[place] = result["value"]
        wrong = result["what"].is_not_null()
        rows = _rows(sheet, len(text))
        cells.problems.append(lines_of(wrong, rows, column.name, text, result["what"], result["hint"]))


def _mark(sheet: Sheet, request: Request, money: Sequence[int], numbers: Sequence[int]) -> Mark:
    for mark in (".", ","):
        if request.decimal_mark == mark:
            return mark
    decided = decide_mark(sheet.name, *(_texts(sheet, request, places) for places in (money, numbers)))
    if isinstance(decided, Issue):
        raise DataError([decided])
    return decided


def _texts(sheet: Sheet, request: Request, places: Sequence[int]) -> list[Texts]:
    columns = [(request.known[place].name, _text(sheet, place)) for place in places]
    return [(name, text, _rows(sheet, len(text))) for name, text in columns]


def _rows(sheet: Sheet, count: int) -> pl.Series:
    return pl.int_range(sheet.first_row, sheet.first_row + count, eager=True)


def _patiently(column: Column, text: pl.Series, currency: str, mark: Mark) -> pl.DataFrame:
    """Return `value`, `what` and `hint`; `what` is null where the cell is understood or missing."""
    frame = text.alias("text").to_frame()
    known = pl.when(~is_missing(pl.col("text"))).then("text")
    if column.kind == "money":
        return patient_money(frame.select(known).to_series(), currency, mark)
    value = patient(column, pl.col("text"), mark)
    wrong = known.is_not_null() & value.is_null() & (pl.lit(not column.is_list))
    return frame.select(
        value=value, what=pl.when(wrong).then(pl.lit(complaint(column))), hint=hints(column, pl.col("text"))
    )
