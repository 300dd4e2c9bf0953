"""Every rule on calls that can be solved on paper; the arithmetic stands beside each."""

from __future__ import annotations

from typing import Any

import pytest
from small import call, funded, policy

import portfolio as pf


def awarded(of: pf.Call, by: pf.Policy) -> dict[str, float]:
    """Return what each of the funded gets."""
    frame = pf.optimize(of, by).to_frame()
    got = frame.select("id", "amount_awarded").iter_rows()
    return {name: float(amount) for name, amount in sorted(got) if amount}


def value(of: pf.Call, by: pf.Policy) -> float:
    return pytest.approx(pf.optimize(of, by).value)


def gave_way(of: pf.Call, by: pf.Policy) -> dict[str, float]:
    return {rule.rule: float(rule.size) for rule in pf.optimize(of, by).gave_way}


# Smaller awards.

TWO = call(amount=[100, 100], merit=[4, 3], min_amount=[40, 50])
CUT = pf.Objective(partial=True)


def test_a_partial_award_fills_the_budget() -> None:
    # A brings 0.04 per unit of money, B 0.03: all of A, and 50 of B. 4 + 3 x 50/100 = 5.5.
    assert awarded(TWO, policy(150, objective=CUT)) == {"A": 100, "B": 50}
    assert value(TWO, policy(150, objective=CUT)) == 5.5


def test_nobody_gets_less_than_the_least_that_makes_sense() -> None:
    # 30 would be left for B, which needs 50: A gives up 20. 4 x 0.8 + 3 x 0.5 = 4.7; A alone is 4.
    assert awarded(TWO, policy(130, objective=CUT)) == {"A": 80, "B": 50}
    # With 80, both cannot have their least: A gets 80, 3.2.
    assert awarded(TWO, policy(80, objective=CUT)) == {"A": 80}


def test_awards_without_a_least_amount_stay_whole() -> None:
    three = call(amount=[100, 100, 20], merit=[4, 3, 0.5], min_amount=[None, 100, 5])
    # Only C can be cut: A, and C as far as money goes. 4 + 0.5 x 10/20.
    assert awarded(three, policy(110, objective=CUT)) == {"A": 100, "C": 10}
    assert value(three, policy(110, objective=CUT)) == 4.25


def test_a_reserve_counts_the_money_awarded() -> None:
    # B holds 60 of 100, A may be cut to 40: 4 x 0.4 + 3 x 0.6.
    reserved = call(amount=[100, 100], merit=[4, 3], min_amount=[40, 50], r=[0, 1])
    by = policy(100, objective=CUT, traits={"r": "r = 1"}, reserve=[pf.Reserve(trait="r", share=0.6)])
    assert awarded(reserved, by) == {"A": 40, "B": 60}
    assert value(reserved, by) == 3.4


def test_a_curve_spreads_money() -> None:
    # Half of the request brings 0.8 of the value: 0.064 per unit for the first half of A, 0.048 for that of B,
    # 0.016 for the second half of A, 0.012 for that of B.
    curved = pf.Objective(partial=True, curve=[(0.5, 0.8), (1, 1)])
    two = call(amount=[100, 100], merit=[4, 3], min_amount=[1, 1])
    assert awarded(two, policy(100, objective=curved)) == {"A": 50, "B": 50}
    assert value(two, policy(100, objective=curved)) == 3.2 + 2.4
    assert awarded(two, policy(150, objective=curved)) == {"A": 100, "B": 50}
    assert awarded(two, policy(30, objective=curved)) == {"A": 30}


def test_an_award_is_as_large_as_the_coins_of_a_year_allow() -> None:
    # 2.06 of 11.06 fall into the first year, which has 1.37: 7.35 brings 1.36899 there, 7.36 would bring 1.37085.
    one = call(amount=[11.06], merit=[1], min_amount=[0], amount_y1=[2.06], amount_y2=[9])
    assert awarded(one, policy([1.37, 15], objective=CUT)) == {"A": 7.35}
    assert pf.optimize(one, policy([1.37, 15], objective=CUT)).status in ("optimal", "gap")


def test_a_coin_does_not_cost_an_award() -> None:
    # The pool of 5 is A's, who takes 2.50 of year 1. 10.51 are left for B, two thirds of whose award fall there: 15.76.
    two = call(
        amount=[10, 30],
        merit=[1, 1],
        min_amount=[2, 1],
        exploratory=[True, False],
        amount_y1=[5, 20],
        amount_y2=[5, 10],
    )
    by = policy([13.01, 100], objective=CUT, exploratory=pf.Exploratory(amount=5))
    assert awarded(two, by) == {"A": 5, "B": 15.76}


