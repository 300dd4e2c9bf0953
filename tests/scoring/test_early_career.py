from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scoring.cases import NEW_YEAR_2026, NEW_YEAR_2027, person

from portfolio.scoring import EARLY_CAREER_RULES, EarlyCareerRule, EarlyCareerSettings
from portfolio.scoring.early_career import early_career

DAY = timedelta(days=1)


def decide(rule, on, **columns):
    return early_career(person(**columns), EarlyCareerSettings(rule=rule, on=on)).item()


@pytest.mark.parametrize(
    ("rule", "on", "first", "last"),
    [
        ("erc_stg_2026", NEW_YEAR_2026, date(2019, 1, 1), date(2024, 1, 1)),
        ("erc_cog_2026", NEW_YEAR_2026, date(2014, 1, 1), date(2018, 12, 31)),
        ("erc_stg_2027", NEW_YEAR_2027, date(2017, 1, 1), date(2027, 1, 1)),
        ("erc_cog_2027", NEW_YEAR_2027, date(2012, 1, 1), date(2022, 1, 1)),
    ],
)
def test_erc_windows_on_their_boundary_days(rule, on, first, last):
    assert decide(rule, on, doctorate_date=first) is True
    assert decide(rule, on, doctorate_date=last) is True
    assert decide(rule, on, doctorate_date=first - DAY) is False
    assert decide(rule, on, doctorate_date=last + DAY) is False


def test_erc_extensions_and_their_caps():
    def stg(**columns):
        return decide("erc_stg_2026", NEW_YEAR_2026, **columns)

    assert stg(doctorate_date=date(2017, 7, 1), parental_leave_months=18) is True
    assert stg(doctorate_date=date(2017, 6, 30), parental_leave_months=18) is False
    assert stg(doctorate_date=date(2017, 6, 30), parental_leave_months=18, illness_months=1) is True
    assert stg(doctorate_date=date(2018, 1, 1), career_break_months=12) is True
    assert stg(doctorate_date=date(2015, 1, 1), clinical_training_months=60) is True
    assert stg(doctorate_date=date(2014, 12, 31), clinical_training_months=60) is False
    assert stg(doctorate_date=date(2014, 12, 31), clinical_training_months=60, service_months=1) is True


def test_an_extension_does_not_delay_the_start_of_the_window():
    assert decide("erc_cog_2026", NEW_YEAR_2026, doctorate_date=date(2018, 12, 31), illness_months=24) is True


def test_nih_esi_counts_from_the_later_of_degree_and_training():
    def esi(**columns):
        return decide("nih_esi", date(2026, 6, 5), **{"prior_major_award": False} | columns)

    assert esi(doctorate_date=date(2016, 6, 5)) is True
    assert esi(doctorate_date=date(2016, 6, 4)) is False
    assert esi(doctorate_date=date(2010, 1, 1), clinical_training_end=date(2016, 6, 5)) is True
    assert esi(doctorate_date=date(2016, 6, 5), clinical_training_end=date(2010, 1, 1)) is True
    assert esi(doctorate_date=date(2015, 6, 5), parental_leave_months=12) is True
    assert esi(doctorate_date=date(2026, 6, 6)) is False


def test_nih_esi_asks_for_prior_awards():
    def esi(**columns):
        return decide("nih_esi", date(2026, 6, 5), **columns)

    assert esi(doctorate_date=date(2020, 1, 1), prior_major_award=True) is False
    assert esi(doctorate_date=date(2020, 1, 1), prior_major_award=None) is None
    assert esi(doctorate_date=date(2020, 1, 1)) is None
    assert esi(doctorate_date=date(2000, 1, 1)) is False
    assert esi(prior_major_award=True) is False
    assert esi(prior_major_award=False) is None


@pytest.mark.parametrize(("gender", "year"), [("man", 1991), ("woman", 1986)])
def test_nsfc_youth_on_the_boundary_day(gender, year):
    def youth(born):
        return decide("nsfc_youth", NEW_YEAR_2026, birth_date=born, gender=gender)

    assert youth(date(year, 1, 1)) is True
    assert youth(date(year - 1, 12, 31)) is False


@pytest.mark.parametrize("gender", [None, "other"])
def test_where_the_rule_does_not_name_the_gender_only_clear_cases_are_decided(gender):
    def youth(year):
        return decide("nsfc_youth", NEW_YEAR_2026, birth_date=date(year, 1, 1), gender=gender)

    assert [youth(year) for year in (1991, 1990, 1986, 1985)] == [True, None, None, False]


def test_nsfc_youth_has_no_extensions():
    assert (
        decide("nsfc_youth", NEW_YEAR_2026, birth_date=date(1990, 1, 1), gender="man", career_break_months=24)
        is False
    )


