"""Reviewer models: how fast, how exact, and how near to the published ranking of the SNSF.

    python tests/benchmarks/reviewers.py [--tables speed,coverage,snsf] [--data ../shared/data] [--runs 3]

Seconds are processor seconds (set OMP_NUM_THREADS=1), without reading and imports. The table snsf needs
votes.csv and rank_intervals.csv of the SNSF in DATA/snsf_mint, which are not part of the project (Zenodo
4531160).
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import polars as pl
from page import table

import portfolio as pf
from portfolio.scoring.reviewers import Votes, bayes, least_squares, read_votes, severity

SIX = pf.ReviewSettings(best=6, worst=1)
# As long as the merits and grades below need, so that none of them is cut.
LONG = pf.ReviewSettings(best=6, worst=-6)


def timed(work: Callable[[], object], runs: int) -> float:
    """Return the median of processor seconds."""
    found = []
    for _ in range(runs):
        start = time.process_time()
        work()
        found.append(time.process_time() - start)
    return statistics.median(found)


def panels(proposals: int, panel_count: int, seats: int) -> Votes:
    """Return the votes of panels whose members grade every proposal, one of them absent for all but a few."""
    rng = np.random.default_rng(1)
    rows = []
    for i in range(proposals):
        merit, panel = rng.normal(3.8, 1.0), i % panel_count
        present = rng.permutation(seats)[: seats - (i >= 14)]
        rows += [
            (f"p{i:03d}", f"{panel}-{j}", float(np.clip(round(rng.normal(merit, 0.45)), 1, 6)))
            for j in present
        ]
    return votes_of(pl.DataFrame(rows, schema=["proposal", "reviewer", "score"], orient="row"), SIX)


class Table:
    """What reading votes needs of a call."""

    def __init__(self, reviews: pl.DataFrame) -> None:
        self.frame = reviews.select(id=pl.col("proposal").unique().sort())
        self.reviews = reviews


def votes_of(reviews: pl.DataFrame, settings: pf.ReviewSettings) -> Votes:
    return read_votes(Table(reviews), settings)


def speed(runs: int) -> Iterator[tuple[str, ...]]:
    for n, runs_here in ((353, runs), (10_000, 1), (100_000, 1)):
        votes = panels(353, 4, 9) if n == 353 else read_votes(pf.simulate_call(n, seed=1).call, SIX)
        size = (f"{votes.n:,}", f"{votes.m:,}", f"{len(votes):,}")
        results: list[object] = []
        seconds = timed(
            lambda votes=votes, to=results: to.append(bayes(votes, pf.BayesSettings())), runs_here
        )
        worst = results[-1].parameters["r_hat"].max()
        said = "R-hat below 1.01" if results[-1].converged else "not converged"
        yield ("bayes", *size, f"{seconds:.2f}", f"{said} (deviations {worst:.4f})")
        for method in (severity, least_squares):
            if n == 353:
                continue  # Panels without a common reviewer are refused by both.
            seconds = timed(lambda votes=votes, method=method: method(votes), runs_here)
            yield (method.__name__, *size, f"{seconds:.2f}", "")


def coverage() -> Iterator[tuple[str, ...]]:
    """Share of proposals whose true merit is in the interval of 90%, and the error against that of the plain mean."""
    for reviewers, each in ((12, 3), (30, 3), (12, 6)):
        found: dict[str, list[tuple[float, float]]] = {"severity": [], "bayes": []}
        for seed in range(60):
            rng = np.random.default_rng(seed)
            merit, strict = rng.normal(0, 1, 60), rng.normal(0, 0.5, reviewers)
            rows = [
                (f"p{i:02d}", f"r{j:02d}", merit[i] - strict[j] + rng.normal(0, 0.8))
                for i in range(60)
                for j in rng.choice(reviewers, each, replace=False)
            ]
            votes = votes_of(pl.DataFrame(rows, schema=["proposal", "reviewer", "score"], orient="row"), LONG)
            plain = np.bincount(votes.proposal, votes.grade) / each
            short = pf.BayesSettings(draws=400, most_draws=400)
            made = {"severity": severity(votes), "bayes": bayes(votes, short).calibration}
            for name, one in made.items():
                inside = np.mean((one.low <= merit) & (merit <= one.high))
                error = np.sqrt(np.mean((one.merit - merit) ** 2) / np.mean((plain - merit) ** 2))
                found[name].append((float(inside), float(error)))
        for name, pairs in found.items():
            inside, error = np.mean(pairs, axis=0)
            yield name, f"60 x {each} by {reviewers}", f"{100 * inside:.1f}%", f"{error:.2f}"


def snsf(data: Path) -> Iterator[tuple[str, ...]]:
    folder = data / "snsf_mint"
    if not folder.exists():
        yield (f"skipped: {folder} is absent", *[""] * 5)
        return
    votes, published = pl.read_csv(folder / "votes.csv"), pl.read_csv(folder / "rank_intervals.csv")
    reviews = votes.select(
        "proposal", reviewer="assessor", score=pl.col("num_grade").cast(pl.Float64), panel="section"
    )
    published = published.with_columns(id=votes["proposal"].unique(maintain_order=True))
    cases = {
        "told apart by section, one fit": ("panel", "together", "numbers"),
        "told apart by section, a level per section": ("panel", "level", "numbers"),
        "told apart by section, a fit per section": ("panel", "separate", "numbers"),
        "told apart by section, one fit, ordinal grades": ("panel", "together", "ordinal"),
        "one person per name, one fit": ("call", "together", "numbers"),
        "one person per name, a level per section": ("call", "level", "numbers"),
    }
    for name, (ids, how, grades) in cases.items():
        settings = SIX.replace(method="bayes", reviewer_ids=ids, bayes={"panels": how, "grades": grades})
        found = pf.rank_proposals(Table(reviews), settings).ranks.join(published, on="id")
        apart = (found["expected_rank"] - found["m"]).abs()
        ends = [
            (found[ours] - found[theirs]).abs().median()
            for ours, theirs in (
                ("rank_low_50", "l"),
                ("rank_high_50", "h"),
                ("rank_low_90", "ll"),
                ("rank_high_90", "hh"),
            )
        ]
        rho = found.select(pl.corr(pl.col("expected_rank").rank(), pl.col("m").rank())).item()
        yield (
            name,
            f"{rho:.6f}",
            f"{apart.median():.2f}",
            f"{apart.max():.1f}",
            *(f"{max(ends[i : i + 2]):.0f}" for i in (0, 2)),
        )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--tables", default="speed,coverage,snsf")
    parser.add_argument("--data", type=Path, default=Path(__file__).parents[3] / "shared" / "data")
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    heads = {
        "speed": ("method", "proposals", "reviewers", "votes", "processor s", "note"),
        "coverage": ("method", "call", "truth in the 90% interval", "error over the plain mean's"),
        "snsf": ("reading", "correlation", "median difference", "largest", "ends of 50%", "ends of 90%"),
    }
    rows = {
        "speed": lambda: speed(options.runs),
        "coverage": coverage,
        "snsf": lambda: snsf(options.data),
    }
    for name in options.tables.split(","):
        print(f"\n## {name}\n\n{table(heads[name], rows[name]())}", flush=True)


if __name__ == "__main__":
    main()
