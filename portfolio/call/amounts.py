"""Reading money as people write it: signs, codes, grouping, and a decimal mark that the whole file agrees on."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import polars as pl

from portfolio.call.currencynames import says, says_another
from portfolio.call.money import exponent, fractions
from portfolio.call.proposal import MOST_MONEY
from portfolio.call.scales import SINGLE, is_scale
from portfolio.call.value import TYPES, bound
from portfolio.errors import Issue

Mark = Literal[".", ","]
Texts = tuple[str, pl.Series, pl.Series]

# Space, no-break space, and those of figures, thin and narrow. A line end or tab stands between two amounts.
_BLANK = r"[ \x{a0}\x{2007}\x{2009}\x{202f}]"
GROUP = rf"(?:['’ʼ`´]|{_BLANK})"
# Soles have the sign S/.
_NAME = rf"(?:S/\.?|[\p{{L}}\p{{Sc}}](?:[\p{{L}}\p{{Sc}}.]|{_BLANK}){{0,19}})"
_WHOLE = (
    rf"^(?P<open>\()?{_BLANK}*(?P<minus>[-−+])?{_BLANK}*(?P<before>{_NAME})?{_BLANK}*(?P<inner>[-−+])?{_BLANK}*"
    rf"(?P<body>[0-9](?:[0-9.,]|{GROUP})*|[.,][0-9]+)"
    rf"(?P<after>{_NAME})?{_BLANK}*(?P<behind>[-−])?{_BLANK}*(?P<close>\))?$"
)
# R writes 100000 as 1e+05, exactly; 5e5 and a spreadsheet's rounded 1.23E+05 are not taken for money.
_BY_R = r"^[1-9](\.[0-9]{1,14})?e\+(0[0-9]|1[0-5])$"
# A dash for the minor units, as in 12.500,- and 12 500:-, the /- of rupees and the /= of shillings.
_DASH = rf"(?P<digit>[0-9])([.,]{_BLANK}*[-–—]+|[:/][-–—]+|/=)(?P<name>{_BLANK}*({_NAME})?)$"
# The zero of accountants; a dash alone says that an amount is not known.
_ZEROS = (rf"^(?P<name>{_NAME})[-–—]+$", rf"^[-–—]+(?P<name>{_BLANK}*{_NAME})$")
_GROUPED = rf"^[0-9]{{1,3}}({GROUP}[0-9]{{3}})+([.,][0-9]*)?$"
# As wide as the letters of Chinese and Japanese.
_WIDE = {chr(ord(narrow) + 0xFEE0): narrow for narrow in "0123456789.,"}
_EITHER = r"^[0-9]{1,3}[.,][0-9]{3}$"
_MONEY = f"must be {TYPES['decimal']}"


def quick_money(text: pl.Expr, currency: str, mark: str) -> pl.Expr:
    """Parse the plain cells, ``1234`` and ``1234.5``, that read the same under every convention but a comma's."""
    places = min(exponent(currency), 2) if mark != "," else 0
    plain = rf"^[0-9]{{1,15}}(\.[0-9]{{1,{places}}})?$" if places else r"^[0-9]{1,15}$"
    minor = (
        text.cast(pl.Decimal(38, exponent(currency)), strict=False).to_physical().cast(pl.Int64, strict=False)
    )
    return pl.when(text.str.contains(plain)).then(minor)


@dataclass(frozen=True, slots=True)
class Anatomy:
    """The parts of some cells of money: texts of digits and marks, and what stands around them."""

    body: pl.Series
    grouped: pl.Series
    negative: pl.Series
    token: pl.Series


def anatomy(text: pl.Series) -> Anatomy:
    """Take the cells apart; `body` is null where a cell is not an amount of money."""
    plain = _written_out(text.str.replace_many(_WIDE)).str.replace(_DASH, "${digit}${name}")
    for zero in _ZEROS:
        plain = plain.str.replace(zero, "0${name}")
    parts = plain.str.extract_groups(_WHOLE).struct.unnest()
    body = parts["body"].str.strip_chars()
    spaced = body.str.contains(GROUP)
    body = pl.select(pl.when(~spaced | body.str.contains(_GROUPED)).then(body)).to_series()
    parenthesis = parts["open"].is_not_null()
    whole = parenthesis == parts["close"].is_not_null()
    signs = parts.select(pl.sum_horizontal(pl.col("minus", "inner", "behind").is_not_null())).to_series()
    whole &= signs + parenthesis <= 1
    minus = parts.select(pl.any_horizontal(pl.col("minus", "inner", "behind").is_in(["-", "−"]))).to_series()
    token = parts.select(pl.concat_str(pl.col("before", "after").fill_null(""), separator=" ")).to_series()
    return Anatomy(
        body=pl.select(pl.when(whole).then(body.str.replace_all(GROUP, ""))).to_series(),
        grouped=spaced.fill_null(False),
        negative=parenthesis | minus.fill_null(False),
        token=token.str.strip_chars(),
    )


