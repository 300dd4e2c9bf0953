"""A condition is an expression over the columns of a call; whatever else SQL can do is refused before it is done."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolio.call.conditions import evaluated, expression_of, parsed, truth
from portfolio.call.sql import FUNCTIONS, MOST_STEPS, objection
from portfolio.errors import PolicyError
from portfolio.policy.conditions import columns_in

TABLE = pl.DataFrame({"id": ["A", "B"], "amount": [1, 200], "tags": [["a"], ["b", "c"]]})
DEEP = 20_000


def verdict(sql: str) -> list[bool]:
    return truth(TABLE, parsed(sql, "eligible", TABLE.columns), sql, "eligible").to_list()


@pytest.mark.parametrize(
    ("sql", "what"),
    [
        ("id IN (SELECT id FROM x)", "another table"),
        ("EXISTS (select 1)", "another table"),
        ("id IN (\nVALUES ('A'))", "another table"),
        ("id IN (FROM x)", "another table"),
        ("FROM x", "another table"),
        ("read_csv ('x') = 1", "another table"),
        ("E'a\\'' (SELECT 1)' = id", "letter before a quotation mark"),
        ("$$a$$ = id", "does not belong there: '\\$'"),
        ("true; DROP TABLE proposals", "does not belong there: ';'"),
        ("id = 'A' OR '1' = '1' --", "comment"),
        ("UN/**/NEST(tags) = 'a'", "comment"),
        ("CURRENT_DATE > DATE '2020-01-01'", "depends on the day"),
        ("now() > 1", "depends on the day"),
        ("LPAD(id, 2000000000, 'x') = 'A'", "texts of any length"),
        ("id = 'A", "does not belong there"),
        ("id = \u2018A\u2019", "does not belong there"),
        ("a\u200bmount > 1", "does not belong there"),
        ("", "is not an SQL expression"),
        ("* = 1", "is not an SQL expression"),
        ("getenv('HOME') = 'x'", "uses GETENV, which is no function of one row"),
        ("\"NOW\"() > DATE '2020-01-01'", "name in quotation marks"),
        ("`lpad` (id, 2000000000, 'x') = 'A'", "name in quotation marks"),
        ("ARRAY_LENGTH(GENERATE_SERIES(1, 99999999999)) > 1", "texts of any length"),
        ("REGEXP_REPLACE(id, 'a', '$0$0$0') = 'A'", "texts of any length"),
        ("REPLACE(id, 'A', id) = 'A'", "no constants"),
        ("replace(" * 3 + "id" + ", 'a', 'aaaaaaaaaa')" * 3 + " = 'A'", "very long texts"),
        ("ARRAY_TO_STRING(STRING_TO_ARRAY(id, ''), '" + "x" * 100 + "') = 'A'", "very long texts"),
        ("amount = MAX(amount)", "uses MAX, which is no function of one row"),
        ("ROW_NUMBER() OVER () <= 1", "uses ROW_NUMBER"),
        ("ABS(amount) OVER (ORDER BY id) = 1", "uses OVER"),
        ("LENGHT(id) = 1", "did you mean 'LENGTH'"),
        ("amount > 1e400", "too large"),
        ("BIT_AND(amount, 1) = 1", "uses BIT_AND"),
        ("id ~ '('", "cannot be evaluated"),
        (r"id ~ '((\w{1000}){1000}){1000}'", "cannot be evaluated"),
    ],
)
def test_what_a_condition_may_not_do(sql: str, what: str) -> None:
    with pytest.raises(PolicyError, match=what):
        verdict(sql)


KINDS = pl.DataFrame(
    {"n": [1, 4], "early": [True, None], "name": ["1", "b"], "tags": [["a"], ["b"]]}
).with_columns(
    start=pl.Series(["1990-05-01", "2025-06-01"]).str.to_date(), until=pl.lit("2026-01-01").str.to_date()
)


@pytest.mark.parametrize(
    ("sql", "what"),
    [
        ("n >= 2 early", "goes on after its end: 'early'"),
        ("n >= 2 'x'", "goes on after its end: 'x'"),
        ("early ISNULL", "goes on after its end: 'ISNULL'"),
        ('n BETWEEN 1 AND 2 "name"', "goes on after its end: 'name'"),
        ("start >= 2018", "compares a day with a number\n .*DATE '2018-01-01'"),
        ("start IN (2018, 2019)", "compares a day with a number"),
        ("COALESCE(start, until) > 100", "compares a day with a number"),
        ("start >= '2018-01-01'", "compares a day with a text\n .*DATE '2018-01-31'"),
        ("until - start <= 3650", "compares a number with a time\n .*INTERVAL '3650 days'"),
        ("until - start BETWEEN 0 AND 10", "compares a number with a time"),
        ("1 < n < 4", "compares twice in a row\n .*AND"),
        ("n = n = n", "compares twice in a row\n .*AND"),
        ("early = early = FALSE AND n > 1", "compares twice in a row\n .*AND"),
        ("(n = 1) = n", "compares a number with a truth\n .*AND"),
        ("name = 1", "compares a number with a text"),
        ("name IN (1, 2)", "compares a number with a text"),
        ("tags IN ('a')", "compares a list with a text\n .*ARRAY_CONTAINS"),
        ("tags NOT IN ('a', 'b')", "compares a list with a text"),
        ("tags = 'a'", "compares a list with a text"),
        ("n = (1 OR 4)", "joins a number by AND, OR or NOT\n .*year IN"),
        ("n = (5 AND 7)", "joins a number"),
        ("n IN (1 OR 4)", "joins a number"),
        ("NOT n", "joins a number"),
        ("IF(n, TRUE, FALSE)", "joins a number"),
        ("early AND name", "joins a text"),
        ("CASE WHEN early THEN start ELSE 9999 END >= 2018", "chooses between a day and a number"),
        ("IF(early, start, 0) > 2018", "chooses between a day and a number"),
        (
            "CASE WHEN early THEN 1 WHEN n = 4 THEN until - start END > 5",
            "chooses between a number and a time",
        ),
        ("CASE WHEN early THEN n ELSE 'x' END = '1'", "chooses between a number and a text"),
        ("CASE WHEN early THEN n ELSE TRUE END = 1", "chooses between a number and a truth"),
        ("COALESCE(n, start) > 2018", "chooses between a day and a number"),
        ("IFNULL(n, name) = '1'", "chooses between a number and a text"),
        (
            "until - start <= INTERVAL '8 years'",
            "months or years for a length of time(.|\n)*DATE '2026-01-01' - INTERVAL '8 years'",
        ),
        ("GREATEST(n, early) = 1", "compares a number with a truth"),
        ("CAST(start AS INT) >= 2018", "makes a number of a day\n .*YEAR"),
        ("start >= CAST(2018 AS DATE)", "makes a day of a number"),
        ("CAST(until - start AS INT) > 3", "makes a number of a time"),
        ("SQRT(start) > 3", "computes with a day as with a number"),
        ("early IS NOT TRUE", "uses IS NOT TRUE\n .*IS DISTINCT FROM TRUE"),
        ("NOT (early is true)", "uses IS TRUE"),
        ("NOT " * 1_400 + "early", "nested too deep|too many terms|not an SQL"),
    ],
)
def test_what_would_mean_something_else_is_refused(sql: str, what: str) -> None:
    with pytest.raises(PolicyError, match=what):
        truth(KINDS, parsed(sql, "eligible", KINDS.columns), sql, "eligible")


@pytest.mark.parametrize(
    ("sql", "rows"),
    [
        ("start >= DATE '2018-01-01'", [False, True]),
        ("YEAR(start) >= 2018", [False, True]),
        ("until - start <= INTERVAL '3650 days'", [False, True]),
        ("start BETWEEN DATE '1990-01-01' AND DATE '1990-12-31'", [True, False]),
        ("1 < n AND n <= 4", [False, True]),
        ("n IN (1, 2) AND name IN ('1', 'b')", [True, False]),
        ("early = 1", [True, False]),
        ("early = (n > 0) AND (n > 1) = FALSE", [True, False]),
        ("CASE WHEN n = 1 THEN 'a' ELSE 'b' END = name", [False, True]),
        ("early IS DISTINCT FROM TRUE", [False, True]),
        ("NOT COALESCE(early, FALSE)", [False, True]),
        ("ARRAY_CONTAINS(tags, 'a') OR 'b' = ANY(tags)", [True, True]),
        ("CASE WHEN n > 2 THEN 1 ELSE 0 END = 1", [False, True]),
        (" OR ".join(["n = 4"] * 100), [False, True]),
    ],
)
def test_what_is_of_one_kind_is_compared(sql: str, rows: list[bool]) -> None:
    assert truth(KINDS, parsed(sql, "eligible", KINDS.columns), sql, "eligible").to_list() == rows


@pytest.mark.parametrize(
    "sql",
    [
        "amount" + " + amount" * DEEP + " > 1",
        "id" + " || id" * DEEP + " = 'a'",
        "id = '1'" + "\nOR\nid = '2'" * DEEP,
        "amount" + "::int" * DEEP + " > 1",
        "amount" + " IS NULL" * DEEP,
        "tags" + "[1]" * DEEP + " = 'a'",
        "NOT " * DEEP + "true",
        "- " * DEEP + "1 = 1",
        "(" * DEEP + "true" + ")" * DEEP,
        "ABS(" * DEEP + "amount" + ")" * DEEP + " > 1",
    ],
)
def test_expressions_that_would_overflow_the_stack(sql: str) -> None:
    with pytest.raises(PolicyError) as error:
        verdict(sql)
    assert len(str(error.value)) < 1000


def test_the_longest_expression_is_evaluated() -> None:
    terms = MOST_STEPS // 2
    assert verdict("amount" + " + amount" * (terms - 2) + f" >= 200 * {terms - 1}") == [False, True]
    with pytest.raises(PolicyError, match="too many terms"):
        verdict("amount" + " + amount" * terms + " > 1")


@pytest.mark.parametrize(
    ("sql", "answer"),
    [
        ("id = 'SELECT it''s'", [False, False]),
        ("\"id\" = 'A'", [True, False]),
        ("id IN ('x', " + "'y', " * 50_000 + "'B')", [False, True]),
        ("TRIM(BOTH 'x' FROM id) = 'A'", [True, False]),
        ("DATE '2026-01-31' > DATE '2026-01-30'", [True, True]),
        ("id ~ '(a+)+$'", [False, False]),
        ("amount < 1 / 0 AND -amount > -1.0 / 0", [True, True]),
        ("NULL", [False, False]),
        ("replace(" * 30 + "id" + ", 'ä', 'ae')" * 30 + " = 'A'", [True, False]),
        (" OR ".join(["REPLACE(id, '&', ' and ') = 'A'"] * 30), [True, False]),
        ("NOT(amount > 1)AND(id IN('A'))", [True, False]),
    ],
)
def test_what_a_condition_may_say(sql: str, answer: list[bool]) -> None:
    assert verdict(sql) == answer


def test_every_function_that_may_be_called_looks_at_its_own_row_alone() -> None:
    """Each that can be called on these columns says of a row alone what it says of it among others."""
    columns = (
        "id",
        "amount",
        "tags",
        "id, 'A'",
        "amount, 2",
        "tags, 1",
        "id, 1, 1",
        "id, 'A', 'B'",
        "amount, amount",
    )
    tried = set()
    for name in sorted(FUNCTIONS):
        for cells in columns:
            try:
                sql = f"{name}({cells})"
                expression = expression_of(sql, "eligible")
                both = evaluated(TABLE, expression, sql, "x").to_list()
                rows = [evaluated(TABLE[row], expression, sql, "x").to_list() for row in range(TABLE.height)]
            except PolicyError:
                continue
            assert str(both) == str([row[0] for row in rows]), f"{name}({cells})"
            tried.add(name)
    assert len(tried) > 60


def test_messages_do_not_quote_the_cells_of_a_column() -> None:
    table = pl.DataFrame({"title": ["A confidential title"]})
    sql = "CAST(title AS INT) = 1"
    with pytest.raises(PolicyError, match="makes numbers of texts, and 1 of 1 cells are none") as error:
        truth(table, parsed(sql, "eligible", table.columns), sql, "eligible")
    assert "confidential" not in str(error.value)


def test_messages_tell_the_types_of_the_columns_that_are_used() -> None:
    table = pl.DataFrame({"title": ["A"], "amount": [1.0], "keywords": ["B"]})
    sql = "title ~ '(' AND amount = 1"
    with pytest.raises(PolicyError) as error:
        truth(table, parsed(sql, "eligible", table.columns), sql, "eligible")
    assert str(error.value).endswith("title is text, amount is a number")


def test_no_file_is_opened_to_find_the_columns_of_a_condition(tmp_path: Path) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text("password\nswordfish\n")
    sql = f"id IN (SELECT nothing FROM read_csv('{secret}'))"
    assert columns_in(sql) == []
    with pytest.raises(PolicyError) as error:
        verdict(sql)
    assert "password" not in str(error.value)


PIECES = """id amount tags SELECT select FROM VALUES ( ) , ' '' " ` = || + - -- /* */ $$ ; E' N' \\ \\' 'a' 1 e5 IN NOT
read_csv('x') UNNEST( ABS( [ ] { } ? # ~ LIKE DATE"""
pieces = st.sampled_from([*PIECES.split(), "\n", "\0", "\u00a0"])


@given(st.lists(pieces, max_size=12).map(" ".join) | st.lists(pieces, max_size=12).map("".join))
def test_any_text_is_a_verdict_or_a_sentence(sql: str) -> None:
    try:
        answer = verdict(sql)
    except PolicyError as error:
        assert error.issues[0].what
    else:
        assert len(answer) == TABLE.height


@given(st.lists(pieces, max_size=12).map(" ".join) | st.lists(pieces, max_size=12).map("".join))
def test_no_subquery_gets_past_the_look(sql: str) -> None:
    # A plan inside an expression is how polars writes down a subquery.
    if objection(sql) is not None:
        return
    try:
        expression = expression_of(sql, "eligible")
    except PolicyError:
        return
    assert "subplan" not in str(expression).lower()
    assert "sql_0" not in str(expression).lower()
