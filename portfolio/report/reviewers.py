"""The comparison of reviewer models for people: in words, as tables and as a page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from portfolio.call.csvfile import write_csv
from portfolio.call.files import atomic_write, together
from portfolio.report.html.parts import Heading, Paragraph, Table, plain_page

if TYPE_CHECKING:
    from portfolio.scoring import Comparison

_MOST_ROWS = 1000
_NAMES = {
    "mean": "plain mean",
    "severity": "severity (mixed model)",
    "bayes": "Bayesian ranking",
    "least_squares": "least squares",
}
_TOP = {"yes": "yes", "no": "no", "tie": "tied"}


def write_comparison(comparison: Comparison, directory: str | Path) -> tuple[Path, ...]:
    """Write ``comparison.csv``, ``agreement.csv``, ``reviewers.csv``, ``reliability.csv`` and ``reviewers.html``.

    The same comparison gives the same bytes. Existing files of these names are replaced, each at once.

    Raises
    ------
    OSError
        If the folder cannot be written to.
    """
    folder = Path(directory)
    folder.mkdir(parents=True, exist_ok=True)
    tables = {
        "comparison.csv": comparison.proposals,
        "agreement.csv": comparison.agreement,
        "reviewers.csv": comparison.reviewers,
        "reliability.csv": comparison.reliability,
    }
    with together():
        for name, frame in tables.items():
            with atomic_write(folder / name) as temporary:
                write_csv(frame, temporary)
        with atomic_write(folder / "reviewers.html") as temporary:
            temporary.write_bytes(comparison_page(comparison).encode())
    return tuple(folder / name for name in (*tables, "reviewers.html"))


def comparison_in_words(comparison: Comparison) -> list[str]:
    """Say in a few lines what the choice of the method changes, and what must be known of it."""
    n, depends = comparison.proposals.height, comparison.dependent.height
    used = ", ".join(_NAMES[name] for name in comparison.methods)
    lines = [f"{n:,} proposals with a grade, compared by: {used}."]
    if len(comparison.methods) > 1:
        lines.append(
            f"If rank alone decided on the best {comparison.k:,}, the method would change the answer for {depends:,} "
            f"proposal{'' if depends == 1 else 's'}."
        )
    row = comparison.reliability.row(0, named=True)
    if row["icc_single"] is not None:
        lines.append(
            f"Two grades of one proposal correlate at {row['icc_single']:.2f}, means of "
            f"{row['grades_per_proposal']:.1f} reviews at {row['icc_mean']:.2f}; "
            f"{row['reviews_for_80']:,} reviews per proposal would reach 0.80."
        )
    lines += [f"Not possible: {_NAMES[name]}. {why}." for name, why in comparison.refused.items()]
    return [*lines, *(f"Note: {note}" for note in comparison.notes)]


def comparison_page(comparison: Comparison) -> str:
    """Return the page that a programme officer reads, as HTML."""
    parts = [
        *(Paragraph(line) for line in comparison_in_words(comparison)[:3]),
        *(
            Paragraph(f"Not possible: {_NAMES[name]}. {why}.", "note")
            for name, why in comparison.refused.items()
        ),
        *(Paragraph(note, "note") for note in comparison.notes),
        *_decisions(comparison),
        *_agreement(comparison),
        *_reliability(comparison),
        *_reviewers(comparison),
    ]
    return plain_page("Reviewers and ranks", parts)


def _decisions(comparison: Comparison) -> Iterator[Heading | Paragraph | Table]:
    yield Heading("Proposals whose place depends on the method")
    frame = comparison.dependent
    if not frame.height:
        yield Paragraph(f"None: every method has the same best {comparison.k:,}.")
        return
    yield Paragraph(
        "No method is right by itself. These proposals are where the grades do not settle the matter: discuss them, "
        "ask for another review, or let a lottery among them decide."
    )
    head, columns = ["proposal"], ["id"]
    for method in comparison.methods:
        head += [f"{_NAMES[method]}: merit", "rank", f"best {comparison.k:,}"]
        columns += [f"merit_{method}", f"rank_{method}", f"top_{method}"]
    if "bayes" in comparison.methods:
        head += ["expected rank", "50% interval", f"chance of best {comparison.k:,}"]
        frame = frame.with_columns(interval=pl.format("{} to {}", *_ends(frame)))
        columns += ["expected_rank", "interval", "chance_of_best"]
    rows = ([_shown(value) for value in row] for row in frame.select(columns).head(_MOST_ROWS).iter_rows())
    yield Table("Sorted by the rank of the plain mean; comparison.csv has all proposals.", head, rows)
    if frame.height > _MOST_ROWS:
        yield Paragraph(f"{frame.height - _MOST_ROWS:,} more are in comparison.csv.", "note")


def _ends(frame: pl.DataFrame) -> list[pl.Expr]:
    return [pl.col(name).round(0).cast(pl.Int64) for name in ("rank_low_50", "rank_high_50")]


def _agreement(comparison: Comparison) -> Iterator[Heading | Paragraph | Table]:
    if not comparison.agreement.height:
        return
    yield Heading("How far the methods agree")
    rows = [
        (_NAMES[one], _NAMES[other], _shown(correlation), f"{same:,} of {comparison.k:,}")
        for one, other, correlation, same in comparison.agreement.iter_rows()
    ]
    head = [
        "method",
        "other method",
        "correlation of ranks",
        f"surely among the best {comparison.k:,} by both",
    ]
    yield Table("Spearman's correlation of ranks", head, rows, words=2)


def _reliability(comparison: Comparison) -> Iterator[Heading | Paragraph | Table]:
    yield Heading("How reliable the panels are")
    yield Paragraph(
        "Reliability is the share of what grades differ by that comes from the proposals. Of one grade it is the "
        "correlation between two reviewers; the mean of more reviews is more reliable."
    )
    head = {
        "panel": "panel",
        "proposals": "proposals",
        "reviewers": "reviewers",
        "grades": "grades",
        "icc_single": "reliability of one grade",
        "icc_order": "of its order alone",
        "icc_mean": "of the mean",
        "reviews_for_70": "reviews needed for 0.70",
        "reviews_for_80": "for 0.80",
        "reviews_for_90": "for 0.90",
    }
    rows = comparison.reliability.select(*head).head(_MOST_ROWS).iter_rows()
    yield Table(
        "Intraclass correlations", list(head.values()), ([_shown(cell) for cell in row] for row in rows)
    )


def _reviewers(comparison: Comparison) -> Iterator[Heading | Paragraph | Table]:
    yield Heading("Reviewers")
    yield Paragraph(
        "A positive severity means lower grades than the others gave to the same proposals. An interval that contains "
        "0 says that the difference may be chance. Low agreement is no fault by itself: a reviewer may see what the "
        "others miss."
    )
    head = {
        "reviewer": "reviewer",
        "n_reviews": "reviews",
        "mean_grade": "mean grade",
        "sd_grade": "spread",
        "below_others": "severity: below the others",
        "below_others_low": "90% from",
        "below_others_high": "to",
        "agreement": "agreement with the others",
    }
    frame = comparison.reviewers
    head |= {
        f"severity_{name}": f"severity by {_NAMES[name]}"
        for name in comparison.methods
        if f"severity_{name}" in frame
    }
    shown = frame.sort("below_others", "reviewer", descending=[True, False], nulls_last=True)
    rows = ([_shown(cell) for cell in row] for row in shown.select(*head).head(_MOST_ROWS).iter_rows())
    yield Table("The most severe first", list(head.values()), rows)
    if frame.height > _MOST_ROWS:
        yield Paragraph(f"{frame.height - _MOST_ROWS:,} more are in reviewers.csv.", "note")


def _shown(value: object) -> object:
    if isinstance(value, float):
        return f"{value:.2f}"
    return _TOP.get(value, value) if isinstance(value, str) else value
