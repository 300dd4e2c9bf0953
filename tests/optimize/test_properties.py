"""What must hold for every call and policy."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from random_policies import random_call, random_policy
from small import call, funded, policy

import portfolio as pf

SEEDS = st.integers(0, 10**6)


def drawn(seed: int) -> tuple[pl.DataFrame, pf.Policy]:
    rng = np.random.default_rng(seed)
    frame = random_call(rng, int(rng.integers(4, 12)), int(rng.choice([0, 0, 2])))
    return frame, random_policy(rng, frame)


def value(frame: pl.DataFrame, policy: pf.Policy) -> float | None:
    try:
        return pf.optimize(pf.Call.from_frame(frame, rules=policy), policy).value
    except pf.InfeasibleError:
        return None


def hard_sums_only(policy: pf.Policy) -> pf.Policy:
    """Rules whose demands do not grow with the budget, and that are met inside one optimisation."""
    fixed = [
        reserve for reserve in policy.reserve if reserve.amount is not None and reserve.shortfall == "fail"
    ]
    bounds = ("max_share", "min_share")
    limits = [limit for limit in policy.limit if all(getattr(limit, name) is None for name in bounds)]
    return policy.replace(reserve_order="minimum_guarantee", reserve=fixed, limit=limits)


@given(SEEDS)
def test_more_budget_never_lowers_the_value(seed: int) -> None:
    frame, policy = drawn(seed)
    policy = hard_sums_only(policy)
    more = [2 * money for money in policy.budgets]
    less, greater = (
        value(frame, policy),
        value(frame, policy.replace(budget=more if len(more) > 1 else more[0])),
    )
    assert less is None or (greater is not None and greater >= less - 1e-9)


@given(SEEDS, st.sampled_from(["limit", "link", "coverage", "must_fund", "must_not_fund", "reserve"]))
def test_removing_a_rule_never_lowers_the_value(seed: int, key: str) -> None:
    frame, policy = drawn(seed)
    hard = [reserve for reserve in policy.reserve if reserve.shortfall == "fail"]
    policy = policy.replace(
        reserve_order="minimum_guarantee",
        reserve=hard,
        link=[link for link in policy.link if link.kind != "synergy"],
    )
    rules = list(getattr(policy, key))
    if not rules:
        return
    rules.pop(seed % len(rules))
    with_it, without_it = value(frame, policy), value(frame, policy.replace(**{key: rules}))
    assert with_it is None or (without_it is not None and without_it >= with_it - 1e-9)


@given(SEEDS, SEEDS)
def test_the_order_of_the_rows_changes_no_award(seed: int, shuffle: int) -> None:
    frame, policy = drawn(seed)
    # Whole merits and equal amounts bring ties, which the order of rows must not decide.
    frame = frame.with_columns(
        pl.col("merit").round(), amount=pl.when(pl.col("ok")).then(10.0).otherwise("amount")
    )
    frame = frame.drop([name for name in frame.columns if name.startswith("amount_y")])
    policy = policy.replace(budget=sum(policy.budgets))
    moved = frame.sample(fraction=1.0, shuffle=True, seed=shuffle)
    assert outcome(frame, policy) == outcome(moved, policy)


def outcome(frame: pl.DataFrame, policy: pf.Policy) -> object:
    try:
        portfolio = pf.optimize(pf.Call.from_frame(frame, rules=policy), policy)
    except pf.InfeasibleError as error:
        return error.conflict
    return portfolio.to_frame().write_csv(), portfolio.value, portfolio.bound


@given(SEEDS)
def test_margins_are_below_the_exact_loss(seed: int) -> None:
    frame, policy = drawn(seed)
    policy = policy.replace(reserve_order="minimum_guarantee", must_fund=[], must_not_fund=[])
    call = pf.Call.from_frame(frame, rules=policy)
    try:
        portfolio = pf.optimize(call, policy)
    except pf.InfeasibleError:
        return
    if any(reserve.shortfall != "fail" for reserve in policy.reserve):
        return
    instance = portfolio.problem.instance
    for index in np.flatnonzero(instance.open).tolist():
        name, margin = instance.ids[index], portfolio.solution.margins[index]
        lock = {"must_not_fund": [name]} if name in portfolio.ids else {"must_fund": [name]}
        forced = value(frame, policy.replace(**lock))
        assert forced is None or portfolio.value - forced >= margin - 1e-7


def test_one_proposal_that_cannot_be_funded_does_not_hide_the_others() -> None:
    four = call(amount=[10, 10, 10, 10], merit=[3, 4, 2, 1], pop=[100_000_000, 5, 7, None])
    by_pop = pf.Objective(criterion=[pf.Criterion(column="pop")])
    assert funded(four, policy(20, must_not_fund=["A"], objective=by_pop)) == "BC"
    never = [pf.Limit(where="id = 'A'", max_awards=0)]
    assert funded(four, policy(20, limit=never, objective=by_pop)) == "BC"
    same = call(amount=[10] * 4, merit=[4] * 4)
    vain = [pf.Link(kind="synergy", proposals=["B", "C"], value=1e8)]
    assert pf.optimize(same, policy(20, must_not_fund=["B"], link=vain)).value == 8


def test_a_request_that_dwarfs_the_budget_does_not_hide_the_others() -> None:
    three = call(amount=[100_000, 80_000, 1e12], min_amount=[50_000, 40_000, 100_000], merit=[4, 3, 9])
    portfolio = pf.optimize(three, policy(130_000, objective=pf.Objective(partial=True)))
    assert portfolio.value == pytest.approx(5.1)
    assert portfolio.status == "optimal"


@pytest.mark.parametrize("price", [10.0, 1e7, 1e9])
def test_prices_that_cannot_be_avoided_do_not_hide_what_awards_are_worth(price: float) -> None:
    five = call(amount=[100, 80, 60, 50, 20], merit=[4, 3, 2, 1, 1.5])
    rule = [pf.Limit(where="amount > 5", min_awards=5, price=price)]
    assert funded(five, policy(200, limit=rule)) == "ABE"


def test_the_pool_gets_all_that_its_members_can_use() -> None:
    four = call(
        amount=[100_000, 80_000, 50_000, 20_000],
        min_amount=[50_000, 40_000, 10_000, 1],
        merit=[4, 3, 1, 1.5],
        exploratory=[False, False, True, True],
    )
    pool = pf.Exploratory(share=0.2, max_award=15_000)
    portfolio = pf.optimize(four, policy(200_000, objective=pf.Objective(partial=True), exploratory=pool))
    assert [int(x) for x in portfolio.to_frame()["amount_awarded"]] == [100_000, 70_000, 15_000, 15_000]
