"""Clashes by less than a solver tells apart: every set of rules is audited in integers."""

from __future__ import annotations

import pytest
from small import call, policy

import portfolio as pf

ONE_EACH = pf.Link(kind="at_most", k=1, per="boss")
THREE = call(amount=[100000] * 3, merit=[5, 4.5, 4.5], boss=["x", "y", "z"], young=[0, 0, 1])
A_THIRD = policy(
    400000,
    traits={"young": "young = 1"},
    reserve=[pf.Reserve(trait="young", amount=100000)],
    limit=[pf.Limit(trait="young", max_share=0.333333333, base="spent")],
)
DEAR = call(amount=[300_000_000, "300000000.01", 300_000_000], merit=[5, 4.5, 4.5], boss=["x", "y", "z"])
LOCKED = policy(900_000_000, must_fund=["A", "B", "C"])


def refused(of: pf.Call, by: pf.Policy) -> pf.InfeasibleError:
    with pytest.raises(pf.InfeasibleError) as error:
        pf.optimize(of, by)
    return error.value


@pytest.mark.parametrize("link", [[], [ONE_EACH]], ids=["alone", "beside a link of no rows"])
@pytest.mark.parametrize("budget", [300000, 400000])
def test_a_share_that_is_missed_by_less_than_a_cent_clashes_alone(budget: int, link: list[pf.Link]) -> None:
    rules = A_THIRD.replace(budget=budget, link=link)
    error = refused(THREE, rules)
    assert error.conflict == (
        "EUR 100,000.00 are held back for young",
        "young gets at most 33.3333% of the money awarded",
    )
    assert error.hint.startswith("Removing any one of them ends this clash")
    assert pf.optimize(THREE, rules.replace(reserve=[])).ids == ("A", "B")
    assert pf.optimize(THREE, rules.replace(limit=[])).ids == ("A", "B", "C")


def test_a_third_is_less_than_one_of_three() -> None:
    rules = A_THIRD.replace(limit=[pf.Limit(trait="young", max_share=1 / 3, base="spent")], link=[ONE_EACH])
    assert refused(THREE, rules).conflict == (
        "EUR 100,000.00 are held back for young",
        "young gets at most 33.3333% of the money awarded",
    )


@pytest.mark.parametrize("link", [[], [ONE_EACH]], ids=["alone", "beside a link of no rows"])
def test_a_budget_that_is_missed_by_a_cent_clashes_without_what_has_no_part_in_it(
    link: list[pf.Link],
) -> None:
    rules = LOCKED.replace(link=link)
    error = refused(DEAR, rules)
    assert error.conflict == (
        "A must be funded",
        "B must be funded",
        "C must be funded",
        "the budget is EUR 900,000,000.00",
    )
    assert error.hint.startswith("Removing any one of them ends this clash")
    assert pf.optimize(DEAR, rules.replace(must_fund=["A", "B"])).ids == ("A", "B")
    assert pf.optimize(DEAR, rules.replace(budget=900000000.01)).ids == ("A", "B", "C")


def test_rows_of_one_rule_are_told_apart_by_a_cent() -> None:
    two = call(
        amount=[300_000_000, "300000000.01", 300_000_000] * 2,
        merit=[5, 4.5, 4.5] * 2,
        dept=["x"] * 3 + ["y"] * 3,
        boss=[*"abcdef"],
    )
    limit = pf.Limit(per="dept", max_amount=900_000_000)
    rules = policy(3_000_000_000, must_fund=["D", "E", "F"], limit=[limit], link=[ONE_EACH])
    assert refused(two, rules).conflict == (
        "D must be funded",
        "E must be funded",
        "F must be funded",
        "dept y gets at most EUR 900,000,000.00",
    )


def test_one_that_clashes_by_a_coin_does_not_end_a_sweep() -> None:
    looser = A_THIRD.replace(limit=[pf.Limit(trait="young", max_share=0.34, base="spent")], link=[ONE_EACH])
    found = pf.whatif(
        pf.Problem(THREE, looser), {"as it was": looser, "a third": A_THIRD.replace(link=[ONE_EACH])}
    )
    assert found.scenarios["status"].to_list() == ["optimal", "optimal", "infeasible"]
