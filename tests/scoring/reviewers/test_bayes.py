"""The Bayesian model against the exact posterior, Geweke's test, simulated truth and an independent weighting."""

import numpy as np
import polars as pl
import pytest
from scipy import special
from scoring.reviewers.made import LONG, SIX, call_of, made, shuffled, votes_of

from portfolio.errors import DataError
from portfolio.scoring.review_settings import BayesSettings
from portfolio.scoring.reviewers import bayes, read_votes
from portfolio.scoring.reviewers.gibbs import (
    Layout,
    Prior,
    Sums,
    log_prior_of_noise,
    split_noise,
    start,
    sweep,
)

TINY = [("a", "x", 5.0), ("a", "y", 6.0), ("b", "x", 3.0), ("b", "z", 3.5), ("c", "y", 4.0), ("c", "z", 3.0)]


def incidence(votes):
    z, w = np.zeros((len(votes), votes.n)), np.zeros((len(votes), votes.m))
    z[np.arange(len(votes)), votes.proposal] = 1
    w[np.arange(len(votes)), votes.reviewer] = 1
    return z, w


def exact(votes, prior, steps=120):
    """Posterior means of theta, nu, tau and s by quadrature over tau, sigma and tau_lambda themselves."""
    z, w = incidence(votes)
    mean = np.mean(np.bincount(votes.proposal, votes.grade) / np.bincount(votes.proposal))
    y = votes.grade - mean
    nodes, weights = np.polynomial.legendre.leggauss(steps)
    at, weight = prior.most * (nodes + 1) / 2, weights
    # s is seen only through its square; its distribution under the prior is summed over the square of its parts.
    s = np.sqrt(at[:, None] ** 2 + at[None, :] ** 2).ravel()
    s_weight = np.outer(weight, weight).ravel()
    fixed = prior.nu**2 * w @ w.T
    total, sums = 0.0, np.zeros(votes.n + votes.m + 3)
    for tau, tau_weight in zip(at, weight, strict=True):
        values, vectors = np.linalg.eigh(tau**2 * z @ z.T + fixed)
        turned = vectors.T @ y
        spread = values + s[:, None] ** 2
        density = np.exp(-0.5 * np.sum(np.log(spread) + turned**2 / spread, axis=1)) * s_weight * tau_weight
        solved = (density @ (turned / spread)) @ vectors.T
        squares = density @ s**2
        parts = [
            tau**2 * z.T @ solved,
            prior.nu**2 * w.T @ solved,
            [tau * density.sum(), density @ s, squares],
        ]
        sums += np.concatenate(parts)
        total += density.sum()
    return np.split(sums / total, [votes.n, votes.n + votes.m]), mean


@pytest.mark.once
def test_a_tiny_call_has_the_exact_posterior():
    votes = votes_of(*TINY, settings=SIX)
    (theta, nu, (tau, s, _)), mean = exact(votes, Prior.on_scale(5.0))
    result = bayes(votes, BayesSettings(draws=6_000, most_draws=6_000))
    assert result.converged
    assert result.calibration.merit == pytest.approx(mean + theta, abs=0.04)
    assert result.calibration.reviewers["severity"].to_list() == pytest.approx(-nu, abs=0.02)
    assert result.calibration.spread["proposals"] == pytest.approx(tau, abs=0.04)
    assert result.calibration.spread["noise"] == pytest.approx(s, abs=0.04)


def test_the_prior_of_the_noise_is_that_of_two_uniform_parts():
    rng = np.random.default_rng(0)
    parts = rng.uniform(0, 2, (2, 400_000))
    s = np.hypot(*parts)
    edges = np.linspace(0, 2 * np.sqrt(2), 15)
    fine = np.linspace(1e-9, 2 * np.sqrt(2), 200_001)
    mass = np.exp(log_prior_of_noise(fine, 2.0))
    share = np.histogram(fine, edges, weights=mass)[0] / mass.sum()
    assert np.histogram(s, edges)[0] / s.size == pytest.approx(share, abs=3e-3)
    again = np.array(split_noise(s, 2.0, rng))
    assert np.hypot(*again) == pytest.approx(s)
    assert np.quantile(again[0], [0.1, 0.5, 0.9]) == pytest.approx([0.2, 1.0, 1.8], abs=0.02)


