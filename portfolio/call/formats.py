"""Opening a file by what its name says: CSV, Excel, Parquet, JSON."""

from __future__ import annotations

import hashlib
import io
import json
import logging
import math
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from portfolio.call.sheet import Sheet, Source, refused, sheet_of
from portfolio.call.textfile import open_text
from portfolio.call.workbook import examine

if TYPE_CHECKING:
    from fastexcel import ExcelReader

MOST_COLUMNS = 4_000
"""Of any file."""
MOST_CELLS = 50_000_000
"""Of a Parquet file, which can hold very many in very few bytes."""

_TOP = 100
_EXCEL = (".xlsx", ".xlsm")
_OTHER_BOOKS = (".xls", ".xlsb", ".ods")
_Read = Callable[[bytes, str], tuple[list[str], pl.DataFrame, int]]


def open_sheet(path: str | Path, encoding: str | None = None) -> Sheet:
    """Open a CSV, Excel, Parquet or JSON file.

    Raises
    ------
    DataError
        If there is no such file, or it cannot be read as what its name says.
    """
    path = Path(path)
    size = _size(path)
    if size == 0:
        raise refused(path, "is empty", "export it again, with a row of headings")
    suffix = path.suffix.lower()
    if suffix in (".parquet", ".pq"):
        return _typed(path, _parquet)
    if suffix in _EXCEL:
        return _typed(path, _excel)
    if suffix in _OTHER_BOOKS:
        raise refused(path, "is a workbook of a kind that is not read", "save it as .xlsx")
    if suffix == ".json":
        return _typed(path, _json)
    return _narrow(path, open_text(path, encoding))


def _narrow(path: Path, sheet: Sheet) -> Sheet:
    if len(sheet.headings) > MOST_COLUMNS:
        what = f"has {len(sheet.headings):,} columns, more than {MOST_COLUMNS:,}"
        raise refused(path, what, "leave out the columns that nobody needs")
    return sheet


def _size(path: Path) -> int:
    try:
        if path.is_dir():
            raise refused(path, "is a directory", "name the file in it")
        if path.exists() and not path.is_file():
            raise refused(path, "is a device or a pipe, not a file", "save the table as a file first")
        with path.open("rb"):
            return path.stat().st_size
    except FileNotFoundError:
        raise refused(path, "does not exist", _beside(path)) from None
    except OSError as error:
        raise refused(path, f"cannot be read: {error.strerror}") from None


def _beside(path: Path) -> str:
    others = (
        sorted(other.name for other in path.parent.glob(f"*{path.suffix}")) if path.parent.is_dir() else []
    )
    return f"in the same directory: {', '.join(others[:5])}" if others else "check the path"


def _typed(path: Path, read: _Read) -> Sheet:
    data = path.read_bytes()
    source = Source(path.name, hashlib.sha256(data).hexdigest())
    try:
        headings, frame, first_row = read(data, path.name)
    except RecursionError:
        raise refused(path, "is nested too deeply", "a cell is one value, or a list of values") from None
    except (
        pl.exceptions.PolarsError,
        pl.exceptions.PanicException,
        ValueError,
    ) as error:
        reason = str(error).split("\n", 1)[0]
        raise refused(path, f"is not a readable {path.suffix} file", f"{reason}; save it again") from None
    return _narrow(path, sheet_of(path.name, headings, frame, first_row, lambda: source))


def _parquet(data: bytes, file: str) -> tuple[list[str], pl.DataFrame, int]:
    width = len(pl.read_parquet_schema(io.BytesIO(data)))
    height = pl.scan_parquet(io.BytesIO(data)).select(pl.len()).collect().item() if width else 0
    if width * height > MOST_CELLS:
        raise ValueError(f"it has {width * height:,} cells, more than {MOST_CELLS:,}")
    frame = pl.read_parquet(io.BytesIO(data))
    return frame.columns, frame, 2


def _json(data: bytes, file: str) -> tuple[list[str], pl.DataFrame, int]:
    records = json.loads(data, object_pairs_hook=_once, parse_float=_finite)
    if not isinstance(records, list) or not all(isinstance(record, dict) for record in records):
        raise ValueError("it must hold a list of records")
    names = list(dict.fromkeys(name for record in records for name in record))
    if len(names) > MOST_COLUMNS:
        raise ValueError(f"it has {len(names):,} columns, more than {MOST_COLUMNS:,}")
    "".join(names).encode()
    columns = [_series(str(i), [record.get(name) for record in records]) for i, name in enumerate(names)]
    return names, pl.DataFrame(columns), 2


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    record = dict(pairs)
    if len(record) < len(pairs):
        twice = next(name for i, (name, _) in enumerate(pairs) if any(name == key for key, _ in pairs[:i]))
        raise ValueError(f"a record has {twice!r} twice")
    for name, cell in pairs:
        parts = cell if isinstance(cell, list) else [cell]
        if any(isinstance(part, dict | list) for part in parts):
            raise ValueError(
                f"{name!r} holds a table or a list of lists: a cell is one value, or a list of values"
            )
    return record


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError(f"{text[:40]} is too large a number")
    return number


def _series(name: str, cells: list[Any]) -> pl.Series:
    try:
        return pl.Series(name, cells, strict=True)
    except (TypeError, pl.exceptions.PolarsError, OverflowError):
        numbers = all(
            (isinstance(cell, int | float) and not isinstance(cell, bool)) or cell is None for cell in cells
        )
        if numbers:
            return pl.Series(name, cells, dtype=pl.Float64, strict=False)
        return pl.Series(name, [None if cell is None else str(cell) for cell in cells], dtype=pl.String)


def _excel(data: bytes, file: str) -> tuple[list[str], pl.DataFrame, int]:
    import fastexcel

    examine(data, file)
    # An empty column has no type, and that is not worth a line on the user's terminal; what is worse is raised too.
    for reader in ("fastexcel", "calamine"):
        logging.getLogger(reader).setLevel(logging.ERROR)
    try:
        return _first_sheet(fastexcel.read_excel(data))
    except fastexcel.FastExcelError as error:
        raise ValueError(str(error)) from None


def _first_sheet(book: ExcelReader) -> tuple[list[str], pl.DataFrame, int]:
    # Only with skip_rows does fastexcel count the empty rows above the headings, as people do.
    top = book.load_sheet(0, header_row=None, skip_rows=0, n_rows=_TOP, dtypes="string").to_polars()
    filled = (i for i, row in enumerate(top.iter_rows()) if any(cell is not None for cell in row))
    place = next(filled, None)
    if place is None:
        raise ValueError("its first sheet is empty")
    headings = [cell or "" for cell in top.row(place)]
    names = [str(i) for i in range(len(headings))]
    body = book.load_sheet(
        0, header_row=None, skip_rows=place + 1, column_names=names, schema_sample_rows=None
    ).to_polars()
    return headings, body.with_columns(_shortest(pl.col(pl.String))), place + 2


def _shortest(text: pl.Expr) -> pl.Expr:
    # In a column of numbers and texts fastexcel spells 2300140263548.97 as 2300140263548.970214844.
    spelled = text.str.contains(r"^-?\d+\.\d{6,}$") & (text.str.len_bytes() > 16)
    return pl.when(spelled).then(text.cast(pl.Float64, strict=False).cast(pl.String)).otherwise(text)
