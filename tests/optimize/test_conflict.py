"""Conflicts: smallest sets of rules that clash, in the funder's words."""

from __future__ import annotations

import math
import re
from decimal import Decimal
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small import call, policy

import portfolio as pf
from portfolio.optimize.conflict import Atom, quickxplain


@given(st.lists(st.frozensets(st.integers(0, 7), min_size=1, max_size=4), min_size=1, max_size=4))
def test_quickxplain_returns_a_minimal_clashing_set(clashes: list[frozenset[int]]) -> None:
    atoms = [Atom(str(i), str(i)) for i in range(8)]

    def feasible(kept: list[Atom]) -> bool:
        there = {int(atom.key) for atom in kept}
        return not any(clash <= there for clash in clashes)

    core = quickxplain(atoms, feasible)
    assert not feasible(core)
    for smaller in combinations(core, len(core) - 1):
        assert feasible(list(smaller))


def test_no_rules_no_conflict() -> None:
    assert quickxplain([], lambda kept: False) == []
    assert quickxplain([Atom("a", "a")], lambda kept: False) == []


def conflict(of: pf.Call, by: pf.Policy) -> tuple[str, ...]:
    with pytest.raises(pf.InfeasibleError) as error:
        pf.optimize(of, by)
    assert error.value.exit_code == 4
    return error.value.conflict


TWO = call(amount=[10, 10], merit=[2, 1], dept=["x", "y"], boss=["Z", "Z"], r=[1, 0])


def test_rules_that_have_no_part_in_it_are_left_out() -> None:
    rules = policy(
        10,
        limit=[pf.Limit(per="dept", min_awards=1), pf.Limit(per="dept", max_awards=5)],
        link=[pf.Link(kind="at_most", k=2, per="boss")],
    )
    assert conflict(TWO, rules) == (
        "the budget is EUR 10.00",
        "dept x gets at least 1 award",
        "dept y gets at least 1 award",
    )


def test_locks_take_part() -> None:
    rules = policy(30, must_fund=["A", "B"], link=[pf.Link(kind="at_most", k=1, per="boss")])
    assert conflict(TWO, rules) == ("A must be funded", "B must be funded", "at most 1 of boss Z")
    needs = policy(
        30, must_fund=["A"], must_not_fund=["B"], link=[pf.Link(kind="requires", proposal="A", needs="B")]
    )
    assert conflict(TWO, needs) == ("A must be funded", "B must not be funded", "A only if B")


def test_contradicting_locks_need_no_solver() -> None:
    assert conflict(TWO, policy(30, must_fund=["A"], must_not_fund=["A"])) == (
        "A must be funded",
        "A must not be funded",
    )
    barred = conflict(TWO, policy(30, must_fund=["B"], eligible="r = 1"))
    assert barred[1] == "B does not meet the condition for eligibility: r = 1"


def test_reserves_that_count_once_clash_together() -> None:
    traits = {"risky": "r = 1", "boss_z": "boss = 'Z'"}
    both = call(amount=[10, 10], merit=[2, 1], boss=["Z", "Y"], r=[1, 0])
    rules = policy(
        20,
        traits=traits,
        reserve=[pf.Reserve(trait="risky", share=0.5), pf.Reserve(trait="boss_z", share=0.5)],
        reserve_accounting="one_to_one",
    )
    assert conflict(both, rules) == (
        "50% of the budget (EUR 10.00) are held back for risky",
        "50% of the budget (EUR 10.00) are held back for boss_z",
    )


def test_money_that_a_reserve_holds_is_named() -> None:
    three = call(amount=[44, 40, 56], merit=[5, 4.5, 4.4], young=[0, 0, 0])
    held = pf.Reserve(trait="young", amount=50, shortfall="hold")
    rules = policy(100, must_fund=("C",), traits={"young": "young = 1"}, reserve=[held])
    with pytest.raises(pf.InfeasibleError) as error:
        pf.optimize(three, rules)
    assert error.value.conflict == (
        "C must be funded",
        "the budget is EUR 100.00",
        "EUR 50.00 are held back for young",
    )
    assert "EUR 50.00 are held back for young: could be at most EUR 44.00, 44% of the budget" in str(
        error.value
    )
    assert pf.optimize(three, rules.replace(reserve=[held.replace(amount=44)])).ids == ("C",)
    portfolio = pf.optimize(three, rules.replace(must_fund=()))
    assert pf.inclusion(portfolio, ["C"])[0].because == error.value.conflict[1:]


