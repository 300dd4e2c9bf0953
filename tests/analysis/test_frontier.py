"""The frontier over a key of the policy: who is funded from which budget on, and what more money brings."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small import call, policy

import portfolio as pf
from portfolio.analysis import evenly
from portfolio.analysis.frontiers.nested import nested
from portfolio.analysis.frontiers.steps import Step, steps_table

FOUR = {"amount": [4.0, 8.0, 10.0, 8.0], "merit": [3.0, 4.0, 3.0, 2.0]}


def four(**rules: object) -> pf.Problem:
    return pf.Problem(call(**FOUR), policy(20, **rules))


def test_from_which_budget_each_is_funded() -> None:
    # 4: {A} 3; 8: {B} 4; 12: {A,B} 7; 20: {A,B,D} 9. A leaves at 8, and comes again.
    found = pf.frontier(four(), "budget", [20, 4, 8, 12])
    assert found.steps["at"].to_list() == [4, 8, 12, 20]
    assert found.steps["value"].to_list() == [3, 4, 7, 9]
    assert found.steps["spent"].to_list() == [4, 8, 12, 20]
    assert found.steps["gain_low"].to_list() == pytest.approx([None, 1, 3, 2])
    assert found.steps["gain_high"].to_list() == pytest.approx([None, 1, 3, 2])
    assert found.steps["entered"].to_list() == [None, ["B"], ["A"], ["D"]]
    assert found.steps["left"].to_list() == [None, ["A"], [], []]
    rows = {row["id"]: row for row in found.proposals.iter_rows(named=True)}
    assert (rows["A"]["first_at"], rows["A"]["always_from"], rows["A"]["changes"]) == (4, 12, 2)
    assert (rows["B"]["first_at"], rows["B"]["always_from"], rows["B"]["changes"]) == (8, 8, 1)
    assert (rows["C"]["first_at"], rows["C"]["always_from"], rows["C"]["funded_at"]) == (None, None, 0)
    assert rows["D"]["always_from"] == 20
    assert found.core == ()
    assert not found.interrupted


def test_steps_without_a_portfolio_say_why() -> None:
    found = pf.frontier(four(must_fund=["C"]), "budget", [5, 10, 20])
    assert found.steps["status"].to_list() == ["infeasible", "optimal", "optimal"]
    assert found.steps["value"].to_list() == [None, 3, 7]
    assert "C" in found.steps["conflict"][0]
    assert found.steps["gain_low"].to_list()[:2] == [None, None]
    assert found.core == ("C",)
    assert found.proposals.filter(pl.col("id") == "C")["first_at"].to_list() == [10]


def test_no_step_with_a_portfolio() -> None:
    found = pf.frontier(four(must_fund=["C"]), "budget", [1, 2])
    assert found.core == ()
    assert found.proposals["funded_at"].to_list() == [0] * 4
    assert found.proposals["first_at"].null_count() == 4


def test_marginal_prices_are_per_unit_of_money() -> None:
    # Without whole numbers, money that is left goes to the best ratio: here to C, 3 for 10.
    budget = pf.frontier(four(), "budget", [12, 14])
    assert budget.steps["marginal_price"].to_list() == pytest.approx([0.3, 0.3])
    rules = {"traits": {"last": "id = 'D'"}, "reserve": [{"trait": "last", "amount": 1}]}
    reserve = pf.frontier(four(**rules), "reserve.last.amount", [6.0, 8.0])
    assert all(price < 0 for price in reserve.steps["marginal_price"])
    assert pf.frontier(four(), "objective.zero", [0.0]).steps["marginal_price"].to_list() == [None]


def test_the_marginal_price_of_a_year_is_that_of_its_money_alone() -> None:
    # Whatever the first year has, only 12 of it can be spent beside the 12 of the second, whose money is short.
    years = call(
        amount=[10.0, 10.0, 12.0, 9.0], amount_y1=[5, 5, 6, 4], amount_y2=[5, 5, 6, 5], merit=[3, 2, 4, 2]
    )
    problem = pf.Problem(years, policy([30, 12]))
    first = pf.frontier(problem, "budget.1", [25, 30, 35]).steps
    assert first["gain_high"].to_list()[1:] == first["marginal_price"].to_list()[1:] == [0, 0]
    # A coin more lets in a part of B, worth 2 for 5.
    assert pf.frontier(problem, "budget.2", [12]).steps["marginal_price"].to_list() == pytest.approx([0.4])
    # Money held back of all years is missing in each of them.
    held = [pf.Reserve(trait="none", amount=10, shortfall="hold")]
    rules = policy([30, 30], traits={"none": "id = 'Z'"}, reserve=held)
    over = pf.frontier(pf.Problem(years, rules.replace(budget=[12, 20])), "budget.1", [9, 10]).steps
    assert over["marginal_price"].to_list() == pytest.approx([0.6, 0.6])


def test_a_decision_is_certain_only_where_every_best_portfolio_agrees() -> None:
    # B is twice as good as anybody for its money; A and D are alike, and either may be funded.
    data = call(amount=[5.0, 5.0, 9.0, 5.0], merit=[2.0, 9.0, 0.1, 2.0])
    found = pf.frontier(pf.Problem(data, policy(10)), "budget", [10])
    assert dict(found.proposals.select("id", "certain_at").iter_rows())["B"] == 1
    assert dict(found.proposals.select("id", "certain_at").iter_rows())["A"] == 0


def wide() -> pf.Problem:
    drawn = pf.simulate_call(120, seed=5, reviews_per_proposal=0).call
    rules = pf.Policy(
        budget=9_000_000, traits={"far": "horizon_years >= 10"}, reserve=[{"trait": "far", "share": 0.2}]
    )
    return pf.Problem(drawn, rules)


def test_the_steps_do_not_depend_on_jobs_nor_on_what_was_solved_before() -> None:
    values = evenly(wide().policy, "budget", Decimal(6_000_000), Decimal(12_000_000), 7)
    once = pf.frontier(wide(), "budget", values, jobs=1)
    problem = wide()
    problem.solve()
    again = pf.frontier(problem, "budget", values[::-1], jobs=3)
    assert once.steps.equals(again.steps)
    assert once.proposals.equals(again.proposals)


def test_each_step_is_the_decision_at_that_value() -> None:
    problem = wide()
    for row in pf.frontier(problem, "reserve.far.share", [0.0, 0.2, 0.4]).steps.iter_rows(named=True):
        alone = problem.replace(reserve=[{"trait": "far", "share": row["at"]}]).solve()
        assert row["value"] <= alone.bound + 1e-9
        assert alone.value <= row["bound"] + 1e-9


def test_a_problem_with_other_scores_keeps_them() -> None:
    problem = four().rescored({"merit": np.array([3.0, 4.0, 30.0, 2.0])})
    assert problem.replace(budget=10).solve().ids == ("C",)
    assert pf.frontier(problem, "budget", [10]).steps["value"].to_list() == [30]


def test_a_step_without_a_portfolio_is_passed_over_by_all_that_compares_steps() -> None:
    def solved(value: float, *funded: bool) -> Step:
        return Step("optimal", "", value, value, Decimal(1), gained=True, funded=np.array(funded))

    steps = [solved(5, True, False), Step("infeasible", "a rule"), solved(8, True, True)]
    table = steps_table([1, 2, 3], steps, four().instance)
    assert table["gain_low"].to_list() == table["gain_high"].to_list() == [None, None, 3]
    assert table["entered"].to_list() == [None, None, ["B"]]
    assert table["left"].to_list() == [None, None, []]


def test_goals_before_the_value_leave_gains_open() -> None:
    rules = {
        "traits": {"last": "id = 'D'"},
        "reserve": [{"trait": "last", "amount": 9, "shortfall": "release"}],
    }
    found = pf.frontier(four(**rules), "budget", [12, 20])
    assert found.steps["value"].to_list() == [5, 9]
    assert found.steps["gain_low"].to_list() == [None, None]


def test_rounds_have_a_frontier_too() -> None:
    rules = {"traits": {"last": "id = 'D'"}, "reserve": [{"trait": "last", "amount": 8}]}
    found = pf.frontier(four(**rules, reserve_order="over_and_above"), "budget", [12, 20])
    assert found.steps["value"].to_list() == [5, 9]
    assert found.proposals["certain_at"].to_list() == [0] * 4


@pytest.mark.parametrize(
    ("key", "rules", "words"),
    [
        ("budgt", {}, "did you mean 'budget'"),
        ("columns.id", {}, "used when the call is read"),
        ("solver.gap", {}, "greater than|at least|at most"),
    ],
)
def test_a_key_that_makes_no_sense(key: str, rules: dict[str, object], words: str) -> None:
    with pytest.raises(pf.PolicyError, match=words):
        pf.frontier(four(**rules), key, [-1.0])


def test_a_budget_by_year_is_named_by_its_year() -> None:
    data = call(amount=[4.0, 8.0], amount_y1=[2.0, 4.0], amount_y2=[2.0, 4.0], merit=[3.0, 4.0])
    problem = pf.Problem(data, policy([4, 6]))
    with pytest.raises(pf.PolicyError, match=r"budget\.1"):
        pf.frontier(problem, "budget", [4])
    found = pf.frontier(problem, "budget.1", [Decimal(2), Decimal(4), Decimal(6)])
    assert found.steps["value"].to_list() == [3, 4, 7]


def test_no_values_are_refused() -> None:
    with pytest.raises(ValueError, match="at least one value"):
        pf.frontier(four(), "budget", [])


@pytest.mark.parametrize("at", [1, 2])
def test_an_interrupt_keeps_the_steps_that_are_done(at: int, monkeypatch: pytest.MonkeyPatch) -> None:
    solve, solved = pf.Problem.solve, []

    def interrupted(problem: pf.Problem) -> pf.Portfolio:
        solved.append(problem)
        if len(solved) > at:
            raise KeyboardInterrupt
        return solve(problem)

    monkeypatch.setattr(pf.Problem, "solve", interrupted)
    found = pf.frontier(four(), "budget", [4, 8, 12], jobs=1)
    assert found.interrupted
    assert found.steps["value"].drop_nulls().len() == at


def test_evenly_spaced_values_are_what_a_key_can_hold() -> None:
    rules = pf.Policy(
        budget=10, currency="JPY", limit=[{"per": "dept", "max_awards": 3}, {"where": "a", "max_share": 0.3}]
    )
    money = evenly(rules, "budget", Decimal(0), Decimal(10), 4)
    assert money == [0, 3, 7, 10]
    assert all(isinstance(value, Decimal) for value in money)
    assert evenly(rules.replace(currency="EUR"), "budget", Decimal(10), Decimal(0), 4)[1] == Decimal("3.33")
    assert evenly(rules, "limit.dept.max_awards", Decimal(1), Decimal(3), 9) == [1, 2, 3]
    assert evenly(rules, "limit.a.max_share", Decimal("0.1"), Decimal("0.3"), 3) == [0.1, 0.2, 0.3]
    assert evenly(rules, "budget", Decimal(5), Decimal(9), 1) == [5]
    with pytest.raises(ValueError, match="finite"):
        evenly(rules, "budget", Decimal(5), Decimal("NaN"), 2)


@given(st.integers(0, 5), st.integers(1, 6), st.data())
def test_nested_says_of_each_proposal_where_it_is_funded(m: int, n: int, data: st.DataObject) -> None:
    row = st.lists(st.booleans(), min_size=n, max_size=n)
    funded = np.array(data.draw(st.lists(row, min_size=m, max_size=m)), dtype=bool).reshape(m, n)
    at = [float(10 * step) for step in range(m)]
    table = nested([f"P{i}" for i in range(n)], at, funded, funded)
    for index, found in enumerate(table.iter_rows(named=True)):
        steps = [at[step] for step in range(m) if funded[step, index]]
        assert found["funded_at"] == found["certain_at"] == len(steps)
        assert found["core"] == (len(steps) == m > 0)
        assert found["first_at"] == min(steps, default=None)
        after = found["always_from"]
        if after is None:
            assert not steps or steps[-1] != at[-1]
        else:
            assert {value for value in at if value >= after} <= set(steps)
            assert after == 0 or after - 10 not in steps
        turns = sum(bool(funded[step, index] != funded[step + 1, index]) for step in range(m - 1))
        assert found["changes"] == turns
