"""Synthetic calls: what must hold for any size and seed, and the shapes that the docstring promises."""

from __future__ import annotations

import datetime as dt
import hashlib
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portfolio.call import read_call
from portfolio.optimize import Portfolio, optimize, price_reserves
from portfolio.policy import read_policy
from portfolio.simulate import CRITERIA, SimulatedFrames, simulate_call, simulate_frames

ROOT = Path(__file__).parents[1]
STARTER = ROOT / "cli" / "portfolio_cli" / "starter"
EXAMPLES = ROOT / "examples" / "data"
CLOSING = dt.date(2026, 1, 1)

OF_A_PERSON = (
    "institution",
    "region",
    "field",
    "doctorate_date",
    "birth_date",
    "career_break_months",
    "prior_major_award",
)


@pytest.fixture(scope="module")
def large() -> SimulatedFrames:
    return simulate_frames(40_000, criteria=tuple(CRITERIA))


def starter_frames() -> SimulatedFrames:
    """Make the call that is shipped as the starter and with the examples; `write_csv` writes its tables."""
    return simulate_frames(60, seed=3740, criteria=("overall", "originality"))


def digest(*frames: pl.DataFrame) -> str:
    return hashlib.sha256("".join(frame.write_csv() for frame in frames).encode()).hexdigest()[:16]


def career_years(proposals: pl.DataFrame) -> pl.Series:
    since = (pl.lit(CLOSING) - pl.col("doctorate_date")).dt.total_days() / 365.25
    return proposals.select(since - pl.col("career_break_months") / 12).to_series()


sizes = st.integers(1, 300)
seeds = st.integers(0, 2**64)


@given(n=sizes, seed=seeds, years=st.integers(1, 6))
@settings(max_examples=40, deadline=None)
def test_proposals_are_consistent(n: int, seed: int, years: int) -> None:
    made = simulate_frames(n, seed=seed, reviews_per_proposal=0, years=years)
    proposals = made.proposals
    assert proposals.height == n == proposals["id"].n_unique()
    assert proposals["id"].equals(made.truth["id"])
    yearly = proposals.select(f"amount_y{year}" for year in range(1, years + 1))
    assert (yearly.sum_horizontal() == proposals["amount"]).all()
    assert yearly.select(pl.all_horizontal(pl.all() >= 0).all()).item()
    assert ((proposals["amount"] >= 1000) & (proposals["amount"] % 100 == 0)).all()
    assert proposals["merit"].is_between(1, 6).all()


@given(n=sizes, seed=seeds)
@settings(max_examples=25, deadline=None)
def test_a_person_is_one_person(n: int, seed: int) -> None:
    proposals = simulate_frames(n, seed=seed, reviews_per_proposal=0).proposals
    people = proposals.group_by("investigator").agg(
        pl.len(), *(pl.col(name).n_unique() for name in OF_A_PERSON)
    )
    assert people["len"].max() <= 2
    assert people.select(pl.max_horizontal(OF_A_PERSON).max()).item() == 1
    assert (people["len"] == 2).sum() == round(n * 0.04 / 1.04)
    assert proposals.group_by("institution").agg(pl.col("region").n_unique())["region"].max() == 1


@given(n=sizes, seed=seeds)
@settings(max_examples=25, deadline=None)
def test_a_career_agrees_with_itself(n: int, seed: int) -> None:
    proposals = simulate_frames(n, seed=seed, reviews_per_proposal=0).proposals
    known = proposals.drop_nulls(["doctorate_date", "birth_date"])
    age = (known["doctorate_date"] - known["birth_date"]).dt.total_days() / 365.25
    career = (pl.Series([CLOSING]) - known["doctorate_date"]).dt.total_days()
    assert age.is_between(24.99, 45.01).all()
    assert career.is_between(100, 365.25 * 32.4).all()
    assert (known["career_break_months"] * 61 <= career).all()
    assert not known.filter((career < 4 * 365) & pl.col("prior_major_award")).height


