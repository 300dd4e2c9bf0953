import copy
import math
import pickle
from datetime import date

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scoring.cases import CALLS, EVIDENCE, FULL_ROWS, ROWS, Table, graded, proposals

from portfolio.errors import DataError, PolicyError
from portfolio.scoring import EarlyCareerSettings, ReviewSettings, ScoringSettings, score
from portfolio.scoring.settings import AmbiguityWeights, ColumnEvidence, HalfWidths, RowWeights

SCORES = ("basicness", "risk", "ambiguity", "horizon")
COLUMNS = [
    "id",
    "merit",
    "merit_sd",
    "merit_low",
    "merit_high",
    "n_reviews",
    "basicness",
    "basicness_low",
    "basicness_high",
    "paradigm",
    "risk",
    "risk_low",
    "risk_high",
    "ambiguity",
    "ambiguity_low",
    "ambiguity_high",
    "horizon",
    "horizon_low",
    "horizon_high",
    "horizon_years",
    "horizon_years_low",
    "horizon_years_high",
    "quadrant",
    "conflicts",
    "early_career",
]


def one(row, **settings):
    return score(proposals(row), scoring=ScoringSettings(**settings)).frame.row(0, named=True)


def interval(row, name):
    return row[name], row[f"{name}_low"], row[f"{name}_high"]


def test_the_columns_and_their_order():
    frame = score(proposals({})).frame
    assert frame.columns == COLUMNS
    assert frame.schema["conflicts"] == frame.schema["paradigm"] == frame.schema["quadrant"] == pl.String
    assert frame.schema["early_career"] == pl.Boolean
    assert frame.schema["n_reviews"] == pl.Int64
    words = {"id", "paradigm", "quadrant", "conflicts", "early_career", "n_reviews"}
    assert all(frame.schema[name] == pl.Float64 for name in set(COLUMNS) - words)


def test_no_evidence_is_the_widest_interval_and_no_error():
    row = score(Table(pl.DataFrame({"id": ["a"]}))).frame.row(0, named=True)
    for name in SCORES:
        assert interval(row, name) == (0.5, 0, 1)
    # the years whose horizon is 0.5: sqrt(1 + 30) - 1
    assert interval(row, "horizon_years") == (pytest.approx(31**0.5 - 1), 0, 30)
    assert row["paradigm"] is row["quadrant"] is row["conflicts"] is row["early_career"] is None


def test_an_empty_call():
    assert score(proposals()).frame.height == 0
    assert score(proposals()).contributions().height == 0


def test_risk_by_hand():
    # success 0.3 -> 0.7 (weight 1); trl 5 -> 0.5 (weight 0.5): (0.7 + 0.25) / 1.5
    row = one({"success_probability": 0.3, "trl": 5})
    assert row["risk"] == pytest.approx(0.95 / 1.5, abs=1e-12)
    # half-widths 0.165 and 0.35: sqrt(0.165^2 + (0.5 * 0.35)^2) / 1.5
    half = math.hypot(0.165, 0.175) / 1.5
    assert row["risk_low"] == pytest.approx(0.95 / 1.5 - half)
    assert row["risk_high"] == pytest.approx(0.95 / 1.5 + half)


def test_basicness_by_hand():
    # primary goal (1 + 0.75) / 2 = 0.875; key metric mean(1, 0.5) = 0.75; the other rows are missing
    row = one(
        {"research_type": "pure_basic", "driver": "scientific_goal", "expected_outputs": ["theory", "method"]}
    )
    assert row["basicness"] == pytest.approx((0.875 + 0.75) / 2)
    # goal sqrt(2) * 0.3 / 2, metric (0.3 + 0.5) / 2, and each row another 0.12; the interval ends at 1. The missing
    # rows would not be vaguer than twice the mean of these two, so that they make no difference.
    half = math.hypot(math.hypot(0.3 / 2**0.5, 0.12), math.hypot(0.4, 0.12)) / 2
    assert row["basicness_low"] == pytest.approx(1 - 2 * half)
    assert row["basicness_high"] == 1
    assert row["paradigm"] == "basic"


def test_rows_are_weighted():
    row = {"research_type": "pure_basic", "expected_outputs": ["product"]}
    assert one(row)["basicness"] == 0.5
    assert one(row, rows=RowWeights(primary_goal=3))["basicness"] == 0.75
    assert one(row, rows=RowWeights(key_metric=0))["basicness"] == 1


