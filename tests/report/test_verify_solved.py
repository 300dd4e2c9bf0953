"""Verify decides again where it is asked to, and finds records whose value and bound were forged to agree."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from cli.test_command import portfolio as command
from report.cases import decisions
from report.verified import POLICY, holds_but_for_the_policy

import portfolio as pf
from portfolio.analysis.lottery.tickets import TICKETS
from portfolio.optimize import Stop
from portfolio.optimize.awards import Awards
from portfolio.optimize.goals import least_given
from portfolio.optimize.value import portfolio_value
from portfolio.report import write_record
from portfolio.report.verify import solved
from portfolio.report.verify.ended import ended

CALL = (
    "id,amount,merit,merit_low,merit_high,dept\n"
    "A,4,3,2.5,3.5,x\nB,5,4,3.8,4.2,x\nC,3,4.5,4.2,4.8,y\nD,2,1.5,1,2,y\nE,2.5,2,1.5,2.5,x\nF,2.5,2,1.5,2.5,x\n"
)
CALL_WITHOUT_INTERVALS = "id,amount,merit\nA,4,3\nB,5,4\nC,4,3\nD,2,1.5\n"


def problem_in(folder: Path, text: str = POLICY, call: str = CALL) -> pf.Problem:
    (folder / "call.csv").write_text(call, encoding="utf-8")
    (folder / "policy.toml").write_text(text, encoding="utf-8")
    policy = pf.read_policy(folder / "policy.toml")
    return pf.Problem(pf.read_call(folder / "call.csv", policy=policy), policy)


def poor(best: pf.Portfolio, ids: Collection[str], **changes: Any) -> pf.Portfolio:
    """Return other awards that keep the rules, said to be the best: what is worth so much is the bound as well."""
    instance, policy = best.problem.instance, best.problem.policy
    awards = Awards.of(instance, np.isin(np.array(instance.ids), list(ids)))
    value = portfolio_value(instance, policy, awards)
    forged = {
        "awards": awards,
        "value": value,
        "bound": value,
        "stop": Stop.OPTIMAL,
        "margins": np.full(len(instance.ids), np.nan),
        "given": least_given(instance, policy, awards),
    }
    return replace(best, solution=replace(best.solution, **forged | changes))


def said(found: pf.Verification, name: str = "solve") -> str:
    (check,) = (check for check in found.checks if check.name == name)
    return str(check)


def test_a_poor_portfolio_that_is_called_the_best_is_found(tmp_path: Path) -> None:
    best = problem_in(tmp_path).solve()
    assert "".join(best.ids) == "BCD"
    pf.write_decision(poor(best, "CD"), tmp_path / "decision")
    assert pf.verify_decision(tmp_path / "decision").holds
    found = pf.verify_decision(tmp_path / "decision", solve=True)
    assert not found.holds
    assert said(found) == (
        "FAILED       solve: a portfolio worth 10 was found, and the record says that none is worth more than 6: "
        "it adds B"
    )
    done = command("verify", tmp_path / "decision", "--solve", "--quiet")
    assert done.returncode == 3
    assert "FAILED       solve: a portfolio worth 10 was found" in done.stdout
    assert command("verify", tmp_path / "decision", "--quiet").returncode == 0


def test_the_same_awards_and_awards_within_the_bound_hold(tmp_path: Path) -> None:
    best = problem_in(tmp_path).solve()
    pf.write_decision(best, tmp_path / "decision", pf.price_reserves(best))
    found = pf.verify_decision(tmp_path / "decision", solve=True)
    assert found.holds, str(found)
    assert "the same awards, worth 10; none is worth more than 10" in said(found)
    assert said(found, "solve reserves").startswith("ok")
    # As good a portfolio as its record says, and no better: its gap is there to be read.
    honest = poor(best, "BC", bound=10.6, stop=Stop.TIME_LIMIT)
    pf.write_decision(honest, tmp_path / "honest")
    found = pf.verify_decision(tmp_path / "honest", solve=True)
    assert found.holds, str(found)
    assert "other awards, worth 10 instead of 8.5, within the bound of the record" in said(found)
    assert "it adds D" in said(found)


def test_prices_that_were_not_found_again_are_not_called_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    best = problem_in(tmp_path).solve()
    (price,) = pf.price_reserves(best)
    pf.write_decision(best, tmp_path / "decision", [price])
    nothing = {"found": None, "low": None, "high": None}
    interrupted = replace(price, low=0.0, high=99.0, stop=Stop.INTERRUPTED)
    for again in ((), (replace(price, **nothing, stop=Stop.TIME_LIMIT),), (interrupted,)):
        monkeypatch.setattr(solved, "price_reserves", lambda _, again=again: again)
        found = pf.verify_decision(tmp_path / "decision", solve=True)
        assert not found.holds
        assert said(found, "solve reserves").startswith("not checked  solve reserves: reserve.new: ")
        assert "not everything could be checked" in found.verdict
    # A limit that left a range leaves something to compare, and says so; a range that is false is found in any case.
    for low, words in (
        (0.0, "ended early: reserve.new (node_limit)"),
        (98.0, "between 98 and 99 by this search, "),
    ):
        again = (replace(price, low=low, high=99.0, stop=Stop.NODE_LIMIT),)
        monkeypatch.setattr(solved, "price_reserves", lambda _, again=again: again)
        found = pf.verify_decision(tmp_path / "decision", solve=True)
        assert found.holds is (low == 0.0)
        assert words in said(found, "solve reserves")


def test_a_price_that_is_not_the_one_found_again_is_found(tmp_path: Path) -> None:
    # Nobody enters and leaves for a price of nothing, but the reserve costs more by any search.
    text = POLICY.replace("amount = 3", "amount = 6").replace("merit > 4", "dept = 'x'")
    best = problem_in(tmp_path, text).solve()
    (price,) = pf.price_reserves(best)
    assert price.found > 0
    honest = replace(price, stop=Stop.TIME_LIMIT, low=0.0, high=99.0)
    for found, holds in ((price.found, True), (price.found + 1, False)):
        said_price = replace(honest, found=found, entered=(), left=())
        check = solved._priced(best, [said_price], best)
        assert check.holds is holds, str(check)


def test_over_and_above_another_price_is_not_called_checked(tmp_path: Path) -> None:
    text = 'reserve_order = "over_and_above"\n' + POLICY.replace("> 4", "> 2.5").replace(
        "amount = 3", "amount = 5"
    )
    best = problem_in(tmp_path, text).solve()
    (price,) = pf.price_reserves(best)
    assert solved._priced(best, [price], best).holds is True
    for other in (replace(price, found=25.0), replace(price, entered=("A",), left=())):
        assert solved._priced(best, [other], best).holds is None


def test_goals_that_can_be_reached_better_are_found(tmp_path: Path) -> None:
    # 3.00 can be held back for the new; the record says that 5.00 have to be missed, and none can do better.
    text = POLICY.replace("amount = 3", 'amount = 5\nshortfall = "release"')
    best = problem_in(tmp_path, text).solve()
    (goal,) = best.goals
    assert (goal.name, goal.value) == ("shortfall", -2.0)
    worse = (replace(goal, value=-5.0, bound=-5.0, delivered=-5.0),)
    pf.write_decision(poor(best, "BE", goals=worse), tmp_path / "decision")
    assert pf.verify_decision(tmp_path / "decision").holds
    found = pf.verify_decision(tmp_path / "decision", solve=True)
    assert "FAILED       solve: shortfall: -2 can be reached, and the record says at most -5" in said(found)


def test_a_round_that_could_be_better_is_found(tmp_path: Path) -> None:
    # By hand: C and D from the open 5.00, then B from the reserve for A, B and C.
    text = 'reserve_order = "over_and_above"\n' + POLICY.replace("> 4", "> 2.5").replace(
        "amount = 3", "amount = 5"
    )
    best = problem_in(tmp_path, text).solve()
    pf.write_decision(best, tmp_path / "decision")
    found = pf.verify_decision(tmp_path / "decision", solve=True)
    assert found.holds, str(found)
    first, last = best.rounds
    assert first.awards == ("C", "D")
    none = replace(first, awards=(), spent=first.spent * 0, value=0.0, bound=0.0)
    rounds = (none, replace(last, value=4.0, bound=4.0))
    pf.write_decision(poor(best, last.awards, rounds=rounds), tmp_path / "poor")
    assert pf.verify_decision(tmp_path / "poor").holds
    found = pf.verify_decision(tmp_path / "poor", solve=True)
    assert f"FAILED       solve: round {first.name}: awards worth" in said(found)


@pytest.mark.parametrize("chunk", range(4))
def test_every_kind_of_decision_holds_when_it_is_decided_again(chunk: int, tmp_path: Path) -> None:
    verified = 0
    for seed, _, best in decisions(range(chunk, 28, 4), tmp_path):
        pf.write_decision(best, tmp_path / str(seed), pf.price_reserves(best))
        found = pf.verify_decision(tmp_path / str(seed), solve=True)
        assert holds_but_for_the_policy(found), (seed, str(found))
        assert "the same awards" in said(found), seed
        verified += 1
    assert verified > 4


def test_scenarios_are_decided_again(tmp_path: Path) -> None:
    problem = problem_in(tmp_path)
    asked = list(pf.scenario_grid(problem.policy, {"budget": [2, 9]}))
    record = pf.whatif_record(pf.whatif(problem, asked, jobs=1), asked)
    file = tmp_path / "sweep.json"
    write_record(record, file)
    found = pf.verify_record(file, solve=True)
    assert found.holds, str(found)
    assert record["rows"][1]["status"] == "infeasible"
    # The budget of 9 is said to fund nobody, or the new one alone.
    nobody = {"status": "infeasible", "reason": "it cannot be", "shares": {}, "reserves": [], "prices": []}
    nobody |= dict.fromkeys(("value", "bound", "gap", "spent", "awards"))
    alone = {"value": 4.5, "bound": 4.5, "spent": "3.00", "awards": 1, "shares": {"B": 0.0, "D": 0.0}}
    for change, words in (
        (nobody, "budget=9: a portfolio worth 9 keeps every rule"),
        (
            nobody | {"status": "nothing_found"},
            "not compared: budget=9 (deciding again, a portfolio worth 9 keeps",
        ),
        (alone, "budget=9: a portfolio worth 9 was found, above the bound of 4.5"),
    ):
        forged = json.loads(json.dumps(record))
        forged["rows"][2].update(change)
        write_record(forged, file)
        assert pf.verify_record(file).holds, str(pf.verify_record(file))
        assert words in said(pf.verify_record(file, solve=True))


def test_a_search_that_finds_nothing_in_time_does_not_say_that_there_is_nothing(tmp_path: Path) -> None:
    problem = problem_in(tmp_path)
    asked = list(pf.scenario_grid(problem.policy, {"solver.time_limit": [1e-9]}))
    record = pf.whatif_record(pf.whatif(problem, asked, jobs=1), asked)
    file = tmp_path / "sweep.json"
    assert record["rows"][1]["status"] == "nothing_found"
    record["rows"][1].update(
        status="infeasible", reason="These cannot hold together: the budget; the rector."
    )
    write_record(record, file)
    found = pf.verify_record(file, solve=True)
    assert not found.holds
    assert said(found).startswith(
        "not checked  solve: not compared: solver.time_limit=1e-09 (no portfolio was found"
    )


def test_which_rules_clash_is_compared_but_no_fault(tmp_path: Path) -> None:
    problem = problem_in(tmp_path, "budget = 9\n[[limit]]\nper = 'dept'\nmax_awards = 1\n")
    asked = list(pf.scenario_grid(problem.policy, {"must_fund": [["A", "E"]]}))
    record = pf.whatif_record(pf.whatif(problem, asked, jobs=1), asked)
    file = tmp_path / "sweep.json"
    write_record(record, file)
    assert "A must be funded" in record["rows"][1]["reason"]
    assert said(pf.verify_record(file, solve=True)).startswith("ok")
    record["rows"][1]["reason"] = "the rector asked for EUR 99,000.00"
    write_record(record, file)
    assert "and why, rests on the solver" in str(pf.verify_record(file))
    found = said(pf.verify_record(file, solve=True))
    assert not found.startswith("ok")
    assert "(deciding again, its reason is: " in found


def test_who_is_in_a_lottery_is_found_again(tmp_path: Path) -> None:
    problem = problem_in(tmp_path, POLICY.split("[[limit]]", maxsplit=1)[0])
    lottery, file = pf.fair_lottery(problem), tmp_path / "lottery.json"
    record = pf.lottery_record(lottery, problem)
    write_record(record, file)
    found = pf.verify_record(file, solve=True)
    assert found.holds, str(found)
    assert "the same are tied; their chances are the same" in said(found)
    # The worst is accepted, and so is whoever the reserve is for; the rest is drawn among two.
    steered = pf.fair_lottery(problem, tied=["E", "F"], accepted=["C", "D"])
    write_record(pf.lottery_record(steered, problem), file)
    assert pf.verify_record(file).holds
    assert "with which chances, is taken from the record" in pf.verify_record(file).verdict
    found = pf.verify_record(file, solve=True)
    assert not found.holds
    assert "prices and intervals put others into the lottery" in said(found)


def test_unfair_chances_are_found(tmp_path: Path) -> None:
    rows = "".join(f"{name},1,3,2,4\n" for name in "ABC")
    problem = problem_in(tmp_path, "budget = 1\n", f"id,amount,merit,merit_low,merit_high\n{rows}")
    lottery = pf.fair_lottery(problem)
    file = tmp_path / "lottery.json"
    write_record(pf.lottery_record(lottery, problem), file)
    assert pf.verify_record(file, solve=True).holds
    weights = np.array([TICKETS - 2, 1, 1])
    tickets = weights @ lottery.portfolios
    proof = {**lottery.proof, "smallest_chance": float(tickets[lottery.tied].min()) / TICKETS}
    rigged = replace(lottery, weights=weights, tickets=tickets, proof=proof)
    write_record(pf.lottery_record(rigged, problem), file)
    plain = pf.verify_record(file)
    assert not plain.holds
    assert "the gap is more than is said" in str(plain)
    rigged = replace(rigged, proof={**proof, "bound": proof["smallest_chance"]})
    write_record(pf.lottery_record(rigged, problem), file)
    assert pf.verify_record(file).holds
    found = pf.verify_record(file, solve=True)
    assert not found.holds
    assert "those of the record are less fair: they can be raised where they are small" in said(found)
    # What leaves so much open that anything would fit is neither false nor fair.
    for stopped in ({"gap": 0.9}, {"gap": None, "status": "time_limit"}):
        rigged = replace(rigged, proof={**rigged.proof, **stopped})
        write_record(pf.lottery_record(rigged, problem), file)
        found = pf.verify_record(file, solve=True)
        assert not found.holds
        assert "other chances are found, which are fairer; the record says that its search" in said(found)


def test_a_lottery_among_named_proposals_without_intervals_is_not_called_wrong(tmp_path: Path) -> None:
    problem = problem_in(tmp_path, "budget = 10\n", CALL_WITHOUT_INTERVALS)
    lottery = pf.fair_lottery(problem, tied=["A", "C"], accepted=["B"])
    write_record(pf.lottery_record(lottery, problem, lottery.draw("seed 1")), tmp_path / "draw.json")
    assert pf.verify_record(tmp_path / "draw.json").holds
    found = pf.verify_record(tmp_path / "draw.json", solve=True)
    assert [check.name for check in found.checks if check.holds is False] == []
    assert said(found).startswith(
        "not checked  solve: who is tied, and with which chances, was not found again"
    )
    assert "merit_low" in said(found)


def test_tiny_values_are_told_apart(tmp_path: Path) -> None:
    text = 'budget = 10\n[objective]\nsize = "per_award"\n[[objective.criterion]]\ncolumn = "merit"\nscale = 1e12\n'
    best = problem_in(tmp_path, text).solve()
    pf.write_decision(best, tmp_path / "best")
    assert pf.verify_decision(tmp_path / "best", solve=True).holds
    pf.write_decision(poor(best, "CD"), tmp_path / "decision")
    found = pf.verify_decision(tmp_path / "decision", solve=True)
    assert said(found).startswith("FAILED       solve: a portfolio worth")


def test_a_solver_tells_no_smaller_part_of_what_gave_way_apart() -> None:
    # Awards worth 1e-8 beside reserves that were missed at a cost of 12,093.
    assert not list(ended("it", -12093.0, -12092.999987907, Stop.GAP, 1e-4, cost=12093.00000001, size=1e-8))
    assert list(ended("it", -12093.0, -12092.999907, Stop.GAP, 1e-4, cost=12093.00000001, size=1e-8))
