"""Rules that are said to leave no room beside the awards do so, and of budgets none that does is left out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from random_rules import random_case
from small import call, policy

import portfolio as pf
from portfolio.optimize.audit import misses
from portfolio.optimize.awards import Awards
from portfolio.optimize.obstacles import obstacles


def reasons(portfolio: pf.Portfolio) -> dict[str, str]:
    return dict(portfolio.to_frame().select("id", "reason").iter_rows())


def test_money_of_another_year_is_named_though_some_is_carried_on() -> None:
    made = call(amount=[60, 50, 80], merit=[5, 4.8, 4], amount_y1=[30, 25, 40], amount_y2=[30, 25, 40])
    said = reasons(pf.optimize(made, policy([60, 60], carry_over=5)))
    assert "the budget of year 1 (EUR 5.00 left) and the budget of year 2 (EUR 10.00 left)" in said["C"]


def test_money_that_is_held_is_not_there_for_others() -> None:
    made = call(amount=[45, 40, 58, 30], merit=[5, 4.5, 4.4, 2], exploratory=[False, False, False, True])
    pool = pf.Exploratory(amount=50, left="hold")
    said = reasons(pf.optimize(made, policy(100, exploratory=pool, objective=pf.Objective(zero=3))))
    assert "it would break the budget without the exploratory pool (EUR 5.00 left);" in said["B"]
    made = call(amount=[44, 40, 56], merit=[5, 4.5, 4.4], young=[False] * 3)
    reserve = pf.Reserve(trait="young", amount=50, shortfall="hold")
    said = reasons(pf.optimize(made, policy(100, traits={"young": "young"}, reserve=[reserve])))
    assert "it would break the budget (EUR 56.00 left, of which EUR 50.00 are held)" in said["B"]


def test_money_that_another_reserve_holds_is_not_there_either() -> None:
    made = call(amount=[60, 50], merit=[4, 3], young=[True, True], risky=[False, False])
    reserves = [
        pf.Reserve(trait="risky", amount=80, shortfall="hold"),
        pf.Reserve(trait="young", amount=40, shortfall="hold"),
    ]
    rules = policy(160, traits={"young": "young", "risky": "risky"}, reserve=reserves)
    for accounting in ("one_to_all", "shared"):
        said = reasons(pf.optimize(made, rules.replace(reserve_accounting=accounting)))
        assert "it would break the budget (EUR 100.00 left, of which EUR 80.00 are held)" in said["B"]


def test_what_may_be_promised_or_spent_beyond_is_named() -> None:
    made = call(amount=[60, 50, 45], merit=[9, 5, 4])
    beyond = pf.Overspend(price=0.001, max_amount=20)
    said = reasons(pf.optimize(made, policy(90, overspend=beyond)))
    assert "it would break the budget and what may be spent beyond it (EUR 0.00 left)" in said["C"]
    promised = pf.Overcommit(epsilon=0.2, attrition=0.1)
    said = reasons(pf.optimize(made, policy(110, overcommit=promised)))
    assert "it would break what may be promised of the budget" in said["C"]


@pytest.mark.once
@pytest.mark.parametrize("chunk", range(2))
def test_they_are_what_an_audit_finds(chunk: int) -> None:
    seen = {"budget": 0, "pool": 0, "room": 0, "held": 0}
    for seed in range(chunk, 300, 2):
        frame, rules = random_case(seed)
        try:
            portfolio = pf.Problem(pf.Call.from_frame(frame, rules=rules), rules).solve()
        except pf.InfeasibleError:
            continue
        if portfolio.rounds:
            continue
        instance, awards = portfolio.problem.instance, portfolio.solution.awards
        said = list(obstacles(instance, rules, awards))
        before = {broken.rule for broken in misses(instance, rules, awards)}
        holds = any(reserve.shortfall == "hold" for reserve in rules.reserve)
        for row in np.flatnonzero(instance.open & ~awards.funded).tolist():
            funded, amount = awards.funded.copy(), awards.amount.copy()
            funded[row], amount[row] = True, instance.sizes.least[row]
            broken = {
                one.rule for one in misses(instance, rules, replace(awards, funded=funded, amount=amount))
            }
            broken -= before
            words = [text for text, over in said if over[row]]
            money = [text for text in words if "budget" in text and not text.startswith("limit[")]
            beside = [text for text in money if "without the exploratory pool" in text]
            own = len(money) > len(beside)
            firm = {"budget", "overcommit"} if rules.overspend is None else {"overspend"}
            where = f"seed {seed}, {instance.ids[row]}: {words}, {broken}"
            # What a reserve would hold beside it may be more than is said, never less.
            assert own == bool(broken & firm) or (holds and not own), where
            if rules.exploratory is not None and not rules.exploratory.soft:
                pool = [text for text in words if text.startswith("the exploratory pool")]
                assert bool(pool or beside) == ("exploratory" in broken), where
                seen["pool"] += bool(pool or beside)
            seen["budget" if own else "room"] += 1
            seen["held"] += any("are held" in text for text in words)
    assert min(seen.values()) >= 1, seen


def test_nobody_is_told_of_a_budget_that_pays_for_nothing() -> None:
    made = call(amount=[10, 0], merit=[5, 4])
    instance = pf.Problem(made, policy(5)).instance
    (words, over), *_ = obstacles(instance, policy(5), Awards.none(2))
    assert words == "the budget (EUR 5.00 left)"
    assert over.tolist() == [True, False]
