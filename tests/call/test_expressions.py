"""Numbers and days in conditions and derived columns are what people take them for."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import portfolio as pf
from portfolio.call.conditions import evaluated, parsed
from portfolio.errors import PolicyError

TABLE = pl.DataFrame(
    {
        "id": ["AA", "BBB"],
        "n": [5, 2022],
        "m": [0.3, 2.675],
        "merit": [2.5, 4.5],
        "amount": [100.0, 1_000_000.3],
        "y1": [0.1, 1_000_000.2],
        "y2": [0.2, 0.1],
        "early": [True, False],
        "tags": [["a"], ["b", "c"]],
        "born": [date(1990, 6, 20), date(1991, 1, 3)],
        "iso": ["2018-06-01", "2019-01-01T10:00:00"],
        "german": ["01.06.2018", "31.12.2017"],
    }
)


def answer(sql: str) -> list[object]:
    return list(evaluated(TABLE, parsed(sql, "x", TABLE.columns), sql, "x"))


@pytest.mark.parametrize(
    ("sql", "rows"),
    [
        ("MONTH(born) * 100 + DAY(born)", [620, 103]),
        ("QUARTER(born) * 100", [200, 100]),
        ("WEEK(born) * 10", [250, 10]),
        ("DAYOFYEAR(born) * 1000", [171_000, 3000]),
        ("DATE_PART('month', born) * 100", [600, 100]),
        ("MONTH(DATE '2026-06-15') * 100", [600, 600]),
        ("LENGTH(id) - 10", [-8, -7]),
        ("-LENGTH(id)", [-2, -3]),
        ("STRPOS(id, 'B') - 2", [-2, -1]),
        ("ARRAY_LENGTH(tags) - 2", [-1, 0]),
        ("BIT_COUNT(n) - 9", [-7, -1]),
        ("CAST(n AS INT) * 1000000000", [5 * 10**9, 2022 * 10**9]),
        ("CAST(n AS TINYINT) + 1", [6, 2023]),
        ("early + early + 1", [3, 1]),
        ("n + 9223372036854775807 > 0", [True, True]),
        ("n * n * n * n * n * n * n", [78_125, pytest.approx(2022**7)]),
        ("-9223372036854775807 - n < 0", [True, True]),
        ("ABS(-9223372036854775807 - 1) > 0", [True, True]),
        ("POW(n, 30) > 0", [True, True]),
        ("n + 9007199254740988 = 9007199254740993", [True, False]),
        ("DIV(-n, 2)", [-2, -1011]),
        ("MOD(-n, 2)", [-1, 0]),
        ("n % 0", [None, None]),
        ("n / 2", [2.5, 1011]),
    ],
)
def test_whole_numbers_never_wrap_around(sql: str, rows: list[object]) -> None:
    assert answer(sql) == rows


@pytest.mark.parametrize(
    ("sql", "rows"),
    [
        ("y1 + y2 = 0.3", [True, False]),
        ("y1 + y2 = m", [True, False]),
        ("y1 + y2 - amount", [-99.7, 0]),
        ("amount - y1 - y2 <= 0", [False, True]),
        ("amount - y1", [99.9, 0.1]),
        ("SIGN(amount - y1 - y2)", [1, 0]),
        ("m * 3 >= 0.9 AND m * 3 <= 0.9", [True, False]),
        ("y1 + y2 IN (0.3, 7)", [True, False]),
        ("y1 + y2 BETWEEN 0.3 AND 0.3", [True, False]),
        ("NULLIF(y1 + y2, 0.3) IS NULL", [True, False]),
        ("CASE y1 + y2 WHEN 0.3 THEN 'yes' END", ["yes", None]),
        ("y1 + y2 IS DISTINCT FROM 0.3", [False, True]),
        ("CEIL((y1 + y2) * 10)", [3, 10_000_003]),
        ("CAST(m * 1000 AS INT)", [300, 2675]),
        ("FLOOR(0.29 * 100 * early)", [29, 0]),
        ("DIV(m, 0.1)", [3, 26]),
        ("MOD(m, 0.1)", [0, 0.075]),
        ("CAST(m AS REAL) = 0.3", [True, False]),
        ("(merit + 9.8) / 3", [4.1, pytest.approx(14.3 / 3, abs=1e-14)]),
        ("m = 0.30000000000001", [False, False]),
        ("amount > 1000000.29", [False, True]),
    ],
)
def test_a_tenth_is_a_tenth(sql: str, rows: list[object]) -> None:
    assert answer(sql) == rows


@pytest.mark.parametrize(
    ("sql", "rows"),
    [
        ("ROUND(merit)", [3, 5]),
        ("ROUND(-merit)", [-3, -5]),
        ("ROUND(m, 2)", [0.3, 2.68]),
        ("ROUND(m * 3, 1)", [0.9, 8.0]),
        ("ROUND(n, 2)", [5, 2022]),
        ("ROUND(-0.4 * early)", [0, 0]),
        ("TRUNC(m, 2)", [0.3, 2.67]),
        ("FLOOR(-m)", [-1, -3]),
        ("CAST(m AS DECIMAL(10, 2))", [0.3, 2.68]),
        ("ROUND(1 / 0.0)", [float("inf")] * 2),
    ],
)
def test_halves_are_rounded_away_from_zero(sql: str, rows: list[object]) -> None:
    assert answer(sql) == rows


@given(st.decimals("-9999.99", "9999.99", places=2), st.integers(-2, 2))
def test_rounding_is_that_of_fractions(number, decimals):
    table = pl.DataFrame({"x": [float(number)]})
    sql = f"ROUND(x, {max(decimals, 0)})"
    unit = Fraction(10) ** max(decimals, 0)
    scaled = abs(Fraction(number)) * unit
    whole = (2 * scaled + 1) // 2 / unit
    expected = float(whole if number >= 0 else -whole)
    assert evaluated(table, parsed(sql, "x", ["x"]), sql, "x").to_list() == [expected]


def sums():
    """Sums of products of two numbers of few digits, as SQL and as a fraction; a and b are columns, c is whole."""
    cell = st.decimals("0.01", "9999.99", places=2)
    names = st.sampled_from(["a", "b", "c"])
    factor = names | st.decimals("0.01", "99.99", places=2).map(str) | st.integers(1, 99).map(str)
    product = factor | st.tuples(factor, factor).map(" * ".join)
    chain = st.lists(st.tuples(st.sampled_from(["+", "-"]), product), min_size=1, max_size=4).map(
        lambda parts: "0 " + " ".join(f"{sign} {part}" for sign, part in parts)
    )
    return st.tuples(
        cell, cell, st.integers(-9999, 9999), chain, chain, st.sampled_from(["=", "<", ">=", "<>"])
    )


def exact(chain: str, cells: dict[str, Fraction]) -> Fraction:
    words = chain.replace("* ", "*").replace(" *", "*").split()
    total = Fraction(words[0])
    for sign, product in zip(words[1::2], words[2::2], strict=True):
        value = Fraction(1)
        for part in product.split("*"):
            value *= cells[part] if part in cells else Fraction(part)
        total += value if sign == "+" else -value
    return total


@given(sums())
def test_comparisons_are_those_of_fractions(case):
    a, b, c, left, right, how = case
    cells = {"a": Fraction(a), "b": Fraction(b), "c": Fraction(c)}
    table = pl.DataFrame({"a": [float(a)], "b": [float(b)], "c": [c]})
    one, other = exact(left, cells), exact(right, cells)
    # Equal on purpose: the same amount, computed in another way.
    for sql, value in ((right, other), (f"{left} - ({left}) + {one.numerator} / {one.denominator}.0", one)):
        whole = f"{left} {how} {sql}"
        said = evaluated(table, parsed(whole, "x", table.columns), whole, "x").to_list()[0]
        assert said == {"=": one == value, "<": one < value, ">=": one >= value, "<>": one != value}[how]


@pytest.mark.parametrize(
    ("sql", "rows"),
    [
        ("CAST(iso AS DATE) >= DATE '2018-07-01'", [False, True]),
        ("iso::date = DATE '2018-06-01'", [True, False]),
        ("DATE(iso) >= DATE '2018-07-01'", [False, True]),
        ("TRY_CAST(german AS DATE) IS NULL", [True, True]),
        ("STRPTIME(german, '%d.%m.%Y') > DATE '2018-01-01'", [True, False]),
        ("iso >= '2018-07-01'", [False, True]),
        ("YEAR(CAST(iso AS DATE)) * 100 + MONTH(CAST(iso AS DATE))", [201_806, 201_901]),
        (
            "DATE(born) = born AND STRPTIME(born, '%d.%m.%Y') = born AND CAST(born AS DATE) = born",
            [True, True],
        ),
        ("german = '01.06.2018'", [True, False]),
        ("(born - DATE '1990-06-10') / INTERVAL '1 day'", [10, 207]),
    ],
)
def test_texts_are_read_as_days_where_that_is_certain(sql: str, rows: list[object]) -> None:
    assert answer(sql) == rows


@pytest.mark.parametrize(
    ("sql", "what"),
    [
        ("CAST(german AS DATE) > DATE '2018-01-01'", "not written as 2018-01-31\n .*STRPTIME"),
        ("DATE(german) > DATE '2018-01-01'", "not written as 2018-01-31"),
        ("TIMESTAMP(german) > DATE '2018-01-01'", "not written as 2018-01-31"),
        ("iso >= '01.06.2018'", "compares days letter by letter"),
        ("iso BETWEEN '01.01.2018' AND '31.12.2018'", "compares days letter by letter"),
        ("german >= '2018-06-01'", "compares days letter by letter"),
        ("german < iso", "compares days letter by letter"),
    ],
)
def test_days_are_not_ordered_by_their_letters(sql: str, what: str) -> None:
    with pytest.raises(PolicyError, match=what):
        answer(sql)


@pytest.mark.parametrize("suffix", [".xlsx", ".parquet"])
def test_days_of_the_funders_own_are_days(tmp_path: Path, suffix: str) -> None:
    frame = pl.DataFrame(
        {"id": ["A", "B", "C", "D"], "amount": [1] * 4}
        | {"start": [date(2017, 3, 1), date(2018, 7, 1), date(2016, 1, 1), None]}
    )
    path = tmp_path / f"proposals{suffix}"
    frame.write_excel(path) if suffix == ".xlsx" else frame.write_parquet(path)

    def kept(only: str) -> list[str]:
        return list(pf.read_call(path, policy=pf.Policy(budget=1, only=only)).frame["id"])

    for column in ("start", "CAST(start AS DATE)", "DATE(start)", "STRPTIME(start, '%d.%m.%Y')"):
        assert kept(f"{column} >= DATE '2017-03-01'") == ["A", "B"]
    assert kept("YEAR(start) = 2018") == ["B"]
    for text in ("start >= '01.06.2018'", "start BETWEEN '01.01.2018' AND '31.12.2018'"):
        with pytest.raises(PolicyError, match=r"compares a day with a text\n .*DATE '2018-01-31'"):
            kept(text)
    call = pf.read_call(path)
    call.write(tmp_path / f"again{suffix}")
    assert pf.read_call(tmp_path / f"again{suffix}") == call
    assert call["A"].other["start"] == date(2017, 3, 1)


def test_a_table_without_rows_has_no_answers() -> None:
    sql = "y1 + 0.2 = 0.3 AND n + 1 > 2 AND merit IN (2.5) AND ROUND(m, 1) > 0"
    empty = TABLE.clear()
    assert evaluated(empty, parsed(sql, "x", empty.columns), sql, "x").to_list() == []


def test_the_order_of_rows_says_nothing() -> None:
    rng = np.random.Generator(np.random.PCG64(5))
    table = pl.DataFrame({"a": rng.normal(size=500).round(3), "b": rng.normal(size=500).round(2)})
    sql = "a + b - 0.1 >= ROUND(a * b, 2)"
    expression = parsed(sql, "x", table.columns)
    assert (
        evaluated(table.reverse(), expression, sql, "x")
        .reverse()
        .equals(evaluated(table, expression, sql, "x"))
    )


@pytest.mark.parametrize(
    "expression", [pl.col("n").sum().over("id"), pl.col("n").max(), pl.col("n").alias("x")]
)
def test_what_a_later_parser_may_bring_is_refused_unseen(expression: pl.Expr) -> None:
    with pytest.raises(PolicyError, match="says something that no condition needs"):
        evaluated(TABLE, expression, "n", "x")
