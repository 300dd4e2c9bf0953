"""Robustness: chances known in closed form, brute force on the same draws, independence of everything else."""

from __future__ import annotations

from itertools import pairwise, permutations, product
from statistics import NormalDist

import joblib
import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracle import Oracle
from random_rules import random_case
from scipy.stats import binomtest
from small import call, policy

import portfolio as pf
from portfolio.analysis.funding_line import Ranking, sides
from portfolio.analysis.uncertainty.merit_draws import Known, MeritErrors, uniforms
from portfolio.analysis.uncertainty.settled import settled, share_interval

NORMAL = NormalDist()


def two(difference=1.0, sd=1.0, **rules):
    """A is better than B by so much; one of them can be paid."""
    made = call(amount=[1, 1], merit=[50 + difference, 50], merit_sd=[sd, sd])
    return pf.Problem(made, policy(1, **rules))


def merits(frame, seed, draw):
    """The merits of one draw by the formula of the manual: merit plus a normal error, the id and the seed decide."""
    uniform = uniforms(frame["id"].to_list(), seed, draw, 1)[0, 0]
    return [
        None if m is None else m + sd * NORMAL.inv_cdf(float(u))
        for m, sd, u in zip(frame["merit"], frame["merit_sd"], uniform, strict=True)
    ]


# Chances in closed form


def test_the_chance_that_one_is_better_than_the_other():
    found = pf.robustness(two(), draws=200, batch=200, confidence=0.999, jobs=1)
    # The difference of two merits is normal with mean 1 and variance 2.
    chance = NORMAL.cdf(1 / 2**0.5)
    first, second = found.proposals.to_dicts()
    assert first["share_low"] < chance < first["share_high"]
    assert second["share_low"] < 1 - chance < second["share_high"]
    assert first["funded_share"] + second["funded_share"] == pytest.approx(1)
    share = first["funded_share"]
    assert first["standard_error"] == pytest.approx((share * (1 - share) / 200) ** 0.5)
    # With one award for both, the ranking by merit alone decides the same.
    for row in (first, second):
        assert row["above_line"] == pytest.approx(row["funded_share"], abs=1e-9)
    assert (first["rank_low"], first["rank_median"], first["rank_high"]) == (1, 1, 2)
    assert [first["label"], second["label"], found.settled] == ["borderline", "borderline", True]
    assert found.merits == Known(drawn=2, whole=0, exact=0, fixed=0)


def test_a_condition_on_what_is_drawn_holds_in_half_of_the_draws():
    made = call(amount=[1, 1], merit=[5.0, 9.0], merit_sd=[1.0, None])
    rules = policy(1, traits={"good": "merit >= 5 AND id = 'A'"}, reserve=[pf.Reserve(trait="good", share=1)])
    found = pf.robustness(pf.Problem(made, rules), draws=300, batch=300, jobs=1)
    assert binomtest(found.feasible, 300, 0.5).pvalue > 0.001
    assert found.draws == 300
    assert found.failures.height == 300 - found.feasible
    assert found.failures["reason"].str.contains("eligible demand is EUR 0.00").all()
    assert found.failures["draw"].is_sorted()
    # Draws without a portfolio count for no share, but all of them for the ranks.
    assert found.proposals["funded_share"].to_list() == [1, 0]
    assert found.proposals["above_line"].to_list() == [0, 1]
    assert found.merits == Known(drawn=1, whole=0, exact=0, fixed=1)


def test_a_draw_on_which_nothing_was_found_in_time_was_stopped_by_a_limit(monkeypatch):
    solve, solved = pf.Problem.solve, []

    def limited(problem):
        solved.append(problem)
        if len(solved) == 2:
            raise pf.LimitError("no portfolio was found within 1 nodes", "node_limit")
        return solve(problem)

    monkeypatch.setattr(pf.Problem, "solve", limited)
    found = pf.robustness(two(), draws=3, jobs=1)
    assert (found.draws, found.feasible, found.cut_short) == (3, 2, 1)


