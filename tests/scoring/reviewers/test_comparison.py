"""The methods side by side, in the library and through the scorer."""

import numpy as np
import polars as pl
import pytest
from scoring.cases import Table
from scoring.reviewers.made import SIX, call_of, shuffled

import portfolio as pf
from portfolio.errors import DataError
from portfolio.scoring import score

QUICK = SIX.replace(bayes={"draws": 200, "most_draws": 200})


def small(seed=0, n=12, m=5):
    rng = np.random.default_rng(seed)
    strict = rng.normal(0, 0.6, m)
    merit = rng.normal(3.8, 1, n)
    rows = [
        (
            f"p{i:02d}",
            f"r{j}",
            None,
            float(np.clip(np.round(2 * (merit[i] - strict[j] + rng.normal(0, 0.3))) / 2, 1, 6)),
        )
        for i in range(n)
        for j in range(m)
        if (i + j) % m != 0
    ]
    return call_of(rows)


def test_every_method_has_its_columns_and_who_depends_is_what_it_says():
    found = pf.compare_methods(small(), QUICK, 4)
    assert found.methods == ("mean", "severity", "bayes", "least_squares")
    frame = found.proposals
    for method in found.methods:
        merit, rank, top = (frame[f"{name}_{method}"] for name in ("merit", "rank", "top"))
        assert rank.min() == 1
        assert (top == "yes").sum() <= 4 <= (top != "no").sum()
        if method != "bayes":
            best_first = frame.sort(f"rank_{method}")[f"merit_{method}"]
            assert best_first.is_sorted(descending=True), merit
    tops = frame.select(pl.col("^top_.*$"))
    apart = [len(set(row)) > 1 for row in tops.iter_rows()]
    assert frame["depends"].to_list() == apart
    assert found.dependent["id"].to_list() == frame.filter(pl.Series(apart))["id"].to_list()
    assert found.agreement.height == 6
    assert found.reviewers.columns[-3:] == ["severity_severity", "severity_bayes", "severity_least_squares"]
    assert frame["chance_of_best"].sum() == pytest.approx(4, abs=1e-4)


def test_equal_merits_across_the_line_are_a_tie():
    rows = [(p, r, None, s) for p, s in (("a", 5.0), ("b", 4.0), ("c", 4.0), ("d", 2.0)) for r in "xy"]
    frame = pf.compare_methods(call_of(rows), QUICK, 2).proposals
    assert frame["top_mean"].to_list() == ["yes", "tie", "tie", "no"]
    assert frame["rank_mean"].to_list() == [1, 2, 2, 4]


def test_a_method_that_cannot_be_used_is_named_with_the_reason():
    rows = [("a", "x", None, 5.0), ("a", "y", None, 4.0), ("b", "z", None, 3.0), ("b", "w", None, 2.0)]
    found = pf.compare_methods(call_of(rows), QUICK, 1)
    assert found.methods == ("mean", "bayes")
    assert set(found.refused) == {"severity", "least_squares"}
    assert "2 groups that no reviewer joins" in found.refused["severity"]


def test_a_third_is_the_default_and_k_must_fit():
    assert pf.compare_methods(small(), QUICK).k == 4
    for k in (0, 13):
        with pytest.raises(ValueError, match="between 1 and 12"):
            pf.compare_methods(small(), QUICK, k)


def test_the_order_of_rows_never_matters():
    one, other = (pf.compare_methods(c, QUICK, 4) for c in (small(), shuffled(small(), 3)))
    for name in ("proposals", "agreement", "reviewers", "reliability"):
        assert getattr(one, name).equals(getattr(other, name)), name


@pytest.mark.parametrize("method", ["severity", "bayes", "least_squares"])
def test_scores_show_the_plain_mean_beside_the_calibrated_merit(method):
    call = small()
    # A proposal that nobody graded keeps its row, and the order of the call is kept.
    frame = pl.concat([pl.DataFrame({"id": ["none"]}), call.frame.reverse()])
    plain = score(Table(frame, call.reviews), reviews=QUICK).frame
    found = score(Table(frame, call.reviews), reviews=QUICK.replace(method=method)).frame
    assert "merit_mean" not in plain.columns
    assert found["merit_mean"].to_list() == plain["merit"].to_list()
    assert found["id"].to_list() == frame["id"].to_list()
    none = found.row(0, named=True)
    assert (none["merit"], none["merit_low"], none["merit_high"], none["n_reviews"]) == (None, 1, 6, 0)
    rest = found[1:]
    assert ((rest["merit_low"] <= rest["merit"]) & (rest["merit"] <= rest["merit_high"])).all()
    assert np.corrcoef(rest["merit"], rest["merit_mean"])[0, 1] > 0.8
    assert found["ambiguity"].equals(plain["ambiguity"])
    compared = pf.compare_methods(call, QUICK, 4).proposals
    joined = compared.join(rest, on="id")
    assert joined[f"merit_{method}"].to_list() == joined["merit"].to_list()


def test_a_note_of_the_model_reaches_the_scores():
    call = small(n=6, m=3)
    short = SIX.replace(method="bayes", bayes={"draws": 100, "most_draws": 100})
    assert any("R-hat" in note for note in score(call, reviews=short).notes)
    assert score(call, reviews=QUICK).notes == ()


def test_ranking_alone():
    found = pf.rank_proposals(small(), QUICK)
    assert found.ranks["expected_rank"].is_sorted()
    assert set(found.parameters.columns) >= {"r_hat", "ess_bulk", "ess_tail"}


def test_a_refusal_reaches_the_user_of_the_scorer():
    rows = [("a", "x", None, 5.0), ("b", "y", None, 4.0)]
    with pytest.raises(DataError, match="2 groups"):
        score(call_of(rows), reviews=SIX.replace(method="severity"))
