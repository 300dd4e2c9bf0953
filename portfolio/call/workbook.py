"""Looking at a workbook before it is read: what is no plain table, and what would not fit into memory.

Readers of Excel give an empty cell for an error, for a formula that was never computed and for all but one of merged
cells, and a 1 for TRUE among numbers. People see something else there, so each of these is refused. The XML is
walked through once; nothing of it is kept.

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
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

from portfolio.errors import DataError, Issue

MOST_BYTES = 1 << 29
"""Of a workbook when it is unpacked, and of the texts of its cells."""
MOST_CELLS = 20_000_000
"""Between the first cell and the last one of a sheet: readers hold the empty ones too."""

_CHUNK = 1 << 20
_OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_LOCKED = "EncryptedPackage".encode("utf-16-le")
_SAVE = "open it and save its first sheet as .xlsx or .csv"
_SHOWN = 5
_LONGEST = 200
# What reading an archive and its XML raises where they are damaged: zipfile passes on what each way of packing says,
# and speaks of encrypted parts by a RuntimeError; expat looks encodings up.
_DAMAGE = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, expat.ExpatError, LookupError, ValueError,
    RuntimeError, OSError, EOFError,
)  # fmt: skip


def examine(data: bytes, file: str) -> None:
    """Refuse a workbook of which the first sheet cannot be read as people see it.

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
            issues = list(_issues(parts))
    except _DAMAGE as error:
        raise _refused(file, "is not a readable .xlsx file", f"{_plain(error)}; {_SAVE}") from None
    if issues:
        raise DataError(
            Issue(one.what, one.hint, file=file, column=one.column, rows=one.rows, count=one.count)
            for one in issues
        )


def _refused(file: str, what: str, hint: str) -> DataError:
    return DataError([Issue(what, hint, file=file)])


def _plain(error: Exception) -> str:
    return str(error).strip("'\"").split("\n", 1)[0][:_LONGEST] or "it is damaged"


def _issues(parts: zipfile.ZipFile) -> Iterator[Issue]:
    if _unpacked(parts) > MOST_BYTES:
        yield Issue(f"has more than {MOST_BYTES >> 20:,} MB when it is unpacked", "save the table as .csv")
        return
    path, hidden = _first_sheet(parts)
    if hidden:
        what = "has a first sheet that is hidden"
        yield Issue(what, "show it, or put the sheet of the table first: only the first sheet is read")
    sheet = _Sheet()
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
        if _local(tag) == name:
            found.append(attributes)

    _walk(parts.read(path), begin, None)
    return found


def _local(tag: str) -> str:
    return tag.rpartition(":")[2]


def _walk(xml: bytes, begin: Any, text: Any) -> None:
    def refuse(*_: Any) -> None:
        raise ValueError("it defines entities of its own")

    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = begin
    parser.CharacterDataHandler = text
    parser.EntityDeclHandler = refuse
    parser.Parse(xml, True)


@dataclass(slots=True)
class _Sheet:
    """What is seen on the way through a sheet: where cells are, and which of them are not what they show."""

    row: int = 0
    place: int = 0
    rows: int = 0
    places: int = 0
    kind: str = ""
    inside: str = ""
    is_formula: bool = False
    is_known: bool = True
    shared: Counter[str] = field(default_factory=Counter)
    merged: list[str] = field(default_factory=list)
    errors: list[tuple[int, int]] = field(default_factory=list)
    unknown: list[tuple[int, int]] = field(default_factory=list)
    truths: dict[int, list[int]] = field(default_factory=dict)
    numbers: set[int] = field(default_factory=set)

    @property
    def area(self) -> int:
        """The cells of the smallest rectangle from the corner of the sheet that holds every cell."""
        return self.rows * self.places

    def begin(self, tag: str, attributes: dict[str, str]) -> None:
        """Take note of an element that begins."""
        self.inside = tag = _local(tag)
        if tag == "c":
            self._cell(attributes)
        elif tag == "f":
            # The text of a formula that gives none is "", and that is known.
            self.is_formula, self.is_known = True, self.kind == "str"
        elif tag == "row":
            self._settle()
            self.row = int(attributes.get("r", self.row + 1))
            self.place = 0
        elif tag == "mergeCell":
            self.merged.append(attributes.get("ref", ""))

    def text(self, text: str) -> None:
        """Take note of the value of a cell."""
        if self.inside != "v" or not text.strip():
            return
        self.is_known = True
        if self.kind == "s":
            self.shared[text] += 1
        elif self.kind == "n":
            self.numbers.add(self.place)

    def issues(self) -> Iterator[Issue]:
        """Tell what is not as it looks."""
        self._settle()
        yield from _by_column(
            self.errors, "holds an error, such as #REF! or #N/A", "mend it, or empty the cell"
        )
        never = "holds a formula that was never computed"
        yield from _by_column(self.unknown, never, "open the file in Excel or LibreOffice and save it again")
        for place in sorted(self.truths.keys() & self.numbers):
            cells = [(place, row) for row in self.truths[place]]
            yield from _by_column(cells, "holds TRUE or FALSE among numbers", "write the one or the other")
        if self.merged:
            what = f"has merged cells: {', '.join(self.merged[:_SHOWN])}"
            yield Issue(what, "unmerge them and fill in every cell", count=len(self.merged))

    def _cell(self, attributes: dict[str, str]) -> None:
        self._settle()
        where = attributes.get("r")
        self.place = self.place + 1 if where is None else _place(where)
        self.rows, self.places = max(self.rows, self.row), max(self.places, self.place)
        self.kind = attributes.get("t", "n")
        if self.kind == "e":
            self.errors.append((self.place, self.row))
        elif self.kind == "b":
            self.truths.setdefault(self.place, []).append(self.row)

    def _settle(self) -> None:
        if self.is_formula and not self.is_known:
            self.unknown.append((self.place, self.row))
        self.is_formula, self.is_known = False, True


def _place(where: str) -> int:
    """Return the number of the column of a cell such as ``AB12``, from 1."""
    letters = re.match(r"[A-Z]{1,3}", where)
    if letters is None:
        raise ValueError(f"a cell is called {where[:20]!r}")
    number = 0
    for letter in letters[0]:
        number = 26 * number + ord(letter) - 64
    return number


def _letters(place: int) -> str:
    text = ""
    while place:
        place, digit = divmod(place - 1, 26)
        text = chr(65 + digit) + text
    return text


def _by_column(cells: list[tuple[int, int]], what: str, hint: str) -> Iterator[Issue]:
    rows: dict[int, list[int]] = {}
    for place, row in cells:
        rows.setdefault(place, []).append(row)
    for place, found in sorted(rows.items()):
        yield Issue(what, hint, column=_letters(place), rows=tuple(found[:_SHOWN]), count=len(found))


def _texts(parts: zipfile.ZipFile, used: Counter[str]) -> int:
    """Return how long the texts of all cells are together; each text is stored once and may be used often."""
    path = next((name for name in parts.namelist() if name.lower() == "xl/sharedstrings.xml"), "")
    if not path or parts.getinfo(path).file_size * sum(used.values()) <= MOST_BYTES:
        return 0
    sizes: list[int] = []

    def begin(tag: str, _: dict[str, str]) -> None:
        if _local(tag) == "si":
            sizes.append(0)

    def text(text: str) -> None:
        if sizes:
            sizes[-1] += len(text)

    _walk(parts.read(path), begin, text)
    return sum(sizes[int(one)] * count for one, count in used.items() if 0 <= int(one) < len(sizes))