def test_a_call_in_which_no_draw_has_a_portfolio_has_no_shares():
    made = call(amount=[1], merit=[5.0], merit_low=[1.0], merit_high=[5.0])
    rules = policy(1, traits={"good": "merit >= 5"}, reserve=[pf.Reserve(trait="good", share=1)])
    seeds = [seed for seed in range(40) if uniforms(["A"], seed, 0, 1)[0, 0, 0] < 0.5]
    # The upper half of the interval has no width.
    found = pf.robustness(pf.Problem(made, rules), draws=1, seed=seeds[0], jobs=1)
    row = found.proposals.row(0, named=True)
    assert (found.feasible, row["label"], row["settled"]) == (0, "unknown", False)
    assert row["funded_share"] is row["share_low"] is row["standard_error"] is None
    other = next(seed for seed in range(40) if seed not in seeds)
    assert pf.robustness(pf.Problem(made, rules), draws=1, seed=other, jobs=1).feasible == 1


def test_without_a_decision_on_the_scores_as_they_are_there_is_nothing_to_be_sure_of():
    with pytest.raises(pf.InfeasibleError):
        pf.robustness(two(must_fund=("A", "B")), draws=1)


@pytest.mark.parametrize(
    "wrong", [{"draws": 0}, {"batch": 0}, {"rounds": 1}, {"tail": 0.5}, {"confidence": 1.0}, {"tail": 0.0}]
)
def test_arguments_that_make_no_sense_are_refused(wrong):
    with pytest.raises(ValueError, match="must be at least 1, rounds at least 2"):
        pf.robustness(two(), **wrong)


# How merits are drawn


def errors(**columns):
    n = len(columns["merit"])
    return MeritErrors.of(pf.Problem(call(amount=[1] * n, **columns), policy(1)))


def reviewed(scores, best=6, worst=1):
    """One proposal with these grades."""
    reviews = pl.DataFrame(
        {"proposal": ["A"] * len(scores), "reviewer": [f"R{i}" for i in range(len(scores))], "score": scores}
    )
    frame = pl.DataFrame({"id": ["A"], "amount": [1]})
    settings = pf.ReviewSettings(best=best, worst=worst)
    return MeritErrors.of(pf.Problem(pf.Call.from_frame(frame, reviews=reviews), policy(1, reviews=settings)))


def test_nine_draws_in_ten_lie_in_the_interval_that_was_stated():
    drawn = errors(merit=[5.0], merit_low=[4.0], merit_high=[8.0])
    ends = [float(drawn.truths(np.array([NORMAL.cdf(z)]))[0]) for z in (-1.645, 0, 1.645)]
    assert ends == pytest.approx([4, 5, 8])


def test_reviews_give_the_standard_error_within_the_scale():
    drawn = reviewed([5, 6])
    # Mean 5.5, standard error 0.5; the scale ends one standard error above.
    top, bottom = NORMAL.cdf(1), NORMAL.cdf(-9)
    for u in (0.01, 0.5, 0.99):
        expected = 5.5 + 0.5 * NORMAL.inv_cdf(bottom + u * (top - bottom))
        assert float(drawn.truths(np.array([u]))[0]) == pytest.approx(expected)
    assert float(drawn.truths(np.array([1 - 1e-16]))[0]) <= 6
    # Where small is good the scale is turned over, and so is what is drawn.
    turned = reviewed([2, 1], best=1, worst=6)
    assert turned.truths(np.array([0.3])).tolist() == drawn.truths(np.array([0.3])).tolist()


def test_one_reviewer_says_nothing_about_the_spread():
    drawn = reviewed([5])
    assert drawn.whole.tolist() == [True]
    assert drawn.truths(np.array([0.25])).tolist() == [2.25]
    assert drawn.truths(np.array([0.25]), 0.5).tolist() == [5 - 0.5 * 2.75]


def test_what_is_not_known_is_not_drawn():
    drawn = errors(merit=[5.0, 5.0, None], merit_sd=[None, 0.0, None])
    assert drawn.stated.tolist() == [False, True, False]
    assert np.array_equal(drawn.truths(np.full(3, 0.01)), [5, 5, np.nan], equal_nan=True)
    found = pf.robustness(
        pf.Problem(call(amount=[1, 1], merit=[5.0, 4.0], merit_sd=[None, 0.0]), policy(1)), draws=1, jobs=1
    )
    assert found.merits == Known(drawn=0, whole=0, exact=1, fixed=1)
    assert found.merits.in_words().startswith("0 drawn; 1 not drawn, their interval")