@given(
    n=sizes, seed=seeds, k=st.integers(1, 5), criteria=st.sets(st.sampled_from(sorted(CRITERIA)), min_size=1)
)
@settings(max_examples=40, deadline=None)
def test_every_proposal_has_k_different_reviewers(n: int, seed: int, k: int, criteria: set[str]) -> None:
    made = simulate_frames(n, seed=seed, reviews_per_proposal=k, criteria=sorted(criteria))
    assert made.reviews.height == n * k * len(criteria)
    assert not made.reviews.select("proposal", "reviewer", "criterion").is_duplicated().any()
    each = made.reviews.group_by("proposal", "criterion").agg(pl.col("reviewer").n_unique())
    assert each.height == n * len(criteria)
    assert (each["reviewer"] == k).all()
    assert made.reviews["score"].is_between(1, 6).all()
    assert "merit" not in made.proposals.columns


def test_truth_is_bounded_and_rounded(large: SimulatedFrames) -> None:
    truth = large.truth
    assert truth.columns == [
        "id",
        *(f"true_{x}" for x in ("merit", "success_probability", "horizon_years", "basicness")),
    ]
    assert truth["true_merit"].is_between(1, 6).all()
    assert truth["true_horizon_years"].is_between(0.5, 60).all()
    for name in ("true_success_probability", "true_basicness"):
        assert truth[name].is_between(0, 1).all()
    values = truth.drop("id").to_numpy()
    assert np.array_equal(values, np.round(values, 4))


def test_same_arguments_same_bytes() -> None:
    first, second = (simulate_frames(500, seed=7, criteria=tuple(CRITERIA)) for _ in range(2))
    assert digest(first.proposals, first.reviews, first.truth) == digest(
        second.proposals, second.reviews, second.truth
    )
    assert digest(first.proposals) != digest(simulate_frames(500, seed=8).proposals)


def test_bytes_do_not_depend_on_the_versions_in_use() -> None:
    made = simulate_frames(2_000, seed=11, criteria=tuple(CRITERIA))
    assert digest(made.proposals, made.reviews, made.truth) == "f36ab85206852389"


def test_reviews_leave_the_rest_alone() -> None:
    none, one, all_three = (
        simulate_frames(300, seed=3, reviews_per_proposal=0),
        simulate_frames(300, seed=3),
        simulate_frames(300, seed=3, criteria=("feasibility", "overall")),
    )
    assert none.proposals.drop("merit").equals(one.proposals)
    assert none.truth.equals(one.truth)
    assert all_three.reviews.filter(pl.col("criterion") == "overall").equals(one.reviews)
    assert none.reviews.is_empty()
    assert none.reviews.schema == one.reviews.schema


def test_amounts_look_like_the_snsf_in_2019(large: SimulatedFrames) -> None:
    amount = large.proposals["amount"].to_numpy()
    low, median, high = np.quantile(amount, [0.05, 0.5, 0.95])
    assert 8_000 < low < 20_000
    assert 230_000 < median < 330_000
    assert 1.3e6 < high < 1.9e6
    assert 420_000 < amount.mean() < 520_000
    assert 1.3 < np.log(amount).std() < 1.5


def test_the_young_have_the_promised_shares(large: SimulatedFrames) -> None:
    proposals = large.proposals
    assert 0.43 < (career_years(proposals) < 10).mean() < 0.49
    for_young = proposals.filter(pl.col("scheme").is_in(["Fellowship", "Starting grant"]))
    assert 0.25 < for_young["amount"].sum() / proposals["amount"].sum() < 0.31
    assert career_years(for_young).max() < 10


def test_places_and_fields_are_unequal(large: SimulatedFrames) -> None:
    proposals = large.proposals
    assert proposals["institution"].n_unique() == 400
    assert proposals["region"].n_unique() == 30
    assert proposals["field"].n_unique() == 20
    shares = proposals["institution"].value_counts(sort=True, normalize=True)["proportion"]
    assert 0.06 < shares[0] < 0.12
    assert shares[0] > 1.3 * shares[1]
    assert simulate_frames(60).proposals["institution"].n_unique() <= 5


