"""Looking at a workbook before it is read: what is no plain table, and what would not fit into memory.

What readers of Excel do not tell of its cells is looked for in the XML (see `worksheet`), which is walked through once.

Source of the format: ECMA-376, Part 1, section 18 (SpreadsheetML).
"""

from __future__ import annotations

import io
import lzma
import posixpath
import re
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any
from xml.parsers import expat

from portfolio.call.worksheet import Worksheet
from portfolio.call.xlsxstyles import Looks, Styles, local, looks
from portfolio.errors import DataError, Issue

MOST_BYTES = 1 << 29
"""Of a workbook when it is unpacked, and of the texts of its cells."""
MOST_CELLS = 20_000_000
"""Between the first cell and the last one of a sheet: readers hold the empty ones too."""

_CHUNK = 1 << 20
_OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_LOCKED = "EncryptedPackage".encode("utf-16-le")
_SAVE = "open it and save its first sheet as .xlsx or .csv"
_LONGEST = 200
# What reading an archive and its XML raises where they are damaged: zipfile passes on what each way of packing says,
# and speaks of encrypted parts by a RuntimeError; expat looks encodings up.
_DAMAGE = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, expat.ExpatError, LookupError, ValueError,
    RuntimeError, OSError, EOFError,
)  # fmt: skip


def examine(data: bytes, file: str) -> Worksheet:
    """Refuse a workbook of which the first sheet cannot be read as people see it.

    Returns
    -------
    Worksheet
        Where the sheet has numbers, and how they are shown.

    Raises
    ------
    DataError
        With everything that is wrong with the sheet.
    """
    if data.startswith(_OLD):
        locked = _LOCKED in data
        raise _refused(
            file, "is protected by a password" if locked else "is a workbook of an older kind", _SAVE
        )
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as parts:
            if _unpacked(parts) > MOST_BYTES:
                what = f"has more than {MOST_BYTES >> 20:,} MB when it is unpacked"
                raise _refused(file, what, "save the table as .csv")
            sheet = Worksheet(_styles(parts), _looks(parts), _recomputed(parts))
            issues = list(_issues(parts, sheet))
    except _DAMAGE as error:
        raise _refused(file, "is not a readable .xlsx file", f"{_plain(error)}; {_SAVE}") from None
    if issues:
        raise DataError(
            Issue(one.what, one.hint, file=file, column=one.column, rows=one.rows, count=one.count)
            for one in issues
        )
    return sheet


def with_days(data: bytes, days: Iterable[str]) -> bytes:
    """Give the cells of some formats of days, by their numbers, one that readers know as such."""
    form = re.compile(rf"""(numFmtId=["'])(?:{"|".join(sorted(days))})(?=["'])""".encode())
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(packed, "w") as new:
        styles = _part(old, "xl/styles.xml")
        for name in dict.fromkeys(old.namelist()):
            part = old.read(name)
            new.writestr(
                name, form.sub(rb"\g<1>14", part) if name == styles else part, zipfile.ZIP_DEFLATED, 1
            )
    return packed.getvalue()


def _refused(file: str, what: str, hint: str) -> DataError:
    return DataError([Issue(what, hint, file=file)])


def _plain(error: Exception) -> str:
    return str(error).strip("'\"").split("\n", 1)[0][:_LONGEST] or "it is damaged"


def _issues(parts: zipfile.ZipFile, sheet: Worksheet) -> Iterator[Issue]:
    path, hidden = _first_sheet(parts)
    if hidden:
        what = "has a first sheet that is hidden"
        yield Issue(what, "show it, or put the sheet of the table first: only the first sheet is read")
    _walk(parts.read(path), sheet.begin, sheet.text)
    if sheet.area > MOST_CELLS:
        what = f"has a cell so far away that there are {sheet.area:,} cells, more than {MOST_CELLS:,}"
        yield Issue(what, "delete the rows and columns behind the table, or save it as .csv")
        return
    if (size := _texts(parts, sheet.shared)) > MOST_BYTES:
        yield Issue(
            f"has {size >> 20:,} MB of text, more than {MOST_BYTES >> 20:,}", "save the table as .csv"
        )
    yield from sheet.issues()


