"""Files that strangers send: each is built where it is wanted and none is kept.

A builder takes a folder and returns the file. `REFUSED` says what the message must hold; `READ` says what is read.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import xlsxwriter

Builder = Callable[[Path], Path]
HEAD = "id,amount,merit,note\n"
_ROWS = (("id", "amount", "merit", "note"), ("A", 100, 5, 1), ("B", 200, 4, 2))


def text(content: str | bytes, name: str = "call.csv") -> Builder:
    """A file with this content."""

    def build(folder: Path) -> Path:
        path = folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return build


def book(change: Callable[[Any, Any], object], **options: Any) -> Builder:
    """A workbook of two proposals, changed; the values of formulas are kept in it."""

    def build(folder: Path) -> Path:
        path = folder / "call.xlsx"
        with xlsxwriter.Workbook(path, options) as made:
            sheet = made.add_worksheet()
            for row, cells in enumerate(_ROWS):
                sheet.write_row(row, 0, cells)
            change(made, sheet)
        return path

    return build


def uncomputed(cell: str, formula: str) -> Builder:
    """A workbook with a formula that no program has computed."""

    def build(folder: Path) -> Path:
        made = openpyxl.Workbook()
        for cells in _ROWS:
            made.active.append(cells)
        made.active[cell] = formula
        made.save(folder / "call.xlsx")
        return folder / "call.xlsx"

    return build


def repacked(changes: dict[str, Callable[[bytes], bytes]]) -> Builder:
    """A workbook of which parts are changed behind the back of every program."""

    def build(folder: Path) -> Path:
        path = book(lambda *_: None)(folder)
        with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as old, zipfile.ZipFile(path, "w", 8) as new:
            for name in old.namelist():
                part = next((part for part in changes if part in name), "")
                new.writestr(name, changes[part](old.read(name)) if part else old.read(name))
        return path

    return build


def parquet(**columns: Any) -> Builder:
    """A Parquet file of two proposals with further or other columns."""

    def build(folder: Path) -> Path:
        path = folder / "call.parquet"
        pl.DataFrame({"id": ["A", "B"], "amount": [100, 200], **columns}).write_parquet(path)
        return path

    return build


def cut(build: Builder, keep: int) -> Builder:
    """The first bytes of another file, or all but the last."""

    def build_cut(folder: Path) -> Path:
        path = build(folder)
        path.write_bytes(path.read_bytes()[:keep])
        return path

    return build_cut


def damaged(build: Builder, part: str) -> Builder:
    """Another archive, with other bytes in the middle of one of its packed parts."""

    def build_damaged(folder: Path) -> Path:
        path = build(folder)
        with zipfile.ZipFile(path) as archive:
            found = next(one for one in archive.infolist() if part in one.filename)
        data = bytearray(path.read_bytes())
        middle = found.header_offset + 30 + len(found.filename) + found.compress_size // 2
        data[middle : middle + 8] = bytes(range(255, 247, -1))
        path.write_bytes(data)
        return path

    return build_damaged


def _hidden(made: Any, sheet: Any) -> None:
    made.add_worksheet().activate()
    sheet.hide()


def _renamed(folder: Path) -> Path:
    """A workbook of which the first part has a name of 3,000 bytes, and another one in the list of parts."""
    path = folder / "call.xlsx"
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("n" * 3000, "x")
    data = path.read_bytes()
    path.write_bytes(data.replace(b"n" * 3000, b"\xff" * 3000, 1))
    return path


def _many_long_texts(sheet: bytes) -> bytes:
    rows = b"".join(b'<row r="%d"><c r="A%d" t="s"><v>4</v></c></row>' % (i, i) for i in range(4, 20_000))
    return sheet.replace(b"</sheetData>", rows + b"</sheetData>")


def _day(made: Any, sheet: Any) -> None:
    sheet.write(0, 4, "doctorate_date")
    sheet.write_datetime(1, 4, datetime(2020, 2, 29), made.add_format({"num_format": "yyyy-mm-dd"}))


_ENTITY = b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "aaaaaaaaaa">]>'

REFUSED: dict[str, tuple[Builder, str]] = {
    "nul bytes": (text(b"\0" * 1000), "NUL bytes"),
    "utf-32": (text((HEAD + "A,1,2,x\n").encode("utf-32")), "NUL bytes"),
    "utf-16 cut in a character": (text((HEAD + "A,1,2,x\n").encode("utf-16") + b"x"), "is not utf-16 text"),
    "bytes of no encoding": (text(b"id,amount\n\x81,1\n"), "is not cp1252 text"),
    "ragged": (text(HEAD + "A,1,2,x,y\n"), "more cells than the 4 headings"),
    "open quotation mark": (text(HEAD + 'A,1,2,"' + "z,\n" * 100_000), "quotation marks"),
    "open quotation mark in a heading": (
        text('"' + "\n" * 300_000),
        "headings that cannot be read|no heading is read",
    ),
    "100,000 columns": (text(HEAD[:-1] + ",x" * 100_000 + "\n"), "has 100,004 columns"),
    "a million commas": (text(HEAD + "," * 1_000_000 + "\n"), "is missing"),
    "invisible": (text(HEAD + "A\u200bB,1,2,x\n"), "invisible"),
    "bidirectional": (text(HEAD + "A\u202eB,1,2,x\n"), "invisible"),
    "a filler that is a letter": (text(HEAD + "A\u3164B,1,2,x\n"), "invisible"),
    "arabic digits": (text(HEAD + "A,\u0661\u0662,2,x\n"), "must be an amount of money"),
    "a letter for a zero": (text(HEAD + "A,12O,2,x\n"), "must be an amount of money"),
    "a long cell that is no date": (
        text(f"id,amount,birth_date\nA,1,{'z' * 5000}\n"),
        "zz\\.\\.\\.' must be a date",
    ),
    "a long heading in place of the id": (text(f"{'z' * 5000},amount\nA,1\n"), "known: .*zz\\.\\.\\."),
    "a long id": (text(f"id,amount\n{'z' * 5000},x\n"), "proposal z+\\.\\.\\.: 'x' must be an amount"),
    "thousands or decimals": (text("id;amount\nA;1,234\n"), "can be read as thousands or as decimals"),
    "1e400": (text(HEAD + "A,1,1e400,x\n"), "must be a finite number"),
    "year 0": (text("id,amount,birth_date\nA,1,0000-01-01\n"), "must be at least 1900-01-01"),
    "year 9999": (text("id,amount,birth_date\nA,1,9999-12-31\n"), "must be at most 2100-12-31"),
    "year of two digits": (text("id,amount,birth_date\nA,1,01.02.70\n"), "names no century"),
    "deep json": (text("[" * 200_000, "call.json"), "nested too deeply"),
    "nested json": (text('[{"id": "A", "amount": 1, "x": {"a": 1}}]', "call.json"), "a cell is one value"),
    "json key twice": (text('[{"id": "A", "amount": 1, "amount": 2}]', "call.json"), "'amount' twice"),
    "json 1e400": (text('[{"id": "A", "amount": 1, "x": 1e400}]', "call.json"), "too large a number"),
    "json half a character": (text('[{"id": "A", "amount": 1, "\\ud800": 1}]', "call.json"), "surrogates"),
    "error cell": (
        book(lambda _, s: s.write_formula("C2", "=1/0", None, "#DIV/0!")),
        "column C: holds an error",
    ),
    "formula without value": (uncomputed("C2", "=1+1"), "column C: holds a formula that was never computed"),
    "merged": (book(lambda _, s: s.merge_range("D2:D3", "x")), "merged cells: D2:D3"),
    "hidden first sheet": (book(_hidden), "first sheet that is hidden"),
    "TRUE for an amount": (book(lambda _, s: s.write_boolean(1, 1, True)), "column B: holds TRUE or FALSE"),
    "a far corner": (book(lambda _, s: s.write(1_048_575, 16_383, "x")), "17,179,869,184 cells"),
    "zip bomb": (repacked({"sheet1": lambda x: x + b" " * (600 << 20)}), "MB when it is unpacked"),
    "one text many times": (
        repacked(
            {
                "shared": lambda x: x.replace(b">A<", b">" + b"z" * 3_000_000 + b"<"),
                "sheet1": _many_long_texts,
            }
        ),
        "MB of text",
    ),
    "entities": (repacked({"sheet1": lambda x: _ENTITY + x.split(b"?>", 1)[1]}), "entities of its own"),
    "packed sheet damaged": (damaged(book(lambda *_: None), "sheet1"), "not a readable .xlsx"),
    "encoding that nobody knows": (
        repacked({"sheet1": lambda x: b'<?xml version="1.0" encoding="x-none"?>' + x.split(b"?>", 1)[1]}),
        "not a readable .xlsx",
    ),
    "a part of another name": (_renamed, "not a readable .xlsx"),
    "sheet cut": (repacked({"sheet1": lambda x: x[: len(x) // 2]}), "not a readable .xlsx"),
    "workbook cut": (cut(book(lambda *_: None), -200), "not a readable .xlsx"),
    "old workbook": (text(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(99), "call.xlsx"), "an older kind"),
    "locked workbook": (
        text(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "call.xlsx"),
        "protected by a password",
    ),
    "csv named xlsx": (text(HEAD, "call.xlsx"), "not a readable .xlsx"),
    "lists of lists": (parquet(x=[[[1]], [[2]]]), "lists of lists"),
    "bytes": (parquet(x=[b"\xff", b"a"]), "bytes that are no text"),
    "durations": (parquet(x=[timedelta(1)] * 2), "lengths of time"),
    "days beyond the calendar": (
        parquet(x=pl.Series([2**31 - 1, 0], dtype=pl.Int32).cast(pl.Date)),
        "outside the years 1 to 9999",
    ),
    "true for an amount in parquet": (parquet(amount=[True, False]), "must be an amount of money"),
    "amounts of 29 digits": (
        parquet(amount=pl.Series([Decimal("9e28"), Decimal(1)], dtype=pl.Decimal(38, 9))),
        "must be at most",
    ),
    "infinite amounts": (parquet(amount=[float("inf"), 1.0]), "must be at most"),
    "near midnight elsewhere": (
        parquet(doctorate_date=[datetime(2019, 12, 31, 23, 30, tzinfo=UTC)] * 2),
        "must be a date",
    ),
    "parquet cut": (cut(parquet(), -20), "not a readable .parquet"),
    "very many equal rows": (
        lambda folder: _repeated(folder / "call.parquet", 26_000_000),
        "52,000,000 cells",
    ),
}


def _repeated(path: Path, count: int) -> Path:
    pl.select(id=pl.repeat("A", count), amount=pl.repeat(1, count)).write_parquet(path)
    return path


READ: dict[str, tuple[Builder, str, list[object]]] = {
    "1.234,56": (text("id;amount\nA;1.234,56\n"), "amount", [123456]),
    "a cell of 10 MB": (text(HEAD + "A,1,2," + "z" * 10_000_000 + "\n"), "id", ["A"]),
    "1e400 in a column of the funder": (text(HEAD + "A,1,2,1e400\n"), "note", ["1e400"]),
    "a made-up heading that is taken": (text("id,amount,,column_3\nA,1,x,y\n"), "column_3", ["y"]),
    "headings of 300 kB": (
        text("id,amount," + ",".join(f"{'h' * 99}{i}" for i in range(3000)) + "\nA,7" + ",1" * 3000 + "\n"),
        "amount",
        [700],
    ),
    "formula text": (text(HEAD + "A,1,2,=cmd|' /C calc'!A0\n"), "note", ["=cmd|' /C calc'!A0"]),
    "external link": (
        book(lambda _, s: s.write_formula("C2", "='[o.xlsx]S'!A1", None, 7)),
        "merit",
        [7.0, 4.0],
    ),
    "days since 1904": (book(_day, date_1904=True), "doctorate_date", [date(2020, 2, 29), None]),
    "midnight elsewhere": (
        parquet(
            doctorate_date=pl.Series([datetime(2019, 12, 31, 23, tzinfo=UTC)] * 2).dt.convert_time_zone(
                "Europe/Zurich"
            )
        ),
        "doctorate_date",
        [date(2020, 1, 1)] * 2,
    ),
}

# What has once taken all memory or all time is run in a process with a bound on both.
HEAVY = [
    "a far corner",
    "zip bomb",
    "one text many times",
    "very many equal rows",
    "100,000 columns",
    "deep json",
]