def test_numbers_depend_on_the_id_and_the_seed_alone():
    whole = uniforms(["A", "B", "C"], 7, 0, 6)
    assert whole.shape == (6, 5, 3)
    assert np.array_equal(uniforms(["C", "A"], 7, 0, 6), whole[:, :, [2, 0]])
    assert np.array_equal(uniforms(["A", "B", "C"], 7, 4, 2), whole[4:])
    assert not np.isin(uniforms(["A", "B", "C"], 8, 0, 6), whole).any()


def test_numbers_are_uniform_and_independent():
    numbers = uniforms([f"P{i}" for i in range(40)], 0, 0, 500)
    assert 0 < numbers.min() < 0.001
    assert 0.999 < numbers.max() < 1
    flat = numbers.reshape(500, -1)
    # 200 means of 500 numbers, each with a standard error of 0.0129; and their 19,900 correlations.
    assert np.abs(flat.mean(axis=0) - 0.5).max() < 4.5 * 0.0129
    correlation = np.corrcoef(flat.T)[np.triu_indices(200, 1)]
    assert np.abs(correlation).max() < 5.5 / 500**0.5
    assert correlation.std() == pytest.approx(1 / 500**0.5, rel=0.05)


def test_the_trait_of_a_proposal_is_drawn_with_its_risk():
    made = call(amount=[1, 1], merit=[5.0, 9.0], success_probability=[0.4, 0.9])
    rules = policy(1, traits={"risky": "risk >= 0.6"}, reserve=[pf.Reserve(trait="risky", share=1)])
    problem = pf.Problem(made, rules)
    row = problem.instance.table.row(0, named=True)
    assert row["risk"] == pytest.approx(0.6)
    found = pf.robustness(problem, draws=200, batch=200, jobs=1)
    # The threshold is in the middle of the interval; now and then the other one is risky too, and wins.
    assert binomtest(found.feasible, 200, 0.5).pvalue > 0.001
    still = pf.robustness(problem, draws=20, scores=False, jobs=1)
    assert (still.feasible, still.proposals["label"].to_list()) == (20, ["core", "exterior"])


# Against brute force


def test_every_draw_is_the_best_choice_of_that_draw():
    frame = pl.DataFrame(
        {
            "id": list("ABCDE"),
            "amount": [3, 2, 2, 1, 4],
            "merit": [5.0, 4.0, 3.5, 2.0, 6.0],
            "merit_sd": [1.0, 0.5, 2.0, 1.0, 1.5],
        }
    )
    draws, counts = 60, np.zeros(5, dtype=int)
    for draw in range(draws):
        merit = merits(frame, 3, draw)
        sets = [s for s in product([0, 1], repeat=5) if np.dot(s, frame["amount"]) <= 6]
        counts += max(sets, key=lambda s: float(np.dot(s, merit)))
    found = pf.robustness(pf.Problem(pf.Call.from_frame(frame), policy(6)), draws=draws, seed=3, jobs=2)
    assert found.draws == draws
    assert found.proposals["funded_share"].to_list() == pytest.approx((counts / draws).tolist())
    assert 0 < counts.min() < counts.max() < draws


@pytest.mark.once
def test_all_rules_hold_in_every_draw():
    seen = {"feasible": 0, "infeasible": 0, "rounds": 0}
    for seed in range(30):
        frame, rules = random_case(seed)
        frame = frame.with_columns(merit_sd=pl.lit(1.0))
        problem = pf.Problem(pf.Call.from_frame(frame, rules=rules), rules)
        try:
            found = pf.robustness(problem, draws=1, seed=seed, jobs=1)
        except pf.InfeasibleError:
            continue
        drawn = frame.with_columns(pl.Series("merit", merits(frame, seed, 0), pl.Float64).round(12))
        oracle = Oracle(drawn, rules)
        fresh = pf.Problem(pf.Call.from_frame(drawn, rules=rules), rules)
        if not oracle.in_rounds and not oracle.cuts:
            assert (found.feasible == 1) == (oracle.best().goals is not None), seed
        if found.feasible:
            expected = fresh.solve()
            funded = found.proposals.filter(funded_share=1.0)["id"].to_list()
            assert tuple(funded) == expected.ids, seed
            if not oracle.in_rounds and not oracle.cuts:
                assert expected.value == pytest.approx(oracle.best().value, abs=1e-6), seed
        seen["feasible" if found.feasible else "infeasible"] += 1
        seen["rounds"] += oracle.in_rounds
    assert seen["feasible"] > 15, seen
    assert min(seen.values()) >= 1, seen


