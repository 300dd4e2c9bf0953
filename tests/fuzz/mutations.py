"""Changing files as accidents and attackers do: bytes, pieces of text, and values of nested data."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from typing import Any

from numpy.random import Generator

Mutate = Callable[[bytes, Generator], bytes]

MOST_BYTES = 1 << 16
NUMBERS = (
    b"0", b"-1", b"1e400", b"-0.0", b"1e-400", b"nan", b"9" * 19, b"9" * 400, b"9" * 5000, b"2147483648",
    b"18446744073709551616", b"0x10", b"1_000", b"1,234", b"1.234", b"4294967295", b"1048576", b"65536",
)  # fmt: skip
_NUMBER = re.compile(rb"[0-9][0-9.,]*")
_PIECE = re.compile(rb"[^\s,;:\t|<>\"'=()\[\]{}]+")
_CODINGS = ("utf-8-sig", "utf-16", "utf-16-le", "utf-32", "cp1252", "gb18030", "cp037")
_LINE = re.compile(rb"(?<=\n)|(?<=\r)(?!\n)")


def chosen(options: Sequence[Any], rng: Generator) -> Any:
    """Return one of some things."""
    return options[int(rng.integers(len(options)))]


def piled(each: Mutate) -> Mutate:
    """Change a file once, and as often as not once more, and so on."""

    def change(data: bytes, rng: Generator) -> bytes:
        while True:
            data = each(data, rng)[:MOST_BYTES]
            if rng.random() < 0.5:
                return data

    return change


def texts(words: Sequence[bytes]) -> Mutate:
    """Change a text, with words that mean something in files of its kind."""

    def change(data: bytes, rng: Generator) -> bytes:
        return chosen(CHANGES, rng)(data, rng, words)

    return change


def _span(data: bytes, rng: Generator, longest: int = 64) -> tuple[int, int]:
    start = int(rng.integers(len(data) + 1))
    return start, min(len(data), start + int(rng.integers(1, longest + 1)))


def flipped(data: bytes, rng: Generator, words: Sequence[bytes] = ()) -> bytes:
    """Change one byte."""
    if not data:
        return bytes([int(rng.integers(256))])
    place = int(rng.integers(len(data)))
    byte = data[place] ^ (1 << int(rng.integers(8))) if rng.random() < 0.7 else int(rng.integers(256))
    return data[:place] + bytes([byte]) + data[place + 1 :]


def _removed(data: bytes, rng: Generator, words: Sequence[bytes]) -> bytes:
    start, end = _span(data, rng)
    return data[:start] + data[end:]


def _repeated(data: bytes, rng: Generator, words: Sequence[bytes]) -> bytes:
    start, end = _span(data, rng)
    return data[:end] + data[start:end] * chosen((1, 2, 50, 1000), rng) + data[end:]


def _cut(data: bytes, rng: Generator, words: Sequence[bytes]) -> bytes:
    return data[: int(rng.integers(len(data) + 1))]


def _with_word(data: bytes, rng: Generator, words: Sequence[bytes]) -> bytes:
    start, end = _span(data, rng, 8)
    return data[:start] + chosen(words, rng) + data[end if rng.random() < 0.5 else start :]


def _piece_by_word(data: bytes, rng: Generator, words: Sequence[bytes]) -> bytes:
    return _replaced(_PIECE, data, chosen(words, rng), rng)


def _swollen(data: bytes, rng: Generator, words: Sequence[bytes]) -> bytes:
    return _replaced(_NUMBER, data, chosen(NUMBERS, rng), rng)


def _swapped_pieces(data: bytes, rng: Generator, words: Sequence[bytes]) -> bytes:
    found = list(_PIECE.finditer(data))
    if len(found) < 2:
        return data
    one, two = (found[int(place)] for place in sorted(rng.integers(0, len(found), 2)))
    between = data[one.end() : two.start()]
    return data[: one.start()] + two[0] + between + one[0] + data[two.end() :] if one is not two else data


def _changed_lines(data: bytes, rng: Generator, words: Sequence[bytes]) -> bytes:
    lines = _LINE.split(data)
    one, two = rng.integers(0, len(lines), 2)
    match int(rng.integers(4)):
        case 0:
            lines[one], lines[two] = lines[two], lines[one]
        case 1:
            lines.insert(int(one), lines[two])
        case 2:
            del lines[one]
        case _:
            lines = [line.rstrip(b"\r\n") + chosen((b"\r", b"\n", b"\r\n", b"\n\n"), rng) for line in lines]
    return b"".join(lines)


def _recoded(data: bytes, rng: Generator, words: Sequence[bytes]) -> bytes:
    return data.decode("utf-8", "replace").encode(chosen(_CODINGS, rng), "replace")


CHANGES = (
    flipped, _removed, _repeated, _cut, _with_word, _with_word, _piece_by_word, _piece_by_word, _swollen,
    _swapped_pieces, _changed_lines, _recoded,
)  # fmt: skip


def _replaced(what: re.Pattern[bytes], data: bytes, new: bytes, rng: Generator) -> bytes:
    found = list(what.finditer(data))
    if not found:
        return data + new
    place = chosen(found, rng)
    return data[: place.start()] + new + data[place.end() :]


VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 0.5, 2**31, 2**63, -(2**63), 2**64, 10**400, 1e308, -1e308, 5e-324, "", "0", "\0",
    "nan", "9" * 40, "1e400", "2020-02-30", "\ud800", "\u202e", "x" * 3000, "../../etc/passwd", "..", "/", "=1+1",
    [], {}, [[]], [{}], [None], {"": None}, ["a", "a"], [1, "a"], {"a": {"b": {"c": 1}}},
)  # fmt: skip


def nested(as_bytes: Callable[[Any], bytes], from_bytes: Callable[[bytes], Any]) -> Mutate:
    """Change one value of nested data, so that the file stays well formed: another type, gone, or twice."""

    def change(data: bytes, rng: Generator) -> bytes:
        try:
            document = from_bytes(data)
            places = list(_places(document))
            if not places:
                return as_bytes(chosen(VALUES, rng))
            _change(places, rng)
            return as_bytes(document)
        except (ValueError, TypeError, RecursionError, OverflowError):
            # What other changes have made of it is no such file any more, or cannot be written as one.
            return flipped(data, rng)

    return change


def _places(document: Any) -> list[tuple[Any, Any]]:
    """Return every table and list with each of its keys or places."""
    found, waiting = [], [document]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict | list):
            keys = list(one) if isinstance(one, dict) else range(len(one))
            found += [(one, key) for key in keys]
            waiting += [one[key] for key in keys]
    return found


def _change(places: Sequence[tuple[Any, Any]], rng: Generator) -> None:
    home, key = chosen(places, rng)
    match int(rng.integers(5)):
        case 0:
            del home[key]
        case 1:
            other, place = chosen(places, rng)
            home[key] = json.loads(json.dumps(other[place], default=str))
        case 2 if isinstance(home, list):
            home.append(home[key])
        case 2:
            home[chosen(("", "x", "id", "amount", "\u202e"), rng)] = home.pop(key)
        case _:
            home[key] = chosen(VALUES, rng)


def as_json(document: Any) -> bytes:
    """Write nested data as JSON, half characters included."""
    return json.dumps(document).encode()


def mixed(*ways: Mutate) -> Mutate:
    """Change a file in one of several ways."""

    def change(data: bytes, rng: Generator) -> bytes:
        return chosen(ways, rng)(data, rng)

    return change
