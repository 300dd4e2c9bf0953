"""Formats of cells of a workbook: what they put beside an amount is understood, or refused in words."""

from __future__ import annotations

import re
from pathlib import Path
from time import process_time

import pytest

import portfolio as pf
from portfolio.call import ReadingRules
from portfolio.call.xlsxstyles import DIGITS, LARGE, beside
from portfolio.call.xlsxstyles import MOVED as MARK
from tests.hostile.test_typed_meaning import SHOWN, workbook

SIGNS = [
    ("ZAR", '"R"\\ #,##0.00'), ("ZAR", "[$R-1C09] #,##0"), ("CLP", '"$"\\ #,##0'), ("ARS", "[$$-2C0A] #,##0"),
    ("COP", '"$" #,##0'), ("TRY", '#,##0 "TL"'), ("THB", "[$฿-41E]#,##0"), ("NGN", "[$₦-46A]#,##0"),
    ("PHP", "[$₱-3409]#,##0"), ("IDR", "[$Rp-421]#,##0"), ("KES", "[$KSh-441]#,##0"), ("XOF", '#,##0 "FCFA"'),
    ("XAF", '#,##0 "F CFA"'), ("KRW", '#,##0"원"'), ("CNY", '#,##0"元"'), ("RUB", '#,##0 "руб."'),
    ("RUB", '#,##0"р."'), ("UAH", "#,##0 [$грн.-422]"), ("CAD", '#,##0 "$ CA"'), ("CAD", '"CDN$" #,##0'),
    ("MXN", '"MX$"#,##0'), ("MXN", '"$"#,##0 "MXN"'), ("RON", "#,##0 [$lei-418]"), ("ILS", '#,##0 "NIS"'),
    ("PLN", '#,##0 "zl"'), ("PEN", '"S/" #,##0'),
    ("AED", "[$د.إ.\u200f-3801] #,##0"), ("SAR", "[$ر.س.-401] #,##0"), ("EGP", "[$ج.م.\u200f-C01] #,##0"),
    ("EGP", '"E£"#,##0'), ("EGP", '#,##0 "LE"'),
]  # fmt: skip
TRUE = [
    ("JPY", '#,##0,"千円"'), ("JPY", '#,##0,,"百万円"'), ("KRW", '#,##0,"천원"'), ("SEK", '#,##0,"tkr"'),
    ("SEK", '#,##0,," mkr"'), ("SEK", '#,##0," KSEK"'), ("EUR", '#,##0,"€000"'), ("EUR", '0.0,,"M€"'),
    ("CNY", '0\\.0,"万"'), ("INR", '0\\.0,,"Cr."'), ("INR", '"Rs" 0\\.00, "lakh"'), ("ZAR", '"R"0.0,,"m"'),
    ("BRL", '"R$" #,##0, "mil"'), ("CZK", '#,##0, "tis. Kč"'), ("CZK", '#,##0,, "mil. Kč"'),
    ("HUF", '#,##0," eFt"'), ("HUF", '#,##0," E Ft"'), ("CNY", '0!.0,"万"'),
]  # fmt: skip


@pytest.mark.parametrize(("currency", "code"), [*SIGNS, *TRUE])
def test_what_a_format_says_truly_is_read(tmp_path: Path, currency: str, code: str) -> None:
    path = workbook(tmp_path, SHOWN, {(2, 1): {"num_format": code}})
    call = pf.read_call(path, policy=ReadingRules(currency=currency))
    assert [int(one.amount) for one in call] == [100, 200]


@pytest.mark.parametrize(
    ("currency", "code", "what"),
    [
        ("EUR", '"R"\\ #,##0.00', "is shown in R, not in EUR"),
        ("SEK", '#,##0," TNOK"', "is shown in NOK, not in SEK"),
        ("JPY", '#,##0"千円"', "is shown with '千円' beside it; amounts are in single units"),
        ("JPY", '#,##0,"百万円"', "is shown with '百万円' beside it; amounts are in single units"),
        ("INR", '0.00,,"Cr."', "is shown with 'Cr.' beside it; amounts are in single units"),
        ("EUR", '#\\.##0 "TEUR"', "is shown with 'TEUR' beside it; amounts are in single units"),
        ("HUF", '#,##0" E Ft"', "is shown with 'E Ft' beside it; amounts are in single units"),
        ("EUR", '0!"TEUR"', "is shown with 'TEUR' beside it; amounts are in single units"),
        ("EUR", '0 "net"', "is shown with 'net' beside it; beside an amount may stand what names EUR"),
    ],
)
def test_what_a_format_says_otherwise_is_refused(tmp_path: Path, currency: str, code: str, what: str) -> None:
    path = workbook(tmp_path, SHOWN, {(2, 1): {"num_format": code}})
    with pytest.raises(pf.DataError) as error:
        pf.read_call(path, policy=ReadingRules(currency=currency))
    (issue,) = error.value.issues
    assert re.match(re.escape(what), f"{issue.what}; {issue.hint}")


