import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scoring.cases import Table, graded

from portfolio.errors import DataError, PolicyError
from portfolio.scoring import ReviewSettings
from portfolio.scoring.merit import feasibility, merit

SIX = ReviewSettings(best=6, worst=1)
FIVE = ReviewSettings(best=1, worst=5)


def first(call, settings=SIX):
    return merit(call, settings).row(0, named=True)


def test_mean_and_standard_error_by_hand():
    # grades 3, 4, 5: mean 4, deviation 1, error 1 / sqrt(3), margin 1.645 * 0.57735
    row = first(graded("a", ("a", "x", None, 3), ("a", "y", None, 4), ("a", "z", None, 5)))
    assert row["merit"] == 4
    assert row["merit_sd"] == pytest.approx(3**-0.5)
    assert row["merit_low"] == pytest.approx(4 - 1.645 * 3**-0.5)
    assert row["merit_high"] == pytest.approx(4 + 1.645 * 3**-0.5)
    assert row["n_reviews"] == 3
    assert row["disagreement"] == 1


def test_where_one_is_best_merit_is_turned_round():
    row = first(graded("a", ("a", "x", None, 1), ("a", "y", None, 2)), FIVE)
    # mean grade 1.5 on a scale where 1 is best: 1 + 5 - 1.5; the margin 1.645 * 0.5 is cut at 5
    assert row["merit"] == 4.5
    assert row["merit_sd"] == 0.5
    assert (row["merit_low"], row["merit_high"]) == (pytest.approx(3.6775), 5)


@pytest.mark.parametrize(("grade", "expected"), [(1, 5), (5, 1), (2, 4)])
def test_the_best_grade_is_the_best_merit(grade, expected):
    assert first(graded("a", ("a", "x", None, grade)), FIVE)["merit"] == expected


def test_criteria_are_weighted_over_those_with_a_grade():
    weights = ReviewSettings(best=6, worst=1, weights={"idea": 3, "plan": 1})
    call = graded(
        "ab", ("a", "x", "idea", 6), ("a", "x", "plan", 2), ("b", "x", "plan", 2), ("b", "x", "idea", None)
    )
    # a: (3 * 6 + 1 * 2) / 4; b: the grade for idea is missing, so plan alone
    assert merit(call, weights)["merit"].to_list() == [5, 2]


def test_a_criterion_without_a_weight_weighs_nothing():
    weights = ReviewSettings(best=6, worst=1, weights={"idea": 1})
    row = first(graded("a", ("a", "x", "idea", 6), ("a", "y", "plan", 1)), weights)
    assert (row["merit"], row["n_reviews"]) == (6, 1)


def test_mean_over_reviewers_comes_before_the_mean_over_criteria():
    # idea: (6 + 4) / 2 = 5; plan: 1; not the mean of the three grades
    row = first(graded("a", ("a", "x", "idea", 6), ("a", "y", "idea", 4), ("a", "x", "plan", 1)))
    assert row["merit"] == 3
    # reviewers' own averages 3.5 and 4
    assert row["disagreement"] == pytest.approx(0.5**0.5 / 2)


def test_one_reviewer_says_nothing_about_the_spread():
    row = first(graded("a", ("a", "x", None, 3)))
    assert (row["merit"], row["merit_sd"], row["merit_low"], row["merit_high"]) == (3, None, 1, 6)


def test_without_reviews_a_proposal_has_no_merit_and_the_whole_scale():
    row = first(graded("ab", ("b", "x", None, 3), ("a", "x", None, float("nan"))))
    assert (row["merit"], row["merit_low"], row["merit_high"], row["n_reviews"]) == (None, 1, 6, 0)


def test_a_call_whose_reviews_are_all_empty():
    assert first(graded("a", ("a", "x", None, None)))["merit"] is None


def test_confidence_does_not_weigh():
    call = graded("a", ("a", "x", None, 6), ("a", "y", None, 2))
    sure = call.reviews.with_columns(confidence=pl.Series([1.0, 0.0]), panel=pl.lit("P"))
    assert merit(Table(call.frame, sure), SIX).equals(merit(call, SIX))


def test_reviews_need_no_criterion_and_reviewers_no_name():
    reviews = pl.DataFrame(
        {"proposal": ["a"], "reviewer": [None], "score": [4]}, schema_overrides={"reviewer": pl.String}
    )
    call = Table(pl.DataFrame({"id": ["a"]}), reviews)
    assert merit(call, ReviewSettings(best=6, worst=1, weights={"overall": 1}))["merit"].to_list() == [4]


GRADES = st.lists(
    st.tuples(
        st.sampled_from("abc"),
        st.sampled_from("xyz"),
        st.sampled_from(["idea", "plan", None]),
        st.floats(1, 6),
    ),
    min_size=1,
    max_size=15,
)