LEVELS = call(amount=[100, 100], merit=[4, 3], levels=[["60: 0.9"], ["40: 0.5"]])


@pytest.mark.parametrize(
    ("budget", "awards", "worth"),
    [
        # A 60 and B 40: 4 x 0.9 + 3 x 0.5; A alone is 4.
        (100, {"A": 60, "B": 40}, 5.1),
        # A 100 and B 40: 4 + 1.5; A 60 leaves 80, and B has no level of 80.
        (140, {"A": 100, "B": 40}, 5.5),
        # A 60 and B 100: 3.6 + 3.
        (160, {"A": 60, "B": 100}, 6.6),
        (59, {"B": 40}, 1.5),
    ],
)
def test_levels(budget: int, awards: dict[str, float], worth: float) -> None:
    by = policy(budget, objective=pf.Objective(partial="levels"))
    assert awarded(LEVELS, by) == awards
    assert value(LEVELS, by) == worth


# Years.


def test_committed_money_is_not_awarded_again() -> None:
    three = call(amount=[70, 40, 30], merit=[4, 2, 1.5])
    # 70 are left: A is worth 4, B and C together 3.5. With 69 only B or C fit.
    assert funded(three, policy(100, committed=30)) == "A"
    assert funded(three, policy(100, committed=31)) == "B"


def test_shares_of_the_budget_are_shares_of_what_is_left() -> None:
    # Half of 100 - 30 is 35: B's 40 are more than that, C's 30 are not.
    three = call(amount=[30, 40, 30], merit=[1, 4, 2], g=["a", "b", "b"])
    half = [pf.Limit(where="g = 'b'", max_share=0.5)]
    assert funded(three, policy(100, committed=30, limit=half)) == "AC"
    assert funded(three, policy(100, committed=20, limit=half)) == "AB"


YEARS = call(amount=[180, 20], merit=[3, 1], amount_y1=[60, 10], amount_y2=[120, 10])


@pytest.mark.parametrize(
    ("carry_over", "winners"),
    [
        (None, "B"),
        # A leaves 40 of the first year; 20 of them may go on, and 100 + 20 is what A needs.
        (20, "A"),
        (19.99, "B"),
        # A and B leave 30 and need 130.
        (30, "AB"),
    ],
)
def test_money_is_carried_over_up_to_a_limit(carry_over: float | None, winners: str) -> None:
    assert funded(YEARS, policy([100, 100], carry_over=carry_over)) == winners


def test_carried_money_pays_what_is_promised() -> None:
    # 110 are promised in a year of 100: the 20 carried over leave 10, enough for B.
    assert funded(YEARS, policy([100, 100], committed=[0, 110], carry_over=20)) == "B"
    # With 9 carried over, 1 of what is promised cannot be paid.
    with pytest.raises(pf.InfeasibleError):
        pf.optimize(YEARS, policy([100, 100], committed=[0, 110], carry_over=9))


def test_what_the_last_years_leave_may_add_up() -> None:
    # Nothing is asked for in years 1 and 2. Of year 1, 50 go on; of the 150 of year 2, again 50: 150 for year 3.
    late = call(amount=[150], merit=[1], amount_y1=[0], amount_y2=[0], amount_y3=[150])
    assert funded(late, policy([100, 100, 100], carry_over=50)) == "A"
    assert funded(late, policy([100, 100, 100], carry_over=49)) == ""


STABLE = call(
    amount=[120, 60, 80],
    merit=[3, 2.5, 1],
    amount_y1=[60, 30, 40],
    amount_y2=[60, 30, 40],
    organized=[True, True, False],
    min_amount=[10, 10, 10],
)


def test_organized_research_gets_only_firm_money() -> None:
    # A and B need 90 a year. Of 100, 80 are firm: A and C, 4, before B and C, 3.5.
    assert funded(STABLE, policy([100, 100])) == "AB"
    assert funded(STABLE, policy([100, 100], stable=pf.Stable(firm=0.9))) == "AB"
    assert funded(STABLE, policy([100, 100], stable=pf.Stable(firm=0.8))) == "AC"
    # What is promised is paid from the firm money: 80 - 25 are less than A's 60. B and C need 70 of 75.
    by = policy([100, 100], committed=[25, 25], stable=pf.Stable(firm=0.8))
    assert funded(STABLE, by) == "BC"


