"""What if: by hand, against brute force, by threads and by a cluster, interrupted and taken up again."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import textwrap
from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
from oracle import Oracle
from random_rules import random_case
from seeds import seeds
from small import call, policy

import portfolio as pf
from portfolio.analysis.sweeps.journal import Journal

YOUNG = {"traits": {"young": "young"}}


def four(**rules):
    """A and B are worth most, C and D are young."""
    made = call(amount=[2, 2, 2, 2], merit=[9, 8, 5, 4], young=[False, False, True, True])
    return pf.Problem(made, policy(4, **YOUNG, reserve=[pf.Reserve(trait="young", share=0)], **rules))


def many(n=300):
    made = pf.simulate_call(n, seed=4, reviews_per_proposal=0).call
    rules = pf.Policy(
        budget=40_000_000,
        traits={"risky": "success_probability <= 0.4"},
        reserve=[pf.Reserve(trait="risky", share=0.1)],
        link=[pf.Link(kind="at_most", k=1, per="investigator")],
        solver={"gap": 1e-3},
    )
    return pf.Problem(made, rules)


def shares(problem, *values):
    return pf.scenario_grid(
        problem.policy, {f"reserve.{problem.policy.reserve[0].trait}.share": list(values)}
    )


def test_four_proposals_by_hand():
    problem = four()
    found = pf.whatif(problem, shares(problem, 0, 0.5, 1))
    assert found.complete
    rows = found.scenarios.to_dicts()
    assert [row["scenario"] for row in rows] == [
        "base",
        *(f"reserve.young.share={s}" for s in ("0", "0.5", "1")),
    ]
    assert [row["status"] for row in rows] == ["optimal"] * 4
    assert [row["value"] for row in rows] == [17, 17, 14, 9]
    assert [row["value_change"] for row in rows] == [0, 0, -3, -8]
    assert [row["spent"] for row in rows] == [Decimal(4)] * 4
    assert [(row["entered"], row["left"]) for row in rows] == [(None, None), (0, 0), (1, 1), (2, 2)]
    assert (rows[3]["entered_ids"], rows[3]["left_ids"]) == (["C", "D"], ["A", "B"])
    assert [row["reserve.young.delivered"] for row in rows] == [0, 0, 2, 4]
    fates = found.proposals
    assert fates["base"].to_list() == ["funded", "funded", "not_funded", "not_funded"]
    assert fates["funded_share"].to_list() == pytest.approx([2 / 3, 1 / 3, 2 / 3, 1 / 3])
    assert fates["stability"].to_list() == ["depends"] * 4
    assert fates["entered"].to_list() == [0, 0, 2, 1]
    assert fates["left"].to_list() == [1, 2, 0, 0]


def test_a_scenario_without_a_portfolio_is_a_row_with_its_reason():
    problem = four()
    scenarios = [
        *pf.scenario_grid(problem.policy, {"reserve.young.share": [0.5, 1.2]}),
        pf.Scenario(
            "no demand", problem.policy.replace(budget=100, reserve=[{"trait": "young", "share": 0.9}])
        ),
        pf.Scenario("locks", problem.policy.replace(must_fund=["A", "B"], must_not_fund=["A"])),
        pf.Scenario("too much", problem.policy.replace(budget=3, must_fund=["A", "B"])),
        pf.Scenario("no column", problem.policy.replace(eligible="colour = 'red'")),
    ]
    found = pf.whatif(problem, scenarios)
    rows = {row["scenario"]: row for row in found.scenarios.to_dicts()}
    assert [row["status"] for row in rows.values()][2:] == ["invalid", *["infeasible"] * 3, "invalid"]
    reasons = {name: row["reason"] for name, row in rows.items()}
    assert "must be at most 1" in reasons["reserve.young.share=1.2"]
    assert "eligible demand is EUR 4.00" in reasons["no demand"]
    assert "A must be funded and must not be" in reasons["locks"]
    assert "must be funded" in reasons["too much"]
    assert "colour" in reasons["no column"]
    assert not any("\n" in reason for reason in reasons.values())
    assert rows["locks"]["value"] is rows["locks"]["entered"] is rows["locks"]["spent"] is None
    # Only scenarios with a portfolio count for the proposals: here the one with a half for the young.
    assert found.proposals["scenarios"].to_list() == [1] * 4
    assert found.proposals["stability"].to_list() == ["always", "never", "always", "never"]


def test_without_a_base_scenarios_are_still_answered():
    problem = four(must_fund=("A", "B", "C"))
    found = pf.whatif(
        problem, {"richer": problem.policy.replace(budget=6), "poorer": problem.policy.replace(budget=1)}
    )
    assert found.base is None
    assert found.scenarios["status"].to_list() == ["infeasible", "optimal", "infeasible"]
    assert found.scenarios["entered"].to_list() == [None] * 3
    assert found.scenarios["value_change"].to_list() == [None] * 3
    assert found.proposals["funded_share"].to_list() == [1, 1, 1, 0]
    nothing = pf.whatif(problem, {"poorer": problem.policy.replace(budget=1)})
    assert (
        nothing.proposals["funded_share"].to_list() == nothing.proposals["stability"].to_list() == [None] * 4
    )


def test_values_on_another_scale_are_not_compared():
    problem = four()
    found = pf.whatif(problem, {"zero": problem.policy.replace(objective={"zero": 1.0})}).scenarios
    assert found["value"].to_list() == [17, 15]
    assert found["value_change"].to_list() == [0, None]


def test_goals_before_the_value_and_rules_that_gave_way_are_said():
    problem = four()
    released = [pf.Reserve(trait="young", amount=5, shortfall="release")]
    soft = [pf.Limit(trait="young", max_awards=0, price=1.0)]
    changed = problem.policy.replace(reserve=released, budget=6)
    found = pf.whatif(problem, {"released": changed, "soft": problem.policy.replace(budget=8, limit=soft)})
    rows = found.scenarios.to_dicts()
    assert rows[1]["goals"] == ["shortfall -1"]
    assert rows[2]["gave_way"] == ["limit[1] by 2"]
    assert rows[0]["goals"] == rows[0]["gave_way"] == []


def test_over_and_above_nothing_is_proven_about_the_difference():
    problem = four()
    above = problem.policy.replace(reserve_order="over_and_above", reserve=[{"trait": "young", "share": 0.5}])
    row = pf.whatif(problem, {"above": above}).scenarios.to_dicts()[1]
    assert (row["value"], row["value_change"]) == (14, -3)
    assert row["value_change_low"] is row["value_change_high"] is None


def test_bounds_decide_nothing():
    problem = four()
    above = problem.policy.replace(reserve_order="over_and_above", reserve=[{"trait": "young", "share": 0.5}])
    scenarios = [*shares(problem, 0, 0.25), pf.Scenario("above", above)]
    found = pf.whatif(problem, scenarios, exact=False)
    rows = found.scenarios
    assert rows["status"].to_list() == ["bound", "bound", "bound", "invalid"]
    assert rows["bound"].to_list()[:3] == pytest.approx([17, 17, 14])
    for name in ("value", "gap", "awards", "entered", "left_ids", "value_change"):
        assert rows[name].null_count() == 4
    assert "has no relaxation" in rows["reason"].to_list()[3]
    assert found.proposals["base"].null_count() == 4
    assert found.proposals["funded_share"].to_list() == pytest.approx([1, 0.75, 0.25, 0])
    with pytest.raises(pf.PolicyError, match="has no relaxation"):
        pf.whatif(pf.Problem(problem.call, above), shares(problem, 0), exact=False)


@pytest.mark.once
def test_against_brute_force():
    seen = {"optimal": 0, "infeasible": 0}
    for seed in seeds("PORTFOLIO_BRUTE_FORCE", 24):
        frame, rules = random_case(seed)
        problem = pf.Problem(pf.Call.from_frame(frame, rules=rules), rules)
        budgets = {
            f"{s}": rules.replace(budget=[round(float(b) * s, 2) for b in rules.budgets]) for s in (0.6, 1.5)
        }
        rounds = "over_and_above" if rules.reserve_order == "minimum_guarantee" else "minimum_guarantee"
        with suppress(pf.PolicyError):
            budgets["other"] = rules.replace(reserve_order=rounds)
        found = pf.whatif(problem, budgets, jobs=1)
        for row, under in zip(found.rows[1:], budgets.values(), strict=True):
            oracle = Oracle(frame, under)
            if oracle.in_rounds or oracle.cuts:
                continue
            best = oracle.best()
            assert row.feasible == (best.goals is not None), (seed, row)
            if row.feasible:
                assert row.value == pytest.approx(best.value, abs=1e-6), (seed, row.name)
            seen[row.status] += 1
    assert min(seen.values()) >= 5, seen


def test_the_proven_difference_holds_the_exact_one():
    problem = many()
    grid = shares(problem, 0, 0.2, 0.3)
    loose = pf.whatif(problem, grid).scenarios
    exact = pf.whatif(
        problem.replace(solver={"gap": 1e-6}),
        pf.scenario_grid(
            problem.policy.replace(solver={"gap": 1e-6}), {"reserve.risky.share": [0, 0.2, 0.3]}
        ),
    ).scenarios
    for low, high, true in zip(
        loose["value_change_low"], loose["value_change_high"], exact["value_change"], strict=True
    ):
        assert low - 0.01 <= true <= high + 0.01
        assert low <= high


def test_neither_threads_nor_order_nor_rows_change_anything():
    problem = many()
    grid = shares(problem, *np.round(np.linspace(0, 0.45, 12), 3).tolist())
    one = pf.whatif(problem, grid, jobs=1)
    shuffled = pf.Call.from_frame(problem.call.to_polars().reverse(), rules=problem.policy)
    other = pf.Problem(shuffled, problem.policy)
    for found in (pf.whatif(many(), grid, jobs=4), pf.whatif(other, grid, jobs=3)):
        assert found.scenarios.equals(one.scenarios, null_equal=True)
        assert found.proposals.equals(one.proposals)
    backwards = pf.whatif(many(), grid[::-1], jobs=2)
    assert backwards.scenarios[1:].reverse().equals(one.scenarios[1:])
    assert backwards.proposals.equals(one.proposals)
    assert list(pf.whatif_rows(many(), grid, jobs=2)) == list(one.rows)


def test_a_dask_cluster_gives_the_same_bytes():
    distributed = pytest.importorskip("distributed", reason="needs the extra dask")
    problem = many(80)
    grid = shares(problem, 0, 0.1, 0.2, 0.3, 0.9)
    here = pf.whatif(problem, grid, jobs=2)
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0"
        ) as cluster,
        distributed.Client(cluster),
        joblib.parallel_config(backend="dask"),
    ):
        there = pf.whatif(many(80), grid)
    assert there.rows == here.rows
    assert there.scenarios.serialize() == here.scenarios.serialize()
    assert there.proposals.serialize() == here.proposals.serialize()


# Interrupts and journals


def test_a_journal_is_taken_up_and_removed_at_the_end(tmp_path, monkeypatch):
    problem, journal = many(), tmp_path / "whatif.partial"
    grid = shares(problem, 0, 0.1, 0.2, 0.3)
    whole = pf.whatif(problem, grid)

    def stop(done, total):
        assert total == 4
        if done == 2:
            raise KeyboardInterrupt

    part = pf.whatif(many(), grid, jobs=1, journal=journal, watch=stop)
    assert (len(part.rows), part.asked, part.complete) == (3, 4, False)
    assert repr(part) == "<WhatIf: 2 scenarios (interrupted; 4 were asked for), 2 feasible>"
    assert journal.read_bytes().count(b"\n") == 2
    # A line that was cut off, and one of other inputs.
    with journal.open("ab") as file:
        file.write(b'{"key": "other", "result": {}}\n{"key": "torn", "res')
    solved = []
    solve = pf.Problem.solve
    monkeypatch.setattr(pf.Problem, "solve", lambda *a, **k: solved.append(1) or solve(*a, **k))
    again = pf.whatif(many(), grid, jobs=1, journal=journal)
    # The base, and the two that were missing.
    assert len(solved) == 3
    assert again.rows == whole.rows
    assert not journal.exists()


def test_a_journal_of_other_inputs_is_not_taken_up(tmp_path):
    journal = tmp_path / "whatif.partial"

    def stop(done, total):
        raise KeyboardInterrupt

    problem = four()
    pf.whatif(problem, shares(problem, 0.5, 1), jobs=1, journal=journal, watch=stop)
    (line,) = journal.read_text(encoding="utf-8").splitlines()
    lie = json.loads(line)
    lie["result"]["value"] = 1234.0
    journal.write_text(json.dumps(lie) + "\n", encoding="utf-8")
    assert 1234.0 in pf.whatif(problem, shares(problem, 0.5), journal=journal).scenarios["value"]
    richer = problem.replace(budget=6)
    worth_more = pf.Problem(
        call(amount=[2] * 4, merit=[9, 8, 5, 4.5], young=[False, False, True, True]), problem.policy
    )
    for other, exact in ((richer, True), (worth_more, True), (problem, False)):
        journal.write_text(json.dumps(lie) + "\n", encoding="utf-8")
        found = pf.whatif(other, shares(other, 0.5), exact=exact, journal=journal)
        assert 1234.0 not in found.scenarios["value"].to_list()


SWEEP = """
import sys
import portfolio as pf

