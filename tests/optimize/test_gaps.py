"""Limits on a gap between success rates, solved on paper and against every set of winners."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations

import numpy as np
import pytest
from small import ENGINES, call, funded, policy, seen

import portfolio as pf
from portfolio.optimize.audit import broken_rules
from portfolio.optimize.awards import Awards
from portfolio.optimize.removals import removals
from portfolio.optimize.unmoved import falls_with_the_request

# Four of each region; the north is better, and six can be funded.
TWO = {
    "amount": [1.0] * 8,
    "merit": [9.0, 8.0, 7.0, 6.0, 4.0, 3.0, 2.0, 1.0],
    "region": ["n"] * 4 + ["s"] * 4,
}


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("gap", "side", "winners"),
    # Of six: 4 and 2 are rates of 100% and 50% around 75%, so a gap of 25 points is kept and one of 24 is not.
    [
        (0.25, "both", "ABCDEF"),
        (0.24, "both", "ABCEFG"),
        (0.01, "both", "ABCEFG"),
        (0.24, "below", "ABCEFG"),
    ],
)
def test_a_gap_in_awards(engine: str, gap: float, side: str, winners: str) -> None:
    limit = pf.Limit(per="region", max_gap=gap, gap_side=side, min_proposals=1)
    rules = policy(6, limit=[limit], solver=pf.SolverSettings(engine=engine, gap=0.0))
    assert funded(call(**TWO), rules) == winners


def test_a_gap_on_one_side_lets_a_small_group_win_more() -> None:
    # A is alone in its region. With B it has 100%, where all have 50% and the south 33%. Without A the north has 0%:
    # that is 25 points below all if B alone is funded, and 50 if C is too.
    small = call(amount=[1.0] * 4, merit=[9.0, 8.0, 7.0, 6.0], region=["n", "s", "s", "s"])
    for side, winners in (("both", "B"), ("below", "AB")):
        limit = pf.Limit(per="region", max_gap=0.5, gap_side=side, min_proposals=1)
        rules = policy(2, limit=[limit], must_fund=["B"])
        assert funded(small, rules) == "AB"
        tight = rules.replace(limit=[limit.replace(max_gap=0.4)])
        assert funded(small, tight) == winners


def test_a_gap_in_money() -> None:
    # The north asks for 6, the south for 4. A and D get 5 of 10, A being 4 of 6 and D 1 of 4: 25 points below all. B
    # and D get 3 of 10, 2 of 6 and 1 of 4. With A, or with B and C, some region is more than 20 points off.
    asked = call(amount=[4.0, 2.0, 3.0, 1.0], merit=[9.0, 1.0, 2.0, 1.0], region=["n", "n", "s", "s"])
    assert funded(asked, policy(5)) == "AD"
    limit = pf.Limit(per="region", max_gap=0.2, gap_of="money", min_proposals=1)
    assert funded(asked, policy(5, limit=[limit])) == "BD"


def test_small_groups_are_left_out_unless_the_policy_says_otherwise() -> None:
    # In a group of four one award moves the rate by 25 points, more than a gap of 24.
    rules = policy(6, limit=[pf.Limit(per="region", max_gap=0.24)])
    assert funded(call(**TWO), rules) == "ABCDEF"
    (finding,) = seen(pf.Problem(call(**TWO), rules))
    assert "the gap holds for 0 of 2 groups of region" in finding.fact
    assert not finding.fatal
    assert funded(call(**TWO), policy(6, limit=[pf.Limit(per="region", max_gap=0.25)])) == "ABCDEF"
    four = policy(6, limit=[pf.Limit(per="region", max_gap=0.24, min_proposals=4)])
    assert funded(call(**TWO), four) == "ABCEFG"
    assert funded(call(**TWO), policy(6, limit=[four.limit[0].replace(min_proposals=5)])) == "ABCDEF"


@pytest.mark.parametrize(
    ("of", "name"), [({"trait": "north"}, "north"), ({"where": "region = 'n'"}, "proposals with")]
)
def test_a_single_group_that_is_too_small_is_said_to_be(of: dict[str, str], name: str) -> None:
    rules = policy(6, traits={"north": "region = 'n'"}, limit=[pf.Limit(**of, max_gap=0.2)])
    problem = pf.Problem(call(**TWO), rules)
    (finding,) = seen(problem)
    assert f"the gap holds for 0 of 1 groups: {name}" in finding.fact
    assert f"{name}" in str(problem)
    assert "".join(problem.solve().ids) == "ABCDEF"


def test_only_eligible_proposals_count() -> None:
    # Two of the south are ineligible: its other two are 100%, and the north may have all four as well.
    rules = policy(6, eligible="merit > 2", limit=[pf.Limit(per="region", max_gap=0.01, min_proposals=1)])
    assert funded(call(**TWO), rules) == "ABCDEF"


def test_a_gap_that_gives_way_at_a_price() -> None:
    limit = pf.Limit(per="region", max_gap=0.01, min_proposals=1)
    for price, winners in ((10.0, "ABCEFG"), (0.1, "ABCDEF")):
        portfolio = pf.optimize(call(**TWO), policy(6, limit=[limit.replace(price=price)]))
        assert "".join(portfolio.ids) == winners
    # Each region is 1 - 0.04 awards off: 4 - 3 - 0.04.
    (given,) = portfolio.gave_way
    assert given.size == pytest.approx(2 * 0.96)
    assert portfolio.value == pytest.approx(37 - 0.1 * 1.92)


def test_a_clash_says_which_gap_would_be_enough() -> None:
    locks = {"must_fund": ["A", "B", "C", "D"], "must_not_fund": ["E", "F", "G"]}
    rules = policy(6, limit=[pf.Limit(per="region", max_gap=0.25, min_proposals=1)], **locks)
    with pytest.raises(pf.InfeasibleError) as clash:
        pf.optimize(call(**TWO), rules)
    message = str(clash.value)
    assert "gets a success rate at most 25 points" in message
    # With H: 5 of 8, the north at 100%, the south at 25%.
    assert "max_gap = 0.375 would be enough" in message
    enough = rules.replace(limit=[rules.limit[0].replace(max_gap=0.375)])
    assert funded(call(**TWO), enough) == "ABCDH"


def test_where_it_stands_is_reported() -> None:
    portfolio = pf.optimize(call(**TWO), policy(6, limit=[pf.Limit(per="region", max_gap=0.25)]))
    words = "a success rate at most 25 points {} that of the whole call"
    assert [(one.name, one.bound, one.size, one.binding) for one in portfolio.limits] == [
        ("n", words.format("below"), 4, False),
        ("s", words.format("below"), 2, True),
        ("n", words.format("above"), 4, True),
        ("s", words.format("above"), 2, False),
    ]


@pytest.mark.parametrize("seed", range(60))
def test_the_audit_is_the_definition(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n, of = 7, ("awards", "money")[seed % 2]
    amount = rng.integers(1, 9, n)
    asked = call(amount=amount.astype(float), merit=rng.random(n), region=rng.choice(["n", "s"], n).tolist())
    gap = Fraction(int(rng.integers(1, 10)), 10)
    limit = pf.Limit(per="region", max_gap=float(gap), gap_of=of, min_proposals=1)
    problem = pf.Problem(asked, policy(int(amount.sum()), limit=[limit]))
    weight = amount if of == "money" else np.ones(n, dtype=int)
    region = np.array(asked.frame["region"].to_list())
    for k in range(n + 1):
        for winners in combinations(range(n), k):
            won = np.isin(np.arange(n), winners)
            rate = Fraction(int(weight[won].sum()), int(weight.sum()))
            apart = [
                abs(
                    Fraction(int(weight[won & (region == name)].sum()), int(weight[region == name].sum()))
                    - rate
                )
                for name in sorted(set(region))
            ]
            broken = broken_rules(problem.instance, problem.policy, Awards.of(problem.instance, won))
            assert bool(broken) == (max(apart) > gap)


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"max_gap": 0.1, "max_share": 0.2}, "cannot stand beside max_gap"),
        ({"max_gap": 0.1, "of": "amount"}, "cannot stand beside max_gap"),
        ({"max_share": 0.1, "gap_of": "money"}, "goes only with max_gap"),
        ({"max_share": 0.1, "gap_side": "below"}, "goes only with max_gap"),
        ({"max_share": 0.1, "min_proposals": 3}, "goes only with max_gap"),
        ({"max_gap": 0}, "must be more than 0"),
        ({"max_gap": 10}, "must be at most 1"),
    ],
)
def test_keys_that_make_no_gap_are_refused(keys: dict[str, object], words: str) -> None:
    with pytest.raises(pf.PolicyError, match=words):
        pf.Policy(budget=1, limit=[{"per": "region", **keys}])


@pytest.mark.parametrize(("of", "only_easier"), [("awards", True), ("money", False)])
def test_a_smaller_request_may_move_every_rate_of_money(of: str, only_easier: bool) -> None:
    rules = policy(6, limit=[pf.Limit(per="region", max_gap=0.25, gap_of=of)])
    problem = pf.Problem(call(**TWO), rules)
    assert falls_with_the_request(problem.instance, rules, 0) is only_easier


def test_a_gap_has_no_price_per_award() -> None:
    limits = [pf.Limit(per="region", max_gap=0.25), pf.Limit(per="region", max_awards=4)]
    rules = policy(6, limit=limits)
    found = {one.rule: one.unit for one in removals(pf.Problem(call(**TWO), rules).instance, rules)}
    assert found == {"limit[1]": "", "limit[2]": "awards"}
