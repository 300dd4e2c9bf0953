"""The fair lottery against a look at every portfolio, on paper, and over ten thousand draws."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import cache
from itertools import product
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from oracle import Oracle
from random_policies import random_call, random_policy
from random_rules import random_case
from scipy.optimize import linprog
from scipy.stats import chisquare
from small import call, policy

import portfolio as pf
from portfolio.analysis.lottery.feasible import feasible
from portfolio.analysis.lottery.tickets import TICKETS

DRAWS = 10_000
LEVEL = 1e-4
EXAMPLE = Path(__file__).parents[3] / "examples" / "data"


def leximin(portfolios: np.ndarray) -> np.ndarray:
    """Sorted chances of the leximin distribution, one linear program after the other over all portfolios."""
    m, n = portfolios.shape
    settled = np.full(n, np.nan)
    while np.isnan(settled).any():
        free = np.isnan(settled)
        rows = np.column_stack([-portfolios.T, np.where(free, 1.0, 0.0)])
        done = linprog(
            np.append(np.zeros(m), -1.0),
            A_ub=rows,
            b_ub=np.where(free, 0.0, -np.nan_to_num(settled) + 1e-9),
            A_eq=[np.append(np.ones(m), 0.0)],
            b_eq=[1.0],
            bounds=[(0, None)] * (m + 1),
        )
        t = -done.fun
        # Whoever cannot have more while all others keep what they have is settled.
        for index in np.flatnonzero(free):
            low = np.where(free, t, settled) - 1e-9
            best = linprog(
                -portfolios[:, index].astype(float),
                A_ub=-portfolios.T,
                b_ub=-low,
                A_eq=[np.ones(m)],
                b_eq=[1.0],
                bounds=[(0, None)] * m,
            )
            if -best.fun <= t + 1e-6:
                settled[index] = t
    return np.sort(settled)


def all_portfolios(frame: pl.DataFrame, rules: pf.Policy, tied: list[str], accepted: list[str]) -> np.ndarray:
    """Every portfolio that keeps the rules and reaches the goals before the value as well as any, by the oracle."""
    oracle = Oracle(frame, rules)
    amounts = dict(frame.select("id", pl.col("amount").cast(pl.String)).iter_rows())
    found = []
    for chosen in product([False, True], repeat=len(tied)):
        names = [*accepted, *(name for name, take in zip(tied, chosen, strict=True) if take)]
        judged = oracle.judge({name: amounts[name] for name in names})
        if judged.kept:
            found.append((judged.goals[:-1], chosen))
    best = max((goals for goals, _ in found), default=())
    return np.array([chosen for goals, chosen in found if np.allclose(goals, best, atol=1e-9)], dtype=float)


def compare(frame: pl.DataFrame, rules: pf.Policy) -> str:
    problem = pf.Problem(pf.Call.from_frame(frame, rules=rules), rules)
    barred = {*rules.must_fund, *rules.must_not_fund}
    instance = problem.instance
    tied = [name for name, ok in zip(instance.ids, instance.open, strict=True) if ok and name not in barred]
    if not tied or not instance.sizes.whole_only:
        return "nothing to draw"
    try:
        lottery = pf.fair_lottery(problem, tied, tolerance=1e-7)
    except pf.PolicyError:
        return "refused"
    except pf.InfeasibleError:
        assert not len(all_portfolios(frame, rules, tied, list(rules.must_fund)))
        return "infeasible"
    portfolios = all_portfolios(frame, rules, tied, list(rules.must_fund))
    assert np.sort(lottery.chances[lottery.tied]) == pytest.approx(leximin(portfolios), abs=1e-5)
    assert lottery.proof["status"] == "optimal"
    known = {tuple(row) for row in portfolios.astype(bool).tolist()}
    for drawn in lottery.portfolios[:, lottery.tied].tolist():
        assert tuple(drawn) in known
        for index in np.flatnonzero(~np.array(drawn)).tolist():
            assert (*drawn[:index], True, *drawn[index + 1 :]) not in known, "a proposal still fits"
    return "agrees"


@pytest.mark.parametrize("chunk", range(4))
def test_chances_are_leximin_over_every_portfolio(chunk: int) -> None:
    seen: Counter[str] = Counter()
    for seed in range(chunk, 120, 4):
        if seed % 3 == 0:
            seen[compare(*random_case(seed))] += 1
        else:
            rng = np.random.default_rng(seed)
            frame = random_call(rng, int(rng.integers(4, 8)), 0)
            plain = random_policy(rng, frame)
            if all(reserve.base == "budget" for reserve in plain.reserve):
                plain = plain.replace(reserve_order="minimum_guarantee")
            seen[compare(frame, plain)] += 1
    assert seen["agrees"] >= 5, seen


def test_a_large_request_and_two_small_ones() -> None:
    # Either A for 2 or B and C for 1 each: half the draws each.
    problem = pf.Problem(call(amount=[2, 1, 1], merit=[1, 1, 1]), policy(2))
    lottery = pf.fair_lottery(problem, ["A", "B", "C"])
    assert lottery.chances == pytest.approx([0.5, 0.5, 0.5], abs=1e-6)
    assert lottery.proof["bound"] == pytest.approx(0.5, abs=1e-3)
    assert {frozenset(lottery.draw(str(seed)).funded) for seed in range(40)} == {
        frozenset("A"),
        frozenset("BC"),
    }


def test_a_draw_is_full_also_where_one_makes_room_for_another() -> None:
    # A fits only beside B, which stands behind it; both cost next to nothing.
    rules = policy(11, link=[pf.Link(kind="requires", proposal="A", needs="B")])
    problem = pf.Problem(call(amount=[1, 1, 4, 4, 5, 4], merit=[1] * 6), rules)
    lottery = pf.fair_lottery(problem, [*"ABCDEF"], tolerance=0.02)
    assert lottery.portfolios.shape[0] > 1
    assert lottery.chances[:2] == pytest.approx([1, 1])
    among = feasible(problem, [], [*"ABCDEF"])
    assert [among.addable(one) for one in lottery.portfolios] == [[]] * len(lottery.portfolios)
    assert among.addable(among.filled(among.first, np.ones(6))) == []
    record = pf.lottery_record(lottery, problem)
    assert pf.check_lottery(record, problem) == ()


def test_a_portfolio_that_is_not_full_is_found_by_whoever_checks() -> None:
    problem = pf.Problem(call(amount=[2, 1, 1], merit=[1, 1, 1]), policy(2))
    lottery = pf.fair_lottery(problem, [*"ABC"])
    # C is left out of every draw.
    fewer = lottery.portfolios & [True, True, False]
    order = np.lexsort(fewer.T[::-1])
    changed = replace(
        lottery,
        portfolios=fewer[order],
        weights=lottery.weights[order],
        tickets=lottery.weights[order] @ fewer[order],
        proof={**lottery.proof, "smallest_chance": 0.0, "gap": 0.5},
    )
    (fault,) = pf.check_lottery(pf.lottery_record(changed, problem), problem)
    assert fault == "portfolio 1 is not full: C could be added to it"


def test_a_reserve_holds_in_every_draw_and_moves_the_chances() -> None:
    # Two of four win, one of them at least a Y: A and B share what C and D cannot both have.
    rules = policy(2, traits={"y": "y"}, reserve=[pf.Reserve(trait="y", amount=1)])
    problem = pf.Problem(call(amount=[1, 1, 1, 1], merit=[1, 1, 1, 1], y=[True, False, False, False]), rules)
    lottery = pf.fair_lottery(problem, ["A", "B", "C", "D"], tolerance=1e-9)
    assert lottery.chances == pytest.approx([1, 1 / 3, 1 / 3, 1 / 3], abs=1e-6)


def test_a_shortfall_that_is_released_stays_as_small_as_it_can_be() -> None:
    rules = policy(2, traits={"y": "y"}, reserve=[pf.Reserve(trait="y", amount=2, shortfall="release")])
    problem = pf.Problem(call(amount=[1, 1, 1], merit=[1, 1, 1], y=[True, False, False]), rules)
    assert pf.fair_lottery(problem, ["A", "B", "C"], tolerance=1e-9).chances == pytest.approx(
        [1, 0.5, 0.5], abs=1e-6
    )


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        ({"reserve_order": "over_and_above"}, "over_and_above spends the money in rounds"),
        ({"overspend": {"price": 1.0}}, "may give way at a price"),
        ({"exploratory": {"share": 0.1}, "traits": {}}, "return chooses the pool"),
    ],
)
def test_what_has_no_set_to_draw_from_is_refused(rules: dict, words: str) -> None:
    problem = pf.Problem(call(amount=[1, 1], merit=[1, 1], exploratory=[False, True]), policy(1, **rules))
    with pytest.raises(pf.PolicyError, match=words):
        pf.fair_lottery(problem, ["A"])


def test_names_that_cannot_be_drawn_are_all_named() -> None:
    problem = pf.Problem(call(amount=[1, 9, 1], merit=[1, 1, 1]), policy(2, must_not_fund=["C"]))
    with pytest.raises(pf.DataError, match="3 problems") as error:
        pf.fair_lottery(problem, ["B", "C", "Z"])
    assert "is in must_not_fund" in str(error.value)
    with pytest.raises(pf.DataError, match="nobody is tied"):
        pf.fair_lottery(problem, [])


@cache
def example() -> tuple[pf.Problem, pf.Lottery]:
    rules = pf.read_policy(EXAMPLE / "policy.toml")
    problem = pf.Problem(
        pf.read_call(EXAMPLE / "proposals.csv", EXAMPLE / "reviews.csv", policy=rules), rules
    )
    return problem, pf.fair_lottery(problem)


def test_ten_thousand_draws_keep_every_rule_and_the_published_chances() -> None:
    problem, lottery = example()
    drawn = Counter(lottery.draw(f"draw {seed}").funded for seed in range(DRAWS))
    names = np.array(lottery.ids, dtype=object)
    sets = [tuple(names[row].tolist()) for row in lottery.portfolios]
    assert set(drawn) <= set(sets)
    groups = dict(zip(lottery.ids, lottery.groups, strict=True))
    accepted = [name for name in lottery.ids if groups[name] == "accepted"]
    among = feasible(problem, accepted, names[lottery.tied].tolist())
    for funded in drawn:
        assert not among.broken(np.isin(names, funded))
    expected = lottery.weights / TICKETS * DRAWS
    observed = np.array([drawn[one] for one in sets])
    rare = expected < 5
    if rare.any():
        observed = np.append(observed[~rare], observed[rare].sum())
        expected = np.append(expected[~rare], expected[rare].sum())
    assert chisquare(observed, expected).pvalue > LEVEL


def test_the_best_portfolio_can_be_drawn_from_those_that_are_tied() -> None:
    problem, lottery = example()
    groups = dict(zip(lottery.ids, lottery.groups, strict=True))
    best = set(problem.solve().ids)
    assert {name for name, group in groups.items() if group == "accepted"} <= best
    assert all(groups[name] != "rejected" for name in best)


def test_the_same_lottery_from_rows_in_another_order() -> None:
    problem, lottery = example()
    frame = problem.call.frame
    again = pf.fair_lottery(
        pf.Problem(
            pf.read_call(EXAMPLE / "proposals.csv", EXAMPLE / "reviews.csv", policy=problem.policy),
            problem.policy,
        )
    )
    assert frame.height == 60
    assert again.tickets.tolist() == lottery.tickets.tolist()
    assert again.portfolios.tolist() == lottery.portfolios.tolist()


def test_a_record_is_checked() -> None:
    problem, lottery = example()
    record = pf.lottery_record(lottery, problem, lottery.draw("a public text"))
    assert pf.check_lottery(record, problem) == ()
    assert pf.lottery_of(record).draw("another") == lottery.draw("another")
    other = record | {"draw": record["draw"] | {"seed": "another text"}}
    assert any("other winners" in fault for fault in pf.check_lottery(other, problem))
    richer = problem.replace(budget=9_000_000)
    assert any("policy is not that" in fault for fault in pf.check_lottery(record, richer))
    more = [{**row, "tickets": row["tickets"] + 1} for row in record["proposals"]]
    with pytest.raises(pf.DataError, match="not those of the portfolios"):
        pf.lottery_of(record | {"proposals": more})
    proof = {"value": 1.0, "bound": 1.0, "share_of_best": 1.0}
    for other in ({"method": "fairest"}, {"method": "merit", "proof": proof}):
        with pytest.raises(
            pf.DataError, match=f"a lottery by '{other['method']}' is none, or not of this kind"
        ):
            pf.lottery_of(record | other)
    with pytest.raises(pf.DataError, match="the proof of a lottery by merit says 'gap'"):
        pf.lottery_of(record | {"method": "merit"})
    for gap in (-0.1, 7.0, 1e300):
        with pytest.raises(pf.DataError, match="is none of a chance"):
            pf.lottery_of(record | {"proof": {**record["proof"], "gap": gap}})
    for more, words in (
        ({"value": 1.0}, "the proof of a lottery by fair says 'value'"),
        ({"groups": "optimal"}, "cut short, and not by what"),
        ({"bound": False}, "true or false is no figure"),
    ):
        with pytest.raises(pf.DataError, match=words):
            pf.lottery_of(record | {"proof": {**record["proof"], **more}})
    with pytest.raises(pf.DataError, match="no record of a lottery"):
        pf.lottery_of({"awards": []})


def test_a_merit_without_an_interval_is_asked_for() -> None:
    problem = pf.Problem(call(amount=[1, 1], merit=[1, 2]), policy(1))
    with pytest.raises(pf.DataError, match="how sure the merit is"):
        pf.fair_lottery(problem)


@pytest.mark.parametrize("rules", [policy(1, objective=pf.Objective(zero=3)), policy(0.5)])
def test_where_nobody_can_be_funded_nobody_is_tied(rules: pf.Policy) -> None:
    # No interval of merit is known, and none is needed.
    problem = pf.Problem(call(amount=[1, 1], merit=[1, 2]), rules)
    with pytest.raises(pf.DataError, match="nobody is tied"):
        pf.fair_lottery(problem)
