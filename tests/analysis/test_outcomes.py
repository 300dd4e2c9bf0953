"""Outcomes by hand, against every possible world, and against other ways to calculate them."""

import math
from itertools import product

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from small import call, policy

import portfolio as pf
from portfolio.analysis.uncertainty.binomial import quantile, successes

CHANCES = st.lists(st.floats(0, 1), max_size=8)


def decided(**columns):
    """Fund everything."""
    made = call(**columns)
    names = tuple(made.ids.to_list())
    return pf.optimize(made, policy(10**6, must_fund=names))


def four():
    return decided(
        amount=[1] * 4,
        merit=[3.0, 2.0, 1.0, 4.0],
        success_probability=[0.5, 0.2, 0.9, 0.5],
        bottlenecks=["fusion", "fusion;chips", None, "chips"],
        expected_outputs=["theory", "publication", "discovery", "discovery;patent"],
    )


def worlds(chances, worth):
    """Every combination of success and failure: its probability, number of successes and value."""
    for won in product((0, 1), repeat=len(chances)):
        likely = math.prod(p if w else 1 - p for p, w in zip(chances, won, strict=True))
        yield likely, sum(won), sum(w * v for w, v in zip(won, worth, strict=True))


def test_two_coins_by_hand():
    assert successes(np.array([0.5, 0.5])).tolist() == [0.25, 0.5, 0.25]
    assert successes(np.array([1.0, 0.0, 1.0])).tolist() == [0, 0, 1, 0]
    assert successes(np.array([])).tolist() == [1]


@given(CHANCES)
def test_the_number_of_successes_agrees_with_every_world(chances):
    expected = np.zeros(len(chances) + 1)
    for likely, number, _ in worlds(chances, chances):
        expected[number] += likely
    assert successes(np.array(chances)) == pytest.approx(expected, abs=1e-14)


def test_equal_chances_are_a_binomial_down_to_the_smallest_probabilities():
    found, expected = successes(np.full(300, 0.03)), stats.binom(300, 0.03).pmf(np.arange(301))
    np.testing.assert_allclose(found[:101], expected[:101], rtol=1e-9)
    assert 0 < found[100] < 1e-70


def test_quantiles_are_the_first_number_with_enough_below():
    coins = successes(np.array([0.5, 0.5]))
    assert [quantile(coins, share) for share in (0.0, 0.25, 0.26, 0.75, 0.9, 1.0)] == [0, 0, 1, 1, 2, 2]


def test_four_awards_by_hand():
    found = pf.outcomes(four())
    whole, chips, fusion = found.groups.iter_rows(named=True)
    assert [row["group"] for row in (whole, chips, fusion)] == ["all awards", "chips", "fusion"]
    assert whole["expected"] == pytest.approx(2.1)
    assert whole["at_least_one"] == pytest.approx(1 - 0.5 * 0.8 * 0.1 * 0.5)
    # firsts: theory at 0.5, discoveries at 0.9 and 0.5
    assert (whole["first_awards"], whole["expected_firsts"]) == (3, pytest.approx(1.9))
    assert whole["at_least_one_first"] == pytest.approx(1 - 0.5 * 0.1 * 0.5)
    assert (chips["awards"], chips["at_least_one"]) == (2, pytest.approx(1 - 0.8 * 0.5))
    assert chips["at_least_one_first"] == pytest.approx(0.5)
    assert (fusion["first_awards"], fusion["at_least_one_first"]) == (1, pytest.approx(0.5))
    assert found.expected_failures == pytest.approx(1.9)
    assert found.no_failure == pytest.approx(0.5 * 0.2 * 0.9 * 0.5)
    assert found.expected_value == pytest.approx(0.5 * 3 + 0.2 * 2 + 0.9 * 1 + 0.5 * 4)


def test_value_and_numbers_agree_with_every_world():
    chances, merits = [0.5, 0.2, 0.9, 0.5], [3.0, 2.0, 1.0, 4.0]
    found = pf.outcomes(four(), draws=40_000)
    known = list(worlds(chances, merits))
    mean = sum(likely * value for likely, _, value in known)
    assert found.expected_value == pytest.approx(mean)
    assert found.value_sd == pytest.approx(math.sqrt(sum(p * (v - mean) ** 2 for p, _, v in known)))
    table = found.distribution.filter((pl.col("group") == "all awards") & (pl.col("kind") == "successes"))
    for number, probability in table.select("number", "probability").iter_rows():
        assert probability == pytest.approx(sum(p for p, n, _ in known if n == number))
    ordered = sorted((value, likely) for likely, _, value in known)
    below = np.cumsum([likely for _, likely in ordered])
    for spread in found.value_spread:
        exact = ordered[int(np.searchsorted(below, spread.share))][0]
        assert abs(spread.value - exact) <= max(4 * spread.error, 1e-9)


def test_distributions_add_up_to_one():
    found = pf.outcomes(four())
    sums = found.distribution.group_by("group", "kind").agg(pl.col("probability").sum())
    assert sums["probability"].to_list() == pytest.approx([1.0] * 6)


@pytest.mark.parametrize(("chance", "safe"), [(0.99, True), (0.5, False)])
def test_a_portfolio_in_which_nothing_fails_was_too_safe(chance, safe):
    found = pf.outcomes(decided(amount=[1] * 10, merit=[1.0] * 10, success_probability=[chance] * 10))
    assert found.no_failure == pytest.approx(chance**10)
    assert found.too_safe is safe
    assert ("not too safe" in repr(found)) is not safe
    portfolio = decided(amount=[1], merit=[1.0], success_probability=[chance])
    assert pf.outcomes(portfolio, safe_above=1.0).too_safe is False