def test_organized_research_is_never_cut() -> None:
    # Per unit of money B brings 2.5/60, A 3/120, C 1/80. Free to cut: B, A, and 20 of C. 5.5 + 1/4.
    free = policy([100, 100], objective=CUT)
    assert awarded(STABLE, free) == {"A": 120, "B": 60, "C": 20}
    # With 80 firm, A and B do not fit together and A may not shrink to 50 a year: A, and C whole.
    firm = policy([100, 100], objective=CUT, stable=pf.Stable(firm=0.8))
    assert awarded(STABLE, firm) == {"A": 120, "C": 80}


# The exploratory pool.

# A, B and C explore; D and E do not.
POOL = call(
    amount=[15, 10, 10, 80, 90],
    merit=[1, 0.8, 0.7, 5, 9],
    exploratory=[True, True, True, False, False],
    min_amount=[5, 10, 10, 80, 90],
)


def test_the_pool_is_spent_well_before_the_rest() -> None:
    # 20 of 100 buy B and C, 1.5, or A, 1. With them, 80 are left: D. E would cost one of the two.
    assert funded(POOL, policy(100)) == "BE"
    assert funded(POOL, policy(100, exploratory=pf.Exploratory(share=0.2))) == "BCD"


@pytest.mark.parametrize(("left", "winners"), [("return", "BCE"), ("hold", "BCD")])
def test_money_that_the_pool_leaves_is_returned_or_held(left: str, winners: str) -> None:
    # Of 24 the pool can spend 20 at best. Of 110, 90 are left for E, but only 86 if 4 are held.
    assert funded(POOL, policy(110, exploratory=pf.Exploratory(amount=24, left=left))) == winners


def test_a_pool_of_more_than_the_budget_leaves_nothing_to_others() -> None:
    pool = pf.Exploratory(amount=9, left="hold")
    assert (
        funded(call(amount=[5, 5], merit=[1, 1], exploratory=[False, True]), policy(8, exploratory=pool))
        == "B"
    )


def test_the_pool_is_the_only_money_of_its_members() -> None:
    # 15 are for A or B or C. The rest has 185: D and E need 170, and the 15 beyond are not for the pool.
    assert funded(POOL, policy(200, exploratory=pf.Exploratory(amount=15))) == "ADE"


def test_no_member_of_the_pool_gets_more_than_max_award() -> None:
    # A asks for 15 and cannot be cut: it is ineligible.
    small = pf.Exploratory(amount=15, max_award=12)
    assert funded(POOL, policy(200, exploratory=small)) == "BDE"
    decisions = pf.optimize(POOL, policy(200, exploratory=small)).to_frame().select("id", "decision")
    assert dict(decisions.iter_rows())["A"] == "ineligible"
    # B and C ask for 10 and cannot be cut either. A gets 9.
    tiny = pf.Exploratory(amount=12, max_award=9)
    assert awarded(POOL, policy(200, objective=CUT, exploratory=tiny)) == {"A": 9, "D": 80, "E": 90}


# Chances of success.


def chances(c: float | None) -> pf.Call:
    tags = [["x"], ["x"], ["y"]]
    return call(amount=[10] * 3, merit=[1, 1, 0.6], bottlenecks=tags, success_probability=[0.5, 0.5, c])


def test_a_second_try_at_the_same_tag_is_worth_less() -> None:
    weighed = [pf.Coverage(per="bottlenecks", weight=2)]
    assert funded(chances(0.5), policy(20)) == "AB"
    # A and B: 2 + 2 x (1 - 0.5 x 0.5) = 3.5. A or B with C: 1.6 + 2 x (0.5 + 0.5) = 3.6.
    best = pf.optimize(chances(0.5), policy(20, coverage=weighed))
    assert best.ids in (("A", "C"), ("B", "C"))
    assert best.value == pytest.approx(3.6)
    # A certain C: 1.6 + 2 x (0.5 + 1).
    assert value(chances(1), policy(20, coverage=weighed)) == 4.6
    # An unknown chance counts as none: A and B.
    assert funded(chances(None), policy(20, coverage=weighed)) == "AB"
    assert value(chances(None), policy(20, coverage=weighed)) == 3.5


def test_a_weight_asks_for_no_awards_unless_it_says_so() -> None:
    light = {"per": "bottlenecks", "weight": 0.1}
    assert funded(chances(0.5), policy(20, coverage=[pf.Coverage(**light)])) == "AB"
    both = pf.optimize(chances(0.5), policy(20, coverage=[pf.Coverage(**light, min_awards=1)]))
    assert "C" in both.ids


def test_chances_may_stand_in_another_column() -> None:
    tags = [["x", "y"], ["x"], ["y"]]
    three = call(amount=[20, 10, 10], merit=[1, 1, 1], bottlenecks=tags, p=[0.9, 0.6, 0.6])
    by = policy(20, coverage=[pf.Coverage(per="bottlenecks", weight=10, probability="p")])
    # A alone: 1 + 10 x 1.8 = 19; B and C: 2 + 10 x 1.2 = 14.
    assert funded(three, by) == "A"
    assert value(three, by) == 19


