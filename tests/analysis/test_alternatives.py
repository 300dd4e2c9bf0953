"""The best portfolios that differ: on paper, from the literature, and against a look at every portfolio."""

from __future__ import annotations

import os
import signal
import tomllib
from typing import Any

import numpy as np
import polars as pl
import pytest
from analysis.lists import cases, every_portfolio
from seeds import seeds
from small import ENGINES, call, policy, probe

import portfolio as pf
from portfolio.analysis import Ended
from portfolio.optimize.engine import Outcome
from portfolio.optimize.highs import HighsEngine

EXACT = 1e-7
FOUR = {"amount": [4.0, 8.0, 10.0, 8.0], "merit": [3.0, 4.0, 3.0, 2.0]}


def words(found: pf.Alternatives) -> list[str]:
    return ["".join(one.ids) for one in found.portfolios]


@pytest.mark.parametrize("engine", ENGINES)
def test_the_best_two_decisions_apart(engine: str) -> None:
    # All with 20 of money: ABD 9, AB 7, BC 7, BD 6, AC 6, AD 5, CD 5, B 4, ...
    rules = policy(20, solver=pf.SolverSettings(gap=0.0, engine=engine))
    found = pf.alternatives(pf.Problem(call(**FOUR), rules), 4, apart=2)
    assert words(found) == ["ABD", "BC", "AC", "CD"]
    table = found.to_frame()
    assert table["value"].to_list() == [9, 7, 6, 5]
    assert table["loss"].to_list() == [0, 2, 3, 4]
    assert table["differs"].to_list() == [0, 3, 3, 3]
    assert table["nearest"].to_list() == [None, 3, 2, 2]
    assert table["entered"].to_list() == [[], ["C"], ["C"], ["C"]]
    assert table["left"].to_list() == [[], ["A", "D"], ["B", "D"], ["A", "B"]]
    assert found.ended is Ended.FOUND


def test_a_list_that_runs_out_says_so() -> None:
    found = pf.alternatives(pf.Problem(call(**FOUR), policy(20)), 4, apart=4)
    # Nobody but C is 4 decisions from A, B and D; from C and from those nobody is.
    assert words(found) == ["ABD", "C"]
    assert found.ended is Ended.NONE


def test_a_list_ends_at_the_line() -> None:
    found = pf.alternatives(pf.Problem(call(**FOUR), policy(20)), 4, apart=2, within=0.25)
    assert words(found) == ["ABD", "BC"]
    assert found.ended is Ended.WORTH_LESS
    assert "none is worth more than 6" in found.why


def test_the_best_of_the_probe_projects_are_the_published_ones() -> None:
    # Lourenco, Morton & Bana e Costa 2012: with a project of each department, and without that rule.
    each = policy(5.0, limit=[pf.Limit(per="dept", min_awards=1)])
    found = pf.alternatives(pf.Problem(probe(), each), 3, apart=2)
    assert words(found)[0] == "P03P04P07P09P12"
    assert found.best.value == pytest.approx(396.46)
    # The swap that the paper names is among them.
    assert found.portfolios[1].value <= found.best.value
    swapped = pf.alternatives(pf.Problem(probe(), each.replace(must_not_fund=["P07", "P11"])), 1)
    assert words(swapped) == ["P03P04P08P09P12"]
    assert swapped.best.value == pytest.approx(375.39)


def test_what_comes_before_the_value_is_not_given_up_for_an_alternative() -> None:
    # The reserve can be met by C alone; an alternative without C would miss it, whatever it is worth.
    rules = policy(
        20,
        traits={"late": "late"},
        reserve=[{"trait": "late", "amount": 10, "shortfall": "release"}],
    )
    problem = pf.Problem(call(**FOUR, late=[False, False, True, False]), rules)
    found = pf.alternatives(problem, 4, apart=2)
    assert words(found) == ["BC", "AC", "CD"]
    assert found.ended is Ended.GOAL
    assert "shortfall" in found.why


# PORTFOLIO_BRUTE_FORCE=4000 looks at more policies than a test run has time for.
POLICIES = seeds("PORTFOLIO_BRUTE_FORCE", 120)
CHUNKS = 4


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_each_is_the_best_that_is_far_enough_by_brute_force(chunk: int) -> None:
    looked_at = short = 0
    for seed, frame, rules in cases(7000 + seed for seed in POLICIES[chunk::CHUNKS]):
        everything = every_portfolio(frame, rules)
        problem = pf.Problem(pf.Call.from_frame(frame, rules=rules), rules)
        k, apart = 4, 1 + seed // CHUNKS % 3
        if not len(everything.values):
            with pytest.raises(pf.InfeasibleError):
                pf.alternatives(problem, k, apart=apart)
            continue
        looked_at += 1
        found = pf.alternatives(problem, k, apart=apart)
        far = np.ones(len(everything.values), dtype=bool)
        for one in found.portfolios:
            best = everything.values[far].max()
            assert one.value == pytest.approx(best, abs=EXACT), f"seed {seed}"
            chosen = np.isin(everything.ids, one.ids)
            far &= (everything.funded != chosen).sum(axis=1) >= apart
        short += len(found.portfolios) < k
        if len(found.portfolios) < k:
            assert not far.any(), f"seed {seed}: {found.why}"
            assert found.ended in {Ended.NONE, Ended.GOAL}
    assert looked_at > 10
    assert short


