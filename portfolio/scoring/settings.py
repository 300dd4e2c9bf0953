"""What a funder decides about scoring: the tables [reviews] and [scoring] of a policy."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from portfolio.call.value import Value
from portfolio.scoring.paradigm import PARADIGM, RowName
from portfolio.scoring.review_settings import BayesSettings
from portfolio.scoring.text.settings import TextSettings

Weight = Annotated[float, Field(ge=0, le=1e6)]
Unit = Annotated[float, Field(ge=0, le=1)]


class ReviewSettings(Value):
    """The scale of the reviews and how a merit is made of them.

    Parameters
    ----------
    best, worst
        The best and the worst grade; they give the scale and its direction. Merit is always higher-is-better
        within the same range: where 1 is best and 5 is worst, a grade of 1 becomes a merit of 5 (``best +
        worst - grade``).
    method
        How merit is made of grades. ``mean``: the mean over reviewers, then the weighted mean over criteria.
        ``severity``: a linear mixed model takes out how severe each reviewer is. ``bayes``: the same with prior
        distributions, and with ranks (Heyard et al. 2022). ``least_squares``: each reviewer's own use of the scale,
        a straight line, is taken out (Tan et al. 2021). With any but the first, the plain mean stands beside it as
        `merit_mean`.
    reviewer_ids
        Where a reviewer's name is unique. ``call``: the same name is the same person in all panels; ``panel``:
        names start again in every panel.
    weights
        Weight per criterion. Empty: all criteria weigh the same. Otherwise a criterion that is not listed
        weighs 0. Reviews without a criterion have the criterion ``overall``.
    bayes
        Settings of the method ``bayes``.
    """

    best: Annotated[float, Field(description="best grade of the scale")]
    worst: Annotated[float, Field(description="worst grade of the scale")]
    method: Literal["mean", "severity", "bayes", "least_squares"] = "mean"
    reviewer_ids: Literal["call", "panel"] = "call"
    weights: dict[str, Weight] = Field(default_factory=dict, description="weight per criterion")
    bayes: BayesSettings = BayesSettings()

    @model_validator(mode="after")
    def _usable(self) -> Self:
        if self.best == self.worst:
            raise ValueError(f"best and worst must differ, and both are {self.best:g}")
        if self.weights and not any(self.weights.values()):
            raise ValueError("weights must give at least one criterion a weight above 0")
        return self

    @property
    def lowest(self) -> float:
        """The smallest grade of the scale, which is also the smallest merit."""
        return min(self.best, self.worst)

    @property
    def highest(self) -> float:
        """The largest grade of the scale, which is also the largest merit."""
        return max(self.best, self.worst)


class RowWeights(Value):
    """How much each row of the paradigm table weighs in basicness."""

    primary_goal: Weight = 1.0
    risk_profile: Weight = 1.0
    time_horizon: Weight = 1.0
    key_metric: Weight = 1.0

    @model_validator(mode="after")
    def _usable(self) -> Self:
        if not any(getattr(self, name) for name in PARADIGM.names):
            raise ValueError("at least one row must have a weight above 0")
        return self


class EvidenceWeights(Value):
    """How much each piece of evidence weighs within its row; 0 leaves it out."""

    research_type: Weight = 1.0
    driver: Weight = 1.0
    success_probability: Weight = 1.0
    trl: Weight = 0.5
    feasibility: Weight = 1.0
    years_to_outcome: Weight = 1.0
    expected_outputs: Weight = 1.0


class AmbiguityWeights(Value):
    """How much the spread of the risk evidence and the reviewers' disagreement weigh in ambiguity."""

    spread: Weight = 1.0
    disagreement: Weight = 1.0


class HalfWidths(Value):
    """How far evidence may be off: nine errors in ten are no larger, on the scale from 0 to 1.

    The widths of the evidence are the errors of the calls that ``portfolio simulate`` makes: people state their
    chance of success in steps, and hopefully; a technology readiness level says how far a technology is, and only
    loosely how likely it fails; 0.085 on the horizon scale is a factor of about 1.3 in years. A funder who knows
    how earlier projects ended should state their own.

    Parameters
    ----------
    row
        How far one row of the table may lie from the basicness of the whole proposal.
    spread, disagreement
        How far the two parts of ambiguity may be off.
    """

    success_probability: Unit = 0.165
    trl: Unit = 0.35
    feasibility: Unit = 0.375
    years_to_outcome: Unit = 0.085
    row: Unit = 0.12
    spread: Unit = 0.1
    disagreement: Unit = 0.1


