"""What is one rule where rules clash."""

from __future__ import annotations

import pytest
from small import call, policy

import portfolio as pf


def test_a_link_of_several_proposals_is_one_rule() -> None:
    three = call(amount=[40, 40, 40], merit=[5, 4, 3], r=[1, 1, 0])
    rules = policy(
        100,
        link=[pf.Link(kind="all_or_none", proposals=["A", "B", "C"])],
        limit=[pf.Limit(where="r = 1", min_awards=1)],
    )
    with pytest.raises(pf.InfeasibleError) as error:
        pf.optimize(three, rules)
    assert error.value.conflict == (
        "the budget is EUR 100.00",
        "proposals with r = 1 get at least 1 award",
        "all or none of A, B, C",
    )
    lines = error.value.hint.splitlines()
    assert len([line for line in lines if "all or none" in line]) == 1
    assert "  - all or none of A, B, C: would have to be dropped" in lines
