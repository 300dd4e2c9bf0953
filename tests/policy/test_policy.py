"""A policy reads and writes without loss, and says everything that is wrong with it, with the line."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from random_policies import random_call, random_policy
from random_rules import random_case

import portfolio as pf
from portfolio.policy.keys import with_keys
from portfolio.policy.rules import exact
from portfolio.policy.source import line_of

TEXT = """\
currency = "CHF"
budget = 12_000_000.10   # a comment
must_fund = [
  "P-01",
  "P-02",
]

[reviews]
best = 6
worst = 1
[reviews.weights]
overall = 1.0

[objective]
zero = 3.0
size = "per_award"
partial = false

[early_career]
rule = "erc_stg_2027"
on = 2026-01-01

[traits]
high_risk = "risk >= 0.7"
young_investigator = "early_career"

[[reserve]]
trait = "high_risk"
share = 0.15
min_merit = 4.0

[[reserve]]
trait = "young_investigator"
share = 0.3
shortfall = "release"

[[limit]]
per = "institution"
max_share = 0.05

[[link]]
kind = "at_most"
k = 1
per = "investigator"

[[coverage]]
per = "bottlenecks"

[solver]
gap = 1e-3
"""


def read(tmp_path: Path, text: str, **changes: str) -> pf.Policy:
    for old, new in changes.items():
        assert old in text or not old
        text = text.replace(old, new)
    path = tmp_path / "policy.toml"
    path.write_text(text, encoding="utf-8")
    return pf.read_policy(path)


def refused(tmp_path: Path, *changes: tuple[str, str]) -> list[str]:
    text = TEXT
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    with pytest.raises(pf.PolicyError) as error:
        read(tmp_path, text)
    assert error.value.exit_code == 3
    return [str(issue) for issue in error.value.issues]


def test_a_policy_is_read_as_it_is_written(tmp_path: Path) -> None:
    policy = read(tmp_path, TEXT)
    assert policy.budget == Decimal("12000000.10")
    assert policy.budgets == (Decimal("12000000.10"),)
    assert policy.must_fund == ("P-01", "P-02")
    assert policy.early_career == pf.EarlyCareerSettings(rule="erc_stg_2027", on=date(2026, 1, 1))
    assert policy.reserve[1] == pf.Reserve(trait="young_investigator", share=0.3, shortfall="release")
    assert policy.solver.gap == 1e-3
    assert read(tmp_path, policy.to_toml()) == policy


@given(st.integers(0, 10**6))
def test_what_is_written_is_read_back(tmp_path_factory: pytest.TempPathFactory, seed: int) -> None:
    rng = np.random.default_rng(seed)
    plain = random_policy(rng, random_call(rng, 8, int(rng.choice([0, 2]))))
    for policy in (plain, random_case(seed)[1]):
        assert read(tmp_path_factory.mktemp("policy"), policy.to_toml()) == policy


# A share of less than 1e-30 is no share that anybody means, and is refused.
@given(st.decimals(0, 10**15, places=2), st.just(0.0) | st.floats(1e-29, 1))
def test_money_and_shares_lose_no_digit(
    tmp_path_factory: pytest.TempPathFactory, money: Decimal, share: float
) -> None:
    policy = pf.Policy(budget=money, traits={"a": "b"}, reserve=[pf.Reserve(trait="a", share=share)])
    again = read(tmp_path_factory.mktemp("policy"), policy.to_toml())
    assert again == policy
    assert again.budgets == (money,)
    assert exact(again.reserve[0].share) == exact(share)


def test_a_share_is_the_decimal_that_was_written() -> None:
    assert exact(0.1) == Fraction(1, 10)
    assert exact(1e-05) == Fraction(1, 100_000)


def test_windows_line_ends_and_byte_order_marks_are_read(tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    path.write_bytes(b"\xef\xbb\xbf" + TEXT.replace("\n", "\r\n").encode())
    assert pf.read_policy(path) == read(tmp_path, TEXT)


def test_overrides_replace_keys_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    path.write_text(TEXT)
    assert pf.read_policy(path, budget=7).budget == 7


def test_the_schema_describes_every_key() -> None:
    schema = pf.Policy.model_json_schema()
    assert set(schema["properties"]) == set(pf.Policy.model_fields)
    assert set(schema["$defs"]["Reserve"]["properties"]) == set(pf.Reserve.model_fields)


CASES = [
    (
        ("zero = 3.0", "zeroo = 3.0"),
        "policy.toml, line 15, key objective.zeroo: is not known\n    did you mean 'zero'?",
    ),
    (
        ("[[coverage]]", "[[covrage]]"),
        "policy.toml, line 46, key covrage: is not known\n    did you mean 'coverage'?",
    ),
    (
        ('trait = "high_risk"', 'trait = "high_rsk"'),
        "policy.toml, line 28, key reserve[1].trait: 'high_rsk' is not a trait\n    did you mean 'high_risk'?",
    ),
    (("share = 0.3", "share = 1.3"), "policy.toml, line 34, key reserve[2].share: '1.3' must be at most 1"),
    (("gap = 1e-3", "gap = true"), "policy.toml, line 50, key solver.gap: 'true' must be a number"),
    (
        ("gap = 1e-3", 'engine = "pulp:CBS"'),
        "policy.toml, line 50, key solver.engine: 'pulp:CBS' is not a known engine\n    did you mean 'pulp:CBC'?",
    ),
    (
        ("k = 1\n", ""),
        "policy.toml, line 41, key link[1].k: is missing\n    a link of kind 'at_most' needs it",
    ),
    (
        ("max_share = 0.05\n", ""),
        "policy.toml, line 37, key limit[1]: limits nothing\n"
        "    add min_ or max_ with share, amount or awards, or max_gap",
    ),
    (
        ("max_share = 0.05", "max_share = 0.05\nmin_share = 0.1"),
        "policy.toml, line 40, key limit[1].min_share: '0.1 > 0.05' is more than max_share\n    swap them?",
    ),
    (
        ("share = 0.15", "share = 0.15\namount = 5"),
        "policy.toml, line 27, key reserve[1]: needs either share or amount\n    give exactly one of the two",
    ),
    (
        ('per = "institution"\n', ""),
        "policy.toml, line 37, key limit[1]: needs one of per, where and trait\n"
        "    give exactly one of the three; for all proposals together write where = 'TRUE'",
    ),
    (
        ("budget = 12_000_000.10", "budget = -1"),
        "policy.toml, line 2, key budget: '-1' must be at least 0",
    ),
    (
        ("partial = false", "partial = 'some'"),
        "policy.toml, line 17, key objective.partial: 'some' must be true or false",
    ),
    (
        ('currency = "CHF"', 'currency = "CHF"\n[columns]\namonut = "A"\n[extra]'),
        None,
    ),
]


@pytest.mark.parametrize(("change", "expected"), CASES)
def test_each_fault_names_the_line_and_the_nearest_name(
    tmp_path: Path, change: tuple[str, str], expected: str | None
) -> None:
    issues = refused(tmp_path, change)
    if expected is not None:
        assert issues == [expected]


def test_all_faults_are_reported_at_once(tmp_path: Path) -> None:
    changes = [case[0] for case in CASES[:3]] + [("k = 1\n", "")]
    issues = refused(tmp_path, *changes)
    assert len(issues) == 4


def test_unknown_columns_names_of_traits_and_double_reserves(tmp_path: Path) -> None:
    issues = refused(
        tmp_path, ("[traits]", '[columns]\namonut = "A"\namount_y1 = "B"\n[traits]\nmerit = "true"')
    )
    assert "did you mean 'amount'?" in issues[1]
    assert "cannot be the name of a trait" in issues[0]
    doubled = refused(tmp_path, ('trait = "young_investigator"', 'trait = "high_risk"'))
    assert len(doubled) == 2
    assert "has more than one reserve" in doubled[0]


@pytest.mark.parametrize("table", ["traits", "derive"])
@pytest.mark.parametrize(
    ("name", "value"),
    [("eligible", "'amount <= 50'"), ("only", "'year = 2019'"), ("must_fund", "'A'"), ("currency", "'CHF'")],
)
def test_a_key_of_the_top_below_a_table_of_free_names_is_refused(
    tmp_path: Path, table: str, name: str, value: str
) -> None:
    issues = refused(
        tmp_path, ("[traits]", f"[{table}]\n{name} = {value}\n" + "[traits]" * (table != "traits"))
    )
    assert f"key {table}.{name}: is a key of the top of a policy" in issues[0]
    assert f"to set {name}, write it above the first [table] of the file" in issues[0]


def test_tables_may_share_their_name_with_a_trait_or_column() -> None:
    made = pf.Policy(budget=1, traits={"stable": "a = 1"}, derive={"exploratory": "a = 2"})
    assert "exploratory" in made.derive


def test_over_and_above_and_amounts_need_the_budget_as_base() -> None:
    spent = pf.Reserve(trait="a", share=0.1, base="spent")
    with pytest.raises(pf.PolicyError, match="makes no sense over and above"):
        pf.Policy(budget=1, traits={"a": "b"}, reserve=[spent], reserve_order="over_and_above")
    with pytest.raises(pf.PolicyError, match="makes no sense with an amount"):
        pf.Policy(budget=1, traits={"a": "b"}, reserve=[pf.Reserve(trait="a", amount=1, base="spent")])


def test_more_reserves_than_can_count_once_are_refused() -> None:
    traits = {f"t{i}": "true" for i in range(11)}
    reserves = [pf.Reserve(trait=trait, share=0.01) for trait in traits]
    with pytest.raises(pf.PolicyError, match="is too much for so many reserves"):
        pf.Policy(budget=1, traits=traits, reserve=reserves, reserve_accounting="one_to_one")


LINKS = [
    (pf.Link(kind="at_most", k=1), "needs either per or proposals"),
    (pf.Link(kind="at_most", k=1, per="a", value=1.0), "does not belong"),
    (pf.Link(kind="requires", proposal="a", needs="a"), "is the proposal itself"),
    (pf.Link(kind="requires", proposal="a"), "is missing"),
    (pf.Link(kind="all_or_none", proposals=["a"]), "needs two or more different proposals"),
    (pf.Link(kind="synergy", proposals=["a", "b"]), "is missing"),
    (pf.Link(kind="synergy", proposals=["a", "a"], value=1.0), "needs two or more different proposals"),
]


@pytest.mark.parametrize(("link", "what"), LINKS)
def test_links_that_make_no_sense(link: pf.Link, what: str) -> None:
    with pytest.raises(pf.PolicyError, match=what):
        pf.Policy(budget=1, link=[link])


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"budget = ", "is not valid TOML"),
        (b"budget = 1\nbudget = 2", "is not valid TOML"),
        (b"a = " + b"[" * 10_000, "is not valid TOML"),
        ("currency = 'CHF' # Zürich".encode("cp1252"), "is not UTF-8 text"),
        (b"", "budget: is missing"),
        (b'budget = "12"', "must be an amount of money"),
        (b"budget = [1, nan]", "must be"),
        (b"budget = []", "budget"),
        (b"budget = 1\ntraits = 5", "must be a table"),
        (b"budget = 1\nreserve = 5", "must be a list"),
        (b"budget = 1\nreserve = [5]", "reserve"),
    ],
)
def test_broken_files_are_refused_in_words(tmp_path: Path, content: bytes, what: str) -> None:
    path = tmp_path / "policy.toml"
    path.write_bytes(content)
    with pytest.raises(pf.PolicyError, match=what) as error:
        pf.read_policy(path)
    assert "policy.toml" in str(error.value)


def test_a_missing_file_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(
        pf.PolicyError, match=r"cannot be read: No such file or directory\n    check the path"
    ):
        pf.read_policy(tmp_path / "none.toml")
    with pytest.raises(pf.PolicyError, match="cannot be read"):
        pf.read_policy(tmp_path)


def test_lines_are_found_in_lists_and_after_comments() -> None:
    assert line_of(TEXT, ("must_fund", 1)) == 3
    assert line_of(TEXT, ("reserve", 1, "share")) == 34
    assert line_of(TEXT, ("reserve", 1, "nothing")) == 32
    assert line_of(TEXT, ("nothing",)) is None
    assert line_of("", ("a",)) is None


def test_a_policy_is_replaced_and_never_changed(tmp_path: Path) -> None:
    policy = read(tmp_path, TEXT)
    changed = policy.replace(budget=5, solver=pf.SolverSettings(gap=0.5))
    assert (policy.solver.gap, changed.solver.gap, changed.budget) == (1e-3, 0.5, 5)
    with pytest.raises(ValueError, match="frozen"):
        policy.budget = 3
    with pytest.raises(pf.PolicyError, match=r"policy\.toml, line 28"):
        policy.replace(traits={"young_investigator": "early_career"})


def test_what_was_changed_is_in_no_line_of_the_file(tmp_path: Path) -> None:
    policy = read(tmp_path, TEXT)
    for change, said in (
        (lambda: policy.replace(budget=-5), "policy, key budget: '-5' must be at least 0"),
        (lambda: with_keys(policy, {"reserve.2.share": 2}), "policy, key reserve[2].share: '2' must be at"),
        (lambda: with_keys(policy, {"reserve.2.amount": 2}), "policy, key reserve[2]: needs either share or"),
        (lambda: policy.replace(budget=7).replace(currency="x"), "policy, key currency: 'x'"),
        (lambda: pf.read_policy(tmp_path / "policy.toml", budget=-5), "policy, key budget: '-5' must be at"),
        # What stands in the file keeps its line, in the same list too.
        (
            lambda: with_keys(policy, {"reserve.2.share": 0.1, "traits": {"early": "true"}}),
            "policy.toml, line 28, key reserve[1].trait",
        ),
    ):
        with pytest.raises(pf.PolicyError) as error:
            change()
        assert said in str(error.value)
        assert ("line" in str(error.value)) is ("line" in said)


def test_columns_of_reviews_may_be_written_with_or_without_quotes(tmp_path: Path) -> None:
    quoted = read(tmp_path, TEXT.replace("[reviews]", '[columns]\n"reviews.score" = "Grade"\n[reviews]', 1))
    dotted = read(tmp_path, TEXT.replace("[reviews]", '[columns]\nreviews.score = "Grade"\n[reviews]', 1))
    assert quoted == dotted
    assert quoted.columns == {"reviews.score": "Grade"}
