"""Money: as people write it, as it is kept, as it is shown."""

from decimal import Decimal

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portfolio.call import Call, ReadingRules, read_call
from portfolio.call.amounts import decide_mark, patient_money, quick_money
from portfolio.call.money import format_money, to_major, to_minor, total
from portfolio.errors import DataError, Issue

settings.register_profile("call", deadline=None)
settings.load_profile("call")


def read(text, currency="CHF", mark="."):
    row = patient_money(pl.Series([text]), currency, mark).row(0, named=True)
    return row["what"] if row["value"] is None else row["value"]


def mark_of(*cells, places=2):
    rows = pl.int_range(2, len(cells) + 2, eager=True)
    return decide_mark("f.csv", [("amount", pl.Series(cells), rows)], places=places)


@pytest.mark.parametrize(
    ("text", "currency", "mark", "minor"),
    [
        ("CHF 1'234.50", "CHF", ".", 123450),
        ("1’234.–", "CHF", ".", 123400),
        ("Fr. 1'000.-", "CHF", ".", 100000),
        ("1.234.567,89", "EUR", ",", 123456789),
        ("$1,234,567", "USD", ".", 123456700),
        ("US$ 12", "USD", ".", 1200),
        ("1 234,50 €", "EUR", ",", 123450),
        ("1\u00a0234,50\u202f€", "EUR", ",", 123450),
        ("1\u202f234\u202f567", "EUR", ".", 123456700),
        ("12,34,567.8", "INR", ".", 123456780),
        ("1,234", "EUR", ".", 123400),
        ("¥1,234", "JPY", ".", 1234),
        ("1234.500", "KWD", ".", 1234500),
        ("1234.5000", "EUR", ".", 123450),
        (".5", "EUR", ".", 50),
        ("1e+05", "CHF", ".", 10000000),
        ("0", "EUR", ".", 0),
        ("-5", "EUR", ".", -500),
        ("(1,200)", "EUR", ".", -120000),
        ("€ -3.00", "EUR", ".", -300),
        ("R 1 250 000", "ZAR", ".", 125000000),
        ("R1 250 000,50", "ZAR", ",", 125000050),
        ("$ 1.250.000", "CLP", ",", 1250000),
        ("1 250 000 TL", "TRY", ".", 125000000),
        ("฿1,200", "THB", ".", 120000),
        ("₦1,200", "NGN", ".", 120000),
        ("₱1,200", "PHP", ".", 120000),
        ("Rp1.200", "IDR", ",", 120000),
        ("KSh 1,200", "KES", ".", 120000),
        ("1 200 FCFA", "XOF", ".", 1200),
        ("1 200 F CFA", "XAF", ".", 1200),
        ("1,200원", "KRW", ".", 1200),
        ("1,200元", "CNY", ".", 120000),
        ("1 200 руб.", "RUB", ".", 120000),
        ("1 200 р.", "RUB", ".", 120000),
        ("1 200 грн.", "UAH", ".", 120000),
        ("1 200,50 $ CA", "CAD", ",", 120050),
        ("CDN$ 1,200", "CAD", ".", 120000),
        ("$1,200 MXN", "MXN", ".", 120000),
        ("1.200 lei", "RON", ",", 120000),
        ("1,200 NIS", "ILS", ".", 120000),
        ("1 200 zl", "PLN", ".", 120000),
        ("S/ 1,200", "PEN", ".", 120000),
        ("12.500,- €", "EUR", ",", 1250000),
        ("250 000,- Kč", "CZK", ",", 25000000),
        ("1,25,000/-", "INR", ".", 12500000),
        ("Rs. 1,25,000/-", "INR", ".", 12500000),
        ("5,000/=", "KES", ".", 500000),
        ("5,000/= TSh", "TZS", ".", 500000),
        ("1,000.50 M.N.", "MXN", ".", 100050),
        ("$1,000.50 m.n.", "MXN", ".", 100050),
        ("１２００円", "JPY", ".", 1200),
        ("１，２００．５ EUR", "EUR", ".", 120050),
        ("1.250.000 F", "XOF", ",", 1250000),
        ("1 250 000 F", "XPF", ".", 1250000),
        ("1,200 ر.س.", "SAR", ".", 120000),
        ("12 500:-", "SEK", ".", 1250000),
        ("12 500 Euro", "EUR", ".", 1250000),
        ("12 500 euros", "EUR", ".", 1250000),
        ("12 500 US dollars", "USD", ".", 1250000),
        ("€ -", "EUR", ".", 0),
        ("$ -", "USD", ".", 0),
        ("€-", "EUR", ".", 0),
        ("-   €", "EUR", ".", 0),
    ],
)
def test_amounts_that_are_understood(text, currency, mark, minor):
    assert read(text, currency, mark) == minor