def test_what_the_data_states_decides():
    old = {"doctorate_date": date(1990, 1, 1)}
    assert decide("erc_stg_2026", NEW_YEAR_2026, early_career=True, **old) is True
    assert decide("erc_stg_2026", NEW_YEAR_2026, early_career=None, **old) is False
    assert early_career(person(early_career=False), None).item() is False
    assert early_career(person(), None).item() is None
    assert decide("erc_stg_2026", NEW_YEAR_2026) is None


@pytest.mark.parametrize(
    ("doctorate", "on", "expected"),
    [
        (date(2016, 2, 29), date(2026, 2, 28), True),
        (date(2016, 2, 29), date(2026, 3, 1), False),
        (date(2016, 2, 28), date(2026, 2, 28), True),
        (date(2016, 2, 27), date(2026, 2, 28), False),
        (date(2014, 2, 28), date(2024, 2, 29), False),
        (date(2014, 3, 1), date(2024, 2, 29), True),
    ],
)
def test_leap_days(doctorate, on, expected):
    assert decide("nih_esi", on, doctorate_date=doctorate, prior_major_award=False) is expected


def test_months_that_are_too_short():
    # 120 + 1 months after 31 January is the end of February
    columns = {"doctorate_date": date(2016, 1, 31), "illness_months": 1, "prior_major_award": False}
    assert decide("nih_esi", date(2026, 2, 28), **columns) is True
    assert decide("nih_esi", date(2026, 3, 1), **columns) is False


OWN = {
    "name": "ours_2026",
    "counted_from": ["doctorate_date"],
    "min_years": 1,
    "max_years": 5,
    "includes_min": False,
    "includes_max": False,
    "extensions": {"parental_leave_months": 24, "career_break_months": 0},
}


def test_a_rule_of_the_funders_own():
    own = EarlyCareerSettings.model_validate({"rule": OWN, "on": NEW_YEAR_2026})
    assert own.resolved.name == "ours_2026"

    def ours(**columns):
        return early_career(person(**columns), own).item()

    assert ours(doctorate_date=date(2021, 1, 1)) is False
    assert ours(doctorate_date=date(2021, 1, 2)) is True
    assert ours(doctorate_date=date(2025, 1, 1)) is False
    assert ours(doctorate_date=date(2024, 12, 31)) is True
    assert ours(doctorate_date=date(2021, 1, 1), career_break_months=6) is False
    assert ours(doctorate_date=date(2019, 1, 2), parental_leave_months=30) is True
    assert ours(doctorate_date=date(2019, 1, 1), parental_leave_months=30) is False


@given(
    st.dates(date(1990, 1, 1), date(2030, 1, 1)),
    st.dates(date(2000, 1, 1), date(2030, 1, 1)),
    st.integers(0, 60),
)
def test_agrees_with_a_calendar(doctorate, on, months):
    """The last day is the same day of the month, or the last of a shorter month."""
    answer = decide("nih_esi", on, doctorate_date=doctorate, service_months=months, prior_major_award=False)
    last = pl.Series([doctorate]).dt.offset_by(f"{120 + months}mo").item()
    assert answer is (doctorate <= on <= last)


@given(st.dates(date(1990, 1, 1), date(2026, 1, 1)), st.integers(0, 60), st.integers(0, 24))
def test_a_longer_break_never_harms(doctorate, months, more):
    before, after = (
        decide("erc_stg_2026", NEW_YEAR_2026, doctorate_date=doctorate, illness_months=m)
        for m in (months, months + more)
    )
    assert after or not before


def test_presets_are_named_by_their_keys_and_say_their_source():
    assert list(EARLY_CAREER_RULES) == [
        "nih_esi",
        "erc_stg_2026",
        "erc_stg_2027",
        "erc_cog_2026",
        "erc_cog_2027",
        "nsfc_youth",
    ]
    for name, rule in EARLY_CAREER_RULES.items():
        assert rule.name == name
        assert rule.source
        assert rule.counted_to
    with pytest.raises(TypeError):
        EARLY_CAREER_RULES["new"] = None


def test_rules_that_make_no_sense_are_refused():
    with pytest.raises(ValueError, match="must not be less than min_years"):
        EarlyCareerRule(name="x", counted_from=("birth_date",), min_years=5, max_years=4)
    with pytest.raises(ValueError, match="at least one gender"):
        EarlyCareerRule(name="x", counted_from=("birth_date",), max_years={})
    with pytest.raises(ValueError, match="counted_from"):
        EarlyCareerRule(name="x", counted_from=("start_date",), max_years=4)


def test_an_unknown_rule_is_refused_with_the_nearest():
    with pytest.raises(ValueError, match=r"is not a known rule: did you mean 'erc_stg_2027'\?"):
        EarlyCareerSettings(rule="erc_stg_27", on=NEW_YEAR_2027)
