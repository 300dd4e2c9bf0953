"""A problem with other scores is the problem of a call that has them."""

from __future__ import annotations

import pickle

import numpy as np
import polars as pl

import portfolio as pf

FRAME = pl.DataFrame(
    {
        "id": ["b", "a", "c"],
        "amount": [40, 50, 60],
        "merit": [4.0, 3.0, 2.0],
        "success_probability": [0.9, 0.2, 0.1],
    }
)
POLICY = pf.Policy(budget=100, traits={"good": "merit >= 3.5"}, reserve=[{"trait": "good", "share": 0.3}])


def test_merits_move_values_and_conditions() -> None:
    problem = pf.Problem(pf.Call.from_frame(FRAME), POLICY)
    assert problem.solve().ids == ("a", "b")
    other = problem.rescored({"merit": np.array([1.0, 2.0, 4.0])})
    call = pf.Call.from_frame(FRAME.with_columns(merit=pl.Series([2.0, 1.0, 4.0])))
    found, direct = other.solve(), pf.Problem(call, POLICY).solve()
    assert found.ids == direct.ids == ("b", "c")
    assert found.value == direct.value == 6.0
    assert found.problem.instance.traits["good"].tolist() == [False, False, True]
    # The problem itself is as it was.
    assert problem.solve().value == 7.0


def test_a_score_that_is_not_known_is_empty() -> None:
    problem = pf.Problem(pf.Call.from_frame(FRAME), POLICY.replace(reserve=()))
    assert problem.rescored({"merit": np.array([1.0, np.nan, 4.0])}).solve().ids == ("c",)


def test_a_problem_that_was_solved_travels_to_another_process() -> None:
    problem = pf.Problem(pf.Call.from_frame(FRAME), POLICY)
    found = problem.solve()
    other = pickle.loads(pickle.dumps(problem))
    assert other.solve().to_frame().equals(found.to_frame())
