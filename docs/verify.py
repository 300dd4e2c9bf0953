"""Check a decision without trusting the program that made it: ``python verify.py DIR [FILE ...]``.

Standard library only, Python 3.8 or newer. DIR is what `portfolio optimize --out DIR` wrote, each FILE one that it was
made from. Fingerprints are compared, every rule is added up in whole numbers, and the prices of the rules give a bound
on what any portfolio can be worth; record.md says why. Amounts, groups and values are taken from proof.json; that they
follow from the inputs is what `portfolio verify` checks.
"""

from __future__ import annotations

import csv
import hashlib
import json
import re
import sys
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

FAILED: list[str] = []


def check(holds: bool, what: str) -> None:
    """Say whether something holds."""
    print("ok    " if holds else "FAILED", what)
    if not holds:
        FAILED.append(what)


def sha256(path: Path) -> str:
    """Return the fingerprint of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def fingerprints(folder: Path, files: list[Path]) -> Any:
    """Compare all files with the record, and the record with the fingerprint beside it."""
    path = folder / "portfolio.json"
    record, digest = json.loads(path.read_bytes()), sha256(path)
    line = (folder / "portfolio.json.sha256").read_bytes()
    check(line == f"{digest}  portfolio.json\n".encode(), f"portfolio.json has the SHA-256 {digest}")
    for name, known in sorted(record["files"].items()):
        check(sha256(folder / Path(name).name) == known, f"{name} is the file of the record")
    given = {sha256(file): file for file in files}
    for entry in [*record["inputs"], *filter(None, [record["policy_file"]])]:
        if entry["sha256"] in given:
            check(True, f"{given.pop(entry['sha256'])} is the {entry['name']} of the record")
        else:
            print("not checked:", entry["name"], "(name it on the command line)")
    for file in given.values():
        check(False, f"{file} is a file that the decision was made from")
    return record


def awards(folder: Path, proof: Any) -> list[Fraction]:
    """Return how far each proposal is funded (0 or 1), and each step by which an award can be cut is made."""
    rows, size = proof["proposals"], len(proof["proposals"])
    place = {row[0]: column for column, row in enumerate(rows)}
    x, cut = [Fraction(0)] * (size + len(proof["reductions"])), [Fraction(0)] * size
    with (folder / "awards.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            # A text that a spreadsheet would take for a formula has an apostrophe in front.
            guarded = re.match("'+([\t\r\n]|\\s*[=+\\-@＝＋－＠])", row["id"])
            column = place.get(row["id"][1:] if guarded else row["id"])
            award = Fraction(row["amount_awarded"]) * proof["minor_units"]
            if column is None or x[column] or award.denominator > 1:
                check(False, f"{row['id']} may be funded, once, and in whole minor units")
                continue
            x[column], cut[column] = Fraction(1), rows[column][1] - award
    for index, (owner, money, whole, *_) in reversed(list(enumerate(proof["reductions"], size))):
        part = cut[owner] / Fraction(money)
        x[index] = Fraction(part == 1) if whole else min(Fraction(1), part)
        cut[owner] -= x[index] * Fraction(money)
    check(not any(cut), "every award is of a size that its proposal may get")
    return x


def entries(rule: Any, proof: Any) -> Iterator[tuple[int, int]]:
    """Return the columns of a rule, each with its whole number."""
    columns, numbers, rows = rule["columns"], rule["coefficients"], proof["proposals"]
    columns = range(len(rows)) if columns == "all" else columns
    if numbers == "awards":
        numbers = [rows[column][1] for column in columns]
    return zip(columns, numbers if isinstance(numbers, list) else [numbers] * len(columns))


def rules(proof: Any, x: list[Fraction]) -> None:
    """Add up every rule over the awards."""
    beyond, broken = 0, [row[0] for row, part in zip(proof["proposals"], x) if not row[3] <= part <= row[4]]
    for rule in proof["rules"]:
        cells = list(entries(rule, proof))
        if any(column >= len(x) for column, _ in cells):
            beyond += 1
            continue
        total = sum(number * x[column] for column, number in cells)
        if not rule.get("at_least", total) <= total <= rule.get("at_most", total):
            broken.append(rule["words"])
    kept = f"{len(proof['rules']) - beyond} rules hold, added up in whole numbers"
    more = f"{beyond} need more than sums of awards, see `portfolio verify`"
    check(not broken, "; ".join([kept, *([more] if beyond else []), *broken]))


def bound(cells: list[Any], proof: Any) -> Fraction | None:
    """Return y'b + sum of max(d l, d h), with d = v - A'y: no portfolio is worth more, whatever the prices y."""
    reduced, total = [Fraction(value) for value, _, _ in cells], Fraction(0)
    for rule in proof["rules"]:
        price = Fraction(rule["price"])
        # A price of the wrong sign proves nothing, and counts as none.
        if ("at_most" in rule and price > 0) or ("at_least" in rule and price < 0):
            total += price * rule["at_most" if price > 0 else "at_least"]
            for column, number in entries(rule, proof):
                reduced[column] -= price * number
    for d, (_, low, high) in zip(reduced, cells):
        end = high if d > 0 else low
        if d and end is None:
            return None
        total += d * Fraction(end or 0)
    return total


def main(folder: Path, files: list[Path]) -> None:
    """Make all checks, and say what follows."""
    record = fingerprints(folder, files)
    if "proof.json" not in record["files"]:
        print("Reserves were spent in rounds, each proven by the solver alone: nothing is certified.")
        return
    proof = json.loads((folder / "proof.json").read_bytes())
    x, value = awards(folder, proof), record["value"]
    rules(proof, x)
    cells = [row[-3:] for part in ("proposals", "reductions", "further") for row in proof[part]]
    worth = sum(Fraction(cell[0]) * part for cell, part in zip(cells, x))
    most = worth + sum(Fraction(v) * Fraction(high) for v, _, high in proof["further"] if v > 0)
    worth = min(Fraction(value), most) if proof["further"] else worth  # Synergies add that much at most.
    check(abs(worth - Fraction(value)) <= 1e-7 * max(1, abs(worth)), f"the awards are worth {value:.6f}")
    best = bound(cells, proof)
    if FAILED or best is None:
        print("Nothing follows." if FAILED else "The prices prove no bound.")
        return
    also = ", and does as well in what comes before the value," if record["goals"] else ""
    print(
        f"No solver was used. No portfolio that keeps every rule{also} is worth more than {float(best):.6f}."
    )
    print(f"The best is worth at most {max(0.0, float(best) - value):.6f} more than this one ({value:.6f}).")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]), [Path(name) for name in sys.argv[2:]])
    sys.exit(f"{len(FAILED)} checks FAILED." if FAILED else 0)
