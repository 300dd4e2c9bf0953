"""Dominance: published answers, cases solved on paper, a look at every portfolio, and what must always hold."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracle import Oracle
from random_policies import random_call, random_policy
from small import PROBE, PROBE_WEIGHTS, call, policy

import portfolio as pf
from portfolio.analysis.dominance.information import intervals
from portfolio.analysis.dominance.region import Region
from portfolio.analysis.dominance.stated import stated
from portfolio.analysis.dominance.weights import extreme_points
from portfolio.optimize import Stop
from portfolio.optimize.exact import Search

NAMES = ("b1", "b2", "b3", "b4")
EPS = 1e-7


def probe() -> pf.Problem:
    rows = [row.split() for row in PROBE.split(";")]
    proposals = call(
        id=[row[0] for row in rows],
        dept=[row[1] for row in rows],
        amount=[float(row[2]) for row in rows],
        **{name: [float(row[place]) for row in rows] for place, name in enumerate(NAMES, start=3)},
    )
    criteria = [pf.Criterion(column=n, weight=w) for n, w in zip(NAMES, PROBE_WEIGHTS, strict=True)]
    floor = pf.Limit(per="dept", min_awards=1)
    return pf.Problem(proposals, policy(5, objective=pf.Objective(criterion=criteria), limit=[floor]))


def within(off: float) -> pf.Information:
    bounds = {n: (round(w - 0.05, 2), round(w + 0.05, 2)) for n, w in zip(NAMES, PROBE_WEIGHTS, strict=True)}
    return pf.Information(scores=dict.fromkeys(NAMES, off), weights=bounds)


# Published


def test_the_published_decision_has_exactly_one_competitor() -> None:
    # Lourenco, Morton & Bana e Costa 2012: P08 instead of P07, cost 4.6, value 375.39 against 396.46.
    found = pf.competitors(probe(), within(10))
    assert found.portfolio.ids == ("P03", "P04", "P07", "P09", "P12")
    assert found.complete
    assert not found.robust
    (row,) = found.table.iter_rows(named=True)
    assert (row["entered"], row["left"], float(row["spent"])) == (["P08"], ["P07"], 4.6)
    assert row["central"] == pytest.approx(375.39 - 396.46)
    # P08 at its best and P07 at its worst.
    weights = np.array([row[f"weight_{name}"] for name in NAMES])
    assert weights == pytest.approx([0.36, 0.24, 0.24, 0.16])
    best, worst = np.array([50, 60, 54, 30]), np.array([32, 54, 70, 45])
    assert row["regret"] == pytest.approx(weights @ (best - worst))


def test_what_other_definitions_would_find() -> None:
    # With all of the budget instead of the cost of the decision there are five; with +-5 there is none.
    assert pf.competitors(probe(), within(10), dearer=True).table.height == 5
    assert pf.competitors(probe(), within(5)).robust
    assert pf.competitors(probe(), within(5), dearer=True).table["left"].to_list() == [["P07", "P09"]]


def test_a_list_that_is_cut_says_what_is_left_out() -> None:
    whole = pf.competitors(probe(), within(10), dearer=True)
    cut = pf.competitors(probe(), within(10), dearer=True, most=2)
    assert not cut.complete
    assert cut.table.equals(whole.table.head(2))
    assert cut.beyond == pytest.approx(whole.table["regret"][2])


# On paper


def test_two_proposals_whose_intervals_overlap() -> None:
    # One award: A is worth 3 to 5, B 4 to 6, C 1 to 3. C is never better than B; A and B each may be.
    proposals = call(amount=[1.0] * 3, merit=[4.0, 5.0, 2.0])
    found = pf.core_index(pf.Problem(proposals, policy(1)), pf.Information(scores={"merit": 1.0}))
    assert found.complete
    assert found.table["label"].to_list() == ["borderline", "borderline", "exterior"]
    assert found.table["index"].to_list() == [0.5, 0.5, 0.0]


def test_columns_may_hold_the_intervals() -> None:
    # A is certain, so that B and C cannot pass it, although they may pass each other.
    low_high = {"merit_low": [4.0, 1.0, 2.0], "merit_high": [4.0, 3.5, 3.0]}
    proposals = call(amount=[1.0] * 3, merit=[4.0, 2.0, 2.5], **low_high)
    information = pf.Information(scores={"merit": ("merit_low", "merit_high")})
    found = pf.core_index(pf.Problem(proposals, policy(2)), information)
    assert (found.ids("core"), found.ids("borderline")) == (("A",), ("B", "C"))
    assert found.table["index"].to_list() == [1.0, 0.5, 0.5]


def test_what_is_equal_everywhere_is_not_dominated() -> None:
    proposals = call(amount=[1.0] * 3, merit=[3.0, 3.0, 2.0])
    found = pf.core_index(pf.Problem(proposals, policy(1)), pf.Information())
    assert found.table["index"].to_list() == [0.5, 0.5, 0.0]


def test_an_order_of_weights_can_decide() -> None:
    # A is better on x, B on y; if x weighs at least as much, A is never worse.
    proposals = call(amount=[1.0] * 2, x=[2.0, 1.0], y=[1.0, 2.0])
    criteria = [pf.Criterion(column=name, weight=0.5) for name in "xy"]
    problem = pf.Problem(proposals, policy(1, objective=pf.Objective(criterion=criteria)))
    anything = {"x": (0.0, 1.0), "y": (0.0, 1.0)}
    assert len(pf.core_index(problem, pf.Information(weights=anything)).portfolios) == 2
    ordered = pf.Information(weights=anything, order=(("x", "y"),))
    assert pf.core_index(problem, ordered).ids("core") == ("A",)


@pytest.mark.parametrize(
    ("said", "points"),
    [
        ({}, [(0.5, 0.3, 0.2)]),
        # Who doubts one weight leaves the others in their proportions, not as they are: then nothing could move.
        ({"weights": {"x": (0.25, 0.75)}}, [(0.25, 0.45, 0.3), (0.75, 0.15, 0.1)]),
        ({"order": (("x", "y"),)}, [(0.0, 0.0, 1.0), (0.5, 0.5, 0.0), (1.0, 0.0, 0.0)]),
        (
            {"weights": {"z": (0.0, 0.2)}, "order": (("y", "x"),)},
            [(0.0, 0.8, 0.2), (0.0, 1.0, 0.0), (0.4, 0.4, 0.2), (0.5, 0.5, 0.0)],
        ),
        ({"weights": {"x": (0.5, 0.6), "y": (0.3, 0.3)}}, [(0.5, 0.3, 0.2), (0.6, 0.3, 0.1)]),
    ],
)
def test_weights_that_are_not_named_make_up_what_is_left(
    said: dict[str, Any], points: list[tuple[float, ...]]
) -> None:
    proposals = call(amount=[1.0] * 2, x=[2.0, 1.0], y=[1.0, 2.0], z=[1.0, 1.0])
    weights = zip("xyz", (0.5, 0.3, 0.2), strict=True)
    criteria = [pf.Criterion(column=name, weight=weight) for name, weight in weights]
    problem = pf.Problem(proposals, policy(1, objective=pf.Objective(criterion=criteria)))
    found = intervals(problem, pf.Information(**said)).weights
    assert sorted(map(tuple, found.tolist())) == [pytest.approx(point) for point in points]


def test_extreme_points_of_the_published_weights() -> None:
    low, high = ([Fraction(str(round(w + by, 2))) for w in PROBE_WEIGHTS] for by in (-0.05, 0.05))
    found = extreme_points(low, high, Fraction(1))
    # Two weights at the top and two at the bottom.
    assert len(found) == 6
    assert all(sum(point) == 1 for point in found)
    three = extreme_points([Fraction(0)] * 3, [Fraction(1)] * 3, Fraction(1), [(0, 1), (1, 2)])
    assert three == tuple(
        tuple(Fraction(1, k) if i < k else Fraction(0) for i in range(3)) for k in (3, 2, 1)
    )
    assert extreme_points([Fraction(0)] * 2, [Fraction(1, 3)] * 2, Fraction(1)) == ()


# Every portfolio


def oracle_index(problem: pf.Problem, frame: pl.DataFrame, information: pf.Information) -> np.ndarray | None:
    """Return the non-dominated among all portfolios that the oracle lets pass, by the definition."""
    known, ids = intervals(problem, information), problem.instance.ids
    oracle, amounts = Oracle(frame, problem.policy), dict(frame.select("id", "amount").iter_rows())
    kept = []
    for chosen in product((False, True), repeat=int(known.able.sum())):
        x = np.zeros(len(ids), dtype=bool)
        x[known.able] = chosen
        if oracle.judge({name: amounts[name] for name, on in zip(ids, x, strict=True) if on}).kept:
            kept.append(x)
    if not kept:
        return None
    x = np.array(kept)

    def never_less(a: np.ndarray, b: np.ndarray) -> bool:
        return all(
            np.where(a & ~b, low, 0).sum() - np.where(b & ~a, high, 0).sum() >= -1e-9
            for low, high in zip(known.low, known.high, strict=True)
        )

    def beaten(b: np.ndarray) -> bool:
        return any(never_less(a, b) and not never_less(b, a) for a in x)

    return x[[not beaten(b) for b in x]]


def random_problem(seed: int) -> tuple[pf.Problem, pl.DataFrame, pf.Information] | None:
    """Make a problem of at most eight proposals and one to three criteria, of rules that dominance can look at."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(3, 8))
    frame = random_call(rng, n, 0).with_columns(
        pl.col("merit").fill_null(1.0),
        **{name: pl.Series(np.round(rng.uniform(0, 5, n), 2)) for name in ("x", "y")},
    )
    rules = random_policy(rng, frame)
    reserve = pf.Reserve(trait="basic", share=0.1)
    changes: dict[str, object] = {
        "reserve_order": "minimum_guarantee",
        "reserve": tuple(reserve.replace(base=rule.base) for rule in rules.reserve[:1]),
        "must_fund": (),
        "limit": rules.limit[:1],
        "link": tuple(link for link in rules.link if link.kind != "synergy"),
    }
    if rng.random() < 0.6:
        criteria = [pf.Criterion(column=name, weight=0.5) for name in ("x", "y")]
        changes["objective"] = pf.Objective(criterion=criteria)
        bounds = {"x": (0.2, 0.7), "y": (0.0, 1.0)}
        information = pf.Information(scores={"x": float(rng.choice([0.0, 0.5, 1.0]))}, weights=bounds)
    else:
        information = pf.Information(scores={"merit": float(rng.choice([0.0, 0.3, 1.0]))})
    rules = rules.replace(**changes)
    return pf.Problem(pf.Call.from_frame(frame, rules=rules), rules), frame, information


