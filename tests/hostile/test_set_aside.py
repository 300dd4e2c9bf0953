"""What is said of rows that are set aside, and of the proposals that they belong to, is true."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

import portfolio as pf

ASKED = "id,amount\nA,100\nB,abc\nC,400\nD,500\nE,100\nF,100\nG,100\n"
GRADED = (
    "proposal,reviewer,criterion,score\nA,R1,q,5\nA,R2,q,bad\nB,R1,q,6\nC,R1,q,3\nC,R1,q,5\nD,R1,q,bad\nE,R1,q,\n"
    "F,R1,other,4\nG,,q,4\nZ,R1,q,4\n"
)
RULES = {"budget": 600, "on_bad_rows": "set_aside", "reviews": {"best": 6, "worst": 1, "weights": {"q": 1}}}
ASIDE = "has no merit: reviews of it are set aside, and no grade that counts is left"
WITHOUT = "has no merit: no review with a grade that counts, and no merit in the data"


def read(folder: Path, graded: str) -> tuple[pf.Call, pf.Policy]:
    """Read the call with these reviews."""
    asked, reviews = folder / "asked.csv", folder / "graded.csv"
    asked.write_text(ASKED)
    reviews.write_text(graded)
    policy = pf.Policy.model_validate(RULES)
    return pf.read_call(asked, reviews, policy=policy), policy


def test_what_is_said_of_a_proposal_without_merit_is_true(tmp_path: Path) -> None:
    call, policy = read(tmp_path, GRADED)
    frame = pf.optimize(call, policy).to_frame()
    reasons = dict(frame.filter(pl.col("decision") == "ineligible").select("id", "reason").iter_rows())
    assert reasons == {"C": ASIDE, "D": ASIDE, "G": ASIDE, "E": WITHOUT, "F": WITHOUT}
    with pytest.raises(pf.PolicyError, match="its row is set aside"):
        pf.optimize(call, policy.model_copy(update={"must_fund": ("B",)}))
    # Every line about a proposal says which.
    lines = call.set_aside.filter(pl.col("file") == "graded.csv").sort("row").select("row", "id").rows()
    assert lines == [(3, "A"), (4, "B"), (5, "C"), (6, "C"), (7, "D"), (10, "G"), (11, "Z")]
    assert call.set_aside["id"].null_count() == 0


@pytest.mark.parametrize("only", [None, "round = 2"])
def test_where_no_proposal_is_left_every_reason_is_told(tmp_path: Path, only: str | None) -> None:
    asked = tmp_path / "asked.csv"
    asked.write_text("id,amount,round\nA,100 USD,2\nB,200 USD,2\n")
    policy = pf.Policy(budget=10, on_bad_rows="set_aside", only=only)
    with pytest.raises(pf.DataError) as error:
        pf.read_call(asked, policy=policy)
    assert "no proposal left when rows with problems are set aside" in str(error.value)
    assert "asked.csv, rows 2, 3, column amount: '100 USD', '200 USD' is not in EUR" in str(error.value)
    assert "`only` may leave none" not in str(error.value)


def test_reviews_that_are_all_set_aside_were_given(tmp_path: Path) -> None:
    graded = "proposal,reviewer,criterion,score\nC,R1,q,3\nC,R1,q,5\nF,R2,q,\n"
    call, policy = read(tmp_path, graded)
    with pytest.raises(pf.PortfolioError) as error:
        pf.optimize(call, policy)
    assert "--reviews FILE" not in str(error.value)
