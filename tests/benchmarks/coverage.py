"""How often a 90% interval holds the truth, on calls whose truth is known.

python tests/benchmarks/coverage.py [--n 5000] [--calls 20]

Two kinds of calls. *Simulated* ones are those of ``portfolio simulate``: applicants are hopeful, round, choose words
and leave cells empty, and no error is normal. In *stated* ones every piece of evidence is the truth plus a normal
error of its stated half-width. A proposal without any evidence has the interval [0, 1], which proves nothing, and is
left out.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from portfolio.scoring import ColumnEvidence, ReviewSettings, Scores, ScoringSettings, score
from portfolio.scoring.estimate import NINETY_PERCENT, Floats
from portfolio.scoring.evidence import horizon_position, horizon_years
from portfolio.simulate import simulate_call

SCORES = ("risk", "horizon", "horizon_years", "basicness")
MISSING = 0.3
REVIEWS = ReviewSettings(best=6, worst=1)


@dataclass(frozen=True)
class Known:
    """Scores of a call, and the truth of each."""

    scores: Scores
    truth: dict[str, Floats]


@dataclass(frozen=True)
class Table:
    """What scoring needs of a call."""

    frame: pl.DataFrame
    reviews: pl.DataFrame | None = None


def simulated(n: int, seed: int, feasibility: bool = False) -> Known:
    """Score a call of ``portfolio simulate``, with ratings of feasibility if they are asked for."""
    made = simulate_call(n, seed=seed, criteria=("overall", "feasibility"))
    settings = ScoringSettings(feasibility=("feasibility",) if feasibility else ())
    hidden = made.truth
    years = hidden["true_horizon_years"].to_numpy()
    truth = {
        "risk": 1 - hidden["true_success_probability"].to_numpy(),
        "horizon": horizon_position(years, settings.saturation_years),
        "horizon_years": years,
        "basicness": hidden["true_basicness"].to_numpy(),
    }
    return Known(score(made.call, scoring=settings, reviews=REVIEWS), truth)


def stated(n: int, seed: int) -> Known:
    """Score a call whose errors are exactly as stated; truths are spread evenly, three cells in ten are empty."""
    rng = np.random.default_rng(seed)
    widths = ScoringSettings().half_widths
    own = [
        ColumnEvidence(column=name, row=row, applied=0, basic=1, half_width=0.3)
        for name, row in (("goal", "primary_goal"), ("metric", "key_metric"))
    ]
    settings = ScoringSettings(further=tuple(own))

    def seen(truth: Floats, half_width: float) -> Floats:
        position = np.clip(truth + half_width / NINETY_PERCENT * rng.standard_normal(n), 0, 1)
        return np.where(rng.random(n) < MISSING, np.nan, position)

    basicness = rng.random(n)
    rows = np.clip(basicness + widths.row / NINETY_PERCENT * rng.standard_normal((4, n)), 0, 1)
    columns = {
        "goal": seen(rows[0], 0.3),
        "success_probability": 1 - seen(rows[1], widths.success_probability),
        "trl": np.round(9 - 8 * seen(rows[1], widths.trl)),
        "years_to_outcome": horizon_years(seen(rows[2], widths.years_to_outcome), settings.saturation_years),
        "metric": seen(rows[3], 0.3),
    }
    frame = pl.DataFrame({"id": [str(i) for i in range(n)]} | columns).fill_nan(None)
    years = horizon_years(rows[2], settings.saturation_years)
    truth = {"risk": rows[1], "horizon": rows[2], "horizon_years": years, "basicness": basicness}
    return Known(score(Table(frame), scoring=settings), truth)


def coverage(known: Known) -> pl.DataFrame:
    """Return, per score, the share of proposals with any evidence, and of these the share whose interval is right.

    `covered` is over all of them; `middle` over the truths from which neither pole is in reach of an interval, where
    a stated 90% should be 90%; `lowest` and `highest` over the fifths of the truths next to the poles.
    """
    frame, rows = known.scores.frame, []
    for name in SCORES:
        truth, unit = known.truth[name], "horizon" if name == "horizon_years" else name
        low, high = (frame[f"{name}_{end}"].to_numpy() for end in ("low", "high"))
        width = (frame[f"{unit}_high"] - frame[f"{unit}_low"]).to_numpy()
        place, some = known.truth[unit], width < 1
        held = (low <= truth) & (truth <= high)
        middle = some & (width < place) & (place < 1 - width)
        fifths = np.quantile(truth, [0.2, 0.8])
        kinds = (some, some & (truth <= fifths[0]), middle, some & (truth >= fifths[1]))
        rows.append((name, some.mean(), *(held[kind].mean() for kind in kinds), width[some].mean()))
    heads = ["score", "evidence", "covered", "lowest", "middle", "highest", "width"]
    return pl.DataFrame(rows, heads, orient="row")


def averaged(make: Callable[[int], Known], calls: int) -> pl.DataFrame:
    """Return the coverage over several calls, with the smallest and the largest among them."""
    tables = pl.concat(coverage(make(seed)) for seed in range(1, calls + 1))
    return tables.group_by("score", maintain_order=True).agg(
        pl.col("evidence", "covered").mean(),
        pl.col("covered").min().alias("least"),
        pl.col("covered").max().alias("most"),
        pl.col("lowest", "middle", "highest", "width").mean(),
    )


def lines(title: str, table: pl.DataFrame) -> Iterator[str]:
    """Yield a table of Markdown."""
    yield f"{title}\n"
    yield f"| {' | '.join(table.columns)} |"
    yield f"|{'---|' * table.width}"
    for name, *shares in table.iter_rows():
        yield f"| {name} | {' | '.join(f'{share:.3f}' for share in shares)} |"
    yield ""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--n", type=int, default=5_000, help="proposals per call")
    parser.add_argument("--calls", type=int, default=20)
    options = parser.parse_args()
    kinds = {
        "Simulated calls": lambda seed: simulated(options.n, seed),
        "Simulated calls, feasibility rated": lambda seed: simulated(options.n, seed, feasibility=True),
        "Stated errors": lambda seed: stated(options.n, seed),
    }
    for title, make in kinds.items():
        print("\n".join(lines(title, averaged(make, options.calls))))


if __name__ == "__main__":
    main()