def _written_out(text: pl.Series) -> pl.Series:
    number = text.cast(pl.Float64, strict=False)
    by_r = text.str.contains(_BY_R) & (number == number.floor())
    return pl.select(
        pl.when(by_r).then(number.cast(pl.Int64, strict=False).cast(pl.String)).otherwise(text)
    ).to_series()


def evidence(cells: Anatomy, mark: Mark) -> pl.Series:
    """Say for each cell whether it can only be read with this decimal mark."""
    mine, other = re.escape(mark), re.escape("," if mark == "." else ".")
    only = (
        rf"^[0-9{other}]*{other}[0-9{other}]*{mine}[0-9]*$"  # both: the last one is the decimal mark
        rf"|^[0-9]+{other}[0-9]+{other}[0-9{other}]*$"  # the other one twice: it groups
        # not a group of three
        rf"|^[0-9]*{mine}([0-9]{{0,2}}|[0-9]{{4,}})$|^[0-9]{{4,}}{mine}[0-9]{{3}}$|^0?{mine}[0-9]{{3}}$"
    )
    spaced = cells.grouped & cells.body.str.contains(mark, literal=True)  # grouped by spaces already
    return (cells.body.str.contains(only) | spaced).fill_null(False)


def _thousands(cells: Anatomy, mark: Mark) -> pl.Series:
    """Say which amounts without decimals must be thousands; programs write 500.000 for 500 too, and never 500,000."""
    grouped = cells.body.str.contains(_EITHER) & ~cells.body.str.contains(mark, literal=True)
    return (grouped & ~cells.body.str.ends_with(".000")).fill_null(False)


def decide_mark(
    file: str, money: Sequence[Texts], numbers: Sequence[Texts] = (), *, places: int = 2
) -> Mark | Issue | None:
    """Decide the decimal mark of a file from all its money.

    Parameters
    ----------
    file
        The file's name.
    money
        Heading, text of the cells, rows as the spreadsheet shows them; for every column of money.
    numbers
        The same for columns of other numbers, of which the digits are never grouped.
    places
        How many decimals the currency has: 4,680 yen can only be thousands.

    Returns
    -------
    Mark, Issue or None
        An issue if the cells contradict each other, or if every one could be read in two ways; None if all are whole.
    """
    taken_apart = [(name, text, rows, anatomy(text)) for name, text, rows in (*money, *numbers)]
    found: dict[Mark, Issue] = {}
    for place, (name, text, rows, cells) in enumerate(taken_apart):
        is_whole = place < len(money) and not places
        for mark in (".", ","):
            mask = evidence(cells, mark) | (_thousands(cells, mark) if is_whole else False)
            if mark not in found and mask.any():
                found[mark] = _seen(file, name, text.filter(mask), rows.filter(mask), "")
    if len(found) == 2:
        return _contradiction(found)
    if found:
        return next(iter(found))
    for name, text, rows, cells in taken_apart[: len(money)]:
        mask = cells.body.str.contains(_EITHER).fill_null(False)
        if mask.any():
            return _seen(
                file, name, text.filter(mask), rows.filter(mask), "can be read as thousands or as decimals"
            )
    return None


def _seen(file: str, name: str, text: pl.Series, rows: pl.Series, what: str) -> Issue:
    return Issue(
        what=what,
        hint='say in the policy which is the decimal mark: decimal_mark = "." or decimal_mark = ","',
        file=file,
        column=name,
        rows=tuple(rows.head(5)),
        values=tuple(text.unique(maintain_order=True).head(5)),
        count=len(text),
    )


