"""How much the labels of a call hang on errors of the evidence, and on weights that somebody chose."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import polars as pl

from portfolio.analysis.uncertainty.draws import DRAWN, changes, chunks, drawn_columns, hypercube, replaced
from portfolio.call import Call
from portfolio.call.sql_numbers import DIGITS
from portfolio.optimize.prepare import Scored, score_call
from portfolio.optimize.vectors import Bools, Floats
from portfolio.policy import Policy
from portfolio.policy.conditions import columns_in, evaluate
from portfolio.policy.source import Path
from portfolio.scoring import PARADIGM, ScoringSettings
from portfolio.scoring.evidence import Evidence
from portfolio.scoring.scorer import score_columns, score_parts

_ENDS = ("", "_low", "_high")
_SCORES = tuple(f"{name}{end}" for name in (*DRAWN, "horizon_years") for end in _ENDS)
_NUMBER = re.compile(r"(?<![\w.'])\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.'])")
_TABLES = ("rows", "ambiguity")
_LABEL = "paradigm"
# Numbers that conditions tell apart from those beside them.
_APART = 10.0 ** (2 - DIGITS)


def _unwatched(_: str) -> None:
    """Report nothing."""


def sensitivity(
    call: Call,
    policy: Policy,
    *,
    draws: int = 1000,
    weight_draws: int = 200,
    weight_change: float = 0.25,
    seed: int = 0,
    watch: Callable[[str], None] = _unwatched,
) -> pl.DataFrame:
    """Return how far each label of each proposal is from changing, and how often it would.

    Labels are the traits of the policy that use a score (risk, ambiguity, horizon, horizon_years, basicness,
    paradigm, also their intervals) and the paradigm label itself.

    Parameters
    ----------
    call, policy
        What was asked for, and what traits, weights and thresholds are.
    draws
        Draws of the truth behind the scores, independent between scores.
    weight_draws, weight_change
        Draws of the weights of rows, of evidence and of ambiguity: each is multiplied by a factor that is
        uniform between 1 - `weight_change` and 1 + `weight_change`.
    seed
        The same seed gives the same bytes.
    watch
        Called with the name of each step.

    Returns
    -------
    DataFrame
        One row per proposal and label, sorted by id: id, label, value (``true``, ``false`` or the paradigm), score
        and threshold (the nearest at which the label changes if no other column does; null where no plain number
        is one), distance (between the two, in units of the score), changes_by_evidence and changes_by_weights
        (share of the draws in which the label is another).

    Raises
    ------
    PolicyError
        If the policy does not fit the call.
    ValueError
        If `weight_change` is not between 0 and 1, or a number of draws is below 1.

    Notes
    -----
    The truth behind a score is drawn as `portfolio.analysis.uncertainty.draws` says. A draw of weights scores the
    call anew.
    """
    if not 0 <= weight_change <= 1 or draws < 1 or weight_draws < 1:
        raise ValueError(
            "weight_change must be between 0 and 1, and there must be at least one draw of each kind"
        )
    scored = score_call(call, policy)
    labels = _Labels(policy, scored)
    watch("Drawing evidence")
    settings = policy.scoring
    uniform = hypercube(draws, len(DRAWN), seed)
    by_evidence = changes(labels, labels.now, _by_evidence(scored, labels, settings, uniform))
    watch("Drawing weights")
    # Only proportions matter: divided by the largest factor, no weight exceeds its bound.
    weights = _Weights(scored)
    factors = 1 + weight_change * (2 * hypercube(weight_draws, weights.count(settings), seed + 1) - 1)
    factors /= 1 + weight_change
    by_weights = changes(labels, labels.now, _by_weights(scored, labels, settings, weights, factors))
    watch("Measuring distances")
    parts = []
    for index, name in enumerate(labels.names):
        value = labels.now[index].cast(pl.String).alias("value")
        shares = {"evidence": by_evidence[index] / draws, "weights": by_weights[index] / weight_draws}
        part = _nearest(scored, labels, settings, index).with_columns(
            pl.lit(name).alias("label"), value, pl.lit(index).alias("order")
        )
        # What has no label for want of evidence cannot change it.
        shown = {
            f"changes_by_{kind}": pl.Series(np.where(value.is_null(), np.nan, share)).fill_nan(None)
            for kind, share in shares.items()
        }
        parts.append(part.with_columns(**shown))
    found = pl.concat(parts).sort("id", "order")
    heads = ("id", "label", "value", "score", "threshold", "distance")
    return found.select(*heads, "changes_by_evidence", "changes_by_weights")


class _Labels:
    """The labels of a call as functions of its table: n values each, a trait's true or false, the paradigm last."""

    def __init__(self, policy: Policy, scored: Scored) -> None:
        self._policy, self._mark = policy, scored.call.decimal_mark
        scores = {_LABEL, *_SCORES}
        uses = {name: {_plain(column) for column in columns_in(sql)} for name, sql in policy.traits.items()}
        self.conditions = {name: sql for name, sql in policy.traits.items() if scores & uses[name]}
        self.names = (*self.conditions, _LABEL)
        used = {column for sql in self.conditions.values() for column in columns_in(sql)}
        self.table = scored.table
        self.columns = sorted({_LABEL, *used} & {*self.table.columns})
        self.now = self(self.table)

    def __call__(self, table: pl.DataFrame) -> list[pl.Series]:
        paths: dict[Path, str] = {("traits", name): sql for name, sql in self.conditions.items()}
        masks, faults = evaluate(table, paths, self._mark)
        self._policy.refuse(faults)
        return [*(pl.Series(masks[path]) for path in paths), table[_LABEL]]

    def thresholds(self, index: int) -> Iterator[tuple[str, float]]:
        """Yield the columns of scores that a trait uses, with every number that stands in its condition."""
        sql = self.conditions[self.names[index]]
        numbers = sorted({float(number) for number in _NUMBER.findall(sql)})
        for column in sorted({*columns_in(sql)}):
            if _plain(column) in _SCORES:
                yield from ((column, number) for number in numbers)


