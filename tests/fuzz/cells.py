"""Fuzzed cells against a reader that is written anew from what people would read.

    python tests/fuzz/cells.py --cells 1_000_000 --seed 0

Cells of money and of numbers are put together from the pieces that spreadsheets, accountants and attackers write. A
cell may be read as what a person reads, or be refused; it may never be read as something else.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
import time
from decimal import Decimal
from pathlib import Path

import numpy as np
import polars as pl

from portfolio.call import ReadingRules, read_call

PIECES = (
    *"0123456789" * 2, *".,'-+() ", "00", "000", "1.234", "1,234", "234", "56", "e", "E5", "e+05", "e400", "O", "l",
    "\u00a0", "\u202f", "\u200b", "\u202e", "\u2212", "\u2019", "\u0661", "\u0660", "\uff11", "\u00b2", "\u00bd",
    "\u066b", "EUR", "CHF", "\u20ac", "$", "k", "%", "_", "0x", "inf", "nan", "true", "#REF!", "=", "@", "NA",
    ".-", "/-", ":-", "EURO", "\t",
)  # fmt: skip
_ROWS = 20_000
_MISSING = {"", "na", "n/a", "nan", "null", "none", "-", "\u2013", "\u2014", "."}
_WIDE = {0xFF10 + digit: str(digit) for digit in range(10)}
_BLANKS = "\u00a0\u202f\u2009\t '\u2019"


def money(text: str) -> set[Decimal]:
    """Return every amount of euros that a person could read in a text, by either decimal mark."""
    named = r"(?:(?:EUR(?:\.?O)?|\u20ac)[.\s]*)"  # A name may have dots between its letters.
    dash = rf"(?<=[0-9])([.,]\s*|[:/])[-\u2013\u2014]+(?=\s*{named}*$)"
    body = re.sub(dash, "", unguarded(text.translate(_WIDE)).strip()).strip()
    if re.fullmatch(rf"{named}+[-\u2013\u2014]+|[-\u2013\u2014]+\s*{named}+", body):
        return {Decimal(0)}
    body = re.sub(rf"^([-+(\u2212\s]*){named}+", r"\1", body)
    body = re.sub(rf"\s*{named}+([)\-\u2212\s]*)$", r"\1", body)
    body = body.strip()
    negative = body.startswith(("-", "\u2212")) or body.startswith("(") or body.endswith(("-", "\u2212"))
    body = body.strip("()+-\u2212").strip().strip("+-\u2212").strip()
    by_r = body.replace("e+05", "") + "00000" if body.endswith("e+05") and body[:-4].isdigit() else body
    for blank in _BLANKS:
        by_r = by_r.replace(blank, "")
    found = set()
    for mark, other in ((".", ","), (",", ".")):
        plain = by_r.replace(other, "")
        if plain.count(mark) <= 1 and plain.replace(mark, "").isascii() and plain.replace(mark, "").isdigit():
            found.add(Decimal(plain.replace(mark, ".")) * (-1 if negative else 1))
    if body.endswith("e+05"):
        mantissa = body[:-4]
        if mantissa.replace(".", "", 1).isdigit() and mantissa.isascii():
            found = {Decimal(mantissa) * 100_000 * (-1 if negative else 1)}
    return found


def unguarded(text: str) -> str:
    """Take away the apostrophe by which spreadsheets know a text that begins like a formula."""
    return text[1:] if re.match(r"'+\s*[=+\-@\s]", text) else text


def number(text: str) -> set[float]:
    """Return every number that a person could read in a text: plain, or with an exponent."""
    found, text = set(), unguarded(text)
    for plain in (text.strip(), text.strip().replace(",", ".") if text.count(",") == 1 else ""):
        if plain.isascii() and "_" not in plain and "n" not in plain.lower():
            try:
                found.add(float(plain))
            except ValueError:
                continue
    return found


def texts(rng: np.random.Generator, count: int) -> list[str]:
    """Return some cells of one to six pieces."""
    pieces = np.array(PIECES, dtype=object)
    lengths = rng.integers(1, 7, count)
    return ["".join(pieces[rng.integers(0, len(pieces), length)]) for length in lengths]


def wrong_readings(cells: list[str], folder: Path, mark: str) -> tuple[list[str], int]:
    """Return the cells that were read as something else than a person reads, and how many were read at all."""
    path = folder / "cells.csv"
    rows = pl.DataFrame(
        {"id": [f"{i}" for i in range(len(cells))], "amount": cells, "merit": cells, "x": cells}
    )
    # Amounts and merits stand on rows of their own, so that one that is refused does not hide the other.
    both = pl.concat(
        [rows.with_columns(merit=pl.lit("")), rows.with_columns(id="m" + pl.col("id"), amount=pl.lit("1"))]
    )
    both.write_csv(path)
    rules = ReadingRules(on_bad_rows="set_aside", decimal_mark="." if mark == "." else ",")
    call = read_call(path, policy=rules)
    wrong = []
    for one in call.frame.select("id", "amount", "merit").iter_rows(named=True):
        if one["id"].startswith("m"):
            cell = cells[int(one["id"][1:])]
            missing = one["merit"] is None and unguarded(cell).strip().lower() in _MISSING
            good = missing or one["merit"] in number(cell)
        else:
            cell = cells[int(one["id"])]
            good = Decimal(one["amount"]) / 100 in money(cell)
        if not good:
            wrong.append(f"{cell!r} as {one['amount'] if one['merit'] is None else one['merit']}")
    return wrong, len(call)


def run(cells: int, seed: int) -> tuple[list[str], int, int]:
    """Fuzz so many cells; return the wrong readings, the cells tried and the cells that were read."""
    rng = np.random.Generator(np.random.PCG64(seed))
    wrong: list[str] = []
    tried = read = 0
    with tempfile.TemporaryDirectory() as folder:
        while tried < cells:
            batch = texts(rng, min(_ROWS, (cells - tried + 1) // 2))
            mark = ".,"[int(rng.integers(2))]
            more, understood = wrong_readings(batch, Path(folder), mark)
            wrong, tried, read = wrong + more, tried + 2 * len(batch), read + understood
            if sys.stderr.isatty():
                sys.stderr.write(f"\r{tried:,} of {cells:,} cells, {len(wrong):,} wrong")
    return wrong, tried, read


def main() -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cells", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    start = time.process_time()
    wrong, tried, read = run(asked.cells, asked.seed)
    seconds = time.process_time() - start
    refused = f"{tried - read:,} refused, {len(wrong):,} read wrongly"
    sys.stdout.write(f"{tried:,} cells, {read:,} read, {refused}, {seconds:.0f} s CPU\n")
    sys.stdout.writelines(f"  {line}\n" for line in wrong[:20])
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
