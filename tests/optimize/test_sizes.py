"""How large awards may be, and what is wrong with levels that make no sense."""

from __future__ import annotations

import pytest
from small import call, policy

import portfolio as pf


def test_levels_that_make_no_sense_are_all_named() -> None:
    three = call(amount=[10, 10, 10], merit=[1, 1, 1], levels=[["10: 1"], ["4: 0.5", "4: 0.6"], ["0: 0"]])
    with pytest.raises(pf.DataError) as error:
        pf.optimize(three, policy(20, objective=pf.Objective(partial="levels")))
    assert [(issue.id, issue.value) for issue in error.value.issues] == [
        ("A", "10: 1"),
        ("B", "4: 0.6"),
        ("C", "0: 0"),
    ]


def test_levels_are_not_looked_at_unless_the_policy_asks_for_them() -> None:
    assert pf.optimize(call(amount=[10], merit=[1], levels=[["99: 1"]]), policy(20)).ids == ("A",)


def test_a_level_that_is_badly_written_is_an_error_of_the_cell() -> None:
    with pytest.raises(pf.DataError, match=r"such as 300000: 0\.8"):
        call(amount=[10], merit=[1], levels=[["5 for half"]])


def test_a_proposal_without_a_least_amount_is_funded_whole() -> None:
    two = call(amount=[10, 10], merit=[2, 1], min_amount=[None, 5])
    portfolio = pf.optimize(two, policy(16, objective=pf.Objective(partial=True)))
    assert [str(x) for x in portfolio.to_frame()["amount_awarded"]] == ["10.00", "6.00"]


def test_stable_awards_are_never_cut() -> None:
    two = call(
        amount=[10, 10],
        merit=[2, 1],
        min_amount=[1, 1],
        amount_y1=[5, 5],
        amount_y2=[5, 5],
        organized=[True, False],
    )
    rules = policy([4, 9], objective=pf.Objective(partial=True), stable=pf.Stable())
    portfolio = pf.optimize(two, rules)
    assert [str(x) for x in portfolio.to_frame()["amount_awarded"]] == ["0.00", "8.00"]


def test_an_award_that_is_cut_says_so() -> None:
    two = call(amount=[10, 10], merit=[2, 1], min_amount=[1, 1])
    portfolio = pf.optimize(two, policy(16, objective=pf.Objective(partial=True)))
    assert "awarded less than the EUR 10.00 that it asks for" in portfolio.explain("B")
    assert "awarded less" not in portfolio.explain("A")
