import numpy as np
import polars as pl
import pytest
from scoring.cases import graded, proposals
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils import estimator_checks, get_tags

from portfolio.errors import DataError
from portfolio.scoring import ReviewSettings, RiskHorizonScorer, ScoringSettings, score
from portfolio.scoring.settings import RowWeights

CALL = proposals({"trl": 2, "success_probability": 0.4}, {"research_type": "basic"}, {})

# Those checks of scikit-learn that do not feed a bare array of numbers, which this scorer refuses by design
CHECKS = [
    "check_estimator_cloneable",
    "check_estimator_tags_renamed",
    "check_valid_tag_types",
    "check_estimator_repr",
    "check_no_attributes_set_in_init",
    "check_do_not_raise_errors_in_init_or_set_params",
    "check_mixin_order",
    "check_parameters_default_constructible",
    "check_get_params_invariance",
    "check_set_params",
]


@pytest.mark.parametrize("name", CHECKS)
def test_scikit_learn_checks(name):
    getattr(estimator_checks, name)("RiskHorizonScorer", RiskHorizonScorer())


def test_tags_say_that_arrays_are_not_for_it():
    tags = get_tags(RiskHorizonScorer())
    assert not tags.input_tags.two_d_array
    assert tags.input_tags.allow_nan
    assert tags.requires_fit
    with pytest.raises(TypeError, match="named columns"):
        RiskHorizonScorer().fit(np.zeros((3, 2)))


def test_score_is_the_function():
    scorer = RiskHorizonScorer(ScoringSettings(rows=RowWeights(risk_profile=2)))
    assert scorer.score(CALL).frame.equals(score(CALL, scoring=scorer.scoring).frame)


def test_transform_gives_the_scores():
    scorer = RiskHorizonScorer().fit(CALL)
    names = scorer.get_feature_names_out()
    found = scorer.transform(CALL)
    assert found.shape == (3, len(names)) == (3, 15)
    assert found[:, list(names).index("risk")].tolist() == score(CALL).frame["risk"].to_list()
    assert scorer.n_features_in_ == len(CALL.frame.columns)
    assert list(scorer.feature_names_in_) == CALL.frame.columns


def test_a_call_with_reviews():
    call = graded("a", ("a", "x", None, 1), ("a", "y", None, 6))
    scorer = RiskHorizonScorer(reviews=ReviewSettings(best=6, worst=1)).fit(call)
    assert scorer.transform(call)[0, 6] == 1


@pytest.mark.parametrize("kind", ["pandas", "polars"])
def test_set_output(kind):
    found = RiskHorizonScorer().set_output(transform=kind).fit_transform(CALL.frame)
    assert type(found).__module__.startswith(kind)
    assert list(found.columns) == list(RiskHorizonScorer().get_feature_names_out())


def test_other_tables_and_tables_without_ids():
    table = CALL.frame.select("trl", "success_probability", "research_type")
    expected = RiskHorizonScorer().fit_transform(CALL.frame)
    assert np.array_equal(RiskHorizonScorer().fit_transform(table), expected)
    assert np.array_equal(RiskHorizonScorer().fit_transform(table.to_pandas()), expected)
    assert np.array_equal(RiskHorizonScorer().fit_transform(table.to_arrow()), expected)


def test_it_works_in_a_pipeline():
    found = make_pipeline(RiskHorizonScorer(), StandardScaler()).fit_transform(CALL.frame)
    assert found.shape == (3, 15)
    assert np.allclose(found.mean(axis=0), 0)


def test_it_must_be_fitted_before_it_transforms():
    with pytest.raises(NotFittedError):
        RiskHorizonScorer().transform(CALL)


def test_a_table_that_lost_a_column_is_refused():
    scorer = RiskHorizonScorer().fit(CALL.frame)
    with pytest.raises(DataError, match="column trl: was there when the scorer was fitted"):
        scorer.transform(CALL.frame.drop("trl"))
    wider = CALL.frame.with_columns(pl.lit(1).alias("more"))
    assert np.array_equal(scorer.transform(wider), scorer.transform(CALL.frame))


def test_settings_survive_cloning():
    scorer = RiskHorizonScorer(ScoringSettings(saturation_years=40))
    assert clone(scorer).get_params() == scorer.get_params()
