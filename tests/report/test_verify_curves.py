"""Awards that are cut along a curve add up to the same money in awards, rules and proof: both verifiers accept them."""

from __future__ import annotations

import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

import portfolio as pf

SCRIPT = Path(__file__).parents[2] / "docs" / "verify.py"
# Bends at whole minor units, within one, and at shares that are no decimals or of more digits than a rule counts in.
CURVES = (
    "",
    "[[0.4, 0.6], [0.7, 0.9], [1, 1]]",
    "[[0.5, 0.7], [1, 1]]",
    "[[0.333, 0.5], [0.6125, 0.8], [0.9, 0.95], [1, 1]]",
    "[[0.3333333333333333, 0.5], [1, 1]]",
    "[[0.123456, 0.3], [0.7654321, 0.9], [1, 1]]",
)
POOLED = """\
id,amount,min_amount,merit,institution
P0,660348,198105,4.15,v
P1,373860,186931,3.4,u
P2,106338,31902,3.72,u
P3,708641,708641,4.24,v
"""
POOL = """
budget = 1235309
[objective]
partial = true
size = 1.0
curve = [[0.123456, 0.3], [0.7654321, 0.9], [1, 1]]
[exploratory]
where = "institution = 'u'"
amount = 271308
left = "return"
"""
CRITERIA = """\
id,amount,min_amount,merit,impact
P0,177000,123900,4.2,9
P1,83000,58100,2.8,5
P2,94000,65800,4.3,2
P3,188000,131600,3.4,5
"""
FIRST = """
budget = 325200
[objective]
partial = true
order = "lexicographic"
[[objective.criterion]]
column = "merit"
may_lose = 0.02
[[objective.criterion]]
column = "impact"
"""


def accepted(folder: Path, proposals: str, text: str) -> pf.Portfolio:
    """Decide, and let both verifiers look at it."""
    (folder / "call.csv").write_text(proposals, encoding="utf-8")
    (folder / "policy.toml").write_text(text, encoding="utf-8")
    policy = pf.read_policy(folder / "policy.toml")
    decided = pf.optimize(pf.read_call(folder / "call.csv", policy=policy), policy)
    out = folder / "decision"
    pf.write_decision(decided, out)
    found = pf.verify_decision(out)
    assert found.holds, str(found)
    command = [sys.executable, "-I", SCRIPT, out, folder / "call.csv", folder / "policy.toml"]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return decided


def test_a_step_is_one_number_to_awards_and_rules(tmp_path: Path) -> None:
    # By hand: P2 at its least, and P0 with what is left of the budget, within the middle of its curve.
    decided = accepted(
        tmp_path,
        "id,amount,merit,min_amount\nP0,773274,2.35,309309\nP1,861375,3.05,344550\nP2,576402,2.72,230560\n",
        'budget = 730000\n[objective]\npartial = true\nsize = "per_money"\n'
        "curve = [[0.4, 0.6], [0.7, 0.9], [1, 1]]\n",
    )
    assert float(decided.certified_bound()) >= decided.value * (1 - 1e-12)
    assert decided.spent == Decimal(730_000)
    # 0.3 of 86,137,500 cents, which floats take for 25,841,249.999999993.
    assert 25_841_250 in decided.problem.model.reductions.tolist()


def test_an_award_that_is_cut_to_the_coin_keeps_the_goal_before_it(tmp_path: Path) -> None:
    # What the pool is worth can be reached to within a coin alone once its awards are whole coins.
    decided = accepted(tmp_path, POOLED, POOL)
    assert decided.goals[0].delivered < decided.goals[0].value
    decided = accepted(tmp_path, CRITERIA, FIRST)
    assert decided.goals[0].delivered < 0.98 * decided.goals[0].value


@pytest.mark.parametrize("seed", range(50))
def test_random_calls_with_curves_are_verified(seed: int, tmp_path: Path) -> None:
    rng = np.random.default_rng(seed)
    n, scale = int(rng.integers(3, 10)), int(rng.choice([1, 100, 100_000, 10**7]))
    asked = rng.integers(20, 1000, n) * scale + rng.integers(0, scale, n)
    first = np.where(rng.random(n) < 0.3, asked // 2, (asked * rng.random(n)).astype(int))
    least = np.minimum(asked, (asked * rng.choice([0.3, 0.4, 0.5, 1], n)).astype(int) + 1)
    columns = {
        "id": [f"P{row}" for row in range(n)],
        "amount": asked.tolist(),
        "amount_y1": first.tolist(),
        "amount_y2": (asked - first).tolist(),
        "min_amount": least.tolist(),
        "merit": rng.uniform(2, 5, n).round(2).tolist(),
        "institution": rng.choice(["u", "v"], n).tolist(),
        "levels": [f"{row // 2}: 0.7; {row // 3}: 0.4" for row in asked.tolist()],
    }
    years, levels = bool(rng.integers(2)), rng.random() < 0.2
    left_out = {"levels"} if not levels else {"min_amount"}
    left_out |= set() if years else {"amount_y1", "amount_y2"}
    columns = {name: cells for name, cells in columns.items() if name not in left_out}
    money = [
        int(part.sum() * rng.uniform(0.3, 0.8)) for part in ((first, asked - first) if years else (asked,))
    ]
    curve = "" if levels else CURVES[int(rng.integers(len(CURVES)))]
    text = f"""
budget = {money if years else money[0]}
currency = "{rng.choice(["EUR", "JPY"])}"
traits = {{ u = "institution = 'u'" }}
[objective]
partial = {'"levels"' if levels else "true"}
size = {rng.choice(["0.5", "1.0", '"per_money"'])}
{f"curve = {curve}" if curve else ""}
"""
    cap = f"max_amount = {sum(money) // 2}" if rng.integers(2) else "max_share = 0.55"
    text += f'[[limit]]\nper = "institution"\n{cap}\n' if rng.integers(2) else ""
    text += '[[reserve]]\ntrait = "u"\nshare = 0.175\n' if rng.integers(2) else ""
    pool = not years and rng.integers(2)
    text += (
        f'[exploratory]\nwhere = "institution = \'u\'"\namount = {sum(money) // 4}\nleft = "return"\n'
        if pool
        else ""
    )
    lines = [",".join(columns), *(",".join(map(str, row)) for row in zip(*columns.values(), strict=True))]
    try:
        accepted(tmp_path, "\n".join([*lines, ""]), text)
    except pf.InfeasibleError:
        assert "[[" in text