@pytest.mark.parametrize("levels", [False, True])
def test_geweke_the_sampler_and_the_model_agree_on_their_joint_distribution(levels):
    # Data are drawn given the parameters and parameters given the data, in turn: the parameters then keep their prior
    # (Geweke 2004). 400 chains side by side give the standard errors.
    panels = {"a": "1", "b": "1", "c": "2"} if levels else dict.fromkeys("abc", "1")
    votes = read_votes(call_of([(p, r, panels[p], s) for p, r, s in TINY]), SIX)
    chains, prior, rng = 400, Prior.on_scale(5.0), np.random.default_rng(1)
    layout = Layout.of(votes, levels=levels)
    state = start(layout, prior, chains, rng)
    kept = []
    for step in range(900):
        y = (
            state.eta[votes.proposal]
            + state.nu[votes.reviewer]
            + state.noise * rng.standard_normal((len(votes), chains))
        )
        sums = [np.zeros((size, chains)) for size in (votes.n, votes.m)]
        np.add.at(sums[0], votes.proposal, y)
        np.add.at(sums[1], votes.reviewer, y)
        state = sweep(state, layout, Sums(*sums, np.sum(y**2, axis=0)), prior, rng)
        if step >= 100:
            theta = state.eta - state.level[layout.panel]
            level = [state.tau_panel, np.mean(state.level**2, axis=0)] if levels else []
            row = [state.tau, state.tau**2, state.noise, state.noise**2, np.mean(state.nu**2, axis=0), *level]
            kept.append([*row, np.mean(theta**2, axis=0), np.mean(theta, axis=0), np.mean(state.nu, axis=0)])
    means = np.mean(kept, axis=0)
    found, error = means.mean(axis=1), means.std(axis=1) / np.sqrt(chains)
    # Of a uniform deviation on [0, 2]: mean 1, square 4/3. Of the noise: mean of the root of two squares, 1.5304.
    panel = [1.0, 4 / 3] if levels else []
    expected = np.array([1.0, 4 / 3, 1.5304, 8 / 3, 0.25, *panel, 4 / 3, 0.0, 0.0])
    assert np.all(np.abs(found - expected) < 4 * error + 1e-3), np.c_[found, expected, error]
    assert np.all(error < 0.08)


@pytest.mark.once
def test_ninety_percent_of_the_intervals_hold_the_truth_and_parameters_are_recovered():
    inside, spread = [], []
    for seed in range(12):
        truth = made(np.random.default_rng(seed), 60, 12, 3, sds=(1.0, 0.5, 0.8))
        votes = read_votes(truth.call, SIX.replace(best=9, worst=-1))
        result = bayes(votes, BayesSettings(draws=400, most_draws=400)).calibration
        inside.append(np.mean((result.low <= truth.merit) & (truth.merit <= result.high)))
        spread.append([result.spread["proposals"], result.spread["noise"]])
    assert 0.86 < np.mean(inside) < 0.94
    assert np.mean(spread, axis=0) == pytest.approx([1.0, 0.8], rel=0.08)


def test_priors_are_in_proportion_to_the_scale():
    votes = votes_of(*TINY, settings=SIX)
    doubled = votes_of(*((p, r, 2 * s) for p, r, s in TINY), settings=SIX.replace(best=12, worst=2))
    settings = BayesSettings(draws=500, most_draws=500)
    one, other = bayes(votes, settings), bayes(doubled, settings)
    assert other.calibration.merit == pytest.approx(2 * one.calibration.merit, rel=1e-4)
    assert other.ranks.equals(one.ranks)


@pytest.mark.parametrize("grades", ["numbers", "ordinal"])
def test_the_same_digits_in_any_order_of_rows_and_others_with_another_seed(grades):
    rng = np.random.default_rng(4)
    rows = [
        (f"p{i}", f"r{j}", None, float(np.clip(np.round(i / 2 + rng.normal()), 1, 6)))
        for i in range(12)
        for j in range(4)
    ]
    call = call_of(rows)
    settings = BayesSettings(draws=100, most_draws=100, grades=grades)
    one, other = (bayes(read_votes(c, SIX), settings) for c in (call, shuffled(call, 7)))
    assert one.ranks.equals(other.ranks)
    assert one.calibration.proposals().equals(other.calibration.proposals())
    assert one.parameters.equals(other.parameters)
    assert not bayes(read_votes(call, SIX), settings.replace(seed=1)).ranks.equals(one.ranks)