@pytest.mark.parametrize("chunk", range(4))
def test_core_indices_are_those_of_all_portfolios(chunk: int) -> None:
    seen = 0
    for seed in range(chunk, 60, 4):
        problem, frame, information = random_problem(seed)
        truth = oracle_index(problem, frame, information)
        if truth is None:
            with pytest.raises(pf.InfeasibleError):
                pf.core_index(problem, information)
            continue
        found = pf.core_index(problem, information)
        assert found.complete, seed
        assert {x.tobytes() for x in found.portfolios} == {x.tobytes() for x in truth}, seed
        assert found.table["index"].to_list() == pytest.approx(truth.mean(axis=0).tolist()), seed
        words = {1.0: "core", 0.0: "exterior"}
        assert found.table["label"].to_list() == [words.get(i, "borderline") for i in truth.mean(axis=0)], (
            seed
        )
        seen += 1
    assert seen >= 4


@pytest.mark.parametrize("seed", range(0, 60, 3))
def test_competitors_are_those_among_all_portfolios(seed: int) -> None:
    problem, frame, information = random_problem(seed)
    try:
        found = pf.competitors(problem, information, dearer=seed % 2 == 0)
    except pf.InfeasibleError:
        return
    known, ours = intervals(problem, information), found.portfolio.solution.chosen
    oracle, amounts = Oracle(frame, problem.policy), dict(frame.select("id", "amount").iter_rows())
    truth = {}
    for chosen in product((False, True), repeat=int(known.able.sum())):
        x = np.zeros(len(ours), dtype=bool)
        x[known.able] = chosen
        names = [name for name, on in zip(problem.instance.ids, x, strict=True) if on]
        gains = known.high @ (x & ~ours) - known.low @ (ours & ~x)
        dear = problem.instance.amount[x].sum() > problem.instance.amount[ours].sum()
        if gains.max() <= EPS or (dear and seed % 2):
            continue
        if oracle.judge({name: amounts[name] for name in names}).kept:
            truth[frozenset(names)] = gains.max()
    listed = {}
    for row in found.table.iter_rows(named=True):
        listed[frozenset({*found.portfolio.ids, *row["entered"]} - {*row["left"]})] = row["regret"]
    assert found.complete
    assert listed == pytest.approx(truth)
    assert found.table["regret"].is_sorted(descending=True)


