"""From a sheet to typed columns: everything streams once; columns with unusual cells are read again, patiently."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from portfolio.call import typed
from portfolio.call.amounts import Mark, decide_mark, patient_money
from portfolio.call.columns import Column
from portfolio.call.issues import PROBLEMS
from portfolio.call.parse import complaint, hints, inferred, is_missing, patient, quick, quick_foreign, stripped
from portfolio.call.sheet import Sheet
from portfolio.errors import DataError, Issue

_SAMPLE = 1000
_EMPTY = "empty "


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
    schema = sheet.table.collect_schema()
    wanted = [*request.known, *request.foreign]
    texts = [place for place in wanted if schema[str(place)] == pl.String]
    cells = Cells()
    _read_typed(sheet, request, [place for place in wanted if schema[str(place)] != pl.String], texts, cells)
    if texts:
        _read_texts(sheet, request, texts, cells)
    return cells


def _read_typed(sheet: Sheet, request: Request, places: Sequence[int], texts: list[int], cells: Cells) -> None:
    frame = sheet.table.select(str(place) for place in places).collect() if places else pl.DataFrame()
    extra: dict[str, pl.Series] = {}
    for place in places:
        series = typed.plain(frame[str(place)])
        if series.dtype == pl.String:
            extra[str(place)] = series
        elif place in request.known:
            column = request.known[place]
            converted = typed.known(column, series, request.currency)
            cells.columns[place] = converted["value"].alias(column.name)
            _complain(cells, column, sheet, series.cast(pl.String), converted["what"], None)
        else:
            value = typed.foreign(series)
            cells.columns[place] = inferred(value) if value.dtype == pl.String else value
    if extra:
        _read_texts(Sheet(sheet.name, sheet.headings, pl.LazyFrame(extra), sheet.first_row), request, [*map(int, extra)], cells)


def _read_texts(sheet: Sheet, request: Request, places: Sequence[int], cells: Cells) -> None:
    guesses = _guesses(sheet.table, [place for place in places if place not in request.known])
    expressions = [part for place in places for part in _quick(place, request, guesses)]
    frame = sheet.table.select(expressions).collect(engine="streaming")
    for place in places:
        cells.columns[place] = frame[str(place)]
    doubtful = [place for place in places if _is_doubtful(frame, str(place))]
    for place in doubtful:
        if place not in request.known:
            cells.columns[place] = inferred(_text(sheet, place))
    again = [place for place in doubtful if place in request.known]
    _again(sheet, request, again, places, cells)


def _is_doubtful(frame: pl.DataFrame, name: str) -> bool:
    """Whether some cell has text and no value."""
    empty = frame.columns and _EMPTY + name in frame.columns
    return bool(empty) and frame[name].null_count() > frame[_EMPTY + name].sum()


def _quick(place: int, request: Request, guesses: Mapping[int, pl.DataType | None]) -> Iterable[pl.Expr]:
    name, text = str(place), pl.col(str(place))
    column = request.known.get(place)
    if (column.kind == "text") if column else (guesses[place] == pl.String):
        yield stripped(name)
        return
    # Stripping every cell would double the time; cells with white space around them are in doubt instead.
    yield (text.str.len_bytes().fill_null(0) == 0).alias(_EMPTY + name)
    if column:
        yield quick(column, text, request.currency, request.decimal_mark).alias(name)
    else:
        yield quick_foreign(text, guesses[place] or pl.Null()).alias(name)


def _guesses(table: pl.LazyFrame, places: Sequence[int]) -> dict[int, pl.DataType | None]:
    head = table.select(str(place) for place in places).head(_SAMPLE).collect() if places else pl.DataFrame()
    guesses: dict[int, pl.DataType | None] = {}
    for place in places:
        series = inferred(head[str(place)])
        text = series.dtype == pl.String
        unknown = text and series.to_frame("c").select(is_missing(pl.col("c")).all()).item()
        guesses[place] = None if unknown else series.dtype
    return guesses


def _text(sheet: Sheet, place: int) -> pl.Series:
    return sheet.table.select(stripped(str(place))).collect(engine="streaming").to_series()


def _again(sheet: Sheet, request: Request, again: Sequence[int], places: Sequence[int], cells: Cells) -> None:
    kinds = {place: request.known[place].kind for place in places if place in request.known}
    money = [place for place, kind in kinds.items() if kind == "money"]
    numbers = [place for place in again if kinds[place] == "number"]
    mark: Mark = "."
    if numbers or any(place in money for place in again):
        # One cell that is not plain makes every amount of the file evidence.
        mark = _mark(sheet, request, [*money, *numbers])
        again = [*money, *(place for place in again if place not in money)]
    for place in again:
        column, text = request.known[place], _text(sheet, place)
        value, what, hint = _patiently(column, text, request.currency, mark)
        cells.columns[place] = value
        _complain(cells, column, sheet, text, what, hint)


def _mark(sheet: Sheet, request: Request, places: Sequence[int]) -> Mark:
    for mark in (".", ","):
        if request.decimal_mark == mark:
            return mark
    texts = [(request.known[place].name, _text(sheet, place)) for place in places]
    columns = [(name, text, _rows(sheet, len(text))) for name, text in texts]
    decided = decide_mark(sheet.name, columns)
    if isinstance(decided, Issue):
        raise DataError([decided])
    return decided


def _rows(sheet: Sheet, count: int) -> pl.Series:
    return pl.int_range(sheet.first_row, sheet.first_row + count, eager=True)


def _patiently(column: Column, text: pl.Series, currency: str, mark: Mark) -> tuple[pl.Series, pl.Series, pl.Series | None]:
    frame = text.to_frame("text")
    missing = frame.select(is_missing(pl.col("text"))).to_series()
    if column.kind == "money":
        result = patient_money(text.set(missing, None), currency, mark)
        what = result["what"].set(missing, None)
        return result["value"], what, result["hint"]
    value = frame.select(patient(column, pl.col("text"), mark)).to_series()
    wrong = value.is_null() & ~missing
    what = frame.select(pl.when(wrong & pl.lit(not column.is_list)).then(pl.lit(complaint(column)))).to_series()
    return value, what, frame.select(pl.repeat("", pl.len()) if not wrong.any() else hints(column, pl.col("text"))).to_series()


def _complain(
    cells: Cells, column: Column, sheet: Sheet, text: pl.Series, what: pl.Series, hint: pl.Series | None
) -> None:
    mask = what.is_not_null()
    if not mask.any():
        return
    positions = mask.arg_true().cast(pl.UInt32)
    count = len(positions)
    told = hint.filter(mask) if hint is not None and len(hint) == len(mask) else pl.Series([""] * count)
    cells.problems.append(
        pl.DataFrame(
            {
                "position": positions,
                "row": positions.cast(pl.Int64) + sheet.first_row,
                "id": pl.Series([None] * count, dtype=pl.String),
                "column": pl.Series([column.name] * count, dtype=pl.String),
                "value": text.filter(mask).cast(pl.String),
                "what": what.filter(mask).cast(pl.String),
                "hint": told.cast(pl.String),
            },
            schema=PROBLEMS,
        )
    )
