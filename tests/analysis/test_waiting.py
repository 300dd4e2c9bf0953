"""Waiting lists: small cases solved on paper, limits and interrupts."""

from __future__ import annotations

import math
import sys
from dataclasses import replace
from decimal import Decimal

import polars as pl
import pytest
from small import call, policy, probe

import portfolio as pf
from portfolio.analysis import lost_in_words, worse_in_words
from portfolio.optimize import Stop

YOUNG = policy(
    10, traits={"young": "young"}, reserve=[pf.Reserve(trait="young", share=0.4)], objective=pf.Objective()
)
FIVE = {
    "amount": [4.0, 4.0, 2.0, 4.0, 4.0],
    "merit": [5.0, 4.0, 1.0, 3.0, 2.0],
    "young": [True, False, False, False, True],
}


def test_who_enters_depends_on_who_declines() -> None:
    # A (young), B and C are funded. If A declines, the reserve needs E (young), though D is better; if B declines, D.
    portfolio = pf.optimize(call(**FIVE), YOUNG)
    assert portfolio.ids == ("A", "B", "C")
    found = {name: pf.replace_decliners(portfolio, [name]) for name in portfolio.ids}
    assert {name: one.entered for name, one in found.items()} == {"A": ("E",), "B": ("D",), "C": ()}
    assert {name: one.lost for name, one in found.items()} == {"A": 3.0, "B": 1.0, "C": 1.0}
    assert all(one.rules_hold and one.status == "optimal" for one in found.values())
    listed = pf.waiting_list(portfolio, jobs=1)
    assert listed.ranked.select("id", "called", "called_young").rows() == [("D", 1, 0), ("E", 1, 1)]
    # Walked from the top, the list takes D for A as well: then the reserve is not held, and E does not fit any more.
    assert listed.declines["list_enters"].to_list() == [["D"], ["D"], []]
    assert listed.declines["list_agrees"].to_list() == [False, True, True]
    assert (listed.agrees, listed.complete) == (2, True)


def test_what_others_would_lose_has_its_condition() -> None:
    # D would lose 0.5 alone, and leave the reserve without anybody, which its policy lets happen.
    rules = policy(
        20, traits={"young": "young"}, reserve=[pf.Reserve(trait="young", share=0.5, shortfall="release")]
    )
    four = call(amount=[10.0] * 4, merit=[3, 1, 5, 2.5], young=[True, True, False, False])
    portfolio = pf.optimize(four, rules)
    found = pf.replace_decliners(portfolio, ["A"])
    assert (found.entered, found.lost_at_least) == (("B",), 2.0)
    assert lost_in_words(portfolio, found) == (
        "Value lost: 2. Proven: nobody else who could enter, and does as well in what comes before the value, would "
        "lose less."
    )
    solution = replace(found.portfolio.solution, stop=Stop.TIME_LIMIT)
    stopped = replace(found, portfolio=replace(found.portfolio, solution=solution))
    assert "Not proven the best (time_limit): nobody else" in lost_in_words(portfolio, stopped)
    assert lost_in_words(portfolio, replace(stopped, lost_at_least=-math.inf)).endswith(
        "others may lose any less."
    )


def held_back() -> pf.Portfolio:
    """Two reserves of 7 that A alone brings: without A both hold back 14 of 12."""
    three = call(amount=[10.0, 3.0, 2.0], merit=[5, 2, 1], a=[1, 0, 0], b=[1, 0, 0])
    reserves = [pf.Reserve(trait=name, amount=7, shortfall="hold") for name in ("a", "b")]
    return pf.optimize(three, policy(12, traits={"a": "a = 1", "b": "b = 1"}, reserve=reserves))


def test_a_decline_after_which_nothing_holds_has_its_row_beside_the_others() -> None:
    portfolio = held_back()
    assert portfolio.ids == ("A", "C")
    listed = pf.waiting_list(portfolio, jobs=1)
    first, other = listed.declines.iter_rows(named=True)
    assert (first["id"], first["status"], first["enters"], first["lost"]) == ("A", "infeasible", [], 5.0)
    assert first["gives_way"].startswith("nobody can enter, these cannot hold together: ")
    assert "C must be funded" in first["gives_way"] or "the budget is" in first["gives_way"]
    assert (other["id"], other["status"], other["rules_hold"]) == ("C", "optimal", True)
    assert (listed.complete, listed.proven) == (True, True)
    with pytest.raises(pf.InfeasibleError):
        pf.replace_decliners(portfolio, ["A"])


