"""Ids are texts: numbers, as a data frame has them, and one id for several come with words or are read as meant."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl
import pytest
from small import policy

import portfolio as pf
from portfolio.analysis.lottery.feasible import feasible

RULES = policy(100)
FRAME = pl.DataFrame({"id": [1, 2, 12], "amount": [50, 60, 40], "merit": [3.0, 4.0, 5.0]})


@pytest.fixture(scope="module")
def decided() -> pf.Portfolio:
    found = pf.optimize(pf.Call.from_frame(FRAME, rules=RULES), RULES)
    assert found.ids == ("12", "2")
    return found


@pytest.mark.parametrize("number", [12, np.int64(12)])
@pytest.mark.parametrize(
    "asked",
    [
        lambda decided, name: decided.explain(name),
        lambda decided, name: decided.problem.call[name],
        lambda decided, name: pf.inclusion(decided, [name]),
        lambda decided, name: pf.replace_decliners(decided, [name, "2"]),
        lambda decided, name: feasible(decided.problem, [name], ["1"]),
        lambda decided, name: pf.score(decided.problem.call).contributions(name),
        lambda decided, name: pf.explain_score(decided.problem.call, pf.score(decided.problem.call), name),
    ],
)
def test_a_number_is_no_id(decided: pf.Portfolio, asked: Callable[[Any, Any], Any], number: Any) -> None:
    with pytest.raises((KeyError, pf.DataError), match="ids and other names are texts: write '12'"):
        asked(decided, number)


def test_a_number_in_a_policy_comes_with_its_text(decided: pf.Portfolio) -> None:
    with pytest.raises(pf.PolicyError, match=r'must be text\n *write it in quotation marks: "12"'):
        decided.problem.replace(must_fund=[12])
    assert decided.problem.replace(must_fund=["12"]).policy.must_fund == ("12",)


def test_one_id_is_not_its_letters(decided: pf.Portfolio) -> None:
    assert pf.replace_decliners(decided, "12").declined == ("12",)
    assert [answer.id for answer in pf.inclusion(decided, "12")] == ["12"]
