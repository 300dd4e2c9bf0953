"""Changing workbooks and Parquet files inside: the parts of an archive, the description at the end of a table."""

from __future__ import annotations

import io
import re
import zipfile
import zlib

from fuzz.mutations import chosen, flipped, texts
from fuzz.words import XML, XML_VALUES
from numpy.random import Generator

# What stands in a tag or between two; a cell, a row or another element that holds no other of its kind.
_VALUE = re.compile(rb"""(?<==)"[^"]*"|(?<=>)[^<>]+(?=<)""")
_ELEMENT = re.compile(
    rb"<(c|row|f|v|si|t|xf|numFmt|sheet|Relationship|mergeCell|dimension|workbookPr)\b[^>]*?(/>|>.*?</\1>)"
)
_change_text = texts(XML)
_change_bytes = texts((b"\0\0\0\0", b"\xff\xff\xff\xff", b"PK\x01\x02", b"PK\x03\x04", b"PK\x05\x06"))


def workbook(data: bytes, rng: Generator) -> bytes:
    """Change one part of a workbook, or what parts it has; now and then the archive itself."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = [(name, archive.read(name)) for name in archive.namelist()]
    except (OSError, RuntimeError, ValueError, NotImplementedError, EOFError, zipfile.BadZipFile, zlib.error):
        return _change_bytes(data, rng)
    kind = float(rng.random())
    if kind < 0.1 or not parts:
        return _change_bytes(data, rng)
    # Half of the changes are where the table is.
    tables = [i for i, (name, _) in enumerate(parts) if "sheet1" in name or "sharedStrings" in name]
    place = int(chosen(tables, rng)) if tables and rng.random() < 0.5 else int(rng.integers(len(parts)))
    name, part = parts[place]
    if kind < 0.85:
        parts[place] = (name, _changed_xml(part, rng))
    elif kind < 0.9:
        del parts[place]
    elif kind < 0.95:
        parts[place] = (name, chosen(parts, rng)[1])
    else:
        parts[place] = (chosen([other for other, _ in parts], rng), part)
    return _packed(parts, zipfile.ZIP_DEFLATED if rng.random() < 0.5 else zipfile.ZIP_STORED)


def _changed_xml(part: bytes, rng: Generator) -> bytes:
    """Change a value, or move, repeat or remove an element, so that the XML stays well formed; seldom any bytes."""
    kind = float(rng.random())
    found = list((_VALUE if kind < 0.5 else _ELEMENT).finditer(part))
    if kind > 0.85 or not found:
        return _change_text(part, rng)
    one, two = chosen(found, rng), chosen(found, rng)
    if kind < 0.5:
        new = chosen((*XML_VALUES, two[0].strip(b'"')), rng)
        return part[: one.start()] + (b'"%s"' % new if one[0][:1] == b'"' else new) + part[one.end() :]
    times = chosen((0, 1, 1, 2, 200), rng)
    return part[: one.start()] + two[0] * times + part[one.end() :]


def _packed(parts: list[tuple[str, bytes]], method: int) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as archive:
        for name, part in dict(parts).items():
            archive.writestr(zipfile.ZipInfo(name), part, method)
    return packed.getvalue()


def parquet(data: bytes, rng: Generator) -> bytes:
    """Change the pages or the description at the end of a Parquet file, of which the length stays right."""
    length = int.from_bytes(data[-8:-4], "little") if len(data) > 12 else 0
    if rng.random() < 0.1 or not 0 < length <= len(data) - 12:
        return _change_bytes(data, rng)
    pages, description = data[4 : -8 - length], data[-8 - length : -8]
    if rng.random() < 0.5:
        pages = _change_part(pages, rng)
    else:
        description = _change_part(description, rng)
    return b"PAR1" + pages + description + len(description).to_bytes(4, "little") + b"PAR1"


def _change_part(part: bytes, rng: Generator) -> bytes:
    kind = float(rng.random())
    if kind < 0.7 or not part:
        return flipped(part, rng)
    place = int(rng.integers(len(part)))
    if kind < 0.9:
        # Numbers are written in as few bytes as they need, seven bits in each: this is a large one.
        return part[:place] + b"\xff" * int(rng.integers(1, 10)) + b"\x0f" + part[place + 1 :]
    return _change_bytes(part, rng)