@pytest.mark.parametrize(
    ("text", "currency", "what"),
    [
        ("5e5", "EUR", "must be an amount of money"),
        ("1e400", "EUR", "must be an amount of money"),
        ("about 500", "EUR", "must be an amount of money"),
        ("12 34", "EUR", "must be an amount of money"),
        ("1,23,4", "EUR", "must be an amount of money"),
        ("(5", "EUR", "must be an amount of money"),
        ("--5", "EUR", "must be an amount of money"),
        ("inf", "EUR", "must be an amount of money"),
        ("٣٤", "EUR", "must be an amount of money"),
        ("1.005", "EUR", "has fractions of a cent"),
        ("1.5", "JPY", "has decimals, and JPY has none"),
        ("1.0005", "KWD", "has more than 3 decimals"),
        ("$5", "EUR", "is not in EUR"),
        ("CHF 5", "EUR", "is not in EUR"),
        ("$ -", "EUR", "is not in EUR"),
        ("$ 5 EUR", "EUR", "must be an amount of money"),
        ("5 dollars", "CLP", "is not in CLP"),
        ("R 5", "EUR", "is not in EUR"),
        ("5 F", "EUR", "is not in EUR"),
        ("5 mn", "MXN", "must be an amount of money"),
        ("max -", "EUR", "must be an amount of money"),
        ("5-/", "EUR", "must be an amount of money"),
        ("9" * 30, "EUR", "must be at most 1,000,000,000,000,000"),
        ("-" + "9" * 30, "EUR", "must be at least 0"),
    ],
)
def test_amounts_that_are_refused(text, currency, what):
    assert read(text, currency) == what


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("1.5 Mio. €", "amounts are in single units"),
        ("250k", "amounts are in single units"),
        ("about 500", "at most a sign or name of EUR"),
        ("5.005", "the decimal mark of this file is '.'"),
        ("1,23,4", "check the grouping"),
        ("9" * 30, "check the digits"),
        ("$5", "set `currency`"),
    ],
)
def test_a_refused_amount_has_a_hint(text, hint):
    assert hint in patient_money(pl.Series([text]), "EUR", ".")["hint"].item()


@pytest.mark.parametrize(
    ("cells", "mark"),
    [
        (["4,680", "12,000"], "."),
        (["12,000"], "."),
        (["4.680", "12.000"], ","),
        (["1234"], None),
    ],
)
def test_amounts_of_a_currency_without_decimals_are_grouped(cells, mark):
    assert mark_of(*cells, places=0) == mark
    assert isinstance(mark_of("500.000", places=0), Issue)
    assert "cannot have the same decimal mark" in mark_of("4.680", "4,680", places=0).what


@pytest.mark.parametrize(
    ("cells", "mark"),
    [
        (["1,234.50", "1,234"], "."),
        (["1.234,50", "1.234"], ","),
        (["1,234,567"], "."),
        (["1.234.567"], ","),
        (["12,5"], ","),
        (["1234.567"], "."),
        (["1'234.567"], "."),
        (["1,234", "12,500", "1,250,000"], "."),
        (["1,234", "99.5"], "."),
        (["1.234", "99,5"], ","),
        (["0.500"], "."),
        (["0,500", "1,234"], ","),
        (["1234"], None),
        ([None, ""], None),
    ],
)
def test_the_decimal_mark_is_decided_from_all_cells(cells, mark):
    assert mark_of(*cells) == mark


def test_contradicting_decimal_marks_are_told_with_both_places():
    issue = mark_of("1.50", "2", "1,50")
    assert isinstance(issue, Issue)
    assert (issue.rows, issue.values) == ((2,), ("1.50",))
    assert "'1,50' (f.csv, row 4, column amount)" in issue.what


@pytest.mark.parametrize("mark", [".", ","])
def test_marks_that_could_be_either_are_refused_with_a_hint(mark):
    issue = mark_of(f"1{mark}234", f"12{mark}000", "950")
    assert isinstance(issue, Issue)
    assert 'decimal_mark = "."' in issue.hint
    assert issue.rows == (2, 3)


def test_a_merit_of_three_decimals_says_nothing_of_thousands(tmp_path):
    path = tmp_path / "call.csv"
    path.write_text("id,amount,merit\nA,100,4.125\nB,200,NA\n")
    assert read_call(path).frame["merit"].to_list() == [4.125, None]