def test_a_link_of_several_is_dropped_once_where_all_rules_change() -> None:
    four = call(amount=[60, 50, 40, 30], merit=[5, 2, 4, 3.5], topic=list("abaa"))
    rules = policy(
        100,
        must_fund=("C",),
        objective=pf.Objective(zero=3),
        link=[pf.Link(kind="all_or_none", proposals=("C", "B"))],
        coverage=[pf.Coverage(per="topic", min_awards=1)],
    )
    with pytest.raises(pf.InfeasibleError) as error:
        pf.optimize(four, rules)
    _, together = str(error.value).split("Changing all rules together")
    assert together.count("all or none of C, B: would have to be dropped") == 1


def test_a_soft_reserve_does_not_hide_a_conflict() -> None:
    soft = [pf.Reserve(trait="risky", share=0.9, shortfall="release")]
    rules = policy(30, traits={"risky": "r = 1"}, reserve=soft, limit=[pf.Limit(where="r = 1", min_awards=2)])
    assert conflict(TWO, rules) == ("proposals with r = 1 get at least 2 awards",)


def test_the_cheapest_relaxation_of_each_rule_is_in_the_message() -> None:
    # Half of 40 for the risky, but only one of the two for one boss.
    four = call(amount=[10, 10, 15, 15], merit=[4, 3, 2, 1], r=[1, 1, 0, 0], boss=["Z", "Z", "Y", "X"])
    rules = policy(
        40,
        traits={"risky": "r = 1"},
        reserve=[pf.Reserve(trait="risky", share=0.5)],
        link=[pf.Link(kind="at_most", k=1, per="boss")],
        limit=[pf.Limit(where="r = 0", max_amount=30)],
    )
    with pytest.raises(pf.InfeasibleError) as error:
        pf.optimize(four, rules)
    assert str(error.value).splitlines() == [
        "No portfolio satisfies all the rules. These cannot hold together:",
        "  - 50% of the budget (EUR 20.00) are held back for risky",
        "  - at most 1 of boss Z",
        "Removing any one of them ends this clash; another may stand behind it.",
        "What changing one rule alone would take, where that was found to be enough:",
        "  - 50% of the budget (EUR 20.00) are held back for risky: could be at most EUR 10.00, 25% of the budget",
        "  - at most 1 of boss Z: would have to give way by 1 award",
    ]
    relaxed = rules.replace(reserve=[pf.Reserve(trait="risky", share=0.25)])
    assert pf.optimize(four, relaxed).ids == ("A", "C", "D")


def test_the_cheapest_relaxation_of_budgets_floors_and_shares_of_what_is_spent() -> None:
    with pytest.raises(pf.InfeasibleError) as error:
        pf.optimize(TWO, policy(15, limit=[pf.Limit(where="boss = 'Z'", min_amount=20)]))
    text = str(error.value)
    assert "the budget is EUR 15.00: would have to be exceeded by EUR 5.00" in text
    assert "at least EUR 20.00: would have to give way by EUR 10.00" in text
    rules = policy(30, must_fund=["B"], traits={"risky": "r = 1"})
    spent = rules.replace(reserve=[pf.Reserve(trait="risky", share=0.6, base="spent")])
    # A and B together are 20, of which 60% are 12, and 10 are risky.
    with pytest.raises(
        pf.InfeasibleError, match=r"60% of the money awarded .* would have to give way by EUR 2\.00"
    ):
        pf.optimize(TWO, spent)


