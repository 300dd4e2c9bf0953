from hashlib import sha256

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scoring.cases import EVIDENCE, ROWS, SCHEMA, Table
from scoring.texts import labelled, texts_of

import portfolio as pf
from portfolio.errors import DataError, PolicyError
from portfolio.report import as_record
from portfolio.scoring import ScoringSettings, TextSettings, score
from portfolio.scoring.text.evidence import beside, text_positions

BASIC = "We ask why there is a theory of the universe and how it was discovered."
APPLIED = "A product for the market and for the users of it, cheap to manufacture."
SILENT = "It is what it was, and it will be so for all of us."
ITALIAN = "Vogliamo sapere perché le cellule del cuore smettono di dividersi poco dopo la nascita."
TEXTS = st.sampled_from([BASIC, APPLIED, SILENT, ITALIAN, None, f"{BASIC} {APPLIED}"])
SETTINGS = ScoringSettings(text=TextSettings(columns=("title",)))
UNIT = st.floats(0, 1)


def call(*rows):
    filled = [{**dict.fromkeys(SCHEMA), "title": None, "id": f"p{i}", **row} for i, row in enumerate(rows)]
    return Table(pl.DataFrame(filled, schema={**SCHEMA, "title": pl.String}))


def scored(*rows, settings=SETTINGS):
    return score(call(*rows), scoring=settings)


def row_position(scores, name):
    found = scores.contributions("p0").filter(pl.col("row") == name, pl.col("score") == "basicness")
    return (found["position"] * found["weight"]).sum() / found["weight"].sum() if found.height else None


def test_beside_by_hand():
    text = np.array([0.9, 0.9, 0.9, 0.9, np.nan, 0.2])
    entered = np.array([np.nan, 0.8, 0.5, 0.3, 0.3, 0.3])
    found = beside(text, entered, 0.25)
    assert found.position[:4].tolist() == [0.9, 0.9, 0.5, 0.5]
    assert np.isnan(found.position[4])
    assert found.position[5] == 0.2
    assert found.half_width.tolist() == [0.25] * 6


@given(TEXTS)
def test_a_text_alone_is_never_sure_of_a_side(text):
    found = scored({"title": text}).frame.row(0, named=True)
    assert found["basicness_low"] <= 0.5 <= found["basicness_high"]


def test_a_text_alone_by_hand():
    position = pf.ParadigmTextScorer().predict_proba([BASIC])[0, 1]
    row = scored({"title": BASIC}).frame.row(0, named=True)
    assert row["basicness"] == pytest.approx(position)


def test_without_the_setting_texts_are_no_evidence():
    assert scored({"title": BASIC}, settings=ScoringSettings()).frame["basicness"].item() == 0.5
    assert text_positions(call({"title": BASIC}).frame, None) is None


def test_what_cannot_be_read_is_missing_evidence():
    for text in (None, SILENT, ITALIAN):
        found = scored({"title": text}).frame.row(0, named=True)
        assert (found["basicness"], found["basicness_low"], found["basicness_high"]) == (0.5, 0, 1)


ENTERED = st.fixed_dictionaries({}, optional={k: v for k, v in EVIDENCE.items() if k != "trl"})


@given(ENTERED, TEXTS)
def test_a_text_never_moves_a_row_across_the_middle(row, text):
    without, with_text = scored(row), scored({**row, "title": text})
    for name in ("primary_goal", "key_metric"):
        before, after = row_position(without, name), row_position(with_text, name)
        if before is not None:
            assert np.sign(round(after - 0.5, 12)) == np.sign(round(before - 0.5, 12))


def test_an_officers_rating_is_entered_evidence_too():
    table = call({"title": BASIC})
    frame = table.frame.with_columns(officer=pl.lit(2.0))
    rating = pf.ColumnEvidence(column="officer", row="primary_goal", applied=1, basic=5)
    found = score(Table(frame), scoring=SETTINGS.replace(further=(rating,)))
    assert row_position(found, "primary_goal") < 0.5


