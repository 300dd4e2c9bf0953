"""A session answers what the command would, whatever was asked before, and stops when nobody waits."""

from __future__ import annotations

from pathlib import Path
from threading import Event, Timer

import numpy as np
import pytest
from optimize.test_interrupt import endless
from random_rules import random_case
from report.explorer.asking import FILES, ask, example, last, proof
from small import call

import portfolio as pf
from portfolio.policy.keys import with_keys
from portfolio.report.explorer.requests import read
from portfolio.report.explorer.session import Session

MOVED = {"budget": 9_000_000, "reserve.high_risk.share": 0.15}


@pytest.fixture(scope="module")
def session() -> Session:
    return Session(example())


def awarded(answer: dict[str, object], ids: tuple[str, ...]) -> dict[str, float]:
    return {ids[index]: amount for index, amount in zip(answer["funded"], answer["amounts"], strict=True)}


def amounts(portfolio: pf.Portfolio) -> dict[str, float]:
    frame = portfolio.to_frame()
    return {
        name: float(money)
        for name, decision, money in frame.select("id", "decision", "amount_awarded").iter_rows()
        if decision == "funded"
    }


def test_the_page_begins_with_everything_that_it_shows(session: Session) -> None:
    (start,) = ask(session, kind="start")
    instance = session.base.instance
    assert start["proposals"]["id"] == list(instance.ids)
    assert start["proposals"]["amount"] == (instance.amount / 100).tolist()
    assert start["proposals"]["eligible"] == instance.eligible.tolist()
    assert [one["key"] for one in start["reserves"]] == [
        one["key"] for one in start["controls"] if one["group"] == "Reserves"
    ]
    assert (start["n"], start["currency"], start["decimals"], start["merit_zero"]) == (60, "EUR", 2, 3.0)
    assert start["traits"]["high_risk"] == instance.traits["high_risk"].astype(int).tolist()
    assert all(len(column) == 60 for column in start["proposals"].values())
    assert {"title", "field", "institution", "risk"} <= set(start["proposals"])


def test_a_step_is_answered_by_a_bound_then_the_proof_then_prices(session: Session) -> None:
    relaxed, decided, prices = ask(session, kind="solve", set=MOVED)
    fresh = example()
    portfolio = pf.Problem(fresh.call, with_keys(fresh.policy, MOVED)).solve()
    assert [relaxed["kind"], decided["stage"], prices["kind"]] == ["relaxed", "proof", "prices"]
    assert relaxed["bound"] >= decided["bound"] == portfolio.bound
    assert decided["value"] == portfolio.value
    assert awarded(decided, session.base.instance.ids) == amounts(portfolio)
    assert (relaxed["budget"], relaxed["spent"]) == (9_000_000, 9_000_000)
    assert [one["required"] for one in relaxed["reserves"]] == [1_350_000, 1_800_000, 2_700_000]
    assert all(one["met"] for one in relaxed["reserves"])
    found = pf.price_reserves(portfolio)
    assert [one["price"] for one in prices["reserves"]] == [one.found for one in found]
    ids = session.base.instance.ids
    assert [[ids[one] for one in part["entered"]] for part in prices["reserves"]] == [
        list(one.entered) for one in found
    ]


def test_limits_say_where_each_bound_stands(session: Session) -> None:
    decided = proof(session)
    portfolio = example().solve()
    rows = decided["limits"]
    assert [(one["limit"], one["name"], one["binding"]) for one in rows] == [
        (one.limit, one.name, one.binding) for one in portfolio.limits
    ]
    (floor,) = [one for one in rows if one["kind"] == "min"]
    assert (floor["bound"], floor["unit"]) == (1, "awards")
    field = next(one for one in rows if one["limit"] == "limit[2]")
    assert (field["bound"], field["unit"]) == (2_000_000, "money")
    assert all(one["delivered"] <= one["bound"] for one in rows if one["kind"] == "max")


@pytest.mark.parametrize("chunk", range(4))
def test_under_any_policy_the_proof_is_that_of_a_fresh_solve_on_whatever_path(chunk: int) -> None:
    compared = 0
    for seed in range(chunk, 16, 4):
        frame, policy = random_case(seed)
        session = Session(pf.Problem(pf.Call.from_frame(frame), policy))
        moves = [{}, *({one.key: one.high} for one in session.controls[:2]), {}]
        for moved in moves:
            answer = proof(session, set=moved)
            try:
                portfolio = pf.optimize(pf.Call.from_frame(frame), with_keys(policy, moved))
            except pf.InfeasibleError as error:
                assert answer["kind"] == "infeasible", (seed, moved)
                assert answer["lines"][: len(error.conflict)] == list(error.conflict)
                continue
            except pf.PolicyError as error:
                assert (answer["kind"], answer["message"]) == ("refused", str(error).splitlines()[0])
                continue
            assert awarded(answer, session.base.instance.ids) == amounts(portfolio), (seed, moved)
            assert (answer["value"], answer["status"]) == (portfolio.value, portfolio.status), (seed, moved)
            compared += 1
    assert compared > 5


