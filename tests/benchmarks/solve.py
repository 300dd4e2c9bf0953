"""Solving an ordinary policy: the library's whole solve against HiGHS alone on the same arrays, in the same run.

    python tests/benchmarks/solve.py [--n 10000] [--gap 1e-4] [--runs 5]

The library's time holds everything from the compiled model on: the search, the audit in integers, the tie rule, and
the relaxation for prices. HiGHS alone is given the very arrays and options, and its answer is not looked at.
"""

from __future__ import annotations

import argparse

from measure import compare, show

_CALL = """
from datetime import date
import portfolio as pf
from portfolio.optimize.highs import HighsEngine
from portfolio.optimize.solve import solve_guaranteed
call = pf.simulate_call({n}, seed=1, reviews_per_proposal=0).call
demand = sum(call.frame["amount"].to_list()) // 100
policy = pf.Policy(
    budget=demand // 3,
    objective=pf.Objective(zero=2.0),
    early_career=pf.EarlyCareerSettings(rule="erc_stg_2027", on=date(2026, 1, 1)),
    traits={{"high_risk": "risk >= 0.6", "long_horizon": "horizon_years >= 10", "young": "early_career"}},
    reserve=[
        pf.Reserve(trait="high_risk", share=0.25),
        pf.Reserve(trait="long_horizon", share=0.35),
        pf.Reserve(trait="young", share=0.4),
    ],
    limit=[pf.Limit(per="institution", max_share=0.05)],
    link=[pf.Link(kind="at_most", k=1, per="investigator")],
    solver=pf.SolverSettings(gap={gap}, time_limit=600),
)
problem = pf.Problem(call, policy)
instance, model, engine = problem.instance, problem.model, HighsEngine()
plain = HighsEngine(margins_from=float("inf"))
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--n", type=int, default=10_000)
    parser.add_argument("--gap", type=float, default=1e-4)
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    setup = _CALL.format(n=options.n, gap=options.gap)
    pieces = {
        "HiGHS alone": (setup, "outcome = plain.solve(model, policy.solver)", "f'gap {outcome.gap:.2g}'"),
        "library": (
            setup,
            "solution = solve_guaranteed(instance, policy, engine)",
            "f'gap {solution.gap:.2g}, {int(solution.chosen.sum()):,} awards'",
        ),
    }
    show(f"Solve n = {options.n:,} to a gap of {options.gap:g}", compare(pieces, options.runs))


if __name__ == "__main__":
    main()
