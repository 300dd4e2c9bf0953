"""What reasons say of rounds over and above, counted by hand and again from the rounds alone."""

from __future__ import annotations

import random
import re
from decimal import Decimal

import pytest
from seeds import seeds
from small import call, policy

import portfolio as pf

CASES = list(seeds("PORTFOLIO_ROUND_REASONS", 150))
SAID = re.compile(
    r"the money that it could have, of the rounds? (?P<rounds>.+), went to (?:(?P<nobody>nobody)"
    r"|(?P<number>\d+) awards?, (?P<better>though not with|with|\S+ of them with) more merit per EUR)"
    r"(?P<why>, under the rules|; beside the awards it would break .+)"
)
POTS = re.compile(r"(?:its pot|each of its pots) \((?P<left>[^)]+)\)")
LEFT = re.compile(r"(\S+|left over): EUR ([0-9,.]+) left")


def reasons(portfolio: pf.Portfolio) -> dict[str, str]:
    return dict(portfolio.to_frame().select("id", "reason").iter_rows())


def over(budget: float, shortfall: str, amount: float) -> pf.Policy:
    reserve = [pf.Reserve(trait="risky", amount=amount, shortfall=shortfall)]
    return policy(budget, reserve_order="over_and_above", traits={"risky": "r = 1"}, reserve=reserve)


def test_money_of_a_round_for_others_is_not_said_to_have_gone_to_others() -> None:
    two = call(amount=[10, 10], merit=[5, 4.9], r=[1, 0])
    decided = pf.optimize(two, over(20, "hold", 10))
    assert decided.rounds[1].spent == 0
    assert reasons(decided)["B"] == (
        "the money that it could have, of the round open, went to 1 award, with more merit per EUR; "
        "beside the awards it would break its pot (open: EUR 0.00 left)"
    )


def test_what_is_left_of_each_pot_may_be_too_little_though_the_budget_is_not() -> None:
    two = call(amount=[60, 15], merit=[5, 4], r=[0, 1])
    assert reasons(pf.optimize(two, over(80, "hold", 10)))["B"] == (
        "the money that it could have, of the rounds open and reserve.risky, went to 1 award, though not with more "
        "merit per EUR; beside the awards it would break each of its pots "
        "(open: EUR 10.00 left, reserve.risky: EUR 10.00 left)"
    )
    # What both leave is together in the last round.
    assert pf.optimize(two, over(80, "release", 10)).ids == ("A", "B")
    assert "break its pot (left over: EUR 19.00 left)" in reasons(
        pf.optimize(call(amount=[60, 20], merit=[5, 4], r=[0, 1]), over(79, "release", 10))
    )["B"].replace("the budget (EUR 19.00 left) and ", "")


def test_money_that_nobody_has_had_went_to_nobody() -> None:
    two = call(amount=[10, 10], merit=[5, 4], r=[1, 0])
    said = reasons(pf.optimize(two, over(10, "hold", 10)))["B"]
    assert said.startswith("the money that it could have, of the round open, went to nobody; beside")
    assert said.endswith("its pot (open: EUR 0.00 left)")


def test_without_rounds_reserves_may_be_more_than_the_budget_together() -> None:
    three = call(amount=[10, 10, 5], merit=[5, 4, 3], r=[1, 0, 0])
    reserve = [pf.Reserve(trait="risky", amount=8), pf.Reserve(trait="same", amount=8)]
    rules = policy(10, traits={"risky": "r = 1", "same": "r = 1"}, reserve=reserve)
    assert reasons(pf.optimize(three, rules))["B"].startswith("the money went to 1 award")


def random_rounds(seed: int) -> pf.Portfolio:
    rng = random.Random(seed)
    n = rng.randint(3, 8)
    amount = [rng.randint(2, 12) * rng.choice([100, 137]) for _ in range(n)]
    merit = [rng.choice([3, 4, 5, rng.randint(10, 60) / 10]) for _ in range(n)]
    given = {name: [int(rng.random() < 0.4) for _ in range(n)] for name in ("r", "y")}
    budget = int(sum(amount) * rng.uniform(0.3, 0.9))
    reserves = [
        pf.Reserve(
            trait=trait,
            amount=int(budget * rng.uniform(0.1, 0.4)),
            shortfall=rng.choice(["hold", "release"]),
            min_merit=rng.choice([None, None, 3.5]),
        )
        for trait in rng.sample(["risky", "young"], rng.randint(1, 2))
    ]
    rules = policy(
        budget,
        reserve_order="over_and_above",
        traits={"risky": "r = 1", "young": "y = 1"},
        reserve=reserves,
        limit=[pf.Limit(trait="young", max_awards=1)] if rng.random() < 0.3 else [],
    )
    return pf.optimize(call(amount=amount, merit=merit, **given), rules)


@pytest.mark.parametrize("chunk", range(5))
def test_what_is_said_of_rounds_is_what_is_counted_again(chunk: int) -> None:
    told, short, idle = 0, 0, 0
    for seed in CASES[chunk::5]:
        decided = random_rounds(seed)
        rows = {row["id"]: row for row in decided.to_frame().iter_rows(named=True)}
        reserve = {one.key: one for one in decided.policy.reserve}
        last = decided.rounds[-1].name == "left over"
        for name, row in rows.items():
            if row["decision"] == "funded" or row["amount_requested"] > decided.policy.budgets[0]:
                continue
            mine = [part for part in decided.rounds if may_have(row, reserve.get(part.name))]
            found = SAID.fullmatch(row["reason"])
            assert found, (seed, name, row["reason"])
            assert re.split(", | and ", found["rounds"]) == [part.name for part in mine]
            winners = [rows[winner] for part in mine for winner in part.awards]
            assert (found["nobody"] is None) == bool(winners), (seed, name)
            if winners:
                ratio = float(row["merit"]) / float(row["amount_requested"])
                better = sum(w["merit"] / float(w["amount_awarded"]) > ratio * (1 + 1e-9) for w in winners)
                words = {0: "none", len(winners): "all"}.get(better, str(better)) + " of them with"
                if len(winners) == 1:
                    words = "with" if better else "though not with"
                assert (int(found["number"]), found["better"]) == (len(winners), words), (seed, name)
            # Money that a round hands on to the last one is left there alone.
            left = {
                part.name: part.pot - part.spent
                for part in mine
                if not last or part.name == "left over" or held(reserve.get(part.name))
            }
            broken = POTS.search(found["why"])
            assert (broken is not None) == (max(left.values()) < row["amount_requested"]), (seed, name)
            if broken:
                said = {pot: Decimal(money.replace(",", "")) for pot, money in LEFT.findall(broken["left"])}
                assert said == left, (seed, name)
                short += max(left.values()) > 0
            told += 1
            idle += any(not part.spent for part in decided.rounds)
    assert min(told, short, idle) > 10


def may_have(row: dict[str, object], reserve: pf.Reserve | None) -> bool:
    if reserve is None:
        return True
    return row[reserve.trait] == 1 and (
        reserve.min_merit is None or float(str(row["merit"])) >= reserve.min_merit
    )


def held(reserve: pf.Reserve | None) -> bool:
    return reserve is not None and reserve.shortfall == "hold"
