import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scoring.cases import Table, proposals
from small import call, policy

import portfolio as pf
from portfolio.call.shares import shares_of
from portfolio.errors import DataError
from portfolio.scoring import ScoringSettings, score
from portfolio.scoring.diversity import code_distance, rao_stirling
from portfolio.scoring.settings import FieldDistance

SHARES = st.dictionaries(
    st.sampled_from(["1.1", "1.2", "2.1", "3", "6.5.1"]), st.integers(1, 100), min_size=1
)


def diversity(*cells, **settings):
    made = call(amount=[1] * len(cells), fields=list(cells))
    return score(made, scoring=ScoringSettings(**settings)).frame["interdisciplinarity"].to_list()


def test_by_hand():
    # 2 * 0.6 * 0.4 at distance 1; the same at 0.5 within natural sciences; a single field
    assert diversity("1.1: 60%; 2.3: 40%", "1.1: 60%; 1.3: 40%", "1.1", None) == pytest.approx(
        [0.48, 0.24, 0.0, None]
    )
    # three equal fields, two of them close: 2 / 9 * (1 + 1 + 0.5)
    assert diversity("1.1;1.2;5.1")[0] == pytest.approx(5 / 9)


def test_the_policy_knows_better_than_the_codes():
    near = (FieldDistance(between=("2.3", "1.1"), distance=0.1),)
    assert diversity("1.1;2.3", "1.1;3.3", distance=near) == pytest.approx([0.05, 0.5])


def test_distances_of_codes():
    assert [code_distance("1.1", other) for other in ("1.1", "1.3", "2.1", "1")] == pytest.approx(
        [0, 0.5, 1, 1 / 3]
    )
    assert code_distance("physics", "law") == 1
    assert code_distance("1.1.2", "1.1.4") == pytest.approx(1 / 3)


def test_weights_are_shares():
    assert shares_of(["1.1: 3", "2.3: 1"]) == {"1.1": 0.75, "2.3": 0.25}
    assert shares_of(["1.1 :60%", "2.3: 40 %", "3.2: 0%"]) == pytest.approx(
        {"1.1": 0.6, "2.3": 0.4, "3.2": 0}
    )
    assert shares_of(["1.1", "2.3"]) == {"1.1": 0.5, "2.3": 0.5}
    assert shares_of(["a: 33%", "b: 33%", "c: 33%"]) == pytest.approx(dict.fromkeys("abc", 1 / 3))


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ("1.1: 60%; 2.3: 30%", "add up to 90%, not 100%"),
        ("1.1: 60%; 2.3", "every field a share, or none"),
        ("1.1: 0; 2.3: 0", "at least one field a share above 0"),
        ("1.1: 0%; 2.3: 0%", "add up to 0%, not 100%"),
        ("1.1: 0.6; 2.3: 40%", "all shares in percent, or none"),
        ("1.1: 20%; 2.3: 40%; 1.1: 40%", "a field stands there twice"),
        ("FoR:46;FoR:31", "a field stands there twice.*\n.*no field has a colon"),
        ("FoR:4609", "must be a field, or a field and its share of at most 100"),
        ("1.1: 100.5; 2.3: 2", "must be a field, or a field and its share of at most 100"),
        ("1.1: most", "must be a field, or a field and its share of at most 100, such as 1.1: 60%"),
    ],
)
def test_shares_that_make_no_sense_are_refused(cell, message):
    with pytest.raises(DataError, match=f"rows 3, 4, column fields: .*{message}"):
        call(amount=[1, 2, 3], fields=["1.1", cell, cell])


def test_a_column_of_codes_with_a_colon_is_no_column_of_shares():
    with pytest.raises(
        DataError, match="rows 2, 3, column fields: 'FoR:46', 'FoR:31' has a share of the only field"
    ):
        call(amount=[1, 2, 3], fields=["FoR:46", "FoR:31", None])
    assert diversity("1.1: 3", "1.1: 2; 2.3: 2", "1.1: 3") == pytest.approx([0, 0.5, 0])
    assert diversity("1.1: 100%", "1.1: 100%") == [0, 0]


def test_the_column_is_there_only_if_fields_are():
    assert "interdisciplinarity" not in score(proposals({})).frame.columns
    frame = proposals({}).frame.with_columns(fields=pl.Series([None], dtype=pl.List(pl.String)))
    assert score(Table(frame)).frame["interdisciplinarity"].to_list() == [None]


def test_it_can_be_a_criterion():
    made = call(amount=[1, 1], merit=[3.0, 3.0], fields=["1.1", "1.1;5.1"])
    both = [{"column": "merit"}, {"column": "interdisciplinarity"}]
    assert pf.optimize(made, policy(1, objective={"criterion": both})).ids == ("B",)


@given(SHARES)
def test_bounded_and_largest_where_nothing_is_in_common(weights):
    shares = {name: weight / sum(weights.values()) for name, weight in weights.items()}
    value = rao_stirling(shares, {})
    simpson = 1 - sum(share**2 for share in shares.values())
    assert 0 <= value <= simpson + 1e-12
    far = {frozenset((a, b)): 1.0 for a in shares for b in shares if a != b}
    assert rao_stirling(shares, far) == pytest.approx(simpson, abs=1e-12)
    assert rao_stirling({f"{name}": share for name, share in reversed(shares.items())}, {}) == value


def test_distances_of_the_policy_are_checked():
    pair = {"between": ["1.1", "2.3"], "distance": 0.4}
    for wrong, message in (
        ([pair, pair | {"between": ["2.3", "1.1"]}], "given twice between 1.1 and 2.3"),
        ([pair | {"between": ["1.1", "1.1"]}], "two different fields"),
        ([pair | {"distance": 2}], "less than or equal to 1"),
    ):
        with pytest.raises(ValueError, match=message):
            ScoringSettings.model_validate({"distance": wrong})
