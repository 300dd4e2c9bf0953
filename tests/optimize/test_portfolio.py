"""A decision: its frame, its words, its differences, and the problem as a tree."""

from __future__ import annotations

import math
from decimal import Decimal

import pytest
from small import call, policy, probe

import portfolio as pf
from portfolio.optimize.ties import keyed_order

CALL = call(
    amount=[10.5, 10, 10, 10, 1],
    merit=[4.0, 3.0, 2.0, 0.5, None],
    r=[0, 1, 0, 1, 0],
    ok=[True, True, True, True, True],
)
RULES = policy(
    21,
    eligible="ok",
    traits={"risky": "r = 1"},
    reserve=[pf.Reserve(trait="risky", share=0.2)],
    objective=pf.Objective(zero=1.0),
    limit=[pf.Limit(where="r = 1", max_amount=10), pf.Limit(where="r = 0", min_awards=1)],
    must_not_fund=["C"],
)


def test_the_frame_has_every_proposal_with_its_decision_and_reason() -> None:
    frame = pf.optimize(CALL, RULES).to_frame()
    assert frame.columns == [
        "id", "decision", "amount_awarded", "amount_requested", "merit", "risk", "horizon_years", "basicness",
        "early_career", "risky", "reason", "price_bound",
    ]  # fmt: skip
    # Nothing is known of risk and horizon, and a middle that nobody stated is not shown.
    assert frame.select("risk", "horizon_years", "basicness").null_count().row(0) == (5, 5, 5)
    assert dict(frame.select("id", "decision").iter_rows()) == {
        "A": "funded", "B": "funded", "C": "not_funded", "D": "not_funded", "E": "ineligible",
    }  # fmt: skip
    assert frame["amount_awarded"].to_list() == [Decimal("10.50"), Decimal("10.00"), 0, 0, 0]
    assert frame["risky"].to_list() == [0, 1, 0, 1, 0]
    reasons = dict(frame.select("id", "reason").iter_rows())
    # At merit 1 it is worth nothing, and so no better than none.
    assert reasons["B"] == (
        "part of the most valuable portfolio found; counts towards risky; merit 1.001 would have been enough"
    )
    assert reasons["C"] == "the policy says that it must not be funded"
    assert reasons["D"] == "merit 0.5 is below 1, at which a proposal is worth nothing"
    assert reasons["E"] == "has no merit: no review with a grade that counts, and no merit in the data"


def test_sums_limits_and_words() -> None:
    portfolio = pf.optimize(CALL, RULES)
    assert (portfolio.spent, portfolio.budget, portfolio.value) == (Decimal("20.50"), Decimal(21), 5.0)
    sizes = [(limit.limit, limit.size, limit.binding) for limit in portfolio.limits]
    assert sizes == [("limit[1]", Decimal(10), True), ("limit[2]", 1, True)]
    assert repr(portfolio) == (
        "<Portfolio: 2 of 5 proposals, EUR 20.50 of EUR 21.00, value 5, optimal, gap 0>"
    )
    assert portfolio.explain("C") == "C: not funded: the policy says that it must not be funded"
    assert portfolio.explain("A").startswith("A: funded: part of the most valuable")
    with pytest.raises(KeyError, match="did you mean 'A'"):
        portfolio.explain("a")


def test_money_and_budget_left_over_are_no_reason_to_fund_what_is_worth_nothing() -> None:
    assert pf.optimize(CALL, policy(100, objective=pf.Objective(zero=2.5))).ids == ("A", "B")


def test_a_lock_funds_what_is_worth_less_than_nothing() -> None:
    locked = pf.optimize(CALL, policy(100, objective=pf.Objective(zero=2.5), must_fund=["D"]))
    assert locked.ids == ("A", "B", "D")
    assert locked.value == pytest.approx(1.5 + 0.5 - 2.0)
    assert "D: funded: the policy says that it must be funded" in locked.explain("D")


def test_size_changes_who_wins() -> None:
    two = call(amount=[10, 4, 5], merit=[3.0, 2.0, 2.0])
    assert pf.optimize(two, policy(10)).ids == ("B", "C")
    assert pf.optimize(two, policy(10, objective=pf.Objective(size="per_money"))).ids == ("A",)
    per_money = pf.optimize(two, policy(10, objective=pf.Objective(size="per_money")))
    assert per_money.value == 30.0


def test_differences_between_two_decisions() -> None:
    before, after = pf.optimize(probe(), policy(5)), pf.optimize(probe(), policy(4.7))
    diff = before.diff(after)
    assert set(before.ids) - set(diff.left) | set(diff.entered) == set(after.ids)
    assert diff.value == after.value - before.value
    assert diff.spent == after.spent - before.spent