def test_several_decline_together() -> None:
    portfolio = pf.optimize(call(**FIVE), YOUNG)
    found = pf.replace_decliners(portfolio, ["B", "A"])
    assert (found.declined, found.entered) == (("A", "B"), ("D", "E"))
    assert (float(found.freed), float(found.spent), found.lost) == (8.0, 8.0, 4.0)


def test_a_reserve_that_cannot_hold_is_said_to() -> None:
    four = {key: cells[:4] for key, cells in FIVE.items()}
    portfolio = pf.optimize(call(**four), YOUNG)
    found = pf.replace_decliners(portfolio, ["A"])
    assert not found.rules_hold
    assert [(given.rule, given.size) for given in found.broken] == [("reserve.young", 4.0)]
    assert found.entered == ("D",)
    assert worse_in_words(portfolio, found) == ["reserve.young cannot hold: missed by 4"]


@pytest.mark.parametrize(
    ("shortfall", "enters", "words"),
    [
        ("release", ("D",), "falls short by 4.00, which goes to the open competition"),
        ("hold", (), "falls short by 4.00, which is not spent"),
    ],
)
def test_the_policy_says_what_a_shortfall_means(shortfall: str, enters: tuple[str, ...], words: str) -> None:
    rules = YOUNG.replace(reserve=[pf.Reserve(trait="young", share=0.4, shortfall=shortfall)])
    four = {key: cells[:4] for key, cells in FIVE.items()}
    portfolio = pf.optimize(call(**four), rules)
    found = pf.replace_decliners(portfolio, ["A"])
    assert (found.entered, found.rules_hold) == (enters, True)
    assert worse_in_words(portfolio, found) == [f"reserve.young {words}"]


def test_a_rule_between_two_proposals_that_a_decline_breaks() -> None:
    rules = policy(8, link=[pf.Link(kind="requires", proposal="B", needs="A")])
    portfolio = pf.optimize(call(**FIVE), rules)
    assert portfolio.ids == ("A", "B")
    found = pf.replace_decliners(portfolio, ["A"])
    assert [given.rule for given in found.broken] == ["link[1]"]
    assert found.entered == ("D",)


def test_a_lock_on_a_decliner_is_no_rule_any_more() -> None:
    portfolio = pf.optimize(call(**FIVE), policy(4, must_fund=["C"]))
    assert portfolio.ids == ("C",)
    found = pf.replace_decliners(portfolio, ["C"])
    assert (found.entered, found.rules_hold, found.lost) == (("A",), True, -4.0)


def test_the_published_portfolio() -> None:
    # Lourenco et al. 2012: {P03, P04, P09, P10, P12} cost 4.8 of 5.0; P07 is the best that fits into 1.3 + 0.2.
    portfolio = pf.optimize(probe(), policy(5.0))
    assert portfolio.ids == ("P03", "P04", "P09", "P10", "P12")
    assert pf.replace_decliners(portfolio, ["P10"]).entered == ("P07",)


def test_promised_amounts_stay() -> None:
    rules = policy(10, objective=pf.Objective(partial=True))
    asked = call(amount=[8.0, 8.0, 8.0], merit=[3.0, 2.0, 1.0], min_amount=[2.0, 2.0, 2.0])
    portfolio = pf.optimize(asked, rules)
    assert portfolio.ids == ("A", "B")
    found = pf.replace_decliners(portfolio, ["A"])
    awarded = dict(found.portfolio.to_frame().select("id", "amount_awarded").iter_rows())
    assert [float(awarded[name]) for name in "ABC"] == [0.0, 2.0, 8.0]
    assert found.portfolio.value == pytest.approx(0.5 + 1.0)


def test_reserves_over_and_above_have_no_waiting_list() -> None:
    portfolio = pf.optimize(call(**FIVE), YOUNG.replace(reserve_order="over_and_above"))
    with pytest.raises(pf.PolicyError, match="has no waiting list"):
        pf.replace_decliners(portfolio, [portfolio.ids[0]])
    with pytest.raises(pf.PolicyError, match="has no waiting list"):
        pf.waiting_list(portfolio)


def test_only_awardees_can_decline() -> None:
    portfolio = pf.optimize(call(**FIVE), YOUNG)
    with pytest.raises(KeyError, match="'D' has no award in this decision"):
        pf.replace_decliners(portfolio, ["A", "D"])