def test_of_a_rule_there_is_one_figure_in_the_message() -> None:
    # Together the risky ask for 30; only one of A and B may be funded, so that 20 can be reached.
    three = call(amount=[10, 10, 10], merit=[3, 2, 1], r=[1, 1, 1], boss=["Z", "Z", "Y"])
    link = [pf.Link(kind="at_most", k=1, per="boss")]
    reserve = [pf.Reserve(trait="risky", share=0.9)]
    rules = policy(40, traits={"risky": "r = 1"}, reserve=reserve, link=link)
    with pytest.raises(pf.InfeasibleError) as error:
        pf.optimize(three, rules)
    assert "held back for risky: could be at most EUR 20.00, 50% of the budget" in str(error.value)
    assert "lower the reserve" not in str(error.value)
    assert pf.optimize(three, rules.replace(reserve=[pf.Reserve(trait="risky", share=0.5)])).spent == 20


def test_what_leaves_out_those_that_a_rule_asks_for_is_named_beside_its_figure() -> None:
    rules = policy(
        20,
        objective=pf.Objective(zero=3),
        traits={"risky": "r = 1"},
        reserve=[pf.Reserve(trait="risky", share=0.5)],
    )
    with pytest.raises(pf.InfeasibleError) as error:
        pf.optimize(TWO, rules)
    zero = "it is worth less than nothing by [objective] zero = 3"
    assert str(error.value).splitlines()[-1] == f"reserve.risky: the only proposal there is left out: {zero}"


def test_the_group_that_a_cause_is_of_is_named() -> None:
    of = call(amount=[10] * 4, merit=[1, 3, 1, 4], inst=["u", "v", "v", "w"], ok=[1, 0, 0, 1])
    rules = policy(
        25,
        eligible="ok = 1",
        objective=pf.Objective(zero=2),
        limit=[pf.Limit(per="inst", min_awards=1), pf.Limit(where="merit < 3", min_awards=1)],
    )
    with pytest.raises(pf.InfeasibleError) as error:
        pf.optimize(of, rules)
    zero = "worth less than nothing by [objective] zero = 2"
    assert str(error.value).splitlines()[-3:] == [
        f"limit[1], inst u: the only proposal there is left out: it is {zero}",
        "limit[1], inst v: of the 2 proposals there, 2 are left out: each does not meet the condition for "
        "eligibility: ok = 1",
        "limit[2], proposals with merit < 3: of the 2 proposals there, 1 is left out: it does not meet "
        "the condition for eligibility: ok = 1",
    ]


REQUIRES = pf.Link(kind="requires", proposal="B", needs="A")
ALL = pf.Link(kind="all_or_none", proposals=("A", "B"))


@pytest.mark.parametrize("zero", [0, 3])
@pytest.mark.parametrize(("link", "words"), [(REQUIRES, "B only if A"), (ALL, "all or none of A, B")])
def test_a_link_that_holds_or_does_not_is_dropped(link: pf.Link, words: str, zero: float) -> None:
    # With that zero A may not be funded, and is not in the rows of the link.
    of = call(amount=[10, 10], merit=[1, 4])
    cap = [pf.Link(kind="at_most", k=1, proposals=("A", "B"))]
    rules = policy(20, must_fund=["B"], objective=pf.Objective(zero=zero), link=[link, *cap])
    assert f"{words}: would have to be dropped" in ways(of, rules)


@pytest.mark.parametrize(("listed", "fund"), [(("A", "B"), ["A", "B"]), ((), []), (("A",), ["A"])])
def test_a_link_of_decisions_that_differ_gives_way_by_decisions(
    listed: tuple[str, ...], fund: list[str]
) -> None:
    of = call(amount=[10, 10], merit=[1, 4])
    differ = pf.Link(kind="differs", k=1, proposals=listed)
    rules = policy(
        20, must_fund=fund, must_not_fund=[name for name in "AB" if name not in fund], link=[differ]
    )
    known = ", ".join(listed) or "nothing"
    assert (
        f"at least 1 decision differs from funding {known} and no other: would have to give way by 1 decision"
        in ways(of, rules)
    )


def test_rounds_explain_themselves_too() -> None:
    rules = policy(
        20,
        traits={"risky": "r = 1"},
        reserve=[pf.Reserve(trait="risky", share=0.5)],
        reserve_order="over_and_above",
        limit=[pf.Limit(per="dept", min_awards=1)],
    )
    assert conflict(TWO, rules) == (
        "dept x gets at least 1 award",
        "dept y gets at least 1 award",
        "the money of this round (open) is EUR 10.00",
    )