def test_an_award_that_is_cut_is_an_award():
    made = call(amount=[4, 4], merit=[9, 8], min_amount=[1, 1], merit_sd=[0.1, 0.1])
    found = pf.robustness(pf.Problem(made, policy(5, objective={"partial": True})), draws=100, jobs=1)
    assert found.proposals["label"].to_list() == ["core", "core"]


# Labels, and when it stops


@given(st.integers(1, 60), st.data())
def test_intervals_are_those_of_clopper_and_pearson(draws, data):
    seen = data.draw(st.integers(0, draws))
    confidence = data.draw(st.sampled_from([0.5, 0.9, 0.95, 0.999]))
    low, high = share_interval(np.array([seen]), draws, confidence)
    exact = binomtest(seen, draws).proportion_ci(confidence, method="exact")
    assert (low[0], high[0]) == pytest.approx((exact.low, exact.high), abs=1e-9)


def test_a_label_is_settled_when_it_holds_over_the_whole_interval():
    # Of 72 draws all, the interval starts at 0.95007 (0.025 to the power of 1/72); of 71, at 0.9494.
    assert settled(np.array([72]), 72, 0.05, 0.95).tolist() == [True]
    assert settled(np.array([71]), 71, 0.05, 0.95).tolist() == [False]
    assert settled(np.array([0, 50, 92, 4]), 100, 0.05, 0.95).tolist() == [True, True, False, False]


def test_it_stops_when_all_labels_are_settled():
    sure = pf.robustness(two(difference=20), draws=1000, batch=40, jobs=1)
    assert (sure.draws, sure.asked, sure.settled) == (80, 1000, True)
    assert sure.proposals["label"].to_list() == ["core", "exterior"]
    assert sure.proposals["standard_error"].to_list() == [None, None]
    unsure = pf.robustness(two(difference=2.33), draws=120, batch=40, seed=1, jobs=1)
    assert (unsure.draws, unsure.settled) == (120, False)
    assert repr(unsure).startswith("<Robustness: 120 draws, seed 1, 120 with a portfolio; ")
    assert "labels not settled at 95% confidence: 2" in repr(unsure)


# Rounds


def test_rounds_end_with_the_decision():
    # B is better than A only if the errors are large, C never.
    made = call(amount=[1, 1, 1], merit=[53.0, 50, 10], merit_sd=[1.0, 1.0, 1.0])
    found = pf.robustness(pf.Problem(made, policy(1)), draws=80, rounds=4, jobs=2)
    rounds = found.rounds
    assert rounds["spread"].to_list() == pytest.approx([1, 2 / 3, 1 / 3, 0])
    assert rounds.row(-1) == (4, 0.0, 1, 1, 1, 2, 0)
    assert rounds["draws"].to_list() == [80, 80, 80, 1]
    grey = rounds["grey"].to_list()
    assert grey == sorted(grey, reverse=True)
    # With common random numbers a draw in which A wins at large errors is one in which it wins at small ones.
    flips = [
        draw for draw in range(80) if np.argmax(merits(made.frame.with_columns(merit_sd=1.0), 0, draw)) != 0
    ]
    assert found.proposals["funded_share"][0] == pytest.approx(1 - len(flips) / 80)
    settled_in = found.proposals["round"].to_list()
    assert settled_in[2] == 1
    assert settled_in[0] == settled_in[1] == grey.index(0) + 1 > 1


def test_a_round_that_is_green_for_a_loser_settles_nothing():
    # A is ahead only by what the scores say; in every draw at full errors the reserve needs B.
    made = call(amount=[1, 1], merit=[50.0, 49.9], merit_sd=[5.0, 5.0])
    problem = pf.Problem(made, policy(1))
    seed = next(s for s in range(99) if np.argmax(merits(made.frame.with_columns(merit_sd=5.0), s, 0)) == 1)
    found = pf.robustness(problem, draws=1, rounds=2, seed=seed, jobs=1)
    assert found.rounds.select("green", "red", "grey").rows() == [(1, 1, 0), (1, 1, 0)]
    assert found.proposals["base"].to_list() == ["funded", "not_funded"]
    assert found.proposals["round"].to_list() == [2, 2]


