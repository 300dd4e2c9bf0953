"""The layout of a text file: its encoding, its delimiter, its headings."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from portfolio.call.csvfile import original_headings
from portfolio.errors import DataError, Issue

DELIMITERS = ",;\t|"
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_RUNS = re.compile(rb"([A-Za-z]?)([\x80-\xff]+)([A-Za-z]?)")
_SAMPLE = 4 << 20
# How much is looked at to find the mark between cells: letters, rows, and the share that is most of them.
_LOOK, _ROWS, _MOST = 1 << 16, 20, 0.5
# What else may be meant by bytes that were taken for these, and how it is named.
_INSTEAD = {"cp1252": "cp1250", "gb18030": "big5"}
_NAMED = "--encoding {0} (in Python encoding='{0}')"
_JAPANESE = ("cp932", "euc_jp")
# How ISO-2022-JP, of e-mail, begins kanji and kana among bytes that are all ASCII.
_ESCAPED = re.compile(rb"\x1b\$[@B]|\x1b\$\([DOPQ]")
_KANA = re.compile("[\u3041-\u3096\u30a1-\u30fa\u30fc]{2}")
_WORD = re.compile(r"[^\s,;|\"]+")
_SHOWN, _LONGEST = 3, 40
_SPOKEN = {"\t": "a tab"}
_OTHERWISE = (
    "the cells are parted at {0}; if it is {1}, write sep= and that mark on a line of its own above them"
)


@dataclass(frozen=True, slots=True)
class Layout:
    """How to read a text file.

    `preamble` is the text up to the first record, `first_row` the row of that record as a spreadsheet shows it.
    `otherwise` says what to do where another mark may part the cells; empty where none may.
    """

    delimiter: str
    headings: tuple[str, ...]
    preamble: str
    first_row: int
    otherwise: str = ""


def byte_order_mark(data: bytes) -> str | None:
    """Return the encoding that a byte order mark announces."""
    return next((name for mark, name in _BOMS if data.startswith(mark)), None)


def guess_encoding(data: bytes) -> str:
    """Tell UTF-8, Chinese (GB18030) and Western European (cp1252) text apart.

    Text that is not UTF-8 is Chinese if most of its bytes above 127 stand in runs that Chinese makes: of even length,
    valid in GB18030, and longer than two or not touching a Latin letter (the two accents of ``créée`` do). A run of one
    or three between Latin letters is an accent, a dash or a quotation mark.
    """
    if _decodes(data, "utf-8"):
        return "utf-8"
    start = max(0, next((found.start() for found in _RUNS.finditer(data)), 0) - 1)
    chinese = western = 0
    for before, run, after in _RUNS.findall(data[start : start + _SAMPLE]):
        pairs = len(run) % 2 == 0 and _decodes(run, "gb18030")
        if pairs and (len(run) > 2 or not (before or after)):
            chinese += len(run)
        else:
            western += len(run)
    return "gb18030" if chinese > western and _decodes(data, "gb18030") else "cp1252"


def note_on(text: str, encoding: str, file: str) -> str:
    """Say that an encoding was guessed, with words that show whether it is the right one; empty for ASCII."""
    words = dict.fromkeys(word[0] for word in _WORD.finditer(text) if not word[0].isascii())
    if not words:
        return ""
    spoken = [word for word in words if any(letter > "\x7f" and letter.isalpha() for letter in word)]
    shown = ", ".join(repr(word[:_LONGEST]) for word in (spoken or list(words))[:_SHOWN])
    return (
        f"{file} is not UTF-8 and does not say what else it is; it was read as {encoding}: {shown}. If that looks "
        f"wrong, name its encoding, such as {_NAMED.format(_INSTEAD[encoding])}, or save it as UTF-8"
    )


def is_escaped(data: bytes) -> bool:
    """Whether bytes have the escapes of ISO-2022-JP."""
    return b"\x1b" in data and _ESCAPED.search(data) is not None


def refuse_japanese(data: bytes, guess: str, file: str) -> None:
    """Raise `DataError` if bytes that were taken for other text are Japanese as well.

    Of ISO-2022-JP, which is UTF-8 too, its escapes tell; of what is not UTF-8, kana next to each other.
    """
    if is_escaped(data):
        hint = f"save it as UTF-8, or name its encoding: {_NAMED.format('iso2022_jp')}"
        raise DataError([Issue("has the escapes of Japanese text (ISO-2022-JP)", hint, file=file)])
    for other in _JAPANESE if guess != "utf-8" else ():
        if not _decodes(data, other):
            continue
        words = (word[0] for word in _WORD.finditer(data.decode(other)) if _KANA.search(word[0]))
        if (word := next(words, None)) is not None:
            word = word[:_LONGEST]
            what = (
                f"may be {guess} ({word.encode(other).decode(guess, 'replace')!r}) or {other} ({word!r}) text"
            )
            hint = f"save it as UTF-8, or name its encoding: {_NAMED.format(other)}, or {guess}"
            raise DataError([Issue(what, hint, file=file)])


def _decodes(data: bytes, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    view = memoryview(data)
    try:
        for start in range(0, len(view), 1 << 20):
            decoder.decode(view[start : start + (1 << 20)])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def decoded(data: bytes, encoding: str, file: str) -> str:
    """Decode a file, or say that its encoding is another one."""
    try:
        return data.decode(encoding).removeprefix("\ufeff")
    except (UnicodeError, LookupError) as error:
        other = _NAMED.format(_INSTEAD.get(encoding, "cp1252"))
        hint = f"save the file as UTF-8, or name its encoding, such as {other}"
        raise DataError([Issue(f"is not {encoding} text", f"{hint}: {error}", file=file)]) from None


def layout(text: str, file: str) -> Layout:
    """Find the heading record, its delimiter and where the data begin.

    Parameters
    ----------
    text
        The beginning of a file, with at least its whole heading record.
    file
        Its name.

    Raises
    ------
    DataError
        If the headings cannot be taken apart.
    """
    before, stated = _before(text)
    record, line_end = _first_record(text[len(before) :])
    outside = re.sub(r'"[^"]*"?', "", record)
    marks = [stated] if stated else sorted(filter(outside.count, DELIMITERS), key=outside.count, reverse=True)
    delimiter = _parting(marks or [DELIMITERS[0]], record, text[len(before + record + line_end) :][:_LOOK])
    try:
        headings = next(csv.reader([record], delimiter=delimiter), [])
    except csv.Error as error:
        hint = f"{error}; check the quotation marks in the first row"
        raise DataError([Issue("has headings that cannot be read", hint, file=file)]) from None
    others = [mark for mark in marks if mark != delimiter]
    return Layout(
        delimiter,
        original_headings(headings),
        before + record + line_end,
        len(re.findall("\r\n|\n|\r", before)) + 2,
        _OTHERWISE.format(*(_SPOKEN.get(mark, repr(mark)) for mark in (delimiter, *others[:1])))
        if others
        else "",
    )


def _parting(marks: Sequence[str], headings: str, sample: str) -> str:
    """Return the mark that parts the cells, of those that stand in the headings, the most frequent first.

    It is the most frequent one, unless that parts most of the first rows otherwise than the headings, which may hold
    more commas than tabs: then it is the one by which the most rows have as many cells as there are headings.
    """

    def fits(mark: str) -> float:
        try:
            width = len(next(csv.reader([headings], delimiter=mark)))
            rows = _first_rows(sample, mark)
        except csv.Error:
            return 0
        return sum(len(row) >= width and not any(row[width:]) for row in rows) / len(rows) if rows else 1

    return marks[0] if len(marks) == 1 or fits(marks[0]) >= _MOST else max(marks, key=fits)


def _first_rows(sample: str, mark: str) -> list[list[str]]:
    """Return the first records that are not empty, without one that the end of the sample may cut."""
    rows = list(islice(filter(None, csv.reader(io.StringIO(sample, newline=""), delimiter=mark)), _ROWS))
    return rows if len(rows) == _ROWS or len(sample) < _LOOK else rows[:-1]


def has_whole_heading(data: bytes) -> bool:
    """Whether the beginning of a file reaches beyond its heading record."""
    text = data.decode("latin-1")
    return _first_record(text[len(_before(text)[0]) :])[1] != ""


def _before(text: str) -> tuple[str, str]:
    """Return what stands before the headings, and the delimiter if that is stated there as for Excel: ``sep=;``."""
    found = re.match(rf'[\r\n]*(?:"?sep=([{DELIMITERS}])"?[\r\n]+)?', text, re.IGNORECASE)
    return (found[0], found[1] or "") if found else ("", "")


def _first_record(text: str) -> tuple[str, str]:
    """Return the text up to the first line end outside quotation marks, and that line end."""
    marks = counted = 0
    for found in re.finditer(r"\r\n|\n|\r", text):
        marks += text.count('"', counted, found.start())
        counted = found.start()
        if marks % 2 == 0:
            return text[:counted], found[0]
    return text, ""
