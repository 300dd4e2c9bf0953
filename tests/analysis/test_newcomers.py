"""Who enters after a decline, and what is proven of the others, against every set of newcomers."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from every import EXACT as PROVEN
from every import Every
from oracle import Oracle
from random_rules import random_case
from seeds import seeds

import portfolio as pf
from portfolio.analysis import lost_in_words
from portfolio.optimize.broken import soft_rules

# PORTFOLIO_BRUTE_FORCE=20000 looks at more policies than a test run has time for.
POLICIES = seeds("PORTFOLIO_BRUTE_FORCE", 160)


def softened(rules: pf.Policy, missed: set[str]) -> dict[str, Any]:
    """Let the rules that are missed when nobody enters give way last."""
    found: dict[str, Any] = {}
    for kind in ("reserve", "limit", "coverage", "link"):
        keys = [getattr(rule, "key", f"{kind}[{i}]") for i, rule in enumerate(getattr(rules, kind), 1)]
        found[kind] = [
            rule.replace(priority=99) if key in missed else rule
            for key, rule in zip(keys, getattr(rules, kind), strict=True)
        ]
    return found


def compare(seed: int) -> str:
    """Take awards that somebody promised; whoever declines, every set of newcomers is looked at."""
    frame, rules = random_case(seed)
    if rules.reserve_order == "over_and_above":
        return "refused"
    try:
        portfolio = pf.optimize(pf.Call.from_frame(frame, rules=rules), rules)
    except pf.InfeasibleError:
        return "infeasible"
    if not portfolio.ids:
        return "nobody"
    gone = {portfolio.ids[seed % len(portfolio.ids)]} | set(portfolio.ids[: seed % 3 if seed % 5 == 0 else 0])
    found = pf.replace_decliners(portfolio, gone)
    awarded = dict(portfolio.to_frame().select("id", "amount_awarded").iter_rows())
    left = {name: money for name, money in awarded.items() if name not in gone and name in portfolio.ids}
    locks = {
        "must_fund": tuple(left),
        "must_not_fund": (*rules.must_not_fund, *gone),
    }
    broken = broken_without(frame, rules, left)
    oracle = Oracle(frame, rules.replace(**locks, **softened(rules, broken)))
    promise(oracle, left)
    agrees(oracle, found, seed)
    if not oracle.cuts:
        firm = Oracle(frame, rules.replace(**locks))
        promise(firm, left)
        is_proven(oracle, firm, portfolio, found, seed)
    assert {given.rule for given in found.broken} <= broken
    amounts = dict(found.portfolio.to_frame().select("id", "amount_awarded").iter_rows())
    assert all(amounts[name] == money for name, money in left.items()), seed
    return "broken" if found.broken else "cut" if oracle.cuts else "whole"


def broken_without(frame: pl.DataFrame, rules: pf.Policy, left: dict[str, Any]) -> set[str]:
    """Return the firm rules that awards miss: each is asked by itself how far it would give way."""
    found = set()
    soft = soft_rules(rules)
    for kind in ("reserve", "limit", "coverage", "link"):
        for index, rule in enumerate(getattr(rules, kind)):
            key = getattr(rule, "key", f"{kind}[{index + 1}]")
            firm = key not in soft and getattr(rule, "shortfall", "fail") == "fail"
            if not firm or getattr(rule, "kind", "") == "synergy" or getattr(rule, "least", 1) == 0:
                continue
            others = [*getattr(rules, kind)]
            others[index] = rule.replace(priority=99)
            judged = Oracle(frame, rules.replace(**{kind: others}))
            if key in judged.judge(left).gave_way:
                found.add(key)
    return found


def promise(oracle: Oracle, left: dict[str, Any]) -> None:
    """Let each promised award have one size alone."""
    facts = oracle.facts
    for name, money in left.items():
        i = facts.ids.index(name)
        cents = round(100 * money)
        share = facts.share(i, cents)
        facts.cut[i], facts.least[i], facts.most[i] = False, cents, cents
        facts.levels[i] = {cents: share}


def agrees(oracle: Oracle, found: pf.Replacement, seed: int) -> None:
    oracle.best_reached(
        dict(found.portfolio.to_frame().select("id", "amount_awarded").iter_rows()), f"seed {seed}"
    )
    if not oracle.cuts:
        assert found.status == "optimal", seed
        assert found.lost == pytest.approx(found.lost_at_least, abs=1e-6), seed


def is_proven(
    oracle: Oracle, firm: Oracle, portfolio: pf.Portfolio, found: pf.Replacement, seed: int
) -> None:
    """Hold what is said of all others who could enter against each of them."""
    every, words = Every(oracle, found.portfolio), lost_in_words(portfolio, found)
    assert every.least(every.as_well) >= -PROVEN, f"seed {seed}: {words}"
    assert every.least(every.as_well) + found.lost >= found.lost_at_least - PROVEN, f"seed {seed}"
    if "does as well" not in words:
        others = Every(firm, found.portfolio).lost
        assert others.min() >= -PROVEN, f"seed {seed}: {words}"


@pytest.mark.parametrize("chunk", range(8))
def test_newcomers_agree_with_brute_force(chunk: int) -> None:
    seen = {compare(seed) for seed in POLICIES[chunk::8]}
    assert len(POLICIES) < 160 or seen >= {"whole", "broken"}
