"""Text files: UTF-8 streams through in parts; other encodings and irregular files are read by the csv module."""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import polars as pl

from portfolio.call.csvfile import may_be_guarded, original
from portfolio.call.sheet import Sheet, Source, refused, sheet_of
from portfolio.call.text import (
    Layout,
    byte_order_mark,
    decoded,
    guess_encoding,
    has_whole_heading,
    is_escaped,
    layout,
    note_on,
    refuse_japanese,
)
from portfolio.errors import DataError, Issue

_HEAD = 1 << 18
_CHUNK = 1 << 20


# A quotation mark that neither begins nor ends a cell, nor is doubled. It begins with the mark itself, so that the
# search leaps from mark to mark.
_STRAY = re.compile(rb'"(?<=[^,;\t|"\r\n]")[^,;\t|"\r\n]')


def open_text(path: Path, encoding: str | None) -> Sheet:
    """Open a delimited text file, of which the encoding may be known."""
    state = _state(path)
    head = _head(path)
    encoding = encoding or byte_order_mark(head) or "utf-8"
    if encoding not in ("utf-8", "utf-8-sig") or not _streams(head):
        return _decoded(path, None if encoding == "utf-8" else encoding)
    mark = "\ufeff" if encoding == "utf-8-sig" else ""
    shape = layout(head.decode("utf-8-sig", errors="ignore"), path.name)
    start = len((mark + shape.preamble).encode())
    fingerprint = _fingerprint(path)
    return Sheet(
        path.name,
        shape.headings,
        pl.Schema({str(i): pl.String() for i in range(len(shape.headings))}),
        lambda size: _parts(path, shape, start, size),
        shape.first_row,
        lambda: _unchanged(path, state, fingerprint),
        lambda: _decoded(path, None),
        elsewhere=shape.otherwise,
    )


def _head(path: Path) -> bytes:
    """Read the beginning of a file, with the whole heading record however long it is."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
        while not has_whole_heading(head) and (more := file.read(len(head))):
            head += more
    return head


def _streams(head: bytes) -> bool:
    """Whether the beginning of a file can be streamed: UTF-8 headings, and lines that end as polars expects."""
    try:
        head.decode()
    except UnicodeDecodeError as error:
        if error.start < len(head) - 4 or len(head) < _HEAD:
            return False
    return b"\n" in head and b"\0" not in head and not is_escaped(head)


def _parts(path: Path, shape: Layout, start: int, size: int) -> Iterator[pl.LazyFrame]:
    """Yield the records a part of the file at a time, so that neither the text nor its columns are ever all there."""
    names = shape.delimiter.join(map(str, range(len(shape.headings)))).encode() + b"\n"
    buffer, filled = bytearray(names) + bytearray(size), len(names)
    with path.open("rb", buffering=0) as file:
        file.seek(start)
        while read := file.readinto(memoryview(buffer)[filled:]):
            filled += read
            end = _end_of_records(buffer, len(names), filled)
            if end:
                yield _scan(bytes(memoryview(buffer)[:end]), shape)
                rest = buffer[end:filled]
                filled = len(names) + len(rest)
                buffer[len(names) : filled] = rest
            elif filled == len(buffer):
                buffer += bytearray(len(buffer))
    if filled > len(names) or start == path.stat().st_size:
        yield _scan(bytes(memoryview(buffer)[:filled]), shape)


def _end_of_records(buffer: bytearray, start: int, filled: int) -> int:
    """Return the place after the last line end that is outside quotation marks, or 0 if there is none."""
    end = buffer.rfind(b"\n", start, filled) + 1
    marks = buffer.count(b'"', start, end) if end else 0
    while end and marks % 2:
        before = buffer.rfind(b"\n", start, end - 1) + 1
        marks -= buffer.count(b'"', max(before, start), end)
        end = before
    return end


def _scan(data: bytes, shape: Layout) -> pl.LazyFrame:
    if b'"' in data and _STRAY.search(data):
        # A mark inside a cell can swallow the records after it; the csv module reads such a file, or refuses it.
        raise pl.exceptions.ComputeError("a quotation mark inside a cell")
    if is_escaped(data):
        raise pl.exceptions.ComputeError("text in an encoding that is to be named")
    if b"\r" in data:
        data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    cells = pl.scan_csv(data, infer_schema=False, separator=shape.delimiter)
    return cells.with_columns(original(pl.all())) if may_be_guarded(data) else cells


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
                raise refused(
                    path, "holds NUL bytes", "it is not a text file, or it is damaged: export it again"
                )
    return Source(path.name, digest.hexdigest())


def _state(path: Path) -> tuple[int, ...]:
    """Return what shows that a path leads to other bytes than before."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return ()
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns


def _unchanged(path: Path, before: tuple[int, ...], fingerprint: Future[Source]) -> Source:
    """Return the fingerprint if it is that of the cells: the file is read once for each."""
    if _state(path) != before:
        raise refused(path, "was changed or removed while it was read", "try again when nobody writes to it")
    return fingerprint.result()


def _decoded(path: Path, encoding: str | None) -> Sheet:
    """Read a text file by the csv module: any encoding, any line ends, stray quotation marks."""
    data = path.read_bytes()
    source = Source(path.name, hashlib.sha256(data).hexdigest())
    told = encoding or byte_order_mark(data)
    guess = "" if told else guess_encoding(data)
    if guess:
        refuse_japanese(data, guess, path.name)
    text = decoded(data, told or guess, path.name)
    if "\0" in text:
        raise refused(path, "holds NUL bytes", "it is not a text file, or it is damaged: export it again")
    shape = layout(text, path.name)
    records = list(_records(path, text, shape))
    width = len(shape.headings)
    _same_width(path, records, shape)
    columns = [[record[i] if i < len(record) else None for record in records] for i in range(width)]
    frame = pl.DataFrame({str(i): pl.Series(cells, dtype=pl.String) for i, cells in enumerate(columns)})
    cells = frame.select(original(pl.all()))
    sheet = sheet_of(path.name, shape.headings, cells, shape.first_row, lambda: source)
    note = note_on(text, guess, path.name) if guess not in ("", "utf-8") else ""
    return replace(sheet, elsewhere=shape.otherwise, notes=(note,) if note else ())


def _records(path: Path, text: str, shape: Layout) -> list[list[str]]:
    csv.field_size_limit(max(csv.field_size_limit(), len(text) + 1))
    try:
        body = io.StringIO(text[len(shape.preamble) :], newline="")
        return list(csv.reader(body, delimiter=shape.delimiter, strict=True))
    except csv.Error as error:
        raise refused(path, "cannot be read as a table", f"{error}; check the quotation marks") from None


def _same_width(path: Path, records: list[list[str]], shape: Layout) -> None:
    width = len(shape.headings)
    long = [i for i, record in enumerate(records) if len(record) > width and any(record[width:])]
    if long:
        what = f"has more cells than the {width} headings"
        hint = "a cell that holds the delimiter must stand in quotation marks"
        rows = tuple(i + shape.first_row for i in long[:5])
        raise DataError([Issue(what, hint, file=path.name, rows=rows, count=len(long))])
