"""What is not known meets no condition: neither risky nor safe, and said before anything is decided."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from small import call, policy

import portfolio as pf
from portfolio.report.decisions import decisions_of
from portfolio.scoring.known import known

# Of B nothing is known; of D, as said by a data set alone, it may be anything.
FOUR = call(
    amount=[100, 100, 100, 100],
    merit=[3.0, 5.0, 4.0, 1.0],
    success_probability=[0.2, None, 0.9, None],
    years_to_outcome=[20.0, None, 2.0, None],
    expected_outputs=[["theory"], None, ["patent"], ["dataset"]],
)


def having(condition: str, of: pf.Call = FOUR, **rules: Any) -> str:
    problem = pf.Problem(of, policy(200, traits={"it": condition}, **rules))
    return "".join(pl.Series(problem.instance.ids).filter(pl.Series(problem.instance.traits["it"])))


CONDITIONS = {
    "risk >= 0.5": "A",
    "risk < 0.6": "C",
    "NOT risk >= 0.5": "C",
    "risk IS NULL": "BD",
    "risk IS NOT NULL AND risk >= 0.5": "A",
    "COALESCE(risk, 0.5) >= 0.5": "ABD",
    "risk_high >= 0.6": "ABD",
    "risk_low <= 0": "BCD",
    "horizon >= 0.5": "A",
    "horizon_years >= 4": "A",
    "horizon_years IS NULL": "BD",
    "horizon_years_high >= 10": "ABD",
    "ambiguity >= 0.5": "",
    "basicness >= 0.5": "A",
    "basicness IS NULL": "BD",
    "paradigm = 'mixed'": "",
    "paradigm IS NULL": "BD",
}


@pytest.mark.parametrize(("condition", "expected"), CONDITIONS.items(), ids=CONDITIONS.keys())
def test_a_score_without_evidence_is_empty_to_a_condition(condition: str, expected: str) -> None:
    assert having(condition) == expected


def test_a_score_beside_a_column_of_its_name_is_empty_too() -> None:
    own = pf.Call.from_frame(FOUR.frame.with_columns(amount=pl.lit(100), risk=pl.lit(0.7)))
    assert having("scored_risk >= 0.5", own) == "A"
    assert having("file_risk >= 0.5", own) == "ABCD"


def test_conditions_see_what_the_decision_shows() -> None:
    scores = ("risk", "horizon_years", "basicness", "paradigm")
    decided = decisions_of(pf.optimize(FOUR, policy(200)))
    for score in scores:
        assert "".join(decided.filter(pl.col(score).is_null())["id"]) == having(f"{score} IS NULL"), score


def test_a_score_with_vague_evidence_is_known() -> None:
    vague = pf.ScoringSettings.model_validate({"half_widths": {"success_probability": 0.9}})
    assert having("risk_low <= 0 AND risk_high >= 1", scoring=vague) == "ABCD"
    assert having("risk >= 0.5", scoring=vague) == "A"


def test_nothing_known_fills_no_reserve() -> None:
    three = call(amount=[100] * 3, merit=[3.0, 5.0, 4.0], success_probability=[0.2, None, 0.9])
    rules = policy(200, traits={"risky": "risk >= 0.5"}, reserve=[pf.Reserve(trait="risky", share=0.5)])
    found = pf.optimize(three, rules)
    assert found.ids == ("A", "B")
    assert "counts towards" not in found.explain("B")


def test_everything_else_keeps_the_middle() -> None:
    criterion = [pf.Criterion(column="risk", zero=0, scale=1, weight=1)]
    found = pf.Problem(FOUR, policy(200, objective=pf.Objective(criterion=criterion)))
    assert found.instance.value.tolist() == pytest.approx([0.8, 0.5, 0.1, 0.5])
    assert known(found.instance.table)["risk"].to_list() == [0.8, None, 0.1, None]


def test_conditions_on_what_is_not_known_are_mentioned() -> None:
    rules = policy(
        200,
        traits={"risky": "risk >= 0.5", "told": "COALESCE(risk, 0.5) >= 0.5", "maybe": "risk_high >= 0.6"},
        limit=[pf.Limit(where="horizon_years >= 10", max_awards=1)],
        eligible="paradigm <> 'applied'",
    )
    (finding,) = [one for one in pf.Problem(FOUR, rules).check() if "not known" in one.fact]
    assert not finding.fatal
    assert finding.fact.split("; ") == [
        "eligible is false for 2 of 4 proposals, whose paradigm is not known",
        "traits.risky is false for 2 of 4 proposals, whose risk is not known",
        "limit[1].where is false for 2 of 4 proposals, whose horizon_years is not known",
    ]
    assert "basicness_high >= ..." in finding.way
    risky = pf.Problem(FOUR, policy(200, traits={"risky": "risk >= 0.5"}))
    (finding,) = [one for one in risky.check() if "not known" in one.fact]
    assert finding.way == "fill them in; risk_high >= ... (or risk_low <= ...) gives the benefit of the doubt"


def test_a_trait_that_nothing_is_known_of_has_no_threshold_beside_it() -> None:
    found = pf.sensitivity(FOUR, policy(200, traits={"risky": "risk >= 0.6"}), draws=100, weight_draws=2)
    row = found.filter(label="risky", id="B").row(0, named=True)
    assert (row["value"], row["threshold"], row["distance"]) == ("false", None, None)
    # Uniform between 0 and 1, it is above in 40 of 100.
    assert (row["changes_by_evidence"], row["changes_by_weights"]) == (0.4, 0.0)