@pytest.mark.parametrize("chunk", range(2))
def test_no_portfolio_is_above_the_bound_that_is_shown_first(chunk: int) -> None:
    shown = 0
    for seed in range(chunk, 24, 2):
        frame, policy = random_case(seed)
        found = {
            one["kind"]: one
            for one in ask(Session(pf.Problem(pf.Call.from_frame(frame), policy)), kind="solve")
        }
        assert ("relaxed" in found) <= (policy.reserve_order == "minimum_guarantee")
        if "relaxed" in found and "decided" in found:
            bound, value = found["relaxed"]["bound"], found["decided"]["value"]
            assert value <= bound + 1e-6 * max(1.0, abs(bound)), seed
            shown += 1
    assert shown > 3


def test_on_a_large_call_a_first_decision_comes_before_the_proof() -> None:
    made = pf.simulate_call(600, reviews_per_proposal=0).call
    budget = 40_000_000
    policy = pf.Policy(budget=budget, solver={"gap": 1e-5, "nodes": 200})
    one, other = Session(pf.Problem(made, policy)), Session(pf.Problem(made, policy))
    proof(one)
    proof(one, set={"budget": budget * 1.1})
    stages = [answer.get("stage") for answer in ask(one, kind="solve", set={"budget": budget * 0.9})]
    assert stages == [None, "first", "proof"]
    # What was tried before shows in the first decision at the most.
    moved = {"budget": budget * 0.9}
    path, straight = proof(one, set=moved), proof(other, set=moved)
    assert {**path, "seconds": 0} == {**straight, "seconds": 0}
    fresh = pf.optimize(made, policy.replace(budget=budget * 0.9))
    assert awarded(path, one.base.instance.ids) == amounts(fresh)


def test_the_first_decision_says_that_it_is_not_the_last_word() -> None:
    made = pf.simulate_call(600, reviews_per_proposal=0).call
    session = Session(pf.Problem(made, pf.Policy(budget=40_000_000, solver={"gap": 1e-5, "nodes": 200})))
    relaxed, first, *_ = ask(session, kind="solve")
    assert first["stage"] == "first"
    assert first["gap"] <= 1e-3
    assert first["words"].startswith("For now: worth")
    assert relaxed["words"].startswith("As if proposals could be funded in parts")


def test_locks_are_added_to_those_of_the_policy(session: Session) -> None:
    base = set(awarded(proof(session), session.base.instance.ids))
    out, in_ = sorted(base)[0], sorted(set(session.base.instance.ids) - base)[0]
    decided = proof(session, fund=[in_], decline=[out])
    funded = set(awarded(decided, session.base.instance.ids))
    assert in_ in funded
    assert out not in funded
    assert proof(session, fund=[in_], decline=[in_])["kind"] == "infeasible"


def test_a_saved_policy_is_the_decision_of_the_page(session: Session, tmp_path: Path) -> None:
    state = {"set": MOVED | {"objective.zero": 3.25}, "fund": ["P-017"], "decline": ["P-001"]}
    saved = last(session, kind="policy", **state)
    file = tmp_path / saved["name"]
    file.write_text(saved["text"], encoding="utf-8")
    policy = pf.read_policy(file)
    assert policy == session.base.policy.replace(
        budget=9_000_000,
        reserve=(session.base.policy.reserve[0].replace(share=0.15), *session.base.policy.reserve[1:]),
        objective=session.base.policy.objective.replace(zero=3.25),
        must_fund=["P-017"],
        must_not_fund=["P-001"],
    )
    portfolio = pf.optimize(pf.read_call(*FILES, policy=policy), policy)
    assert awarded(proof(session, **state), session.base.instance.ids) == amounts(portfolio)
    pf.write_decision(portfolio, tmp_path / "out", pf.price_reserves(portfolio))
    awards = last(session, kind="awards", **state)
    assert (awards["name"], awards["type"]) == ("awards.csv", "text/csv")
    assert awards["text"].encode() == (tmp_path / "out" / "awards.csv").read_bytes()


def test_awards_of_ids_like_formulas_are_the_bytes_of_the_command(tmp_path: Path) -> None:
    three = call(id=["=1+1", "-x", "b"], amount=[3.0, 4.0, 9.0], merit=[5.0, 4.0, 9.0])
    problem = pf.Problem(three, pf.Policy(budget=8))
    pf.write_decision(problem.solve(), tmp_path)
    text = last(Session(problem), kind="awards")["text"]
    assert "'=1+1" in text
    assert text.encode() == (tmp_path / "awards.csv").read_bytes()