def _contradiction(found: dict[Mark, Issue]) -> Issue:
    dot, comma = found["."], found[","]
    return Issue(
        what=f"and {comma.values[0]!r} ({comma.where}) cannot have the same decimal mark",
        hint='write all money in one way, or set decimal_mark = "." or "," to refuse the others',
        file=dot.file,
        column=dot.column,
        rows=dot.rows,
        values=dot.values[:1],
        count=dot.count,
    )


def patient_money(text: pl.Series, currency: str, mark: Mark) -> pl.DataFrame:
    """Parse any cells of money.

    Returns
    -------
    DataFrame
        `value` in minor units (null where the cell is not money), `what` and `hint` say why not.
    """
    cells, other = anatomy(text), "," if mark == "." else "."
    mine, groups = re.escape(mark), re.escape(other)
    shape = rf"^(?P<whole>[0-9]+|[0-9]{{1,3}}(?:{groups}[0-9]{{2,3}})*{groups}[0-9]{{3}})?(?:{mine}(?P<part>[0-9]*))?$"
    digits = cells.body.str.extract_groups(shape).struct.unnest()
    frame = digits.with_columns(negative=cells.negative, body=cells.body, text=text)
    whole = pl.col("whole").fill_null("").str.replace_all(other, "", literal=True).str.strip_chars_start("0")
    frame = frame.with_columns(whole=whole, part=pl.col("part").fill_null("").str.strip_chars_end("0"))
    return (
        frame.with_columns(beside=_beside(cells.token, currency))
        .with_columns(fault=_fault(currency, shape))
        .select(_value(currency), *_reason(currency, mark))
    )


def _fault(currency: str, shape: str) -> pl.Expr:
    return (
        pl.when(pl.col("text").is_null())
        .then(None)
        .when(pl.col("body").is_null())
        .then(pl.lit("text"))
        .when(pl.col("beside") != "")
        .then("beside")
        .when(~pl.col("body").str.contains(shape.replace("?P<whole>", "").replace("?P<part>", "")))
        .then(pl.lit("groups"))
        .when(pl.col("part").str.len_bytes() > exponent(currency))
        .then(pl.lit("fractions"))
        .when(pl.col("whole").str.len_bytes() > len(str(MOST_MONEY)))
        .then(pl.lit("size"))
    )


def _beside(token: pl.Series, currency: str) -> pl.Series:
    """Say what is wrong with what stands beside an amount: nothing if it names the currency, or is not there."""
    found = {one: _meant(one, currency) for one in token.drop_nulls().unique()}
    return token.replace_strict(found, default="", return_dtype=pl.String)


def _meant(token: str, currency: str) -> str:
    if not token or says(token, currency):
        return ""
    if is_scale(token):
        return "scale"
    return "currency" if says_another(token, currency) else "text"


def _value(currency: str) -> pl.Expr:
    minor = pl.concat_str("whole", pl.col("part").str.pad_end(exponent(currency), "0"))
    number = (
        pl.when(pl.col("fault").is_null() & pl.col("text").is_not_null())
        .then(minor)
        .replace("", "0")
        .cast(pl.Int64, strict=False)
    )
    return pl.when("negative").then(-number).otherwise(number).alias("value")


def _reason(currency: str, mark: Mark) -> tuple[pl.Expr, pl.Expr]:
    at_fault = pl.col("negative") & (pl.col("fault") == "size")
    whats = {
        "text": _MONEY,
        "scale": _MONEY,
        "currency": f"is not in {currency}",
        "groups": _MONEY,
        "fractions": fractions(currency),
        "size": bound("le", MOST_MONEY),
    }
    hints = {
        "text": f"write digits, and beside them at most a sign or name of {currency}; leave a cell empty if the amount "
        "is not known",
        "scale": SINGLE.format("the cells"),
        "currency": "a call has one currency: set `currency`, or convert the amounts, in the file or, under a heading "
        "that is not ours, in [derive]",
        "groups": f"the decimal mark of this file is {mark!r}: check the grouping of the digits",
        "fractions": f"the decimal mark of this file is {mark!r}: round the amounts, or set decimal_mark if it is "
        "another",
        "size": "check the digits: one too many, or two amounts in one cell",
    }
    what = (
        pl.when(at_fault)
        .then(pl.lit(bound("ge", 0)))
        .otherwise(pl.col("fault").replace_strict(whats, default=None))
    )
    return what.alias("what"), pl.col("fault").replace_strict(hints, default="").alias("hint")