# Limits.

FOUR = call(amount=[10] * 4, merit=[4, 3, 2, 1], r=[1, 1, 0, 0], cofunding=[0, 5, 20, None])


def test_a_limit_can_name_a_trait() -> None:
    by = policy(20, traits={"risky": "r = 1"}, limit=[pf.Limit(trait="risky", max_awards=1)])
    assert funded(FOUR, by) == "AC"


@pytest.mark.parametrize(
    ("limit", "winners"),
    [
        # A and C bring 20, B and C 25.
        ({"min_amount": 20}, "AC"),
        ({"min_amount": 21}, "BC"),
        ({"max_amount": 4.99}, "AD"),
        ({"max_amount": 5}, "AB"),
        # Among the risky, the 5 of B are enough, and nobody else counts.
        ({"min_amount": 5, "where": "r = 1"}, "AB"),
        ({"max_amount": 4, "where": "r = 1"}, "AC"),
    ],
)
def test_a_limit_of_another_column(limit: dict[str, Any], winners: str) -> None:
    assert funded(FOUR, policy(20, limit=[pf.Limit(of="cofunding", **limit)])) == winners


def test_a_limit_of_another_column_counts_in_full_when_the_award_is_cut() -> None:
    two = call(amount=[10, 10], merit=[2, 1], min_amount=[5, 5], cofunding=[8, 8])
    by = policy(15, objective=CUT, limit=[pf.Limit(of="cofunding", min_amount=16)])
    assert awarded(two, by) == {"A": 10, "B": 5}


# Criteria.

JOBS = call(
    amount=[10] * 4, merit=[3, 2, 3.5, 0.2], jobs=[10, 50, None, 0], green=[False, False, False, True]
)
MERIT = pf.Criterion(column="merit")
WORK = pf.Criterion(column="jobs", zero=10, scale=10, weight=0.5)


def test_criteria_are_weighed() -> None:
    # A 3 + 0, B 2 + 0.5 x (50 - 10)/10 = 4, C 3.5 and nothing for unknown jobs, D 0.2 - 0.5 = -0.3.
    by = pf.Objective(criterion=[MERIT, WORK])
    assert funded(JOBS, policy(20, objective=by)) == "BC"
    assert value(JOBS, policy(20, objective=by)) == 7.5
    # D is below zero and stays out although there is money.
    assert funded(JOBS, policy(40, objective=by)) == "ABC"
    # A true/false column is 1 or 0: D comes to 0.7.
    greener = pf.Objective(criterion=[MERIT, WORK, pf.Criterion(column="green")])
    assert value(JOBS, policy(40, objective=greener)) == 3 + 4 + 3.5 + 0.7


def test_merit_is_needed_only_where_it_is_a_criterion() -> None:
    two = call(amount=[10, 10], merit=[None, 1], jobs=[5, 1])
    alone = pf.Objective(criterion=[pf.Criterion(column="jobs")])
    assert funded(two, policy(10, objective=alone)) == "A"
    assert funded(two, policy(20, objective=pf.Objective(criterion=[MERIT]))) == "B"


@pytest.mark.parametrize(("may_lose", "winner", "last"), [(0.25, "B", 9), (0.2, "A", 1)])
def test_the_second_criterion_decides_within_what_the_first_may_lose(
    may_lose: float, winner: str, last: float
) -> None:
    two = call(amount=[10, 10], merit=[4, 3], jobs=[1, 9])
    # The best merit is 4. Losing a quarter leaves 3, which B has; a fifth leaves 3.2.
    first = pf.Criterion(column="merit", may_lose=may_lose)
    objective = pf.Objective(criterion=[first, pf.Criterion(column="jobs")], order="lexicographic")
    assert funded(two, policy(10, objective=objective)) == winner
    assert value(two, policy(10, objective=objective)) == last


def test_the_second_criterion_breaks_the_ties_of_the_first() -> None:
    three = call(amount=[10, 10, 20], merit=[2, 2, 4], jobs=[3, 4, 6])
    objective = pf.Objective(criterion=[MERIT, pf.Criterion(column="jobs")], order="lexicographic")
    # A and B, or C: 4 either way. A and B bring 7 jobs, C brings 6. A synergy belongs to the last criterion.
    assert funded(three, policy(20, objective=objective)) == "AB"
    together = [pf.Link(kind="synergy", proposals=["A", "B"], value=5)]
    assert value(three, policy(20, objective=objective, link=together)) == 12