class ColumnEvidence(Value):
    """A further column of the call as evidence: an officer's rating, the output of a text model.

    Parameters
    ----------
    column
        A numeric column of the call.
    row
        The row of the paradigm table on which it places a proposal. Evidence on ``risk_profile`` enters risk
        too, evidence on ``time_horizon`` enters horizon too.
    applied, basic
        The values of the column at the applied and at the basic pole; they may run either way.
    weight, half_width
        Weight within the row, and how far the evidence may be off: nine errors in ten are no larger, on the
        scale from 0 to 1.
    """

    column: Annotated[str, Field(min_length=1)]
    row: RowName
    applied: float
    basic: float
    weight: Weight = 1.0
    half_width: Unit = 0.1

    @model_validator(mode="after")
    def _usable(self) -> Self:
        if self.applied == self.basic:
            raise ValueError(f"applied and basic must differ, and both are {self.applied:g}")
        return self


class FieldDistance(Value):
    """How far apart two fields of research are, from 0 (the same) to 1 (nothing in common).

    Parameters
    ----------
    between
        Two fields, as the column `fields` names them.
    """

    between: Annotated[tuple[str, str], Field(strict=False)]
    distance: Unit

    @model_validator(mode="after")
    def _usable(self) -> Self:
        if self.between[0] == self.between[1]:
            raise ValueError(f"between must name two different fields, and both are {self.between[0]!r}")
        return self


class ScoringSettings(Value):
    """How evidence becomes basicness, risk, ambiguity and horizon. Every field has a default.

    Parameters
    ----------
    rows, evidence, ambiguity
        Weights: of the rows in basicness, of each piece of evidence within its row, of the two parts of
        ambiguity.
    half_widths
        How far numeric evidence may be off. The words of the vocabularies have theirs in `POSITIONS`.
    further
        More columns of the call that are evidence.
    text
        Title and abstract as evidence. None: they are not scored.
    feasibility
        Names of the review criteria that rate feasibility; a poor rating is evidence of risk. While it is
        empty, feasibility is not asked for, and its absence does not widen any interval.
    applied_below, basic_above
        Basicness at or below the first is labelled applied, at or above the second basic, mixed in between.
    distance
        Distances between fields for interdisciplinarity; of the others the distance follows from their codes.
    saturation_years
        Years to the outcome at which horizon reaches 1.
    conflict_distance
        Two rows contradict each other when their positions are further apart than this. At least 0.5, so that
        the two always lie on different sides.
    """

    rows: RowWeights = RowWeights()
    evidence: EvidenceWeights = EvidenceWeights()
    ambiguity: AmbiguityWeights = AmbiguityWeights()
    half_widths: HalfWidths = HalfWidths()
    further: Annotated[tuple[ColumnEvidence, ...], Field(strict=False)] = ()
    text: TextSettings | None = None
    feasibility: Annotated[tuple[str, ...], Field(strict=False)] = ()
    distance: Annotated[tuple[FieldDistance, ...], Field(strict=False)] = ()
    applied_below: Unit = 1 / 3
    basic_above: Unit = 2 / 3
    saturation_years: Annotated[float, Field(ge=1, le=1000)] = 30.0
    conflict_distance: Annotated[float, Field(ge=0.5, le=1)] = 0.6

    @model_validator(mode="after")
    def _usable(self) -> Self:
        if self.applied_below >= self.basic_above:
            raise ValueError("applied_below must be less than basic_above")
        names = [*EvidenceWeights.model_fields, *(piece.column for piece in self.further)]
        names += ["text"] if self.text is not None else []
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"is evidence already, and would count twice: {', '.join(twice)}")
        pairs = [" and ".join(sorted(pair.between)) for pair in self.distance]
        again = sorted({pair for pair in pairs if pairs.count(pair) > 1})
        if again:
            raise ValueError(f"distance is given twice between {', '.join(again)}")
        return self
