"""The table of all decisions, written in parts."""

from __future__ import annotations

from pathlib import Path

import pytest
from small import call, policy

import portfolio as pf
from portfolio.report import decisions


def test_a_decision_in_parts_has_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = call(amount=[4, 8, 10, 8, 5], merit=[3, 4, 3, 2, 5], title=["=1+1", "b", None, "d", "-e"])
    decided = pf.optimize(made, policy(20))
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    written = pf.write_decision(decided, whole)
    monkeypatch.setattr(decisions, "_ROWS", 2)
    pf.write_decision(decided, parts)
    assert "'=1+1" in (whole / "decisions.csv").read_text()
    for path in written:
        assert (parts / path.name).read_bytes() == path.read_bytes()
    assert len(list(decisions.decision_parts(decided))) == 3


def test_some_rows_of_a_decision_are_those_of_the_whole_table() -> None:
    decided = pf.optimize(call(amount=[4, 8, 10], merit=[3, 4, 3]), policy(12))
    assert decided.to_frame(rows=slice(1, 3)).equals(decided.to_frame()[1:3])
    assert "reason" in decided.to_frame().columns
