"""Draws: exact chances, the same number of winners every time, and a recipe that anyone can follow."""

from __future__ import annotations

import hashlib
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest
from small import call, policy

import portfolio as pf
from portfolio.analysis.lottery.tickets import TICKETS, as_tickets, draw_places, draw_portfolio, number

DRAWS = 10_000
# One test in ten thousand would fail if the chances were right; seeds are fixed, so it is always the same one.
LEVEL = 1e-4


def test_the_winning_number_by_hand() -> None:
    assert number("abc") == 0xBA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD % 10**9


def test_the_recipe_for_portfolios() -> None:
    tickets = [TICKETS // 4, TICKETS // 2, TICKETS // 4]
    for seed in map(str, range(50)):
        w = int(hashlib.sha256(seed.encode()).hexdigest(), 16) % 10**9
        assert draw_portfolio(tickets, seed) == (0 if w < 250_000_000 else 1 if w < 750_000_000 else 2)


def test_the_recipe_for_places() -> None:
    chances = {"a": 0.5, "b": 0.25, "c": 0.75, "d": 0.5, "e": 1.0}
    tickets = as_tickets(np.array(list(chances.values())), 3)
    for seed in map(str, range(50)):
        order = sorted(chances, key=lambda name: hashlib.sha256(f"{seed} {name}".encode()).hexdigest())
        holders = [name for name in order for _ in range(int(4 * chances[name]))]
        quarter = number(seed) // (TICKETS // 4)
        expected = {holders[quarter], holders[quarter + 4], holders[quarter + 8]}
        assert set(draw_places(list(chances), tickets, seed)) == expected


@given(st.lists(st.integers(1, 99), min_size=1, max_size=30), st.integers(0, 10**6))
def test_every_draw_fills_every_place_once(parts: list[int], seed: int) -> None:
    rest = -sum(parts) % 100
    chances = np.array([*parts, rest, 0, 100]) / 100
    places = round(float(chances.sum()))
    tickets = as_tickets(chances, places)
    assert int(tickets.sum()) == places * TICKETS
    assert np.abs(tickets - chances * TICKETS).max() <= len(parts) + 1
    ids = [f"p{index}" for index in range(len(chances))]
    drawn = draw_places(ids, tickets, str(seed))
    assert len(set(drawn)) == len(drawn) == places
    assert ids[-1] in drawn
    assert ids[-2] not in drawn


def test_places_are_won_as_often_as_published() -> None:
    lottery = pf.merit_lottery(list("abcdefg"), [4.0, 3, 3, 2, 2, 1, 0], [5.0, 5, 4, 4, 3, 3, 1], 3)
    won = Counter(name for draw in range(DRAWS) for name in lottery.draw(f"draw {draw}").funded)
    for name in lottery.ids:
        chance = float(lottery.chance(name))
        assert binomtest(won[name], DRAWS, chance).pvalue > LEVEL, name


def test_a_lottery_does_not_depend_on_the_order_of_the_list() -> None:
    low, high = np.array([4.0, 3, 3, 2]), np.array([5.0, 5, 4, 4])
    first, turned = (
        pf.merit_lottery(list("abcd"), low, high, 2),
        pf.merit_lottery(list("dcba"), low[::-1], high[::-1], 2),
    )
    assert first.tickets.tolist() == turned.tickets.tolist()
    assert first.draw("x") == turned.draw("x")


def test_the_guarantee_of_a_record_goes_with_its_bound_and_its_places() -> None:
    made = call(id=list("abcd"), amount=[1, 1, 1, 1], merit=[1, 2, 3, 4])
    lottery = pf.merit_lottery(list("abcd"), [4.0, 3, 3, 2], [5.0, 5, 4, 4], 2)
    record = pf.lottery_record(lottery, pf.Problem(made, policy(4)))
    assert pf.lottery_of(record).tickets.tolist() == lottery.tickets.tolist()
    for change in ({"value": 1.9, "share_of_best": 0.95}, {"share_of_best": 0.9}, {"bound": 0.5}):
        with pytest.raises(pf.DataError, match="the guarantee is more than its bound, or not that share"):
            pf.lottery_of(record | {"proof": record["proof"] | change})
    for places in (2.9, "2", True):
        with pytest.raises(pf.DataError, match="is no whole number of tickets or places"):
            pf.lottery_of(record | {"places": places})


@pytest.mark.parametrize("seed", ["", " ", "\t\n", "\u200b", "\ufeff\u00ad", "\u3164", "\ufe0f", "\ud800 9"])
def test_an_empty_seed_is_none(seed: str) -> None:
    with pytest.raises(ValueError, match="public text"):
        pf.merit_lottery(["a", "b"], [0.0, 0.0], [1.0, 1.0], 1).draw(seed)


@pytest.mark.parametrize(
    "seed", ["7", "SMI close 2026-11-20: 11,234.56", "終値", "\u2660", "می\u200cخواهم", "+"]
)
def test_a_seed_that_is_seen_draws(seed: str) -> None:
    assert pf.merit_lottery(["a", "b"], [0.0, 0.0], [1.0, 1.0], 1).draw(seed).seed == seed


def test_names_must_differ() -> None:
    with pytest.raises(ValueError, match="name of its own"):
        pf.merit_lottery(["a", "a"], [0.0, 0.0], [1.0, 1.0], 1)
