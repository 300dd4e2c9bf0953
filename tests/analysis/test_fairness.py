"""The fairness monitor: on paper, against plain loops over random policies, and what it must never do."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from random_policies import random_call, random_policy
from small import call, policy

import portfolio as pf
from portfolio.analysis.groups.grouping import Grouping, merged
from portfolio.optimize.ties import keyed_order

SIX = {
    "amount": [4.0, 3.0, 3.0, 2.0, 2.0, 5.0],
    "merit": [6.0, 5.0, 4.0, 3.0, 2.0, 1.0],
    "sex": ["f", "m", "f", "m", None, "f"],
}
# With 9 of money, ABD is the best (14); 7 for women leave AC and D (13); by rank A and B fit, and C does not.
WOMEN = {"traits": {"woman": "sex = 'f'"}, "reserve": [pf.Reserve(trait="woman", amount=7)]}


def decided(columns: dict[str, object], budget: float, **rules: object) -> pf.Portfolio:
    return pf.optimize(call(**columns), policy(budget, **rules))


def rows(found: pf.Fairness, *names: str) -> list[tuple[object, ...]]:
    return found.groups.select(names).rows()


def test_six_proposals_on_paper() -> None:
    decision = decided(SIX, 9, **WOMEN)
    assert decision.ids == ("A", "C", "D")
    found = pf.fairness(decision, ["sex"])
    assert rows(found, "column", "group", "kind") == [
        ("sex", "f", "group"),
        ("sex", "m", "group"),
        ("sex", "(missing)", "missing"),
    ]
    assert rows(found, "proposals", "requested", "awards", "awarded", "success_rate", "money_rate") == [
        (3, Decimal(12), 2, Decimal(7), 2 / 3, 7 / 12),
        (2, Decimal(5), 1, Decimal(2), 1 / 2, 2 / 5),
        (1, Decimal(2), 0, Decimal(0), 0.0, 0.0),
    ]
    assert rows(found, "proposals_share", "requested_share", "awards_share", "awarded_share") == [
        (3 / 6, 12 / 19, 2 / 3, 7 / 9),
        (2 / 6, 5 / 19, 1 / 3, 2 / 9),
        (1 / 6, 2 / 19, 0.0, 0.0),
    ]
    assert rows(found, "ranking_awards", "ranking_awarded", "ranking_rate", "ranking_change") == [
        (1, Decimal(4), 1 / 3, 1),
        (1, Decimal(3), 1 / 2, 0),
        (0, Decimal(0), 0.0, 0),
    ]
    assert rows(found, "best_awards", "best_awarded", "best_change") == [
        (1, Decimal(4), 1),
        (2, Decimal(5), -1),
        (0, Decimal(0), 0),
    ]
    assert found.best is not None
    assert found.best.ids == ("A", "B", "D")
    assert found.groups["difference"].to_list() == pytest.approx([2 / 3 - 1 / 3, 1 / 2 - 2 / 4, 0 - 3 / 5])
    assert found.comparisons == 3
    assert found.statements == ()
    assert any("EUR 2.00 are left" in note for note in found.notes)


def test_one_split_is_one_comparison() -> None:
    columns = SIX | {"sex": [*"fmfmmf"], "copy": [*"010110"]}
    found = pf.fairness(decided(columns, 9), ["sex", "copy"])
    assert found.comparisons == 1
    assert found.groups["p_holm"].to_list() == found.groups["p_value"].to_list()


def test_the_ineligible_are_no_demand_and_are_counted() -> None:
    decision = decided(SIX, 9, eligible="amount < 5")
    found = pf.fairness(decision, ["sex"])
    assert rows(found, "group", "proposals", "ineligible", "requested")[0] == ("f", 2, 1, Decimal(7))
    assert found.total["proposals"][0] + found.total["ineligible"][0] == 6
    assert "1 ineligible proposal is no part of demand, but counted apart." in found.notes


def test_a_call_without_demand_has_no_rates() -> None:
    decision = decided(SIX, 9, eligible="amount > 5")
    for least in (None, 2):
        found = pf.fairness(decision, ["sex"], least=least)
        assert found.comparisons == 0
        assert found.total.select("proposals", "ineligible", "awards", "success_rate").row(0) == (
            0,
            6,
            0,
            None,
        )
        assert found.groups["success_rate"].null_count() == found.groups.height
        assert sum(found.groups["ineligible"]) == 6


def test_the_best_on_merit_forgets_limits_coverage_and_other_criteria() -> None:
    columns = SIX | {"bottlenecks": [["x"], ["x", "y"], ["y"], None, None, None]}
    rules = {
        "limit": [pf.Limit(per="sex", max_awards=1)],
        "coverage": [pf.Coverage(per="bottlenecks", min_awards=1)],
        "objective": pf.Objective(
            criterion=[pf.Criterion(column="merit", zero=2.5), pf.Criterion(column="amount", weight=3)]
        ),
    }
    found = pf.fairness(decided(columns, 9, **rules), ["sex"])
    assert found.best is not None
    assert found.best.ids == ("A", "B", "D")
    # Merit above the zero that the criterion had: 3.5 + 2.5 + 0.5.
    assert found.best.value == pytest.approx(6.5)


def test_tags_count_each_and_small_ones_are_merged_by_people() -> None:
    columns = SIX | {"bottlenecks": [["x"], ["x", "y"], ["y"], None, ["z"], ["z"]]}
    found = pf.fairness(decided(columns, 9), ["bottlenecks"])
    assert rows(found, "group", "proposals", "awards") == [
        ("x", 2, 2),
        ("y", 2, 1),
        ("z", 2, 0),
        ("(missing)", 1, 1),
    ]
    assert any("several groups of bottlenecks" in note for note in found.notes)
    # The one without tags is not to be seen, so the first of the next smallest goes with it.
    found = pf.fairness(decided(columns, 9), ["bottlenecks"], least=2)
    assert rows(found, "group", "kind", "proposals", "awards")[-1] == (
        "groups of fewer than 2, with x",
        "merged",
        3,
        3,
    )


def test_numbers_stand_in_their_order_and_booleans_and_traits_are_groups() -> None:
    decision = decided(SIX | {"band": [10, 9, 2, 2, 10, None]}, 9, traits={"dear": "amount > 3"})
    found = pf.fairness(decision, ["band", "dear"])
    assert rows(found, "column", "group") == [
        ("band", "2"),
        ("band", "9"),
        ("band", "10"),
        ("band", "(missing)"),
        ("dear", "false"),
        ("dear", "true"),
    ]


def test_awards_that_are_cut_count_with_what_they_get() -> None:
    decision = decided(SIX, 9, objective=pf.Objective(partial=True))
    found = pf.fairness(decision, ["sex"])
    assert sum(found.groups["awarded"]) == decision.spent == 9
    # By rank nothing is cut: only whole requests stand above the line.
    assert sum(found.groups["ranking_awarded"]) == 7


def test_a_request_beyond_all_money_does_not_end_the_list() -> None:
    found = pf.fairness(decided(SIX | {"amount": [10.0, 3.0, 3.0, 2.0, 2.0, 5.0]}, 9), ["sex"])
    # B 3, C 6, D 8; E would make 10.
    assert rows(found, "ranking_awards", "ranking_awarded") == [
        (1, Decimal(3)),
        (2, Decimal(5)),
        (0, Decimal(0)),
    ]


def test_without_merit_there_is_nothing_to_compare_with() -> None:
    columns = {name: SIX[name] for name in ("amount", "sex")}
    decision = decided(columns, 9, objective=pf.Objective(criterion=[pf.Criterion(column="amount")]))
    found = pf.fairness(decision, ["sex"])
    assert found.best is None
    assert found.groups["ranking_awards"].null_count() == found.groups["best_rate"].null_count() == 3
    assert "No proposal has a merit, so nothing can be compared with merit alone." in found.notes


def test_who_must_be_funded_without_merit_leaves_no_best_and_says_so() -> None:
    columns = SIX | {"merit": [6.0, 5.0, None, 3.0, 2.0, 1.0]}
    objective = pf.Objective(criterion=[pf.Criterion(column="amount")])
    found = pf.fairness(decided(columns, 9, objective=objective, must_fund=["C"]), ["sex"])
    assert found.best is None
    assert any(note.startswith("There is no best portfolio on merit") for note in found.notes)
    assert "1 eligible proposal has no merit, and merit alone funds none." in found.notes


@pytest.mark.parametrize("seed", range(30))
def test_groups_add_up_to_the_cent_and_the_portfolios_are_what_they_say(seed: int) -> None:
    rng = np.random.default_rng(seed)
    frame = random_call(rng, 12, int(rng.choice([0, 0, 2])))
    rules = random_policy(rng, frame)
    try:
        decision = pf.optimize(pf.Call.from_frame(frame), rules)
    except pf.InfeasibleError:
        return
    found = pf.fairness(decision, ["institution", "a", "high_risk"])
    total = found.total.row(0, named=True)
    assert total["awards"] == len(decision.ids)
    assert total["awarded"] == decision.spent
    for _, part in found.groups.group_by("column"):
        for name in found.total.columns:
            if not name.endswith(("_rate", "_low", "_high")):
                assert part[name].sum() == total[name], name
    # Fewer rules, and the value is merit in both.
    assert found.best is not None
    assert found.best.value >= decision.value - 1e-9 - sum(given.cost or 0 for given in decision.gave_way)
    assert total["ranking_awards"] == len(ranked(frame, decision))


def ranked(frame: pl.DataFrame, decision: pf.Portfolio) -> list[str]:
    """Fund by rank, as a clerk would."""
    out = set(decision.to_frame().filter(decision="ineligible")["id"])
    cents = {name: round(100 * amount) for name, amount in frame.select("id", "amount").rows()}
    left = int(100 * decision.budget)
    able = [
        (-merit, keyed_order(name, 0), name)
        for name, merit in frame.select("id", "merit").rows()
        if name not in out and merit is not None and cents[name] <= left
    ]
    funded = []
    for _, _, name in sorted(able):
        if cents[name] > left:
            break
        left -= cents[name]
        funded.append(name)
    return funded


def test_sums_are_exact_beyond_64_bits() -> None:
    n, most = 300, 10**17
    two = Grouping("x", ("a", "b"), ("group", "group"), np.arange(n), np.arange(n) % 2, overlaps=False)
    assert two.sums(np.full(n, most - 1)) == [150 * (most - 1)] * 2


@given(st.lists(st.tuples(st.integers(0, 6), st.booleans()), min_size=1, max_size=40), st.integers(1, 12))
def test_no_small_group_can_be_computed(people: list[tuple[int, bool]], least: int) -> None:
    codes = np.array([code for code, _ in people])
    counted = np.array([eligible for _, eligible in people])
    names = sorted(set(codes.tolist()))
    group = np.searchsorted(names, codes)
    before = Grouping(
        "x",
        tuple(map(str, names)),
        ("group",) * len(names),
        np.arange(len(codes)),
        group,
        overlaps=False,
    )
    after = merged(before, counted, least)
    assert sorted(after.member.tolist()) == list(range(len(codes)))
    sizes = after.counts(counted)
    assert len(sizes) == 1 or (sizes >= least).all()
    shown = [frozenset(after.member[after.group == index].tolist()) for index in range(len(sizes))]
    everyone = frozenset(range(len(codes)))
    for index, size in enumerate(before.counts(counted).tolist()):
        small = frozenset(np.flatnonzero(group == index).tolist())
        if size < least and len(names) > 1:
            assert small not in shown
            assert everyone - small not in shown


@given(st.lists(st.sets(st.integers(0, 4)), min_size=1, max_size=30), st.integers(1, 8))
def test_no_few_people_are_all_that_a_tag_has_or_leaves(tags: list[set[int]], least: int) -> None:
    labels = [tag or {5} for tag in tags]
    pairs = np.array([(i, tag) for i, own in enumerate(labels) for tag in sorted(own)])
    names = sorted(set(pairs[:, 1].tolist()))
    group = np.searchsorted(names, pairs[:, 1])
    before = Grouping("x", tuple(map(str, names)), ("group",) * len(names), pairs[:, 0], group, overlaps=True)
    n = len(tags)
    sizes = merged(before, np.ones(n, dtype=bool), least).counts(np.ones(n, dtype=bool)).tolist()
    assert len(sizes) == 1 or all(size >= least and not 0 < n - size < least for size in sizes)
    # What tells about nobody is left as it is.
    if all(size >= least and not 0 < n - size < least for size in before.counts(np.ones(n, dtype=bool))):
        assert len(sizes) == len(names)


def test_words_come_only_with_an_interval_that_excludes_0() -> None:
    n = 120
    columns = {
        "id": [f"P-{i:03}" for i in range(n)],
        "amount": [1.0] * n,
        "merit": [float(1 + i % 2 * (i > 20)) for i in range(n)],
        "region": ["north" if i % 2 else "south" for i in range(n)],
        "third": [str(i % 3) for i in range(n)],
    }
    found = pf.fairness(decided(columns, 50), ["region", "third"])
    said = found.groups.select("column", "group", "difference_low", "difference_high", "p_holm", "statement")
    for _, _, low, high, holm, statement in said.rows():
        assert (statement is not None) == (low > 0 or high < 0)
        assert statement is None or ("It stands" in statement) == (holm < 0.05)
    assert found.comparisons == 4
    assert found.statements[0].startswith("region, north: 50 of 60 proposals were funded (83.3%)")
    assert "of all others 0 of 60 (0.0%): 83.3 percentage points more" in found.statements[0]
    assert not re.search("because|caus|due to|bias|discriminat", " ".join(found.statements))


def test_what_groups_are_called_changes_no_score_and_no_decision() -> None:
    made = pf.simulate_call(60, seed=5, reviews_per_proposal=3).call
    rng = np.random.default_rng(5)
    frame = made.to_polars().with_columns(pl.Series("gender", rng.choice(["woman", "man", "other"], 60)))
    columns = ["gender", "region", "institution"]
    shuffled = frame.with_columns(frame[name].gather(rng.permutation(60)) for name in columns)
    assert all(not shuffled[name].equals(frame[name]) for name in columns)
    rules = pf.Policy(
        budget=5_000_000,
        currency=made.currency,
        reviews=pf.ReviewSettings(best=6, worst=1),
        early_career=pf.EarlyCareerSettings(rule="erc_stg_2027", on=date(2026, 1, 1)),
    )
    calls = [pf.Call.from_frame(one, reviews=made.reviews, rules=rules) for one in (frame, shuffled)]
    decisions = [pf.optimize(one, rules) for one in calls]
    scores = [decision.problem.instance.scores.frame for decision in decisions]
    assert scores[0].equals(scores[1])
    assert decisions[0].ids == decisions[1].ids
    # The monitor itself sees the difference, and changes nothing.
    before = decisions[0].to_frame()
    found = [pf.fairness(decision, columns) for decision in decisions]
    assert not found[0].groups.equals(found[1].groups)
    assert decisions[0].to_frame().equals(before)


def test_the_order_of_rows_does_not_matter() -> None:
    table = pl.DataFrame({"id": [*"ABCDEF"], **SIX}, strict=False)
    rules = policy(9, **WOMEN)
    found = [
        pf.fairness(pf.optimize(pf.Call.from_frame(one), rules), ["sex", "woman"])
        for one in (table, table.reverse())
    ]
    assert found[0].groups.equals(found[1].groups)
    assert found[0].notes == found[1].notes


def test_over_and_above_is_compared_with_one_competition() -> None:
    decision = decided(SIX, 9, **WOMEN | {"reserve_order": "over_and_above"})
    found = pf.fairness(decision, ["woman"])
    assert found.best is not None
    assert found.best.ids == ("A", "B", "D")


def test_every_column_that_is_no_group_is_named_at_once() -> None:
    n = 30
    columns = {
        "id": [f"P-{i:02}" for i in range(n)],
        "amount": [float(i + 1) for i in range(n)],
        "merit": [float(i % 4) for i in range(n)],
        "region": ["a", "b", "c"] * 10,
        "title": [f"title {i}" for i in range(n)],
        "risk": [0.5] * n,
    }
    decision = decided(columns, 20, traits={"region": "merit > 1"})
    with pytest.raises(pf.DataError) as error:
        pf.fairness(decision, ["regoin", "amount", "title", "region", "risk", "merit", "merit"])
    text = str(error.value)
    for part in (
        "regoin: is no column of the call and no trait\n    did you mean 'region'?",
        "amount: has 30 different values, which are a scale and no groups\n    state in the policy",
        "title: is different for every proposal",
        "region: is both a trait and a column\n    give the trait another name",
        "risk: is both a column of the file and a score\n    write file_risk",
        "merit: is asked for twice",
    ):
        assert part in text


@pytest.mark.parametrize(("by", "least"), [([], None), (["sex"], 0)])
def test_a_call_that_makes_no_sense_is_refused(by: list[str], least: int | None) -> None:
    with pytest.raises(ValueError, match="at least"):
        pf.fairness(decided(SIX, 9), by, least=least)


@pytest.mark.parametrize(
    ("rules", "value"),
    [
        ({"budget": 100, "link": [pf.Link(kind="requires", proposal="A", needs="Z", priority=1)]}, "1"),
        ({"budget": 80, "overspend": pf.Overspend(priority=1)}, "2"),
    ],
)
def test_the_best_on_merit_is_said_to_do_as_well_in_what_comes_before(rules: dict, value: str) -> None:
    # Somebody of n must be funded; without that, what gives way for it need not, and comes before the value.
    three = call(id=["A", "B", "Z"], amount=[60, 40, 20], merit=[5, 4, 2], region=["n", "s", "s"])
    firm = pf.Limit(where="region = 'n'", min_amount=60)
    limit = [firm, pf.Limit(where="region = 's'", min_awards=1)]
    decision = pf.optimize(three, policy(objective=pf.Objective(zero=3), limit=limit, **rules))
    assert (decision.ids, decision.value) == (("A", "B"), 3)
    found = pf.fairness(decision, ["region"])
    assert (
        f"value {value}, none above {value} (optimal) of those that do as well in what comes before the value."
        in "\n".join(found.notes)
    )
