"""Pages for publication whose sums and bounds would tell nearly what somebody asks for, read as a stranger would."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from report.pages import Page
from scipy.optimize import linprog
from small import call, policy

import portfolio as pf
from portfolio.report import Chart
from portfolio.report.stored_tables import stored_decisions

FIFTH = 0.2


@pytest.fixture(autouse=True)
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the charts out, which take most of the time of a page."""
    monkeypatch.setattr(Chart, "svg", lambda *_: "<svg></svg>")


def pages(folder: Path, columns: dict[str, Any], by: pf.Policy) -> tuple[Page, Page]:
    """Decide; return the page for publication, and the one that is not."""
    made = pf.optimize(call(**columns), by)
    pf.write_decision(made, folder, pf.price_reserves(made))
    decision = pf.read_decision(folder)
    return Page(pf.report_page(decision, anonymous=True)), Page(pf.report_page(decision))


# By id: merit, amount and field. A1 and B1 are funded of 110,000; A2 to A4 ask for 298,850 of at most 100,000 each.
NEAR = {
    "A1": (4.9, 60_000, "Art"),
    "A2": (2.9, 100_000, "Art"),
    "A3": (2.8, 99_500, "Art"),
    "A4": (2.7, 99_350, "Art"),
    "B1": (4.8, 50_000, "Bio"),
    "B2": (2.4, 60_000, "Bio"),
    "B3": (2.35, 30_000, "Bio"),
    "B4": (2.3, 45_000, "Bio"),
    "B5": (2.25, 20_000, "Bio"),
    "B6": (2.2, 70_000, "Bio"),
}


@pytest.mark.parametrize(
    "order",
    [sorted, lambda ids: sorted(ids, reverse=True), lambda ids: [*ids][::3] + [*ids][1::3] + [*ids][2::3]],
    ids=["ordered", "reversed", "mixed"],
)
def test_fields_near_the_most_are_left_out_in_whatever_order_they_stand(
    order: Callable[[Any], list[str]], tmp_path: Path
) -> None:
    ids = order(NEAR)
    merit, amount, field = (list(column) for column in zip(*map(NEAR.__getitem__, ids), strict=True))
    columns = {"id": ids, "merit": merit, "amount": amount, "field": field}
    page, named = pages(tmp_path, columns, policy(110_000))
    assert "358,850" in named.text
    assert "358,850" not in page.text
    assert "Field Left out: its sums would tell, exactly or nearly," in page.text


def test_no_line_bounds_those_above_it_near_the_most(tmp_path: Path) -> None:
    # Beside 990,000 the last four of physics do not fit into 4,975,000: of at most 1,000,000 each asks for more than
    # 3,985,000 - 3,000,000 = 985,000. The 60 others ask for much less.
    small = [
        *(245, 282, 117, 267, 339, 99, 302, 115, 126, 110, 194, 375, 105, 103, 228, 153, 372, 366, 132, 270),
        *(360, 368, 396, 334, 240, 379, 265, 207, 204, 374, 348, 255, 227, 140, 164, 157, 295, 119, 254, 384),
        *(376, 115, 218, 113, 238, 225, 257, 316, 166, 332, 191, 146, 283, 334, 165, 285, 150, 361, 292, 274),
    ]
    columns = {
        "id": [f"P{place:02}" for place in range(65)],
        "amount": [1000 * amount for amount in (990, 998, 1000, 1000, 997, *small)],
        "merit": [4.95, 4.9, 4.8, 4.7, 4.6, *(3.1 + place / 50 for place in range(60))],
        "field": ["physics"] * 5 + ["history"] * 60,
    }
    one = pf.Limit(where="field = 'physics'", min_awards=1, max_awards=1)
    page, named = pages(tmp_path, columns, policy(4_975_000, limit=[one], objective=pf.Objective(zero=3)))
    assert "4 proposals are above that line. Of those above it 3 are not funded" in named.text
    assert "If merit alone decided" not in page.text
    assert "above the line" not in page.text


def test_no_price_and_no_line_bound_those_near_the_least(tmp_path: Path) -> None:
    # Without the reserve, the three who ask for 10,000 to 10,500 would be paid from 31,000; nobody asks for less.
    others = [610, 995, 790, 680, 550, 465, 665, 600, 360, 660, 675, 575, 540, 725]
    amounts = [310, 100, 103, 105, *(101, 102, 100, 103, 103, 101, 100, 100, 100, 103, 102, 100), *others]
    columns = {
        "id": [f"P{place:02}" for place in range(30)],
        "amount": [100 * amount for amount in amounts],
        "merit": [
            *(3.2, 3.9, 3.8, 3.7),
            *(4 + 0.03 * place for place in range(12)),
            *(3.02 + 0.01 * place for place in range(14)),
        ],
        "risky": [True] + [False] * 29,
    }
    reserve = pf.Reserve(trait="is_risky", amount=30_000)
    by = policy(152_500, traits={"is_risky": "risky"}, reserve=[reserve], objective=pf.Objective(zero=3))
    page, named = pages(tmp_path, columns, by)
    assert named.with_head("trait")[0][0][4] == "2.2"
    assert page.with_head("trait")[0][0][4] == "(not published)"
    assert "would be funded without" not in page.text
    assert "If merit alone decided" in named.text
    assert "If merit alone decided" not in page.text


