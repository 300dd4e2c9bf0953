"""The table of ``portfolio robustness`` beside the decision that it is about."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from portfolio.call.csvfile import read_csv
from portfolio.errors import DataError, Issue
from portfolio.optimize.figures import counted

DRAWN = "funded_share"
_TYPES = {
    "id": pl.String,
    "base": pl.String,
    "label": pl.String,
    "settled": pl.Boolean,
    DRAWN: pl.Float64,
    "share_low": pl.Float64,
    "share_high": pl.Float64,
}
_HINT = "give the file of portfolio robustness PROPOSALS --policy POLICY --out FILE"


def with_certainty(decisions: pl.DataFrame, path: str | Path) -> pl.DataFrame:
    """Add how sure each decision is: label, whether it is settled, share of the draws and its interval.

    Raises
    ------
    DataError
        If the file is no such table, or is about other proposals or another decision.
    OSError
        If it cannot be read.
    """
    table = _read(Path(path))
    file = Path(path).name
    if sorted(table["id"]) != sorted(decisions["id"]):
        raise DataError([Issue("is about other proposals than the decision", _HINT, file=file)])
    found = decisions.join(table, on="id", how="left", maintain_order="left")
    other = found.filter(pl.col("base") != pl.col("decision"))["id"].to_list()
    if other:
        are = counted(len(other), "proposal is", "proposals are")
        names = ", ".join(other[:5]) + (", ..." if len(other) > 5 else "")
        what = f"is about another decision: {are} decided otherwise there ({names})"
        raise DataError([Issue(what, "draw again under the policy of this decision", file=file)])
    return found.drop("base")


def _read(path: Path) -> pl.DataFrame:
    with path.open("rb"):
        pass  # An error of the system names the file, one of polars does not.
    try:
        if path.suffix.lower() == ".parquet":
            return pl.read_parquet(path).select(pl.col(name).cast(kind) for name, kind in _TYPES.items())
        cells = read_csv(path)
        truth = pl.col("settled").replace_strict({"true": True, "false": False}, return_dtype=pl.Boolean)
        rest = {name: kind for name, kind in _TYPES.items() if name != "settled"}
        return cells.select(*(pl.col(name).cast(kind) for name, kind in rest.items()), truth)
    except pl.exceptions.PolarsError as error:
        what = f"is not the table of a robustness analysis: {str(error).splitlines()[0]}"
        raise DataError([Issue(what, _HINT, file=path.name)]) from None
