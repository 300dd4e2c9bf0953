"""The call as a value: frames in and out, one proposal, equality."""

import builtins
from datetime import date, datetime
from decimal import Decimal

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from portfolio.call import Call, Proposal, ReadingRules, Review, read_call
from portfolio.errors import DataError, PortfolioError

COLUMNS = {
    "id": ["B", "A"],
    "amount": [10.5, 20.0],
    "doctorate_date": [date(2020, 1, 1), None],
    "n": [1, None],
}


@pytest.fixture
def call():
    return Call.from_frame(pl.DataFrame(COLUMNS))


@pytest.mark.parametrize("frame", [pl.DataFrame, pd.DataFrame, pa.table])
def test_any_data_frame(frame, call):
    assert Call.from_frame(frame(COLUMNS)) == call


def test_something_that_is_no_frame():
    with pytest.raises(DataError, match="is a list, not a data frame"):
        Call.from_frame([1])


def test_the_ways_out(call):
    assert call.to_polars()["amount"].to_list() == [Decimal("10.50"), Decimal("20.00")]
    assert call.table()["amount"].to_list() == [10.5, 20.0]
    assert call.to_pandas()["amount"].tolist() == [10.5, 20.0]
    assert call.sorted().ids.to_list() == ["A", "B"]
    assert call.sorted().rows.to_list() == [3, 2]
    assert repr(call) == "Call: 2 proposals asking for EUR 30.50, no reviews"
    assert call.__rich__() == repr(call)
    assert "<table" in call._repr_html_()


def test_without_pandas(call, monkeypatch):
    real = builtins.__import__

    def refuse(name, *args, **kwargs):
        if name == "pandas":
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(PortfolioError, match="pandas is not installed"):
        call.to_pandas()


def test_one_proposal(call):
    assert call["B"] == Proposal(
        id="B", amount=Decimal("10.50"), doctorate_date=date(2020, 1, 1), other={"n": 1}
    )
    with pytest.raises(KeyError, match="did you mean 'B'"):
        call["b"]


def test_equality(call):
    assert call == Call.from_frame(pl.DataFrame(COLUMNS))
    assert call != call.sorted()
    assert call != "call"
    graded = pl.DataFrame({"proposal": ["A"], "reviewer": [1], "score": [3]})
    assert Call.from_frame(pl.DataFrame(COLUMNS), reviews=graded) != call


def test_typed_cells_of_every_kind():
    frame = pl.DataFrame(
        {
            "id": [1.0, 2.0],
            "amount": [Decimal("1.10"), Decimal("2")],
            "min_amount": [1, None],
            "merit": [True, None],
            "trl": [3.0, 3.5],
            "early_career": [1, 2],
            "birth_date": [datetime(1990, 1, 1), None],
            "doctorate_date": [datetime(2020, 1, 1, 12), None],
            "bottlenecks": [["a", "b"], []],
            "When": [date(2020, 1, 1), None],
            "Kind": pl.Series(["x", "y"], dtype=pl.Categorical),
            "Big": pl.Series([2**64 - 1, 1], dtype=pl.UInt64),
            "Pair": [{"a": 1}, {"a": 2}],
            "None": [None, None],
        }
    )
    with pytest.raises(DataError) as caught:
        Call.from_frame(frame)
    assert [(issue.column, issue.what, issue.rows) for issue in caught.value.issues] == [
        ("merit", "must be a number", (2,)),
        ("trl", "must be a whole number", (3,)),
        ("early_career", "must be true or false", (3,)),
        ("doctorate_date", "must be a date (YYYY-MM-DD)", (2,)),
    ]
    good = Call.from_frame(frame.drop("merit", "trl", "early_career", "doctorate_date"))
    assert good.ids.to_list() == ["1", "2"]
    assert good["1"].bottlenecks == ("a", "b")
    assert good.frame.schema["When"] == pl.Date
    assert good["1"].other["When"] == date(2020, 1, 1)
    assert good.frame.schema["Big"] == good.frame.schema["Pair"] == pl.String


@pytest.mark.parametrize(
    ("amount", "kept"),
    [
        (0.1 + 0.2, 30),
        (1e9 / 3, "has fractions of a cent"),
        (1e300, "must be at most 1,000,000,000,000,000"),
        (-1e300, "must be at least 0"),
        (float("inf"), "must be at most 1,000,000,000,000,000"),
        (123456789012.34, 12345678901234),
    ],
)
def test_noise_of_floats_is_not_money(amount, kept):
    frame = pl.DataFrame({"id": ["A"], "amount": [amount]})
    if isinstance(kept, int):
        assert Call.from_frame(frame).frame["amount"].item() == kept
    else:
        with pytest.raises(DataError, match=kept):
            Call.from_frame(frame)


def test_proposals_in_a_currency_without_decimals():
    assert Call.from_proposals([Proposal(id="A", amount=5)], currency="JPY").frame["amount"].item() == 5
    with pytest.raises(DataError, match="has decimals, and JPY has none"):
        Call.from_proposals([Proposal(id="A", amount=Decimal("5.5"))], currency="JPY")


def test_no_formula_is_ever_written(tmp_path):
    frame = pl.DataFrame({"id": ["=1+1", "+x", "@y", "-z"], "amount": [1, 2, 3, 4]})
    call = Call.from_frame(frame)
    for suffix in (".xlsx", ".csv"):
        assert read_call(*call.write(tmp_path / f"x{suffix}")) == call


def test_what_cannot_be_written(call, tmp_path):
    with pytest.raises(OSError, match="has no format that can be written"):
        call.write(tmp_path / "x.doc")
    bell = Call.from_frame(pl.DataFrame({"id": ["A"], "amount": [1], "title": ["bell \x07"]}))
    with pytest.raises(DataError, match=r"cannot be kept in a .csv file"):
        bell.write(tmp_path / "x.csv")
    long = Call.from_frame(pl.DataFrame({"id": ["A"], "amount": [1], "title": ["x" * 40_000]}))
    with pytest.raises(DataError, match=r"cannot be kept in a .xlsx file"):
        long.write(tmp_path / "x.xlsx")
    assert not list(tmp_path.iterdir())


def test_reviews_beside(tmp_path):
    call = Call.from_proposals([Proposal(id="A", amount=5)], [Review(proposal="A", reviewer="r", score=None)])
    assert [path.name for path in call.write(tmp_path / "c.csv")] == ["c.csv", "c.reviews.csv"]


def test_rules_for_frames():
    rules = ReadingRules(columns={"id": "row_number"}, only="amount > 1")
    assert Call.from_frame(pl.DataFrame({"amount": [1, 2]}), rules=rules).ids.to_list() == ["2"]
