"""The scorer as a scikit-learn transformer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self, cast

import narwhals as nw
import numpy as np
import numpy.typing as npt
import polars as pl
from narwhals.typing import IntoDataFrame
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted

from portfolio.errors import DataError, Issue
from portfolio.scoring.career_rules import EarlyCareerSettings
from portfolio.scoring.columns import Scorable
from portfolio.scoring.estimate import Floats
from portfolio.scoring.scorer import score
from portfolio.scoring.scores import Scores
from portfolio.scoring.settings import ReviewSettings, ScoringSettings

Table = Scorable | IntoDataFrame

FEATURES = tuple(
    f"{name}{end}"
    for name in ("basicness", "risk", "ambiguity", "horizon", "horizon_years")
    for end in ("", "_low", "_high")
)


@dataclass(frozen=True, slots=True)
class _Table:
    """Proposals without reviews."""

    frame: pl.DataFrame
    reviews: pl.DataFrame | None = None


class RiskHorizonScorer(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Score proposals on the paradigm table: basicness, risk, ambiguity and horizon, each with an interval.

    The scorer learns nothing: `fit` records the columns, so that a table that lost one is refused later. A
    table of named, typed columns is needed; a bare array has no names to tell a probability from a readiness
    level.

    Parameters
    ----------
    scoring, reviews, early_career
        Settings; None is the default of each. `reviews` is needed for a call with reviews.

    Attributes
    ----------
    n_features_in_ : int
        Number of columns seen by `fit`.
    feature_names_in_ : ndarray of str
        Their names.
    """

    def __init__(
        self,
        scoring: ScoringSettings | None = None,
        reviews: ReviewSettings | None = None,
        early_career: EarlyCareerSettings | None = None,
    ) -> None:
        self.scoring = scoring
        self.reviews = reviews
        self.early_career = early_career

    def fit(self, X: Table, y: object = None) -> Self:
        """Record the columns of a `Call` or of a table (polars, pandas or another that narwhals reads)."""
        columns = _table(X).frame.columns
        self.n_features_in_ = len(columns)
        self.feature_names_in_ = np.array(columns, dtype=object)
        return self

    def transform(self, X: Table) -> Floats:
        """Return an array of shape (n_proposals, 15); `get_feature_names_out` names its columns.

        Raises
        ------
        DataError
            If a column that was there in `fit` is missing.
        """
        check_is_fitted(self)
        table = _table(X)
        lost = [str(name) for name in self.feature_names_in_ if name not in table.frame.columns]
        if lost:
            raise DataError(
                [Issue("was there when the scorer was fitted, and is missing", column=name) for name in lost]
            )
        return self.score(table).frame.select(FEATURES).to_numpy()

    def score(self, call: Scorable) -> Scores:
        """Return the `Scores` of a call; needs no `fit`."""
        return score(call, scoring=self.scoring, reviews=self.reviews, early_career=self.early_career)

    def get_feature_names_out(self, input_features: object = None) -> npt.NDArray[np.object_]:
        """Return the names of the columns of `transform`."""
        return np.array(FEATURES, dtype=object)

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.requires_fit = True
        tags.input_tags.two_d_array = False
        tags.input_tags.categorical = True
        tags.input_tags.string = True
        tags.input_tags.allow_nan = True
        return tags


def _table(X: Table) -> Scorable:
    """Take a call as it is; give any other table ids if it has none."""
    if isinstance(getattr(X, "frame", None), pl.DataFrame):
        return cast(Scorable, X)
    if isinstance(X, np.ndarray | list):
        raise TypeError(
            "a table with named columns is needed, such as a polars or pandas DataFrame, or a Call"
        )
    frame = nw.from_native(cast(IntoDataFrame, X), eager_only=True).to_polars()
    if "id" not in frame.columns:
        frame = frame.with_columns(pl.int_range(frame.height).cast(pl.String).alias("id"))
    return _Table(frame)
