"""How the cells of a workbook look: the sign that stands beside a number, lines through text, and raised text.

100 that is shown as $100.00 is not EUR 100, 0.85 that is shown as 85% is not 0.85 to those who see it, what is struck
through is no longer meant, and a raised 1 behind 250000 is the mark of a footnote. Formats that leave the sign to the
country of whoever looks (5 to 8, 41 to 44) say nothing.

Source of the format: ECMA-376, Part 1, sections 18.8.30 (number formats), 18.8.10 (cell formats), 18.4.10 (strike),
18.4.14 (vertAlign).
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field

from portfolio.call.scales import unscaled
from portfolio.call.xlsxtexts import UNCLEAR, as_text

PERCENT = "%"
"""Stands for cells that are shown as percentages."""
WRITTEN_PERCENT = "%%"
"""Stands for cells with a percent sign that is a text of their format: 5 as 5%, where a percentage would be 0.05."""
_PERCENTS = {"9": PERCENT, "10": PERCENT}
_PERCENTAGES = frozenset({PERCENT, WRITTEN_PERCENT})
# Of 27 to 36 and 50 to 58, which have no code in the file, those that show a day in Chinese, Japanese and Korean alike;
# the others are a time of day in some of them.
_DAYS = frozenset(["27", "28", "29", "30", "31", "36", "50", "51", "54", "57", "58"])
_PIECE = re.compile(
    r'"(?P<quoted>[^"]*)"|(?:\\|!(?!["\[]))(?P<escaped>.)|[_*].|\[\$(?P<sign>[^\]-]*)[^\]]*\]|\[[^\]]*\]|(?P<plain>(?i:General)|.)',
    re.DOTALL,
)
_SIGNS = "%$€£¥\uffe5₹₩₪₺₽₴₫元円"
_BETWEEN = " "
_APART = "\\"
_ZERO = 2
_DIGIT = re.compile("[0#?]|General", re.IGNORECASE)
_DIGITS = "0#?"
# Where a section shows a digit of the number, and what joins digits to one number for those who look.
_OWN = "\0"
_JOINED = re.compile(rf"\d[\s.,'’·_-]*{_OWN}|{_OWN}[\s.,'’·_-]*\d")
_LONGEST = 255
STRUCK = "\n"
"""Stands for cells that are struck through, beside what cells show, which has no line end."""
# No format can hold these, for XML does not allow them; they stand behind the two others, which say more of a cell.
LARGE = "\v"
"""Stands for cells of numbers of more digits than Excel keeps."""
MOVED = "\f"
"""Stands for cells whose last digits a format sets apart from the others, as if they were decimals."""
DIGITS = "\x0e"
"""Stands for cells to whose digits a format adds some of its own: 300 as 3000."""
RAISED = "\t"
"""Stands for cells with raised or lowered text, in the same way."""
Looks = frozenset[str]
"""Of a text: `STRUCK` and `RAISED`, or one of them, or nothing."""


def local(tag: str) -> str:
    """Return the name of an element without its namespace."""
    return tag.rpartition(":")[2]


def looks(tag: str, attributes: dict[str, str]) -> Looks:
    """Return what an element of the properties of a text makes of it."""
    value = attributes.get("val", "")
    if local(tag) == "strike" and value not in ("0", "false"):
        return frozenset({STRUCK})
    return frozenset({RAISED} if local(tag) == "vertAlign" and value != "baseline" else ())


def beside(code: str) -> frozenset[str]:
    """Return what the sections of a number format put beside a number: ``$``, ``US $``, ``EUR``; percents on their own.

    Scales that a format makes true are left out: 1500000 is shown as 1.5M by ``0.0,,"M"``, and as 1500000M by ``0"M"``.

    Raises
    ------
    ValueError
        If the format is longer than any that Excel takes.
    """
    if len(code) > _LONGEST:
        what = f"a format of numbers has {len(code):,} characters, and Excel takes {_LONGEST}"
        raise ValueError(f"{what}: delete it, or copy the cells into a new workbook as values")
    found: set[str] = set()
    for place, (text, digits, line) in enumerate(_sections(code)):
        # What stands for zero, and what is shown of texts, is beside no number.
        if place < _ZERO or _DIGIT.search(digits):
            power, words = _power(digits), text.split()
            found |= _PERCENTAGES & set(words)
            named = [word for word in words if word not in _PERCENTAGES and any(map(_is_seen, word))]
            left = [unscaled(word, power) if power else word for word in named]
            found.add(" ".join(filter(None, left)))
            if left == named:
                found |= {MOVED} if _moved(digits) else set()
                found |= {DIGITS} if _added(line) else set()
    return frozenset(found - {""})


def _power(digits: str) -> int:
    r"""Return the power of ten by which a section divides what it shows.

    Each comma behind the digits leaves out three. What stands between digits groups them by three, or sets one or two
    apart: 15 is shown as 1.5 by ``0\.0``.
    """
    commas = 0
    for part in digits.split("."):
        behind = part[max(map(part.rfind, _DIGITS)) + 1 :]
        if len(behind) < len(part):
            commas += len(behind) - len(behind.lstrip(","))
    return 3 * commas + _moved(digits)


def _moved(digits: str) -> int:
    """Return how many digits stand alone behind the last thing between them; groups of three do not."""
    places = [place for place, one in enumerate(digits) if one in _DIGITS]
    _, apart, last = digits[places[0] : places[-1] + 1].rpartition(_APART) if places else ("", "", "")
    return sum(map(last.partition(".")[0].count, _DIGITS)) % 3 if apart else 0


def _added(line: str) -> bool:
    """Whether a section, as `_sections` returns it, shows digits as the number's that are not."""
    return bool(_JOINED.search(line)) or (_OWN not in line and any(map(str.isdecimal, line)))