@pytest.mark.once
def test_ordinal_grades_have_the_posterior_of_an_independent_weighting():
    # Draws from the prior weighted by the likelihood, latent grades integrated out: no part of the sampler is in it.
    votes = votes_of(
        ("a", "x", 6),
        ("a", "y", 5),
        ("b", "x", 3),
        ("b", "y", 4),
        ("c", "x", 4),
        ("c", "y", 3),
        ("d", "x", 5),
        ("d", "y", 5),
        settings=SIX,
    )
    result = bayes(votes, BayesSettings(grades="ordinal", draws=3_000, most_draws=3_000)).calibration
    rng, size = np.random.default_rng(5), 600_000
    tau = rng.uniform(1e-6, 2, size)
    noise = np.hypot(*rng.uniform(1e-6, 2, (2, size)))
    mean = rng.uniform(0.5, 8.5, size)
    nu = 0.5 * rng.standard_normal((2, size))
    merit = mean + tau * rng.standard_normal((4, size))
    # Grades 3, 4, 5, 6: the outer cut-points are 3.5 and 5.5, the inner one is uniform between them.
    cuts = np.vstack(
        [
            np.full(size, -np.inf),
            np.full(size, 3.5),
            rng.uniform(3.5, 5.5, size),
            np.full(size, 5.5),
            np.full(size, np.inf),
        ]
    )
    weight = np.ones(size)
    for i, j, grade in zip(votes.proposal, votes.reviewer, votes.grade, strict=True):
        category = int(grade) - 3
        low, high = (cuts[category + k] - merit[i] - nu[j] for k in (0, 1))
        weight *= special.ndtr(high / noise) - special.ndtr(low / noise)
    weight /= weight.sum()
    assert 1 / np.sum(weight**2) > 2_000
    assert result.merit == pytest.approx(merit @ weight, abs=0.08)
    assert result.spread["proposals"] == pytest.approx(tau @ weight, abs=0.05)
    assert result.spread["noise"] == pytest.approx(noise @ weight, abs=0.05)


def test_too_few_or_too_many_steps_are_no_ordinal_scale():
    settings = BayesSettings(grades="ordinal", draws=100, most_draws=100)
    with pytest.raises(DataError, match="has 2 different values"):
        bayes(votes_of(("a", "x", 3), ("b", "x", 4)), settings)
    with pytest.raises(DataError, match="weigh one criterion alone"):
        bayes(votes_of(*((f"p{i}", "x", i / 3) for i in range(13))), settings)


def test_ordinal_and_numbers_order_proposals_alike_where_grades_are_even():
    truth = made(np.random.default_rng(6), 40, 8, 4, sds=(1.2, 0.3, 0.5))
    rows = [(*row[:3], float(np.clip(np.round(row[3]), 1, 6))) for row in truth.call.reviews.iter_rows()]
    votes = read_votes(call_of(rows), SIX)
    found = [
        bayes(votes, BayesSettings(grades=grades, draws=500, most_draws=500)).calibration.merit
        for grades in ("numbers", "ordinal")
    ]
    assert np.corrcoef(*found)[0, 1] > 0.985


def test_panels_together_apart_and_with_levels():
    rng = np.random.default_rng(7)
    rows = [
        (f"{k}-{i:02d}", f"r{j}", f"{k}", float(4 + (k == 1) + rng.normal() + 0.3 * rng.normal()))
        for k in range(2)
        for i in range(20)
        for j in range(3)
    ]
    call, wide = call_of(rows), SIX.replace(best=12, worst=-4, reviewer_ids="panel")
    votes = read_votes(call, wide)
    runs = {
        how: bayes(votes, BayesSettings(panels=how, draws=1000, most_draws=1000))
        for how in ("together", "level", "separate")
    }
    second = votes.proposals.str.starts_with("1").to_numpy()
    gaps = {
        how: run.calibration.merit[second].mean() - run.calibration.merit[~second].mean()
        for how, run in runs.items()
    }
    assert gaps["separate"] > 0.6
    assert abs(gaps["level"]) < gaps["separate"]
    assert runs["separate"].calibration.reviewers.height == 6
    assert runs["separate"].parameters["parameter"][0] == "0: proposals"
    assert "panels" in runs["level"].calibration.spread


