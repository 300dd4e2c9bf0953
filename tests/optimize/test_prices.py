"""What a rule costs at the margin."""

from __future__ import annotations

from typing import Any

import pytest
from small import call, policy

import portfolio as pf

# The best of four with one or two of each are two of x, one of y and one of z. A second of y in place of that of z, or
# a second of z in place of one of x, loses 4.
SEVEN = call(amount=[100] * 7, merit=[9, 9, 9, 1, 1, 5, 5], dept=list("xxxyyzz"))


def margins(budget: int, **rules: Any) -> list[float | None]:
    return [price.marginal for price in pf.price_rules(pf.optimize(SEVEN, policy(budget, **rules)))[1:]]


def test_a_unit_more_of_a_floor_and_of_a_cap_is_both() -> None:
    both = margins(400, limit=[pf.Limit(per="dept", min_awards=1, max_awards=2)])
    apart = margins(400, limit=[pf.Limit(per="dept", min_awards=1), pf.Limit(per="dept", max_awards=2)])
    assert apart == pytest.approx([4, 4])
    assert both == pytest.approx([8])


def test_the_price_of_a_rule_that_is_both_has_the_sign_of_a_floor() -> None:
    def prices(*limits: pf.Limit) -> dict[str, float]:
        found = pf.Problem(SEVEN, policy(400, limit=list(limits))).relax().shadow_prices
        return {key: price for key, price in found.items() if key != "budget"}

    floor, cap = {"min_awards": 1}, {"max_awards": 2}
    apart = prices(pf.Limit(per="dept", **floor), pf.Limit(per="dept", **cap))
    assert apart == pytest.approx({"limit[1]": -4, "limit[2]": 4})
    assert prices(pf.Limit(per="dept", **floor, **cap)) == pytest.approx({"limit[1]": -8})
