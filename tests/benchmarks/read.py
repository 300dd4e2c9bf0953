"""Reading and checking a large call against polars' bare read of the same file, in the same run.

python tests/benchmarks/read.py [--rows 400000] [--runs 5]
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import polars as pl
from measure import compare, show

from portfolio.simulate import simulate_frames


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=400_000)
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "proposals.csv"
        frame = simulate_frames(options.rows, seed=1, reviews_per_proposal=0).proposals
        lists = [name for name, dtype in frame.schema.items() if isinstance(dtype, pl.List)]
        frame = frame.with_columns(pl.col(name).list.join(";") for name in lists)
        frame = frame.select(frame.columns[:25])
        frame.write_csv(path)
        del frame
        pieces = {
            "polars.read_csv": (
                f"import polars as pl\npath = {str(path)!r}",
                "frame = pl.read_csv(path)",
                "str(frame.shape)",
            ),
            "portfolio.read_call": (
                f"import portfolio as pf\npath = {str(path)!r}",
                "call = pf.read_call(path)",
                "str(call.frame.shape)",
            ),
        }
        size = path.stat().st_size / 2**20
        show(
            f"Read and check {options.rows:,} proposals x 25 columns ({size:.0f} MiB)",
            compare(pieces, options.runs),
        )


if __name__ == "__main__":
    main()
