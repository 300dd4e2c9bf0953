"""What is said to end a clash: every figure is enough, and no coin less where it has to be as much."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import cast

import numpy as np
import pytest
from small import call, policy

import portfolio as pf
from portfolio.optimize.awards import Awards
from portfolio.optimize.least import Case
from portfolio.optimize.relaxation import Together

EXAMPLE = Path(__file__).parents[2] / "examples" / "data"
CENT = Decimal("0.01")
AMOUNT = re.compile(r"EUR ([\d,.]*\d)")


def hints(of: pf.Call, by: pf.Policy) -> tuple[list[str], list[str], str]:
    """Return what one rule alone would take, what all together would, and the whole message, if there is one."""
    try:
        pf.optimize(of, by)
    except pf.InfeasibleError as error:
        alone, _, together = error.hint.partition("Changing all rules together ")
        lines = ([line[4:] for line in part.splitlines() if line[:4] == "  - "] for part in (alone, together))
        return (*lines, str(error))
    return [], [], ""


def changed(by: pf.Policy, line: str, less: Decimal = Decimal(0)) -> pf.Policy:
    """Return the policy that a line asks for, or one that changes by less."""
    words, _, way = line.rpartition(": ")
    if way == "would have to be dropped":
        return by.replace(must_fund=[name for name in by.must_fund if name != words.split()[0]])
    number = AMOUNT.search(way) or re.search(r"by (\d+) award", way)
    assert number is not None, line
    size = Decimal(number[1].replace(",", ""))
    if words.startswith("the budget"):
        of = re.match(r"the budget of year (\d)", words)
        year = 0 if of is None else int(of[1]) - 1
        budgets = [money + (size - less) * (index == year) for index, money in enumerate(by.budgets)]
        return by.replace(budget=budgets[0] if len(budgets) == 1 else budgets)
    if "held back" in words:
        return by.replace(reserve=[by.reserve[0].replace(amount=size + less)])
    (index,) = (i for i, limit in enumerate(by.limit) if words.startswith(f"proposals with {limit.where} "))
    floor = "min_awards" if "award" in words else "min_amount"
    limits = list(by.limit)
    less = Decimal(1) if less and floor == "min_awards" else less
    lowered = getattr(limits[index], floor) - (size - less)
    limits[index] = limits[index].replace(
        **{floor: int(lowered) if floor == "min_awards" else max(lowered, Decimal(0))}
    )
    return by.replace(limit=limits)


def holds(of: pf.Call, by: pf.Policy) -> bool:
    try:
        pf.optimize(of, by)
    except pf.InfeasibleError:
        return False
    return True


def clash(seed: int, kind: str) -> tuple[pf.Call, pf.Policy]:
    """Make a call of a few proposals, of which a budget cannot pay the largest, and rules that may clash."""
    rng = np.random.default_rng(seed)
    n, years = int(rng.integers(3, 7)), 2 if "years" in kind else 1
    cents = rng.integers(1_000, 20_000, (n, years)) * (rng.random((n, years)) < 0.8)
    cents[:, 0] += cents.sum(axis=1) == 0
    of = call(
        amount=[Decimal(int(sum(row))) / 100 for row in cents],
        merit=rng.integers(1, 6, n).tolist(),
        region=rng.choice(["N", "S"], n).tolist(),
        **{
            f"amount_y{year + 1}": [Decimal(int(c)) / 100 for c in cents[:, year]]
            for year in range(years)
            if years > 1
        },
        young=rng.integers(0, 2, n).tolist(),
    )
    budgets = [
        Decimal(int(max(1, cents[:, year].max() * rng.uniform(0.5, 1.3)))) / 100 for year in range(years)
    ]
    rules: dict[str, object] = {"traits": {"young": "young = 1"}}
    of_n = int(cents.sum(axis=1)[np.array(of.frame["region"] == "N")].sum())
    floor = Decimal(int(of_n * rng.uniform(0.3, 1.0)) + 1) / 100
    rules["limit"] = [
        pf.Limit(where="region = 'N'", min_amount=floor),
        pf.Limit(where="region = 'S'", min_awards=int(rng.integers(1, 3))),
    ][: 1 + int(rng.integers(0, 2))]
    if rng.random() < 0.4:
        rules["reserve"] = [pf.Reserve(trait="young", amount=(sum(budgets) * Decimal("0.6")).quantize(CENT))]
    if "hold" in kind:
        amount = (sum(budgets) * Decimal(str(rng.choice([0.2, 0.5, 0.8])))).quantize(CENT)
        rules["reserve"] = [pf.Reserve(trait="young", amount=amount, shortfall="hold")]
    if rng.random() < 0.4:
        rules["must_fund"] = [of.ids[int(rng.integers(0, n))]]
    if years > 1 and rng.random() < 0.5:
        rules["carry_over"] = (budgets[0] / 2).quantize(CENT)
    if kind == "overcommit":
        chances = {"attrition": float(rng.choice([0.1, 0.3])), "epsilon": float(rng.choice([0.01, 0.1, 0.3]))}
        rules["overcommit"] = pf.Overcommit(**chances)
    return of, policy(budgets[0] if years == 1 else budgets, **rules)


@pytest.mark.parametrize("kind", ["plain", "years", "overcommit", "hold", "hold, years"])
@pytest.mark.parametrize("chunk", range(25))
def test_each_figure_is_enough_and_no_coin_less_where_it_has_to_be_as_much(chunk: int, kind: str) -> None:
    of, by = clash(chunk, kind)
    alone, together, text = hints(of, by)
    for line in alone:
        assert holds(of, changed(by, line)), f"{line}\n{text}"
        if "would have to be dropped" not in line:
            assert not re.search("would be enough|could be EUR", line), "small calls are proven"
            assert not holds(of, changed(by, line, CENT)), f"{line}\n{text}"
    changes = by
    for line in together:
        changes = changed(changes, line)
    assert not together or holds(of, changes), text


def budget_ways(of: pf.Call, by: pf.Policy) -> Iterator[str]:
    return (line for line in hints(of, by)[0] if line.startswith("the budget"))


def test_a_budget_that_clashes_itself_is_exceeded_by_what_a_request_above_it_needs() -> None:
    three = call(amount=[60, 80, 110], merit=[5, 5, 5], region=["N"] * 3)
    rules = policy(100, limit=[pf.Limit(where="region = 'N'", min_amount=105)])
    assert list(budget_ways(three, rules)) == [
        "the budget is EUR 100.00: would have to be exceeded by EUR 10.00"
    ]


def test_a_request_that_no_budget_is_meant_for_does_not_blur_the_figure() -> None:
    four = call(amount=["60", "80", "110", "9000000000000"], merit=[5] * 4, region=["N"] * 4)
    rules = policy(100, limit=[pf.Limit(where="region = 'N'", min_amount=105)])
    assert list(budget_ways(four, rules)) == [
        "the budget is EUR 100.00: would have to be exceeded by EUR 10.00"
    ]


def test_what_is_worth_nothing_is_no_way_out_of_a_budget() -> None:
    three = call(amount=[60, 80, 110], merit=[5, 5, 1], region=["N"] * 3)
    rules = policy(
        100, objective=pf.Objective(zero=2), limit=[pf.Limit(where="region = 'N'", min_amount=105)]
    )
    assert list(budget_ways(three, rules)) == [
        "the budget is EUR 100.00: would have to be exceeded by EUR 40.00"
    ]


def test_awards_may_be_cut_to_more_than_the_budget_that_there_was() -> None:
    one = call(amount=[200], min_amount=[50], merit=[5])
    rules = policy(100, objective=pf.Objective(partial=True), limit=[pf.Limit(where="TRUE", min_amount=150)])
    assert list(budget_ways(one, rules)) == [
        "the budget is EUR 100.00: would have to be exceeded by EUR 50.00"
    ]
    assert pf.optimize(one, rules.replace(budget=150)).spent == 150


def test_what_all_rules_together_take_may_pay_a_request_above_the_budget() -> None:
    # 1% more of the budget pays the young; without that request, no rule could give way so little.
    two = call(amount=[101, 50], merit=[5, 5], region=["N", "S"])
    floors = [pf.Limit(where="region = 'N'", min_amount=102), pf.Limit(where="region = 'N'", min_awards=1)]
    _, together, text = hints(two, policy(100, limit=floors))
    assert "Changing all rules together as little as can be, each as a share of itself" in text
    assert together == [
        "the budget is EUR 100.00: would have to be exceeded by EUR 1.00",
        "proposals with region = 'N' get at least EUR 102.00: would have to give way by EUR 1.00",
    ]


def test_where_more_is_promised_than_there_is_the_figure_is_exact() -> None:
    # 0.7 (60,000 + 40,000) + 2.32635 sqrt(0.21 (60,000^2 + 40,000^2)) = 146,875.1502...
    three = call(amount=[60_000, 40_000, 30_000], merit=[5, 4, 3])
    chances = pf.Overcommit(epsilon=0.01, attrition=0.3)
    rules = policy(100_000, must_fund=["A", "B"], overcommit=chances)
    assert list(budget_ways(three, rules)) == [
        "the budget is EUR 100,000.00: would have to be exceeded by EUR 46,875.16"
    ]


def test_figures_of_a_few_coins_are_not_called_as_little_as_can_be() -> None:
    # One euro more is enough where the shares are sums; the search is for parts of the budget.
    rules = pf.read_policy(EXAMPLE / "policy.toml").replace(
        limit=(),
        link=(),
        reserve=[
            {"trait": "high_risk", "amount": 3_834_401, "shortfall": "hold", "min_merit": 3.5},
            {"trait": "long_horizon", "share": 0.6, "shortfall": "hold", "min_merit": 3.5},
            {"trait": "young_investigator", "share": 0.3, "min_merit": 3.5},
        ],
    )
    call = pf.read_call(EXAMPLE / "proposals.csv", EXAMPLE / "reviews.csv", policy=rules)
    alone, together, text = hints(call, rules)
    assert "exceeded by" not in text
    assert "as little as can be" not in text
    assert all("enough" in line for line in [*together, alone[0]])


@pytest.mark.parametrize(
    ("cost", "least", "words"),
    [
        (1e-7, 1e-7, "as little as can be"),
        (1.05e-7, 1e-7, "as little as can be"),
        (4.41e-7, 1e-7, "by little"),
        (1.0005, 1.0, "as little as can be, to a thousandth"),
        (1.002, 1.0, "by little"),
        (1e-7, 0.0, "by little"),
    ],
)
def test_how_little_a_change_is_depends_on_its_own_size(cost: float, least: float, words: str) -> None:
    # Of a budget of ten million, a cent is 1e-9; here a coin is ten of them.
    case, awards = cast(Case, None), cast(Awards, None)
    assert Together(case, awards, [], cost, least, coin=1e-8).words == words
