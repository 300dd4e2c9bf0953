"""What is not known meets no condition: neither risky nor safe, and said before anything is decided."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest
from small import call, policy

import portfolio as pf
from portfolio.analysis.uncertainty.merit_draws import MeritErrors, columns_of_draw
from portfolio.report.decisions import decisions_of

# Of B nothing is known; D says that it makes a data set, which stands in the middle.
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
    "basicness >= 0.5": "AD",
    "basicness IS NULL": "B",
    "paradigm = 'mixed'": "D",
    "paradigm IS NULL": "B",
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


def by(column: str, **keys: Any) -> pf.Objective:
    return pf.Objective.model_validate({"criterion": [{"column": column, **keys}]})


def test_what_is_not_known_adds_nothing_to_a_criterion_or_a_sum() -> None:
    limit = [pf.Limit(of="horizon_years", max_amount=4)]
    found = pf.Problem(FOUR, policy(200, objective=by("risk", zero=0.05), limit=limit))
    assert found.instance.value.tolist() == pytest.approx([0.75, 0, 0.05, 0])
    assert found.instance.sums[0].cells.tolist() == [20_000_000, 0, 2_000_000, 0]
    # With the middle, B and D were worth more than C, and too far away for the limit.
    assert {"A", "C"} & set(found.solve().ids) == {"C"}
    assert found.instance.scores.frame["risk"].to_list() == [0.8, 0.5, 0.1, 0.5]


def test_a_score_counts_as_a_column_of_the_same_cells_does() -> None:
    own = {"myrisk": pl.Series([0.4, None]), "myyears": pl.lit(None, pl.Float64)}
    two = call(amount=[1000, 1000], success_probability=[0.6, None])
    two = pf.Call.from_frame(two.frame.with_columns(amount=pl.lit(1000), **own))
    for column in ("myrisk", "risk"):
        assert pf.optimize(two, policy(1000, objective=by(column))).ids == ("A",)
    for column in ("myyears", "horizon_years"):
        limit = [pf.Limit(of=column, max_amount=4)]
        assert pf.optimize(two, policy(2000, objective=by("risk"), limit=limit)).ids == ("A", "B")


def test_what_counts_nothing_is_mentioned() -> None:
    limits = [pf.Limit(of="horizon_years", max_amount=4), pf.Limit(of="amount", max_amount=200)]
    found = pf.Problem(FOUR, policy(200, objective=by("risk"), limit=limits)).check()
    (finding,) = [one for one in found if "not known" in one.fact]
    assert not finding.fatal
    assert finding.fact.split("; ") == [
        "objective.criterion[1] counts nothing for 2 of 4 proposals, whose risk is not known",
        "limit[1] counts nothing for 2 of 4 proposals, whose horizon_years is not known",
    ]
    assert finding.way == "fill them in; risk_high (or risk_low) gives the benefit of the doubt"


def test_the_middle_that_is_stated_is_known() -> None:
    half = {"half_widths": {"success_probability": 0.5}}
    rules = policy(200, traits={"risky": "risk >= 0.5"}, scoring=half)
    of = call(amount=[100] * 4, merit=[3, 4, 5, 5], success_probability=[0.5, 0.5, None, 0.4])
    problem = pf.Problem(of, rules)
    assert problem.instance.traits["risky"].tolist() == [True, True, False, True]
    (finding,) = [one for one in problem.check() if "not known" in one.fact]
    assert finding.fact == "traits.risky is false for 1 of 4 proposals, whose risk is not known"


def test_a_middle_rating_is_known() -> None:
    of = pf.Call.from_frame(
        pl.DataFrame({"id": ["A", "B"], "amount": [100, 100], "merit": [3.0, 3.0], "rated": [3.0, None]})
    )
    further = {"column": "rated", "row": "risk_profile", "applied": 1, "basic": 5, "half_width": 0.5}
    assert having("risk >= 0.5", of, scoring={"further": [further]}) == "A"


def test_reviewers_who_disagree_by_half_the_scale_are_heard() -> None:
    reviews = pl.DataFrame(
        [(name, who, float(grade)) for name, grades in zip("ABCD", ("54", "53", "52", "44"), strict=True)
         for who, grade in zip("RS", grades, strict=True)],
        schema=["proposal", "reviewer", "score"], orient="row",
    )  # fmt: skip
    frame = pl.DataFrame({"id": list("ABCD"), "amount": [1000] * 4, "success_probability": [0.5] * 4})
    rules = policy(
        2000,
        reviews={"best": 5, "worst": 1},
        traits={"disputed": "ambiguity >= 0.4"},
        reserve=[pf.Reserve(trait="disputed", share=0.5)],
    )
    found = pf.optimize(pf.Call.from_frame(frame, reviews=reviews), rules)
    assert found.problem.instance.table["ambiguity"].to_list() == [0.25, 0.5, 0.75, 0.0]
    assert found.ids == ("A", "B")


def test_years_that_are_stated_are_known_whatever_they_weigh() -> None:
    weightless = {"evidence": {"years_to_outcome": 0}}
    assert having("horizon_years >= 10", scoring=weightless) == "A"
    assert having("horizon_years IS NULL", scoring=weightless) == "BD"
    assert having("horizon IS NULL", scoring=weightless) == "ABCD"
    rules = policy(200, scoring=weightless)
    placed = pf.explain_score(FOUR, pf.Problem(FOUR, rules).instance.scores, "A").scores
    assert (placed["horizon"].position, placed["horizon_years"].position) == (None, 20)


def test_every_score_that_is_not_known_is_mentioned() -> None:
    frame = FOUR.frame.with_columns(
        amount=pl.lit(100),
        early_career=pl.Series([True, None, False, None]),
        fields=pl.Series([["1.1", "2.3"], ["1.1"], None, None]),
        novelty=pl.Series([0.5, 0.1, None, 0.9]),
    )
    rules = policy(
        200,
        traits={
            "young": "early_career",
            "wide": "interdisciplinarity > 0.1",
            "new": "novelty > 0.3",
            "calm": "conflicts = ''",
        },
    )
    (finding,) = [
        one for one in pf.Problem(pf.Call.from_frame(frame), rules).check() if "not known" in one.fact
    ]
    assert finding.fact.split("; ") == [
        "traits.young is false for 2 of 4 proposals, whose early_career is not known",
        "traits.wide is false for 2 of 4 proposals, whose interdisciplinarity is not known",
        "traits.new is false for 1 of 4 proposals, whose novelty is not known",
    ]
    assert finding.way == "fill them in"


def test_without_errors_robustness_leaves_what_is_not_known() -> None:
    problem = pf.Problem(FOUR, policy(200, traits={"risky": "risk >= 0.5"}))
    errors = MeritErrors.of(problem)
    uniform, table = np.full((5, 4), 0.9), problem.instance.scores.frame
    for spread, expected in ((1, [True, True, False, True]), (0, [True, False, False, False])):
        drawn = columns_of_draw(table, errors, uniform, problem.policy.scoring, spread)
        assert problem.rescored(drawn).instance.traits["risky"].tolist() == expected


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
        "eligible is false for 1 of 4 proposals, whose paradigm is not known",
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


def test_a_merit_that_nothing_asks_for_makes_nobody_ineligible() -> None:
    two = call(amount=[100, 100], success_probability=[0.6, 0.2])
    for objective, said in ((by("risk"), 0), (by("merit"), 1)):
        some = two if not said else call(amount=[100, 100], merit=[3.0, None])
        found = pf.Problem(some, policy(100, objective=objective))
        assert int(found.instance.eligible.sum()) == 2 - said
        assert sum("no merit and are ineligible" in one.fact for one in found.check()) == said