# Independence


def many(reverse=False):
    made = pf.simulate_call(60, seed=4, reviews_per_proposal=3)
    rules = pf.Policy(
        budget=9_000_000,
        reviews=pf.ReviewSettings(best=6, worst=1),
        traits={"risky": "risk >= 0.5"},
        reserve=[pf.Reserve(trait="risky", share=0.1, shortfall="release")],
        link=[pf.Link(kind="at_most", k=1, per="investigator")],
        solver={"gap": 1e-3},
    )
    frame, reviews = made.call.to_polars(), made.call.reviews
    if reverse:
        frame, reviews = frame.reverse(), reviews.reverse()
    return pf.Problem(pf.Call.from_frame(frame, reviews=reviews, rules=rules), rules)


def test_neither_jobs_nor_batches_nor_the_order_of_rows_change_a_byte():
    one = pf.robustness(many(), draws=24, batch=24, jobs=1)
    others = [
        pf.robustness(many(), draws=24, batch=7, jobs=3),
        pf.robustness(many(reverse=True), draws=24, batch=24, jobs=2),
    ]
    assert one.count("borderline") > 5
    for other in others:
        assert other.proposals.serialize() == one.proposals.serialize()
        assert (other.draws, other.feasible, repr(other)) == (24, one.feasible, repr(one))


def test_another_policy_sees_the_same_draws():
    problem = many()
    ranks = [f"rank_{end}" for end in ("low", "median", "high")]
    one = pf.robustness(problem, draws=10, jobs=1).proposals
    other = pf.robustness(problem.replace(reserve=(), link=()), draws=10, jobs=1).proposals
    assert one.select(ranks).equals(other.select(ranks))
    assert not one["funded_share"].equals(other["funded_share"])


def test_a_dask_cluster_gives_the_same_bytes():
    distributed = pytest.importorskip("distributed", reason="needs the extra dask")
    here = pf.robustness(many(), draws=8, jobs=2)
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0"
        ) as cluster,
        distributed.Client(cluster),
        joblib.parallel_config(backend="dask"),
    ):
        there = pf.robustness(many(), draws=8)
    assert there.proposals.serialize() == here.proposals.serialize()


def test_what_was_done_is_kept_after_an_interrupt():
    def stop(step):
        if step.startswith("draw 5 "):
            raise KeyboardInterrupt

    part = pf.robustness(two(), draws=100, jobs=1, watch=stop)
    whole = pf.robustness(two(), draws=5, jobs=1)
    assert (part.draws, part.complete, whole.complete) == (5, False, True)
    assert part.proposals.equals(whole.proposals)
    assert repr(part).endswith("interrupted>")

    def stop_round(step):
        if step.startswith("Round 2 of 3: draw 2 "):
            raise KeyboardInterrupt

    part = pf.robustness(two(), draws=4, rounds=3, jobs=1, watch=stop_round)
    assert part.rounds["draws"].to_list() == [4, 2]
    assert part.proposals["round"].null_count() == 2


# The funding line


def test_the_line_is_where_the_money_is_spent():
    made = call(amount=[3, 3, 3, 1, 1], merit=[9, 8, 7, 6, 10], ok=[True, True, True, True, False])
    rank, above = Ranking(pf.Problem(made, policy(7, eligible="ok")))(np.array([9.0, 8, 7, 6, 10]))
    # The third can no longer be paid, and the fourth, which could, is not better.
    assert rank.tolist() == [1, 2, 3, 4, 0]
    assert above.tolist() == [True, True, False, False, False]