def test_the_first_criterion_is_kept_as_far_as_coins_allow() -> None:
    # Of 28.76, 2.59 fall into the first year, which has 2.45: 27.20 brings 2.44951 there, 27.21 would bring 2.45041.
    one = call(amount=[28.76], merit=[1], jobs=[3], min_amount=[1], amount_y1=[2.59], amount_y2=[26.17])
    by = pf.Objective(criterion=[MERIT, pf.Criterion(column="jobs")], order="lexicographic", partial=True)
    assert awarded(one, policy([2.45, 100], objective=by)) == {"A": 27.2}


# Over-commitment. The normal quantile of 1 - 0.16 is z = 0.9945.

EIGHT = call(amount=[20] * 8, merit=[8, 7, 6, 5, 4, 3, 2, 1])


def test_more_is_promised_when_half_the_awards_are_declined() -> None:
    # m = 0.5 and v = 0.5 - 0.25. Of n awards: 10 n + z x 0.5 x 20 x sqrt(n). Seven: 70 + 26.3; eight: 80 + 28.1.
    by = policy(100, overcommit=pf.Overcommit(epsilon=0.16, attrition=0.5))
    assert funded(EIGHT, by) == "ABCDEFG"
    assert pf.optimize(EIGHT, by).spent == 140


def test_one_large_award_cannot_be_spread() -> None:
    # 0.5 x a + z x 0.5 x a = 0.99725 a: 100 fits into 100, 100.5 does not.
    by = policy(100, overcommit=pf.Overcommit(epsilon=0.16, attrition=0.5))
    assert funded(call(amount=[100], merit=[1]), by) == "A"
    assert funded(call(amount=[100.5], merit=[1]), by) == ""


@pytest.mark.parametrize(("budget", "number"), [(128, 2), (129, 3)])
def test_money_that_is_left_over_is_promised_again(budget: int, number: int) -> None:
    # m = 0.8 and v = 0.1^2 + 0.8^2 - 0.8^2 = 0.01. Three of 50: 120 + z x 0.1 x 86.6 = 128.6.
    three = call(amount=[50] * 3, merit=[1, 1, 1])
    rule = pf.Overcommit(epsilon=0.16, attrition=0, underspend=0.2, underspend_sd=0.1)
    assert len(funded(three, policy(budget, overcommit=rule))) == number


def test_each_year_is_overcommitted_by_itself() -> None:
    # Without chance a fifth is left over: 0.8 x 125 = 100, 0.8 x 126 > 100.
    rule = pf.Overcommit(epsilon=0.1, attrition=0, underspend=0.2)
    two = call(amount=[225, 226], merit=[1, 2], amount_y1=[125, 126], amount_y2=[100, 100])
    assert funded(two, policy([100, 100], overcommit=rule)) == "A"


# Rules that give way.

SOFT = call(amount=[50, 30], merit=[3, 1], x=[1, 1])


@pytest.mark.parametrize(
    ("price", "winners", "worth", "missed"),
    # A and B are 30 over the cap: 4 - 0.3, or 4 - 1.2 against 3.
    [(0.01, "AB", 3.7, {"limit[1]": 30}), (0.04, "A", 3, {})],
)
def test_a_cap_at_a_price(price: float, winners: str, worth: float, missed: dict[str, float]) -> None:
    by = policy(100, limit=[pf.Limit(where="x = 1", max_amount=50, price=price)])
    assert funded(SOFT, by) == winners
    assert value(SOFT, by) == worth
    assert gave_way(SOFT, by) == missed


def test_a_limit_of_a_column_at_a_price() -> None:
    # A and B miss 10 of 15 of co-funding and are worth 7; A and C miss none and are worth 6.
    cheap, dear = ([pf.Limit(of="cofunding", min_amount=15, price=price)] for price in (0.09, 0.11))
    assert funded(FOUR, policy(20, limit=cheap)) == "AB"
    assert gave_way(FOUR, policy(20, limit=cheap)) == {"limit[1]": 10}
    assert funded(FOUR, policy(20, limit=dear)) == "AC"


@pytest.mark.parametrize(
    ("price", "winners", "worth", "missed"),
    # A leaves 40 of the reserve unmet: 5 - 40 x price. B alone is worth 1.
    [(0.05, "A", 3, {"reserve.r": 40}), (0.2, "B", 1, {})],
)
def test_a_reserve_at_a_price(price: float, winners: str, worth: float, missed: dict[str, float]) -> None:
    two = call(amount=[100, 40], merit=[5, 1], r=[0, 1])
    by = policy(100, traits={"r": "r = 1"}, reserve=[pf.Reserve(trait="r", amount=40, price=price)])
    assert funded(two, by) == winners
    assert value(two, by) == worth
    assert gave_way(two, by) == missed


