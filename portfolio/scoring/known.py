"""What is known of a proposal: a score that rests on no evidence is a middle that nobody stated."""

from __future__ import annotations

import polars as pl

from portfolio.scoring.estimate import BASE

# Scores, and the score whose interval tells whether anything is known of them.
UNCERTAIN = {
    "risk": "risk",
    "ambiguity": "ambiguity",
    "horizon": "horizon",
    "horizon_years": "horizon",
    "basicness": "basicness",
    "paradigm": "basicness",
}


def known(table: pl.DataFrame) -> pl.DataFrame:
    """Return a table of scores in which those without evidence are null.

    Without evidence a score is the middle of everything, 0.5 in [0, 1]. The ends of the intervals stay: a risk that may
    be anything may be high.

    Parameters
    ----------
    table
        Columns of `Scores.frame`, by their names or as ``scored_...``, beside any others.
    """
    # Where the file has a column with the name of a score, the score goes by the longer name too.
    names = [(prefix + name, of) for name, of in UNCERTAIN.items() for prefix in ("", "scored_")]
    return table.with_columns(
        pl.when(~_silent(of)).then(pl.col(name)).alias(name) for name, of in names if name in table.columns
    )


def _silent(score: str) -> pl.Expr:
    """Tell where there is no evidence of a score."""
    return (pl.col(score) == BASE) & (pl.col(f"{score}_low") <= 0) & (pl.col(f"{score}_high") >= 1)