def test_repeated_outputs_count_once():
    assert one({"expected_outputs": ["theory", "theory", "product"]})["basicness"] == 0.5


def test_horizon_by_hand():
    # log(1 + years) / log(1 + 31) with 7 and 31 years: 3/5 and 1
    assert one({"years_to_outcome": 7.0}, saturation_years=31)["horizon"] == 0.6
    assert one({"years_to_outcome": 31.0}, saturation_years=31)["horizon"] == 1
    row = one({"years_to_outcome": 7.0}, saturation_years=31, half_widths=HalfWidths(years_to_outcome=0.1))
    assert interval(row, "horizon_years") == (7, pytest.approx(2**2.5 - 1), pytest.approx(2**3.5 - 1))


def test_stated_years_are_kept_beyond_the_saturation():
    row = one({"years_to_outcome": 50.0})
    assert (row["horizon"], row["horizon_years"], row["horizon_years_high"]) == (1, 50, 50)
    assert row["horizon_years_low"] < 30


def test_ambiguity_by_hand():
    # risk evidence at 0 and 1 with weights 1 and 0.5: mean 1/3, variance 2/9
    row = one({"success_probability": 1.0, "trl": 1}, ambiguity=AmbiguityWeights(disagreement=0))
    assert row["ambiguity"] == pytest.approx(2 * (2 / 9) ** 0.5)
    assert row["risk"] == pytest.approx(1 / 3)


def test_missing_risk_evidence_leaves_the_spread_less_certain():
    table = graded("ab", ("a", "x", "can", 3.5), ("b", "x", "can", 3.5))
    frame = table.frame.with_columns(success_probability=pl.lit(0.5), trl=pl.Series([5, None]))
    settings = ScoringSettings(feasibility=("can",), ambiguity=AmbiguityWeights(disagreement=0))
    found = score(
        Table(frame, table.reviews), scoring=settings, reviews=ReviewSettings(best=6, worst=1)
    ).frame
    assert found["ambiguity"].to_list() == [0, 0]
    # 0 -+ 0.1; of the weights 1, 0.5 and 1, the 0.5 is missing: 0 -+ (0.8 * 0.1 + 0.2)
    assert found["ambiguity_high"].to_list() == [0.2, 0.56]


@given(FULL_ROWS, st.floats(1, 6), st.sampled_from(["success_probability", "trl", "feasibility"]))
def test_missing_risk_evidence_never_narrows_ambiguity(row, grade, name):
    without = {key: value for key, value in row.items() if key != name}
    table = proposals(row, without)
    given = [("p0", "x", "can", grade), ("p1", "x", "can", None if name == "feasibility" else grade)]
    reviews = graded("", *given).reviews
    settings = ScoringSettings(feasibility=("can",))
    found = score(
        Table(table.frame, reviews), scoring=settings, reviews=ReviewSettings(best=6, worst=1)
    ).frame
    full, less = found["ambiguity_high"] - found["ambiguity_low"]
    assert less >= full - 1e-12


def test_reviewers_disagreement_is_ambiguity_and_poor_feasibility_is_risk():
    call = graded(
        "ab", ("a", "x", "can", 1), ("a", "y", "can", 6), ("b", "x", "can", 6), ("b", "y", "can", 6)
    )
    reviews = ReviewSettings(best=6, worst=1)
    frame = score(call, scoring=ScoringSettings(feasibility=("can",)), reviews=reviews).frame
    assert frame["ambiguity"].to_list() == [1, 0]
    assert frame["risk"].to_list() == [0.5, 0]
    assert frame["merit"].to_list() == [3.5, 6]


def test_feasibility_that_is_not_asked_for_does_not_widen():
    row = one({"success_probability": 0.5, "trl": 5})
    assert row["risk_high"] - row["risk_low"] == pytest.approx(2 * math.hypot(0.165, 0.175) / 1.5)


def test_a_further_column_is_evidence_on_its_row():
    table = proposals({"success_probability": 0.5}, {})
    frame = table.frame.with_columns(officer=pl.Series([1.0, 4.0]), years=pl.Series([5.0, None]))
    further = (
        ColumnEvidence(column="officer", row="risk_profile", applied=5, basic=1),
        ColumnEvidence(column="years", row="time_horizon", applied=0, basic=10),
    )
    found = score(Table(frame), scoring=ScoringSettings(further=further)).frame
    assert found["risk"].to_list() == [0.75, 0.25]
    assert found["horizon"].to_list() == [0.5, 0.5]
    assert found["horizon_low"].to_list() == [0.4, 0]
    assert found["horizon_years"].to_list() == pytest.approx([31**0.5 - 1] * 2)


