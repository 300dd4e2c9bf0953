"""Records of fair lotteries that say what cannot be are none."""

from __future__ import annotations

from functools import cache

import pytest
from command import CALL, POLICY

import portfolio as pf
from portfolio.analysis.lottery.tickets import TICKETS


@cache
def example() -> tuple[pf.Problem, pf.Lottery]:
    policy = pf.read_policy(POLICY[1])
    problem = pf.Problem(pf.read_call(CALL[0], CALL[2], policy=policy), policy)
    return problem, pf.fair_lottery(problem)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"bound": 5.0, "gap": None, "status": "time_limit"}, "a bound of 5 is none of a chance"),
        ({"bound": 1e300, "gap": None, "status": "interrupted"}, r"a bound of 1e\+300 is none of a chance"),
        ({"bound": 1.9, "gap": 1.0}, "a bound of 1.9 is none of a chance"),
        ({"bound": float("nan")}, "a bound of nan is none of a chance"),
        (
            {"gap": 0.0, "status": "gap"},
            "settled within a gap of 0, and the record says that it ended by gap",
        ),
        ({"gap": 0.0, "status": "interrupted"}, "that it ended by interrupted"),
        ({"gap": 0.5, "status": "time_limit"}, "settled within a gap of 0.5, and .* ended by time_limit"),
    ],
    ids=str,
)
def test_no_proof_of_chances_says_what_cannot_be(change: dict[str, float | str | None], words: str) -> None:
    problem, lottery = example()
    record = pf.lottery_record(lottery, problem)
    assert pf.lottery_of(record).proof == lottery.proof
    with pytest.raises(pf.DataError, match=words):
        pf.lottery_of(record | {"proof": {**record["proof"], **change}})


@pytest.mark.parametrize("odd", [0.99, 0.0, str, bool])
@pytest.mark.parametrize("rows", ["proposals", "portfolios"])
def test_tickets_that_are_no_whole_numbers_are_none(odd: float | type, rows: str) -> None:
    problem, lottery = example()
    record = pf.lottery_record(lottery, problem)
    changed = [
        {**row, "tickets": odd(row["tickets"]) if isinstance(odd, type) else row["tickets"] + odd}
        for row in record[rows]
    ]
    with pytest.raises(pf.DataError, match="is no whole number of tickets"):
        pf.lottery_of(record | {rows: changed})


def test_tickets_that_only_add_up_where_they_are_too_many_are_found() -> None:
    problem, lottery = example()
    record = pf.lottery_record(lottery, problem)
    weights = lottery.weights.copy()
    weights[:4] += [2**62, 2**62, 2**62, 2**62]
    tickets = weights @ lottery.portfolios
    assert int(weights.sum()) == TICKETS
    changed = [
        {**row, "tickets": weight} for row, weight in zip(record["portfolios"], weights.tolist(), strict=True)
    ]
    people = [
        {**row, "tickets": mine} for row, mine in zip(record["proposals"], tickets.tolist(), strict=True)
    ]
    with pytest.raises(pf.DataError, match="the tickets of the portfolios do not add up to a billion"):
        pf.lottery_of(record | {"portfolios": changed, "proposals": people})


@pytest.mark.parametrize("group", ["accepted", "lottery", "rejected"])
def test_a_portfolio_draws_those_of_the_lottery_alone_and_once(group: str) -> None:
    problem, lottery = example()
    record = pf.lottery_record(lottery, problem)
    first, *others = record["portfolios"]
    name = next(
        row["id"]
        for row in record["proposals"]
        if row["group"] == group and (group != "lottery" or row["id"] in first["drawn"])
    )
    for drawn in ([*first["drawn"], name], [name, *first["drawn"]]):
        with pytest.raises(pf.DataError, match="portfolio 1 names others than those it draws, or one"):
            pf.lottery_of(record | {"portfolios": [{**first, "drawn": drawn}, *others]})


def test_an_interrupt_after_the_last_chance_was_settled_takes_nothing_from_it() -> None:
    problem, lottery = example()

    def last(settled: int, smallest: float) -> None:
        if settled == int(lottery.tied.sum()):
            raise KeyboardInterrupt

    again = pf.fair_lottery(problem, watch=last)
    assert again.proof == lottery.proof
    assert again.tickets.tolist() == lottery.tickets.tolist()