def test_why_comes_from_the_decision_and_then_with_the_price(session: Session) -> None:
    proof(session)
    first, exact = ask(session, kind="why", id="P-017")
    assert (first["exact"], exact["exact"]) == (False, True)
    assert first["decision"] == "not_funded"
    assert exact["lines"][0] == first["lines"][0]
    assert exact["lines"][1] == "Funding it has a price of inclusion (value lost) of 0.2667."
    assert exact["lines"][2] == "Then P-026, P-049 would enter, and P-015, P-018, P-030 would leave."
    assert last(session, kind="why", id="P-17")["kind"] == "refused"


def test_the_curve_is_of_bounds_and_empty_where_no_portfolio_is(session: Session) -> None:
    curve = last(session, kind="frontier", key="budget", set={"budget": 9_900_000})
    xs, most = [one["x"] for one in curve["points"]], [one["most"] for one in curve["points"]]
    assert len(xs) >= 15
    assert xs == sorted(xs)
    assert (xs[0], xs[-1]) == (0, 20_000_000)
    # With no money the reserves can be kept, but not the floor of one award for a field.
    assert most[0] is None
    known = [one for one in most if one is not None]
    assert np.all(np.diff(known) >= -1e-9)
    assert most[xs.index(9_900_000)] >= proof(session, set={"budget": 9_900_000})["value"]
    assert last(session, kind="frontier", key="currency")["kind"] == "refused"


def test_over_and_above_has_no_bound_at_once_and_no_curve() -> None:
    policy = pf.Policy(
        budget=10,
        traits={"a": "merit < 3"},
        reserve=[{"trait": "a", "share": 0.5}],
        reserve_order="over_and_above",
    )
    session = Session(pf.Problem(call(amount=[5, 5, 5], merit=[1, 2, 3]), policy))
    assert ask(session, kind="start")[0]["over_and_above"] is True
    decided, prices = ask(session, kind="solve")
    assert (decided["stage"], prices["kind"]) == ("proof", "prices")
    assert awarded(decided, session.base.instance.ids) == amounts(
        pf.Problem(session.base.call, policy).solve()
    )
    assert "round" in last(session, kind="frontier", key="budget")["message"]


def test_mistakes_are_answers_that_say_all_that_is_wrong(session: Session) -> None:
    refused = proof(session, set={"reserve.high_risk.share": 1.5, "reserve.long_horizon.share": -1})
    assert refused["kind"] == "refused"
    assert len(refused["lines"]) == 2
    unknown = proof(session, set={"solver.gap": 0.5, "scoring.text.model": 1})
    assert (unknown["kind"], len(unknown["lines"])) == ("refused", 2)
    assert "budget" in unknown["lines"][0]
    clash = proof(session, set={"budget": 100})
    assert clash["kind"] == "infeasible"
    assert clash["lines"] == [
        "field 6.2 gets at most 20% of the budget (EUR 20.00)",
        "proposals with field >= '6' get at least 1 award",
    ]
    assert not any("\n" in line for line in (*clash["lines"], *clash["hints"]))
    assert clash["hints"][0].startswith("Removing any one of them ends this clash")
    assert "did you mean 'P-019'?" in proof(session, fund=["P-0199"])["lines"][0]


def test_no_more_is_moved_or_locked_than_there_is(session: Session) -> None:
    ids, keys = [f"P-9{number:03}" for number in range(500)], {f"key{number}": 1 for number in range(500)}
    for kind in ("solve", "policy"):
        assert "More proposals are locked" in last(session, kind=kind, fund=ids)["message"]
        assert "More proposals are locked" in last(session, kind=kind, decline=ids)["message"]
        assert "More numbers are moved" in last(session, kind=kind, set=keys)["message"]


def test_nothing_is_done_for_nobody(session: Session) -> None:
    wish = Event()
    wish.set()
    asked = read({"step": 3, "kind": "solve", "set": {"budget": 8_000_000}})
    assert list(session.answers(asked, wish)) == [{"kind": "done", "step": 3}]


def test_a_search_ends_when_nobody_waits_any_more() -> None:
    # No solver proves the best of this call in reasonable time, and its policy allows for ten minutes.
    session, wish = Session(endless()), Event()
    timer = Timer(0.5, wish.set)
    kinds = []
    for answer in session.answers(read({"step": 1, "kind": "solve"}), wish):
        kinds.append(answer["kind"])
        if answer["kind"] == "relaxed":
            timer.start()
    assert kinds == ["relaxed", "done"]
    # The session is free for what is asked next.
    assert ask(session, kind="why", id="no such")[0]["kind"] == "refused"
    assert not session._searching.locked()


def test_the_problem_that_was_handed_in_is_left_as_it_was() -> None:
    problem = example()
    before = problem.solve()
    session = Session(problem)
    proof(session, set=MOVED)
    assert problem.solve().ids == before.ids == Session(problem).base.solve().ids
