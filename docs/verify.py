"""Check a decision without trusting the program that made it: ``python verify.py DIR [FILE ...]``.

Standard library, Python 3.8 or newer. DIR: of `portfolio optimize --out DIR`; FILE: what it was made from (record.md).
"""

from __future__ import annotations

import csv
import io
import json
import re
import sys
from decimal import ROUND_CEILING, Context
from fractions import Fraction
from hashlib import sha256
from pathlib import Path
from typing import Any

FAILED: list[str] = []


def check(holds: bool | None, what: str) -> None:
    """Say on one line, whatever stands in the record, whether something holds; None: not checked."""
    print({None: "not checked:", True: "ok    "}.get(holds, "FAILED"), "".join(filter(str.isprintable, what)))
    FAILED.extend([what] if holds is False else [])


def fingerprints(folder: Path, files: tuple[Path, ...]) -> Any:
    """Compare all files with the record, and the record with the fingerprint beside it."""
    written, line = ((folder / f"portfolio.json{end}").read_bytes() for end in ("", ".sha256"))
    record, digest = json.loads(written), sha256(written).hexdigest()
    check(line == f"{digest}  portfolio.json\n".encode(), f"portfolio.json has the SHA-256 {digest}")
    for name, known in sorted(record["files"].items()):
        found = sha256((folder / Path(name).name).read_bytes()).hexdigest()
        check(found == known, f"{name} is the file of the record")
    named = {entry["sha256"]: entry["name"] for entry in [*record["inputs"], record["policy_file"]] if entry}
    for file in files:
        name = named.pop(sha256(file.read_bytes()).hexdigest(), "")
        check(bool(name), f"{file} is {f'the {name} of the record' if name else 'a file of the decision'}")
    none = [] if record["policy_file"] else ["the policy (the record names no file of it)"]
    for what in [f"{name} (name it on the command line)" for name in named.values()] + none:
        check(None, what)
    return record


def table(path: Path) -> list[Any]:
    """Return the id and the cells of every row; an id like a formula has an apostrophe in front."""
    guard, lines = r"^'(?='*([\t\r\n]|\s*[=+\-@＝＋－＠]))", path.read_bytes().decode()
    return [(re.sub(guard, "", row["id"]), row) for row in csv.DictReader(io.StringIO(lines, newline=""))]


def rounds(folder: Path, record: Any) -> None:
    """Check of which round the money of every award is, and whether its proposal may have that."""
    cells, given = dict(table(folder / "decisions.csv")), table(folder / "awards.csv")
    reserves = [f"reserve.{rule['trait']}" for rule in record["policy"]["reserve"]]
    names = ["over_and_above", "open", *reserves, "left over"]
    said = [record["policy"]["reserve_order"], *(part["name"] for part in record["rounds"])]
    pots = float(sum(Fraction(str(part["pot"])) for part in record["rounds"] if part["name"] != "left over"))
    kept = said in (names, names[:-1]) and record["spent"] <= pots <= record["budget"]
    check(kept, f"the rounds are those of the policy, within the budget of {record['budget']}")
    named = [sorted(n for part in record["rounds"] for n in part["awards"]), sorted(record["awards"])]
    same = all(n in cells and cells[n]["amount_awarded"] == row["amount_awarded"] for n, row in given)
    check(same and named == [sorted(n for n, _ in given)] * 2, "every award is of one round, with its money")
    for part in record["rounds"]:
        mine = [cells[name] for name in part["awards"] if name in cells]
        kept = float(sum(Fraction(row["amount_awarded"]) for row in mine)) == part["spent"] <= part["pot"]
        kept = kept and all(Fraction(r["amount_awarded"]) <= Fraction(r["amount_requested"]) for r in mine)
        for rule in (r for r in record["policy"]["reserve"] if part["name"] == f"reserve.{r['trait']}"):
            trait, least = rule["trait"], float(rule.get("min_merit", "-inf"))
            kept = kept and all(row[trait] == "1" and float(row["merit"]) >= least for row in mine)
        check(kept, f"round {part['name']}: {part['spent']} of {part['pot']}, to those who may have it")
    print("Reserves were spent in rounds, each proven by the solver alone: nothing is certified.")


