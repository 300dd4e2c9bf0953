"""Opening a file as a table of columns, whatever its format."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import fastexcel
import polars as pl

from portfolio.call.text import Layout, byte_order_mark, decoded, guess_encoding, layout
from portfolio.errors import DataError, Issue

_HEAD = 1 << 18
_CHUNK = 1 << 20
_EXCEL = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")


@dataclass(frozen=True, slots=True)
class Source:
    """A file that was read: its name and the SHA-256 of its bytes."""

    name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table before it is understood.

    Parameters
    ----------
    name
        Of the file.
    headings
        As written.
    table
        Columns ``"0"``, ``"1"``, ...; text where the file is text, typed where it is typed.
    first_row
        Row of the first record, as a spreadsheet shows it.
    source
        Gives the file's fingerprint; None for a data frame.
    rescue
        Reads the file again, more slowly, when the quick way fails.
    """

    name: str
    headings: tuple[str, ...]
    table: pl.LazyFrame
    first_row: int = 2
    source: Callable[[], Source] | None = None
    rescue: Callable[[], Sheet] | None = None


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
        raise _refused(path, "is empty", "export it again, with a row of headings")
    suffix = path.suffix.lower()
    if suffix in (".parquet", ".pq"):
        return _typed(path, _parquet)
    if suffix in _EXCEL:
        return _typed(path, _excel)
    if suffix == ".json":
        return _typed(path, _json)
    return _text(path, encoding)


def _size(path: Path) -> int:
    try:
        if path.is_dir():
            raise _refused(path, "is a directory", "name the file in it")
        with path.open("rb"):
            return path.stat().st_size
    except FileNotFoundError:
        raise _refused(path, "does not exist", _beside(path)) from None
    except OSError as error:
        raise _refused(path, f"cannot be read: {error.strerror}") from None


def _beside(path: Path) -> str:
    others = sorted(other.name for other in path.parent.glob(f"*{path.suffix}")) if path.parent.is_dir() else []
    return f"in the same directory: {', '.join(others[:5])}" if others else "check the path"


def _refused(path: Path, what: str, hint: str = "") -> DataError:
    return DataError([Issue(what, hint, file=path.name)])


def _typed(path: Path, read: Callable[[bytes], tuple[list[str], pl.DataFrame, int]]) -> Sheet:
    data = path.read_bytes()
    source = Source(path.name, hashlib.sha256(data).hexdigest())
    try:
        headings, frame, first_row = read(data)
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, fastexcel.FastExcelError, ValueError) as error:
        reason = str(error).split("\n", 1)[0]
        raise _refused(path, f"is not a readable {path.suffix} file", f"{reason}; save it again") from None
    frame.columns = [str(i) for i in range(frame.width)]
    return Sheet(path.name, tuple(headings), frame.lazy(), first_row, lambda: source)


def _parquet(data: bytes) -> tuple[list[str], pl.DataFrame, int]:
    frame = pl.read_parquet(io.BytesIO(data))
    return frame.columns, frame, 2


def _json(data: bytes) -> tuple[list[str], pl.DataFrame, int]:
    records = json.loads(data)
    if not isinstance(records, list) or not all(isinstance(record, dict) for record in records):
        raise ValueError("it must hold a list of records")
    names = list(dict.fromkeys(name for record in records for name in record))
    columns = [_series(str(i), [record.get(name) for record in records]) for i, name in enumerate(names)]
    return names, pl.DataFrame(columns), 2


def _series(name: str, cells: list[Any]) -> pl.Series:
    try:
        return pl.Series(name, cells, strict=True)
    except (TypeError, pl.exceptions.PolarsError, OverflowError):
        numbers = all(isinstance(cell, int | float) and not isinstance(cell, bool) or cell is None for cell in cells)
        if numbers:
            return pl.Series(name, cells, dtype=pl.Float64, strict=False)
        return pl.Series(name, [None if cell is None else str(cell) for cell in cells], dtype=pl.String)