def test_coverage_at_a_price() -> None:
    # A and B leave tag y with one award too few, and z: 2 x price; A and C leave z alone.
    tags = [["x"], ["x"], ["y"], ["z"]]
    four = call(amount=[10, 10, 10, 10], merit=[4, 3, 2, 0.5], bottlenecks=tags)
    cheap, dear = ([pf.Coverage(per="bottlenecks", min_awards=1, price=price)] for price in (0.9, 1.1))
    assert funded(four, policy(20, coverage=cheap)) == "AB"
    assert value(four, policy(20, coverage=cheap)) == 7 - 1.8
    assert gave_way(four, policy(20, coverage=cheap)) == {"coverage[1]": 2}
    assert funded(four, policy(20, coverage=dear)) == "AC"
    assert gave_way(four, policy(20, coverage=dear)) == {"coverage[1]": 1}


@pytest.mark.parametrize(
    ("link", "winners", "missed"),
    [
        # One too many costs 0.9, and B would be replaced by C, which costs 1.
        ({"kind": "at_most", "k": 1, "proposals": ["A", "B"], "price": 0.9}, "AB", 1),
        ({"kind": "at_most", "k": 1, "proposals": ["A", "B"], "price": 1.1}, "AC", 0),
        # Two too many cost twice.
        ({"kind": "at_most", "k": 0, "proposals": ["A", "B"], "price": 0.9}, "AB", 2),
        ({"kind": "at_most", "k": 0, "proposals": ["A", "B"], "price": 1.1}, "AC", 1),
        # B without D is a breach; with D instead of A the loss is 3.
        ({"kind": "requires", "proposal": "B", "needs": "D", "price": 0.9}, "AB", 1),
        ({"kind": "requires", "proposal": "B", "needs": "D", "price": 1.1}, "AC", 0),
        # B without C and D is one breach, however many are left out.
        ({"kind": "all_or_none", "proposals": ["B", "C", "D"], "price": 0.9}, "AB", 1),
        ({"kind": "all_or_none", "proposals": ["A", "B", "C"], "price": 9}, "D", 0),
    ],
)
def test_links_at_a_price(link: dict[str, Any], winners: str, missed: float) -> None:
    by = policy(20, link=[pf.Link(**link)])
    assert funded(FOUR, by) == winners
    assert gave_way(FOUR, by) == ({"link[1]": missed} if missed else {})


def test_the_higher_priority_is_kept() -> None:
    # 60 of 100 for the risky and 60 for the young clash: A is risky, B is young, 60 each; C is neither.
    three = call(amount=[60, 60, 100], merit=[1, 1, 9], r=[1, 0, 0], y=[0, 1, 0])
    both = {"risky": "r = 1", "young": "y = 1"}
    for first, winner, missed in ((2, "A", "young"), (1, "B", "risky")):
        reserve = [
            pf.Reserve(trait="risky", amount=60, priority=first),
            pf.Reserve(trait="young", amount=60, priority=3 - first),
        ]
        by = policy(100, traits=both, reserve=reserve)
        assert funded(three, by) == winner
        assert gave_way(three, by) == {f"reserve.{missed}": 60}


def test_within_a_priority_what_is_missed_is_compared_with_its_size() -> None:
    # A and C bring 40 to the risky and 20 to the young, who miss 30 of 50: 0.6. B misses all 10 for the risky: 1.0.
    # In money it would be the other way round, and B's merit is higher as well.
    three = call(amount=[40, 60, 20], merit=[1, 9, 1], r=[1, 0, 0], y=[0, 1, 1])
    reserve = [
        pf.Reserve(trait="risky", amount=10, priority=5),
        pf.Reserve(trait="young", amount=50, priority=5),
    ]
    by = policy(60, traits={"risky": "r = 1", "young": "y = 1"}, reserve=reserve)
    assert funded(three, by) == "AC"
    assert gave_way(three, by) == {"reserve.young": 30}


