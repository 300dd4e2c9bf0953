"""What is said of the headings of reviews can be done as it is said."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

import portfolio as pf

PROPOSALS = "id,amount\nA,1\nB,2\n"
HEADINGS = {"proposal": "Application no.", "reviewer": "Referee", "score": "Mark"}
RULES = {"budget": 2, "reviews": {"best": 5, "worst": 1}}


def read(folder: Path, text: str, **rules: object) -> pf.Call:
    (folder / "p.csv").write_text(PROPOSALS)
    (folder / "r.csv").write_text(text)
    return pf.read_call(
        folder / "p.csv", folder / "r.csv", policy=pf.Policy.model_validate({**RULES, **rules})
    )


def test_a_missing_heading_of_reviews_comes_with_the_key_that_maps_it(tmp_path: Path) -> None:
    text = ",".join(HEADINGS.values()) + "\nA,X,4\nB,X,2\n"
    with pytest.raises(pf.DataError) as refused:
        read(tmp_path, text)
    lines = [issue.hint.removeprefix("map it in [columns]: ").split(";")[0] for issue in refused.value.issues]
    said = [
        line.replace("your heading", heading) for line, heading in zip(lines, HEADINGS.values(), strict=True)
    ]
    found = read(tmp_path, text, columns=tomllib.loads("\n".join(said)))
    assert found.reviews is not None
    assert found.reviews["score"].to_list() == [4.0, 2.0]


def test_two_headings_of_reviews_come_with_the_key_that_tells_them_apart(tmp_path: Path) -> None:
    with pytest.raises(pf.DataError, match=r'"reviews\.proposal" = "'):
        read(tmp_path, "Proposal,PROPOSAL,reviewer,score\nA,A,X,4\n")


@pytest.mark.parametrize("name", ["proposal", "reviewer", "Score", "criterion", "panel"])
def test_a_key_that_lacks_its_prefix_comes_with_it(name: str) -> None:
    with pytest.raises(pf.PolicyError) as refused:
        pf.Policy.model_validate({**RULES, "columns": {name: "Mark"}})
    assert f'"reviews.{name.lower()}" = "your heading"' in str(refused.value)


def test_another_key_comes_with_the_nearest() -> None:
    with pytest.raises(pf.PolicyError, match="did you mean 'amount'"):
        pf.Policy.model_validate({**RULES, "columns": {"amuont": "Sum"}})