def _unpacked(parts: zipfile.ZipFile) -> int:
    """Return the size of all parts, at least when it is above the bound; what the archive says of it may be a lie."""
    total = 0
    for part in parts.infolist():
        if part.file_size > MOST_BYTES:
            return part.file_size
        part.file_size, size = (
            MOST_BYTES + 1,
            0,
        )  # so that reading goes on to where the packed data really end
        with parts.open(part) as unpacked:
            while total + size <= MOST_BYTES and (chunk := unpacked.read(_CHUNK)):
                size += len(chunk)
        part.file_size = size
        total += size
    return total


def _recomputed(parts: zipfile.ZipFile) -> bool:
    """Whether the workbook asks to be computed when it is opened."""
    settings = _elements(parts, _target(parts, "_rels/.rels", "officeDocument"), "calcPr")
    return any(one.get("fullCalcOnLoad") in ("1", "true") for one in settings)


def _first_sheet(parts: zipfile.ZipFile) -> tuple[str, bool]:
    """Return the part of the first sheet, and whether it is hidden."""
    home = _target(parts, "_rels/.rels", "officeDocument")
    first = next(iter(_elements(parts, home, "sheet")), None)
    if first is None:
        raise ValueError("it has no sheet")
    link = next((value for name, value in first.items() if name.endswith(":id")), "")
    folder, name = posixpath.split(home)
    path = _target(parts, f"{folder}/_rels/{name}.rels", link, folder)
    return path, first.get("state", "visible") != "visible"


def _target(parts: zipfile.ZipFile, rels: str, wanted: str, folder: str = "") -> str:
    """Return the part that a relation leads to, found by its identifier or by the end of its type."""
    for relation in _elements(parts, rels, "Relationship"):
        if wanted and (relation.get("Id") == wanted or relation.get("Type", "").endswith(f"/{wanted}")):
            target = relation.get("Target", "")
            inside = target.lstrip("/") if target.startswith("/") else posixpath.join(folder, target)
            return posixpath.normpath(inside)
    raise ValueError("it is not a workbook")


def _elements(parts: zipfile.ZipFile, path: str, name: str) -> list[dict[str, str]]:
    found: list[dict[str, str]] = []

    def begin(tag: str, attributes: dict[str, str]) -> None:
        if local(tag) == name:
            found.append(attributes)

    _walk(parts.read(path), begin, None)
    return found


def _walk(xml: bytes, begin: Any, text: Any, end: Any = None) -> None:
    def refuse(*_: Any) -> None:
        raise ValueError("it defines entities of its own")

    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = begin
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text
    parser.EntityDeclHandler = refuse
    parser.Parse(xml, True)


def _texts(parts: zipfile.ZipFile, used: Counter[str]) -> int:
    """Return how long the texts of all cells are together; each text is stored once and may be used often."""
    path = _part(parts, "xl/sharedstrings.xml")
    if not path or parts.getinfo(path).file_size * sum(used.values()) <= MOST_BYTES:
        return 0
    sizes: list[int] = []

    def begin(tag: str, _: dict[str, str]) -> None:
        if local(tag) == "si":
            sizes.append(0)

    def text(text: str) -> None:
        if sizes:
            sizes[-1] += len(text)

    _walk(parts.read(path), begin, text)
    return sum(sizes[int(one)] * count for one, count in used.items() if 0 <= int(one) < len(sizes))


def _part(parts: zipfile.ZipFile, path: str) -> str:
    return next((name for name in parts.namelist() if name.lower() == path), "")


def _styles(parts: zipfile.ZipFile) -> Styles:
    styles = Styles()
    if path := _part(parts, "xl/styles.xml"):
        _walk(parts.read(path), styles.begin, None, styles.end)
    return styles


def _looks(parts: zipfile.ZipFile) -> dict[str, Looks]:
    """Return by their numbers how the shared texts look, in part or whole, where that matters."""
    path = _part(parts, "xl/sharedstrings.xml")
    xml = parts.read(path) if path else b""
    if b"strike" not in xml and b"vertAlign" not in xml:
        return {}
    count, found = -1, dict[str, Looks]()

    def begin(tag: str, attributes: dict[str, str]) -> None:
        nonlocal count
        count += local(tag) == "si"
        if seen := looks(tag, attributes):
            found[str(count)] = found.get(str(count), frozenset()) | seen

    _walk(xml, begin, None)
    return found
