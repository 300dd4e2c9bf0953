"""What files for people cost: the guard of CSV, the workbook and the report.

    python tests/benchmarks/written.py [--rows 400000] [--n 2437,10000] [--out docs/benchmarks.md]

Seconds are processor seconds (set POLARS_MAX_THREADS=1), without solving and imports. The table of the guard has six
columns, five of them texts; hostile means that every seventh title is a formula.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import polars as pl
from families import FAMILIES
from page import put, table

import portfolio as pf
from portfolio.call.csvfile import read_csv, write_csv

_REASON = "the money went to 34 awards that are worth more together; beside them it would break the budget"


def seconds(work: Callable[[], object]) -> float:
    """Return processor seconds."""
    start = time.process_time()
    work()
    return time.process_time() - start


def texts(rows: int, *, hostile: bool) -> pl.DataFrame:
    """Return a table like ``decisions.csv``."""
    number = pl.int_range(rows)
    title = pl.lit("Mechanisms of causal learning under uncertainty")
    if hostile:
        title = pl.when(number % 7 == 0).then(pl.lit('=HYPERLINK("http://example.org")')).otherwise(title)
    return pl.select(
        ("P-" + number.cast(pl.String)).alias("id"),
        title.alias("title"),
        institution=pl.lit("University of Alavik"),
        decision=pl.lit("not_funded"),
        merit=number / rows,
        reason=pl.lit(_REASON),
    )


def guard(rows: int, folder: Path) -> list[list[str]]:
    """Return the rows of the table of the guard."""
    found, file = [], folder / "table.csv"
    for hostile in (False, True):
        frame = texts(rows, hostile=hostile)
        plain = seconds(lambda frame=frame: frame.write_csv(file))
        bare = seconds(lambda: pl.read_csv(file, infer_schema=False))
        ours = seconds(lambda frame=frame: write_csv(frame, file))
        again = seconds(lambda: read_csv(file))
        name = "hostile" if hostile else "plain"
        found.append([f"{rows:,}", name, *(f"{s:.2f}" for s in (plain, ours, bare, again))])
    return found


def workbook(n: int, folder: Path) -> list[str]:
    """Return one row of the table of workbook and report."""
    call, policy = FAMILIES["ordinary"].make(n)
    pf.write_decision(pf.Problem(call, policy.replace(solver={"gap": 1e-3})).solve(), folder / str(n))
    decision, file = pf.read_decision(folder / str(n)), folder / "book.xlsx"
    spent = seconds(lambda: pf.write_workbook(decision, file))
    page = folder / "report.html"
    drawn = seconds(lambda: pf.write_report(decision, page))
    sizes = [f"{written.stat().st_size / 2**20:.1f}" for written in (file, page)]
    return [f"{n:,}", f"{spent:.2f}", sizes[0], f"{drawn:.2f}", sizes[1]]


def main() -> None:
    """Measure, print the tables, and put them into the page of benchmarks."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rows", type=int, default=400_000, help="rows of the table that is guarded")
    parser.add_argument("--n", default="2437,10000", help="sizes of decisions, with commas between them")
    parser.add_argument("--out", type=Path, help="the page to write into")
    options = parser.parse_args()
    heads = ("rows", "texts", "polars writes, s", "guarded, s", "polars reads, s", "read back, s")
    with tempfile.TemporaryDirectory() as folder:
        parts = {
            "guard": table(heads, guard(options.rows, Path(folder))),
            "workbook": table(
                ("n", "workbook, s", "MiB", "report, s", "MiB"),
                [workbook(int(n), Path(folder)) for n in options.n.split(",")],
            ),
        }
    for name, text in parts.items():
        print(text)
        if options.out is not None:
            put(options.out, name, text)


if __name__ == "__main__":
    main()
