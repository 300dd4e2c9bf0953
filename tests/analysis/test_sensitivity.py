"""Labels near their threshold, by hand, against a closed form, and against every threshold moved."""

import numpy as np
import polars as pl
import pytest
from scipy.stats import truncnorm
from small import call, policy

import portfolio as pf
from portfolio.analysis.uncertainty.draws import hypercube, truths
from portfolio.analysis.uncertainty.sensitivity import _Weights
from portfolio.optimize.prepare import score_call
from portfolio.scoring.estimate import NINETY_PERCENT
from portfolio.scoring.settings import AmbiguityWeights, EvidenceWeights, RowWeights

RISKY = {"risky": "risk >= 0.6"}


def labels(made, traits, name, **options):
    options = {"weight_draws": 5} | options
    found = pf.sensitivity(made, policy(1, traits=traits), **options)
    return found.filter(pl.col("label") == name)


def test_the_share_of_changes_is_that_of_the_normal_distribution():
    chances = [0.05, 0.3, 0.4, 0.45, 0.9]
    made = call(amount=[1] * 5, merit=[1.0] * 5, success_probability=chances)
    found = labels(made, RISKY, "risky", draws=2000)
    scores = pf.score(made).frame
    deviation = (scores["risk_high"] - scores["risk_low"]).to_numpy() / 2 / NINETY_PERCENT
    for row, chance, sd in zip(found.iter_rows(named=True), chances, deviation, strict=True):
        risk = 1 - chance
        truth = truncnorm(-risk / sd, (1 - risk) / sd, risk, sd)
        expected = truth.cdf(0.6) if risk >= 0.6 else truth.sf(0.6)
        assert row["changes_by_evidence"] == pytest.approx(expected, abs=1e-3)
        assert row["distance"] == pytest.approx(abs(risk - 0.6))
        assert (row["score"], row["threshold"]) == ("risk", 0.6)


def test_without_evidence_every_risk_is_as_likely():
    made = call(amount=[1], merit=[1.0])
    found = labels(made, RISKY, "risky").row(0, named=True)
    assert (found["value"], found["changes_by_evidence"]) == ("false", pytest.approx(0.4))
    paradigm = labels(made, RISKY, "paradigm").row(0, named=True)
    assert paradigm["value"] is paradigm["changes_by_evidence"] is paradigm["threshold"] is None


def test_a_trait_can_ask_for_certainty():
    made = call(amount=[1, 1], merit=[1.0, 1.0], success_probability=[0.35, 0.05])
    traits = RISKY | {"surely_risky": "risk_low >= 0.6"}
    assert labels(made, traits, "risky")["value"].to_list() == ["true", "true"]
    surely = labels(made, traits, "surely_risky")
    assert surely["value"].to_list() == ["false", "true"]
    assert surely["score"].to_list() == ["risk_low", "risk_low"]
    low = pf.score(made).frame["risk_low"].to_numpy()
    assert surely["distance"].to_list() == pytest.approx(np.abs(low - 0.6))


def test_a_reserve_can_ask_for_certainty():
    # B is worth less, and the only one whose risk is surely high
    made = call(amount=[1, 1], merit=[5.0, 4.0], success_probability=[0.35, 0.05])
    for condition, funded in (("risk >= 0.6", "A"), ("risk_low >= 0.6", "B")):
        rules = policy(1, traits={"risky": condition}, reserve=[{"trait": "risky", "share": 0.5}])
        assert pf.optimize(made, rules).ids == (funded,)


def test_a_threshold_that_decides_nothing_is_not_the_nearest():
    made = call(amount=[1, 100], merit=[1.0, 1.0], success_probability=[0.5, 0.5])
    found = labels(made, {"large": "risk >= 0.6 AND amount >= 50"}, "large")
    assert found["threshold"].to_list() == [None, 0.6]
    assert found["changes_by_evidence"][0] == 0
    assert found["changes_by_evidence"][1] > 0.1


def test_years_beyond_the_saturation_can_change_too():
    made = call(amount=[1], merit=[1.0], years_to_outcome=[45.0])
    found = labels(made, {"far": "horizon_years >= 40"}, "far").row(0, named=True)
    assert (found["value"], found["distance"]) == ("true", 5)
    assert 0.1 < found["changes_by_evidence"] < 0.9