@pytest.mark.parametrize("code", ["0" + "," * 60_000, '"a b" ' * 4_000])
def test_a_format_longer_than_any_of_excel_is_refused(tmp_path: Path, code: str) -> None:
    path = workbook(tmp_path, SHOWN, {(2, 1): {"num_format": code}})
    begun = process_time()
    with pytest.raises(
        pf.DataError, match=r"a format of numbers has [0-9,]+ characters, and Excel takes 255"
    ):
        pf.read_call(path)
    assert process_time() - begun < 1


def test_what_stands_on_both_sides_of_a_number_is_one_name() -> None:
    assert beside('"US" $0;"US" $-0') == {"US $"}
    assert beside('0.0%" of EUR"') == {"%", "of EUR"}
    assert beside("0" + "," * 254) == set()


MOVED = [
    '0"."00',
    '00"."0',
    r"0\,00",
    r"0\.00",
    r"#\.##0\,00",
    '0"·"00',
    r"0\ 00",
    '0"€"00',
    "0[$€-407]00",
    '0"."00" EUR"',
]


@pytest.mark.parametrize("code", MOVED)
def test_a_mark_before_the_last_digits_is_no_decimal_mark(tmp_path: Path, code: str) -> None:
    path = workbook(tmp_path, SHOWN, {(2, 1): {"num_format": code}, (1, 2): {"num_format": code}})
    with pytest.raises(pf.DataError) as error:
        pf.read_call(path)
    assert [issue.column for issue in error.value.issues] == ["amount", "merit"]
    assert all("is shown with a mark before its last digits" in issue.what for issue in error.value.issues)


@pytest.mark.parametrize(
    "code",
    [
        r"#\.##0",
        r"##\,##\,##\,##0",
        r"#\ ##0",
        r"#\'##0.00",
        '"Rs." #,##0',
        r"\R\s\.\ #,##0",
        '0".-"',
        '0",-"',
        '0.00" EUR"',
    ],
)
def test_groups_of_digits_and_what_is_around_them_move_nothing(code: str) -> None:
    assert MARK not in beside(code)


@pytest.mark.parametrize(
    "code",
    [
        '0"0"',
        '"0"0',
        r"\00",
        r"0\0",
        'General"0"',
        '"1"0.0',
        '0" 000"',
        '0".5"',
        '0"978"',
        '"3000"',
        "0[$5-407]",
    ],
)
def test_digits_that_a_format_adds_are_no_digits_of_a_number(tmp_path: Path, code: str) -> None:
    rows = [["id", "amount", "merit", "trl"], ["A", 300, 4, 3], ["B", 300, 4, 3]]
    path = workbook(tmp_path, rows, {(2, place): {"num_format": code} for place in (1, 2, 3)})
    with pytest.raises(pf.DataError) as error:
        pf.read_call(path)
    assert [(issue.column, issue.rows) for issue in error.value.issues] == [
        (name, (4,)) for name in rows[0][1:]
    ]
    assert all("is shown with " in issue.what for issue in error.value.issues)


@pytest.mark.parametrize(
    "code", ['0" / 5"', '0.0" of 5"', '0" (5)"', '#,##0,"000"', '#,##0;-#,##0;"0"', "0.00", '0"m2"', "0_5"]
)
def test_digits_that_stand_apart_from_a_number_are_read_past(code: str) -> None:
    assert DIGITS not in beside(code)


def test_no_format_is_taken_for_a_mark_of_ours(tmp_path: Path) -> None:
    rows = [["id", "amount"], [712345, 300], [712346, 300]]
    path = workbook(tmp_path, rows, {(1, 0): {"num_format": '"0"0'}, (2, 0): {"num_format": r"\00"}})
    assert list(pf.read_call(path).ids) == ["0712345", "0712346"]
    for mark in (DIGITS, LARGE, MARK):
        assert not mark.isprintable()
