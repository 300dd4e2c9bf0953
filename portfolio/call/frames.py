"""Between data frames, typed proposals and the sheets that the reader understands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import polars as pl

from portfolio.call.columns import YEARLY, columns_of, proposal_column, year_columns
from portfolio.call.mixed import column_of
from portfolio.call.money import to_major
from portfolio.call.objects import ColumnError, arrow_type, cell_by_cell, of_objects, refuse_wide
from portfolio.call.proposal import Proposal
from portfolio.call.sheet import Sheet, sheet_of
from portfolio.errors import DataError, Issue

if TYPE_CHECKING:
    import narwhals as nw


def from_any(frame: Any, name: str) -> Sheet:
    """Take any eager data frame that narwhals knows as a sheet."""
    frame = to_polars(frame, name)
    return sheet_of(name, map(str, frame.columns), frame)


def to_polars(frame: Any, name: str) -> pl.DataFrame:
    """Take any eager data frame that narwhals knows as a polars frame without objects of Python.

    Raises
    ------
    DataError
        If it is no frame, or not one of typed columns.
    """
    if isinstance(frame, pl.DataFrame) and pl.Object not in frame.dtypes:
        return frame
    import narwhals as nw

    try:
        narwhal = nw.from_native(frame, eager_only=True)
    except TypeError:
        what, hint = (
            f"is a {type(frame).__name__}, not a data frame",
            "give a pandas, polars or pyarrow frame; pf.read_call reads files",
        )
        raise DataError([Issue(what, hint, file=name)]) from None
    except nw.exceptions.DuplicateError as error:
        names = ", ".join(line.strip("- ") for line in str(error).splitlines()[1:])
        raise DataError([_several(names, name)]) from None
    _refuse_headings(narwhal.columns, name)
    try:
        return _converted(narwhal)
    except (Exception, pl.exceptions.PanicException) as error:
        raise DataError(list(_unread(narwhal, error, name))) from None


def _converted(narwhal: nw.DataFrame[Any]) -> pl.DataFrame:
    objects = {one.name: one for one in narwhal.iter_columns() if repr(one.dtype) == "Object"}
    for one in narwhal.iter_columns():
        refuse_wide(arrow_type(one))
    try:
        table: pl.DataFrame = narwhal.drop([*objects]).to_polars()
    except ImportError:
        # By a heading that is a number, narwhals would look for a place.
        return pl.DataFrame({str(one.name): cell_by_cell(one) for one in narwhal.iter_columns()})
    if not objects:
        return table
    return pl.DataFrame(
        {
            str(name): of_objects(objects[name]) if name in objects else table[str(name)]
            for name in narwhal.columns
        }
    )


def _unread(narwhal: nw.DataFrame[Any], error: BaseException, name: str) -> Iterator[Issue]:
    """Yield what is wrong with each column, since every kind of frame fails in its own way and few name it."""
    usual = "give each column one type, for example by astype(str)"
    found = False
    for column in narwhal.columns:
        try:
            _converted(narwhal.select(column))
        except (Exception, pl.exceptions.PanicException) as fault:
            found = True
            hint = fault.hint if isinstance(fault, ColumnError) else usual
            yield Issue(f"cannot be read: {str(fault).splitlines()[0]}", hint, name, str(column))
    if not found:
        yield Issue(f"cannot be read as a table: {str(error).splitlines()[0]}", usual, name)


def _refuse_headings(headings: Sequence[object], name: str) -> None:
    """Refuse headings in levels, and those that are the same as texts, as 2024 and "2024" are."""
    if headings and all(isinstance(heading, tuple) for heading in headings):
        what, hint = (
            "has headings in several levels",
            "keep one of them: frame.columns = frame.columns.get_level_values(-1)",
        )
        raise DataError([Issue(what, hint, file=name)])
    counts = Counter(map(str, headings))
    if len(counts) < len(headings):
        names = ", ".join(f"{heading!r} {n} times" for heading, n in counts.items() if n > 1)
        raise DataError([_several(names, name)])


def _several(names: str, file: str) -> Issue:
    what = f"has several columns of one name: {names}"
    return Issue(what, "rename them, or leave out all but one", file=file)


def of_proposals(proposals: Iterable[Proposal]) -> pl.DataFrame:
    """Lay typed proposals out in columns; a column that no proposal fills is left out, except the required ones."""
    records = [_record(proposal) for proposal in proposals]
    filled = {name for record in records for name, value in record.items() if value is not None}
    years = len(year_columns(filled))
    ours = [
        name
        for name in columns_of(Proposal)
        if name != YEARLY and (name in filled or name in ("id", "amount"))
    ]
    names = [*ours, *(f"amount_y{year}" for year in range(1, years + 1))]
    foreign = list(
        dict.fromkeys(name for record in records for name in record if proposal_column(name) is None)
    )
    return pl.DataFrame(
        [_series(name, [record.get(name) for record in records]) for name in [*names, *foreign]]
    )


def _record(proposal: Proposal) -> dict[str, Any]:
    fields: dict[str, Any] = {name: getattr(proposal, name) for name in columns_of(Proposal)}
    yearly = {f"amount_y{i + 1}": amount for i, amount in enumerate(fields.pop(YEARLY))}
    return {name: _listed(value) for name, value in fields.items()} | yearly | dict(proposal.other)


def _listed(value: Any) -> Any:
    return (list(value) or None) if isinstance(value, tuple) else value


def _series(name: str, cells: list[Any]) -> pl.Series:
    column = proposal_column(name)
    if column is None:
        return column_of(name, cells)
    dtype = pl.Decimal(38, 9) if column.kind == "money" else column.dtype
    return pl.Series(name, cells, dtype=dtype)


def proposal_of(row: Mapping[str, Any], currency: str) -> Proposal:
    """Make a typed proposal of a row of a call's frame."""
    return Proposal.model_validate(row_fields(row, currency))


def row_fields(row: Mapping[str, Any], currency: str) -> dict[str, Any]:
    """Turn a row of typed columns, money in minor units, into the fields of a `Proposal`; nulls are left out."""
    fields: dict[str, Any] = {}
    other: dict[str, Any] = {}
    for name, value in row.items():
        column = proposal_column(name)
        if column is None:
            other[name] = value
        elif value is not None:
            fields[name] = to_major(value, currency) if column.kind == "money" else value
    given = [name for name in year_columns(list(row)) if name in fields]
    last = given[-1:] and year_columns(list(row)).index(given[-1]) + 1
    yearly = tuple(fields.pop(name, 0) for name in year_columns(list(row))[: last or 0])
    return {**fields, YEARLY: yearly, "other": other}
