"""scikit-learn's own checks: those that need no data, and all others on texts made of the numbers that they feed."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.utils.estimator_checks import check_estimator
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

import portfolio as pf

# Bare names, so that the texts are all of one language and none of the lexicon's.
_LEVELS = "abcdefghijklmnopqrstu"


class OnNumbers(pf.ParadigmTextScorer):
    """The scorer behind a door that takes the arrays of scikit-learn's checks: each number becomes a word."""

    def __init__(self, way="combined", positive=None, language="en"):
        super().__init__(way, positive, language)

    def fit(self, X, y=None):
        X, y = validate_data(self, X, y, dtype=np.float64)
        check_classification_targets(y)
        classes = np.unique(y)
        if classes.size > 2:
            raise ValueError(
                f"Only binary classification is supported. The type of the target is {classes.size}"
            )
        if classes.size < 2:
            raise ValueError("Classifier can't train when only one class is present.")
        self.low_, self.high_ = X.min(axis=0), X.max(axis=0)
        scorer = pf.ParadigmTextScorer(self.way, classes[1], self.language).fit(self._texts(X), y)
        self.model_, self.classes_ = scorer.model_, classes
        return self

    def decision_function(self, X):
        check_is_fitted(self, "model_")
        return super().decision_function(self._texts(validate_data(self, X, dtype=np.float64, reset=False)))

    def predict(self, X):
        basic = self.decision_function(X) > 0
        return self.classes_[basic.astype(int)]

    def _texts(self, X):
        place = (X - self.low_) / np.where(self.high_ > self.low_, self.high_ - self.low_, 1)
        levels = np.clip(np.nan_to_num(place) * 20, 0, 20).astype(int)
        return [" ".join(f"{'w' * (k + 1)}z{_LEVELS[: v + 1]}" for k, v in enumerate(row)) for row in levels]

    def __sklearn_is_fitted__(self):
        return hasattr(self, "model_")

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.requires_fit = tags.target_tags.required = tags.input_tags.two_d_array = True
        tags.input_tags.one_d_array = tags.input_tags.string = tags.input_tags.allow_nan = False
        return tags


@pytest.mark.filterwarnings("ignore:Can't test estimator")
def test_the_checks_that_need_no_data():
    assert {result["status"] for result in check_estimator(pf.ParadigmTextScorer())} == {"passed"}


@pytest.mark.once
@pytest.mark.filterwarnings("ignore")
def test_the_checks_that_feed_data():
    results = check_estimator(OnNumbers(), on_fail=None)
    assert not {one["check_name"]: one["exception"] for one in results if one["status"] == "failed"}
    assert sum(one["status"] == "passed" for one in results) > 35
