"""What reasons claim is true: counted by hand, and held against the decisions that they speak of."""

from __future__ import annotations

import re

import numpy as np
import polars as pl
import pytest
from random_rules import random_case
from small import call, policy

import portfolio as pf
from portfolio.report.why import explanation_in_words


def reasons(portfolio: pf.Portfolio, prices: tuple = ()) -> dict[str, str]:
    return dict(portfolio.to_frame(prices).select("id", "reason").iter_rows())


def test_awards_of_more_merit_for_the_money_are_counted() -> None:
    # Merit per franc: A .5, B .3, C .28, D .4.
    four = call(amount=[10, 10, 10, 20], merit=[5, 3, 2.8, 8])
    one = reasons(pf.optimize(four, policy(20, must_not_fund=["B"])))
    assert one["C"].startswith(
        "the money went to 1 award that is worth more, with more merit per EUR; beside"
    )
    assert one["A"].startswith(
        "the money went to 1 award that is worth more, though not with more merit per EUR"
    )
    portfolio = pf.optimize(four, policy(25, must_fund=["A"]))
    assert portfolio.ids == ("A", "B")
    said = reasons(portfolio)
    assert "went to 2 awards that are worth more together, all of them with more merit per EUR" in said["C"]
    assert "went to 2 awards, 1 of them with more merit per EUR" in said["D"]  # 8 against 8.
    per_money = policy(25, must_fund=["A"], objective=pf.Objective(size="per_money", zero=1))
    assert "with higher merit" in reasons(pf.optimize(four, per_money))["C"]
    other = policy(20, objective=pf.Objective(size=0.5))
    assert any("with more value per EUR" in text for text in reasons(pf.optimize(four, other)).values())
    # Half of the merit for four fifths of the request is no merit per money.
    levels = call(amount=[100, 100, 50], merit=[5, 4, 4.5], levels=[["80: 0.5"], None, None])
    cut = reasons(pf.optimize(levels, policy(130, objective=pf.Objective(partial="levels"))))
    assert "1 of them with more value per EUR" in cut["B"]


def test_value_for_money_is_that_of_an_award_that_could_be_paid() -> None:
    # A: 4 for 8 is more than there is; 2.8 for 1 is more for the money than the 4 for 6 of B.
    by_level = call(amount=[8, 6], merit=[4, 4], levels=[["1: 0.7"], None])
    for order in ("minimum_guarantee", "over_and_above"):
        rules = policy(6, objective=pf.Objective(partial="levels"), reserve_order=order)
        assert "though not with more value per EUR" in reasons(pf.optimize(by_level, rules))["A"]
    # 6 for 9 are more for the money, but no year has them.
    dear = call(amount=[9, 4], amount_y1=[5, 4], amount_y2=[4, 0], merit=[6, 2], levels=[["3: 0.1"], None])
    years = policy((4, 4), objective=pf.Objective(partial="levels"))
    assert "with more value per EUR" in reasons(pf.optimize(dear, years))["A"]
    # Along a curve the smallest award brings most: 3.7 for 5.
    cut = call(amount=[8, 6], merit=[4, 4], min_amount=[5, None])
    curve = pf.Objective(partial=True, curve=((0.5, 0.9), (1, 1)))
    assert "though not with more value per EUR" in reasons(pf.optimize(cut, policy(6, objective=curve)))["A"]


def test_reserves_are_named_where_the_decision_without_them_is_known() -> None:
    young = call(amount=[10, 10, 10, 10], merit=[5, 4, 3, 2], y=[1, 0, 0, 1])
    rules = policy(30, traits={"young": "y = 1"}, reserve=[pf.Reserve(trait="young", amount=20)])
    portfolio = pf.optimize(young, rules)
    assert portfolio.ids == ("A", "B", "D")
    said = reasons(portfolio, pf.price_reserves(portfolio))
    assert "with or without any one of the reserves; counts towards young" in said["A"]
    assert "with or without any one of the reserves" in said["B"]
    assert said["D"].startswith("funded from the reserve for young: without it, it would not be funded")
    assert "it would be funded without the reserve for young" in said["C"]
    # Nothing of this is known before the reserve is priced.
    assert not any("without" in text for text in reasons(portfolio).values())
    assert portfolio.explain("D", pf.price_reserves(portfolio)).startswith(
        "D: funded: funded from the reserve"
    )