def awards(folder: Path, proof: Any, named: list[str]) -> list[Fraction]:
    """Return how far each proposal is funded (0 or 1), and each step by which an award can be cut is made."""
    place = {row[0]: column for column, row in enumerate(proof["proposals"])}
    x, cut = [Fraction(0)] * (len(place) + len(proof["reductions"])), [Fraction(0)] * len(place)
    for name, row in (given := table(folder / "awards.csv")):
        column, award = place.get(name), Fraction(row["amount_awarded"]) * proof["minor_units"]
        if column is None or x[column] or award.denominator > 1:
            check(False, f"{name} may be funded, once, and in whole minor units")
            continue
        x[column], cut[column] = Fraction(1), proof["proposals"][column][1] - award
    for i, (owner, money, whole, *_) in reversed(list(enumerate(proof["reductions"], len(place)))):
        x[i] = Fraction(cut[owner] == money) if whole else min(Fraction(1), cut[owner] / Fraction(str(money)))
        cut[owner] -= x[i] * Fraction(str(money))
    check([n for n, _ in given] == named and not any(cut), "the awards are of the record and of due sizes")
    return x


def entries(rule: Any, proof: Any) -> Any:
    """Return the columns of a rule, each with its whole number."""
    columns, n, rows = rule["columns"], rule["coefficients"], proof["proposals"]
    columns = range(len(rows)) if columns == "all" else columns
    return zip(columns, n if isinstance(n, list) else [rows[c][1] if n == "awards" else n for c in columns])


def rules(proof: Any, x: list[Fraction]) -> None:
    """Add up every rule over the awards."""
    broken = [row[0] for row, part in zip(proof["proposals"], x) if not row[3] <= part <= row[4]]
    sums = [rule for rule in proof["rules"] if all(column < len(x) for column, _ in entries(rule, proof))]
    totals = [(rule, sum(number * x[column] for column, number in entries(rule, proof))) for rule in sums]
    broken += [r["words"] for r, t in totals if not r.get("at_least", t) <= t <= r.get("at_most", t)]
    more = bool(n := len(proof["rules"]) - len(sums)) * [f"{n} need more than sums, see `portfolio verify`"]
    check(not broken, "; ".join([f"{len(sums)} rules hold, added up in whole numbers", *more, *broken]))


def bound(cells: list[Any], proof: Any) -> Any:
    """Return y'b + sum of max(d l, d h), with d = v - A'y: no portfolio is worth more, whatever the prices y."""
    reduced, total = [Fraction(value) for value, _, _ in cells], Fraction(0)
    for rule in proof["rules"]:
        limit = rule.get("at_most" if (price := Fraction(rule["price"])) > 0 else "at_least")
        if price and limit is not None:  # a price of the wrong sign proves nothing
            total += price * limit
            for column, number in entries(rule, proof):
                reduced[column] -= price * number
    ends = [(d, high if d > 0 else low) for d, (_, low, high) in zip(reduced, cells) if d]
    return total + sum(d * Fraction(end) if end is not None else float("inf") for d, end in ends)


def main(folder: Path, *files: Path) -> None:
    """Make all checks, and say what follows."""
    record = fingerprints(folder, files)
    spent = float(sum(Fraction(row["amount_awarded"]) for _, row in table(folder / "awards.csv")))
    check(spent == record["spent"], f"the awards add up to {spent:.2f}")
    if "proof.json" not in record["files"]:
        rounds(folder, record)
        return
    proof, value = json.loads((folder / "proof.json").read_bytes()), record["value"]
    rules(proof, x := awards(folder, proof, record["awards"]))
    cells = [row[-3:] for part in ("proposals", "reductions", "further") for row in proof[part]]
    worths = [Fraction(cell[0]) * part for cell, part in zip(cells, x)]
    best, more = bound(cells, proof), proof["further"]  # Synergies add so much at most; prices take off.
    most = float(min(best, sum(worths) + sum(Fraction(v) * Fraction(high) for v, _, high in more if v > 0)))
    sure = f"at most {most:.6f}, and {value:.6f} is said" if more else f"{value:.6f}"
    near = abs(value - most) <= 1e-7 * max(map(abs, [most, *worths]))
    check(near or (more and value < most), f"the awards are worth {sure}")
    also = ", and does as well in what comes before the value," if record["goals"] else ""
    tops = [] if best == float("inf") else [best, max(Fraction(), best - Fraction(value))]
    up = [f"{Context(10, ROUND_CEILING).divide(*top.as_integer_ratio()):f}" for top in tops]
    words = f"No solver was used. No portfolio that keeps every rule{also} is worth more than {{}}.\n"
    words += f"The best of them is at most {{}} above this one ({value:.6f})."
    print("Nothing follows." if FAILED else words.format(*up) if up else "The prices prove no bound.")


if __name__ == "__main__":
    sys.excepthook = lambda _, error, __: print(f"FAILED a file is not what it should be: {error!r}")
    main(*map(Path, sys.argv[1:] or sys.exit(__doc__)))
    sys.exit(f"{len(FAILED)} checks FAILED." if FAILED else 0)