@pytest.mark.parametrize(
    ("rules", "winners", "missed"),
    [
        # A firm floor of two and a soft cap of one: the cap gives way.
        (
            {
                "limit": [
                    pf.Limit(where="r = 1", min_awards=2),
                    pf.Limit(where="r = 1", max_awards=1, priority=1),
                ]
            },
            "AB",
            {"limit[2]": 1},
        ),
        # A priority goes before value: C for the floor although B is better.
        ({"limit": [pf.Limit(where="r = 0", min_awards=1, priority=1)]}, "AC", {}),
        # Firm rules go before priorities.
        (
            {"limit": [pf.Limit(where="r = 0", min_awards=1, priority=99)], "must_not_fund": ["C", "D"]},
            "AB",
            {"limit[1]": 1},
        ),
        ({"link": [pf.Link(kind="at_most", k=1, proposals=["A", "B"], priority=1)]}, "AC", {}),
        (
            {
                "link": [pf.Link(kind="requires", proposal="A", needs="D", priority=1)],
                "must_not_fund": ["D"],
                "must_fund": ["A"],
            },
            "AB",
            {"link[1]": 1},
        ),
        # Without C: two of the risky are A and B, and A wants D as well. What has the higher priority is kept.
        (
            {
                "link": [pf.Link(kind="all_or_none", proposals=["A", "D"], priority=2)],
                "limit": [pf.Limit(where="r = 1", min_awards=2, priority=1)],
                "must_not_fund": ["C"],
            },
            "AD",
            {"limit[1]": 1},
        ),
        (
            {
                "link": [pf.Link(kind="all_or_none", proposals=["A", "D"], priority=1)],
                "limit": [pf.Limit(where="r = 1", min_awards=2, priority=2)],
                "must_not_fund": ["C"],
            },
            "AB",
            {"link[1]": 1},
        ),
    ],
)
def test_rules_with_a_priority(rules: dict[str, Any], winners: str, missed: dict[str, float]) -> None:
    assert funded(FOUR, policy(20, **rules)) == winners
    assert gave_way(FOUR, policy(20, **rules)) == missed


def test_what_gives_way_may_be_a_part_of_a_coin() -> None:
    # 20% of 62.73 are 12.546, and nobody counts towards them.
    one = call(amount=[10], merit=[1], r=[0])
    floor = policy(62.73, limit=[pf.Limit(where="r = 1", min_share=0.2, priority=1)])
    assert funded(one, floor) == "A"
    assert gave_way(one, floor) == {"limit[1]": 12.546}
    # A is locked in: 10 - 2.7775.
    two = call(amount=[10, 1], merit=[1, 2], r=[1, 1])
    cap = policy(11.11, must_fund=["A"], limit=[pf.Limit(where="r = 1", max_share=0.25, priority=1)])
    assert funded(two, cap) == "A"
    assert gave_way(two, cap) == {"limit[1]": 7.2225}


def test_coverage_with_a_priority_reaches_as_many_tags_as_it_can() -> None:
    tags = [["x"], ["x"], ["y"], ["z"]]
    four = call(amount=[10, 10, 10, 10], merit=[4, 3, 2, 0.5], bottlenecks=tags)
    by = policy(20, coverage=[pf.Coverage(per="bottlenecks", priority=7)])
    # Two awards reach two of three tags; A and C do it best.
    assert funded(four, by) == "AC"
    assert gave_way(four, by) == {"coverage[1]": 1}


def test_money_that_counts_once_serves_firm_reserves_before_priced_ones() -> None:
    # A is risky and young. Its 10 go to the firm reserve; the other lacks 10 at 0.1 each.
    both = call(amount=[10], merit=[3], r=[1], y=[1])
    reserve = [pf.Reserve(trait="risky", amount=10, price=0.1), pf.Reserve(trait="young", amount=10)]
    by = policy(
        20,
        traits={"risky": "r = 1", "young": "y = 1"},
        reserve=reserve,
        reserve_accounting="one_to_one",
    )
    assert value(both, by) == 2
    assert gave_way(both, by) == {"reserve.risky": 10}
    assert gave_way(both, by.replace(reserve_accounting="one_to_all")) == {}


@pytest.mark.parametrize("must", [[], ["A"]])
def test_money_that_counts_once_is_missed_where_it_only_has_a_price(must: list[str]) -> None:
    # A's 58 go to the reserve that holds: 22 are missing, and 58 + 22 are within 100; 50 are missed at 0.01 each.
    two = call(amount=[58, 30], merit=[3, 5], r=[1, 0], y=[1, 0])
    reserve = [pf.Reserve(trait="risky", amount=80, shortfall="hold")]
    reserve += [pf.Reserve(trait="young", amount=50, price=0.01)]
    by = policy(
        100,
        traits={"risky": "r = 1", "young": "y = 1"},
        reserve=reserve,
        reserve_accounting="one_to_one",
        must_fund=must,
    )
    assert funded(two, by) == "A"
    assert value(two, by) == 2.5
    assert [one.delivered for one in pf.optimize(two, by).reserves] == [58, 0]