def _sections(code: str) -> list[tuple[str, str, str]]:
    """Return of each section of a format what it puts beside a number, its other characters, and both in a line.

    In the line every digit of the number is `_OWN`.
    """
    text, digits, line = [""], [""], [""]
    for piece in _PIECE.finditer(code):
        plain = piece["plain"] or ""
        words = piece["quoted"] or piece["escaped"] or piece["sign"]
        if plain == ";":
            text.append("")
            digits.append("")
            line.append("")
        elif words is None:
            digits[-1] += plain
            seen = plain in _SIGNS or not (plain.isascii() or plain.isalpha())
            text[-1] += f" {PERCENT} " if plain == PERCENT else plain if seen else _BETWEEN
            line[-1] += _OWN if _DIGIT.fullmatch(plain) else plain
        else:
            text[-1] += f" {words} " if piece["sign"] else words.replace(PERCENT, f" {WRITTEN_PERCENT} ")
            digits[-1] += _APART
            line[-1] += words
    return list(zip(text, digits, line, strict=True))


def _is_seen(letter: str) -> bool:
    return letter.isalnum() or letter in "%‰" or unicodedata.category(letter) == "Sc"


@dataclass(slots=True)
class Styles:
    """What is seen on the way through the styles of a workbook.

    Attributes
    ----------
    shown
        What stands beside the numbers of cells of a style, and what they are as texts; by the number of the style.
    looks
        How the font of a style looks, where that matters.
    days
        The numbers of formats of days that are used, of those that programs of East Asia bring.
    """

    shown: dict[str, frozenset[str]] = field(default_factory=dict)
    looks: dict[str, Looks] = field(default_factory=dict)
    days: set[str] = field(default_factory=set)
    _codes: dict[str, frozenset[str]] = field(
        default_factory=lambda: {number: frozenset({sign, UNCLEAR}) for number, sign in _PERCENTS.items()}
    )
    _fonts: list[Looks] = field(default_factory=list)
    _inside: list[str] = field(default_factory=list)
    _count: int = 0

    def begin(self, tag: str, attributes: dict[str, str]) -> None:
        """Take note of an element that begins."""
        parent = self._inside[-1] if self._inside else ""
        self._inside.append(tag := local(tag))
        if tag == "numFmt" and parent == "numFmts":
            code = attributes.get("formatCode", "")
            self._codes[attributes.get("numFmtId", "")] = beside(code) | as_text(code)
        elif tag == "font" and parent == "fonts":
            self._fonts.append(frozenset())
        elif parent == "font" and "fonts" in self._inside:
            self._fonts[-1] |= looks(tag, attributes)
        elif tag == "xf" and parent == "cellXfs":
            self._style(str(self._count), attributes)
            self._count += 1

    def end(self, _: str) -> None:
        """Take note of an element that ends."""
        self._inside.pop()

    def _style(self, number: str, attributes: dict[str, str]) -> None:
        code = attributes.get("numFmtId", "")
        if shown := self._codes.get(code):
            self.shown[number] = shown
        if code not in self._codes:
            self.days |= _DAYS & {code}
        font = attributes.get("fontId", "")
        if font.isdecimal() and int(font) < len(self._fonts) and (found := self._fonts[int(font)]):
            self.looks[number] = found
