"""What page, terminal, `explain` and `verify` say of what comes before the value: no more than was proven."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from report.pages import Page
from small import call, policy

import portfolio as pf
from portfolio.optimize import ReachedGoal, Stop
from portfolio.optimize.words import (
    chosen_in_words,
    gap_in_words,
    goal_in_words,
    rules_in_words,
    value_in_words,
)

MERIT_FIRST = pf.Objective(
    order="lexicographic", criterion=[pf.Criterion(column="merit"), pf.Criterion(column="impact")]
)
# To a gap of 10%, 19.8 of merit is found; 20.3 can be reached.
WIDE = {
    "id": [f"P{number:02d}" for number in range(11)],
    "amount": [171, 114, 180, 175, 86, 69, 158, 121, 79, 153, 191],
    "merit": [4.4, 4.8, 4.7, 1.0, 4.5, 5.5, 4.5, 5.0, 5.0, 3.4, 5.9],
    "impact": [3, 8, 2, 8, 4, 8, 8, 3, 3, 1, 2],
}


def within_the_gap() -> pf.Policy:
    return policy(
        499,
        objective=MERIT_FIRST,
        limit=[pf.Limit(where="impact < 5", max_share=0.5)],
        solver=pf.SolverSettings(gap=0.1),
    )


def test_what_was_reached_within_the_gap_is_not_called_the_best(tmp_path: Path) -> None:
    text = (
        ",".join(WIDE)
        + "\n"
        + "".join(",".join(map(str, row)) + "\n" for row in zip(*WIDE.values(), strict=True))
    )
    file, by = tmp_path / "call.csv", within_the_gap()
    file.write_text(text)
    made = pf.optimize(pf.read_call(file, policy=by), by)
    (goal,) = made.goals
    best = pf.optimize(call(**WIDE), by.replace(solver=pf.SolverSettings(gap=0.0))).goals[0].value
    assert goal.stop is Stop.GAP
    assert goal.value < best <= goal.bound
    pf.write_decision(made, tmp_path / "d")
    words = f"merit: found {goal.value:g} (the best is at most {goal.bound:g}), kept {goal.delivered:g}"
    stored = pf.read_decision(tmp_path / "d")
    page = Page(pf.report_page(stored)).text
    assert f"Before the value, {words}." in rules_in_words(stored)
    assert "first for the best sum of merit (found, not proven); and of" in page
    assert words in page
    assert gap_in_words(stored).endswith("What comes before it is not proven to be the best: merit.")
    verdict = pf.verify_decision(tmp_path / "d").verdict
    assert "What is said of the best that comes before the value rests on HiGHS" in verdict
    assert words in verdict
    # What was found is the sum of what proposals hold, and stays where figures of goals are not published.
    anonymous = Page(pf.report_page(stored, anonymous=True)).text
    assert "not proven to be the best: merit" in anonymous
    assert f"{goal.bound:g}" not in anonymous.split("Awards")[0]


@pytest.mark.parametrize(
    ("goal", "words"),
    [
        (
            ReachedGoal("merit", 19.8, 21.0000001, 19.8, Stop.GAP),
            "merit: found 19.8 (the best is at most 21.0001), kept 19.8",
        ),
        (ReachedGoal("merit", 19.8, 19.8, 19.0, Stop.GAP), "merit: best 19.8, kept 19"),
        (ReachedGoal("merit", 19.8, 19.8 + 1e-7, 19.8, Stop.OPTIMAL), "merit: best 19.8, kept 19.8"),
        (
            ReachedGoal("exploratory", 2.0, float("inf"), 2.0, Stop.TIME_LIMIT),
            "exploratory: found 2 (nothing is proven about better ones), kept 2",
        ),
        (
            ReachedGoal("shortfall", -12_500.4, -9_999.9, -12_500.4, Stop.TIME_LIMIT),
            "shortfall: found 12,500 (the least is at least 9,999.9), kept 12,500",
        ),
        (ReachedGoal("priority 2", -0.5, -0.5, -0.5, Stop.OPTIMAL), "priority 2: least 0.5, kept 0.5"),
    ],
)  # fmt: skip
def test_a_goal_is_said_with_what_nothing_exceeds(goal: ReachedGoal, words: str) -> None:
    assert goal_in_words(goal) == words


def test_that_a_shortfall_may_not_be_the_least_is_said() -> None:
    reserve = [pf.Reserve(trait="r", amount=3, shortfall="release")]
    made = pf.optimize(
        call(amount=[2, 2], merit=[1, 2], r=[1, 0]), policy(4, traits={"r": "r = 1"}, reserve=reserve)
    )
    assert rules_in_words(made) == []
    cut = replace(made.goals[0], bound=0.0, stop=Stop.TIME_LIMIT)
    late = pf.Portfolio(made.problem, replace(made.solution, goals=(cut,)))
    assert rules_in_words(late) == ["Before the value, shortfall: found 1 (the least is at least 0), kept 1."]
    assert "first for the least that reserves miss (found, not proven); and" in chosen_in_words(late)
    assert gap_in_words(late).endswith("What comes before it is not proven to be the best: shortfall.")


# Within 10% of the best merit, C and D win by impact.
LOSING = {
    "amount": [50] * 7,
    "merit": [5.0, 4.9, 4.8, 4.7, 2.0, 2.0, 2.0],
    "impact": [1, 1, 9, 9, 1, 1, 1],
}


def test_what_may_be_lost_of_the_best_is_said(tmp_path: Path) -> None:
    criteria = [pf.Criterion(column="merit", may_lose=0.1), pf.Criterion(column="impact")]
    by = policy(100, objective=MERIT_FIRST.replace(criterion=criteria))
    file = tmp_path / "call.csv"
    rows = zip("ABCDEFG", *LOSING.values(), strict=True)
    file.write_text("id,amount,merit,impact\n" + "".join(",".join(map(str, row)) + "\n" for row in rows))
    made = pf.optimize(pf.read_call(file, policy=by), by)
    assert made.ids == ("C", "D")
    assert chosen_in_words(made) == (
        "Chosen among all portfolios that keep the rules: first for the best sum of merit, of which what follows may "
        "lose 10%; and of those that keep that much, for the greatest value: the sum of impact, per award."
    )
    pf.write_decision(made, tmp_path / "d")
    assert chosen_in_words(made) in Page(pf.report_page(pf.read_decision(tmp_path / "d"))).text
    assert "merit: best 9.9, kept 9.5." in pf.verify_decision(tmp_path / "d").verdict


def test_each_criterion_may_lose_its_own_share() -> None:
    reserve = [pf.Reserve(trait="r", amount=60, shortfall="release")]
    criteria = [
        pf.Criterion(column="merit", may_lose=0.125),
        pf.Criterion(column="amount"),
        pf.Criterion(column="impact"),
    ]
    by = policy(
        100, traits={"r": "impact = 9"}, reserve=reserve, objective=MERIT_FIRST.replace(criterion=criteria)
    )
    words = (
        "first for the least that reserves miss, then for the best sum of merit, of which what follows may lose "
        "12.5%, then for the best sum of amount; and of those that keep that much, for"
    )
    assert words in chosen_in_words(pf.optimize(call(**LOSING), by))


@pytest.mark.parametrize(
    ("objective", "words"),
    [
        ({}, "merit, per award"),
        ({"zero": 1_234_567.5}, "(merit - 1234567.5), per award"),
        ({"zero": -3, "size": 0.5}, "(merit + 3), times amount^0.5"),
        ({"criterion": [{"column": "merit"}, {"column": "impact"}]}, "merit + impact, per award"),
        (
            {
                "criterion": [
                    {"column": "merit", "zero": 3.0, "weight": 0.95},
                    {"column": "impact", "scale": 10.0, "weight": 0.05},
                ],
                "size": "per_money",
            },
            "0.95 x (merit - 3) + 0.05 x impact / 10, per money",
        ),
    ],
)
def test_the_words_of_a_value_have_weights_zeros_and_scales(
    objective: dict[str, Any], words: str, tmp_path: Path
) -> None:
    made = pf.optimize(call(**LOSING), policy(100, objective=pf.Objective.model_validate(objective)))
    assert value_in_words(made) == f"the sum of {words}"
    pf.write_decision(made, tmp_path)
    assert (
        f"for the greatest value: the sum of {words}."
        in Page(pf.report_page(pf.read_decision(tmp_path))).text
    )


def test_the_words_of_criteria_one_after_the_other_have_zeros_and_scales() -> None:
    criteria = [
        pf.Criterion(column="merit", zero=1),
        pf.Criterion(column="impact", scale=10),
    ]
    objective = MERIT_FIRST.replace(criterion=criteria, size="per_money")
    said = chosen_in_words(pf.optimize(call(**LOSING), policy(100, objective=objective)))
    assert "first for the best sum of (merit - 1), per money; and of those" in said
    assert said.endswith("the sum of impact / 10, per money.")


CUT = {
    "amount": [100, 100, 100],
    "merit": [5.0, 4.0, 0.1],
    "impact": [1, 2, 1],
    "min_amount": [40, 40, 40],
    "levels": [["40: 0.7"]] * 3,
}


@pytest.mark.parametrize(
    ("cut", "size", "words", "value"),
    [
        (
            {"partial": True},
            "per_award",
            "per award, of a cut award in proportion to what it gets",
            5 + 0.4 * 4,
        ),
        (
            {"partial": True, "curve": [[0.4, 0.7], [1, 1]]},
            "per_award",
            "per award, of a cut award along the curve",
            5 + 0.7 * 4,
        ),
        ({"partial": "levels"}, "per_award", "per award, of a cut award by its level", 5 + 0.7 * 4),
        (
            {"partial": True},
            "per_money",
            "per money, of a cut award in proportion to what it gets",
            100 * 5 + 40 * 4,
        ),
    ],
)
@pytest.mark.parametrize("first", [False, True])
def test_the_words_of_a_value_say_what_a_cut_award_counts(
    cut: dict[str, Any], size: str, words: str, value: float, first: bool
) -> None:
    criteria = [pf.Criterion(column="merit"), pf.Criterion(column="impact")] if first else []
    order = "lexicographic" if first else "weighted"
    objective = pf.Objective.model_validate({"size": size, "criterion": criteria, "order": order, **cut})
    made = pf.optimize(call(**CUT), policy(140, objective=objective))
    assert made.ids == ("A", "B")
    said = chosen_in_words(made)
    if first:
        assert made.goals[0].value == pytest.approx(value)
        assert f"first for the best sum of merit, {words}; and" in said
        assert said.endswith(f"the sum of impact, {words}.")
    else:
        assert made.value == pytest.approx(value)
        assert said.endswith(f"the sum of merit, {words}.")
