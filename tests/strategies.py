"""Hypothesis strategies that tests share: values of proposals, good and bad, and whole calls."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

from hypothesis import strategies as st

from portfolio.call.columns import YEARLY, Column, columns_of
from portfolio.call.plain import plain_text
from portfolio.call.proposal import Proposal, Review

# What any file can hold: no control characters but line ends and tabs, no halves of characters.
texts = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn"], include_characters="\n\t"),
    max_size=12,
)
ids = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cf", "Cs", "Cn", "Zl", "Zp"]), max_size=6
)
# Default ignorable characters that are marks or letters: joiners, fillers and selectors, which nobody sees.
unseen = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
ids = ids.filter(lambda text: text.strip() != "" and not unseen.search(text))
titles = texts.filter(lambda text: plain_text(text).strip() != "")
tags = ids.filter(
    lambda text: (
        not re.search("[;；﹔؛,，、،|｜/／]", text)
        and not (text[:1] in ("[", "{") and text[-1:] in ("]", "}"))
    )
)
levels = st.builds("{}: {}".format, st.integers(0, 10**15 - 1), st.sampled_from(["0", "0.25", "0.8", "1"]))
shares = st.sampled_from(
    [
        (),
        ("1.1", "physics", "2.3"),
        ("1.1: 60%", "physics: 40%"),
        ("physics: 2", "1.1:0"),
        ("2 :100%",),
        ("2: 0.5",),
    ]
)
money = st.integers(0, 10**17).map(lambda cents: Decimal(cents).scaleb(-2))
numbers = st.floats(-1e6, 1e6)


def good(column: Column) -> st.SearchStrategy[object]:
    """Values that a column of the frame may hold, as Python values."""
    if column.pattern and column.kind == "text":
        return ids
    match column.kind:
        case "text":
            return titles
        case "word":
            return st.sampled_from(column.choices)
        case "words":
            return st.lists(st.sampled_from(column.choices), max_size=3).map(tuple)
        case "tags":
            if column.name == "fields":
                return shares
            return st.lists(levels if column.name == "levels" else tags, max_size=3).map(tuple)
        case "money":
            return money
        case "integer":
            return st.integers(column.ge, column.le)
        case "number":
            low = -1e6 if column.ge is None else column.ge
            return st.floats(low, 1e6 if column.le is None else column.le)
        case "date":
            return st.dates(column.ge, column.le)
        case _:
            return st.booleans()


@st.composite
def proposals(draw: st.DrawFn) -> Proposal:
    """A proposal that keeps every rule, with a random part of the optional fields."""
    fields: dict[str, object] = {"id": draw(ids), "amount": draw(money)}
    optional = [column for name, column in columns_of(Proposal).items() if name not in (*fields, YEARLY)]
    for column in draw(st.lists(st.sampled_from(optional), unique=True, max_size=8)):
        fields[column.name] = draw(good(column))
    return Proposal.model_validate(_agreeing(draw, fields))


def _agreeing(draw: st.DrawFn, fields: dict[str, object]) -> dict[str, object]:
    amount = fields["amount"]
    assert isinstance(amount, Decimal)
    if "min_amount" in fields:
        fields["min_amount"] = min(amount, fields["min_amount"])
    if draw(st.booleans()):
        first = (amount / 3).quantize(Decimal("0.01"), "ROUND_DOWN")
        fields[YEARLY] = (first, amount - first)
    grades = sorted(name for name in ("merit", "merit_low", "merit_high") if name in fields)
    values = sorted(fields[name] for name in grades)
    order = [name for name in ("merit_low", "merit", "merit_high") if name in fields]
    fields |= dict(zip(order, values, strict=True))
    if {"birth_date", "doctorate_date"} <= fields.keys():
        del fields["birth_date"]
    return fields


foreign_cells = {
    "Year": st.integers(-(2**63), 2**63 - 1) | st.none(),
    "Share": st.floats(allow_nan=False) | st.none(),
    "Open": st.booleans() | st.none(),
    "Remark": titles | st.none(),
    "Code": st.text("0123456789+-.eE", max_size=5) | st.none(),
}


@st.composite
def call_parts(draw: st.DrawFn) -> tuple[list[Proposal], list[Review]]:
    """Proposals with unique ids and the same further columns, and reviews of some of them."""
    some = draw(st.lists(proposals(), min_size=1, max_size=4, unique_by=lambda one: one.id))
    further = draw(st.lists(st.sampled_from(sorted(foreign_cells)), unique=True))
    some = [one.replace(other={name: draw(foreign_cells[name]) for name in further}) for one in some]
    graded = st.builds(
        Review,
        proposal=st.sampled_from([one.id for one in some]),
        reviewer=ids,
        criterion=titles | st.none(),
        score=numbers | st.none(),
        confidence=st.floats(0, 10) | st.none(),
        panel=titles | st.none(),
    )

    # A reviewer grades a proposal once on each criterion; ids are compared as they are read.
    def once(one: Review) -> tuple[str, ...]:
        return tuple(str(part).strip() for part in (one.proposal, one.reviewer, one.criterion, one.panel))

    return some, draw(st.lists(graded, max_size=3, unique_by=once))


def around(column: Column) -> st.SearchStrategy[object]:
    """Typed values of a frame inside, at and outside the bounds of a column; money in minor units."""
    odd: dict[str, st.SearchStrategy[object]] = {
        "text": st.sampled_from(["", "x", "zero\u200bwidth", "bell\x07", "two\nlines", "P-1"]),
        "word": st.sampled_from([*column.choices, "", "else"]),
        "words": st.lists(st.sampled_from([*column.choices[:2], "else", ""]), max_size=3),
        "tags": st.lists(
            st.sampled_from(["fusion", "a;b", "[a]", "[", "", "\x00", "300000: 0.8", "3:2", "1: 50%"]),
            max_size=3,
        ),
        "money": st.sampled_from([-1, 0, 1, 2, 5, 10**17, 10**17 + 1]),
        "integer": st.sampled_from([-1, 0, 1, 9, 10, 1200, 1201]),
        "number": st.sampled_from([-1.0, -0.0, 0.5, 1.0, 1.5, 200.0, 201.0, float("nan"), float("inf")]),
        "date": st.sampled_from(
            [date(1899, 12, 31), date(1900, 1, 1), date(2000, 1, 1), date(2100, 12, 31), date(2101, 1, 1)]
        ),
        "boolean": st.booleans(),
    }
    return odd[column.kind] | st.none()
