"""The band of a trade-off, and the chart of a frontier."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small import call, policy

import portfolio as pf
from portfolio.report.charts.frontier import band_of

NAN = float("nan")


def test_the_band_of_two_points_by_hand() -> None:
    # Nothing asked for: 10 at a criterion of 2. At least 5 asked for: 7 at 6, and none with 5 is worth more than 8.
    edges, low, high = band_of(*map(np.array, ([2.0, 6.0], [NAN, 5.0], [10.0, 7.0], [10.5, 8.0])))
    assert edges.tolist() == [2, 5, 6]
    # From 2 to 5 the point at 6 is the best found; that none is above 10.5 is all that is proven there.
    assert low.tolist() == [7, 7]
    assert high.tolist() == [10.5, 8.0]


def test_the_band_where_less_is_better() -> None:
    edges, low, high = band_of(*map(np.array, ([6.0, 2.0], [NAN, 3.0], [10.0, 7.0], [10.5, 8.0])))
    assert edges.tolist() == [2, 3, 6]
    assert low.tolist() == [7, 7]
    assert high.tolist() == [8.0, 10.5]


def test_a_point_that_proves_nothing_leaves_the_band_open() -> None:
    _, _, high = band_of(*map(np.array, ([2.0, 6.0], [NAN, 5.0], [10.0, 7.0], [NAN, 8.0])))
    assert np.isnan(high[0])
    assert high[1] == 8


@given(st.lists(st.tuples(st.integers(1, 6), st.integers(0, 9)), min_size=1, max_size=7))
def test_the_best_value_lies_in_the_band(rows: list[tuple[int, int]]) -> None:
    """Against every subset: with at least so much of the criterion, the best value is within the band."""
    amounts, merits = [amount for amount, _ in rows], [merit for _, merit in rows]
    weight = [merit * 7 % 5 for merit in range(len(rows))]
    ids = [f"P{i}" for i in range(len(rows))]
    problem = pf.Problem(call(id=ids, amount=amounts, merit=merits, weight=weight), policy(10))
    points = pf.trade_off(problem, "weight", points=4).points
    columns = ("criterion", "bound_on_criterion", "value", "bound")
    edges, low, high = band_of(*(points[name].cast(pl.Float64).fill_null(NAN).to_numpy() for name in columns))
    sets = [[i for i in range(len(rows)) if mask >> i & 1] for mask in range(2 ** len(rows))]
    kept = [chosen for chosen in sets if sum(amounts[i] for i in chosen) <= 10]
    for at, least, most in zip((edges[:-1] + edges[1:]) / 2, low, high, strict=True):
        enough = [chosen for chosen in kept if sum(weight[i] for i in chosen) >= at]
        best = max(sum(merits[i] for i in chosen) for chosen in enough)
        assert least - 1e-6 <= best <= most + 1e-6


def test_a_frontier_says_where_there_is_no_portfolio() -> None:
    steps = pl.DataFrame({"at": [0.1, 0.2, 0.3], "value": [3.0, 2.0, None], "bound": [3.0, 2.5, None]})
    chart = pf.plot_frontier(pf.Frontier("reserve.a.share", steps, pl.DataFrame(), interrupted=True))
    assert "The proven bound is at most 0.5 above the value found." in chart.caption
    assert "No portfolio at 1 of 3 steps." in chart.caption
    assert "The search was interrupted." in chart.caption
    svg = chart.svg()
    assert ">20%<" in svg
    assert ">no portfolio<" in svg


def test_results_and_their_tables_give_the_same_picture() -> None:
    problem = pf.Problem(call(amount=[1, 2, 3], merit=[1.0, 2.0, 2.5], w=[3, 2, 5]), policy(4))
    found = pf.frontier(problem, "budget", [1, 2, 4])
    assert pf.plot_frontier(found.steps).svg().count("<path") == pf.plot_frontier(found).svg().count("<path")
    swept = pf.trade_off(problem, "w")
    assert "Complete: every other portfolio" in pf.plot_frontier(swept).caption
    assert "Every value reaches its proven bound." in pf.plot_frontier(swept.points).caption
    for least in (True, False):
        pf.plot_frontier(pf.trade_off(problem, "w", points=2, least=least)).svg(320)


def test_a_column_that_is_called_a_share_is_read_as_it_stands() -> None:
    shares = [10, 40, 0, 80, 60, 25]
    made = call(amount=[1, 2, 3, 4, 5, 6], merit=[5.0, 4.6, 4.2, 3.8, 3.4, 3.0], industry_share=shares)
    swept = pf.trade_off(pf.Problem(made, policy(9)), "industry_share")
    svg = pf.plot_frontier(swept).svg()
    assert "%<" not in svg
    assert f">{max(swept.points['criterion']):.0f}<" in svg or ">100<" in svg


def test_what_is_no_frontier_is_refused() -> None:
    with pytest.raises(pf.DataError, match="column bound: is missing"):
        pf.plot_frontier(pl.DataFrame({"at": [1], "value": [2]}))