def test_changing_all_rules_together_can_be_less_than_changing_one() -> None:
    # 60 + 60 of 100 for two kinds of which no proposal is both: each alone would have to fall to 40, or the budget to
    # rise by 20. A fifth of the budget is the least share, and no mixture is less.
    two = call(amount=[60, 60, 40, 40], merit=[1, 1, 1, 1], kind=["x", "y", "x", "y"])
    rules = policy(
        100,
        limit=[pf.Limit(where="kind = 'x'", min_amount=60), pf.Limit(where="kind = 'y'", min_amount=60)],
    )
    with pytest.raises(pf.InfeasibleError) as error:
        pf.optimize(two, rules)
    text = str(error.value)
    assert "the budget is EUR 100.00: would have to be exceeded by EUR 20.00" in text
    assert "proposals with kind = 'x' get at least EUR 60.00: would have to give way by EUR 20.00" in text


def test_several_rules_give_way_together_where_no_single_one_can() -> None:
    # A is too dear for either cap, and both hold for it.
    one = call(amount=[50, 10], merit=[1, 1], kind=["x", "z"])
    caps = [pf.Limit(where="kind = 'x'", max_amount=40), pf.Limit(where="amount > 20", max_amount=45)]
    with pytest.raises(pf.InfeasibleError) as error:
        pf.optimize(one, policy(60, limit=caps, must_fund=["A"]))
    text = str(error.value)
    assert "Changing all rules together as little as can be" in text
    assert "proposals with kind = 'x' get at most EUR 40.00: would have to give way by EUR 10.00" in text
    assert "proposals with amount > 20 get at most EUR 45.00: would have to give way by EUR 5.00" in text


def ways(of: pf.Call, by: pf.Policy) -> list[str]:
    """Return the lines that say what would end a clash."""
    with pytest.raises(pf.InfeasibleError) as error:
        pf.optimize(of, by)
    return [line.removeprefix("  - ") for line in error.value.hint.splitlines() if line.startswith("  - ")]


FOUR = call(amount=[100] * 4, merit=[4, 3, 2, 1], region=["N", "N", "S", "W"])


def test_what_must_be_funded_is_a_rule_that_can_be_dropped() -> None:
    cap = pf.Limit(where="region = 'N'", max_awards=1)
    rules = policy(400, must_fund=["A", "B"], limit=[cap])
    assert ways(FOUR, rules) == [
        "A must be funded: would have to be dropped",
        "B must be funded: would have to be dropped",
        "proposals with region = 'N' get at most 1 award: would have to give way by 1 award",
    ]
    assert "B" not in pf.optimize(FOUR, rules.replace(must_fund=["A"])).ids
    # Where two others clash as well, no lock is enough by itself.
    both = rules.replace(
        must_fund=["A", "B", "C"], must_not_fund=["D"], limit=[cap, pf.Limit(per="region", max_share=0.1)]
    )
    assert not any("dropped" in way for way in ways(FOUR, both))


def test_a_floor_of_money_where_nothing_may_be_funded_is_missed_by_money() -> None:
    rules = policy(200, eligible="region <> 'W'", limit=[pf.Limit(per="region", min_share=0.25)])
    assert ways(FOUR, rules) == [
        "region W gets at least 25% of the budget (EUR 50.00): would have to give way by EUR 50.00"
    ]


def test_a_larger_budget_is_no_way_out_where_its_shares_grow_with_it() -> None:
    rules = policy(400, limit=[pf.Limit(per="region", min_share=0.5)])
    each = call(amount=[100] * 8, merit=[1] * 8, region=["N", "S", "W", "O"] * 2)
    assert ways(each, rules) == [
        "the budget is EUR 400.00: would have to be exceeded by EUR 400.00, with what is a share of it as it is",
        "region (each of 4) gets at least 50% of the budget (EUR 200.00): would have to give way by EUR 100.00",
    ]
    with pytest.raises(pf.InfeasibleError):
        pf.optimize(each, rules.replace(budget=800))
    over = rules.replace(overspend=pf.Overspend(price=0.001))
    assert pf.optimize(each, over).spent == 800
    assert pf.optimize(each, rules.replace(limit=[pf.Limit(per="region", min_share=0.25)])).ids


