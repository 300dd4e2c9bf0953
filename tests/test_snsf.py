"""The raw file of the SNSF, with a policy alone: one year at a time, and all applications at once."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from conftest import ROOT

import portfolio as pf

POLICY = pf.read_policy(ROOT / "examples" / "snsf_2019.toml")
FILE = "applications_2011_2019.csv"
YEARS = range(2011, 2020)


def granted(path: Path, year: int | None) -> int:
    frame = pl.read_csv(path, infer_schema_length=None, null_values=["NA"])
    frame = frame if year is None else frame.filter(pl.col("CallDecisionYearReporting") == year)
    return int(frame["AmountGranted"].sum())


@pytest.mark.needs_data(f"snsf_applications/{FILE}")
@pytest.mark.parametrize("year", [*YEARS, None])
def test_a_policy_alone_funds_a_year_or_all_years(real_data: Path, year: int | None) -> None:
    path = real_data / "snsf_applications" / FILE
    only = None if year is None else f"CallDecisionYearReporting = {year}"
    budget = granted(path, year)
    if year == 2019:
        assert (only, budget) == (POLICY.only, POLICY.budget)
    # The years together are a long proof at the gap of the policy; what is tested here needs none.
    gap = 1e-3 if year is None else 1e-4
    policy = POLICY.replace(only=only, budget=budget, solver=POLICY.solver.replace(gap=gap))
    call = pf.read_call(path, policy=policy)
    raw = pl.read_csv(path, infer_schema_length=None, null_values=["NA"]).with_row_index("row", 2)
    raw = raw if year is None else raw.filter(pl.col("CallDecisionYearReporting") == year)
    missing = raw.filter(pl.col("AmountRequested").is_null())
    assert call.set_aside["row"].to_list() == missing["row"].to_list()
    assert call.set_aside["reason"].unique().to_list() in ([], ["is missing"])
    assert len(call) + missing.height == raw.height

    portfolio = pf.optimize(call, policy)
    assert portfolio.status in {"optimal", "gap"}
    assert portfolio.gap <= gap
    assert portfolio.spent <= budget
    frame = portfolio.to_frame()
    small = raw.filter(pl.col("AmountRequested") < 1000).height
    ineligible = frame.filter(pl.col("decision") == "ineligible")
    assert ineligible.height == small
    assert set(ineligible["reason"]) <= {"does not meet the condition for eligibility: amount >= 1000"}
    young, risky = portfolio.reserves
    assert young.delivered >= Decimal("0.28") * budget
    assert risky.met or risky.delivered == risky.eligible
