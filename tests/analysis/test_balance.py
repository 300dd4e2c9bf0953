"""The balance of a decision: added up exactly, beside the fairness monitor and by hand."""

from __future__ import annotations

from decimal import Decimal

import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small import call, policy

import portfolio as pf

TABLE = pl.DataFrame(
    {
        "field": ["a", "a", "b", None, "c", "d"],
        "decision": ["funded", "not_funded", "funded", "not_funded", "ineligible", "funded"],
        "amount_requested": ["0.10", "0.20", "0.30", "0.40", "9.00", "0.05"],
        "amount_awarded": ["0.10", "0.00", "0.20", "0.00", "0.00", "0.05"],
    }
).with_columns(pl.col("^amount_.*$").cast(pl.Decimal(38, 2)))


def test_shares_by_hand() -> None:
    rows = pf.balance(TABLE, "field").to_dicts()
    assert [row["group"] for row in rows] == ["a", "b", "d", "c", "(missing)"]
    a, b, d, c, missing = rows
    assert (a["requested"], a["awarded"], a["proposals"], a["awards"]) == (
        Decimal("0.3"),
        Decimal("0.1"),
        2,
        1,
    )
    # 0.30 of 1.05 asked for by the eligible, 0.10 of 0.35 awarded.
    assert a["share_of_demand"] == pytest.approx(0.3 / 1.05)
    assert a["share_of_awards"] == pytest.approx(0.1 / 0.35)
    assert (c["proposals"], c["requested"], c["share_of_demand"]) == (0, 0, 0)
    assert (missing["kind"], missing["awards"]) == ("missing", 0)
    assert sum(row["awarded"] for row in rows) == Decimal("0.35")
    assert b["awarded"] == Decimal("0.2")
    assert d["share_of_awards"] == pytest.approx(0.05 / 0.35)


def test_a_decision_in_other_words_is_refused() -> None:
    words = ["Funded", "rejected", "funded", None, "ineligible", "funded"]
    with pytest.raises(pf.DataError) as error:
        pf.balance(TABLE.with_columns(decision=pl.Series(words)), "field")
    assert [one.value for one in error.value.issues] == ["", "Funded", "rejected"]
    assert "did you mean 'funded'?" in str(error.value)


def test_the_smallest_groups_are_one() -> None:
    rows = pf.balance(TABLE, "field", most=1).to_dicts()
    assert [row["group"] for row in rows] == ["a", "(missing)", "other (3 groups)"]
    assert rows[-1]["requested"] == Decimal("0.35")
    assert rows[-1]["kind"] == "merged"
    # A single group more is no shorter as "other".
    assert pf.balance(TABLE, "field", most=3)["group"].to_list() == ["a", "b", "d", "c", "(missing)"]


def test_numbers_of_a_csv_and_pandas_give_the_same() -> None:
    floats = TABLE.with_columns(pl.col("^amount_.*$").cast(pl.Float64))
    assert pf.balance(floats, "field").equals(pf.balance(TABLE, "field"))
    frame = pd.DataFrame(floats.to_dict(as_series=False))
    assert pf.balance(frame, "field").equals(pf.balance(TABLE, "field"))


def test_a_portfolio_knows_columns_scores_and_traits() -> None:
    asked = call(
        amount=[3, 4, 5], merit=[1.0, 2.0, 3.0], bottlenecks=["x;y", "y", "x"], region=["N", "S", "N"]
    )
    decision = pf.optimize(asked, policy(8, traits={"north": "region = 'N'"}))
    assert decision.ids == ("A", "C")
    assert pf.balance(decision, "north").select("group", "requested", "awarded").rows() == [
        ("true", 8, 8),
        ("false", 4, 0),
    ]
    tags = pf.balance(decision, "bottlenecks")
    # A is in both: 8 for x, 7 for y, of 12.
    assert tags.select("group", "requested", "awards").rows() == [("x", 8, 2), ("y", 7, 1)]
    assert tags["share_of_demand"].sum() > 1
    assert pf.balance(decision, "bottlenecks", most=5).equals(tags)


def test_it_agrees_with_the_fairness_monitor() -> None:
    asked = pf.simulate_call(40, seed=5).call
    decision = pf.optimize(
        asked,
        pf.Policy(
            budget=asked.requested // 300,
            reviews=pf.ReviewSettings(best=6, worst=1),
            objective=pf.Objective(zero=0),
        ),
    )
    theirs = pf.fairness(decision, ["region"]).groups.sort("group")
    ours = pf.balance(decision, "region", most=100).sort("group")
    for mine, their in {
        "proposals": "proposals",
        "awards": "awards",
        "share_of_demand": "requested_share",
        "share_of_awards": "awarded_share",
    }.items():
        assert ours[mine].to_list() == pytest.approx(theirs[their].to_list())
    assert ours["requested"].to_list() == theirs["requested"].to_list()


@given(
    st.lists(st.tuples(st.sampled_from("abcdefgh"), st.integers(0, 10**15)), min_size=9, max_size=30),
    st.integers(1, 9),
)
def test_gathering_keeps_the_sums(rows: list[tuple[str, int]], most: int) -> None:
    cents = [Decimal(amount).scaleb(-2) for _, amount in rows]
    table = pl.DataFrame({"g": [name for name, _ in rows], "decision": ["funded"] * len(rows)}).with_columns(
        pl.Series("amount_requested", cents, pl.Decimal(38, 2)),
        pl.Series("amount_awarded", cents, pl.Decimal(38, 2)),
    )
    if table["g"].n_unique() == len(rows):
        return
    shares = pf.balance(table, "g", most=most)
    assert shares["requested"].sum() == sum(cents)
    assert shares["awards"].sum() == len(rows)
    assert shares.height <= most + 1
    kept = shares.filter(kind="group")["requested"].to_list()
    assert kept == sorted(kept, reverse=True)


def test_what_is_wrong_is_said() -> None:
    with pytest.raises(pf.DataError, match="did you mean 'field'") as caught:
        pf.balance(TABLE.drop("decision"), "feild")
    assert [issue.column for issue in caught.value.issues] == ["decision", "feild"]
    with pytest.raises(pf.DataError, match="forms no groups"):
        pf.balance(
            TABLE.with_columns(id=pl.Series(list("abcdef"))),
            "id",
        )
    with pytest.raises(ValueError, match="at least 1"):
        pf.balance(TABLE, "field", most=0)


def test_one_column_or_several_may_be_named_here_and_in_fairness() -> None:
    both = pf.balance(TABLE, ["field", "decision"])
    assert both.equals(pl.concat([pf.balance(TABLE, "field"), pf.balance(TABLE, "decision")]))
    assert pf.balance(TABLE, ["field"]).equals(pf.balance(TABLE, "field"))
    with pytest.raises(ValueError, match="name at least one column"):
        pf.balance(TABLE, [])
    with pytest.raises(pf.DataError) as refused:
        pf.balance(TABLE, ["feild", "decison"])
    assert [issue.column for issue in refused.value.issues] == ["feild", "decison"]
    decision = pf.optimize(call(amount=[1.0] * 3, merit=[3.0, 2.0, 1.0], region=["n", "n", "s"]), policy(2))
    assert pf.fairness(decision, "region").groups.equals(pf.fairness(decision, ["region"]).groups)
    assert pf.balance(decision, ["region"]).equals(pf.balance(decision, "region"))
