"""What a column may hold is said once, in the models."""

from datetime import date

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, ValidationError

from portfolio.call.columns import column_reference, columns_of, known_columns, proposal_column, year_columns
from portfolio.call.parse import patient, quick
from portfolio.call.proposal import Proposal
from portfolio.call.value import sentence, unknown_hint
from portfolio.call.words import is_missing


def test_the_reference_describes_every_column():
    rows = {(row["table"], row["name"]): row for row in column_reference()}
    assert len(rows) == len(columns_of(Proposal)) + 6
    assert next(iter(rows)) == ("proposals", "id")
    trl = rows["proposals", "trl"]
    assert (trl["type"], trl["bounds"], trl["required"]) == ("whole number", "at least 1, at most 9", "")
    assert rows["proposals", "id"]["bounds"] == "unique"
    assert rows["proposals", "amount_y1, amount_y2, ..."]["unit"] == "money"
    assert "market_share" in rows["proposals", "expected_outputs"]["bounds"]
    assert all(row["meaning"] for row in rows.values())


def test_names_of_columns():
    assert proposal_column("amount_y12").kind == "money"
    assert (
        proposal_column("amount_y0") is proposal_column("amount_by_year") is proposal_column("other") is None
    )
    assert year_columns(["amount_y10", "id", "amount_y2"]) == ["amount_y2", "amount_y10"]
    assert {"id", "amount_y1", "reviews.score"} <= set(known_columns())


def test_the_json_schema_comes_from_the_same_model():
    schema = Proposal.model_json_schema()
    assert schema["required"] == ["id", "amount"]
    assert schema["properties"]["years_to_outcome"]["unit"] == "years"


SPELLED = st.sampled_from(
    [
        "1",
        "-1",
        "1.0",
        "007",
        "1e3",
        "inf",
        "nan",
        "NaN",
        "true",
        "True",
        "yes",
        "basic",
        "theory;method",
        ";x",
        "a;b;",
        "2020-01-01",
        "1.1.2020",
        "3,5",
        "-",
        "NA",
        "x",
    ]
)


@settings(deadline=None)
@given(
    SPELLED,
    st.sampled_from(
        ["trl", "merit", "early_career", "research_type", "expected_outputs", "bottlenecks", "birth_date"]
    ),
)
def test_what_is_read_quickly_is_read_patiently(text, name):
    column = proposal_column(name)
    frame = pl.DataFrame({"text": [text]})
    fast = frame.select(quick(column, pl.col("text"), "EUR", "auto")).to_series().to_list()[0]
    slow = frame.select(patient(column, pl.col("text"), ".")).to_series().to_list()[0]
    missing = frame.select(is_missing(pl.col("text"))).item()
    assert fast is None or fast == slow or missing


class Odd(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")
    number: float = 0
    day: date = date(2020, 1, 1)
    word: str = ""


@pytest.mark.parametrize(
    ("fields", "what"),
    [
        ({"number": "x"}, "must be a number"),
        ({"day": 3}, "must be a date (YYYY-MM-DD)"),
        ({"word": 3}, "must be text"),
        ({"wrod": "x"}, "is not known"),
    ],
)
def test_sentences(fields, what):
    with pytest.raises(ValidationError) as caught:
        Odd.model_validate(fields)
    (error,) = caught.value.errors()
    assert sentence(error) == what
    assert unknown_hint(error, ["word"]) == ("did you mean 'word'?" if what == "is not known" else "")