def test_ties_are_settled_by_a_keyed_order_of_ids() -> None:
    ids = [f"P{i}" for i in range(8)]
    same = call(id=ids, amount=[10] * 8, merit=[1] * 8)
    for seed in range(5):
        rules = policy(30, solver=pf.SolverSettings(gap=0.0, seed=seed))
        first = sorted(ids, key=lambda name: keyed_order(name, seed))[:3]
        assert pf.optimize(same, rules).ids == tuple(sorted(first))


def test_ties_do_not_hide_differences_in_a_rule() -> None:
    same = call(amount=[10, 10, 10], merit=[1, 1, 1], r=[0, 0, 1])
    reserve = [pf.Reserve(trait="risky", share=0.5)]
    for seed in range(5):
        rules = policy(
            10, traits={"risky": "r = 1"}, reserve=reserve, solver=pf.SolverSettings(seed=seed, gap=0.0)
        )
        assert pf.optimize(same, rules).ids == ("C",)


def test_a_problem_prints_as_a_tree_that_says_none_out_loud() -> None:
    lines = str(pf.Problem(probe(), policy(5.0))).splitlines()
    assert lines[:2] == ["Problem", "├─ data"]
    assert "│  ├─ reserves: none" in lines
    assert "│  └─ must not fund: none" in lines
    assert "   ├─ maximise: the sum of (merit - 0) over the awards" in lines
    assert repr(pf.Problem(probe(), policy(5.0))) == "\n".join(lines)


def test_a_tree_names_every_rule_in_words() -> None:
    rules = policy(
        [3, 2],
        traits={"risky": "r = 1"},
        reserve=[
            pf.Reserve(trait="risky", amount=1, min_merit=2),
        ],
        objective=pf.Objective(size=0.5),
        limit=[pf.Limit(per="dept", max_share=0.5, base="spent")],
        link=[
            pf.Link(kind="at_most", k=1, proposals=["A", "B"]),
            pf.Link(kind="requires", proposal="A", needs="B"),
            pf.Link(kind="all_or_none", proposals=["A", "B"]),
            pf.Link(kind="synergy", proposals=["A", "B"], value=2),
        ],
        coverage=[pf.Coverage(per="dept")],
    )
    two = call(amount=[2, 2], merit=[1, 1], amount_y1=[1, 1], amount_y2=[1, 1], dept=["x", "y"], r=[0, 1])
    tree = str(pf.Problem(two, rules))
    for words in (
        "EUR 5.00 over 2 years",
        "EUR 1.00 are held back for risky of merit 2 or more",
        "one to all as minimum guarantee",
        "dept (each of 2) gets at most 50% of the money awarded",
        "1 for each of dept",
        "at most 1 of A, B; A only if B; all or none of A, B; A, B together add 2",
        "(merit - 0) x amount^0.5",
    ):
        assert words in tree


def test_a_synergy_counts_when_all_are_funded() -> None:
    three = call(amount=[10, 10, 10], merit=[3, 2, 2.5])
    link = pf.Link(kind="synergy", proposals=["B", "C"], value=2)
    both = pf.optimize(three, policy(20, link=[link]))
    assert (both.ids, both.value) == (("B", "C"), 6.5)


def test_pulp_takes_a_rule_of_the_users_own() -> None:
    problem, variables = pf.Problem(probe(), policy(5.0)).to_pulp()
    problem.addConstraint(variables["P03"] + variables["P04"] <= 1, "mine")
    import pulp

    problem.solve(pulp.getSolver("HiGHS", msg=False))
    chosen = {name for name, variable in variables.items() if variable.varValue > 0.5}
    assert not {"P03", "P04"} <= chosen
    assert len(chosen) >= 4


@pytest.mark.parametrize(
    "rules",
    [
        {"limit": [pf.Limit(of="rate", max_amount=5)]},
        {"limit": [pf.Limit(of="rate", min_amount=1)]},
        {"objective": pf.Objective(criterion=[pf.Criterion(column="rate")])},
        {"coverage": [pf.Coverage(per="region", weight=1, probability="rate")]},
    ],
)
def test_infinite_numbers_are_not_added_up(rules: dict[str, object]) -> None:
    # They counted as nothing, while a condition takes them for more than every bound.
    own = call(amount=[10, 10, 10], merit=[3, 2, 1], region=["n", "n", "s"], rate=[math.inf, 0.5, -math.inf])
    with pytest.raises(pf.PolicyError, match="'rate' is infinite for A and 1 more, and cannot be added up"):
        pf.optimize(own, policy(30, **rules))


def test_the_currency_of_the_call_and_of_the_policy_must_agree() -> None:
    with pytest.raises(pf.PolicyError, match="'CHF' is not the currency of the call"):
        pf.optimize(probe(), pf.Policy(currency="CHF", budget=5))