def _excel(data: bytes) -> tuple[list[str], pl.DataFrame, int]:
    book = fastexcel.read_excel(data)
    top = book.load_sheet(0, header_row=None, n_rows=1, dtypes="string").to_polars()
    headings = [cell or "" for cell in top.row(0)] if top.height else []
    names = [str(i) for i in range(len(headings))]
    body = book.load_sheet(0, header_row=None, skip_rows=1, column_names=names, schema_sample_rows=None)
    return headings, body.to_polars(), 2


def _text(path: Path, encoding: str | None) -> Sheet:
    with path.open("rb") as file:
        head = file.read(_HEAD)
    encoding = encoding or byte_order_mark(head) or "utf-8"
    if encoding not in ("utf-8", "utf-8-sig") or not _plain(head):
        return _decoded(path, None if encoding == "utf-8" else encoding)
    shape = layout(head.decode("utf-8-sig", errors="replace"), encoding)
    fingerprint = _fingerprint(path)
    table = _scan(path, shape)
    return Sheet(
        path.name, shape.headings, table, shape.first_row, lambda: fingerprint.result(), lambda: _decoded(path, None)
    )


def _plain(head: bytes) -> bool:
    """Whether the beginning of a file can be streamed: UTF-8 headings, lines that end as polars expects."""
    try:
        head.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if error.start < len(head) - 4 or len(head) < _HEAD:
            return False
    return b"\n" in head and b"\0" not in head


def _scan(source: Path | bytes, shape: Layout) -> pl.LazyFrame:
    names = [str(i) for i in range(len(shape.headings))]
    return pl.scan_csv(source, infer_schema=False, separator=shape.delimiter, new_columns=names, glob=False)


def _fingerprint(path: Path) -> Future[Source]:
    # Hashing runs beside parsing; it also looks for the NUL bytes that a text file must not have.
    pool = ThreadPoolExecutor(max_workers=1)
    future = pool.submit(_hashed, path)
    pool.shutdown(wait=False)
    return future


def _hashed(path: Path) -> Source:
    digest = hashlib.sha256()
    with path.open("rb", buffering=0) as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
            if b"\0" in chunk:
                raise _refused(path, "holds NUL bytes", "it is not a text file, or it is damaged: export it again")
    return Source(path.name, digest.hexdigest())


def _decoded(path: Path, encoding: str | None) -> Sheet:
    """Read a text file by the csv module: any encoding, any line ends, stray quotation marks."""
    data = path.read_bytes()
    source = Source(path.name, hashlib.sha256(data).hexdigest())
    text = decoded(data, encoding or byte_order_mark(data) or guess_encoding(data), path.name)
    if "\0" in text:
        raise _refused(path, "holds NUL bytes", "it is not a text file, or it is damaged: export it again")
    shape = layout(text, encoding or "")
    records = list(_records(path, text, shape))
    width = len(shape.headings)
    _same_width(path, records, shape)
    columns = [[record[i] if i < len(record) else None for record in records] for i in range(width)]
    frame = pl.DataFrame({str(i): pl.Series(cells, dtype=pl.String) for i, cells in enumerate(columns)})
    return Sheet(path.name, shape.headings, frame.lazy(), shape.first_row, lambda: source)


def _records(path: Path, text: str, shape: Layout) -> list[list[str]]:
    csv.field_size_limit(max(csv.field_size_limit(), len(text) + 1))
    try:
        rows = csv.reader(io.StringIO(text.lstrip("\r\n"), newline=""), delimiter=shape.delimiter)
        return list(rows)[1:]
    except csv.Error as error:
        raise _refused(path, "cannot be read as a table", f"{error}; check the quotation marks") from None


def _same_width(path: Path, records: list[list[str]], shape: Layout) -> None:
    width = len(shape.headings)
    long = [i for i, record in enumerate(records) if len(record) > width and any(record[width:])]
    if long:
        what = f"has more cells than the {width} headings"
        hint = "a cell that holds the delimiter must stand in quotation marks"
        rows = tuple(i + shape.first_row for i in long[:5])
        raise DataError([Issue(what, hint, file=path.name, rows=rows, count=len(long))])