made = pf.simulate_call(300, seed=4, reviews_per_proposal=0).call
rules = pf.Policy(budget=40_000_000, traits={"risky": "success_probability <= 0.4"},
                  reserve=[pf.Reserve(trait="risky", share=0.1)], solver={"gap": 1e-3})
grid = pf.scenario_grid(rules, {"reserve.risky.share": [i / 1000 for i in range(200)]})
watch = lambda done, total: print(done, flush=True)
found = pf.whatif(pf.Problem(made, rules), grid, jobs=2, journal=sys.argv[1], watch=watch)
print(found, flush=True)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.parametrize("name", ["SIGKILL", "SIGTERM", "SIGINT"])
def test_a_process_that_is_stopped_loses_nothing(tmp_path: Path, name: str) -> None:
    journal = tmp_path / "whatif.partial"
    command = [sys.executable, "-c", textwrap.dedent(SWEEP), str(journal)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=dict(os.environ)
    ) as run:
        for line in run.stdout:
            if line.strip() == "12":
                run.send_signal(getattr(signal, name))
                break
        rest, errors = run.communicate(timeout=60)
    done = journal.read_bytes().count(b"\n")
    assert 12 <= done < 200
    if name == "SIGINT":
        assert run.returncode == 0, errors
        told = re.search(r"<WhatIf: (\d+) scenarios \(interrupted; 200 were asked for\)", rest)
        assert told, rest
        # A row is written down before it is told: a signal between the two leaves it in the journal alone.
        assert done - int(told[1]) in (0, 1)
    else:
        assert run.returncode == -getattr(signal, name)