@pytest.mark.parametrize("mark", ["auto", ","])
@pytest.mark.parametrize(
    ("column", "cells", "refused"),
    [
        ("merit", ("1.250", "987,5"), ["1.250"]),
        ("merit", ("1.250", "987"), ["1.250"]),
        ("merit_sd", ("0.5", "0,7"), ["0.5"]),
        ("career_break_months", ("1.000", "12"), ["1.000"]),
        # A column that has the point by itself, as another system wrote it, can be read in one way only.
        ("merit", ("4.125", "3.5"), []),
    ],
)
def test_beside_a_decimal_comma_a_point_in_numbers_is_not_guessed(tmp_path, mark, column, cells, refused):
    path = tmp_path / "call.csv"
    path.write_text(f"id;amount;{column}\nA;250.000,00;{cells[0]}\nB;180.500,50;{cells[1]}\n")
    rules = ReadingRules(decimal_mark=mark)
    if not refused:
        assert read_call(path, policy=rules).frame[column].to_list() == [float(cell) for cell in cells]
        return
    with pytest.raises(DataError) as error:
        read_call(path, policy=rules)
    (issue,) = error.value.issues
    assert issue.values == tuple(refused)
    assert issue.rows == (2,)


@pytest.mark.parametrize(("mark", "minor"), [(".", 123_400), (",", None)])
def test_the_policy_settles_what_a_mark_means(tmp_path, mark, minor):
    path = tmp_path / "call.csv"
    path.write_text("id;amount\nA;1,234\nB;5\n")
    rules = ReadingRules(decimal_mark=mark, on_bad_rows="set_aside")
    assert read_call(path, policy=rules).frame["amount"].to_list() == [minor, 500][minor is None :]


@pytest.mark.parametrize("cell", ["4,680", "4.680"])
def test_yen_have_no_decimals(tmp_path, cell):
    path = tmp_path / "call.csv"
    path.write_text(f'id;amount\nA;"{cell}"\n')
    assert read_call(path, policy=ReadingRules(currency="JPY")).frame["amount"].to_list() == [4680]


@given(
    st.integers(0, 10**15),
    st.sampled_from(["EUR", "JPY", "KWD"]),
    st.sampled_from([".", ","]),
    st.sampled_from(["", "'", "\u202f", "other"]),
)
def test_money_that_is_written_is_read(minor, currency, mark, group):
    other = "," if mark == "." else "."
    text = (
        format_money(minor, currency)[4:]
        .replace(".", "D")
        .replace(",", other if group == "other" else group)
        .replace("D", mark)
    )
    assert read(f"{currency} {text}", currency, mark) == minor


@given(st.integers(-(10**17), 10**17), st.sampled_from(["EUR", "JPY", "KWD"]))
def test_minor_and_major_units(minor, currency):
    assert to_minor(to_major(minor, currency), currency) == minor
    assert Decimal(format_money(minor, currency)[4:].replace(",", "")) == to_major(minor, currency)


@given(
    st.text("0123456789.,'eE+- ", max_size=8)
    | st.integers(0, 10**17).map(lambda cents: format_money(cents, "EUR")[4:].replace(",", ""))
)
def test_the_quick_way_agrees_with_the_patient_way(text):
    quick = pl.select(quick_money(pl.lit(text), "EUR", "auto")).item()
    assert quick is None or quick == read(text, "EUR")


def test_totals_are_exact_where_64_bits_are_not_enough():
    amounts = np.full(1000, 10**17 + 1, dtype=np.int64)
    assert total(amounts) == 1000 * (10**17 + 1)
    assert total(-amounts) == -1000 * (10**17 + 1)
    assert total(np.array([], dtype=np.int64)) == 0


def test_how_money_is_shown():
    assert format_money(123456750, "CHF") == "CHF 1,234,567.50"
    assert format_money(-5, "EUR") == "EUR -0.05"
    assert format_money(1234, "JPY") == "JPY 1,234"


def test_fractions_of_a_cent_are_refused():
    with pytest.raises(ValueError, match="has fractions of a cent"):
        to_minor(Decimal("0.001"), "EUR")
    assert to_minor(7, "EUR") == 700


@pytest.mark.parametrize(("currency", "places"), [("EUR", 2), ("KWD", 3), ("JPY", 0)])
def test_money_as_numbers_is_what_its_digits_are(currency: str, places: int) -> None:
    whole = np.random.default_rng(0).integers(0, 10**9, 2_000)
    texts = [f"{one // 10**places}" + (f".{one % 10**places:0{places}}" if places else "") for one in whole]
    frame = pl.DataFrame({"id": list(map(str, range(len(texts)))), "amount": texts, "cofunding": texts})
    frame = frame.with_columns(pl.when(pl.col("id") != "7").then("cofunding"))
    rules = ReadingRules(currency=currency, decimal_mark=".", derive={"copy": "amount"})
    call = Call.from_frame(frame, rules=rules)
    numbers = [float(one) for one in texts]
    assert call.table()["amount"].to_list() == call.to_pandas()["amount"].to_list() == numbers
    assert call.frame["copy"].to_list() == numbers
    assert call.table()["cofunding"].null_count() == 1