@pytest.mark.parametrize("priority", [None, 1])
def test_who_was_called_up_declines_too(priority: int | None) -> None:
    rules = policy(3, traits={"young": "age < 40"}, reserve=[pf.Reserve(trait="young", amount=Decimal(2))])
    ages = [30, 50, 30, 50, 50] if priority else [30, 50, 30, 30, 50]
    of = call(id=list("ABCDE"), amount=[2.0, 1, 2, 2, 1], merit=[5.0, 4, 3, 2, 1], age=ages)
    decided = pf.optimize(of, rules)
    assert decided.ids == ("A", "B")
    first = pf.replace_decliners(decided, ["A"])
    assert first.entered == ("C",)
    with pytest.raises(KeyError, match=r"'C' has no award in this decision; .* must_fund .* must_not_fund"):
        pf.replace_decliners(decided, ["A", "C"])
    # As the page says: from what was found, or with a policy that names who stays and who declined.
    then = pf.replace_decliners(first.portfolio, ["C"])
    locked = rules.replace(must_fund=("B",), must_not_fund=("A", "C"))
    if priority:
        with pytest.raises(pf.InfeasibleError):
            pf.optimize(of, locked)
        locked = locked.replace(reserve=(rules.reserve[0].replace(priority=priority),))
    again = pf.optimize(of, locked)
    assert (then.entered, again.ids) == (("D",), ("B", "D"))
    assert bool(then.portfolio.gave_way) == bool(again.gave_way) == bool(priority)


def test_neither_the_order_of_rows_nor_the_number_of_jobs_matters() -> None:
    made = pf.simulate_call(60, reviews_per_proposal=0, seed=3).call.to_polars()
    frame = made.with_columns(merit=pl.int_range(pl.len()) * 7 % 31 / 5.0)
    rules = policy(int(frame["amount"].sum()) // 3, limit=[pf.Limit(per="field", max_share=0.3)])
    found = []
    for rows, jobs in ((frame, 1), (frame.reverse(), 3)):
        listed = pf.waiting_list(pf.optimize(pf.Call.from_frame(rows, rules=rules), rules), jobs=jobs)
        found.append((listed.declines, listed.ranked))
    assert found[0][0].equals(found[1][0])
    assert found[0][1].equals(found[1][1])


def test_a_limit_without_an_answer_has_its_row_beside_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    portfolio = pf.optimize(call(**FIVE), YOUNG)
    whole = pf.waiting_list(portfolio, jobs=1)

    def limited(of: pf.Portfolio, gone: list[str]) -> pf.Replacement:
        if gone == ["B"]:
            raise pf.LimitError("no portfolio was found within 1 nodes", "node_limit")
        return pf.replace_decliners(of, gone)

    monkeypatch.setattr(sys.modules["portfolio.analysis.declines.decline"], "replace_decliners", limited)
    part = pf.waiting_list(portfolio, jobs=1)
    assert (part.complete, part.proven) == (True, False)
    row = part.declines.row(1, named=True)
    assert {key for key, cell in row.items() if cell is None} == {
        *("enters", "spent", "lost", "lost_at_least", "rules_hold", "gives_way", "list_agrees")
    }
    assert (row["id"], row["status"], row["list_enters"]) == ("B", "node_limit", ["E"])
    assert part.declines["lost"].to_list()[::2] == whole.declines["lost"].to_list()[::2]
    assert part.ranked.select("id", "called").rows() == [("E", 1)]


def test_an_interrupt_keeps_the_declines_that_are_done(monkeypatch: pytest.MonkeyPatch) -> None:
    portfolio = pf.optimize(call(**FIVE), YOUNG)
    whole = pf.waiting_list(portfolio, jobs=1)

    def interrupted(of: pf.Portfolio, gone: list[str]) -> pf.Replacement:
        if gone == ["C"]:
            raise KeyboardInterrupt
        return pf.replace_decliners(of, gone)

    monkeypatch.setattr(sys.modules["portfolio.analysis.declines.decline"], "replace_decliners", interrupted)
    seen: list[tuple[int, int]] = []
    part = pf.waiting_list(portfolio, jobs=1, watch=lambda done, of: seen.append((done, of)))
    assert not part.complete
    assert part.declines.equals(whole.declines.head(2))
    assert seen == [(1, 3), (2, 3)]