def test_a_request_above_the_budget_is_a_way_out_too() -> None:
    two = call(amount=[120, 60], merit=[5, 3], region=["N", "S"])
    rules = policy(100, limit=[pf.Limit(where="region = 'N'", min_awards=1)])
    assert conflict(two, rules) == (
        "the budget is EUR 100.00",
        "proposals with region = 'N' get at least 1 award",
    )
    assert "the budget is EUR 100.00: would have to be exceeded by EUR 20.00" in ways(two, rules)
    assert pf.optimize(two, rules.replace(budget=120)).ids == ("A",)


def test_the_year_that_cannot_pay_a_request_is_among_the_rules_that_clash() -> None:
    three = call(
        amount=[70, 45, 70],
        merit=[4, 4, 3],
        amount_y1=[60, 5, 10],
        amount_y2=[10, 40, 60],
        institution=["Y", "X", "Y"],
    )
    rules = policy([40, 70], limit=[pf.Limit(per="institution", min_awards=1)])
    # A and B keep all but the budget of year 1, B and C all but that of year 2.
    assert conflict(three, rules) == (
        "the budget of year 1 is EUR 40.00",
        "the budget of year 2 is EUR 70.00",
        "institution X gets at least 1 award",
        "institution Y gets at least 1 award",
    )
    for budget in ([65, 70], [40, 100]):
        assert len(pf.optimize(three, rules.replace(budget=budget)).ids) == 2


def test_what_is_missed_of_a_column_is_enough() -> None:
    three = call(amount=[100, 100, 200], merit=[1, 1, 1], cofunding=[765437.11, 5, 900000])
    limit = pf.Limit(of="cofunding", min_amount=2_000_000)
    (way,) = ways(three, policy(100, limit=[limit]))
    missed = Decimal(re.search(r"by ([\d,.]+) of cofunding", way)[1].replace(",", ""))
    assert missed == Decimal("1234562.89")
    less = pf.Limit(of="cofunding", min_amount=2_000_000 - missed)
    assert pf.optimize(three, policy(100, limit=[less])).ids == ("A",)


@pytest.mark.parametrize(
    ("limit", "words"),
    [
        ({}, "the portfolio has at least 99 of cofunding"),
        ({"trait": "young"}, "young has at least 99 of cofunding"),
        ({"where": "y = 1"}, "proposals with y = 1 have at least 99 of cofunding"),
        ({"per": "lab"}, "lab X has at least 99 of cofunding"),
    ],
)
def test_of_what_a_sum_is_is_said_once(limit: dict[str, str], words: str) -> None:
    two = call(amount=[10, 10], merit=[3, 2], y=[1, 0], cofunding=[5, 5], lab=["X", "X"])
    rules = policy(20, traits={"young": "y = 1"}, limit=[pf.Limit(of="cofunding", min_amount=99, **limit)])
    with pytest.raises(pf.InfeasibleError) as error:
        pf.optimize(two, rules)
    assert error.value.conflict == (words,)


def test_a_limit_of_all_proposals_is_called_so() -> None:
    rules = policy(400, must_fund=["A", "B"], limit=[pf.Limit(where="TRUE", max_awards=1)])
    assert ways(FOUR, rules)[-1] == "all proposals get at most 1 award: would have to give way by 1 award"


def least_change(
    amounts: list[int], regions: list[str], budget: int, floors: dict[str, tuple[str, int]]
) -> float:
    """Return the least sum of changes of rules, as shares of themselves, for which some portfolio exists."""
    best = math.inf
    for bits in range(2 ** len(amounts)):
        chosen = [i for i in range(len(amounts)) if bits >> i & 1]
        spent = sum(amounts[i] for i in chosen)
        change = max(0, spent - budget) / budget
        for region, (kind, floor) in floors.items():
            mine = [amounts[i] for i in chosen if regions[i] == region]
            got = sum(mine) if kind == "amount" else len(mine)
            change += max(0, floor - got) / floor
        best = min(best, change)
    return best