def test_a_rule_to_differ_can_be_written_in_a_policy() -> None:
    link = pf.Link(kind="differs", k=2, proposals=("A", "B", "D"))
    rules = policy(20, link=[link])
    assert pf.optimize(call(**FOUR), rules).ids == ("B", "C")
    assert pf.Policy.model_validate(tomllib.loads(rules.to_toml())) == rules
    problem = pf.Problem(call(**FOUR), rules)
    assert "at least 2 decisions unlike funding A, B, D" in str(problem)
    # From nothing at all, four decisions can only differ by funding everybody, for which there is no money.
    nothing = policy(20, link=[pf.Link(kind="differs", k=4, proposals=())])
    with pytest.raises(pf.InfeasibleError, match="4 decisions differ from funding nothing"):
        pf.optimize(call(**FOUR), nothing)


def test_a_long_list_is_named_in_part() -> None:
    names = tuple(f"P{i:02d}" for i in range(20))
    data = call(id=list(names), amount=[1.0] * 20, merit=[1.0] * 20)
    rules = policy(20, must_fund=names, link=[pf.Link(kind="differs", k=1, proposals=names)])
    with pytest.raises(pf.InfeasibleError, match="P05 and 14 more"):
        pf.optimize(data, rules)


@pytest.mark.parametrize(
    ("key", "value", "words_"),
    [
        ("per", "dept", "does not belong"),
        ("k", None, "is missing"),
        ("proposals", ["A", "A"], "more than once"),
    ],
)
def test_a_rule_to_differ_that_makes_no_sense(key: str, value: object, words_: str) -> None:
    rule = {"kind": "differs", "k": 2, "proposals": ["A", "B"]} | {key: value}
    with pytest.raises(pf.PolicyError, match=words_):
        pf.Policy(budget=1, link=[{name: given for name, given in rule.items() if given is not None}])


def test_the_portfolios_do_not_depend_on_the_order_of_rows() -> None:
    drawn = pf.simulate_call(60, seed=2, reviews_per_proposal=0).call.to_polars()
    rules = pf.Policy(budget=4_000_000)
    tables = [
        pf.alternatives(pf.Problem(pf.Call.from_frame(frame), rules), 3, apart=3).to_frame()
        for frame in (drawn, drawn.reverse())
    ]
    assert tables[0].equals(tables[1])


def test_an_interrupt_keeps_what_was_found(monkeypatch: pytest.MonkeyPatch) -> None:
    solve, solved = pf.Problem.solve, []

    def interrupted(problem: pf.Problem) -> pf.Portfolio:
        solved.append(problem)
        if len(solved) == 3:
            raise KeyboardInterrupt
        return solve(problem)

    monkeypatch.setattr(pf.Problem, "solve", interrupted)
    found = pf.alternatives(pf.Problem(call(**FOUR), policy(20)), 4)
    assert words(found) == ["ABD", "BC"]
    assert found.ended is Ended.INTERRUPTED


@pytest.mark.parametrize("given", [{"k": 0}, {"apart": 0}, {"within": 2.0}])
def test_numbers_that_make_no_sense(given: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        pf.alternatives(pf.Problem(call(**FOUR), policy(20)), **given)


def test_rounds_are_refused() -> None:
    with pytest.raises(pf.PolicyError, match="rounds"):
        pf.alternatives(pf.Problem(call(**FOUR), policy(20, reserve_order="over_and_above")))


def test_lists_of_ids_are_lists() -> None:
    table = pf.alternatives(pf.Problem(call(**FOUR), policy(20)), 2).to_frame()
    assert table.schema["entered"] == pl.List(pl.String)


def test_a_ctrl_c_that_a_finished_solve_does_not_need_ends_the_list(monkeypatch: pytest.MonkeyPatch) -> None:
    solve, solved = HighsEngine._solve, []

    def pressed(*arguments: Any) -> Outcome:
        outcome = solve(*arguments)
        solved.append(outcome)
        if len(solved) == 2:
            os.kill(os.getpid(), signal.SIGINT)
        return outcome

    monkeypatch.setattr(HighsEngine, "_solve", pressed)
    found = pf.alternatives(pf.Problem(probe(), policy(5.0)), 50)
    assert found.ended is Ended.INTERRUPTED
    assert found.why == "it was interrupted"
    assert 1 <= len(found.portfolios) < 5
    # The wish ends with the list: what comes next is not interrupted.
    assert pf.alternatives(pf.Problem(probe(), policy(5.0)), 2).ended is Ended.FOUND
