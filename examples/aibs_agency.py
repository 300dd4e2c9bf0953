# %% [markdown]
# # An agency's own script: from a file of reviews to a decision
#
# The American Institute of Biological Sciences published the reviews of 72 biomedical proposals (Gallo 2021,
# figshare 12728087): one row per review, three reviewers each, grades from 1.0 (best) to 5.0 (worst). This script
# makes a call of such a file, funds a third of the money asked for, and says what three reserves change and cost.
#
#     python examples/aibs_agency.py reviews.csv --out decision

# %%
import argparse

import pandas as pd
import polars as pl

import portfolio as pf
from portfolio.report import gap_in_words

COST = {"Standard": 450_000, "Pilot": 200_000}  # the most that each type may ask for, in USD
RULES = pf.ReadingRules(currency="USD", columns={"reviews.proposal": "ID", "reviews.reviewer": "RevID"})
HELD_BACK = {"high_risk": 0.25, "young_investigator": 0.25, "pilot": 0.20}  # shares of the budget

# %% [markdown]
# ## The call
#
# One row per proposal, made of the rows of its reviews. An empty rank stays empty: a gap in the file makes nobody
# young, or old. A mean is taken over the grades that there are.


# %%
def read_aibs(path: str) -> pf.Call:
    types = {"ID": str, "RevID": str, "PropType": str}
    types |= dict.fromkeys(["PIRank", "Score", "Innovation", "Approach"], float)
    rows = pd.read_csv(path, usecols=list(types), dtype=types)
    by_proposal = rows.groupby("ID", dropna=False)
    kind, rank = by_proposal["PropType"].first(), by_proposal["PIRank"].first()
    proposals = pd.DataFrame({"amount": kind.map(COST), "exploratory": kind == "Pilot"})
    proposals["early_career"] = (rank == 1).where(rank.notna())  # 1: assistant professor
    proposals["innovation"] = by_proposal["Innovation"].mean()
    reviews = rows.melt(["ID", "RevID"], ["Score", "Approach"], "criterion", "score")
    return pf.Call.from_frame(proposals.reset_index(names="id"), reviews=reviews, rules=RULES)


# %% [markdown]
# ## The policy
#
# Merit is the mean overall Score, turned round by the library: 6 - Score, so that 5 is best. A proposal in the middle
# of the scale is worth nothing, and none below it is funded.
#
#     risk = ((Approach - 1) / 4 + (5 - Innovation) / 4) / 2
#
# A new idea (Innovation near 1) by an approach that the reviewers doubt (Approach near 5) may well fail. Nobody was
# asked for a chance of success, so none is made up: risk is an index from 0 to 1, made of the reviewers' own grades.
# A young investigator's risky pilot counts towards all three reserves (`reserve_accounting = "one_to_all"`).


# %%
def policy_for(call: pf.Call) -> pf.Policy:
    innovation = {"column": "innovation", "row": "risk_profile", "applied": 5, "basic": 1}
    return pf.Policy(
        currency="USD",
        budget=call.table()["amount"].sum() // 3,
        reviews=pf.ReviewSettings(best=1, worst=5, weights={"Score": 1}),
        scoring={"feasibility": ["Approach"], "further": [innovation]},
        objective=pf.Objective(zero=3),
        reserve_accounting="one_to_all",
        traits={"high_risk": "risk >= 0.6", "young_investigator": "early_career", "pilot": "exploratory"},
        reserve=[pf.Reserve(trait=trait, share=share) for trait, share in HELD_BACK.items()],
        solver=pf.SolverSettings(gap=1e-4, time_limit=60),
    )


# %%
def show_decision(name: str, portfolio: pf.Portfolio) -> None:
    print(f"\n{name}: {len(portfolio.ids)} awards, USD {portfolio.spent:,.0f} of {portfolio.budget:,.0f}")
    print(f"  worth {portfolio.value:.2f} (grades above the middle of the scale, summed over the awards)")
    print(f"  {gap_in_words(portfolio)}")
    for trait in HELD_BACK:
        money = portfolio.to_frame().filter(pl.col(trait) == 1, decision="funded")["amount_awarded"]
        total, number = money.sum(), len(money)
        print(f"  {trait:20}{number:4} awards   USD {total:>11,.0f}   {total / portfolio.budget:4.0%}")


def show_proposals(word: str, ids: tuple[str, ...], portfolio: pf.Portfolio) -> None:
    print(f"\n{word}: {len(ids)}")
    for row in portfolio.to_frame().filter(pl.col("id").is_in(ids)).to_dicts():
        traits = ", ".join(trait for trait in HELD_BACK if row[trait]) or "no trait"
        print(f"  {row['id']:>4}   merit {row['merit']:.2f}   risk {row['risk']:.2f}   {traits}")


def main(path: str, out: str | None) -> None:
    call = read_aibs(path)
    policy = policy_for(call)
    free, held = pf.optimize(call, policy.replace(reserve=())), pf.optimize(call, policy)
    prices, change = pf.price_reserves(held), free.diff(held)
    print(call)
    show_decision("Without reserves", free)
    show_decision("With reserves", held)
    show_proposals("Enter", change.entered, held)
    show_proposals("Leave", change.left, held)
    print(f"\nThe reserves together cost {-change.value:.2f}. Each by itself, the others in place:")
    for price in prices:
        held_back, proven = HELD_BACK[price.trait], f"proven: from {price.low:.4f} to {price.high:.4f}"
        print(f"  {price.trait:20} {held_back:4.0%} of the budget   costs {price.found:.2f}   {proven}")
    if out:
        pf.write_decision(held, out, prices)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Fund a third of an AIBS call, with and without reserves.")
    parser.add_argument("reviews", help="CSV file, one row per review")
    parser.add_argument("--out", metavar="DIR", help="write the decision with reserves into this folder")
    arguments = parser.parse_args()
    try:
        main(arguments.reviews, arguments.out)
    except pf.PortfolioError as error:
        parser.exit(error.exit_code, f"{error}\n")
    except (OSError, ValueError) as error:  # no such file, no such column, no number
        parser.error(f"{arguments.reviews}: {error}")
