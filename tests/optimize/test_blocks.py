"""Blocks: the best pattern of every small group is that of an enumeration, and no row is forgotten."""

from __future__ import annotations

from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_programs import Writer, random_program

import portfolio as pf
from portfolio.optimize.blocks import find_blocks
from portfolio.optimize.highs import _search
from portfolio.optimize.lagrangian import price
from portfolio.optimize.model import Arrays

EXACT = pf.SolverSettings(gap=0.0)


def test_one_award_a_prerequisite_and_all_or_none_are_blocks() -> None:
    make = Writer()
    a, b, c, d, e, f, g = (make.column(1.0) for _ in range(7))
    make.row({a: 1, b: 1}, high=1)
    make.row({c: 1, d: -1}, high=0)
    make.row({e: 1, f: -1}, high=0)
    make.row({f: 1, e: -1}, high=0)
    make.row(dict.fromkeys((a, b, c, d, e, f, g), 1.0), high=3)
    blocks = find_blocks(make.arrays())
    patterns = {
        tuple(members): sorted(map(tuple, kind.patterns.tolist()))
        for kind in blocks.kinds
        for members in kind.members.tolist()
    }
    assert patterns == {
        (a, b): [(0, 0), (0, 1), (1, 0)],
        (c, d): [(0, 0), (0, 1), (1, 1)],
        (e, f): [(0, 0), (1, 1)],
    }
    assert blocks.absorbed.tolist() == [True] * 4 + [False]
    assert blocks.leader.tolist() == [a, a, c, c, e, e, g]
    assert np.flatnonzero(blocks.whole(np.arange(7) == d)).tolist() == [c, d]


def test_extra_money_stands_at_the_ends_that_the_award_leaves_it() -> None:
    make = Writer()
    x, e = make.column(1.0), make.column(0.1, high=np.inf, integer=False)
    make.row({e: 1, x: -30}, high=0)
    make.row({e: 1, x: -10}, low=0)
    make.row({e: 1, x: 50}, high=60)
    blocks = find_blocks(make.arrays())
    (kind,) = blocks.kinds
    assert kind.patterns[0].tolist() == [[0, 0], [1, 10]]
    assert price(make.arrays(), np.zeros(3), blocks).bound == pytest.approx(2.0)


def test_what_cannot_be_enumerated_stays_a_row() -> None:
    make = Writer()
    chain = [make.column(1.0) for _ in range(9)]
    for a, b in pairwise(chain):
        make.row({a: 1, b: -1}, high=0)
    many, one = make.column(1.0, high=4), make.column(1.0)
    make.row({many: 1, one: 2}, high=3)
    first, second = (make.column(1.0, high=5, integer=False) for _ in range(2))
    choice = make.column(1.0)
    make.row({first: 1, second: 1, choice: -4}, high=0)
    endless, other = make.column(-1.0, high=np.inf, integer=False), make.column(1.0)
    make.row({endless: 1, other: 3}, low=2)
    never = make.column(1.0)
    make.row({never: 1}, low=2)
    blocks = find_blocks(make.arrays())
    assert not blocks.absorbed.any()
    assert blocks.kinds == ()


def test_too_long_a_chain_does_not_keep_its_neighbours_from_being_blocks() -> None:
    make = Writer()
    columns = [make.column(1.0) for _ in range(10)]
    for start in range(0, 8, 2):
        make.row(dict.fromkeys(columns[start : start + 2], 1.0), high=1)
    make.row(dict.fromkeys(columns[:5], 1.0), high=2)
    make.row(dict.fromkeys(columns[4:9], 1.0), high=2)
    blocks = find_blocks(make.arrays())
    assert blocks.absorbed.tolist() == [True] * 4 + [False] * 2


def enumerated(arrays: Arrays, net: np.ndarray) -> tuple[float, np.ndarray]:
    """Return the best value of a program of 0/1 columns, and the best with each column at 0 and at 1."""
    best = np.full((len(net), 2), -np.inf)
    for x in map(np.array, product((0, 1), repeat=len(net))):
        there = arrays.matrix @ x
        kept = np.all(there <= arrays.row_high + 1e-9) and np.all(there >= arrays.row_low - 1e-9)
        if kept and np.all((x >= arrays.low) & (x <= arrays.high)):
            at = (np.arange(len(net)), x)
            best[at] = np.maximum(best[at], net @ x)
    return float(best.max()), best


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_best_patterns_and_margins_are_those_of_an_enumeration(seed: int) -> None:
    rng = np.random.default_rng(seed)
    make = Writer()
    net = np.round(rng.normal(size=int(rng.integers(2, 10))), 1)
    columns = [make.column(float(v), low=float(rng.random() < 0.05)) for v in net]
    for _ in range(int(rng.integers(1, 5))):
        members = rng.choice(columns, size=min(len(columns), int(rng.integers(1, 5))), replace=False)
        data = rng.choice([-2.0, -1.0, 1.0, 1.0, 2.0], size=len(members))
        make.row(dict(zip(members.tolist(), data, strict=True)), high=float(rng.integers(0, 3)))
    arrays = make.arrays()
    blocks = find_blocks(arrays)
    best, sides = enumerated(arrays, net)
    priced = price(arrays, np.zeros(len(arrays.row_low)), blocks)
    if not blocks.absorbed.all():
        assert priced.bound >= best - 1e-9
        return
    assert priced.bound == pytest.approx(best)
    assert np.all(arrays.matrix @ priced.x <= arrays.row_high + 1e-9)
    assert net @ priced.x == pytest.approx(best)
    both = np.isfinite(sides).all(axis=1) & (arrays.low < arrays.high)
    assert priced.reduced[both] == pytest.approx((sides[:, 1] - sides[:, 0])[both])


@pytest.mark.parametrize("seed", range(40))
def test_no_price_makes_a_bound_that_a_solution_exceeds(seed: int) -> None:
    rng = np.random.default_rng(seed)
    arrays = random_program(rng, 40)
    best = _search(arrays, EXACT)
    for scale in (0.0, 0.003, 0.02, 1.0):
        duals = rng.normal(size=len(arrays.row_low)) * scale
        assert price(arrays, duals).bound >= best.value - 1e-6
        priced = price(arrays, np.abs(duals) * np.where(np.isfinite(arrays.row_high), 1, -1))
        # What a column is at in the best solution costs no more than that solution leaves.
        assert np.all(np.abs(priced.reduced) <= priced.margins)
        binary = arrays.integer & (arrays.low < arrays.high) & (priced.reduced * (best.x - 0.5) < 0)
        assert np.all(priced.bound - priced.margins[binary] >= best.value - 1e-6)
