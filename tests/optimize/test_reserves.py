"""Reserves on calls that can be solved on paper."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linprog
from small import call, funded, policy

import portfolio as pf
from portfolio.optimize.attribution import HELD, attribute
from portfolio.optimize.reports import in_whole_units
from portfolio.optimize.tally import Delivery

TRAITS = {"risky": "r", "young": "y"}
# A is best; B is risky, C is young, D is both and worst.
CALL = call(amount=[10, 10, 10, 10], merit=[4, 3, 2, 1], r=[0, 1, 0, 1], y=[0, 0, 1, 1])
CONDITIONS = {"risky": "r = 1", "young": "y = 1"}


def rules(**more: object) -> pf.Policy:
    return policy(20, traits=CONDITIONS, **more)


def both(**more: object) -> list[pf.Reserve]:
    return [pf.Reserve(trait="risky", share=0.5, **more), pf.Reserve(trait="young", share=0.5, **more)]


def test_without_reserves_the_best_two_win() -> None:
    assert funded(CALL, rules()) == "AB"


def test_one_to_all_lets_one_award_serve_two_reserves() -> None:
    assert funded(CALL, rules(reserve=both(), reserve_accounting="one_to_all")) == "AD"


def test_one_to_one_counts_money_once() -> None:
    assert funded(CALL, rules(reserve=both(), reserve_accounting="one_to_one")) == "BC"


def test_shared_counts_half_towards_each() -> None:
    # Half of 20 each: B and C give 10 and 10; any portfolio with D gives D's 10 as 5 and 5 only.
    assert funded(CALL, rules(reserve=both(), reserve_accounting="shared")) == "BC"


def test_an_able_one_who_wins_anyway_counts_under_a_minimum_guarantee_but_not_over_and_above() -> None:
    reserve = [pf.Reserve(trait="risky", share=0.5)]
    assert funded(CALL, rules(reserve=reserve)) == "AB"
    above = rules(reserve=reserve, reserve_order="over_and_above")
    # The open 10 go to A, then 10 of the reserve to the best risky one.
    assert funded(CALL, above) == "AB"
    winner = call(amount=[10, 10, 10, 10], merit=[4, 3, 2, 1], r=[1, 0, 1, 0])
    assert funded(winner, policy(20, traits={"risky": "r = 1"}, reserve=reserve)) == "AB"
    over = pf.optimize(
        winner, policy(20, traits={"risky": "r = 1"}, reserve=reserve, reserve_order="over_and_above")
    )
    assert over.ids == ("A", "C")
    assert [(part.name, part.pot, part.spent) for part in over.rounds] == [
        ("open", 10, 10),
        ("reserve.risky", 10, 10),
    ]


def test_min_merit_keeps_the_weak_out_of_a_reserve() -> None:
    weak = [pf.Reserve(trait="young", share=0.5, min_merit=2.5)]
    with pytest.raises(pf.InfeasibleError, match=r"of merit 2\.5 or more"):
        pf.optimize(CALL, rules(reserve=weak))


def test_release_gives_the_missing_money_to_everyone_and_hold_does_not() -> None:
    scarce = call(amount=[10, 10, 4], merit=[3, 2, 1], r=[0, 0, 1])
    asks = {"trait": "risky", "amount": 10}
    traits = {"risky": "r = 1"}
    with pytest.raises(pf.InfeasibleError):
        pf.optimize(scarce, policy(24, traits=traits, reserve=[pf.Reserve(**asks)]))
    released = pf.optimize(
        scarce, policy(24, traits=traits, reserve=[pf.Reserve(**asks, shortfall="release")])
    )
    assert released.ids == ("A", "B", "C")
    held = pf.optimize(scarce, policy(24, traits=traits, reserve=[pf.Reserve(**asks, shortfall="hold")]))
    # 10 - 4 = 6 are held, so 18 of 24 may be spent.
    assert held.ids == ("A", "C")
    assert (held.reserves[0].required, held.reserves[0].delivered, held.reserves[0].met) == (10, 4, False)


def test_a_release_round_spends_what_the_reserve_left() -> None:
    scarce = call(amount=[10, 10, 4], merit=[3, 2, 1], r=[0, 0, 1])
    reserve = [pf.Reserve(trait="risky", amount=10, shortfall="release")]
    above = policy(24, traits={"risky": "r = 1"}, reserve=reserve, reserve_order="over_and_above")
    result = pf.optimize(scarce, above)
    # The open 14 go to A and C; nobody is left for the reserve, whose 10 then go to B.
    assert result.ids == ("A", "B", "C")
    assert [part.name for part in result.rounds] == ["open", "reserve.risky", "left over"]
    hold = above.replace(reserve=[pf.Reserve(trait="risky", amount=10, shortfall="hold")])
    assert pf.optimize(scarce, hold).ids == ("A", "C")
    fail = above.replace(reserve=[pf.Reserve(trait="risky", amount=10)])
    with pytest.raises(pf.InfeasibleError) as refused:
        pf.optimize(scarce, fail)
    assert refused.value.conflict == (
        "EUR 10.00 are held back for risky",
        "the rounds before it (open: A, C) leave EUR 0.00 of demand for risky",
    )
    # A smaller one may help or not: of an open 20 A and B are best, and C is left.
    assert "A smaller one may help or not" in str(refused.value)
    found = []
    for amount in (4, 3, 0.01):
        smaller = fail.replace(reserve=[pf.Reserve(trait="risky", amount=amount)])
        found.append("".join(pf.optimize(scarce, smaller).ids))
    assert found == ["ABC", "AB", "AB"]
    never = call(amount=[10, 10, 4], merit=[3, 2, 4], r=[0, 0, 1])
    for amount in (10, 4, 0.01):
        smaller = fail.replace(reserve=[pf.Reserve(trait="risky", amount=amount)])
        with pytest.raises(pf.InfeasibleError, match="A smaller one may help or not"):
            pf.optimize(never, smaller)
    assert pf.optimize(scarce, fail.replace(reserve=[])).ids == ("A", "B", "C")


def test_too_little_demand_is_said_of_the_rounds_that_were_chosen() -> None:
    # A, which is risky, and B are worth as much in the open 10: only where that takes B, the reserve has A.
    equal = call(amount=[10, 10], merit=[5, 5], r=[1, 0])
    fail = policy(
        20,
        traits={"risky": "r = 1"},
        reserve=[pf.Reserve(trait="risky", amount=10)],
        reserve_order="over_and_above",
    )
    ends = set()
    for seed in range(8):
        try:
            ends.add(pf.optimize(equal, fail.replace(solver=pf.SolverSettings(gap=0.0, seed=seed))).ids)
        except pf.InfeasibleError as error:
            ends.add(str(error))
    portfolio, refused = sorted(ends, key=lambda end: isinstance(end, str))
    assert portfolio == ("A", "B")
    assert "all the rules, given the rounds before reserve.risky. These cannot" in refused
    assert "the rounds before it (open: A) leave EUR 0.00 of demand for risky" in refused
    assert "of choices that are worth as much, none is made for what it leaves" in refused


def test_reserves_over_and_above_cannot_exceed_the_budget() -> None:
    more = [pf.Reserve(trait="risky", share=0.6), pf.Reserve(trait="young", share=0.6)]
    with pytest.raises(pf.InfeasibleError, match="Make a reserve smaller"):
        pf.optimize(CALL, rules(reserve=more, reserve_order="over_and_above"))


def test_a_share_of_the_money_spent_is_never_infeasible_by_itself() -> None:
    none = call(amount=[10, 10], merit=[2, 1], r=[0, 0])
    spent = [pf.Reserve(trait="risky", share=0.5, base="spent")]
    result = pf.optimize(none, policy(20, traits={"risky": "r = 1"}, reserve=spent))
    assert result.ids == ()
    assert result.value == 0


def test_a_share_of_a_third_is_met_to_the_cent() -> None:
    # A third of 1.00 is 33.33.. cents: 33 cents are not enough, 34 are.
    short = call(amount=[0.33, 0.34, 0.66], merit=[5.0, 1.0, 5.5], r=[1, 1, 0])
    third = [pf.Reserve(trait="risky", share=1 / 3)]
    assert funded(short, policy(1, traits={"risky": "r = 1"}, reserve=third)) == "BC"


def test_reports_name_required_delivered_eligible_and_the_shadow_price() -> None:
    reserve = [pf.Reserve(trait="young", share=0.5)]
    result = pf.optimize(CALL, rules(reserve=reserve))
    report = result.reserves[0]
    assert (report.required, report.delivered, report.eligible) == (10, 10, 20)
    # At the margin a franc for the young (C, 2 per 10) is taken from B (3 per 10).
    assert report.shadow_price == pytest.approx(0.1)


def test_prices_are_the_value_lost_and_lie_in_their_proven_range() -> None:
    result = pf.optimize(CALL, rules(reserve=both(), reserve_accounting="one_to_one"))
    prices = {price.trait: price for price in pf.price_reserves(result)}
    # BC is worth 5; without the risky reserve AC, 6; without the young one AB, 7.
    assert (prices["risky"].found, prices["young"].found) == (1.0, 2.0)
    assert all(price.exact and price.low <= price.found <= price.high for price in prices.values())
    above = pf.optimize(CALL, rules(reserve=both()[:1], reserve_order="over_and_above"))
    assert pf.price_reserves(above)[0].low is None


KINDS = [frozenset(kind) for kind in ([], [0], [1], [2], [0, 1], [0, 2], [1, 2], [0, 1, 2])]


@given(
    st.lists(st.integers(0, 30), min_size=8, max_size=8),
    st.lists(st.integers(0, 40), min_size=3, max_size=3),
    st.permutations([0, 1, 2]),
)
def test_attribution_is_a_largest_flow_and_fills_reserves_in_order(
    money: list[int], demand: list[int], order: list[int]
) -> None:
    due = [Fraction(d) for d in demand]
    given_ = attribute(dict(zip(KINDS, money, strict=True)), due, [(r, due[r]) for r in order])
    assert sum(given_) == sum(m for kind, m in zip(KINDS, money, strict=True) if kind)
    for count in (1, 2, 3):
        first = order[:count]
        met = sum(min(given_[r], demand[r]) for r in first)
        assert met == pytest.approx(largest_flow(money, [demand[r] if r in first else 0 for r in range(3)]))


@given(
    st.lists(st.integers(0, 30), min_size=8, max_size=8),
    st.lists(st.integers(0, 40), min_size=3, max_size=3),
    st.integers(0, 80),
)
def test_what_must_not_be_held_is_placed_where_it_leaves_most(
    money: list[int], demand: list[int], first: int
) -> None:
    due = [Fraction(d) for d in demand]
    both = due[0] + due[1]
    order = [(HELD, min(both, Fraction(first))), (2, due[2]), (HELD, both)]
    given_ = attribute(dict(zip(KINDS, money, strict=True)), due, order, held=(0, 1))
    placed = [min(got, need) for got, need in zip(given_, due, strict=True)]
    least = min(float(first), largest_flow(money, [*demand[:2], 0]))
    assert placed[0] + placed[1] >= least - 1e-9
    # The third has the most that leaves them so much, and then they have the most that leaves it that.
    assert placed[2] == pytest.approx(largest_flow(money, demand, [0, 0, 1], ([-1, -1, 0], -least)))
    assert sum(placed) == pytest.approx(largest_flow(money, demand))


def largest_flow(
    money: list[int],
    demand: list[int],
    of: Sequence[int] = (1, 1, 1),
    row: tuple[list[int], float] = ([0, 0, 0], 0.0),
) -> float:
    """The same by linear programming: y[kind, r] >= 0 for r in kind, at most the supply, at most the demand."""
    pairs = [(k, r) for k, kind in enumerate(KINDS) for r in kind]
    supply = np.array([[float(k == kind) for kind, _ in pairs] for k in range(len(KINDS))])
    taken = np.array([[float(r == reserve) for _, reserve in pairs] for r in range(3)])
    rows, ends = np.vstack([supply, taken, np.array(row[0]) @ taken]), [*money, *demand, row[1]]
    found = linprog(-(np.array(of) @ taken), A_ub=rows, b_ub=ends)
    return -found.fun


PARTS = st.fractions(0, 5, max_denominator=12)


@given(PARTS, PARTS)
def test_rounded_sums_say_whether_a_reserve_is_met_and_what_is_missing(need: Fraction, got: Fraction) -> None:
    required, delivered = in_whole_units(Delivery("reserve.a", need, got))
    assert (delivered >= required) == (got >= need)
    assert delivered == int(got)
    assert abs(required - need) < 1
    if got < need:
        assert 0 <= (required - delivered) - (need - got) < 1
    if got.denominator == 1:
        assert required - need >= 0


def test_a_reserve_that_is_kept_between_two_cents_is_met() -> None:
    of = call(amount=[100_001, 50_000, 30_000], merit=[5, 4, 3], r=[1, 0, 0], y=[1, 0, 0])
    reserve = [
        pf.Reserve(trait="young", share=0.2, base="spent"),
        pf.Reserve(trait="risky", share=0.125, base="spent"),
    ]
    by = policy(200_000, traits=CONDITIONS, reserve=reserve, reserve_accounting="one_to_one")
    young, risky = pf.optimize(of, by).reserves
    # An eighth of 180,001 is 22,500.125.
    assert (str(risky.required), str(risky.delivered), risky.met) == ("22500.12", "22500.12", True)
    assert (str(young.required), str(young.delivered), young.met) == ("36000.20", "77500.87", True)


def test_thirds_of_an_award_are_not_called_a_cent_short() -> None:
    # A counts 0.33 and a third of a cent towards each of three reserves that ask for a third of what is spent.
    columns = {name: [1] for name in "xyz"}
    traits = {name: f"{name} = 1" for name in columns}
    reserve = [pf.Reserve(trait=name, share=0.3333333333333333, base="spent") for name in traits]
    found = pf.optimize(
        call(amount=[1], merit=[5], **columns),
        policy(1, traits=traits, reserve=reserve, reserve_accounting="shared"),
    )
    assert found.ids == ("A",)
    assert [(str(one.required), str(one.delivered), one.met) for one in found.reserves] == [
        ("0.33", "0.33", True)
    ] * 3
