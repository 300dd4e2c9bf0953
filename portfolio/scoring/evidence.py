"""From the columns of a call to pieces of evidence, each placed on its row of the paradigm table."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from portfolio.errors import DataError, Issue, PolicyError, nearest
from portfolio.scoring.columns import mentions, numbers, words
from portfolio.scoring.estimate import Estimate, Floats, combine, vague
from portfolio.scoring.paradigm import POSITIONS, RowName
from portfolio.scoring.settings import ColumnEvidence, ScoringSettings
from portfolio.scoring.text.evidence import TEXT_ROWS, beside
from portfolio.scoring.text.settings import TextSettings


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """One piece of evidence about every proposal.

    Parameters
    ----------
    name
        The column it comes from, or ``feasibility``.
    row
        Where in the paradigm table it places a proposal.
    weight
        Within the row.
    estimate
        The position of each proposal, NaN where this evidence is missing, with its interval.
    """

    name: str
    row: RowName
    weight: float
    estimate: Estimate


def gather(
    frame: pl.DataFrame,
    settings: ScoringSettings,
    feasibility: Floats | None = None,
    text: Floats | None = None,
) -> list[Evidence]:
    """Return all pieces of evidence, in the order of the paradigm table.

    Parameters
    ----------
    frame
        One row per proposal.
    settings
        Weights and half-widths.
    feasibility
        Mean feasibility rating per proposal, 0 the worst grade and 1 the best, NaN where there is none. None:
        the funder does not ask for it, and it is no evidence that could be missing.
    text
        How basic the text of each proposal reads, 0 to 1, NaN where that is not known. None: text is no evidence.
    """
    success = 1.0 - numbers(frame, "success_probability")
    trl = 1.0 - (numbers(frame, "trl") - 1.0) / 8.0
    years = horizon_position(numbers(frame, "years_to_outcome"), settings.saturation_years)
    known: list[tuple[str, RowName, Estimate | None]] = [
        ("research_type", "primary_goal", _placed_word(frame, "research_type")),
        ("driver", "primary_goal", _placed_word(frame, "driver")),
        ("success_probability", "risk_profile", _number(success, "success_probability", settings)),
        ("trl", "risk_profile", _number(trl, "trl", settings)),
        ("feasibility", "risk_profile", None if feasibility is None else _rated(feasibility, settings)),
        ("years_to_outcome", "time_horizon", _number(years, "years_to_outcome", settings)),
        ("expected_outputs", "key_metric", _placed_list(frame, "expected_outputs")),
    ]
    weights = settings.evidence
    pieces = [Evidence(name, row, getattr(weights, name), e) for name, row, e in known if e is not None]
    pieces += [_further(frame, piece) for piece in settings.further]
    if text is None or settings.text is None:
        return pieces
    return pieces + _texts(text, settings.text, pieces)


def _texts(text: Floats, settings: TextSettings, entered: list[Evidence]) -> list[Evidence]:
    """Place texts on the rows that they speak to, each beside what people entered there."""
    made = []
    for row in TEXT_ROWS:
        here = [(piece.estimate, piece.weight) for piece in entered if piece.row == row]
        said = combine([estimate for estimate, _ in here], [weight for _, weight in here], text.size)
        estimate = beside(text, said.position, settings.half_width)
        made.append(Evidence("text", row, settings.weight, estimate))
    return made


def horizon_position(years: Floats, saturation: float) -> Floats:
    """Return log(1 + years) / log(1 + saturation), at most 1: ten years more matter less the further away."""
    position: Floats = np.minimum(1.0, np.log1p(np.maximum(0.0, years)) / np.log1p(saturation))
    return position


def horizon_years(position: Floats, saturation: float) -> Floats:
    """Return the years whose horizon is `position`, the inverse of `horizon_position`."""
    years: Floats = np.expm1(position * np.log1p(saturation))
    return years


def _number(position: Floats, name: str, settings: ScoringSettings) -> Estimate:
    return vague(position, getattr(settings.half_widths, name))


def _rated(feasibility: Floats, settings: ScoringSettings) -> Estimate:
    return vague(1.0 - feasibility, settings.half_widths.feasibility)


def _placed_word(frame: pl.DataFrame, name: str) -> Estimate:
    column, places = words(frame, name), POSITIONS[name]
    at, width = (
        column.replace_strict(
            {word: getattr(p, part) for word, p in places.items()}, default=other, return_dtype=pl.Float64
        )
        for part, other in (("at", None), ("half_width", _vaguest(name)))
    )
    return vague(at.to_numpy(), width.to_numpy())


def _placed_list(frame: pl.DataFrame, name: str) -> Estimate:
    """Place a list at the mean of its distinct words."""
    count, at, width = (np.zeros(frame.height) for _ in range(3))
    for word, mentioned in mentions(frame, name).items():
        place = POSITIONS[name][word]
        count += mentioned
        at += mentioned * place.at
        width += mentioned * place.half_width
    some = count > 0
    position = np.divide(at, count, out=np.full(frame.height, np.nan), where=some)
    return vague(position, np.divide(width, count, out=np.full(frame.height, _vaguest(name)), where=some))


def _vaguest(name: str) -> float:
    """Return the largest half-width of a vocabulary: how vague a missing word might have been."""
    return max(place.half_width for place in POSITIONS[name].values())


def _further(frame: pl.DataFrame, piece: ColumnEvidence) -> Evidence:
    if piece.column not in frame.columns:
        hint = nearest(piece.column, frame.columns)
        raise PolicyError(
            [Issue("is not a column of the call", hint, column="scoring.further", value=piece.column)]
        )
    values = numbers(frame, piece.column)
    position = (values - piece.applied) / (piece.basic - piece.applied)
    outside = values[(position < 0) | (position > 1)]
    if outside.size:
        rule = f"must be between {piece.applied:g} and {piece.basic:g}, the poles that the policy gives it"
        raise DataError([Issue(rule, column=piece.column, value=f"{outside.min():g}", count=outside.size)])
    return Evidence(piece.column, piece.row, piece.weight, vague(position, piece.half_width))