def test_a_proposal_of_two_panels_has_no_panel_of_its_own():
    rows = [("a", "x", "1", 3.0), ("a", "y", "2", 4.0), ("b", "x", "1", 5.0)]
    for how in ("level", "separate"):
        with pytest.raises(DataError, match="proposal a: has grades from several panels"):
            bayes(read_votes(call_of(rows), SIX), BayesSettings(panels=how))


def test_the_chance_of_being_among_the_best():
    result = bayes(votes_of(*TINY, settings=SIX), BayesSettings(draws=500, most_draws=500))
    chances = result.chance_of_best(1)
    assert chances["id"].to_list() == result.ranks["id"].to_list()
    assert chances["chance_of_best"].sum() == pytest.approx(1.0, abs=1e-5)
    assert result.chance_of_best(3)["chance_of_best"].to_list() == [1, 1, 1]
    for k in (0, 4):
        with pytest.raises(ValueError, match="between 1 and 3"):
            result.chance_of_best(k)


def test_a_single_vote_leaves_the_prior():
    result = bayes(votes_of(("a", "x", 5.0), settings=SIX), BayesSettings(draws=2000))
    assert result.ranks["expected_rank"].to_list() == [1.0]
    assert np.isfinite(result.calibration.sd).all()
    assert LONG.lowest < result.calibration.low[0] < 5.0 < result.calibration.high[0] <= 6.0


@pytest.mark.parametrize(
    "settings",
    [BayesSettings(), BayesSettings(seed=2), BayesSettings(grades="ordinal"), BayesSettings(panels="level")],
    ids=["numbers", "another seed", "ordinal", "panels"],
)
def test_the_same_grades_of_the_same_reviewers_are_the_same_merit(settings):
    # Each draw tells them apart, and no draw knows anything that would.
    rng = np.random.default_rng(5)
    rows = [(f"p{i}", f"r{j}", "one", float(rng.integers(2, 6))) for i in range(9) for j in range(3)]
    rows += [(name, f"r{j}", "one", grade) for name in "abz" for j, grade in enumerate((5.0, 4.0, 4.0))]
    rows += [(name, "twin", panel, grade) for name, reviewer, panel, grade in rows if reviewer == "r0"]
    votes = read_votes(call_of(rows), SIX)
    found = bayes(votes, settings)
    shown = found.calibration.proposals().filter(pl.col("id").is_in(["a", "b", "z"])).drop("id")
    assert shown.n_unique() == 1
    assert found.ranks.filter(pl.col("id").is_in(["a", "b", "z"])).drop("id").n_unique() == 1
    chance = found.chance_of_best(3)
    assert chance.filter(pl.col("id").is_in(["a", "b", "z"]))["chance_of_best"].n_unique() == 1
    assert chance["chance_of_best"].sum() == pytest.approx(3)
    assert found.ranks["expected_rank"].sum() == pytest.approx(12 * 13 / 2)
    twins = found.calibration.reviewers.filter(pl.col("reviewer").is_in(["r0", "twin"]))
    assert twins.drop("reviewer").n_unique() == 1
    everybody = found.calibration.proposals()
    assert everybody["merit"].n_unique() > 3


def test_the_same_grades_of_other_reviewers_or_in_another_panel_are_not_the_same():
    rows = [("a", "x", "one", 5.0), ("a", "y", "one", 4.0), ("b", "x", "two", 5.0), ("b", "y", "two", 4.0)]
    rows += [("c", "x", "one", 5.0), ("c", "z", "one", 4.0), ("d", "y", "one", 5.0), ("d", "x", "one", 4.0)]
    votes = read_votes(call_of([*rows, ("e", "x", "one", 5.0)]), SIX)
    assert votes.alike(panels=True) == []
    assert [group.tolist() for group in votes.alike(panels=False)] == [[0, 1]]
    assert votes.reviewers_alike() == []