def test_basic_is_riskier_and_slower_and_merit_is_neither(large: SimulatedFrames) -> None:
    truth = large.truth.drop("id")
    related = dict(zip(truth.columns, np.corrcoef(truth.to_numpy().T)[3], strict=True))
    assert related["true_success_probability"] < -0.4
    assert related["true_horizon_years"] > 0.6
    assert abs(related["true_merit"]) < 0.02
    assert 0.15 < (truth["true_success_probability"] < 0.4).mean() < 0.25
    assert 0.25 < (truth["true_horizon_years"] >= 10).mean() < 0.4


def test_evidence_follows_the_truth_and_has_gaps(large: SimulatedFrames) -> None:
    table = large.proposals.join(large.truth, on="id")
    by_type = dict(table.group_by("research_type").agg(pl.mean("true_basicness")).iter_rows())
    assert (
        by_type["experimental_development"]
        < by_type["applied"]
        < by_type["oriented_basic"]
        < by_type["pure_basic"]
    )
    by_driver = dict(table.group_by("driver").agg(pl.mean("true_basicness")).iter_rows())
    assert by_driver["application_purpose"] < by_driver["scientific_goal"] < by_driver["curiosity"]
    placed = table.drop_nulls("trl")
    assert np.corrcoef(placed["trl"], placed["true_basicness"])[0, 1] < -0.8
    hope = table.select((pl.col("success_probability") - pl.col("true_success_probability")).mean()).item()
    assert 0.02 < hope < 0.07
    gaps = {name: table[name].null_count() / len(table) for name in table.columns}
    assert 0.28 < gaps["success_probability"] < 0.32
    assert 0.4 < gaps["trl"] < 0.6
    assert 0.02 < gaps["doctorate_date"] < 0.04
    assert gaps["amount"] == gaps["institution"] == gaps["investigator"] == 0


def test_cofunding_and_tags(large: SimulatedFrames) -> None:
    table = large.proposals.join(large.truth, on="id")
    cofunded = table.group_by(pl.col("true_basicness") < 0.33).agg(pl.col("cofunding").is_not_null().mean())
    rate = dict(cofunded.iter_rows())
    assert rate[True] > 0.5 > 0.25 > rate[False]
    assert (table["cofunding"] <= table["amount"] + 50).all()
    tags = table["bottlenecks"].drop_nulls().str.split(";")
    assert tags.list.len().is_between(1, 2).all()
    assert (tags.list.n_unique() == tags.list.len()).all()
    humanities = table.filter(pl.col("field").str.starts_with("6"))
    assert humanities["bottlenecks"].null_count() == len(humanities)


@pytest.mark.parametrize(("criterion", "rate"), CRITERIA.items())
def test_panels_are_cautious_at_the_stated_rate(large: SimulatedFrames, criterion: str, rate: float) -> None:
    grades = large.reviews.filter(pl.col("criterion") == criterion).group_by("proposal").agg(pl.mean("score"))
    table = grades.join(large.truth, left_on="proposal", right_on="id").sort("proposal")
    inner = table.filter(pl.col("true_merit").is_between(2.8, 4.8))  # far from the ends of the scale
    causes = np.column_stack(
        [np.ones(len(inner)), inner["true_merit"], 1 - inner["true_success_probability"]]
    )
    slopes = np.linalg.lstsq(causes, inner["score"].to_numpy(), rcond=None)[0]
    assert slopes[2] == pytest.approx(rate, abs=0.15)
    assert slopes[1] == pytest.approx(1, abs=0.1)


def test_reviewers_agree_as_much_as_real_ones(large: SimulatedFrames) -> None:
    overall = large.reviews.filter(pl.col("criterion") == "overall")
    each = overall.group_by("proposal").agg(mean=pl.mean("score"), within=pl.var("score"))
    within = each["within"].mean()
    between = each["mean"].var() - within / 3
    assert 0.37 < between / (between + within) < 0.47
    assert 3.7 < overall["score"].mean() < 4.0
    assert 7 < overall.height / overall["reviewer"].n_unique() < 9


