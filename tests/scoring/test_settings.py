import tomllib
from datetime import date

import pytest
import tomli_w

from portfolio.scoring import EarlyCareerSettings, ReviewSettings, ScoringSettings
from portfolio.scoring.settings import ColumnEvidence, RowWeights

TOML = """
[reviews]
best = 6
worst = 1
[reviews.weights]
overall = 1.0

[scoring]
feasibility = ["feasibility"]
saturation_years = 40
[scoring.rows]
risk_profile = 2
[scoring.evidence]
trl = 0.0
[[scoring.further]]
column = "officer"
row = "primary_goal"
applied = 1
basic = 5

[scoring.text]
columns = ["title"]
model = "ours.json"
language = "en"

[early_career]
on = 2027-01-01
[early_career.rule]
name = "ours"
counted_from = ["doctorate_date"]
max_years = { man = 8, woman = 10 }
[early_career.rule.extensions]
parental_leave_months = "in_full"
illness_months = 12
"""
TABLES = {"reviews": ReviewSettings, "scoring": ScoringSettings, "early_career": EarlyCareerSettings}


@pytest.mark.parametrize("table", TABLES)
def test_settings_round_trip_through_toml(table):
    value = TABLES[table].model_validate(tomllib.loads(TOML)[table])
    written = tomli_w.dumps(value.model_dump(exclude_none=True))
    assert TABLES[table].model_validate(tomllib.loads(written)) == value


def test_settings_keep_what_is_not_given():
    scoring = ScoringSettings.model_validate(tomllib.loads(TOML)["scoring"])
    assert scoring.rows == RowWeights(risk_profile=2)
    assert scoring.evidence.driver == 1
    assert scoring.further[0] == ColumnEvidence(column="officer", row="primary_goal", applied=1, basic=5)


def test_settings_have_a_json_schema():
    for settings in TABLES.values():
        assert settings.model_json_schema()["type"] == "object"


def test_a_named_rule_round_trips_by_its_name():
    settings = EarlyCareerSettings(rule="nih_esi", on=date(2026, 1, 1))
    assert settings.model_dump() == {"rule": "nih_esi", "on": date(2026, 1, 1)}
    assert settings.replace(on=date(2027, 1, 1)).on.year == 2027


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: ReviewSettings(best=3, worst=3), "best and worst must differ"),
        (lambda: ReviewSettings(best=6, worst=1, method="median"), "severity"),
        (lambda: ReviewSettings(best=6, worst=1, bayes={"draws": 500, "most_draws": 400}), "at least draws"),
        (lambda: ReviewSettings(best=6, worst=1, weights={"a": 0}), "at least one criterion"),
        (lambda: ReviewSettings(best=6, worst=1, weights={"a": -1}), "greater than or equal to 0"),
        (lambda: ReviewSettings(best=float("inf"), worst=1), "finite"),
        (
            lambda: RowWeights(primary_goal=0, risk_profile=0, time_horizon=0, key_metric=0),
            "at least one row",
        ),
        (lambda: ScoringSettings(applied_below=0.7), "less than basic_above"),
        (lambda: ScoringSettings(conflict_distance=0.4), "greater than or equal to 0.5"),
        (lambda: ColumnEvidence(column="a", row="key_metric", applied=1, basic=1), "must differ"),
        (
            lambda: ScoringSettings(
                further=(ColumnEvidence(column="trl", row="key_metric", applied=1, basic=2),)
            ),
            "twice",
        ),
        (lambda: ScoringSettings.model_validate({"rows": {"risk": 1}}), "risk"),
    ],
)
def test_settings_that_make_no_sense_are_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()
