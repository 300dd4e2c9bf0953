r"""What a format of numbers makes of a number that is an id, a field or another text: 7 is P-007 by ``"P-"000``.

Of a whole number and a format of literals and zeros there is one text, and that is what people see and write elsewhere.
What other formats put beside a number, or take away from it, is refused. Those that only group digits or add decimals,
as ``#,##0`` and ``0.00``, leave the number as it is.

Source of the format: ECMA-376, Part 1, section 18.8.31.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import polars as pl

WRITTEN = "\x0f"
"""Begins what stands for cells that are a text by their format: a form of it follows, with `ZERO` for every digit."""
OTHERWISE = "\x12"
"""Parts the form of numbers that have no more digits than it from that of longer ones: 12345 and 12345-6789."""
UNCLEAR = "\x10"
"""Stands for cells by whose format people see another text than their number, and it is not certain which."""
ZERO = "\0"
"""Where a form takes a digit, or a zero where there is none."""

_PIECE = re.compile(
    r'"(?P<quoted>[^"]*)"|(?:\\|!(?!["\[]))(?P<escaped>.)|[_*](?P<gap>.)|\[\$(?P<sign>[^\]-]*)[^\]]*\]'
    r"|\[(?P<word>[^\]]*)\]|(?P<plain>(?i:General|E[+-])|.)",
    re.DOTALL,
)
# Excel shows these without quotation marks; others it reads as something else.
_SHOWN = "-()+"
_SEEN = f'" ${_SHOWN}'
_SPOILED = "\x11"
_BLANK = " \u00a0\u2009\u202f"
# What groups digits, or is a blank beside them.
_GROUPING = f"{_BLANK}.,'’_"
_PLACE = re.compile("[0#?]|General", re.IGNORECASE)
_DAY = re.compile("[a-df-z]", re.IGNORECASE)
# The condition of a first section that is for numbers of so many digits.
_NINES = re.compile(r"(?:\[[^<>=\]]*\])*\[<=(9+)\]")


def as_text(code: str) -> frozenset[str]:
    """Return what a number format makes of a whole number where that is a text: nothing, a form of it, or `UNCLEAR`."""
    sections, chosen = _sections(code)
    # The second section is that of negative numbers, the third that of zero, unless a condition says otherwise.
    if not any(map(_changes, sections if chosen else sections[:1])):
        return frozenset()
    forms = ["".join(_filled(section)).strip(_BLANK) for section in sections]
    if chosen:
        nines = _NINES.match(code)
        by_length = nines is not None and len(nines[1]) == forms[0].count(ZERO) and len(forms) == 2
        forms = forms if by_length else []
    elif len(forms) < 3 or forms[2] == forms[0]:
        forms = forms[:1]
    clear = 0 < len(forms) < 3 and all(ZERO in form and not set(form) & {_SPOILED, ";"} for form in forms)
    return frozenset({WRITTEN + OTHERWISE.join(forms) if clear else UNCLEAR})


def in_full(form: str, cells: pl.Series) -> pl.Series:
    """Return whole numbers, or texts of their digits, as a form of `as_text` shows them; null for all others."""
    if cells.dtype.is_numeric():
        whole = cells.cast(pl.Int64, strict=False)
        cells = whole.set((whole != cells).fill_null(True), None).cast(pl.String)
    form, _, longer = form.partition(OTHERWISE)
    known = _in_full(form)
    if longer:
        is_long = pl.col("cell").str.len_bytes() > form.count(ZERO)
        known = pl.when(is_long).then(_in_full(longer)).otherwise(known)
    known = pl.when(pl.col("cell").str.contains("^[0-9]+$")).then(known)
    return cells.to_frame("cell").select(known).to_series()


def _in_full(form: str) -> pl.Expr:
    digits = pl.col("cell").str.zfill(form.count(ZERO))
    parts: list[pl.Expr] = []
    behind, first = form.count(ZERO), True
    for part in filter(None, re.split(f"({ZERO}+)", form)):
        if not part.startswith(ZERO):
            parts.append(pl.lit(part))
            continue
        behind -= len(part)
        group = digits.str.head(-behind) if behind else digits
        # Digits for which there is no zero stand before all others.
        parts.append(group if first else group.str.tail(len(part)))
        first = False
    return pl.concat_str(parts)


_Pieces = list[tuple[str, str]]


def _sections(code: str) -> tuple[list[_Pieces], bool]:
    """Return the sections of a format, and whether conditions choose among them.

    Of each piece its part of the form is returned, and how it was written: ``"`` for texts, else as it is.
    """
    sections: list[_Pieces] = [[]]
    chosen = False
    for piece in _PIECE.finditer(code):
        words, plain = piece["quoted"] or piece["escaped"] or piece["sign"], piece["plain"]
        if plain == ";":
            sections.append([])
        elif words:
            sections[-1].append((words, '"'))
        elif piece["gap"]:
            is_blank = piece[0][0] == "_" or piece["gap"] in _BLANK
            sections[-1].append((" " if is_blank else _SPOILED, " "))
        elif piece["word"]:
            chosen |= piece["word"][0] in "<>="
        elif plain:
            form = ZERO if plain == "0" or len(plain) > 2 else plain if plain in _SHOWN + _BLANK else _SPOILED
            sections[-1].append((form, plain))
    return sections, chosen


def _filled(section: _Pieces) -> Iterator[str]:
    """Yield what a section shows: behind a zero every place is filled with one, ``0####``, and before it none is."""
    written = [how for _, how in section]
    for place, (form, how) in enumerate(section):
        before, behind = written[:place], written[place + 1 : place + 2]
        yield form if how != "#" else ZERO if "0" in before else "" if behind in (["#"], ["0"]) else _SPOILED


def _changes(section: _Pieces) -> bool:
    """Whether a section shows something else of a whole number than its digits, grouped or not."""
    written = [how for _, how in section]
    skeleton = "".join(written)
    places = [place for place, how in enumerate(written) if _PLACE.fullmatch(how)]
    if not places:
        # Days and times are no numbers to a reader; a section of texts alone hides the number.
        return '"' in written and not _DAY.search(skeleton)
    whole = re.split(r"\.|E[+-]", skeleton, maxsplit=1, flags=re.IGNORECASE)[0]
    texts = "".join(
        form if how in '" ' else how for form, how in section if how in _SEEN or not how.isascii()
    )
    # Behind a zero every place is filled with one.
    filled = re.findall("[0#]", whole[whole.index("0") :]) if "0" in whole else []
    # A comma behind all digits takes three of them away.
    scaled = "," in written[places[-1] + 1 : places[-1] + 2]
    return len(filled) > 1 or "%" in skeleton or scaled or bool(texts.strip(_GROUPING)) or _parted(section)


def _parted(section: _Pieces) -> bool:
    """Whether a text parts the digits elsewhere than before groups of three."""
    line = "".join(ZERO if _PLACE.fullmatch(how) else '"' if how == '"' else how for _, how in section)
    _, apart, last = line[: line.rfind(ZERO) + 1].rpartition('"')
    return (
        ZERO in line.partition(apart)[0] and bool(last.partition(".")[0].count(ZERO) % 3) if apart else False
    )