# What must always hold


@settings(max_examples=25)
@given(st.integers(0, 10_000), st.floats(0.1, 0.9))
def test_more_information_never_flips_a_label(seed: int, part: float) -> None:
    problem, _, wide = random_problem(seed)
    low_high = {
        name: (mid - part * (mid - low), mid + part * (high - mid))
        for name, (low, high) in wide.weights.items()
        for mid in [0.4 if name == "x" else 0.6]
    }
    narrow = pf.Information(scores={name: part * off for name, off in wide.scores.items()}, weights=low_high)
    try:
        before, after = (pf.core_index(problem, known) for known in (wide, narrow))
    except pf.InfeasibleError:
        return
    for label in ("core", "exterior"):
        assert set(before.ids(label)) <= set(after.ids(label))


@settings(max_examples=25)
@given(st.integers(0, 10_000))
def test_with_nothing_uncertain_the_best_portfolios_are_left(seed: int) -> None:
    problem, _, _ = random_problem(seed)
    try:
        best = problem.solve()
    except pf.InfeasibleError:
        return
    found = pf.core_index(problem, pf.Information())
    values = found.portfolios @ np.where(intervals(problem, pf.Information()).able, problem.instance.value, 0)
    assert values == pytest.approx(best.value)
    assert pf.competitors(problem, pf.Information()).robust


