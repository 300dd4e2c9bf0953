"""Nine intervals in ten hold the truth, where it is known; tests/benchmarks/coverage.py measures it at length."""

import polars as pl
import pytest
from benchmarks.coverage import SCORES, Known, coverage, simulated, stated

N = 8_000


def shares(known: Known, column: str) -> dict[str, float]:
    return dict(coverage(known).select("score", column).iter_rows())


@pytest.mark.parametrize("feasibility", [False, True])
def test_intervals_of_simulated_calls_hold_nine_truths_in_ten(feasibility: bool) -> None:
    covered = shares(simulated(N, seed=1, feasibility=feasibility), "covered")
    assert set(covered) == set(SCORES)
    assert all(0.88 <= share <= 0.92 for share in covered.values()), covered


def test_intervals_hold_nine_in_ten_if_errors_are_as_stated() -> None:
    known = stated(N, seed=1)
    middle, covered = shares(known, "middle"), shares(known, "covered")
    assert middle["risk"] == pytest.approx(0.9, abs=0.02)
    assert middle["horizon"] == pytest.approx(0.9, abs=0.02)
    # Rows that are missing make basicness no surer than it would be with the vaguest of them.
    assert 0.88 <= middle["basicness"] <= 0.94
    # Near a pole a truth can be missed on one side only.
    assert all(0.9 <= share <= 0.95 for share in covered.values()), covered


def test_coverage_is_measured_and_not_taken_for_granted() -> None:
    known = simulated(N, seed=1)
    half = {f"risk_{end}": (pl.col("risk") + pl.col(f"risk_{end}")) / 2 for end in ("low", "high")}
    frame = known.scores.frame.with_columns(**half)
    narrow = Known(type(known.scores)(frame, known.scores.parts), known.truth)
    assert shares(narrow, "covered")["risk"] < 0.75
