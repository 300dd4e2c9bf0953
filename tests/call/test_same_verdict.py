"""The check of a table and the check of one proposal refuse the same rows with the same words."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from strategies import around

from portfolio.call.check import check_rows
from portfolio.call.columns import YEARLY, columns_of, proposal_column, review_column
from portfolio.call.frames import row_fields
from portfolio.call.proposal import RULES, Proposal, Review
from portfolio.call.value import sentence

NAMES = [name for name in columns_of(Proposal) if name not in (YEARLY, "id", "amount")]


@st.composite
def typed_rows(draw):
    names = ["id", "amount", *draw(st.lists(st.sampled_from(NAMES), unique=True, max_size=10))]
    names += [f"amount_y{year + 1}" for year in range(draw(st.integers(0, 3)))]
    return {name: draw(around(proposal_column(name))) for name in names}


def frame_of(row, find):
    return pl.DataFrame([pl.Series(name, [value], dtype=find(name).dtype) for name, value in row.items()])


def bulk(row, find):
    return {(issue.column, issue.what) for issue in check_rows(frame_of(row, find), find, "EUR", key="")}


def one(model, fields):
    try:
        model.model_validate(fields)
    except ValidationError as error:
        return {(place(detail["loc"]), sentence(detail)) for detail in error.errors()}
    return set()


def place(loc):
    if loc[0] == YEARLY:
        return f"amount_y{loc[1] + 1}" if len(loc) > 1 else "amount_y1"
    return loc[0]


@settings(max_examples=200, deadline=None)
@given(typed_rows())
def test_a_table_and_a_proposal_get_the_same_verdict(row):
    in_bulk, alone = bulk(row, proposal_column), one(Proposal, row_fields(row, "EUR"))
    wrong = {column for column, _ in alone}
    # A proposal is not compared with a cell of its own that is wrong already.
    in_bulk -= {(rule.columns[-1], rule.what) for rule in RULES if rule.columns[0] in wrong} - alone
    assert {column for column, _ in in_bulk} == wrong
    lists = {column for column, _ in in_bulk if proposal_column(column).is_list}
    assert {found for found in in_bulk if found[0] not in lists} == {
        found for found in alone if found[0] not in lists
    }
    assert {found for found in in_bulk if found[0] in lists} <= alone


@settings(deadline=None)
@given(st.fixed_dictionaries({name: around(column) for name, column in columns_of(Review).items()}))
def test_a_review_too(row):
    fields = {name: value for name, value in row.items() if value is not None or name == "score"}
    assert bulk(row, review_column) == one(Review, fields)


@pytest.mark.parametrize(
    ("fields", "column", "what"),
    [
        ({"amount": -1}, "amount", "must be at least 0"),
        ({"amount": 10**17 + 1}, "amount", "must be at most 1,000,000,000,000,000"),
        ({"trl": 10}, "trl", "must be at most 9"),
        ({"success_probability": float("nan")}, "success_probability", "must be a finite number"),
        ({"driver": "fame"}, "driver", "must be one of curiosity, scientific_goal or application_purpose"),
        ({"min_amount": 101}, "min_amount", "must not be more than amount"),
        ({"amount_y1": 50, "amount_y2": 49}, "amount_y1", "must add up to amount"),
        ({"merit": 3.0, "merit_low": 3.5}, "merit_low", "must not be more than merit"),
        ({"merit_low": 3.0, "merit_high": 2.5}, "merit_high", "must not be less than merit_low"),
    ],
)
def test_what_is_said(fields, column, what):
    row = {"id": "P-1", "amount": 100} | fields
    assert (column, what) in bulk(row, proposal_column)
    assert (column, what) in one(Proposal, row_fields(row, "EUR"))


def test_an_id_used_twice_is_wrong_in_every_row():
    frame = pl.DataFrame({"id": ["A", "B", "A", None, None], "amount": [1, 2, 3, 4, 5]})
    issues = check_rows(frame, proposal_column, "EUR")
    assert [(issue.what, issue.rows) for issue in issues] == [
        ("is missing", (5, 6)),
        ("is used more than once", (2, 4)),
    ]
