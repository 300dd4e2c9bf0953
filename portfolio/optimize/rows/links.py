"""Links between proposals: at most k, requires, all or none, synergy, and to differ from a list."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from portfolio.optimize.figures import counted
from portfolio.optimize.groups import Groups
from portfolio.optimize.instance import Instance
from portfolio.optimize.matrix import Block, one_row
from portfolio.optimize.rows.layout import Layout, Softness, give_way, rows_per_group
from portfolio.policy import Link, Policy

# Names of a long list that are said in words.
_NAMED = 6


def link_rows(layout: Layout, policy: Policy) -> Iterator[Block]:
    """Yield the rows of every link."""
    for index, link in enumerate(policy.link):
        rule = link_key(index)
        match link.kind:
            case "at_most":
                block = _at_most(layout, rule, link)
            case "requires":
                block = _chain(layout, rule, [(str(link.proposal), str(link.needs))], "{name}")
            case "all_or_none":
                names = link.proposals or ()
                pairs = list(zip(names, (*names[1:], names[0]), strict=True))
                block = _chain(layout, rule, pairs, f"all or none of {', '.join(names)}")
            case "synergy":
                block = _together(layout, policy, link)
            case "differs":
                block = _differs(layout, rule, link)
        if link.soft:
            soft = Softness(link.price or 0.0, link.priority, np.ones(len(block)))
            block = give_way(layout, block, soft, together=link.kind == "all_or_none")
        yield block


def link_key(index: int) -> str:
    """Return the name of a link in messages and results, counted from 1."""
    return f"link[{index + 1}]"


def at_most_groups(instance: Instance, link: Link) -> Groups:
    """Return the groups of which at most k may be funded, without those that have no more."""
    if link.per is not None:
        return instance.groups(link.per, link.k or 0)
    member = np.array([instance.position[name] for name in link.proposals or ()], dtype=np.int64)
    return Groups([", ".join(link.proposals or ())], member, np.zeros(len(member), dtype=np.int64))


def listed(names: Sequence[str]) -> str:
    """Name proposals, the first few where there are many."""
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more:,} more" if more > 0 else "")


def _at_most(layout: Layout, rule: str, link: Link) -> Block:
    of = at_most_groups(layout.instance, link)
    k = link.k or 0
    # A group with no more than k members that can be funded needs no row.
    column = layout.column[of.member]
    size = np.bincount(of.group[column >= 0], minlength=len(of.names))
    keep = size > k
    renumber = np.cumsum(keep) - 1
    inside = keep[of.group]
    names = [of.names[group] for group in np.flatnonzero(keep).tolist()]
    kept = Groups(names, of.member[inside], renumber[of.group[inside]])
    what = f"{link.per} " if link.per is not None else ""
    words = f"at most {k} of {what}{{name}}"
    return rows_per_group(layout, rule, words, kept, np.ones(layout.size), high=float(k))


def _chain(layout: Layout, rule: str, pairs: list[tuple[str, str]], words: str) -> Block:
    """Build ``x_a - x_b <= 0`` for each pair: a only if b. A proposal that cannot be funded counts as 0."""
    position = layout.instance.position
    column = layout.column[[[position[a], position[b]] for a, b in pairs]]
    row = np.array([(index, index) for index in range(len(pairs))], dtype=np.int64)
    data = np.array([(1.0, -1.0)] * len(pairs))
    there = column >= 0
    names = [f"{a} only if {b}" for a, b in pairs]
    low, high = np.full(len(pairs), -np.inf), np.zeros(len(pairs))
    return Block((rule,), words, names, row[there], column[there], data[there], low, high)


def _differs(layout: Layout, rule: str, link: Link) -> Block:
    """Build ``sum over the list of x_i - sum over the others <= |list| - k`` (a distance, Hamming 1950).

    A proposal of the list that cannot be funded differs in any case.
    """
    names = link.proposals or ()
    inside = np.zeros(len(layout.column), dtype=bool)
    inside[[layout.instance.position[name] for name in names]] = True
    data = np.where(inside[layout.proposals], 1.0, -1.0)
    high = float(len(names) - (link.k or 0))
    differ = counted(link.k or 0, "decision differs", "decisions differ")
    words = f"at least {differ} from funding {listed(names) or 'nothing'} and no other"
    return one_row((rule,), words, np.arange(layout.size), data, high=high)


def _together(layout: Layout, policy: Policy, link: Link) -> Block:
    """Build ``z <= x_i`` for each member; z has the synergy's value and may be 1 only if all are funded."""
    instance, names = layout.instance, list(link.proposals or ())
    positions = [instance.position[name] for name in names]
    # A synergy whose proposals cost more than all the money together can never count.
    cost = int(instance.sizes.least[positions].sum())
    affordable = cost <= instance.most or policy.overcommit is not None
    value = (link.value or 0.0) if affordable else 0.0
    column = layout.columns.add(1, value=value, integer=True)
    members = layout.column[positions]
    count = len(members)
    there = members >= 0
    row = np.concatenate([np.arange(count), np.arange(count)[there]])
    columns = np.concatenate([np.repeat(column, count), members[there]])
    data = np.concatenate([np.ones(count), -np.ones(int(there.sum()))])
    words = f"the synergy of {', '.join(names)} counts only with {{name}}"
    return Block((), words, names, row, columns, data, np.full(count, -np.inf), np.zeros(count))