@pytest.mark.parametrize(
    "result", [5, None, {}, {"value": "many"}, {"spent": "abc"}, "[" * 50_000, {"shares": {"A": "x"}}]
)
def test_rows_that_somebody_has_edited_into_nonsense_are_decided_again(tmp_path: Path, result: Any) -> None:
    journal = tmp_path / "whatif.partial"
    problem, scenarios = many(), pf.scenario_grid(many().policy, {"budget": [20_000_000, 30_000_000]})
    clean = pf.whatif(problem, scenarios, journal=journal, keep=True)
    first, second = journal.read_text(encoding="utf-8").splitlines()
    entry = json.loads(first)
    if isinstance(result, dict) and result:
        result = entry["result"] | result
    written = json.dumps(entry | {"result": result})
    if isinstance(result, str):
        written = written.replace(f'"{result}"', result + "]" * len(result))
    journal.write_text(f"{written}\n{second}\n", encoding="utf-8")
    again = pf.whatif(problem, scenarios, journal=journal, keep=True)
    assert again.scenarios.equals(clean.scenarios)
    assert again.proposals.equals(clean.proposals)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such locks")
def test_two_sweeps_do_not_share_a_journal(tmp_path: Path) -> None:
    """The second would cut off what the first has added since, and the first to end would remove it."""
    problem, path = many(), tmp_path / "whatif.partial"
    scenarios = pf.scenario_grid(problem.policy, {"budget": [20_000_000]})
    with Journal(path) as first:
        first.add("a", {})
        with pytest.raises(OSError, match=r"another sweep that still runs.*whatif\.partial"):
            pf.whatif(problem, scenarios, journal=path)
        first.add("b", {})
    assert list(Journal(path).known) == ["a", "b"]


def test_a_journal_that_another_sweep_ended_in_the_meantime_begins_anew(tmp_path: Path) -> None:
    path = tmp_path / "whatif.partial"
    with Journal(path) as first:
        first.add("a", {})
        second = Journal(path)
        first.remove()
    with second:
        second.add("b", {})
    assert list(Journal(path).known) == ["b"]


def test_a_file_that_is_no_journal_is_neither_cut_nor_removed(tmp_path: Path) -> None:
    problem, scenarios = many(), pf.scenario_grid(many().policy, {"budget": [20_000_000]})
    mine = tmp_path / "whatif.partial"
    mine.write_text("not a line of a journal", encoding="utf-8")
    with pytest.raises(pf.DataError, match="is not what an earlier sweep has left"):
        pf.whatif(problem, scenarios, journal=mine)
    assert mine.read_text(encoding="utf-8") == "not a line of a journal"
    (tmp_path / "empty").touch()
    link = tmp_path / "link.partial"
    link.symlink_to(tmp_path / "empty")
    if hasattr(os, "O_NOFOLLOW"):
        with pytest.raises(OSError, match=r"link\.partial"):
            pf.whatif(problem, scenarios, journal=link)
        assert not (tmp_path / "empty").read_bytes()