@given(GRADES, st.randoms())
def test_the_order_of_the_file_never_matters(grades, random):
    shuffled = random.sample(grades, len(grades))
    assert merit(graded("abc", *grades), SIX).equals(merit(graded("abc", *shuffled), SIX))


@given(GRADES)
def test_merit_lies_in_its_interval_and_on_the_scale(grades):
    table = merit(graded("abc", *grades), SIX).drop_nulls("merit")
    assert table.select(
        ((pl.col("merit_low") <= pl.col("merit")) & (pl.col("merit") <= pl.col("merit_high"))).all()
    ).item()
    assert table.select(((pl.col("merit_low") >= 1) & (pl.col("merit_high") <= 6)).all()).item()


@given(GRADES)
def test_a_turned_scale_gives_the_same_merit(grades):
    turned = [(*rest, 7 - score) for *rest, score in grades]
    plain = merit(graded("abc", *grades), SIX)
    other = merit(graded("abc", *turned), ReviewSettings(best=1, worst=6))
    for name in ("merit", "merit_sd", "merit_low", "merit_high"):
        assert other[name].to_list() == pytest.approx(plain[name].to_list(), abs=1e-9)


@given(GRADES, st.data())
def test_a_better_grade_never_lowers_merit(grades, data):
    i = data.draw(st.integers(0, len(grades) - 1))
    better = [*grades[:i], (*grades[i][:3], data.draw(st.floats(grades[i][3], 6))), *grades[i + 1 :]]
    before, after = (merit(graded("abc", *g), SIX)["merit"].fill_null(0) for g in (grades, better))
    assert (after >= before).all()


def test_merit_from_columns():
    frame = pl.DataFrame(
        {
            "id": ["a", "b", "c"],
            "merit": [4.0, 3.0, None],
            "merit_sd": [0.5, None, None],
            "merit_low": [3.9, None, None],
        }
    )
    rows = merit(Table(frame), None).rows(named=True)
    assert (rows[0]["merit"], rows[0]["merit_low"], rows[0]["merit_high"]) == (4, 3.9, pytest.approx(4.8225))
    assert (rows[1]["merit_low"], rows[1]["merit_high"], rows[1]["n_reviews"]) == (None, None, None)
    assert rows[2]["merit"] is None


def test_neither_reviews_nor_merits():
    table = merit(Table(pl.DataFrame({"id": ["a"]})), None)
    assert table.select(pl.all().is_null().all()).row(0) == (True,) * 6


def test_both_reviews_and_merits_are_refused():
    call = graded("a", ("a", "x", None, 3))
    with pytest.raises(DataError, match="column merit: is given, and so are reviews"):
        merit(Table(call.frame.with_columns(merit=pl.lit(4.0)), call.reviews), SIX)
    empty = Table(call.frame.with_columns(merit=pl.lit(None, pl.Float64)), call.reviews)
    assert first(empty)["merit"] == 3


def test_reviews_without_a_scale_are_refused():
    with pytest.raises(PolicyError, match="best and the worst grade"):
        merit(graded("a", ("a", "x", None, 3)), None)


def test_grades_outside_the_scale_are_all_listed():
    call = graded(
        "ab", ("a", "x", None, 0), ("b", "x", None, 7), ("a", "y", None, 7), ("a", "z", None, float("inf"))
    )
    with pytest.raises(DataError) as caught:
        merit(call, SIX)
    assert [(i.value, i.count, i.id) for i in caught.value.issues] == [
        ("0", 1, "a"),
        ("7", 2, "a"),
        ("inf", 1, "a"),
    ]
    assert "must be between 1 and 6" in str(caught.value)


def test_an_unknown_criterion_is_refused_with_the_nearest():
    call = graded("a", ("a", "x", "originality", 3))
    with pytest.raises(PolicyError, match="did you mean 'originality'"):
        merit(call, ReviewSettings(best=6, worst=1, weights={"originalty": 1}))
    with pytest.raises(PolicyError, match="did you mean 'originality'"):
        feasibility(call, SIX, ("originalty",))


def test_feasibility_is_normalised_either_way_round():
    call = graded("ab", ("a", "x", "idea", 1), ("a", "x", "can", 4), ("a", "y", "can", 5))
    assert feasibility(call, SIX, ("can",))[0] == pytest.approx(0.7)
    assert feasibility(call, FIVE, ("can",))[0] == pytest.approx(0.125)
    assert feasibility(call, SIX, ()) is None


def test_feasibility_without_reviews_is_refused():
    with pytest.raises(PolicyError, match="names criteria of reviews"):
        feasibility(Table(pl.DataFrame({"id": ["a"]})), SIX, ("can",))
