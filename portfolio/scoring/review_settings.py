"""What a funder decides about the Bayesian reviewer model: the table [reviews.bayes] of a policy."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from portfolio.call.value import Value


class BayesSettings(Value):
    """The Bayesian reviewer model, used where method is ``bayes``.

    Parameters
    ----------
    grades
        ``numbers``: a grade is a number, half way from 4 to 6 is 5. ``ordinal``: grades are only ordered; how far
        apart they lie is estimated.
    panels
        ``together``: one fit over all panels. ``level``: one fit in which every panel has a level of its own, which
        does not count for its proposals. ``separate``: a fit per panel; proposals are compared on the scale of the
        grades.
    chains
        Chains of the sampler, from different starting points.
    draws
        Draws of each chain after its warm-up; doubled until the chains agree.
    most_draws
        Where the doubling ends; if the chains still disagree, the result says so.
    seed
        The same seed gives the same digits.
    """

    grades: Literal["numbers", "ordinal"] = "numbers"
    panels: Literal["together", "level", "separate"] = "together"
    chains: Annotated[int, Field(ge=2, le=16)] = 4
    draws: Annotated[int, Field(ge=100, le=100_000)] = 1000
    most_draws: Annotated[int, Field(ge=100, le=1_000_000)] = 16_000
    seed: Annotated[int, Field(ge=0)] = 0

    @model_validator(mode="after")
    def _usable(self) -> Self:
        if self.most_draws < self.draws:
            raise ValueError(f"most_draws must be at least draws, {self.draws:,}")
        return self