def test_a_further_column_must_be_there_and_within_its_poles():
    wrong = ColumnEvidence(column="oficer", row="risk_profile", applied=1, basic=5)
    table = Table(proposals({}, {}).frame.with_columns(officer=pl.Series([2.0, 6.0])))
    with pytest.raises(PolicyError, match="did you mean 'officer'"):
        score(table, scoring=ScoringSettings(further=(wrong,)))
    with pytest.raises(DataError, match="'6' must be between 1 and 5"):
        score(table, scoring=ScoringSettings(further=(wrong.replace(column="officer"),)))


def test_columns_of_another_type_are_converted_or_refused():
    frame = pl.DataFrame({"id": ["a"], "success_probability": [1], "years_to_outcome": ["7"]})
    assert score(Table(frame)).frame["risk"].item() == 0
    with pytest.raises(DataError, match="column success_probability: cannot be used as Float64"):
        score(Table(frame.with_columns(success_probability=pl.lit("high"))))


def test_conflicts_are_questions_for_the_panel():
    row = one({"research_type": "pure_basic", "years_to_outcome": 2.0, "expected_outputs": ["market_share"]})
    assert row["conflicts"] == (
        "primary_goal (basic) against time_horizon (applied); "
        "primary_goal (basic) against key_metric (applied)"
    )


def test_early_career_is_among_the_scores():
    table = proposals({}, {})
    frame = table.frame.with_columns(doctorate_date=pl.Series([date(2020, 1, 1), date(2000, 1, 1)]))
    settings = EarlyCareerSettings(rule="erc_stg_2026", on=date(2026, 1, 1))
    assert score(Table(frame), early_career=settings).frame["early_career"].to_list() == [True, False]


def test_contributions_of_one_proposal_by_hand():
    scores = score(proposals({}, {"success_probability": 0.1, "research_type": "applied"}))
    found = scores.contributions("p1").filter(pl.col("score") != "ambiguity")
    assert found.columns == ["id", "score", "row", "evidence", "position", "weight", "contribution"]
    assert [tuple(row) for row in found.drop("id", "contribution").rows()] == [
        ("basicness", "primary_goal", "research_type", 0.25, 0.5),
        ("basicness", "risk_profile", "success_probability", 0.9, 0.5),
        ("risk", "risk_profile", "success_probability", 0.9, 1.0),
    ]
    assert found["contribution"].to_list() == pytest.approx([-0.125, 0.2, 0.4])
    assert scores.contributions("p0").height == 0


def test_contributions_of_several_keep_the_order_asked_for():
    scores = score(proposals(*[{"trl": 1}] * 3))
    assert scores.contributions("p2", "p0")["id"].unique(maintain_order=True).to_list() == ["p2", "p0"]
    assert scores.contributions()["id"].unique(maintain_order=True).to_list() == ["p0", "p1", "p2"]


def test_contributions_of_an_unknown_proposal():
    scores = score(proposals({}, {}))
    for ids in (("p9",), ("p0", "p9")):
        with pytest.raises(DataError, match="is not a proposal of this call"):
            scores.contributions(*ids)


def test_scores_can_be_copied_sent_and_shown():
    scores = score(proposals({"trl": 1}))
    assert len(scores) == 1
    for other in (copy.deepcopy(scores), pickle.loads(pickle.dumps(scores))):
        assert other.frame.equals(scores.frame)
        assert other.contributions("p0").equals(scores.contributions("p0"))
    assert scores.to_pandas().shape == (1, len(COLUMNS))
    assert "parts" not in repr(scores)


@given(CALLS)
def test_contributions_add_up_to_the_score(rows):
    scores = score(proposals(*rows))
    added = scores.contributions().group_by("id", "score").agg(pl.col("contribution").sum())
    for name in SCORES:
        mine = added.filter(pl.col("score") == name)
        total = scores.frame.join(mine, on="id", how="left")["contribution"].fill_null(0)
        assert (0.5 + total - scores.frame[name]).abs().max() <= 1e-12


@given(CALLS)
def test_every_score_is_bounded_and_in_its_interval(rows):
    frame = score(proposals(*rows)).frame
    for name in (*SCORES, "horizon_years"):
        low, middle, high = (frame[name + end] for end in ("_low", "", "_high"))
        assert (low <= middle).all()
        assert (middle <= high).all()
        assert low.min() >= 0
        assert name == "horizon_years" or high.max() <= 1