@given(ROWS, TEXTS)
def test_contributions_add_up_and_scores_are_in_their_intervals(row, text):
    found = scored({**row, "title": text})
    frame = found.frame.row(0, named=True)
    for name in ("basicness", "risk", "ambiguity", "horizon"):
        added = found.contributions("p0").filter(score=name)["contribution"].sum()
        assert frame[name] == pytest.approx(0.5 + added, abs=1e-12)
        assert 0 <= frame[f"{name}_low"] <= frame[name] <= frame[f"{name}_high"] <= 1


@given(ROWS, TEXTS, st.sampled_from([*EVIDENCE, "title"]))
def test_missing_evidence_widens(row, text, name):
    full = {**row, "title": text}
    less = {key: value for key, value in full.items() if key != name}
    one, two = scored(full, less).frame.rows(named=True)
    for key in ("basicness", "risk", "horizon"):
        width = one[f"{key}_high"] - one[f"{key}_low"]
        assert two[f"{key}_high"] - two[f"{key}_low"] >= width - 1e-12


ORDER = ("experimental_development", "applied", "oriented_basic", "basic", "pure_basic")


@given(ROWS, TEXTS, st.sampled_from(ORDER), st.sampled_from(ORDER))
def test_basicness_is_monotone_in_what_people_enter(row, text, one, two):
    kinds = sorted((one, two), key=ORDER.index)
    low, high = scored(*({**row, "title": text, "research_type": kind} for kind in kinds)).frame["basicness"]
    assert low <= high


@given(ROWS, UNIT, UNIT)
def test_basicness_is_monotone_in_the_text(row, one, two):
    entered = np.array([0.3, 0.5, 0.7, np.nan])
    low, high = (beside(np.full(4, value), entered, 0.2) for value in sorted((one, two)))
    assert (low.position <= high.position).all()


@given(st.lists(st.tuples(ROWS, TEXTS), min_size=1, max_size=5), st.randoms())
def test_row_order_never_matters(rows, random):
    table = call(*({**row, "title": text} for row, text in rows))
    order = random.sample(range(len(rows)), len(rows))
    shuffled = score(Table(table.frame[order]), scoring=SETTINGS).frame
    assert shuffled.equals(score(table, scoring=SETTINGS).frame[order])


def test_a_column_that_is_not_there():
    with pytest.raises(PolicyError, match=r"scoring\.text\.columns: 'titel' is not a column of the call"):
        scored({"title": BASIC}, settings=ScoringSettings(text=TextSettings(columns=("titel",))))


def test_a_further_column_cannot_be_called_text():
    further = (pf.ColumnEvidence(column="text", row="primary_goal", applied=0, basic=1),)
    with pytest.raises(ValueError, match="count twice: text"):
        ScoringSettings(further=further, text=TextSettings())


def test_an_unknown_language_is_refused():
    with pytest.raises(ValueError, match="did you mean 'en'"):
        TextSettings(language="eng")


POLICY = """
budget = 1000000
[scoring.text]
model = "models/ours.json"
"""


def test_the_model_stands_beside_the_policy(tmp_path, monkeypatch):
    past = labelled(60)
    scorer = pf.ParadigmTextScorer().fit(texts_of(past), past["kind"].to_list())
    (tmp_path / "policy.toml").write_text(POLICY)
    policy = pf.read_policy(tmp_path / "policy.toml")
    frame = past.select("id", "title", "abstract", "amount").with_columns(merit=pl.lit(4.0))
    with pytest.raises(DataError, match=r"ours.json: cannot be read"):
        _ = pf.Problem(pf.Call.from_frame(frame), policy).instance
    scorer.save(tmp_path / "models" / "ours.json")
    monkeypatch.chdir("/")
    scores = pf.Problem(pf.Call.from_frame(frame), policy.replace(budget=2_000_000)).instance.scores.frame
    assert scores.sort("id")["basicness"].to_list() == pytest.approx(scorer.evidence(texts_of(past)).tolist())
    decision = pf.optimize(pf.Call.from_frame(frame), policy)
    digest = sha256((tmp_path / "models" / "ours.json").read_bytes()).hexdigest()
    assert as_record(decision)["inputs"] == [{"role": "text model", "name": "ours.json", "sha256": digest}]
    assert pf.read_policy(tmp_path / "policy.toml").to_toml() == policy.to_toml()
    assert str(tmp_path) not in policy.to_toml()