def _plain(column: str) -> str:
    """Return the name of a score without what tells it from a column of the file."""
    return column.removeprefix("scored_")


def _by_evidence(
    scored: Scored, labels: _Labels, settings: ScoringSettings, uniform: Floats
) -> Iterator[tuple[pl.DataFrame, int]]:
    """Yield tables in which the truth behind the scores is drawn, and how many draws each holds."""
    table = labels.table.select(labels.columns)
    for part in chunks(len(uniform), table.height):
        some = uniform[part]
        yield (
            replaced(table, len(some), drawn_columns(scored.scores.frame, some.T[:, :, None], settings)),
            len(some),
        )


def _by_weights(
    scored: Scored, labels: _Labels, settings: ScoringSettings, weights: _Weights, factors: Floats
) -> Iterator[tuple[pl.DataFrame, int]]:
    """Yield the table as it would be under other weights, once for each row of factors."""
    table = labels.table.select(labels.columns)
    for row in factors.tolist():
        found = weights.scored(scored.call.frame, settings, iter(row))
        yield replaced(table, 1, {column.name: column for column in found}), 1


class _Weights:
    """What the scores of a call are made of, to be put together again with other weights."""

    def __init__(self, scored: Scored) -> None:
        parts = scored.scores.parts(np.arange(len(scored.scores)))
        self._pieces = [
            Evidence(piece.name, PARADIGM[row.name].name, piece.weight, piece.estimate)
            for row in parts["basicness"]
            for piece in row.parts
        ]
        self._disagreement = parts["ambiguity"][-1].estimate.position

    def count(self, settings: ScoringSettings) -> int:
        """Return how many weights there are."""
        return len(self._pieces) + sum(len(type(getattr(settings, name)).model_fields) for name in _TABLES)

    def scored(
        self, frame: pl.DataFrame, settings: ScoringSettings, factors: Iterator[float]
    ) -> list[pl.Series]:
        """Return the columns of the scores with every weight multiplied by the next factor."""
        evidence = [replace(piece, weight=piece.weight * next(factors)) for piece in self._pieces]
        tables = {
            name: table.replace(**{key: weight * next(factors) for key, weight in table.model_dump().items()})
            for name, table in ((name, getattr(settings, name)) for name in _TABLES)
        }
        other = settings.replace(**tables)
        return score_columns(frame, score_parts(evidence, other, self._disagreement), other)


def _nearest(scored: Scored, labels: _Labels, settings: ScoringSettings, index: int) -> pl.DataFrame:
    """Return id, score, threshold and distance; of several thresholds the one that is fewest intervals away."""
    table = labels.table
    best = np.full(table.height, np.inf)
    at, distance = np.full(table.height, np.nan), np.full(table.height, np.nan)
    which = np.full(table.height, -1)
    columns: list[str] = []
    for column, threshold, matters in _mattering(table, labels, settings, index):
        base = _plain(column).removesuffix("_low").removesuffix("_high")
        apart = np.abs(table[column].to_numpy() - threshold)
        ratio = apart / np.maximum((table[f"{base}_high"] - table[f"{base}_low"]).to_numpy(), 1e-9)
        closer = matters & (ratio < best)
        best, at = np.where(closer, ratio, best), np.where(closer, threshold, at)
        distance, which = np.where(closer, apart, distance), np.where(closer, len(columns), which)
        columns.append(column)
    names = pl.Series([*columns, None], dtype=pl.String).gather(which % (len(columns) + 1))
    found = {"score": names, "threshold": at, "distance": np.round(distance, 9)}
    return pl.DataFrame({"id": scored.call.ids} | found).with_columns(
        pl.col("threshold", "distance").fill_nan(None)
    )


def _mattering(
    table: pl.DataFrame, labels: _Labels, settings: ScoringSettings, index: int
) -> Iterator[tuple[str, float, Bools]]:
    """Yield thresholds with the proposals whose label changes on one of their sides, or on them."""
    if labels.names[index] == _LABEL:
        labelled = table[_LABEL].is_not_null().to_numpy()
        for bound in (settings.applied_below, settings.basic_above):
            yield "basicness", bound, labelled
        return
    now = labels.now[index].to_numpy()
    for column, number in labels.thresholds(index):
        apart = _APART * max(1.0, abs(number))
        sides = (number, number - apart, number + apart)
        tried = [labels(table.with_columns(pl.lit(float(side)).alias(column)))[index] for side in sides]
        yield column, number, np.logical_or.reduce([side.to_numpy() != now for side in tried])
