"""Answers hold to the cent, whatever a solver's tolerance lets through."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from small import call, policy

import portfolio as pf
from portfolio.optimize.audit import broken_rules
from portfolio.optimize.awards import Awards
from portfolio.optimize.broken import Given
from portfolio.optimize.engine import Outcome, Stop
from portfolio.optimize.exact import Search
from portfolio.optimize.highs import HighsEngine
from portfolio.optimize.model import Model
from portfolio.policy import SolverSettings


class Careless(HighsEngine):
    """A solver whose tolerance is so wide that it lets a few cents through."""

    name = "careless"

    def solve(self, model: Model, settings: SolverSettings, *_: object) -> Outcome:
        loose = [
            replace(block, low=block.low - 1e-3, high=block.high + 1e-3)
            if block.rules != ("exact",)
            else block
            for block in model.blocks
        ]
        return super().solve(model.ruled(*loose), settings)


def solved(problem: pf.Problem) -> tuple[str, Outcome]:
    instance = problem.instance
    search = Search(Careless(), instance, lambda awards: broken_rules(instance, problem.policy, awards))
    outcome, awards = search.best(problem.model, problem.policy.solver)
    return "".join(np.array(instance.ids)[awards.funded]), outcome


def first_two(problem: pf.Problem) -> Awards:
    return Awards.of(problem.instance, np.array([True, True, False]))


def test_a_cent_over_the_budget_is_cut_off() -> None:
    # A and B together cost 100.01; the loose solver takes them for 100.
    three = call(amount=[50.0, 50.01, 50.0], merit=[3.0, 2.5, 2.0])
    funded, outcome = solved(pf.Problem(three, policy(100)))
    assert (funded, outcome.value, outcome.bound) == ("AC", 5.0, 5.0)


def test_a_cent_short_of_a_reserve_is_cut_off() -> None:
    three = call(amount=[49.99, 50.0, 50.0], merit=[3.0, 1.0, 2.0], r=[1, 1, 0])
    reserve = [pf.Reserve(trait="risky", share=0.5)]
    problem = pf.Problem(three, policy(100, traits={"risky": "r = 1"}, reserve=reserve))
    assert solved(problem)[0] == "AB"
    narrow = call(amount=[49.99, 50.0, 50.01], merit=[3.0, 1.0, 2.5], r=[1, 1, 0])
    problem = pf.Problem(narrow, policy(100, traits={"risky": "r = 1"}, reserve=reserve))
    # A and C would miss the reserve by a cent, B and C the budget by one.
    assert solved(problem)[0] == "AB"


def test_a_solver_that_always_cheats_is_an_error() -> None:
    problem = pf.Problem(call(amount=[1, 1], merit=[1, 1]), policy(1))

    class Liar(HighsEngine):
        def solve(self, model: Model, settings: SolverSettings, *_: object) -> Outcome:
            return Outcome(Stop.OPTIMAL, np.ones(2), 2.0, 2.0)

    search = Search(
        Liar(), problem.instance, lambda awards: broken_rules(problem.instance, problem.policy, awards)
    )
    with pytest.raises(pf.SolverError, match="kept breaking a rule: budget"):
        search.best(problem.model, problem.policy.solver)


def test_a_portfolio_that_breaks_a_rule_cannot_be_made() -> None:
    solution = pf.optimize(call(amount=[2, 2], merit=[2, 1]), policy(4)).solution
    strict = pf.Problem(call(amount=[2, 2], merit=[2, 1]), policy(3))
    with pytest.raises(pf.SolverError, match=r"budget : EUR 4\.00 awarded of EUR 3\.00"):
        pf.Portfolio(strict, solution)


RULES = {
    "budget": {"budget": [2, 9]},
    "must_fund": {"must_fund": ["C"]},
    "must_not_fund": {"must_not_fund": ["A"]},
    "eligible": {"eligible": "id <> 'A'"},
    "reserve.risky": {"traits": {"risky": "id = 'C'"}, "reserve": [pf.Reserve(trait="risky", share=0.1)]},
    "shortfall": {
        "traits": {"risky": "id = 'C'"},
        "reserve": [pf.Reserve(trait="risky", share=0.1, shortfall="release")],
    },
    "limit[1]": {"limit": [pf.Limit(where="id = 'A'", max_amount=1)]},
    "coverage[1]": {"coverage": [pf.Coverage(per="dept")]},
    "link[1]": {"link": [pf.Link(kind="at_most", k=1, proposals=["A", "B"])]},
}
LINKS = [
    pf.Link(kind="all_or_none", proposals=["A", "C"]),
    pf.Link(kind="requires", proposal="A", needs="C"),
]


@pytest.mark.parametrize("rule", RULES)
def test_the_audit_sees_every_kind_of_broken_rule(rule: str) -> None:
    abc = call(
        amount=[2, 2, 2], merit=[3, 2, 1], dept=["x", "x", "y"], amount_y1=[2, 2, 0], amount_y2=[0, 0, 2]
    )
    problem = pf.Problem(abc, policy(RULES[rule].get("budget", 9)).replace(**RULES[rule]))
    broken = broken_rules(problem.instance, problem.policy, first_two(problem))
    assert [fault.rule for fault in broken] == [rule]


@pytest.mark.parametrize("link", LINKS)
def test_the_audit_sees_broken_links(link: pf.Link) -> None:
    problem = pf.Problem(call(amount=[2, 2, 2], merit=[3, 2, 1]), policy(9, link=[link]))
    assert [f.rule for f in broken_rules(problem.instance, problem.policy, first_two(problem))] == ["link[1]"]


def test_the_audit_sees_spending_of_held_money() -> None:
    rules = policy(
        4, traits={"risky": "id = 'C'"}, reserve=[pf.Reserve(trait="risky", share=0.5, shortfall="hold")]
    )
    problem = pf.Problem(call(amount=[2, 2, 9], merit=[3, 2, 1]), rules)
    broken = broken_rules(problem.instance, problem.policy, first_two(problem), Given(10**6))
    assert [fault.what for fault in broken] == ["money that a reserve holds was spent"]


def test_sums_beyond_64_bits_are_exact() -> None:
    huge = call(amount=[10**15] * 150, merit=[1] * 150, id=[f"{i:03d}" for i in range(150)])
    best_ = pf.optimize(huge, policy(149 * 10**15))
    assert best_.spent == 149 * 10**15


def test_no_portfolio_in_time_is_a_limit_error() -> None:
    class Late(HighsEngine):
        def solve(self, model: Model, settings: SolverSettings, *_: object) -> Outcome:
            return Outcome(Stop.TIME_LIMIT, None, -np.inf, np.inf)

    problem = pf.Problem(call(amount=[2], merit=[1]), policy(3))
    with pytest.raises(pf.LimitError, match="raise \\[solver\\] time_limit") as error:
        Search(Late(), problem.instance, lambda awards: []).best(problem.model, policy(3).solver)
    assert error.value.exit_code == 5