def test_the_order_of_rows_does_not_matter() -> None:
    problem, frame, information = random_problem(5)
    again = pf.Problem(pf.Call.from_frame(frame.reverse(), rules=problem.policy), problem.policy)
    assert pf.core_index(problem, information).table.equals(pf.core_index(again, information).table)


def test_labels_stand_when_the_list_is_too_long() -> None:
    problem = probe()
    whole, short = (pf.core_index(problem, within(10), most=most) for most in (20_000, 3))
    assert not short.complete
    assert short.settled
    assert short.table["index"].null_count() == 12
    assert short.table["label"].to_list() == whole.table["label"].to_list()
    listed = {one.tobytes() for one in whole.portfolios}
    assert {one.tobytes() for one in short.portfolios} <= listed


@pytest.mark.parametrize(("stop", "key"), [(Stop.NODE_LIMIT, "nodes"), (Stop.TIME_LIMIT, "time_limit")])
def test_the_limit_that_was_reached_is_named(stop: Stop, key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    best = Search.best

    def early(search: Search, *arguments: Any) -> Any:
        outcome, awards = best(search, *arguments)
        return replace(outcome, stop=stop), awards

    monkeypatch.setattr(Search, "best", early)
    with pytest.raises(pf.LimitError, match=rf"raise \[solver\] {key}$"):
        pf.core_index(probe(), within(10))


def test_time_that_runs_out_leaves_labels_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    whole, searches, best = pf.core_index(probe(), within(10)), 0, Region.best

    def soon_over(region: Region, *arguments: Any) -> Any:
        nonlocal searches
        searches += 1
        if searches > 4:
            raise pf.LimitError("the time was over")
        return best(region, *arguments)

    monkeypatch.setattr(Region, "best", soon_over)
    found = pf.core_index(probe(), within(10))
    assert not found.settled
    assert not found.complete
    assert found.ended == "the time was over"
    assert found.ids("unknown")
    assert found.table["index"].null_count() == 12
    for label in ("core", "borderline", "exterior"):
        assert set(found.ids(label)) <= set(whole.ids(label))


# Refused


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"reserve_order": "over_and_above"}, "rounds"),
        ({"objective": pf.Objective(partial=True)}, "smaller than the request"),
        ({"link": [pf.Link(kind="synergy", proposals=["A", "B"], value=1.0)]}, "synergy"),
        ({"limit": [pf.Limit(where="merit > 0", max_awards=1, price=1.0)]}, "at a price"),
    ],
)
def test_policies_that_the_value_alone_does_not_order_are_refused(
    changes: dict[str, object], word: str
) -> None:
    proposals = call(amount=[1.0] * 3, merit=[4.0, 5.0, 2.0], min_amount=[0.5] * 3)
    for what in (pf.core_index, pf.competitors):
        with pytest.raises(pf.PolicyError, match=word):
            what(pf.Problem(proposals, policy(2, **changes)), pf.Information())


