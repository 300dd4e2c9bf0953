"""A heading of the file, named where a column is asked for: the message says what [columns] has made of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from small import policy

import portfolio as pf
from portfolio.analysis.dominance.information import intervals

FIELD = r"\[columns\] of the policy maps this heading: the column is called 'field' here"
GRADE = FIELD.replace("field", "merit")
FILE = pl.DataFrame(
    {"id": list("ABC"), "amount": [1, 2, 3], "Panel score": [3.0, 2, 1], "Discipline": ["x", "x", "y"]}
)
RULES = policy(3, columns={"merit": "Panel score", "field": "Discipline"})


@pytest.fixture
def decided() -> pf.Portfolio:
    return pf.optimize(pf.Call.from_frame(FILE, rules=RULES), RULES)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (lambda decided: pf.fairness(decided, "Discipline"), FIELD),
        (lambda decided: pf.balance(decided, " discipline"), FIELD),
        (lambda decided: pf.outcomes(decided, tags="Discipline"), FIELD),
        (lambda decided: pf.trade_off(decided.problem, "Panel score"), GRADE),
        (lambda decided: intervals(decided.problem, pf.Information(scores={"Panel score": 0.1})), GRADE),
        (
            lambda decided: intervals(
                decided.problem, pf.Information(scores={"merit": ("Panel score", "merit")})
            ),
            GRADE,
        ),
    ],
)
def test_a_mapped_heading_comes_with_its_column(
    decided: pf.Portfolio, asked: Callable[[pf.Portfolio], Any], said: str
) -> None:
    with pytest.raises((pf.DataError, pf.PolicyError, KeyError), match=said):
        asked(decided)


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ({"limit": [pf.Limit(per="Discipline", max_awards=1)]}, FIELD),
        ({"limit": [pf.Limit(of="Panel score", max_amount=1)]}, GRADE),
        ({"traits": {"x": "Discipline = 'x'"}}, FIELD),
        ({"eligible": '"Panel score" > 1'}, GRADE),
    ],
)
def test_a_mapped_heading_in_a_rule_comes_with_its_column(
    decided: pf.Portfolio, rule: dict[str, Any], said: str
) -> None:
    with pytest.raises(pf.PolicyError, match=said):
        pf.optimize(decided.problem.call, RULES.replace(**rule))


def test_a_mapped_heading_in_a_publication_comes_with_its_column(
    decided: pf.Portfolio, tmp_path: Path
) -> None:
    pf.write_decision(decided, tmp_path / "decision")
    said = pf.Publication(
        prefix="360G-f",
        funder_id="GB-CHC-1",
        funder_name="F",
        award_date=date(2026, 6, 30),
        description="Research in {Discipline}",
    )
    with pytest.raises(pf.DataError, match=FIELD):
        pf.grants_of(pf.read_decision(tmp_path / "decision"), said)
