"""Scoring a call: evidence in, scores out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from portfolio.call.confusable import look_alikes
from portfolio.scoring.career_rules import EarlyCareerSettings
from portfolio.scoring.columns import Scorable, numbers
from portfolio.scoring.diversity import interdisciplinarity
from portfolio.scoring.early_career import early_career as decide_early_career
from portfolio.scoring.estimate import BASE, Estimate, Floats, partial, present_share, rounded, spread, vague
from portfolio.scoring.evidence import Evidence, gather, horizon_years
from portfolio.scoring.known import silent, with_middles
from portfolio.scoring.labels import conflicts, paradigm_label, quadrant
from portfolio.scoring.merit import feasibility, merit
from portfolio.scoring.paradigm import PARADIGM
from portfolio.scoring.scores import Part, Scores, total
from portfolio.scoring.settings import ReviewSettings, ScoringSettings
from portfolio.scoring.text.evidence import text_positions, text_sources

_SLICE = 50_000


def score(
    call: Scorable,
    *,
    scoring: ScoringSettings | None = None,
    reviews: ReviewSettings | None = None,
    early_career: EarlyCareerSettings | None = None,
    folder: Path | None = None,
) -> Scores:
    """Score every proposal of a call.

    Parameters
    ----------
    call
        A `Call`, or anything with `frame` (one row per proposal, any of the evidence columns) and `reviews`
        (a table of grades, or None).
    scoring
        Weights and scales; the default weighs all rows the same.
    reviews
        The scale of the grades. Needed if the call has reviews.
    early_career
        The rule that decides where the column early_career does not.
    folder
        Where the path of a text model in `scoring` starts: the folder of the policy. None: the working directory.

    Raises
    ------
    PolicyError
        If the settings name a criterion or a column that the call does not have, or the scale of reviews is
        missing.
    DataError
        If a grade is outside the scale, a word is outside its vocabulary, there are both merits and reviews, or
        the reviews cannot be calibrated as the settings ask.
    """
    settings = scoring or ScoringSettings()
    plain = merit(call, reviews)
    merits, notes = _calibrated(call, reviews, plain)
    rated = feasibility(call, reviews, settings.feasibility)
    read = text_positions(call.frame, settings.text, folder)
    basis = _Basis(call.frame, settings, rated, _disagreement(plain, reviews), read)
    diversity = interdisciplinarity(call.frame, settings)
    found = pl.DataFrame(
        [
            call.frame.get_column("id"),
            *merits.drop("n_reviews", "disagreement"),
            merits.get_column("n_reviews"),
            *basis.columns(),
            decide_early_career(call.frame, early_career),
            *([] if diversity is None else [diversity]),
        ]
    )
    notes = (*notes, *_criteria_that_look_alike(call))
    years = float(_in_years(np.array(BASE), settings.saturation_years))
    sources = text_sources(settings.text, folder)
    return Scores(with_middles(found, years), basis.parts, sources, notes, silent(found))


def _criteria_that_look_alike(call: Scorable) -> tuple[str, ...]:
    """Say which criteria are probably one in two spellings; a weight for one of them leaves out the other."""
    if call.reviews is None or "criterion" not in call.reviews.columns:
        return ()
    names = call.reviews.get_column("criterion").drop_nulls().unique().cast(pl.String).sort()
    return tuple(
        f"These criteria of the reviews look alike and are different ones, each with a weight of its own: "
        f"{' and '.join(map(repr, group))}. Write them in one way, or the grades on some may count for nothing."
        for group in look_alikes(names)
    )


def _calibrated(
    call: Scorable, reviews: ReviewSettings | None, plain: pl.DataFrame
) -> tuple[pl.DataFrame, tuple[str, ...]]:
    if call.reviews is None or reviews is None or reviews.method == "mean":
        return plain, ()
    # Solvers and special functions take a while to import, and the plain mean needs none.
    from portfolio.scoring.reviewers import calibrated_merit

    return calibrated_merit(call, reviews, reviews.method, plain)


@dataclass(frozen=True, slots=True, eq=False)
class _Basis:
    """What the scores of a call rest on: its columns, ratings and disagreement of reviewers, how its texts read."""

    frame: pl.DataFrame
    settings: ScoringSettings
    feasibility: Floats | None
    disagreement: Floats
    text: Floats | None

    def columns(self) -> list[pl.Series]:
        """Return the columns from basicness to conflicts; in slices, for the evidence is larger than the call."""
        starts = range(0, max(1, self.frame.height), _SLICE)
        slices = [self._take(slice(start, start + _SLICE)) for start in starts]
        made = [pl.DataFrame(score_columns(part.frame, part.all_parts(), part.settings)) for part in slices]
        return pl.concat(made, rechunk=True).get_columns()

    def all_parts(self) -> Mapping[str, tuple[Part, ...]]:
        """Return the parts of the scores of all proposals."""
        evidence = gather(self.frame, self.settings, self.feasibility, self.text)
        return score_parts(evidence, self.settings, self.disagreement)

    def parts(self, rows: npt.NDArray[np.int64]) -> Mapping[str, tuple[Part, ...]]:
        """Return the parts of the scores of some proposals."""
        return self._take(rows).all_parts()

    def _take(self, rows: npt.NDArray[np.int64] | slice) -> _Basis:
        rated = None if self.feasibility is None else self.feasibility[rows]
        text = None if self.text is None else self.text[rows]
        return _Basis(self.frame[rows], self.settings, rated, self.disagreement[rows], text)


def score_parts(
    evidence: list[Evidence], settings: ScoringSettings, disagreement: Floats
) -> Mapping[str, tuple[Part, ...]]:
    """Return what basicness, risk, ambiguity and horizon are made of.

    Risk is the position on the row risk_profile and horizon that on time_horizon; basicness combines all four
    rows. Ambiguity is kept apart from risk (Franzoni & Stephan 2023): how far the pieces of risk evidence lie
    apart, and how far the reviewers do.
    """
    length = disagreement.size
    rows = {row: tuple(_leaf(piece) for piece in evidence if piece.row == row) for row in PARADIGM.names}
    risk = rows["risk_profile"]
    ambiguity = _ambiguity_parts(risk, settings, disagreement)
    basicness = tuple(
        Part(
            row,
            getattr(settings.rows, row),
            total(parts, length).blurred(settings.half_widths.row),
            row,
            parts,
        )
        for row, parts in rows.items()
    )
    return {"basicness": basicness, "risk": risk, "ambiguity": ambiguity, "horizon": rows["time_horizon"]}


def score_columns(
    frame: pl.DataFrame, parts: Mapping[str, tuple[Part, ...]], settings: ScoringSettings
) -> list[pl.Series]:
    """Return the columns from basicness to conflicts, in the order of `Scores.frame`; null without evidence."""
    estimates = {name: total(pieces, frame.height) for name, pieces in parts.items()}
    positions = {part.name: part.estimate.position for part in parts["basicness"]}
    label = paradigm_label(estimates["basicness"].position, settings.applied_below, settings.basic_above)
    return [
        *_triple("basicness", estimates["basicness"]),
        label.alias("paradigm"),
        *_triple("risk", estimates["risk"]),
        *_triple("ambiguity", estimates["ambiguity"]),
        *_triple("horizon", estimates["horizon"]),
        *_years(frame, estimates["horizon"], settings.saturation_years),
        quadrant(frame).alias("quadrant"),
        conflicts(positions, settings.conflict_distance).alias("conflicts"),
    ]


def _leaf(piece: Evidence) -> Part:
    return Part(piece.name, piece.weight, piece.estimate, piece.row)


def _ambiguity_parts(
    risk: tuple[Part, ...], settings: ScoringSettings, disagreement: Floats
) -> tuple[Part, Part]:
    """Return the two parts of ambiguity; evidence on risk that is missing leaves the spread less certain."""
    pieces, weights = [part.estimate for part in risk], [part.weight for part in risk]
    apart = vague(spread(pieces, weights, disagreement.size), settings.half_widths.spread)
    known = partial(apart, present_share(pieces, weights, disagreement.size))
    unheard = np.isnan(disagreement)
    voices = vague(disagreement, np.where(unheard, 1.0, settings.half_widths.disagreement))
    return (
        Part("spread", settings.ambiguity.spread, known, "risk_profile"),
        Part("disagreement", settings.ambiguity.disagreement, voices, "risk_profile"),
    )


def _triple(name: str, estimate: Estimate) -> list[pl.Series]:
    values = {name: estimate.position, f"{name}_low": estimate.low, f"{name}_high": estimate.high}
    return [pl.Series(key, rounded(value)).fill_nan(None) for key, value in values.items()]


def _years(frame: pl.DataFrame, horizon: Estimate, saturation: float) -> list[pl.Series]:
    """Return horizon in years: as stated where stated, else the years whose horizon is the score.

    The interval is that of the score, in years; where it ends at the saturation it reads "or more". A stated
    number beyond the saturation is kept, and ends the interval.
    """
    low, middle, high = (
        _in_years(values, saturation) for values in (horizon.low, horizon.position, horizon.high)
    )
    stated = np.maximum(0.0, numbers(frame, "years_to_outcome"))
    years = np.where(np.isnan(stated), middle, stated)
    columns = {"": years, "_low": np.fmin(low, years), "_high": np.fmax(high, years)}
    return [pl.Series(f"horizon_years{end}", values).fill_nan(None) for end, values in columns.items()]


def _in_years(position: Floats, saturation: float) -> Floats:
    return np.round(horizon_years(position, saturation), 9)


def _disagreement(merits: pl.DataFrame, reviews: ReviewSettings | None) -> Floats:
    """Return the reviewers' standard deviation (with n, so that 1 is the most) over half the scale."""
    if reviews is None:
        return np.full(merits.height, np.nan)
    count = numbers(merits, "n_reviews")
    sample = numbers(merits, "disagreement")
    half = (reviews.highest - reviews.lowest) / 2
    return sample * np.sqrt(np.maximum(count - 1, 0) / np.maximum(count, 1)) / half