def test_a_request_beyond_all_money_neither_has_a_place_nor_ends_the_line():
    made = call(amount=[8, 3, 3, 1], merit=[9, 8, 7, 6], region=[*"NNSS"])
    problem = pf.Problem(made, policy(7))
    rank, above = Ranking(problem)(np.array([9.0, 8, 7, 6]))
    assert (rank.tolist(), above.tolist()) == ([0, 1, 2, 3], [False, True, True, True])
    sure = pf.robustness(problem, draws=2, jobs=1).proposals
    assert sure["above_line"].to_list() == [None, 1, 1, 1]
    assert sure["rank_low"].to_list() == [None, 1, 2, 3]
    monitored = pf.fairness(problem.solve(), "region")
    assert monitored.groups["ranking_awards"].to_list() == [1, 2]
    assert any("1 eligible proposal asks for more than all the money" in note for note in monitored.notes)
    assert "(3)" in pf.plot_funding_line(problem.solve()).caption
    assert "1 asks for more than the whole budget" in pf.plot_funding_line(problem.solve()).caption


def test_sums_beyond_64_bits_end_the_line_where_they_should():
    # In cents, ten requests are 9e17, a hundred and three more than 64 bits hold.
    columns = {"amount": [9e14] * 230, "merit": [5 - i / 100 for i in range(230)]}
    made = pf.Call.from_frame(pl.DataFrame({"id": [f"P{i}" for i in range(230)], **columns}))
    problem = pf.Problem(made, policy(27e14))
    assert Ranking(problem)(problem.instance.merit)[1].sum() == 3
    assert "(3)" in pf.plot_funding_line(problem.solve()).caption
    # Thousandths of a unit, as charts count, and budgets that 64 bits do not hold.
    amount = np.full(40, 9 * 10**17)
    assert (sides(-np.arange(40.0), amount, 27 * 10**17) == 1).sum() == 3
    assert (sides(-np.arange(40.0), amount, 27 * 10**18) == 1).sum() == 30
    assert (sides(np.zeros(40), amount, 27 * 10**18) == 0).all()


def test_equal_merits_are_put_in_an_order_that_rows_do_not_change():
    merit = np.array([5.0, 5.0, np.nan, 5.0])
    made = call(amount=[1, 1, 1, 1], merit=[5, 5, None, 5])
    rank, _ = Ranking(pf.Problem(made, policy(2)))(merit)
    assert sorted(rank.tolist()) == [0, 1, 2, 3]
    seeds = {
        tuple(Ranking(pf.Problem(made, policy(2, solver={"gap": 0.0, "seed": s})))(merit)[0])
        for s in range(9)
    }
    assert len(seeds) > 1


@given(
    st.lists(st.tuples(st.integers(1, 3), st.integers(1, 5)), min_size=1, max_size=5),
    st.integers(0, 20),
)
def test_the_sides_of_the_line_hold_in_every_order_of_equals(rows, budget):
    merit, amount = (np.array(column) for column in zip(*rows, strict=True))
    # Who asks for more has no place.
    budget = max(budget, int(amount.max()))
    orders = []
    for order in permutations(range(len(rows))):
        if all(merit[a] >= merit[b] for a, b in pairwise(order)):
            paid = np.zeros(len(rows), dtype=bool)
            paid[list(order)] = np.cumsum(amount[list(order)]) <= budget
            orders.append(paid)
    found = sides(merit.astype(float), amount, budget)
    assert ((found == 1) == np.all(orders, axis=0)).all()
    # At the line are all equals as soon as the order decides on one of them.
    unsure = np.any(orders, axis=0) & ~np.all(orders, axis=0)
    assert ((found == 0) == np.isin(merit, merit[unsure])).all()


def test_labels_of_those_that_no_draw_can_fund_are_settled():
    made = call(
        amount=[1, 1, 9, 1, 1, 1],
        merit=[51.0, 50.0, 60.0, None, 49.0, 60.0],
        merit_sd=[1.0, 1.0, 1.0, None, 1.0, 1.0],
        field=["a"] * 5 + ["b"],
    )
    rules = {"eligible": "field = 'a'", "must_not_fund": ["E"]}
    found = pf.robustness(pf.Problem(made, policy(1, **rules)), draws=8, jobs=1)
    assert found.proposals["settled"].to_list() == [False, False, True, True, True, True]
    # Who is eligible only by what is drawn may be so in another draw.
    drawn = pf.robustness(pf.Problem(made, policy(1, eligible="merit < 55")), draws=8, jobs=1)
    assert drawn.proposals["settled"].to_list()[4:] == [False, False]