def test_one_that_needs_a_reserve_it_does_not_count_towards() -> None:
    # C is cheap and fits beside the dear young one only.
    three = call(amount=[20, 16, 4], merit=[9, 3, 1], y=[0, 1, 0])
    rules = policy(20, traits={"young": "y = 1"}, reserve=[pf.Reserve(trait="young", amount=16)])
    portfolio = pf.optimize(three, rules)
    assert portfolio.ids == ("B", "C")
    said = reasons(portfolio, pf.price_reserves(portfolio))
    assert "not funded without the reserve for young" in said["C"]


@pytest.mark.parametrize("seed", range(0, 60))
def test_merits_that_are_said_not_to_turn_a_decision_do_not(seed: int) -> None:
    frame, rules = random_case(seed)
    try:
        portfolio = pf.optimize(pf.Call.from_frame(frame, rules=rules), rules)
    except pf.InfeasibleError:
        return
    for name, text in list(reasons(portfolio).items()):
        found = re.search(r"(even )?merit (\S+) would (?:not be|have been) enough", text)
        if not found:
            continue
        other = frame.with_columns(merit=pl.when(id=name).then(float(found[2])).otherwise(pl.col("merit")))
        again = pf.optimize(pf.Call.from_frame(other, rules=rules), rules)
        assert (name in again.ids) == (name in portfolio.ids), f"seed {seed}, {name}: {text}"


def test_some_merits_are_said() -> None:
    simulated = pf.simulate_call(80, seed=2, reviews_per_proposal=0).call
    rules = pf.Policy(budget=8_000_000, currency=simulated.currency, objective=pf.Objective(zero=2.5))
    texts = list(reasons(pf.optimize(simulated, rules)).values())
    assert sum("would not be enough" in text for text in texts) > 5
    assert sum("would have been enough" in text for text in texts) > 5


@pytest.mark.parametrize(("best", "worst"), [(6, 1), (1, 6)])
def test_the_best_grade_is_the_end_of_the_scale(best: int, worst: int) -> None:
    scores = [6, 6, 5, 5, 3, 4]
    grades = pl.DataFrame(
        {
            "proposal": ["A", "A", "B", "B", "C", "C"],
            "reviewer": ["r", "s"] * 3,
            "score": scores if best == 6 else [7 - score for score in scores],
        }
    )
    frame = pl.DataFrame({"id": ["A", "B", "C"], "amount": [5, 5, 20]})
    rules = policy(20, reviews=pf.ReviewSettings(best=best, worst=worst))
    portfolio = pf.optimize(pf.Call.from_frame(frame, reviews=grades, rules=rules), rules)
    assert f"even the best grade, {best}, would not be enough" in reasons(portfolio)["C"]
    (answer,) = pf.inclusion(portfolio, ["C"])
    (needs,) = pf.needed(portfolio, [answer])
    row = {"id": "C", "decision": "not_funded", "reason": ""}
    assert any("; no merit is above 6." in line for line in explanation_in_words(row, answer, needs, "EUR"))
    # Without grades no merit is the highest, whatever scale the policy has.
    given = frame.with_columns(merit=pl.Series([6.0, 5.0, 3.5]))
    assert "even merit " in reasons(pf.optimize(pf.Call.from_frame(given, rules=rules), rules))["C"]


def test_what_the_policy_decides_no_merit_changes() -> None:
    three = call(amount=[10, 10, 10], merit=[5, 3, 1])
    said = reasons(pf.optimize(three, policy(10, must_fund=["C"], must_not_fund=["A"])))
    assert said["C"] == "the policy says that it must be funded"
    assert said["A"] == "the policy says that it must not be funded"


def test_reasons_do_not_depend_on_the_order_of_rows() -> None:
    frame, rules = random_case(7)
    order = np.random.default_rng(0).permutation(frame.height)
    one, two = (
        reasons(pf.optimize(pf.Call.from_frame(rows, rules=rules), rules)) for rows in (frame, frame[order])
    )
    assert one == two