@pytest.mark.parametrize("seed", range(40))
def test_changing_all_rules_together_takes_as_little_as_it_says(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = int(rng.integers(3, 7))
    amounts = (10 * rng.integers(2, 12, n)).tolist()
    regions = rng.choice(["N", "S", "W"], n).tolist()
    budget = int(rng.integers(max(amounts), max(amounts) + 60))
    floors = {"N": ("awards", int(rng.integers(1, 4))), "S": ("amount", int(rng.integers(30, 150)))}
    limit = [
        pf.Limit(where=f"region = '{name}'", **{f"min_{kind}": size}) for name, (kind, size) in floors.items()
    ]
    least = least_change(amounts, regions, budget, floors)
    of = call(amount=amounts, merit=[1] * n, region=regions)
    if not least:
        assert pf.optimize(of, policy(budget, limit=limit)).ids
        return
    with pytest.raises(pf.InfeasibleError) as error:
        pf.optimize(of, policy(budget, limit=limit))
    _, found, together = error.value.hint.partition("Changing all rules together ")
    said = together if found else error.value.hint
    if found:
        assert together.startswith("as little as can be"), "five proposals are soon proven"
    wholes = {"budget": budget, **{f"'{name}'": size for name, (_, size) in floors.items()}}
    changes = [
        float(line[2].replace(",", "")) / next(whole for name, whole in wholes.items() if name in line[1])
        for line in re.finditer(r"  - (.*?): would have to .*? by (?:EUR )?([\d,.]+)", said)
    ]
    # Where one rule alone takes as little, it is not said twice.
    assert (sum(changes) if found else min(changes)) == pytest.approx(least, rel=2e-3, abs=2e-3)


def test_in_a_large_call_each_rule_that_is_named_is_needed_and_each_way_out_leads_out() -> None:
    rules = pf.Policy(
        budget=60_000_000,
        objective=pf.Objective(zero=2.0),
        traits={"high_risk": "risk >= 0.6", "long_horizon": "horizon_years >= 10"},
        reserve=[pf.Reserve(trait="high_risk", share=0.2), pf.Reserve(trait="long_horizon", share=0.2)],
        limit=[pf.Limit(per="institution", max_share=0.2), pf.Limit(trait="high_risk", max_share=0.15)],
        link=[pf.Link(kind="at_most", k=1, per="investigator")],
    )
    large = pf.simulate_call(1_500, seed=1, reviews_per_proposal=0).call
    with pytest.raises(pf.InfeasibleError) as error:
        pf.optimize(large, rules)
    assert error.value.conflict == (
        "20% of the budget (EUR 12,000,000.00) are held back for high_risk",
        "high_risk gets at most 15% of the budget (EUR 9,000,000.00)",
    )
    quick = rules.replace(solver={"gap": 0.01})
    for needed in ({"reserve": rules.reserve[1:]}, {"limit": rules.limit[:1]}):
        assert pf.optimize(large, quick.replace(**needed)).ids
    way = re.search(r"high_risk: could be at most EUR ([\d,.]+), ", str(error.value))
    assert way is not None
    most = Decimal(way[1].replace(",", ""))
    assert Decimal(8_990_000) < most <= 9_000_000
    lower = quick.replace(reserve=[pf.Reserve(trait="high_risk", amount=most), *rules.reserve[1:]])
    assert pf.optimize(large, lower).ids


@pytest.mark.parametrize("money", [{"budget": 0}, {"budget": 10, "committed": 10}])
def test_without_any_money_the_clash_is_named_and_what_it_takes(money: dict[str, int]) -> None:
    two = call(amount=[10, 10], merit=[3, 1])
    with pytest.raises(pf.InfeasibleError) as caught:
        pf.optimize(two, pf.Policy(**money, must_fund=["A"]))
    assert "A must be funded" in caught.value.conflict
    assert "would have to be exceeded by EUR 10.00" in caught.value.hint


def test_with_a_budget_of_zero_deciding_otherwise_is_impossible() -> None:
    reserve = pf.Reserve(trait="young", share=1, shortfall="release")
    rules = pf.Policy(budget=0, traits={"young": "young"}, reserve=[reserve])
    portfolio = pf.optimize(call(amount=[10, 10], merit=[3, 1], young=[False, True]), rules)
    (answer,) = pf.inclusion(portfolio, ["A"])
    assert answer.found == float("inf")