def test_money_that_counts_once_is_released_before_a_price_is_paid() -> None:
    # A and B bring 58 to the risky if 8 of B go there. The other 30 leave 21 of the young missing, at 0.001 each.
    five = call(amount=[50, 38, 58, 33, 15], merit=[2, 2, 5, 4, 2], r=[1, 1, 0, 0, 0], y=[0, 1, 0, 0, 0])
    reserve = [pf.Reserve(trait="risky", amount=58, shortfall="release")]
    reserve += [pf.Reserve(trait="young", amount=51, price=0.001)]
    by = policy(
        147,
        traits={"risky": "r = 1", "young": "y = 1"},
        reserve=reserve,
        reserve_accounting="one_to_one",
    )
    assert funded(five, by) == "ABDE"
    assert value(five, by) == pytest.approx(9.979)


def test_prices_count_in_every_round() -> None:
    # The open 10 would go to A. A cap on x at 5 per unit makes C better: 4 - 10 x 0.3 = 1 against 2.
    three = call(amount=[10, 10, 10], merit=[4, 3, 2], x=[1, 1, 0], r=[0, 1, 0])
    by = policy(
        20,
        traits={"r": "r = 1"},
        reserve=[pf.Reserve(trait="r", share=0.5)],
        reserve_order="over_and_above",
        limit=[pf.Limit(where="x = 1", max_amount=0, price=0.3)],
    )
    # The reserve then buys B only if that is worth something after the price: 3 - 3 = 0, no more than nothing.
    rounds = pf.optimize(three, by).rounds
    assert [part.value for part in rounds] == [pytest.approx(2), pytest.approx(2)]
    assert rounds[0].awards == ("C",)


def test_who_is_ruled_out_is_no_demand_for_a_pot() -> None:
    # B wins the open 10, A the reserve. Without A, nobody asks for the reserve.
    two = call(amount=[10, 10], merit=[1, 2], r=[1, 0])
    by = policy(
        20,
        traits={"r": "r = 1"},
        reserve=[pf.Reserve(trait="r", amount=10)],
        reserve_order="over_and_above",
    )
    assert funded(two, by) == "AB"
    with pytest.raises(pf.InfeasibleError):
        pf.optimize(two, by.replace(must_not_fund=["A"]))


COUNTED_ONCE = {"traits": {"risky": "r = 1", "young": "y = 1"}, "reserve_accounting": "one_to_one"}


def test_money_that_must_not_be_held_is_placed_before_a_priority() -> None:
    # D's 60 are divided, 30 and 30: the young hold 10, with which N and D just fit, and the risky miss 20 of 50.
    two = call(amount=[60, 30], merit=[4, 3], r=[1, 0], y=[1, 0])
    reserve = [pf.Reserve(trait="risky", share=0.5, priority=1)]
    reserve += [pf.Reserve(trait="young", share=0.4, shortfall="hold")]
    by = policy(100, reserve=reserve, must_fund=["B"], **COUNTED_ONCE)
    found = pf.optimize(two, by)
    assert (found.ids, found.value) == (("A", "B"), 7)
    assert [one.delivered for one in found.reserves] == [30, 30]
    assert gave_way(two, by) == {"reserve.risky": 20}


def test_a_reserve_with_a_priority_clashes_with_none_that_holds() -> None:
    # Of A's 90 the young need 30, since 10 may be held beside it; the risky have 60 of 95.
    one = call(amount=[90], merit=[4], r=[1], y=[1])
    reserve = [pf.Reserve(trait="risky", amount=95, priority=1)]
    reserve += [pf.Reserve(trait="young", amount=40, shortfall="hold")]
    by = policy(100, reserve=reserve, must_fund=["A"], **COUNTED_ONCE)
    assert gave_way(one, by) == {"reserve.risky": 35}


def test_money_that_may_be_held_goes_where_it_is_of_use() -> None:
    # 20 may be held beside the 80. C's 30 meet the old, so that of A and B 10 are enough for the young: 40 are left.
    three = call(amount=[25, 25, 30], merit=[4, 4, 4], r=[1, 1, 0], y=[1, 1, 0], o=[0, 0, 1])
    reserve = [pf.Reserve(trait="risky", amount=50, priority=1)]
    reserve += [pf.Reserve(trait="young", amount=30, shortfall="hold")]
    reserve += [pf.Reserve(trait="old", amount=30, shortfall="hold")]
    traits = {"traits": {**COUNTED_ONCE["traits"], "old": "o = 1"}}
    by = policy(100, reserve=reserve, must_fund=["A", "B", "C"], **(COUNTED_ONCE | traits))
    assert [one.delivered for one in pf.optimize(three, by).reserves] == [40, 10, 30]