def test_all_that_is_wrong_with_the_information_is_said_at_once() -> None:
    proposals = call(amount=[1.0] * 2, merit=[4.0, 5.0], low=[4.5, 4.0], high=[5.0, 6.0])
    problem = pf.Problem(proposals, policy(1))
    wrong = pf.Information(scores={"merit": ("low", "high"), "merits": 1.0}, weights={"x": (0.0, 1.0)})
    with pytest.raises(pf.DataError) as error:
        pf.core_index(problem, wrong)
    said = str(error.value)
    assert "3 problems" in said
    assert "did you mean 'merit'?" in said
    assert "is not between low (4.5) and high (5)" in said


def test_rules_that_may_fall_short_are_reached_first() -> None:
    # The reserve can only be met by A, which is worth less for sure: every portfolio of the set holds it.
    proposals = call(amount=[1.0] * 3, merit=[1.0, 4.0, 5.0], risky=[True, False, False])
    rules = policy(
        2,
        traits={"risky": "risky"},
        reserve=[pf.Reserve(trait="risky", share=0.9, shortfall="release")],
    )
    found = pf.core_index(pf.Problem(proposals, rules), pf.Information(scores={"merit": 1.0}))
    assert found.ids("core") == ("A",)
    assert found.ids("borderline") == ("B", "C")
    assert not found.complete
    assert "shares are not counted" in found.ended


def test_the_short_form_says_what_cannot_be_read() -> None:
    known = stated(["merit=0.5", "x=a:b"], ["x=0.2:0.4"], ["x, y"])
    assert known == pf.Information(
        scores={"merit": 0.5, "x": ("a", "b")}, weights={"x": (0.2, 0.4)}, order=(("x", "y"),)
    )
    with pytest.raises(pf.DataError, match="2 problems") as error:
        stated(["merit"], ["x=0.2"], [])
    assert "CRITERION=0.2:0.4" in str(error.value)
    with pytest.raises(pf.DataError, match="at least 0"):
        stated(["merit=-1"], [], [])


def test_a_score_that_is_not_known_has_no_interval() -> None:
    rules = policy(
        5, objective=pf.Objective(criterion=(pf.Criterion(column="merit"), pf.Criterion(column="my note")))
    )
    of = call(amount=[2.0, 2.0, 2.0], merit=[3.0, 2.0, 1.0], **{"my note": [1.0, None, 2.0]})
    said = pf.Information(scores={"merit": 0.1})
    with pytest.raises(
        pf.DataError, match="column my note, proposal B: is empty: it adds nothing in `optimize`"
    ) as error:
        intervals(pf.Problem(of, rules), said)
    # What the hint says works as it stands.
    hint = tomllib.loads(error.value.issues[0].hint.rpartition(": ")[2])
    assert intervals(pf.Problem(of, rules.replace(**hint)), said).able.tolist() == [True, False, True]