def test_chances_that_are_not_stated_are_estimated_or_counted_as_unknown():
    found = pf.outcomes(
        decided(amount=[1] * 3, merit=[1.0] * 3, success_probability=[0.5, None, None], trl=[None, 3, None])
    )
    assert (found.awards, found.stated, found.estimated, found.unknown) == (3, 1, 1, 1)
    # TRL 3 is a risk of 0.75
    assert found.groups["expected"].to_list() == pytest.approx([0.75])
    assert "1 not known and left out" in repr(found)


def test_no_chance_is_said_to_be_certain_and_none_reads_as_the_line():
    found = pf.outcomes(
        decided(
            amount=[1] * 3,
            merit=[1.0] * 3,
            success_probability=[0.98, 0.98, 0.1090171],
            bottlenecks=["a"] * 3,
        )
    )
    assert "the chance of none is 0.105: too safe (the line is 0.1)" in repr(found)
    assert "a: 3 awards, 2.1 successes expected, at least one with a chance of 0.9996," in repr(found)
    many = pf.outcomes(
        decided(
            id=[f"P{i}" for i in range(80)], amount=[1] * 80, merit=[1.0] * 80, success_probability=[0.5] * 80
        )
    )
    assert many.groups["at_least_one"].item() < 1
    never = pf.outcomes(
        decided(
            id=[f"P{i}" for i in range(400)],
            amount=[1] * 400,
            merit=[1.0] * 400,
            success_probability=[0.1] * 400,
        )
    )
    assert never.no_failure > 0
    assert "the chance of none is less than 1e-12: not too safe" in repr(never)


def test_of_awards_of_which_nothing_is_known_nothing_is_said():
    found = pf.outcomes(decided(amount=[1], merit=[1.0]))
    assert repr(found) == (
        "Outcomes of 1 award (0 chances stated, 0 estimated as 1 - risk, 1 not known and left out)\n"
        "  nothing can be said of successes, failures, firsts and value"
    )


def test_publications_change_nothing():
    columns = {"amount": [1] * 3, "merit": [1.0] * 3, "success_probability": [0.3, 0.5, 0.7]}
    without = pf.outcomes(decided(**columns))
    published = pf.outcomes(decided(**columns, expected_outputs=["publication"] * 3))
    assert repr(published) == repr(without)
    assert published.groups.equals(without.groups)


def test_an_empty_portfolio_has_no_outcomes():
    made = call(amount=[5, 5], merit=[1.0, 1.0], success_probability=[0.5, 0.5])
    found = pf.outcomes(pf.optimize(made, policy(1)))
    assert (found.awards, found.expected_failures, found.too_safe) == (0, 0, False)
    assert found.groups["at_least_one"].to_list() == [0]


def test_the_same_seed_gives_the_same_and_the_order_of_rows_does_not_matter():
    made = pf.simulate_call(60, seed=1, reviews_per_proposal=0).call
    rules = policy(10_000_000, solver=pf.SolverSettings(gap=0.0, seed=3))
    first = pf.outcomes(pf.optimize(made, rules))
    other = pf.outcomes(pf.optimize(pf.Call.from_frame(made.to_polars()[::-1]), rules))
    assert (repr(first), first.seed, first.value_spread) == (repr(other), 3, other.value_spread)
    assert first.value_spread != pf.outcomes(pf.optimize(made, rules), seed=4).value_spread


def test_the_chance_of_a_tag_is_that_of_coverage():
    made = pf.simulate_call(60, seed=1, reviews_per_proposal=0).call
    made = pf.Call.from_frame(made.to_polars().with_columns(pl.col("success_probability").fill_null(0.5)))
    portfolio = pf.optimize(made, policy(10_000_000, coverage=[{"per": "bottlenecks", "weight": 1.0}]))
    found = dict(pf.outcomes(portfolio).groups.select("group", "at_least_one").iter_rows())
    for report in portfolio.chances:
        assert found.get(report.tag, 0.0) == pytest.approx(report.chance)


def test_what_cannot_be_is_refused():
    portfolio = decided(amount=[1], merit=[1.0])
    with pytest.raises(KeyError, match="did you mean 'bottlenecks'"):
        pf.outcomes(portfolio, tags="bottleneck", probability="success_probability")
    for wrong in ({"safe_above": 2.0}, {"draws": 3}):
        with pytest.raises(ValueError, match="safe_above must be"):
            pf.outcomes(portfolio, **wrong)


@pytest.mark.parametrize("chance", [[60.0, 30.0, 10.0], [0.6, -0.1, None], [0.6, float("inf"), None]])
def test_percentages_are_no_chances(chance):
    decision = decided(amount=[1] * 3, merit=[5.0, 4.0, 3.0], chance=chance)
    with pytest.raises(pf.DataError, match=r"column chance, proposal .*it has cells below 0 or above 1"):
        pf.outcomes(decision, probability="chance")


def test_certainties_and_what_is_not_known_are_chances():
    decision = decided(amount=[1] * 3, merit=[5.0, 4.0, 3.0], chance=[1, 0, None])
    assert pf.outcomes(decision, probability="chance").groups["expected"].to_list() == [1.0]
