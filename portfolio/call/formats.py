"""Opening a file by what its name says: CSV, Excel, Parquet, JSON."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from dataclasses import replace
from os import PathLike
from pathlib import Path
from typing import Any

import polars as pl

from portfolio.call.excelfile import read_excel
from portfolio.call.jsonfile import read_json
from portfolio.call.sheet import MOST_COLUMNS, Contents, Sheet, Source, refused, sheet_of
from portfolio.call.textfile import open_text
from portfolio.errors import DataError, Issue

MOST_CELLS = 50_000_000
"""Of a Parquet file, which can hold very many in very few bytes."""

_EXCEL = (".xlsx", ".xlsm")
_OTHER_BOOKS = (".xls", ".xlsb", ".ods")
_Read = Callable[[bytes, str], Contents]


def open_sheet(path: str | Path, encoding: str | None = None) -> Sheet:
    """Open a CSV, Excel, Parquet or JSON file.

    Raises
    ------
    DataError
        If there is no such file, or it cannot be read as what its name says.
    """
    if not isinstance(path, str | PathLike):
        what = f"cannot be read as a file: it is a {type(path).__name__}, and not the path of one"
        hint = "pf.Call.from_frame(frame, reviews=frame, rules=policy) makes a call of data frames"
        raise DataError([Issue(what, hint)])
    path = Path(path)
    size = _size(path)
    if size == 0:
        raise refused(path, "is empty", "export it again, with a row of headings")
    suffix = path.suffix.lower()
    if suffix in (".parquet", ".pq"):
        return _typed(path, _parquet)
    if suffix in _EXCEL:
        return _typed(path, read_excel)
    if suffix in _OTHER_BOOKS:
        raise refused(path, "is a workbook of a kind that is not read", "save it as .xlsx")
    if suffix == ".json":
        return _typed(path, read_json)
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
        held = read(data, path.name)
    except RecursionError:
        raise refused(path, "is nested too deeply", "a cell is one value, or a list of values") from None
    except (
        pl.exceptions.PolarsError,
        pl.exceptions.PanicException,
        ValueError,
    ) as error:
        reason = str(error).split("\n", 1)[0]
        raise refused(path, f"is not a readable {path.suffix} file", f"{reason}; save it again") from None
    sheet = sheet_of(path.name, held.headings, held.frame, held.first_row, lambda: source)
    return _narrow(path, replace(sheet, numbers=held.numbers, shown=held.shown, elsewhere=held.elsewhere))


def _parquet(data: bytes, file: str) -> Contents:
    schema = pl.read_parquet_schema(io.BytesIO(data))
    if wide := [name for name, dtype in schema.items() if _is_wide(dtype)]:
        # In a list they would end polars.
        raise ValueError(
            f"{', '.join(wide)}: decimals of more than 38 digits; cast them to fewer, or to texts"
        )
    width = len(schema)
    height = pl.scan_parquet(io.BytesIO(data)).select(pl.len()).collect().item() if width else 0
    if width * height > MOST_CELLS:
        raise ValueError(f"it has {width * height:,} cells, more than {MOST_CELLS:,}")
    frame = pl.read_parquet(io.BytesIO(data))
    return Contents(frame.columns, frame)


def _is_wide(dtype: Any) -> bool:
    """Whether a column has decimals of more than 38 digits, in lists and tables too."""
    if isinstance(dtype, pl.Struct):
        return any(_is_wide(field.dtype) for field in dtype.fields)
    if isinstance(dtype, pl.List | pl.Array):
        return _is_wide(dtype.inner)
    return isinstance(dtype, pl.Decimal) and dtype.precision > 38
