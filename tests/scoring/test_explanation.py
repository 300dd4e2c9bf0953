import json

import polars as pl
import pytest
from hypothesis import given
from scoring.cases import CALLS, Table, proposals

from portfolio.errors import DataError
from portfolio.scoring import PARADIGM, ScoringSettings, explain_score, score
from portfolio.scoring.explanation import Placed


def explained(table, name="p0", **settings):
    return explain_score(table, score(table, scoring=ScoringSettings(**settings)), name)


def test_a_proposal_on_the_table_by_hand():
    table = proposals(
        {"research_type": "pure_basic", "driver": "scientific_goal", "trl": 5, "years_to_outcome": 2.0}
    )
    found = explained(Table(table.frame.with_columns(title=pl.lit("A [bold]title[/bold]"))))
    assert (found.id, found.title) == ("p0", "A [bold]title[/bold]")
    assert [one.row for one in found.rows] == list(PARADIGM)
    goal, risk, horizon, metric = found.rows
    assert goal.placed.position == 0.875
    assert [(p.name, p.stated, p.placed.position, p.weight) for p in goal.evidence] == [
        ("research_type", "pure_basic", 1.0, 0.5),
        ("driver", "scientific_goal", 0.75, 0.5),
    ]
    assert [(p.name, p.stated, p.weight) for p in risk.evidence] == [
        ("success_probability", None, 0.0),
        ("trl", "5", 1.0),
    ]
    assert horizon.evidence[0].stated == "2.0"
    assert metric.placed == Placed(None, 0.0, 1.0)
    assert [one.weight for one in found.rows] == pytest.approx([1 / 3, 1 / 3, 1 / 3, 0])
    assert found.conflicts == ()


def test_scores_are_those_of_the_table_and_unknown_ones_are_not_a_half():
    table = proposals({"success_probability": 0.5}, {})
    scores = score(table)
    found, silent = (explain_score(table, scores, name) for name in ("p0", "p1"))
    row = scores.frame.row(0, named=True)
    assert found.scores["risk"] == Placed(0.5, row["risk_low"], row["risk_high"])
    assert all(placed.position is None for placed in silent.scores.values())
    assert silent.paradigm is silent.quadrant is None


def test_conflicts_are_listed_one_by_one():
    found = explained(
        proposals(
            {"research_type": "pure_basic", "years_to_outcome": 2.0, "expected_outputs": ["market_share"]}
        )
    )
    assert len(found.conflicts) == 2
    assert found.rows[3].evidence[0].stated == "market_share"


def test_an_unknown_proposal_names_the_nearest():
    with pytest.raises(DataError, match="did you mean 'p0'"):
        explained(proposals({}), "p00")


@given(CALLS)
def test_positions_add_up_to_basicness(rows):
    table = proposals(*rows)
    scores = score(table)
    found = explain_score(table, scores, "p0")
    added = sum(one.weight * one.placed.position for one in found.rows if one.placed.position is not None)
    if any(one.placed.position is not None for one in found.rows):
        assert added == pytest.approx(scores.frame["basicness"][0])
    for one in found.rows:
        pieces = [piece for piece in one.evidence if piece.placed.position is not None]
        if pieces:
            assert sum(p.weight * p.placed.position for p in pieces) == pytest.approx(one.placed.position)
    assert json.loads(json.dumps(found.as_record()))["id"] == "p0"