@given(CALLS, st.randoms())
def test_row_order_never_matters(rows, random):
    table = proposals(*rows)
    order = random.sample(range(len(rows)), len(rows))
    shuffled = score(Table(table.frame[order])).frame
    assert shuffled.equals(score(table).frame[order])


@given(ROWS, st.sampled_from(list(EVIDENCE)))
def test_missing_evidence_widens(row, name):
    without = {key: value for key, value in row.items() if key != name}
    full, less = score(proposals(row, without)).frame.rows(named=True)
    for key in ("basicness", "risk", "horizon"):
        narrow, wide = (found[f"{key}_high"] - found[f"{key}_low"] for found in (full, less))
        assert wide >= narrow - 1e-9


@given(ROWS)
def test_the_score_stays_within_what_the_evidence_says(row):
    found = score(proposals(row)).contributions()
    frame = score(proposals(row)).frame
    for name in SCORES:
        said = found.filter(pl.col("score") == name)["position"]
        low, high = (said.min(), said.max()) if said.len() else (0.5, 0.5)
        assert low - 1e-12 <= frame[name].item() <= high + 1e-12


MORE_BASIC = {
    "research_type": ("experimental_development", "applied", "oriented_basic", "basic", "pure_basic"),
    "driver": ("application_purpose", "scientific_goal", "curiosity"),
}


@given(FULL_ROWS, st.sampled_from(list(EVIDENCE)), st.data())
def test_scores_are_monotone_in_each_piece(row, name, data):
    """Less likely to succeed, less ready, later, or nearer to the basic pole: no score falls."""
    value = row[name]
    match name:
        case "success_probability":
            changed = data.draw(st.floats(0, value))
        case "trl":
            changed = data.draw(st.integers(1, value))
        case "years_to_outcome":
            changed = data.draw(st.floats(value, 200))
        case "expected_outputs":
            changed = [*value, "theory"]
        case _:
            words = MORE_BASIC[name]
            changed = data.draw(st.sampled_from(words[words.index(value) :]))
    before, after = score(proposals(row, row | {name: changed})).frame.rows(named=True)
    for key in ("basicness", "risk", "horizon", "horizon_years"):
        assert after[key] >= before[key]


@given(st.lists(st.floats(1, 6), min_size=2, max_size=6), st.floats(1, 3))
def test_reviewers_further_apart_are_never_less_ambiguous(grades, factor):
    mean = sum(grades) / len(grades)
    reach = max(abs(g - mean) for g in grades) or 1
    factor = min(factor, max(1, min(mean - 1, 6 - mean) / reach))
    apart = [min(6.0, max(1.0, mean + factor * (g - mean))) for g in grades]
    reviews = ReviewSettings(best=6, worst=1)
    one, two = (
        score(graded("a", *(("a", str(i), None, g) for i, g in enumerate(s))), reviews=reviews)
        .frame["ambiguity"]
        .item()
        for s in (grades, apart)
    )
    assert two >= one - 1e-9


def test_neighbours_never_change_a_score():
    rng = np.random.default_rng(0)
    frame = pl.DataFrame(
        {
            "id": [str(i) for i in range(1000)],
            "success_probability": rng.random(1000),
            "years_to_outcome": rng.random(1000) * 40,
        }
    )
    whole = score(Table(frame)).frame
    for size in (1, 7, 333):
        assert score(Table(frame[:size])).frame.equals(whole[:size])


def test_a_criterion_in_two_spellings_is_said():
    # A has the best grade on Quality and the worst on quality; the weight is for one of the two.
    grades = pl.DataFrame(
        {
            "proposal": ["A", "A", "B"],
            "reviewer": ["r1", "r2", "r1"],
            "criterion": ["Quality", "quality", "quality"],
            "score": [6, 1, 4],
        }
    )
    frame = pl.DataFrame({"id": ["A", "B"]})
    scores = score(Table(frame, grades), reviews=ReviewSettings(best=6, worst=1, weights={"quality": 1}))
    assert scores.frame["merit"].to_list() == [1.0, 4.0]
    (note,) = scores.notes
    assert "'Quality' and 'quality'" in note
    one = Table(frame, grades.with_columns(criterion=pl.lit("quality")))
    assert not score(one, reviews=ReviewSettings(best=6, worst=1)).notes