def test_only_what_hangs_on_a_score_is_listed():
    made = call(amount=[1], merit=[1.0])
    found = pf.sensitivity(made, policy(1, traits={"cheap": "amount < 5"} | RISKY), draws=10, weight_draws=1)
    assert found["label"].to_list() == ["risky", "paradigm"]


def test_weights_move_only_what_rests_on_several_pieces():
    # risk 0.7 from one piece; (0.65 + 0.5 * 0.5) / 1.5 = 0.6 exactly from two
    made = call(amount=[1, 1], merit=[1.0, 1.0], success_probability=[0.3, 0.35], trl=[None, 5])
    found = labels(made, RISKY, "risky", weight_draws=200)["changes_by_weights"].to_list()
    assert found[0] == 0
    assert 0.3 < found[1] < 0.7
    still = labels(made, RISKY, "risky", weight_draws=20, weight_change=0.0)
    assert still["changes_by_weights"].to_list() == [0, 0]


def test_draws_of_weights_are_scored_as_a_policy_with_these_weights_would_be():
    made = pf.simulate_call(40, seed=5, criteria=("overall", "feasibility")).call
    grades = pf.ReviewSettings(best=6, worst=1)
    rules = policy(1, reviews=grades, scoring={"feasibility": ["feasibility"]})
    weights = _Weights(score_call(made, rules))
    assert weights.count(rules.scoring) == 7 + 4 + 2
    factors = [0.5, 0.8, 0.9, 0.7, 0.6, 1.0, 0.3, 0.4, 0.9, 0.8, 0.7, 0.6, 0.5]
    found = pl.DataFrame(weights.scored(made.sorted().frame, rules.scoring, iter(factors)))
    names = (
        "research_type",
        "driver",
        "success_probability",
        "trl",
        "feasibility",
        "years_to_outcome",
        "expected_outputs",
    )
    tables = {
        "evidence": EvidenceWeights().replace(
            **{name: getattr(EvidenceWeights(), name) * f for name, f in zip(names, factors, strict=False)}
        ),
        "rows": RowWeights(**dict(zip(RowWeights.model_fields, factors[7:], strict=False))),
        "ambiguity": AmbiguityWeights(**dict(zip(AmbiguityWeights.model_fields, factors[11:], strict=True))),
    }
    other = pf.score(made, scoring=rules.scoring.replace(**tables), reviews=grades).known
    assert found.equals(other.select(found.columns))


def test_the_order_of_rows_the_number_of_draws_at_once_and_neighbours_do_not_matter(monkeypatch):
    made = pf.simulate_call(30, seed=2, reviews_per_proposal=0).call
    rules = policy(1, traits={"risky": "risk >= 0.6", "far": "horizon_years >= 10"})
    options = {"draws": 50, "weight_draws": 3}
    whole = pf.sensitivity(made, rules, **options)
    frame = made.to_polars()
    for other in (frame[::-1], frame[5:15]):
        found = pf.sensitivity(pf.Call.from_frame(other), rules, **options)
        assert found.equals(whole.filter(pl.col("id").is_in(other["id"].to_list())))
    monkeypatch.setattr("portfolio.analysis.uncertainty.draws._CELLS", 40)
    assert pf.sensitivity(made, rules, **options).equals(whole)


def test_draws_fall_into_every_part_once_and_cover_the_interval():
    uniform = hypercube(1000, 2, seed=3)
    assert np.allclose(np.sort(uniform, axis=0)[:, 0], (np.arange(1000) + 0.5) / 1000)
    assert not np.array_equal(uniform[:, 0], uniform[:, 1])
    frame = pl.DataFrame({"risk": [0.5], "risk_low": [0.3], "risk_high": [0.7]})
    drawn = truths(frame, "risk", uniform[:, :1])
    assert ((drawn >= 0.3) & (drawn <= 0.7)).mean() == pytest.approx(0.9, abs=2e-3)


def test_impossible_draws_are_refused():
    made = call(amount=[1], merit=[1.0])
    for wrong in ({"draws": 0}, {"weight_draws": 0}, {"weight_change": 1.5}):
        with pytest.raises(ValueError, match="at least one draw"):
            pf.sensitivity(made, policy(1), **wrong)