def test_a_scheme_near_its_own_most_is_left_out(tmp_path: Path) -> None:
    # Of 20 starters 12 are not funded, who ask for 598,700 of at most 50,000 each; others ask for up to 990,000.
    starters = [
        498,
        498,
        498,
        499,
        498,
        500,
        500,
        499,
        499,
        500,
        498,
        500,
        498,
        500,
        500,
        498,
        499,
        500,
        499,
        500,
    ]
    large = [
        *(821, 680, 857, 755, 814, 574, 336, 328, 672, 776, 626, 689, 733, 838, 468, 873, 481, 541, 536, 324),
        *(480, 632, 477, 439, 822, 822, 668, 826, 990, 873, 5),
    ]
    columns = {
        "id": [f"P{place:02}" for place in range(51)],
        "amount": [*(100 * amount for amount in starters), *(1000 * amount for amount in large)],
        "merit": [
            *(3 + 0.09 * place for place in range(20)),
            *(3 + 0.06 * place for place in range(30)),
            1.5,
        ],
        "scheme": ["starter"] * 20 + ["large"] * 31,
    }
    few = pf.Limit(where="scheme = 'starter'", max_awards=8)
    page, named = pages(tmp_path, columns, policy(6_000_000, limit=[few], objective=pf.Objective(zero=2)))
    assert "998,100" in named.text
    assert "998,100" not in page.text
    assert "Scheme Left out" in page.text


def test_what_a_page_shows_of_fields_leaves_a_fifth_of_each_request_open(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    shown, left_out = 0, 0
    for place in range(25):
        n = int(rng.integers(27, 34))
        field = rng.choice(["art", "biology", "chemistry"], size=n)
        least = int(rng.choice([50, 95]))
        amount = np.where(field == "art", rng.integers(least, 101, size=n), rng.integers(5, 101, size=n))
        ids = [f"P{number:02}" for number in rng.permutation(n)]
        columns = {"id": ids, "amount": 1000 * amount, "merit": rng.uniform(1, 5, size=n), "field": field}
        by = policy(1000 * int(amount.sum() * rng.uniform(0.4, 0.8)))
        folder = tmp_path / str(place)
        page, _ = pages(folder, columns, by)
        tables = page.with_head("group")
        if not tables:
            assert "Field Left out" in page.text
            left_out += 1
            continue
        decisions = stored_decisions(pf.read_decision(folder))
        won = set(decisions.filter(decision="funded")["id"])
        requests = {
            name: (str(group), float(money))
            for name, group, money in zip(ids, field, 1000 * amount, strict=True)
            if name not in won
        }
        assert least_open(requests, tables[0], whole_of(page, amount, ids, won)) >= FIFTH - 1e-6
        shown += 1
    assert shown > 4
    assert left_out > 4


def whole_of(page: Page, amount: np.ndarray, ids: list[str], won: set[str]) -> float | None:
    """Return what those ask for together that were not funded, if the page says so."""
    found = re.search(r"Asked for by the eligible EUR ([\d,]+)", page.text)
    if found is None:
        return None
    paid = sum(1000 * int(money) for name, money in zip(ids, amount, strict=True) if name in won)
    return float(found[1].replace(",", "")) - paid


def least_open(requests: dict[str, tuple[str, float]], rows: list[list[str]], whole: float | None) -> float:
    """Return which part of the most of its group is open of the request of which least is.

    Parameters
    ----------
    requests
        Field and money of those that were not funded, by id.
    rows
        Those of the table: what a group asks for less its awards is the sum of those that were not funded.
    whole
        What all of them ask for, if it is said.
    """
    names = list(requests)
    named = {row[0] for row in rows}
    (pooled,) = {row for row in named if row.startswith("without an award")} or {""}
    group = [requests[name][0] if requests[name][0] in named else pooled for name in names]
    asked = np.array([requests[name][1] for name in names])
    sums, of = [], []
    for row in rows:
        sums.append(float(row[2].replace(",", "")) - float(row[4].replace(",", "")))
        of.append([one == row[0] for one in group])
    if whole is not None:
        sums.append(whole)
        of.append([True] * len(names))
    # What the page says is so.
    assert np.allclose(np.array(of, dtype=float) @ asked, sums)
    most = np.array([max(asked[place] for place, other in enumerate(group) if other == one) for one in group])
    parts = []
    for place in range(len(names)):
        unit = np.eye(len(names))[place]
        low, high = (
            linprog(sign * unit, A_eq=np.array(of, dtype=float), b_eq=sums, bounds=[(0, m) for m in most]).x[
                place
            ]
            for sign in (1, -1)
        )
        parts.append((high - low) / most[place])
    return float(min(parts))
