"""Synthetic calls of any size, with the truth that no real call ever shows.

Every number is made up; the shapes follow real calls, so that an example, a test or a benchmark meets what
a funder meets: a few large requests and many small ones, one institution with a tenth of the applications,
cells left empty, reviewers who disagree, panels that grade risky work a little lower.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import polars as pl
from numpy.typing import NDArray

from portfolio._invented import (
    DRIVERS,
    FIELDS,
    OUTPUTS,
    RESEARCH_TYPES,
    SCHEMES,
    Floats,
    Ints,
    Truth,
    below,
    blank,
    codes,
    draw,
    keep,
    logistic,
    owners,
    people,
    pick,
    stream,
    tags,
    titles,
)
from portfolio.call import Call, ReadingRules
from portfolio.errors import nearest

CRITERIA = MappingProxyType({"overall": -0.8, "originality": 0.6, "feasibility": -2.0})
"""Criterion -> change of the expected grade from a project that cannot fail to one that is bound to."""

_SEVERITY_SD, _SHARED_SD, _OWN_SD = 0.4, 0.5, 0.62
_REVIEW = {"proposal": pl.String, "reviewer": pl.String, "criterion": pl.String, "score": pl.Int64}


@dataclass(frozen=True, slots=True, eq=False)
class SimulatedFrames:
    """A synthetic call as plain tables: what a funder has, and the hidden truth.

    Parameters
    ----------
    proposals, reviews
        With the columns of a funder's files; money in whole units of the currency.
    truth
        id, true_merit (1..6), true_success_probability (0..1), true_horizon_years and true_basicness (0..1);
        the same rows in the same order as `proposals`.
    """

    proposals: pl.DataFrame
    reviews: pl.DataFrame
    truth: pl.DataFrame


@dataclass(frozen=True, slots=True, eq=False)
class SimulatedCall(SimulatedFrames):
    """The same tables, and the `Call` that is read from them."""

    call: Call


def simulate_call(
    n: int,
    *,
    seed: int = 0,
    currency: str = "EUR",
    reviews_per_proposal: int = 3,
    years: int = 3,
    criteria: Sequence[str] = ("overall",),
) -> SimulatedCall:
    """Make a synthetic call with known truth: `simulate_frames`, read into a `Call` in the given currency."""
    made = simulate_frames(
        n, seed=seed, reviews_per_proposal=reviews_per_proposal, years=years, criteria=criteria
    )
    reviews = made.reviews if reviews_per_proposal else None
    call = Call.from_frame(made.proposals, reviews=reviews, rules=ReadingRules(currency=currency))
    return SimulatedCall(made.proposals, made.reviews, made.truth, call)


def simulate_frames(
    n: int,
    *,
    seed: int = 0,
    reviews_per_proposal: int = 3,
    years: int = 3,
    criteria: Sequence[str] = ("overall",),
) -> SimulatedFrames:
    """Make the tables of a synthetic call: the same arguments, the same bytes; a million rows take seconds.

    Parameters
    ----------
    n
        Number of proposals, at least 1.
    seed
        Any whole number from 0. Proposals do not depend on how many reviews are asked for, nor reviews of one
        criterion on the others.
    reviews_per_proposal
        Different reviewers per proposal; with 0 there are none, and `proposals` has a column `merit` (1..6,
        two decimals), as accurate as the mean of three reviews.
    years
        Number of columns `amount_y1`, `amount_y2`, ...; they add up to `amount` exactly.
    criteria
        Some of `CRITERIA`; one row per review and criterion.

    Raises
    ------
    ValueError
        If a number is too small or a criterion is not known.

    Notes
    -----
    Shapes, and where they come from:

    - *Amounts.* Eight schemes, sized so that requests look like the 6,552 to the SNSF in 2019 of CHF
      1,000 or more. There: median 253,000, mean 471,000, 5% below 14,000 and 5% above 1.6 million,
      standard deviation of the logarithm 1.40; here: 281,000, 469,000, 12,000, 1.5 million, 1.42, in
      hundreds. The SNSF granted 32% of that money, so a third of the demand makes a realistic budget.
    - *The young.* 46% of proposals are led within ten years of the doctorate, leave discounted (NSFC: at
      least 45% of projects go to the young). Fellowships and starting grants ask for 28% of the money
      (ERC 2025: starting grants are 28%). Birth, doctorate and leave agree, also between the two
      proposals that 4% submit.
    - *Places.* n / 40 institutions, from 5 to 400, the k-th with a share like (k + 1/2)^-0.9 (of 54
      institutions with Australian health grants in 2015 the first had 15%); up to 30 regions; 20 fields
      (OECD FORD).
    - *Truth.* Basicness depends on field and scheme. The more basic is riskier (the logit of the success
      probability falls by 1.6 from pole to pole) and slower (2.5 years to 18). Merit depends on none of
      it: mean 3.8, standard deviation 0.8, on six grades of which 6 is the best.
    - *Evidence.* Stated by applicants, so noisy, hopeful (success probability 0.05 above the truth) and
      in part missing: 4% of research types, 30% of success probabilities, three in four TRLs of basic
      work. Cofunding is mostly for applied work.
    - *Reviews.* Grade = merit + severity of the reviewer (standard deviation 0.4) + noise (0.8), rounded;
      two reviewers correlate at 0.42 (AIBS 2014-2017: 0.4). **Panels are cautious**: of two projects of
      equal merit the riskier loses 0.8 of an overall grade per unit of failure probability, 0.64 between
      a risk of 10% and one of 90%. A reviewer writes about eight reviews. One in ten of the last
      reviewers of a proposal comes from another panel, so that panels can be compared.
    """
    _require_known(n, seed, reviews_per_proposal, years, criteria)
    leads = people(n, stream(seed, 0))
    lead = leads[owners(n, len(leads), stream(seed, 1))]
    field = lead["field"].to_numpy()
    scheme = _schemes(lead["early"].to_numpy(), stream(seed, 2))
    truth = _truth(field, scheme, stream(seed, 3))
    described = pl.DataFrame(
        {
            "id": codes("P-", n),
            "title": titles(field, stream(seed, 4)),
            "scheme": pick([s.name for s in SCHEMES], scheme),
            "field": pick([f.code for f in FIELDS], field),
        }
    )
    money = _money(scheme, truth, years, stream(seed, 5))
    proposals = pl.concat(
        [described, lead.drop("field", "early"), money, _evidence(field, scheme, truth, seed)],
        how="horizontal",
    )
    if reviews_per_proposal:
        reviews = _reviews(
            proposals["id"], field, truth, k=reviews_per_proposal, criteria=criteria, seed=seed
        )
    else:
        proposals = proposals.with_columns(merit=_merit(truth, stream(seed, 7)))
        reviews = pl.DataFrame(schema=_REVIEW | {"panel": pl.String})
    hidden = {f"true_{name}": np.round(values, 4) for name, values in truth.items()}
    return SimulatedFrames(proposals, reviews, pl.DataFrame({"id": proposals["id"]} | hidden))


def _require_known(n: int, seed: int, reviews: int, years: int, criteria: Sequence[str]) -> None:
    least = {"n": (n, 1), "seed": (seed, 0), "reviews_per_proposal": (reviews, 0), "years": (years, 1)}
    for name, (value, minimum) in least.items():
        if value < minimum:
            raise ValueError(f"{name} must be at least {minimum}, not {value}")
    for criterion in criteria:
        if criterion not in CRITERIA:
            raise ValueError(f"criterion {criterion!r} is not known: {nearest(criterion, CRITERIA)}")
    if not criteria or len(set(criteria)) < len(criteria):
        raise ValueError(f"criteria must be one or more, all different, not {tuple(criteria)}")


def _schemes(early: NDArray[np.bool_], rng: np.random.Generator) -> Ints:
    uniform = rng.random(early.size)
    young, others = draw([s.early for s in SCHEMES], uniform), draw([s.established for s in SCHEMES], uniform)
    return np.where(early, young, others)


def _truth(field: Ints, scheme: Ints, rng: np.random.Generator) -> Truth:
    noise = rng.standard_normal((4, field.size))
    tilt = np.array([f.basic for f in FIELDS])[field] + np.array([s.basic for s in SCHEMES])[scheme]
    basicness = logistic(tilt + 0.9 * noise[0])
    ease = 0.4 + np.array([s.success for s in SCHEMES])[scheme] - 1.6 * (basicness - 0.5)
    return {
        "merit": np.clip(3.8 + 0.8 * noise[1], 1, 6),
        "success_probability": logistic(ease + 0.7 * noise[2]),
        "horizon_years": np.clip(2.5 * np.exp(2 * basicness + 0.4 * noise[3]), 0.5, 60),
        "basicness": basicness,
    }


def _money(scheme: Ints, truth: Truth, years: int, rng: np.random.Generator) -> pl.DataFrame:
    """Whole units; the years are differences of one rounded running total, so they add up."""
    n = scheme.size
    median, sigma, cap, length = np.array([(s.median, s.sigma, s.cap, s.years) for s in SCHEMES]).T[:, scheme]
    asked = np.minimum(median * np.exp(sigma * rng.standard_normal(n)), cap)
    amount = 100 * np.maximum(np.round(asked / 100), 10).astype(np.int64)
    weight = np.where(np.arange(years)[:, None] < length, 0.7 + 0.6 * rng.random((years, n)), 0)
    running = np.cumsum(weight, axis=0)
    until = np.floor(amount * (running / running[-1])).astype(np.int64)
    yearly = np.diff(until, axis=0, prepend=0)
    cofunded = rng.random(n) < np.clip(0.75 - 0.95 * truth["basicness"], 0.02, 0.7)
    cofunding = 100 * np.round(amount * (0.1 + 0.9 * rng.random(n)) / 100).astype(np.int64)
    return pl.DataFrame(
        {"amount": amount}
        | {f"amount_y{year + 1}": yearly[year] for year in range(years)}
        | {"cofunding": keep(pl.Series(cofunding), cofunded)}
    )


def _evidence(field: Ints, scheme: Ints, truth: Truth, seed: int) -> pl.DataFrame:
    """Return what applicants say of their proposal: the truth with noise, some hope and empty cells."""
    n, basic, rng = scheme.size, truth["basicness"], stream(seed, 6)
    seen = np.clip(basic + 0.1 * rng.standard_normal((4, n)), 0, 0.999)
    unspecific = (seen[0] >= 0.5) & (rng.random(n) < 0.15)
    kind = np.where(unspecific, 4, np.searchsorted([0.22, 0.5, 0.75], seen[0]))
    hoped = np.clip(truth["success_probability"] + 0.05 + 0.1 * rng.standard_normal(n), 0.05, 0.95)
    expected = np.maximum(np.round(truth["horizon_years"] * np.exp(0.2 * rng.standard_normal(n))), 1)
    trl = pl.Series(np.clip(np.round(8.6 - 8 * seen[3]), 1, 9).astype(np.int64))
    is_scheme = {s.name: scheme == index for index, s in enumerate(SCHEMES)}
    frame = pl.DataFrame(
        {
            "research_type": pick(RESEARCH_TYPES, kind),
            "driver": pick(DRIVERS, np.searchsorted([0.45, 0.7], seen[1])),
            "organized": rng.random(n) < np.where(is_scheme["Consortium"], 0.7, 0.08),
            "exploratory": rng.random(n) < np.where(is_scheme["Exploratory"], 0.9, 0.03),
            "bottlenecks": tags(field, basic, stream(seed, 10)),
            "expected_outputs": pick(OUTPUTS, below(seen[2], len(OUTPUTS))),
            "trl": keep(trl, rng.random(n) >= np.where(basic > 0.55, 0.75, 0.25)),
            "success_probability": np.round(20 * hoped) / 20,
            "years_to_outcome": expected.astype(np.int64),
        }
    )
    missing = {"research_type": 0.04, "driver": 0.10, "expected_outputs": 0.15}
    return blank(frame, missing | {"success_probability": 0.30, "years_to_outcome": 0.25}, rng)


def _expected_grade(truth: Truth, criterion: str) -> Floats:
    return truth["merit"] + CRITERIA[criterion] * (0.5 - truth["success_probability"])


def _merit(truth: Truth, rng: np.random.Generator) -> pl.Series:
    spread = math.sqrt((_SEVERITY_SD**2 + _SHARED_SD**2 + _OWN_SD**2) / 3)
    grade = _expected_grade(truth, "overall") + spread * rng.standard_normal(truth["merit"].size)
    return pl.Series(np.round(np.clip(grade, 1, 6), 2))


def _reviews(
    ids: pl.Series, field: Ints, truth: Truth, *, k: int, criteria: Sequence[str], seed: int
) -> pl.DataFrame:
    """Return one row per proposal, reviewer and criterion, in this order."""
    n, c, rng = len(ids), len(criteria), stream(seed, 8)
    panels = min(max(n // 150, 1), 6)
    panel = np.array([int(f.code[0]) - 1 for f in FIELDS])[field] % panels
    reviewer = _reviewers(panel, panels, k, rng)
    severity = _SEVERITY_SD * rng.standard_normal(reviewer.max() + 1)[reviewer]
    level = severity + _SHARED_SD * rng.standard_normal((n, k))
    own = {name: stream(seed, 9, list(CRITERIA).index(name)).standard_normal((n, k)) for name in criteria}
    grade = [_expected_grade(truth, name)[:, None] + level + _OWN_SD * own[name] for name in criteria]
    return pl.DataFrame(
        {
            "proposal": ids.gather(np.repeat(np.arange(n), k * c)),
            "reviewer": codes("R-", int(reviewer.max()) + 1).gather(np.repeat(reviewer.ravel(), c)),
            "criterion": pick(criteria, np.tile(np.arange(c), n * k)),
            "score": np.clip(np.round(np.stack(grade, axis=2)), 1, 6).astype(np.int64).ravel(),
            "panel": pick([f"Panel {p}" for p in range(1, panels + 1)], np.repeat(panel, k * c)),
        }
    )


def _reviewers(panel: Ints, panels: int, k: int, rng: np.random.Generator) -> Ints:
    """Choose k reviewers per proposal, one from each of the k benches of its panel, so that all differ."""
    bench = np.maximum(np.bincount(panel, minlength=panels) // 8, 1)
    first = np.cumsum(k * bench) - k * bench
    home = np.repeat(panel[:, None], k, axis=1)
    home[:, -1] = np.where(rng.random(panel.size) < 0.10, (panel + 1) % panels, panel)
    seat = np.floor(bench[home] * rng.random(home.shape)).astype(np.int64)
    chosen: Ints = first[home] + np.arange(k) * bench[home] + seat
    return chosen