def test_merit_without_reviews_is_like_the_mean_of_three() -> None:
    reviewed, graded = simulate_frames(20_000), simulate_frames(20_000, reviews_per_proposal=0)
    means = reviewed.reviews.group_by("proposal").agg(pl.mean("score")).sort("proposal")["score"]
    merit, true = graded.proposals["merit"], graded.truth["true_merit"]
    assert merit.mean() == pytest.approx(means.mean(), abs=0.05)
    assert np.corrcoef(merit, true)[0, 1] == pytest.approx(np.corrcoef(means, true)[0, 1], abs=0.03)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"n": 0}, "n must be at least 1, not 0"),
        ({"n": 5, "seed": -1}, "seed must be at least 0"),
        ({"n": 5, "reviews_per_proposal": -1}, "reviews_per_proposal must be at least 0"),
        ({"n": 5, "years": 0}, "years must be at least 1"),
        ({"n": 5, "criteria": ("overal",)}, "did you mean 'overall'"),
        ({"n": 5, "criteria": ()}, "one or more"),
        ({"n": 5, "criteria": ("overall", "overall")}, "all different"),
    ],
)
def test_impossible_calls_are_refused(arguments: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        simulate_frames(**arguments)  # type: ignore[arg-type]


def test_a_call_is_read_from_the_frames() -> None:
    made = simulate_call(50, seed=4, currency="CHF")
    frames = simulate_frames(50, seed=4)
    assert made.proposals.equals(frames.proposals)
    assert made.reviews.equals(frames.reviews)
    assert made.truth.equals(frames.truth)
    in_cents = dict(made.call.frame.select("id", "amount").iter_rows())
    assert in_cents == {
        id_: 100 * amount for id_, amount in frames.proposals.select("id", "amount").iter_rows()
    }


def test_a_call_without_reviews_carries_its_merit() -> None:
    made = simulate_call(20, reviews_per_proposal=0)
    assert made.call.reviews is None or made.call.reviews.is_empty()
    assert made.call.frame["merit"].null_count() == 0


@pytest.mark.parametrize("name", ["proposals.csv", "reviews.csv", "policy.toml"])
def test_starter_and_examples_are_the_same_bytes(name: str) -> None:
    assert (STARTER / name).read_bytes() == (EXAMPLES / name).read_bytes()


def test_starter_can_be_made_again() -> None:
    made = starter_frames()
    assert (STARTER / "proposals.csv").read_text("utf-8") == made.proposals.write_csv()
    assert (STARTER / "reviews.csv").read_text("utf-8") == made.reviews.write_csv()


def test_starter_policy_asks_for_a_third_of_the_demand() -> None:
    policy = read_policy(STARTER / "policy.toml")
    demand = starter_frames().proposals["amount"].sum()
    assert 0.30 < policy.budgets[0] / demand < 0.36
    assert [reserve.trait for reserve in policy.reserve] == [
        "high_risk",
        "long_horizon",
        "young_investigator",
    ]


@pytest.fixture(scope="module")
def starter() -> Portfolio:
    call = read_call(STARTER / "proposals.csv", STARTER / "reviews.csv")
    return optimize(call, read_policy(STARTER / "policy.toml"))


def test_starter_rules_hold_together_and_each_reserve_costs_something(starter: Portfolio) -> None:
    prices = price_reserves(starter)
    assert len(prices) == 3
    assert all(0.1 < price.found < 0.1 * starter.value for price in prices)


@pytest.mark.parametrize("rule", ["reserve", "limit", "link"])
def test_starter_is_worth_more_without_any_kind_of_rule(starter: Portfolio, rule: str) -> None:
    without = starter.problem.replace(**{rule: ()}).solve()
    assert starter.value + 0.1 < without.value < 1.1 * starter.value