def test_a_column_of_the_file_that_is_called_like_a_score_is_not_mistaken_for_it() -> None:
    own = call(amount=[10, 10], merit=[2, 1], risk=[0.1, 0.9])
    with pytest.raises(pf.PolicyError, match="write file_risk for the file's own, scored_risk for the score"):
        pf.optimize(own, policy(10, traits={"risky": "risk > 0.5"}))
    chosen = pf.optimize(
        own,
        policy(10, traits={"risky": "file_risk > 0.5"}, reserve=[pf.Reserve(trait="risky", share=0.5)]),
    )
    assert chosen.ids == ("B",)


@pytest.mark.parametrize(
    "rules",
    [
        {"limit": [pf.Limit(of="risk", max_amount=1)]},
        {"limit": [pf.Limit(per="quadrant", max_awards=1)]},
        {"link": [pf.Link(kind="at_most", k=1, per="quadrant")]},
        {"objective": pf.Objective(criterion=[pf.Criterion(column="risk")])},
    ],
)
def test_nor_where_a_rule_names_one(rules: dict[str, object]) -> None:
    own = call(amount=[10, 10], merit=[2, 1], risk=[0.1, 0.9], quadrant=["a", "b"])
    with pytest.raises(pf.PolicyError, match="both a column of the file and a score") as error:
        pf.optimize(own, policy(10, **rules))
    assert "write file_" in str(error.value)


def test_years_must_match() -> None:
    with pytest.raises(pf.PolicyError, match="has 2 years, but the call has the columns of 0"):
        pf.optimize(probe(), policy([2, 3]))


def test_unknown_columns_and_ids_are_all_named() -> None:
    rules = policy(
        5,
        eligible="amont > 1",
        must_fund=["P3"],
        limit=[pf.Limit(per="dep", max_awards=1), pf.Limit(where="dept", max_awards=1)],
        link=[pf.Link(kind="requires", proposal="P01", needs="Q01")],
        coverage=[pf.Coverage(per="tags")],
    )
    with pytest.raises(pf.PolicyError) as error:
        pf.optimize(probe(), rules)
    text = str(error.value)
    for words in ("'amount'", "'P03'", "'dept'", "is not a condition", "'P01'", "coverage[1].per"):
        assert words in text
    assert len(error.value.issues) == 6


def test_reasons_name_what_is_in_the_way() -> None:
    six = call(
        amount=[10, 8, 4, 4, 4, 3],
        merit=[9, 1, 8, 7, 2, 1.5],
        dept=["x", "y", "z", "z", "z", "w"],
        boss=["P", "Q", "R", "R", "S", "P"],
    )
    rules = policy(
        20,
        limit=[pf.Limit(per="dept", max_amount=10), pf.Limit(where="dept = 'z'", max_awards=2)],
        link=[pf.Link(kind="at_most", k=1, per="boss")],
        objective=pf.Objective(zero=1.0),
    )
    portfolio = pf.optimize(six, rules)
    assert portfolio.ids == ("A", "C", "E")
    reasons = dict(portfolio.to_frame().select("id", "reason").iter_rows())
    assert reasons["B"].startswith("merit 1 is just where a proposal is worth nothing")
    assert reasons["D"].startswith(
        "the money went to 3 awards that are worth more together, 1 of them with more merit above 1 per EUR; beside "
        "them it would break the budget (EUR 2.00 left) and limit[1] (at most EUR 10.00) and limit[2] (at most 2 "
        "awards) and link[1] (at most 1 of boss)"
    )
    assert "link[1] (at most 1 of boss)" in reasons["F"]


def test_a_bound_that_proves_nothing_is_not_shown_as_no_loss() -> None:
    prices = pf.optimize(probe(), policy(5)).to_frame()["price_bound"]
    assert prices.null_count() > 0
    assert (prices.drop_nulls() > 0).all()


def test_rounds_name_their_awards() -> None:
    three = call(amount=[10, 10, 10], merit=[3, 2, 1], r=[1, 0, 1])
    reserve = [pf.Reserve(trait="r", share=0.5)]
    rules = policy(20, traits={"r": "r = 1"}, reserve=reserve, reserve_order="over_and_above")
    portfolio = pf.optimize(three, rules)
    assert [part.awards for part in portfolio.rounds] == [("A",), ("C",)]
    assert portfolio.explain("C") == "C: funded: funded with the money of the round reserve.r"


def test_sums_finer_than_a_cent_and_empty_calls_are_refused_in_words() -> None:
    with pytest.raises(pf.PolicyError, match=r"'10\.005' is finer than the smallest coin of EUR"):
        pf.optimize(probe(), policy(10.005))
    with pytest.raises(pf.PolicyError, match="smallest coin"):
        pf.optimize(probe(), policy(10, limit=[pf.Limit(per="dept", max_amount=0.001)]))
    none = pf.Call.from_frame(probe().frame, rules=policy(5, only="dept = 'Q'"))
    with pytest.raises(pf.DataError, match=r"the call has no proposals"):
        pf.optimize(none, policy(5, only="dept = 'Q'"))
    with pytest.raises(pf.DataError, match="no proposal has a merit"):
        pf.optimize(call(amount=[1, 2]), policy(5))
