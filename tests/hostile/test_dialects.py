"""What databases or people understand differently is refused; what they agree on is what they agree on."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
import pytest

from portfolio.call.conditions import evaluated, parsed
from portfolio.call.sql import MOST_STEPS
from portfolio.errors import PolicyError

TABLE = pl.DataFrame(
    {
        "n": [5, 3],
        "title": ["über Fusion (withdrawn)", None],
        "code": ["0100", "7"],
        "cost": ["050", "60"],
        "amount": [100_000.0, 2.5],
        "merit": [4.5, -0.0],
        "tags": [["a", "b"], None],
        "start": [date(2020, 1, 31), date(2026, 1, 1)],
        "gender": ["woman", "man"],
        "research_type": ["pure_basic", None],
        "expected_outputs": [["patent", "market_share"], None],
    }
)


def answer(sql: str) -> list[object]:
    return evaluated(TABLE, parsed(sql, "x", TABLE.columns), sql, "x").to_list()


@pytest.mark.parametrize(
    ("sql", "what"),
    [
        ("code + cost", r"computes with a text\n .*CAST.*\|\| joins"),
        ("'a' + 'b'", "computes with a text"),
        ("code - 1", "computes with a number and a text"),
        ("tags + tags", "computes with a list"),
        ("start + start", "computes with a day"),
        ("start + 1", "computes with a day and a number\n .*INTERVAL '1 day'"),
        ("start = DATE '2018-01-01' + 1", "computes with a day and a number\n .*INTERVAL '1 day'"),
        ("TRY_CAST(code AS TEXT) + TRY_CAST(cost AS TEXT)", "tries to make a text"),
        ("(start - start) % INTERVAL '2 days'", "computes with a time"),
        ("'b' <> ANY(tags)", "compares by <> ANY\n .*NOT ARRAY_CONTAINS"),
        ("'b' != SOME (tags)", "compares by != SOME"),
        ("'b' = ALL(tags)", "compares by = ALL"),
        ("tags = ['a', 'b']", "writes a list\n .*ARRAY_CONTAINS"),
        ("start > start - INTERVAL '24 m'", "interval of 'm'\n .*'24 months'"),
        ("start - start < INTERVAL '36' HOUR", "interval of 'HOUR'"),
        ("start + INTERVAL '1 day 3 minutes'", "interval of 'minutes'"),
        ("start + INTERVAL '12'", "interval without a unit"),
        ("INTERVAL '1 year' > INTERVAL '364 days'", "months or years for a length of time"),
        ("INTERVAL '364 days' < INTERVAL 1 YEAR", "months or years for a length of time"),
        ("LOG(10, 100)", "LOG, which databases understand differently\n .*LOG10"),
        ("DAYOFWEEK(start) = 1", "DAYOFWEEK, which databases understand differently\n .*isodow"),
        ("SUBSTR(code, -2)", r"before the first one\n .*RIGHT\(code, 2\)"),
        ("SUBSTRING(code FROM -2 FOR 1)", "before the first one"),
        ("SUBSTR(UPPER(SUBSTR(code, 1, 2)), 0)", "before the first one"),
        ("SUBSTR(code, n - 7)", "before the first one"),
        ("LEFT(code, -1)", "before the first one"),
        ("CAST(title AS VARCHAR(3))", r"gives a length to VARCHAR.*\n .*LEFT\(title, 3\)"),
        ("title::char(3)", "gives a length to CHAR"),
        ("CAST(merit AS DECIMAL(5, 10))", "DECIMAL of places that it cannot have"),
        ("TRY_CAST(merit AS NUMERIC(99, 50))", "DECIMAL of places that it cannot have"),
        ("CAST(merit AS DECIMAL(5, -2))", "DECIMAL of places that it cannot have"),
        ('title = "Fusion power"', "not a column\n .*texts stand in single quotes"),
        ("gender <> 'Boy'", "looks for 'Boy' among the words of 'gender'\n .*woman, man or other"),
        ("research_type IN ('Pure basic', 'fundamental')", "looks for 'fundamental'"),
        ("ARRAY_CONTAINS(expected_outputs, 'patents')", "looks for 'patents'"),
        *(
            (rf"title {how} '100\%'", r"a backslash in a pattern.*\n .*STRPOS")
            for how in ("LIKE", "NOT ILIKE", "~~", "!~~*")
        ),
        (r"title LIKE (('a''\_'))", "a backslash in a pattern"),
        ("STRPOS(amount, '1') = 0", "takes a number for a text: 'amount'"),
        ("tags || 'x'", "cannot be evaluated"),
    ],
)
def test_what_is_not_understood_in_one_way_is_refused(sql: str, what: str) -> None:
    with pytest.raises(PolicyError, match=what):
        answer(sql)


@pytest.mark.parametrize(
    ("sql", "rows"),
    [
        ("code || cost || n", ["01000505", "7603"]),
        ("CAST(code AS INT) + CAST(cost AS INT)", [150, 67]),
        ("start + INTERVAL '1 month' + INTERVAL '1 week'", [date(2020, 3, 7), date(2026, 2, 8)]),
        ("start - INTERVAL '8' YEAR", [date(2012, 1, 31), date(2018, 1, 1)]),
        ("(start - DATE '2020-01-01') * 2", [timedelta(60), timedelta(4384)]),
        ("STRPOS(title, 'Fusion')", [6, None]),
        ("STRPOS(title, '.') = 0", [True, None]),
        ("POSITION('withdrawn' IN title) = 0", [False, None]),
        ("STRPOS(code, NULL)", [None, None]),
        ("STRPOS('ab', 'b') = 2", [True, True]),
        ("ARRAY_CONTAINS(tags, NULL)", [None, None]),
        ("ARRAY_CONTAINS(tags, 'b')", [True, None]),
        ("NOT 'b' = ANY(tags)", [False, None]),
        ("LOG10(amount) = 5 AND LOG2(8) = 3", [True, False]),
        ("RIGHT(code, 2) || LEFT(code, 1) || SUBSTR(code, 3)", ["00000", "77"]),
        ("CAST(amount AS TEXT) || ' ' || merit", ["100000 4.5", "2.5 0"]),
        ("CONCAT(n, '/', amount)", ["5/100000", "3/2.5"]),
        ("CAST(merit AS DECIMAL(38, 0)) = 5", [True, False]),
        ("gender = 'Woman'", [True, False]),
        ("gender <> 'Male'", [True, False]),
        ("'Pure basic' = research_type", [True, None]),
        ("research_type NOT IN ('Pure-Basic', 'applied')", [False, None]),
        ("CASE gender WHEN 'Man' THEN 1 ELSE 2 END", [2, 1]),
        ("ARRAY_CONTAINS(expected_outputs, 'Market share')", [True, None]),
        ("'Patent' = ANY(expected_outputs)", [True, None]),
        (r"code LIKE '01%' AND code <> '\%'", [True, False]),
        ("gender = title OR gender = code", [False, None]),
    ],
)
def test_what_everybody_understands_is_done(sql: str, rows: list[object]) -> None:
    assert answer(sql) == rows


@pytest.mark.parametrize("sql", ["(" * 50_000 + "n" + ")" * 50_000, "+" * 50_000 + "1 = 1"])
def test_what_nests_is_counted(sql: str) -> None:
    with pytest.raises(PolicyError, match="too many terms"):
        answer(sql)
    assert answer("(n > 1) AND" * (MOST_STEPS // 4 - 1) + "(n > 1)") == [True, True]
